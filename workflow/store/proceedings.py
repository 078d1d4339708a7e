"""Statements about what is pending against a person or a department: added, closed once, erased.

How it ended may have been written wrongly: the last correction then tells it, and all that was
written before stays beside.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from workflow.awards import Pending, ProceedingKind, ProceedingOutcome
from workflow.model import DepartmentId, PersonId
from workflow.store import schema
from workflow.store.instants import written
from workflow.store.mapping import Mapper
from workflow.store.prepared import ByKeys, Prepared, Values
from workflow.values import LARGEST_ID


@dataclass(frozen=True, slots=True, kw_only=True)
class Proceeding:
    """What is pending against a person or a department, by which document; days are local.

    What is None came with the end, or will. An end that was corrected is the corrected one.
    """

    id: int
    person: PersonId | None
    department: DepartmentId | None
    kind: ProceedingKind
    since: date
    document: str
    document_on: date
    words: str
    opened_by: PersonId
    opened_at: datetime
    outcome: ProceedingOutcome | None
    ended_on: date | None
    end_document: str | None
    end_document_on: date | None
    served_on: date | None
    end_words: str | None
    closed_by: PersonId | None
    closed_at: datetime | None
    is_corrected: bool = False

    @property
    def subject(self) -> str:
        """Return the name of its history."""
        return f"proceeding:{self.id}"

    @property
    def as_pending(self) -> Pending:
        """Return what the rules of awards judge by."""
        return Pending(
            kind=self.kind,
            since=self.since,
            document=self.document,
            document_on=self.document_on,
            ended_on=self.ended_on,
            served_on=self.served_on,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProceedingEnd:
    """How a proceeding ended, by which document, and by whom that was written down."""

    outcome: ProceedingOutcome
    ended_on: date
    document: str
    document_on: date
    served_on: date | None
    words: str
    by: PersonId
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProceedingCorrection:
    """How a proceeding truly ended, and why that is written anew; ``outcome`` None: it has not."""

    id: int
    proceeding_id: int
    outcome: ProceedingOutcome | None
    ended_on: date | None
    document: str
    document_on: date | None
    served_on: date | None
    words: str
    why: str
    corrected_by: PersonId
    confirmed_by: PersonId | None
    corrected_at: datetime


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


_proceedings = schema.proceedings.c
_PROCEEDING = Mapper(
    Proceeding,
    schema.proceedings,
    readers=dict.fromkeys(
        ("since", "document_on", "ended_on", "end_document_on", "served_on"), _day
    ),
    without=("is_corrected",),
)
_corrections = schema.proceeding_corrections.c
_CORRECTION = Mapper(
    ProceedingCorrection,
    schema.proceeding_corrections,
    readers=dict.fromkeys(("ended_on", "document_on", "served_on"), _day),
)
_CORRECTIONS = ByKeys(
    select(*_CORRECTION.columns).order_by(_corrections.id), _corrections.proceeding_id
)
_CORRECT = Prepared(insert(schema.proceeding_corrections))
_EVERY = select(*_PROCEEDING.columns).order_by(_proceedings.id)
_INSERT = Prepared(insert(schema.proceedings).returning(_proceedings.id))
_BY_ID = Prepared(select(*_PROCEEDING.columns).where(_proceedings.id == bindparam("wanted")))
_NEWEST = Prepared(
    select(*_PROCEEDING.columns)
    .where(_proceedings.id < bindparam("before"))
    .order_by(_proceedings.id.desc())
    .limit(bindparam("count"))
)
_OF_PEOPLE = ByKeys(_EVERY, _proceedings.person)
_OF_DEPARTMENTS = ByKeys(_EVERY, _proceedings.department)
_CLOSE = Prepared(
    update(schema.proceedings)
    .where(_proceedings.id == bindparam("old_id"), _proceedings.closed_at.is_(None))
    .values(
        outcome=bindparam("new_outcome"),
        ended_on=bindparam("new_ended_on"),
        end_document=bindparam("new_document"),
        end_document_on=bindparam("new_document_on"),
        served_on=bindparam("new_served_on"),
        end_words=bindparam("new_words"),
        closed_by=bindparam("by"),
        closed_at=bindparam("at"),
    )
)


def insert_proceeding(connection: Connection, values: Values) -> int:
    """Insert what is pending from now on and return its number."""
    return int(_INSERT.scalar(connection, values))


def close_proceeding(connection: Connection, proceeding: int, end: ProceedingEnd) -> bool:
    """Write down how it ended; return whether it was pending until now."""
    values = {
        "old_id": proceeding,
        "new_outcome": end.outcome.value,
        "new_ended_on": end.ended_on.isoformat(),
        "new_document": end.document,
        "new_document_on": end.document_on.isoformat(),
        "new_served_on": end.served_on.isoformat() if end.served_on else None,
        "new_words": end.words,
        "by": end.by,
        "at": written(end.at),
    }
    return _CLOSE.run(connection, values) == 1


def insert_correction(connection: Connection, values: Values) -> None:
    """Insert what an end is corrected to."""
    _CORRECT.run(connection, values)


def find_proceeding(connection: Connection, proceeding: int) -> Proceeding | None:
    """Return a proceeding, or None."""
    found = first_written(connection, proceeding)
    return None if found is None else _present(connection, [found])[0]


def first_written(connection: Connection, proceeding: int) -> Proceeding | None:
    """Return a proceeding with its end as it was first written, or None."""
    return _PROCEEDING.find(_BY_ID.one(connection, {"wanted": proceeding}))


def corrections_of(
    connection: Connection, proceedings: Iterable[int]
) -> dict[int, list[ProceedingCorrection]]:
    """Return the corrections of each proceeding that has any, oldest first."""
    found: dict[int, list[ProceedingCorrection]] = {}
    for each in map(_CORRECTION.read, _CORRECTIONS.rows(connection, proceedings)):
        found.setdefault(each.proceeding_id, []).append(each)
    return found


def newest_proceedings(
    connection: Connection, *, before: int | None, count: int
) -> list[Proceeding]:
    """Return up to ``count`` proceedings below ``before``, ended or not, newest first."""
    values = {"before": LARGEST_ID if before is None else before, "count": count}
    return _present(connection, list(map(_PROCEEDING.read, _NEWEST.rows(connection, values))))


def proceedings_against(
    connection: Connection, people: Iterable[PersonId], departments: Iterable[DepartmentId]
) -> list[Proceeding]:
    """Return what is or was pending against any of them, oldest first of each kind of nominee."""
    rows = [
        *_OF_PEOPLE.rows(connection, people),
        *_OF_DEPARTMENTS.rows(connection, departments),
    ]
    return _present(connection, list(map(_PROCEEDING.read, rows)))


def _present(connection: Connection, found: list[Proceeding]) -> list[Proceeding]:
    """Return each with its end as last corrected."""
    corrections = corrections_of(connection, [each.id for each in found])
    return [
        _as_corrected(each, corrections[each.id][-1]) if each.id in corrections else each
        for each in found
    ]


def _as_corrected(found: Proceeding, last: ProceedingCorrection) -> Proceeding:
    has_ended = last.outcome is not None
    return replace(
        found,
        outcome=last.outcome,
        ended_on=last.ended_on,
        end_document=last.document if has_ended else None,
        end_document_on=last.document_on,
        served_on=last.served_on,
        end_words=last.words if has_ended else None,
        closed_by=last.corrected_by if has_ended else None,
        closed_at=last.corrected_at if has_ended else None,
        is_corrected=True,
    )
