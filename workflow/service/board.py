"""The board of obligations: departments against deadlines, with what each has delivered, who holds it, and what it took.

The Office answers for it (the plan, III.2a); heads answer for quality, effect and progress of their department.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from workflow.deadlines import Deadline
from workflow.model import Department, DepartmentId, Item
from workflow.rules import Rulebook
from workflow.service.context import Context
from workflow.store import deadlines, history, items, people
from workflow.store.deadlines import LedgerRow
from workflow.store.history import StoredEntry


class Standing(StrEnum):
    """How far a department is with what it owes."""

    MISSING = "missing"
    DRAFTING = "drafting"
    IN_APPROVAL = "in_approval"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One department's obligation: ``delivered_at`` is when the report was last handed in; ``returns`` how often it came back.

    ``days_left`` counts working days to the due day, negative after it.
    """

    deadline: Deadline
    department: Department
    standing: Standing
    code: str | None
    state: str
    holders: tuple[str, ...]
    delivered_at: datetime | None
    is_late: bool
    days_left: int
    returns: int
    reminded_at: datetime | None


def board(context: Context, connection: Connection, wanted: Sequence[Deadline]) -> list[Cell]:
    """Return a cell for each deadline and department that owes it, in the deadlines' order and the agency's."""
    directory = context.directory(connection, context.clock())
    departments = people.all_departments(connection)
    ledger = deadlines.ledger(connection)
    names = {each.id: each.name for each in directory.people.values()}
    cells: list[Cell] = []
    for deadline in wanted:
        reports = _reports(connection, deadline)
        held = items.holders_by_item(connection, [each.id for each in reports.values()])
        for department in (each for each in departments if each.id in deadline.departments):
            report = reports.get(department.id)
            holders = tuple(names[each.person] for each in held.get(report.id, [])) if report is not None else ()
            cells.append(_cell(context, connection, deadline, department, report, holders, _reminded(ledger, deadline, department)))
    return cells


def _reports(connection: Connection, deadline: Deadline) -> Mapping[DepartmentId, Item]:
    """Return the newest report of each department for a deadline; one that was given up counts only where there is no other."""
    found = items.items_by_id(connection, deadlines.reports_of(connection, deadline.campaign, deadline.kind))
    ordered = sorted(found.values(), key=lambda each: (each.state not in {"withdrawn", "rejected"}, each.id))
    return {each.department: each for each in ordered}


def _reminded(ledger: Sequence[LedgerRow], deadline: Deadline, department: Department) -> datetime | None:
    sent = [row.at for row in ledger if row.deadline == deadline.id and row.state == "sent" and department.id in row.departments]
    return max(sent, default=None)


def _cell(
    context: Context,
    connection: Connection,
    deadline: Deadline,
    department: Department,
    report: Item | None,
    holders: tuple[str, ...],
    reminded_at: datetime | None,
) -> Cell:
    now, calendar = context.clock(), context.calendar
    book = context.rulebooks.of(connection, report.definition_hash) if report is not None else None
    entries = history.entries_of(connection, report.subject) if report is not None else []
    delivered_at = _delivered_at(book, report, entries)
    return Cell(
        deadline=deadline,
        department=department,
        standing=_standing(book, report),
        code=report.code if report is not None else None,
        state=str(book.states[report.state].label) if book is not None and report is not None else "",
        holders=holders,
        delivered_at=delivered_at,
        is_late=(delivered_at or now) > deadline.due_at,
        days_left=calendar.between(calendar.local_day(now), calendar.local_day(deadline.due_at)),
        returns=sum(entry.type == "transition" and entry.facts["transition"] == "return" for entry in entries),
        reminded_at=reminded_at,
    )


def _standing(book: Rulebook | None, report: Item | None) -> Standing:
    if book is None or report is None:
        return Standing.MISSING
    state = book.states[report.state]
    if state.final:
        return Standing.DONE if state.meets_deadline else Standing.MISSING
    return Standing.IN_APPROVAL if state.meets_deadline else Standing.DRAFTING


def _delivered_at(book: Rulebook | None, report: Item | None, entries: Sequence[StoredEntry]) -> datetime | None:
    """Return when the report last came from a state that leaves the obligation open to one that meets it; None while it is open."""
    if book is None or report is None or not book.states[report.state].meets_deadline:
        return None
    delivered: datetime | None = None
    was_met = False
    for entry in entries:
        state = book.states.get(entry.facts["to"] or "")
        is_met = state.meets_deadline if state is not None else was_met
        if is_met and not was_met:
            delivered = entry.at
        was_met = is_met
    return delivered
