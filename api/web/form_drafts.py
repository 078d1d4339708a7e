"""What people are typing into forms: kept while they type, offered back, and seen by whoever opens the same form.

Owns the table ``typings``. It holds what is not yet an item's content, so it is nobody's but its writer's; others learn only that
somebody is typing. It goes when the form is saved, and when its time is over (``retention``).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

import orjson
from sqlalchemy import Connection, bindparam, delete, insert, select

from workflow.command import Upkeep
from workflow.commands.execute import Transaction, UseCases, one_by_one
from workflow.errors import InvalidRefusal, reason
from workflow.model import PersonId
from workflow.store import schema
from workflow.store.instants import read_required, written
from workflow.store.prepared import Prepared

Typed = list[tuple[str, str]]
BODY_LIMIT = 300_000
_JUST_NOW = timedelta(minutes=5)
_typings = schema.typings.c
_OF = Prepared(
    select(_typings.body, _typings.at).where(
        _typings.form == bindparam("of_form"), _typings.person == bindparam("of_person")
    )
)
_OTHERS = Prepared(
    select(_typings.person, _typings.at).where(
        _typings.form == bindparam("of_form"),
        _typings.person != bindparam("but"),
        _typings.at > bindparam("since"),
    )
)
_DROP = Prepared(
    delete(schema.typings).where(
        _typings.form == bindparam("of_form"), _typings.person == bindparam("of_person")
    )
)
_ADD = Prepared(insert(schema.typings))


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepTyping(Upkeep[None]):
    """Keep what a person has typed into a form so far; None: it was saved, or given up."""

    is_repeatable: ClassVar[bool] = True
    form: str
    person: PersonId
    typed: Typed | None

    @property
    def contends_for(self) -> str:
        """Return what this command contends for."""
        return f"typing:{self.form}:{self.person}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Typing:
    """What was typed, as a form would send it, and when."""

    typed: Typed
    at: datetime


def typing_of(connection: Connection, form: str, person: PersonId) -> Typing | None:
    """Return what a person has typed into a form and not saved, or None."""
    row = _OF.one(connection, {"of_form": form, "of_person": person})
    return (
        None
        if row is None
        else Typing(
            typed=[(name, value) for name, value in orjson.loads(row.body)],
            at=read_required(row.at),
        )
    )


def others_typing(
    connection: Connection, form: str, person: PersonId, now: datetime
) -> dict[PersonId, datetime]:
    """Return who else has been typing into a form within the last five minutes, and when last."""
    rows = _OTHERS.rows(
        connection, {"of_form": form, "but": person, "since": written(now - _JUST_NOW)}
    )
    return {PersonId(row.person): read_required(row.at) for row in rows}


def _keep(transaction: Transaction, command: KeepTyping) -> None:
    connection, now = transaction.connection, transaction.now
    body = "" if command.typed is None else orjson.dumps(command.typed).decode()
    if len(body) > BODY_LIMIT:
        raise InvalidRefusal(
            reason("typed", "What you are typing is too long to be kept. Save the draft.")
        )
    _DROP.run(connection, {"of_form": command.form, "of_person": command.person})
    if command.typed is not None:
        _ADD.run(
            connection,
            {"form": command.form, "person": command.person, "body": body, "at": written(now)},
        )


USE_CASES: UseCases = {KeepTyping: one_by_one(KeepTyping, _keep)}
