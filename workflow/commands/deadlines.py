"""Set and change deadlines, and remind a department now.

The Office answers for them (the plan, III.2a). Changing one recomputes what has not been sent in
the same transaction, and every change is an entry in the deadline's history.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import orjson
from sqlalchemy import Connection

from workflow import values
from workflow.canonical import instant
from workflow.command import Command, DeadlineCommand
from workflow.commands.execute import Transaction
from workflow.commands.recording import record_by
from workflow.context import SetBrokenError
from workflow.deadlines import (
    Deadline,
    Obligations,
    Repeats,
    reminded_by_hand,
)
from workflow.errors import (
    InvalidRefusal,
    NotFoundRefusal,
    Reason,
    StaleRefusal,
    reason,
)
from workflow.history import agency_payloads, payloads
from workflow.history.payloads import Payload
from workflow.lookups.deadline_terms import DeadlineTerms, checked_series
from workflow.lookups.obligations import obligations
from workflow.messages import lazy
from workflow.model import DepartmentId, PersonId, ReminderReason
from workflow.office_events import DepartmentReminded
from workflow.people import require_office
from workflow.store import deadlines, history, reminder_ledger
from workflow.store.deadlines import ladder_json
from workflow.store.history import StoredEntry
from workflow.store.instants import written

_MESSAGE_LIMIT = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class SetDeadline(Command[int]):
    """Create a deadline, or change the one with ``deadline`` as id at a known version.

    ``repeats``: a new deadline is the first of a series; each occurrence becomes a deadline of its
    own.
    """

    terms: DeadlineTerms
    confirm: bool = False
    deadline: int | None = None
    version: int | None = None
    repeats: Repeats | None = None

    @property
    def contends_for(self) -> str | None:
        """Return what this command contends for."""
        return None if self.deadline is None else f"deadline:{self.deadline}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemindNow(DeadlineCommand["Reminded"]):
    """Remind one department of a deadline now, in the Office's own words."""

    department: DepartmentId
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedReport:
    """What one department owes by one deadline."""

    deadline: int
    department: DepartmentId


@dataclass(frozen=True, slots=True, kw_only=True)
class RemindGroup(Command[int]):
    """Remind several departments now, in one message: those that still owe, all or none.

    Answers how many were reminded.
    """

    reports: tuple[OwedReport, ...]
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminded:
    """Who was reminded."""

    deadline: int
    department: DepartmentId
    people: tuple[PersonId, ...]
    at: datetime


def set_deadline(transaction: Transaction, command: SetDeadline) -> int:
    """Set or change a deadline; return its id, of a series the first occurrence's."""
    require_office(transaction.directory.active(command.cause.actor))
    before = None
    if command.deadline is not None:
        before = deadlines.find_deadline(transaction.connection, command.deadline)
        if before is None:
            raise NotFoundRefusal(lazy("the deadline"))
        if command.version is not None and command.version != before.version:
            raise StaleRefusal(state="", version=before.version, given=command.version, last=None)
    series = checked_series(
        transaction.context,
        transaction.connection,
        command.terms,
        command.repeats,
        is_confirmed=command.confirm,
        had=before.due_at if before is not None else None,
    )
    first = write_deadline(transaction, command, series[0], before)
    for number, each in enumerate(series[1:], 2):
        cause = replace(command.cause, command_id=f"{command.cause.command_id}:{number}")
        write_deadline(transaction, replace(command, cause=cause), each, None, series=first)
    return first


def write_deadline(
    transaction: Transaction,
    command: SetDeadline,
    terms: DeadlineTerms,
    before: Deadline | None,
    *,
    series: int | None = None,
) -> int:
    """Write checked terms: a new deadline, or a change of ``before``.

    What has not been sent is planned anew. Return its id.

    ``series``: the id of the first deadline of the series that a new one belongs to.
    """
    now = transaction.now
    has_moved = before is None or before.due_at != terms.due_at or before.ladder != terms.ladder
    values = {
        "due_at": written(terms.due_at),
        "roll": terms.roll.value,
        "ladder": orjson.dumps(ladder_json(terms.ladder)).decode(),
        "planned_from": written(now if before is None or has_moved else before.planned_from),
        "version": 1 if before is None else before.version + 1,
        "name": terms.name,
        "data_until": terms.data_until,
    }
    if before is None:
        opening = {
            "campaign": terms.campaign,
            "kind": terms.kind,
            "created_at": written(now),
            "series": series,
        }
        deadline_id = deadlines.insert_deadline(
            transaction.connection, {**values, **opening}, terms.departments
        )
    else:
        deadline_id = before.id
        if not deadlines.update_deadline(transaction.connection, before, values, terms.departments):
            raise SetBrokenError
        if has_moved:
            reminder_ledger.supersede_deadline(
                transaction.connection, deadline_id, ReminderReason.DEADLINE_MOVED.value
            )
    record_by(
        transaction,
        command.cause,
        f"deadline:{deadline_id}",
        _payload(terms, is_new=before is None),
    )
    return deadline_id


def _payload(terms: DeadlineTerms, *, is_new: bool) -> Payload:
    kind = agency_payloads.DeadlineSet if is_new else agency_payloads.DeadlineChanged
    return kind(
        campaign=terms.campaign,
        kind=terms.kind,
        departments=terms.departments,
        due_at=terms.due_at,
        roll=terms.roll.value,
        ladder=tuple(
            agency_payloads.RecordedRung(
                days=rung.days, to=tuple(map(str, rung.to)), words=rung.words or ""
            )
            for rung in terms.ladder
        ),
        name=terms.name or "",
        data_until=terms.data_until or None,
    )


def remind_now(transaction: Transaction, command: RemindNow) -> Reminded:
    """Remind departments now; answer who gets the mail."""
    require_office(transaction.directory.active(command.cause.actor))
    deadline = deadlines.find_deadline(transaction.connection, command.deadline)
    if deadline is None:
        raise NotFoundRefusal(lazy("the deadline"))
    owed = obligations(transaction.context, transaction.connection)
    needless = _needs_none(deadline, command.department, owed)
    if problems := [*filter(None, (needless, _message_problem(command.message)))]:
        raise InvalidRefusal(*problems)
    return _remind(transaction, command, deadline, owed, transaction.now)


def remind_group(transaction: Transaction, command: RemindGroup) -> int:
    """Remind whoever still owes one of the reports; what was delivered meanwhile is left out."""
    require_office(transaction.directory.active(command.cause.actor))
    if problem := _message_problem(command.message):
        raise InvalidRefusal(problem)
    if not command.reports:
        raise InvalidRefusal(reason("owing", "Choose at least one report to be reminded of."))
    connection = transaction.connection
    owed = obligations(transaction.context, connection)
    known = {each.id: each for each in deadlines.all_deadlines(connection)}
    due = [
        (known[each.deadline], each.department)
        for each in dict.fromkeys(command.reports)
        if each.deadline in known and not _needs_none(known[each.deadline], each.department, owed)
    ]
    for place, (deadline, department) in enumerate(due):
        one = RemindNow(
            deadline=deadline.id,
            department=department,
            message=command.message,
            cause=replace(command.cause, command_id=_id_of(command, place)),
        )
        # The ledger keeps one reminder by hand a person, deadline and instant.
        _remind(transaction, one, deadline, owed, transaction.now + timedelta(microseconds=place))
    return len(due)


def recall_group(connection: Connection, command: RemindGroup, _made: StoredEntry) -> int:
    """Return how many a command reminded when it ran before."""
    ids = [_id_of(command, place) for place in range(len(command.reports))]
    made = history.entries_by_command(connection, ids)
    return sum((command.cause.actor, each) in made for each in ids)


def _id_of(command: RemindGroup, place: int) -> str:
    """Return the command id of one reminder of a group; the first has the group's own."""
    return f"{command.cause.command_id}:{place}" if place else command.cause.command_id


def _remind(
    transaction: Transaction,
    command: RemindNow,
    deadline: Deadline,
    owed: Obligations,
    at: datetime,
) -> Reminded:
    obligation = (deadline.campaign, deadline.kind, command.department)
    reached = reminded_by_hand(obligation, owed, transaction.directory)
    message = values.lines(command.message)
    record_by(
        transaction,
        command.cause,
        f"deadline:{command.deadline}",
        agency_payloads.RemindedNow(department=command.department, people=reached),
        texts={"message": message},
    )
    occurrence = instant(at)
    transaction.emit(
        [
            DepartmentReminded(
                deadline=deadline.id,
                department=command.department,
                person=person,
                message=message,
                occurrence=occurrence,
            )
            for person in reached
        ],
    )
    return Reminded(
        deadline=deadline.id,
        department=command.department,
        people=reached,
        at=transaction.now,
    )


def recall_reminded(_connection: Connection, command: RemindNow, made: StoredEntry) -> Reminded:
    """Return whom a command reminded when it ran before."""
    said = payloads.narrow(made.fact.payload, agency_payloads.RemindedNow)
    return Reminded(
        deadline=command.deadline, department=command.department, people=said.people, at=made.at
    )


def _needs_none(deadline: Deadline, department: DepartmentId, owed: Obligations) -> Reason | None:
    """Return why a department need not be reminded of a deadline, or None."""
    if department not in deadline.departments:
        return reason(
            "department",
            "This deadline does not concern the department “{department}”.",
            department=department,
        )
    if (deadline.campaign, deadline.kind, department) in owed.met:
        return reason("met", "This department has delivered its report, so it needs no reminder.")
    return None


def _message_problem(message: str) -> Reason | None:
    wrong = values.lines_fault(message, _MESSAGE_LIMIT)
    if not wrong:
        return None
    return reason("message", "Write the reminder. The reminder {wrong}", wrong=wrong)
