"""Check that what a definition says of nominations names its own fields, and a choice of awards."""

from collections.abc import Iterator

from workflow.definition.fields import FieldType
from workflow.definition.language import Definition
from workflow.definition.sources import FileProblem, Source
from workflow.messages import lazy


def nomination_problems(source: Source, definition: Definition) -> Iterator[FileProblem]:
    """Yield every key of ``nominates`` that names no field, or an award that is none."""
    if definition.nominates is None:
        return
    fields = {each.id: each for each in definition.fields}
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
