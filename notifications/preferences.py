"""What a person prefers: the language to be spoken to in, and which hints need not be shown again.

Owns the table ``preferences``. Who has chosen no language is spoken to in the agency's (the setting ``LOCALE``).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select

from workflow.model import PersonId
from workflow.store import schema
from workflow.store.prepared import Prepared

LANGUAGE = "language"
_kept = schema.preferences.c
_ONE = Prepared(
    select(_kept.value).where(
        _kept.person == bindparam("of_person"), _kept.name == bindparam("of_name")
    )
)
_ALL = Prepared(select(_kept.person, _kept.value).where(_kept.name == bindparam("of_name")))
_FORGET = Prepared(
    delete(schema.preferences).where(
        _kept.person == bindparam("of_person"), _kept.name == bindparam("of_name")
    )
)
_KEEP = Prepared(insert(schema.preferences))


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefer:
    """Keep what a person prefers under a name, in place of what was there."""

    person: PersonId
    name: str
    value: str
    key: str = "preferences"


def preference(connection: Connection, person: PersonId, name: str) -> str | None:
    """Return what a person prefers, or None."""
    row = _ONE.one(connection, {"of_person": person, "of_name": name})
    return None if row is None else str(row.value)


def chosen_languages(connection: Connection) -> Mapping[PersonId, str]:
    """Return the language of each person who chose one."""
    return {PersonId(row.person): row.value for row in _ALL.rows(connection, {"of_name": LANGUAGE})}


def runners() -> dict[type, Callable[..., Sequence[Any]]]:
    """Return how the committer runs the commands about preferences."""

    def prefer(connection: Connection, commands: Sequence[Prefer]) -> list[None]:
        for command in commands:
            _FORGET.run(connection, {"of_person": command.person, "of_name": command.name})
            _KEEP.run(
                connection, {"person": command.person, "name": command.name, "value": command.value}
            )
        return [None] * len(commands)

    return {Prefer: prefer}
