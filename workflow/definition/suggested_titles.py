"""The title that a definition suggests: which fields it is made of, and what is wrong with that."""

import re
from collections.abc import Iterator
from typing import Final

from workflow.definition.fields import FieldType, ItemField
from workflow.definition.language import Definition
from workflow.definition.sources import FileProblem, Source
from workflow.messages import lazy

PLACE: Final = re.compile(r"\{(\w+(?:\|\w+)*)\}")
"""Where a suggested title says a field, or of several the first that is filled."""


def suggesting(definition: Definition) -> tuple[ItemField, ...]:
    """Return the fields that the suggested title is made of."""
    named = _named(definition)
    return tuple(each for each in definition.fields if each.id in named)


def suggestion_problems(source: Source, definition: Definition) -> Iterator[FileProblem]:
    """Yield each name in the suggested title that is no field which everybody reads as words."""
    told = [
        each.id
        for each in definition.fields
        if each.type in {FieldType.TEXT, FieldType.CHOICE} and not each.seen_by
    ]
    for name in _named(definition):
        if name not in told:
            yield source.problem(
                ("suggested_title",),
                lazy(
                    "the suggested title names '{name}', which is no field of text or choice "
                    "that everybody reads",
                    name=name,
                ),
                lazy("use one of: {names}", names=", ".join(told)),
            )


def _named(definition: Definition) -> list[str]:
    places = PLACE.findall(definition.suggested_title or "")
    return [name for place in places for name in place.split("|")]
