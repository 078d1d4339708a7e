"""What a person prefers: language, hours at which mails come gathered, hints not to be shown again.

Owns the table ``preferences``. Who has chosen no language is spoken to in the agency's (the setting
``LOCALE``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy import Connection, bindparam, delete, insert, select

from workflow.command import Upkeep
from workflow.commands.execute import Transaction, UseCases, one_by_one
from workflow.model import PersonId
from workflow.store import schema
from workflow.store.prepared import ByKeys, Prepared

LANGUAGE = "language"
DIGEST_HOURS = "digest_hours"
"""Under this name: at which hours of working days mails come gathered, like ``8,14``."""
_kept = schema.preferences.c
_ONE = Prepared(
    select(_kept.value).where(
        _kept.person == bindparam("of_person"), _kept.name == bindparam("of_name")
    )
)
PREFERRED = ByKeys(select(_kept.person, _kept.value), _kept.name)
"""What everybody prefers who said so, by the name of the preference."""
_FORGET = Prepared(
    delete(schema.preferences).where(
        _kept.person == bindparam("of_person"), _kept.name == bindparam("of_name")
    )
)
_KEEP = Prepared(insert(schema.preferences))


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefer(Upkeep[None]):
    """Keep what a person prefers under a name, in place of what was there."""

    person: PersonId
    name: str
    value: str
    contends_for: ClassVar[str] = "preferences"


def preference(connection: Connection, person: PersonId, name: str) -> str | None:
    """Return what a person prefers, or None."""
    row = _ONE.one(connection, {"of_person": person, "of_name": name})
    return None if row is None else str(row.value)


def chosen_languages(connection: Connection) -> Mapping[PersonId, str]:
    """Return the language of each person who chose one."""
    return {PersonId(row.person): row.value for row in PREFERRED.rows(connection, [LANGUAGE])}


def digest_hours(connection: Connection) -> Mapping[PersonId, tuple[int, ...]]:
    """Return the hours of each person who chose to get mails gathered; nobody does by default."""
    return {
        PersonId(row.person): read_hours(row.value)
        for row in PREFERRED.rows(connection, [DIGEST_HOURS])
        if row.value
    }


def read_hours(kept: str | None) -> tuple[int, ...]:
    """Return hours as they are kept."""
    return tuple(map(int, kept.split(","))) if kept else ()


def _prefer(transaction: Transaction, command: Prefer) -> None:
    connection = transaction.connection
    _FORGET.run(connection, {"of_person": command.person, "of_name": command.name})
    _KEEP.run(connection, {"person": command.person, "name": command.name, "value": command.value})


USE_CASES: UseCases = {Prefer: one_by_one(Prefer, _prefer)}
