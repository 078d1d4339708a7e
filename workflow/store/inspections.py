"""Statements about inspections and what came of them: rows are added, and none is changed."""

from dataclasses import dataclass
from datetime import date, datetime

import orjson
from sqlalchemy import Connection, insert, select

from workflow.model import DepartmentId, PersonId
from workflow.store import schema
from workflow.store.mapping import Mapper
from workflow.store.prepared import Prepared, Values


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionNote:
    """What came of an inspection: recorded, mended, or cancelled.

    ``to_mend``: what the department is to mend, by the local day ``mend_by`` (ISO); None: nothing.
    """

    inspection_id: int
    outcome: str
    words: str
    to_mend: str
    mend_by: str | None
    person: PersonId
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """A visit of the Office to a department during a campaign: the local day, by whom, of what."""

    id: int
    campaign: str
    department: DepartmentId
    on_day: date
    inspectors: tuple[PersonId, ...]
    about: str
    planned_by: PersonId
    planned_at: datetime
    notes: tuple[InspectionNote, ...] = ()

    @property
    def outcomes(self) -> dict[str, InspectionNote]:
        """Return what came of it, by outcome."""
        return {each.outcome: each for each in self.notes}

    @property
    def recorded(self) -> InspectionNote | None:
        """Return what was found, or None while the visit lies ahead."""
        return self.outcomes.get(RECORDED)

    @property
    def is_over(self) -> bool:
        """Return whether nothing of it is open: given up, mended, or with nothing to mend."""
        done = self.outcomes
        return bool({CANCELLED, MENDED} & done.keys()) or (
            RECORDED in done and done[RECORDED].mend_by is None
        )


RECORDED, MENDED, CANCELLED = "recorded", "mended", "cancelled"
_inspections, _notes = schema.inspections.c, schema.inspection_notes.c
_INSPECTION = Mapper(
    Inspection,
    schema.inspections,
    readers={
        "on_day": date.fromisoformat,
        "inspectors": lambda text: tuple(PersonId(each) for each in orjson.loads(text)),
    },
    without=("notes",),
)
_NOTE = Mapper(InspectionNote, schema.inspection_notes)
_INSERT = Prepared(insert(schema.inspections).returning(_inspections.id))
_ADD_NOTE = Prepared(insert(schema.inspection_notes))
_ALL = Prepared(select(*_INSPECTION.columns).order_by(_inspections.id))
_ALL_NOTES = Prepared(select(*_NOTE.columns).order_by(_notes.id))


def insert_inspection(connection: Connection, values: Values) -> int:
    """Insert an inspection and return its number."""
    return int(_INSERT.scalar(connection, values))


def add_note(connection: Connection, note: InspectionNote) -> None:
    """Add what came of an inspection; each outcome once, by the table's unique key."""
    _ADD_NOTE.run(connection, _NOTE.write(note))


def all_inspections(connection: Connection) -> list[Inspection]:
    """Return every inspection with what came of it, oldest first: the Office makes a few a year."""
    notes: dict[int, tuple[InspectionNote, ...]] = {}
    for row in _ALL_NOTES.rows(connection, {}):
        note = _NOTE.read(row)
        notes[note.inspection_id] = (*notes.get(note.inspection_id, ()), note)
    return [_INSPECTION.read(row, notes=notes.get(row.id, ())) for row in _ALL.rows(connection, {})]


def find_inspection(connection: Connection, inspection: int) -> Inspection | None:
    """Return an inspection, or None."""
    return next((each for each in all_inspections(connection) if each.id == inspection), None)
