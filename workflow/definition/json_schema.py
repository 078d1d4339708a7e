"""The definition language as JSON Schema (draft 2020-12), for editors of YAML."""

from workflow.definition.language import Definition


def definition_schema() -> dict[str, object]:
    """Return the schema of a definition file: what ``definitions/schema/definition.json`` holds."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Definition.model_json_schema(by_alias=True),
    }
