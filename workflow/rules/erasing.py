"""Which texts of an item somebody may ask to be erased, and what is left of its contents. Pure.

A field goes from every content that the item ever had; what the product itself reasons with (a
choice, a number, a day) stays: it is no free text.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from workflow.definition import Definition, FieldType
from workflow.errors import Reason, reason
from workflow.history import TITLE, reduced

_FREE = frozenset(
    {
        FieldType.TEXT,
        FieldType.LONG_TEXT,
        FieldType.RICH_TEXT,
        FieldType.TABLE,
        FieldType.NOMINEES,
        FieldType.PERSON,
        FieldType.FILE,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to go: texts of entries by their numbers, fields by id or ``(title)``, files."""

    entries: tuple[int, ...] = ()
    parts: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    @property
    def is_nothing(self) -> bool:
        """Return whether it names nothing at all."""
        return not (self.entries or self.parts or self.files)


def erasable_fields(definition: Definition) -> list[str]:
    """Return the ids of the fields that hold what somebody wrote or attached."""
    return [each.id for each in definition.fields if each.type in _FREE]


def erasing_problems(
    wanted: Wanted, definition: Definition, numbers: Collection[int], files: Collection[str]
) -> list[Reason]:
    """Return why some of it cannot go; ``numbers``: entries that have texts; ``files``: kept."""
    if wanted.is_nothing:
        return [reason("nothing", "Choose what is to be erased: a comment, a field or a file.")]
    known = {TITLE, *erasable_fields(definition)}
    return [
        reason("unknown", "There is nothing to erase under “{name}”.", name=name)
        for name in (
            *(str(each) for each in wanted.entries if each not in numbers),
            *(each for each in wanted.parts if each not in known),
            *(each for each in wanted.files if each not in files),
        )
    ]


def left_of(bodies: Mapping[str, str], wanted: Wanted, salts: Iterable[str]) -> dict[str, str]:
    """Return what is left of each content that loses something, by its hash."""
    left = {
        of_hash: reduced(body, wanted.parts, wanted.files, salt)
        for (of_hash, body), salt in zip(bodies.items(), salts, strict=True)
    }
    return {of_hash: body for of_hash, body in left.items() if body is not None}
