"""Check that what a definition says of gathering names its own fields, and can be carried out."""

from collections.abc import Iterator

from workflow.definition.fields import FieldType
from workflow.definition.gathers import SOURCE_COLUMNS
from workflow.definition.language import Definition
from workflow.definition.sources import FileProblem, Source
from workflow.messages import lazy


def gathering_problems(source: Source, definition: Definition) -> Iterator[FileProblem]:
    """Yield what is wrong with ``gathers``, and with ``carries`` of transitions."""
    yield from _carrying_problems(source, definition)
    gathers = definition.gathers
    if gathers is None:
        return
    fields = {each.id: each for each in definition.fields}
    named = [
        ("sources", gathers.sources, FieldType.TABLE),
        ("period", gathers.period, FieldType.CHOICE),
    ]
    if gathers.inspections is not None:
        named.append(("inspections", gathers.inspections, FieldType.LONG_TEXT))
    for key, name, kind in named:
        found = fields.get(name)
        if found is None or found.type is not kind:
            yield source.problem(
                ("gathers", key),
                lazy("'{key}' names no field of type {kind}", key=key, kind=kind.value),
                lazy("use one of: {names}", names=", ".join(sorted(fields))),
            )
        elif kind is FieldType.TABLE and {each.id for each in found.columns} != {*SOURCE_COLUMNS}:
            yield source.problem(
                ("gathers", key),
                lazy("the table '{name}' has other columns than gathering writes", name=name),
                lazy("use these: {names}", names=", ".join(SOURCE_COLUMNS)),
            )


def _carrying_problems(source: Source, definition: Definition) -> Iterator[FileProblem]:
    """Yield each transition that carries others and cannot: nothing is gathered, or it is undone.

    Who takes it back would take back one of several entries that were made together.
    """
    for index, each in enumerate(definition.transitions):
        if each.carries is None:
            continue
        if definition.gathers is None:
            yield source.problem(
                ("transitions", index, "carries"),
                lazy("'{id}' carries items along, and nothing is gathered", id=each.id),
                lazy("add 'gathers' to the process, or remove 'carries'"),
            )
        if each.undo:
            yield source.problem(
                ("transitions", index, "undo"),
                lazy("'{id}' carries items along and cannot be undone", id=each.id),
                lazy("remove 'undo' here"),
            )
