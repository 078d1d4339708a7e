"""Statements about merits and the notes on them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from workflow.model import DepartmentId, MeritKind, MeritStanding, PersonId
from workflow.store import schema
from workflow.store.mapping import Mapper
from workflow.store.prepared import Prepared, Values

_merits = schema.merits.c
_notes = schema.merit_notes.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Merit:
    """A good person, deed, initiative or experience of a campaign, and what became of it.

    ``code``: of the nomination it led to.
    """

    id: int
    campaign: str
    recognition: str
    whose_kind: MeritKind
    whose: str
    department: DepartmentId
    what: str
    story: str
    happened_on: str
    recorded_by: PersonId
    recorded_at: datetime
    standing: MeritStanding
    code: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeritNote:
    """What somebody said of a merit, and the standing it had from then on."""

    by: PersonId
    at: datetime
    standing: MeritStanding
    words: str


_MERIT = Mapper(Merit, schema.merits)
_NOTE = Mapper(MeritNote, schema.merit_notes, named={"by": _notes.person})
_BY_ID = Prepared(select(*_MERIT.columns).where(_merits.id == bindparam("wanted")))
_OF_CAMPAIGN = Prepared(
    select(*_MERIT.columns)
    .where(_merits.campaign == bindparam("of_campaign"))
    .order_by(_merits.id.desc())
)
_INSERT = Prepared(insert(schema.merits).returning(_merits.id))
_MOVE = Prepared(
    update(schema.merits)
    .where(_merits.id == bindparam("old_id"))
    .values(standing=bindparam("new_standing"), code=bindparam("new_code"))
)
_NOTES_OF = Prepared(
    select(*_NOTE.columns).where(_notes.merit_id == bindparam("of_merit")).order_by(_notes.id)
)
_ADD_NOTE = Prepared(insert(schema.merit_notes))


def merit_by_id(connection: Connection, merit: int) -> Merit | None:
    """Return a merit, or None."""
    return _MERIT.find(_BY_ID.one(connection, {"wanted": merit}))


def merits_of(connection: Connection, campaign: str) -> list[Merit]:
    """Return every merit of a campaign, newest first: some hundreds in a year."""
    return [_MERIT.read(row) for row in _OF_CAMPAIGN.rows(connection, {"of_campaign": campaign})]


def insert_merit(connection: Connection, values: Values) -> int:
    """Insert a merit that was just noted and return its id."""
    return int(_INSERT.scalar(connection, {**values, "standing": MeritStanding.NOTED.value}))


def move_merit(
    connection: Connection, merit: Merit, *, standing: MeritStanding, code: str | None
) -> None:
    """Give a merit its new standing, and the nomination it led to."""
    _MOVE.run(connection, {"old_id": merit.id, "new_standing": standing.value, "new_code": code})


def notes_of(connection: Connection, merit: int) -> list[MeritNote]:
    """Return the notes on a merit, oldest first."""
    rows = _NOTES_OF.rows(connection, {"of_merit": merit})
    return list(map(_NOTE.read, rows))


def add_note(connection: Connection, merit: int, note: MeritNote) -> None:
    """Add a note to a merit."""
    _ADD_NOTE.run(
        connection,
        {"merit_id": merit, **_NOTE.write(note)},
    )
