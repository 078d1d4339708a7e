"""The language of definitions as JSON Schema (draft 2020-12), for editors of YAML."""

from pydantic import BaseModel

from workflow.definition.language import Definition


def definition_schema() -> dict[str, object]:
    """Return the schema of a definition file: what ``definitions/schema/definition.json`` holds."""
    return schema_of(Definition)


def schema_of(model: type[BaseModel]) -> dict[str, object]:
    """Return the schema of a file that says what ``model`` may."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **model.model_json_schema(by_alias=True),
    }
