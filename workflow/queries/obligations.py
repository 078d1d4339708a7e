"""The board of obligations: departments against deadlines, what came, who holds it, what it took.

The Office answers for it (the plan, III.2a); heads answer for quality, effect and progress of their
department.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from workflow.context import Context
from workflow.deadlines import Deadline, Obligations
from workflow.definition import Label, ObligationStage
from workflow.history import EntryType
from workflow.history.payloads import Decision
from workflow.lookups.items import transition_of
from workflow.lookups.obligations import approved_by, obligations
from workflow.messages import Message
from workflow.model import Department, DepartmentId, Item, ReminderState
from workflow.rules import Rulebook
from workflow.store import deadlines, held_items, history, items, people, reminder_ledger
from workflow.store.history import StoredEntry
from workflow.store.reminder_ledger import LedgerRow


class Standing(StrEnum):
    """How far a department is with what it owes."""

    MISSING = "missing"
    DRAFTING = "drafting"
    AWAITING_APPROVAL = "awaiting_approval"
    """Submitted, and waiting to be approved for the department: not handed in yet."""
    IN_APPROVAL = "in_approval"
    DONE = "done"


_ORDER = (
    ObligationStage.GIVEN_UP,
    ObligationStage.DRAFTING,
    ObligationStage.AWAITING_APPROVAL,
    ObligationStage.HANDED_IN,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One department's obligation: when it was last handed in, and how often it came back."""

    deadline: Deadline
    department: Department
    standing: Standing
    code: str | None
    state: Label | str
    holders: tuple[str, ...]
    delivered_at: datetime | None
    is_late: bool
    returns: int
    reminded_at: datetime | None
    approved_by: Message | None = None
    """Who is to approve what was submitted and awaits that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedDeadline:
    """When a report is due, and which departments still owe it."""

    due_at: datetime
    departments: frozenset[DepartmentId]


def owed_deadlines(context: Context, connection: Connection) -> list[OwedDeadline]:
    """Return every deadline that a department still owes a report for."""
    met = obligations(context, connection).met
    found = [
        OwedDeadline(
            due_at=each.due_at,
            departments=frozenset(
                one for one in each.departments if (each.campaign, each.kind, one) not in met
            ),
        )
        for each in deadlines.all_deadlines(connection)
    ]
    return [each for each in found if each.departments]


def board(context: Context, connection: Connection, wanted: Sequence[Deadline]) -> list[Cell]:
    """Return a cell for each deadline and department that owes it, both in their own order."""
    directory = context.directory(connection, context.clock())
    departments = people.all_departments(connection)
    ledger = reminder_ledger.ledger(connection)
    owed = obligations(context, connection)
    names = {each.id: each.name for each in directory.people.values()}
    cells: list[Cell] = []
    for deadline in wanted:
        reports = _reports(context, connection, deadline, owed)
        held = held_items.holders_by_item(connection, [each.id for each in reports.values()])
        for department in (each for each in departments if each.id in deadline.departments):
            report = reports.get(department.id)
            holders = (
                tuple(names[each.person] for each in held.get(report.id, []))
                if report is not None
                else ()
            )
            cell = _cell(
                context,
                connection,
                deadline,
                department,
                report,
                holders,
                _reminded(ledger, deadline, department),
            )
            obligation = (deadline.campaign, deadline.kind, department.id)
            if report is None and obligation in owed.met:
                cell = replace(cell, standing=Standing.DONE, is_late=False)
            if cell.standing is Standing.AWAITING_APPROVAL:
                cell = replace(cell, approved_by=approved_by(owed, obligation, directory))
            cells.append(cell)
    return cells


def _reports(
    context: Context, connection: Connection, deadline: Deadline, owed: Obligations
) -> Mapping[DepartmentId, Item]:
    """Return the report that tells how far each department is: the furthest as met as it is.

    What waits for the head tells more than a draft, and of what is as far the newest.
    """
    found = items.items_by_id(
        connection, deadlines.reports_of(connection, deadline.campaign, deadline.kind)
    )

    def weight(item: Item) -> tuple[bool, int, int]:
        book = context.rulebooks.of(connection, item.definition_hash)
        is_met = (deadline.campaign, deadline.kind, item.department) in owed.met
        return (
            book.is_handed_in(item.state) is is_met,
            _ORDER.index(book.obligation_stage(item.state)),
            item.id,
        )

    return {each.department: each for each in sorted(found.values(), key=weight)}


def _reminded(
    ledger: Sequence[LedgerRow], deadline: Deadline, department: Department
) -> datetime | None:
    sent = [
        row.at
        for row in ledger
        if row.deadline == deadline.id
        and row.state is ReminderState.SENT
        and department.id in row.departments
    ]
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
    now = context.clock()
    book = context.rulebooks.of(connection, report.definition_hash) if report is not None else None
    entries = history.entries_of(connection, report.subject) if report is not None else []
    delivered_at = _delivered_at(context, connection, report, entries)
    return Cell(
        deadline=deadline,
        department=department,
        standing=_standing(book, report),
        code=report.code if report is not None else None,
        state=book.states[report.state].label_now
        if book is not None and report is not None
        else "",
        holders=holders,
        delivered_at=delivered_at,
        is_late=(delivered_at or now) > deadline.due_at,
        returns=sum(_is_return(context, connection, entry) for entry in entries),
        reminded_at=reminded_at,
    )


def _is_return(context: Context, connection: Connection, entry: StoredEntry) -> bool:
    """Return whether an entry returns the report for what it says, not along with another."""
    payload = entry.fact.payload
    if isinstance(payload, Decision) and payload.carried_by is not None:
        return False
    taken = (
        transition_of(context, connection, entry) if entry.type == EntryType.TRANSITION else None
    )
    return taken is not None and bool(taken.is_return)


def _standing(book: Rulebook | None, report: Item | None) -> Standing:
    if book is None or report is None:
        return Standing.MISSING
    match book.obligation_stage(report.state):
        case ObligationStage.HANDED_IN:
            return Standing.DONE if book.states[report.state].final else Standing.IN_APPROVAL
        case ObligationStage.AWAITING_APPROVAL:
            return Standing.AWAITING_APPROVAL
        case ObligationStage.DRAFTING:
            return Standing.DRAFTING
        case ObligationStage.GIVEN_UP:
            return Standing.MISSING


def _delivered_at(
    context: Context, connection: Connection, report: Item | None, entries: Sequence[StoredEntry]
) -> datetime | None:
    """Return when the report last came to meet its obligation; None while that is open."""
    if report is None:
        return None
    book = context.rulebooks.of(connection, report.definition_hash)
    if not book.is_handed_in(report.state):
        return None
    delivered: datetime | None = None
    was_met = False
    for entry in entries:
        # An entry is read by the definition it was made under: a migration may have renamed the
        # state since.
        then = (
            context.rulebooks.of(connection, entry.fact.definition_hash)
            if entry.fact.definition_hash
            else book
        )
        state = entry.fact.to_state or ""
        is_met = then.is_handed_in(state) if state in then.states else was_met
        if is_met and not was_met:
            delivered = entry.at
        was_met = is_met
    return delivered
