"""Which fields an item asks for under its present answers, and what of its content so counts.

Owns what conditions see of an item, and the one door by which answers to what is not asked are left
out: content is kept without them, so that whatever reads it, also without its definition, meets
none. Pure.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from workflow.definition import Campaign, Definition, FieldType, ItemField, nominees_field
from workflow.model import Content, Json, Person
from workflow.rules.expressions import asks_beyond_fields, fields_named, holds
from workflow.values import is_filled


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpressionScope:
    """What expressions may name beside the content: whose the item is, in which campaign."""

    department: str
    author: Person | None
    actor: Person | None = None
    campaign: Campaign | None = None


NOBODY = ExpressionScope(department="", author=None)
"""A scope for what depends on the content alone."""


def named_values(
    definition: Definition, content: Content | None, scope: ExpressionScope
) -> dict[str, Json]:
    """Return what expressions name; a field that nobody filled in is null."""
    given = content.fields if content else {}
    return {
        "fields": {field.id: given.get(field.id) for field in definition.fields},
        "files": [each.name for each in content.files] if content else [],
        "department": scope.department,
        "actor": _person(scope.actor),
        "author": _person(scope.author),
        "campaign": {
            "id": scope.campaign.id if scope.campaign else "",
            "content": [each.id for each in scope.campaign.content] if scope.campaign else [],
        },
    }


def _person(person: Person | None) -> dict[str, Json]:
    return {
        "position": person.position.value if person else "",
        "department": (person.department or "") if person else "",
    }


def suits(
    definition: Definition, field: ItemField, content: Content, scope: ExpressionScope
) -> bool:
    """Return whether the condition of ``field`` alone holds of ``content`` as it stands."""
    values = named_values(definition, content, replace(scope, actor=scope.author))
    return field.shown_when is None or holds(field.shown_when, values)


def asked_fields(
    definition: Definition, content: Content | None, scope: ExpressionScope
) -> list[ItemField]:
    """Return the fields that the author is asked for: those whose ``shown_when`` holds.

    ``actor`` in it is the author. What was answered to a question that is not asked itself counts
    as empty.
    """
    return _shown_fields(definition, content, scope)


def asked_of_row(
    definition: Definition, content: Content, scope: ExpressionScope
) -> list[ItemField]:
    """Return which columns a row of a list of nominees is asked for.

    ``content``: the row read as a nomination of one.
    """
    listed = nominees_field(definition)
    names = listed.columns_of if listed else ()
    return [each for each in asked_fields(definition, content, scope) if each.id in names]


def question_of(definition: Definition, content: Content, names: Sequence[str]) -> ItemField:
    """Return the first of ``names`` that is asked for, else the question on which they hang."""
    asked = {each.id for each in _shown_fields(definition, content, None)}
    known = {each.id: each for each in definition.fields}
    deciding = fields_named(known[names[0]].shown_when or "")
    return known[next((each for each in (*names, *deciding) if each in asked), names[0])]


def answered(
    definition: Definition, content: Content, scope: ExpressionScope | None = None
) -> Content:
    """Return ``content`` without what answers a question that is not asked, nor files of such.

    What hangs on a question that must be answered first, and is not yet, stays until it is. Without
    ``scope`` a field whose condition asks for more than other fields counts as asked.
    """
    asked = _shown_fields(definition, content, scope)
    missing = {field.id for field in missing_fields(asked, content.fields)}
    kept = {field.id for field in asked} | {
        field.id
        for field in definition.fields
        if field.shown_when is not None and not fields_named(field.shown_when).isdisjoint(missing)
    }
    return _only(definition, content, kept)


def _shown_fields(
    definition: Definition, content: Content | None, scope: ExpressionScope | None
) -> list[ItemField]:
    asked = list(definition.fields)
    if not any(field.shown_when for field in asked):
        return asked
    author = replace(scope, actor=scope.author) if scope is not None else NOBODY
    counted = content
    # Whatever is left out may hide further questions; no more rounds than fields can matter.
    for _ in definition.fields:
        values = named_values(definition, counted, author)
        asked = [
            field
            for field in definition.fields
            if field.shown_when is None
            or (scope is None and asks_beyond_fields(field.shown_when))
            or holds(field.shown_when, values)
        ]
        listed = next((each for each in asked if each.type is FieldType.NOMINEES), None)
        # What the rows of a list say is not asked a second time beside it.
        asked = [each for each in asked if listed is None or each.id not in listed.columns_of]
        if content is None:
            break
        left = _only(definition, content, {field.id for field in asked})
        if left == counted:
            break
        counted = left
    return asked


def _only(definition: Definition, content: Content, kept: Collection[str]) -> Content:
    """Return ``content`` with the fields ``kept``; a file that only the others name goes too."""
    fields = {name: value for name, value in content.fields.items() if name in kept}
    if len(fields) == len(content.fields):
        return content
    of_files = {field.id for field in definition.fields if field.type is FieldType.FILE}
    named = {value for name, value in fields.items() if name in of_files}
    dropped = {
        value
        for name, value in content.fields.items()
        if name in of_files and name not in kept and value not in named
    }
    files = tuple(each for each in content.files if each.sha256 not in dropped)
    return replace(content, fields=fields, files=files)


def missing_fields(asked: Iterable[ItemField], fields: Mapping[str, Json]) -> list[ItemField]:
    """Return the required fields among ``asked`` that are empty, in their order.

    False and 0 count as given.
    """
    return [field for field in asked if field.required and is_empty(field, fields.get(field.id))]


def is_empty(field: ItemField, value: Json) -> bool:
    """Return whether ``value`` says nothing for ``field``; false and 0 do."""
    match field.type, value:
        case ((FieldType.BOOLEAN | FieldType.INTEGER | FieldType.MONEY), _):
            return value is None
        case ((FieldType.TEXT | FieldType.LONG_TEXT | FieldType.RICH_TEXT), str()):
            return not is_filled(value)
        case FieldType.TABLE, list():
            return not any(
                is_filled(str(cell))
                for row in value
                if isinstance(row, dict)
                for cell in row.values()
            )
        case _:
            return not value
