"""In which language a person is written to, and shown the pages that a letter leads to.

Owns the table ``languages``. Who has chosen nothing is spoken to in the agency's language (the setting ``LOCALE``).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select

from workflow.model import PersonId
from workflow.store import tables
from workflow.store.prepared import Prepared

_chosen = tables.languages.c
_OF = Prepared(select(_chosen.language).where(_chosen.person == bindparam("of_person")))
_ALL = Prepared(select(_chosen.person, _chosen.language))
_FORGET = Prepared(delete(tables.languages).where(_chosen.person == bindparam("of_person")))
_CHOOSE = Prepared(insert(tables.languages), inserts=["person", "language"])


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseLanguage:
    """Speak to a person in ``language`` (a code of ``LANGUAGES``) from now on."""

    person: PersonId
    language: str
    key: str = "languages"


def language_of(connection: Connection, person: PersonId) -> str | None:
    """Return the language that a person chose, or None."""
    return next((row[0] for row in _OF.rows(connection, {"of_person": person})), None)


def chosen_languages(connection: Connection) -> Mapping[PersonId, str]:
    """Return the language of each person who chose one."""
    return {PersonId(row[0]): row[1] for row in _ALL.rows(connection, {})}


def runners() -> dict[type, Callable[..., Sequence[Any]]]:
    """Return how the committer runs the commands about languages."""

    def choose(connection: Connection, commands: Sequence[ChooseLanguage]) -> list[None]:
        for command in commands:
            _FORGET.run(connection, {"of_person": command.person})
            _CHOOSE.run(connection, {"person": command.person, "language": command.language})
        return [None] * len(commands)

    return {ChooseLanguage: choose}
