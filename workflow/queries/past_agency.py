"""The agency as it was at a moment: who worked and stood in, what was in force, what waited where.

Owns the folding of the last entries by that moment, each with the rows that it committed to. It
never takes a row of today for one of then; who is erased since stands under their number. Reads
only.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import TypeVar

from sqlalchemy import Connection

from workflow.context import Context
from workflow.definition import Definition, State
from workflow.history.agency_payloads import CalendarSet, DefinitionPublished
from workflow.history.verify_history import IncompleteError, TamperedError
from workflow.lookups.kept_rows import committed_rows
from workflow.model import Absence, Delegation, Person, PersonId
from workflow.people import Directory, build_directory
from workflow.queries.items import HolderView
from workflow.queries.past_items import stay_after
from workflow.store import history, people
from workflow.store.history import StoredEntry
from workflow.store.subject_rows import Kept

MOST_ITEMS = 500
"""Open items told of; a moment has a few dozen."""
_SATURDAY = 5
_Dated = TypeVar("_Dated", Delegation, Absence)


@dataclass(frozen=True, slots=True, kw_only=True)
class DefinitionThen:
    """The version of a process by which items began then."""

    id: str
    version: int
    hash: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarThen:
    """The calendar by which due days were computed; its days are those of the year."""

    zone: str
    opens_at: str
    closes_at: str
    is_working: bool
    rest_days: tuple[str, ...]
    work_days: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItem:
    """An item that was on its way, where it stood, and whom it waited for."""

    code: str
    definition: Definition
    state: State
    since: datetime
    due_at: datetime | None
    holders: tuple[HolderView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyThen:
    """The agency at a moment; ``day`` is the local one, ``known`` everybody by their number.

    ``erased`` and ``altered``: subjects of which what was kept then is gone, or is not what their
    entry committed to. ``is_cut``: more items were open.
    """

    day: date
    directory: Directory
    delegations: tuple[Delegation, ...]
    absences: tuple[Absence, ...]
    definitions: tuple[DefinitionThen, ...]
    calendar: CalendarThen | None
    items: tuple[OpenItem, ...]
    is_cut: bool
    known: dict[PersonId, Person]
    erased: tuple[str, ...]
    altered: tuple[str, ...]


def agency_then(context: Context, connection: Connection, moment: datetime) -> AgencyThen:
    """Return the agency as the entries by ``moment`` left it."""
    day = context.calendar.local_day(moment)
    today = day.isoformat()
    kept, erased, altered = _kept_then(connection, moment)
    rows = people.read_kept(kept)
    directory = build_directory(
        rows.people, rows.departments, rows.delegations, today, rows.absences
    )
    known = {**people.people_by_id(connection), **directory.people}
    found = list(islice(_open_items(context, connection, moment, known), MOST_ITEMS + 1))
    return AgencyThen(
        day=day,
        directory=directory,
        delegations=_on(today, rows.delegations),
        absences=_on(today, rows.absences),
        definitions=tuple(_definitions(connection, moment)),
        calendar=_calendar(connection, moment, day),
        items=tuple(found[:MOST_ITEMS]),
        is_cut=len(found) > MOST_ITEMS,
        known=known,
        erased=tuple(erased),
        altered=tuple(altered),
    )


def _kept_then(connection: Connection, moment: datetime) -> tuple[list[Kept], list[str], list[str]]:
    """Return what was kept of people and departments, of whom it is gone, and whose is altered."""
    kept: list[Kept] = []
    erased, altered = [], []
    for kind in ("department", "person"):
        for entry in history.last_entries_then(connection, kind, moment):
            try:
                rows = committed_rows(connection, entry)
            except IncompleteError:
                rows = None
            except TamperedError:
                altered.append(entry.subject)
                continue
            if rows is None:
                erased.append(entry.subject)
            else:
                kept.append(rows)
    return kept, erased, altered


def _on(day: str, found: Iterable[_Dated]) -> tuple[_Dated, ...]:
    return tuple(each for each in found if each.starts_on <= day <= each.ends_on)


def _definitions(connection: Connection, moment: datetime) -> Iterator[DefinitionThen]:
    for entry in history.last_entries_then(connection, "definition", moment):
        published = entry.fact.payload
        if isinstance(published, DefinitionPublished):
            yield DefinitionThen(
                id=entry.subject.removeprefix("definition:"),
                version=published.version,
                hash=entry.fact.definition_hash or "",
                since=entry.at,
            )


def _calendar(connection: Connection, moment: datetime, day: date) -> CalendarThen | None:
    """Return the calendar recorded last by then; None where none was, or it says nothing of it."""
    entries = history.entries_of(connection, "agency")
    said = [each.fact.payload for each in entries if each.at <= moment]
    terms = [each for each in said if isinstance(each, CalendarSet)]
    if not terms or day.year not in terms[-1].years:
        return None
    last, year = terms[-1], f"{day.year}-"
    is_odd = day.isoformat() in {*last.rest_days, *last.work_days}
    return CalendarThen(
        zone=last.zone,
        opens_at=last.opens_at,
        closes_at=last.closes_at,
        is_working=(day.weekday() < _SATURDAY) is not is_odd,
        rest_days=tuple(each for each in last.rest_days if each.startswith(year)),
        work_days=tuple(each for each in last.work_days if each.startswith(year)),
    )


def _open_items(
    context: Context, connection: Connection, moment: datetime, known: dict[PersonId, Person]
) -> Iterator[OpenItem]:
    for last in history.last_entries_then(connection, "item", moment):
        book = context.rulebooks.of(connection, last.fact.definition_hash or "")
        state = book.states.get(last.fact.to_state or "")
        if state is None or state.final:
            continue
        entries = history.entries_of(connection, last.subject)[: last.seq]
        yield _open_item(entries, book.definition, state, known)


def _open_item(
    entries: list[StoredEntry], definition: Definition, state: State, known: dict[PersonId, Person]
) -> OpenItem:
    stay = stay_after(entries)
    return OpenItem(
        code=entries[-1].subject.removeprefix("item:"),
        definition=definition,
        state=state,
        since=stay.since,
        due_at=stay.due_at,
        holders=tuple(
            HolderView(
                person=known[person],
                since=at,
                due_at=stay.due_at,
                stands_in_for=None if behalf is None else known[behalf],
            )
            for (person, behalf), at in stay.seats
        ),
    )
