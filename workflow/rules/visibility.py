"""Who reads which fields of an item they see.

Pure. A definition may keep a field to some positions; its author, whoever the item waits for, and
auditors read it always: nobody decides on, answers for, or proves what they may not read.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace

from workflow.definition import Definition, ItemField
from workflow.model import Content, Person, PersonId, Position


def may_read(
    field: ItemField, reader: Person, *, author: PersonId, holders: Iterable[PersonId]
) -> bool:
    """Return whether ``reader``, who sees the item, reads what ``field`` says."""
    if not field.seen_by or reader.position is Position.AUDITOR or reader.position in field.seen_by:
        return True
    return reader.id == author or reader.id in set(holders)


def withheld_fields(
    definition: Definition, reader: Person, *, author: PersonId, holders: Iterable[PersonId]
) -> frozenset[str]:
    """Return the ids of the fields that ``reader`` may not read."""
    held = tuple(holders)
    return frozenset(
        field.id
        for field in definition.fields
        if field.seen_by and not may_read(field, reader, author=author, holders=held)
    )


def readable(content: Content, withheld: Collection[str]) -> Content:
    """Return ``content`` without the fields ``withheld``, nor the files that only those name."""
    if not withheld:
        return content
    hidden = {value for name, value in content.fields.items() if name in withheld}
    return replace(
        content,
        fields={name: value for name, value in content.fields.items() if name not in withheld},
        files=tuple(each for each in content.files if each.sha256 not in hidden),
    )
