"""Nominations in a definition: their lists of nominees, and whether what they name is there."""

from collections.abc import Iterator

from workflow.definition.fields import FieldType, ItemField
from workflow.definition.language import Definition
from workflow.definition.nominations import Nominates
from workflow.definition.sources import FileProblem, Source
from workflow.messages import Message, lazy

_NO_COLUMN = frozenset({FieldType.TABLE, FieldType.NOMINEES, FieldType.FILE, FieldType.CHOICES})


def nominees_field(definition: Definition) -> ItemField | None:
    """Return the field that lists many nominees, or None where a nomination has one always."""
    return next((each for each in definition.fields if each.type is FieldType.NOMINEES), None)


def columns_of(definition: Definition, field: ItemField) -> tuple[ItemField, ...]:
    """Return the fields that each row of a list of nominees has, in the order of its columns."""
    known = {each.id: each for each in definition.fields}
    return tuple(known[name] for name in field.columns_of)


def nomination_problems(source: Source, definition: Definition) -> Iterator[FileProblem]:
    """Yield every key of ``nominates`` that names no field, or an award that is none."""
    fields = {each.id: each for each in definition.fields}
    for index, field in enumerate(definition.fields):
        if field.type is FieldType.NOMINEES:
            for fault in _list_faults(definition, field, fields):
                yield source.problem(
                    ("fields", index, "columns_of"),
                    fault,
                    lazy("name fields of a nomination of one: kind, nominee and award among them"),
                )
    if definition.nominates is None:
        return
    for key, name in definition.nominates.fields:
        if name not in fields:
            yield source.problem(
                ("nominates", key),
                lazy("'{key}' names an unknown field '{name}'", key=key, name=name),
                lazy("use one of: {names}", names=", ".join(sorted(fields))),
            )
        elif key == "counted_by" and fields[name].type is not FieldType.CHOICE:
            yield source.problem(
                ("nominates", key),
                lazy("the field '{name}' is not of the type choice", name=name),
                lazy("name a choice field"),
            )
        elif key == "award" and not fields[name].choices_from:
            yield source.problem(
                ("nominates", key),
                lazy("the field '{name}' has no 'choices_from: awards'", name=name),
                lazy("take its choices from the awards"),
            )


def _list_faults(
    definition: Definition, field: ItemField, fields: dict[str, ItemField]
) -> Iterator[Message]:
    """Yield why a list of nominees cannot be read as so many nominations of one."""
    said: Nominates | None = definition.nominates
    if said is None or nominees_field(definition) is not field:
        yield lazy("only a nomination has a list of nominees, and one alone")
        return
    for name in field.columns_of:
        column = fields.get(name)
        if column is None or column.type in _NO_COLUMN or column.seen_by:
            yield lazy("'{id}' cannot be a column of '{field}'", id=name, field=field.id)
    if field.shown_when is None:
        yield lazy("a list needs 'shown_when': what makes a nomination one of many")
    needed = {said.award, said.kind, *said.nominee} - set(field.columns_of)
    if needed:
        yield lazy("the columns lack: {names}", names=", ".join(sorted(needed)))
