"""The title of an item as a form has it: typed, or made of what else was typed."""

from collections.abc import Mapping
from typing import Final

from starlette.datastructures import FormData

from api.web.form_fields import text_in
from notifications.translation import translate, within_sentence
from workflow.definition import Definition, FieldType, ItemField
from workflow.errors import InvalidRefusal, Reason, reason
from workflow.model import Json
from workflow.rules import suggested_title, untitled

_CHOSEN: Final = frozenset(
    {FieldType.CHOICE, FieldType.CHOICES, FieldType.PERSON, FieldType.DEPARTMENT}
)


def typed_title(definition: Definition, form: FormData, fields: Mapping[str, Json]) -> str:
    """Return the title as typed, or where none was what the fields suggest.

    Raises InvalidRefusal at each field that is missing for that.
    """
    given = text_in(form, "title")
    if given.strip():
        return given
    if missing := untitled(definition, fields):
        raise InvalidRefusal(*map(_asked, missing))
    return suggested_title(definition, fields) or given


def _asked(field: ItemField) -> Reason:
    """Return what is asked of who left a field empty that makes the title."""
    label = within_sentence(translate(field.label))
    if field.type in _CHOSEN:
        return reason(f"f-{field.id}", "Choose: {label}.", label=label)
    return reason(f"f-{field.id}", "Write: {label}.", label=label)
