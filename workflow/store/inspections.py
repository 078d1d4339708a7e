"""Statements about inspections and what came of them: rows are added, and none is changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import orjson
from sqlalchemy import Connection, bindparam, insert, select

from workflow.model import DepartmentId, PersonId
from workflow.store import schema
from workflow.store.mapping import Mapper
from workflow.store.prepared import ByKeys, Prepared, Values


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
_BY_ID = Prepared(select(*_INSPECTION.columns).where(_inspections.id == bindparam("wanted")))
_OF_CAMPAIGNS = ByKeys(
    select(*_INSPECTION.columns).order_by(_inspections.id), _inspections.campaign
)
_NOTES_OF = ByKeys(select(*_NOTE.columns).order_by(_notes.id), _notes.inspection_id)


def insert_inspection(connection: Connection, values: Values) -> int:
    """Insert an inspection and return its number."""
    return int(_INSERT.scalar(connection, values))


def add_note(connection: Connection, note: InspectionNote) -> None:
    """Add what came of an inspection; each outcome once, by the table's unique key."""
    _ADD_NOTE.run(connection, _NOTE.write(note))


def inspections_of(connection: Connection, campaigns: Iterable[str]) -> list[Inspection]:
    """Return the inspections of campaigns with what came of them, oldest first."""
    rows = _OF_CAMPAIGNS.rows(connection, campaigns)
    notes = _notes_of(connection, [row.id for row in rows])
    return [_INSPECTION.read(row, notes=notes.get(row.id, ())) for row in rows]


def find_inspection(connection: Connection, inspection: int) -> Inspection | None:
    """Return an inspection, or None."""
    row = _BY_ID.one(connection, {"wanted": inspection})
    if row is None:
        return None
    return _INSPECTION.read(row, notes=_notes_of(connection, [row.id]).get(row.id, ()))


def _notes_of(
    connection: Connection, found: Iterable[int]
) -> Mapping[int, tuple[InspectionNote, ...]]:
    """Return what came of inspections, by the inspection."""
    notes: dict[int, tuple[InspectionNote, ...]] = {}
    for row in _NOTES_OF.rows(connection, found):
        note = _NOTE.read(row)
        notes[note.inspection_id] = (*notes.get(note.inspection_id, ()), note)
    return notes
