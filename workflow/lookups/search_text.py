"""What an item's row says of its content, for lists: the text that finds it, and its period."""

from collections.abc import Mapping

from workflow.definition import Definition
from workflow.model import Content, Json
from workflow.rules import fields_and_rows
from workflow.values import searchable


def found_by(code: str, definition: Definition, content: Content) -> str:
    """Return the folded text that finds an item: code, title and texts that everybody may read."""
    open_to_all = {field.id for field in definition.fields if not field.seen_by}
    texts = [
        value
        for said in fields_and_rows(definition, content.fields)
        for name, value in said.items()
        if isinstance(value, str) and name in open_to_all
    ]
    return searchable(code, content.title, *texts)


def period_of(definition: Definition, fields: Mapping[str, Json]) -> str | None:
    """Return the kind of deadline of its campaign that an item answers, or None."""
    period = fields.get("period")
    return period if isinstance(period, str) and period else definition.answers
