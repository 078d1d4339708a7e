"""Statements about what people are typing into forms."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson
from sqlalchemy import Connection, bindparam, delete, insert, select

from workflow.model import PersonId
from workflow.store import schema
from workflow.store.instants import read_required, written
from workflow.store.prepared import Prepared

Typed = list[tuple[str, str]]
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
class FormDraft:
    """What was typed, as a form would send it, and when."""

    typed: Typed
    at: datetime


def typing_of(connection: Connection, form: str, person: PersonId) -> FormDraft | None:
    """Return what a person has typed into a form and not saved, or None."""
    row = _OF.one(connection, {"of_form": form, "of_person": person})
    return (
        None
        if row is None
        else FormDraft(
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


def insert_typing(
    connection: Connection, form: str, person: PersonId, body: str, at: datetime
) -> None:
    """Keep what a person has typed into a form."""
    _ADD.run(connection, {"form": form, "person": person, "body": body, "at": written(at)})


def drop_typing(connection: Connection, form: str, person: PersonId) -> None:
    """Forget what a person has typed into a form."""
    _DROP.run(connection, {"of_form": form, "of_person": person})
