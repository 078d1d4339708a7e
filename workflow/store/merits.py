"""Statements about merits and the notes on them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from workflow.model import DepartmentId, MeritStanding, PersonId
from workflow.store import schema
from workflow.store.instants import read_required, written
from workflow.store.prepared import Prepared, Row, Values

_merits = schema.merits.c
_notes = schema.merit_notes.c
_COLUMNS = (
    _merits.id,
    _merits.campaign,
    _merits.recognition,
    _merits.whose_kind,
    _merits.whose,
    _merits.department,
    _merits.what,
    _merits.story,
    _merits.happened_on,
    _merits.recorded_by,
    _merits.recorded_at,
    _merits.standing,
    _merits.code,
)
_BY_ID = Prepared(select(*_COLUMNS).where(_merits.id == bindparam("wanted")))
_OF_CAMPAIGN = Prepared(
    select(*_COLUMNS)
    .where(_merits.campaign == bindparam("of_campaign"))
    .order_by(_merits.id.desc())
)
_INSERT = Prepared(
    insert(schema.merits).returning(_merits.id),
    inserts=[
        "campaign",
        "recognition",
        "whose_kind",
        "whose",
        "department",
        "what",
        "story",
        "happened_on",
        "recorded_by",
        "recorded_at",
        "standing",
    ],
)
_MOVE = Prepared(
    update(schema.merits)
    .where(_merits.id == bindparam("old_id"))
    .values(standing=bindparam("new_standing"), code=bindparam("new_code"))
)
_NOTES_OF = Prepared(
    select(_notes.person, _notes.at, _notes.standing, _notes.words)
    .where(_notes.merit_id == bindparam("of_merit"))
    .order_by(_notes.id)
)
_ADD_NOTE = Prepared(
    insert(schema.merit_notes), inserts=["merit_id", "person", "at", "standing", "words"]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Merit:
    """A good person, deed, initiative or experience of a campaign: whose it is, what was done, and what became of it.

    ``whose_kind``: individual or collective. ``code``: of the nomination it
    led to.
    """

    id: int
    campaign: str
    recognition: str
    whose_kind: str
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


def merit_by_id(connection: Connection, merit: int) -> Merit | None:
    """Return a merit, or None."""
    row = _BY_ID.one(connection, {"wanted": merit})
    return None if row is None else _merit(row)


def merits_of(connection: Connection, campaign: str) -> list[Merit]:
    """Return every merit of a campaign, newest first: some hundreds in a year."""
    return [_merit(row) for row in _OF_CAMPAIGN.rows(connection, {"of_campaign": campaign})]


def insert_merit(connection: Connection, values: Values) -> int:
    """Insert a merit that was just noted and return its id."""
    return int(_INSERT.rows(connection, {**values, "standing": MeritStanding.NOTED.value})[0][0])


def move_merit(
    connection: Connection, merit: Merit, *, standing: MeritStanding, code: str | None
) -> None:
    """Give a merit its new standing, and the nomination it led to."""
    _MOVE.run(connection, {"old_id": merit.id, "new_standing": standing.value, "new_code": code})


def notes_of(connection: Connection, merit: int) -> list[MeritNote]:
    """Return the notes on a merit, oldest first."""
    rows = _NOTES_OF.rows(connection, {"of_merit": merit})
    return [
        MeritNote(
            by=PersonId(row[0]),
            at=read_required(row[1]),
            standing=MeritStanding(row[2]),
            words=row[3],
        )
        for row in rows
    ]


def add_note(connection: Connection, merit: int, note: MeritNote) -> None:
    """Add a note to a merit."""
    _ADD_NOTE.run(
        connection,
        {
            "merit_id": merit,
            "person": note.by,
            "at": written(note.at),
            "standing": note.standing.value,
            "words": note.words,
        },
    )


def _merit(row: Row) -> Merit:
    return Merit(
        id=row[0],
        campaign=row[1],
        recognition=row[2],
        whose_kind=row[3],
        whose=row[4],
        department=DepartmentId(row[5]),
        what=row[6],
        story=row[7],
        happened_on=row[8],
        recorded_by=PersonId(row[9]),
        recorded_at=read_required(row[10]),
        standing=MeritStanding(row[11]),
        code=row[12],
    )
