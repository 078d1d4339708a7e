"""The definition language as JSON Schema (draft 2020-12), for editors that complete and underline YAML."""

from typing import Any

from workflow.definition.language import Definition


def definition_schema() -> dict[str, Any]:
    """Return the schema of a definition file; ``definitions/schema/definition.json`` is this, kept current by a test."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Definition.model_json_schema(by_alias=True),
    }
