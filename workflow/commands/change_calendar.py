"""Set a day of the working calendar: worked or not, by which notice.

Owns what the Office sets over the file of the calendar, and that all that is due follows in the
same transaction: deadlines that would fall on a rest day, and the steps of open items. Days that
are past stay as they were: what was late then was late.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from workflow import values
from workflow.command import Command
from workflow.commands.deadlines import SetDeadline, write_deadline
from workflow.commands.execute import Transaction
from workflow.commands.keep_calendar import calendar_set
from workflow.commands.recording import record_by, redate, touch_directory
from workflow.context import CALENDAR
from workflow.deadlines import Deadline, reminded_by_hand
from workflow.events import CalendarMoved
from workflow.lookups.calendar_changes import (
    CalendarDay,
    CalendarMoves,
    calendar_moves,
    changed_calendar,
    require_as_seen,
)
from workflow.lookups.deadline_terms import DeadlineTerms
from workflow.lookups.obligations import obligations
from workflow.model import ItemId, PersonId
from workflow.people import require_office
from workflow.store import definitions, held_items
from workflow.store.history import StoredEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCalendar(Command[str]):
    """Set a day of the calendar; the outcome is the day (ISO).

    ``seen``: the mark of the day as it was shown; empty where nothing was.
    """

    set: CalendarDay
    seen: str = ""

    @property
    def contends_for(self) -> str:
        """Return what this command contends for."""
        return "setup"


def change_calendar(transaction: Transaction, command: ChangeCalendar) -> str:
    """Set the day, and move what is due; return the day."""
    context, connection, cause = transaction.context, transaction.connection, command.cause
    require_office(transaction.directory.active(cause.actor))
    recorded = definitions.locked_setting(connection, CALENDAR)
    require_as_seen(context, recorded, command.set.day, command.seen)
    then = changed_calendar(context, recorded, command.set)
    moves = calendar_moves(context, connection, then)
    text = then.terms(then.local_day(transaction.now).year)
    definitions.put_setting(connection, CALENDAR, text)
    touch_directory(transaction)
    record_by(
        transaction,
        cause,
        "agency",
        calendar_set(text, day=str(command.set.day)),
        texts={"comment": values.line(command.set.notice)} if command.set.notice else {},
    )
    for deadline, due_at in moves.deadlines:
        _move_deadline(transaction, command, deadline, due_at)
    for item, due_at in moves.items:
        redate(transaction, cause, item, due_at)
    transaction.emit(_calendar_moved(transaction, command, moves))
    return str(command.set.day)


def _calendar_moved(
    transaction: Transaction, command: ChangeCalendar, moves: CalendarMoves
) -> Iterator[CalendarMoved]:
    """Yield what each person hears, who owes or holds what has moved; whoever set the day knows."""
    connection, directory = transaction.connection, transaction.directory
    owed = obligations(transaction.context, connection)
    reports: dict[PersonId, list[int]] = {}
    for deadline, _ in moves.deadlines:
        owing = [(deadline.campaign, deadline.kind, each) for each in deadline.departments]
        reached = [
            person
            for each in owing
            if each not in owed.met
            for person in reminded_by_hand(each, owed, directory)
        ]
        for person in dict.fromkeys(reached):
            reports.setdefault(person, []).append(deadline.id)
    held: dict[PersonId, list[ItemId]] = {}
    found = held_items.holders_by_item(connection, [item.id for item, _ in moves.items])
    for item_id, holders in found.items():
        for person in dict.fromkeys(each.person for each in holders):
            held.setdefault(person, []).append(item_id)
    for person in sorted({*reports, *held} - {command.cause.actor}):
        yield CalendarMoved(
            person=person,
            day=command.set.day,
            occurrence=command.cause.command_id,
            deadlines=tuple(reports.get(person, ())),
            items=tuple(held.get(person, ())),
        )


def _move_deadline(
    transaction: Transaction, command: ChangeCalendar, deadline: Deadline, due_at: datetime
) -> None:
    cause = replace(command.cause, command_id=f"{command.cause.command_id}:deadline:{deadline.id}")
    terms = DeadlineTerms(
        campaign=deadline.campaign,
        kind=deadline.kind,
        departments=deadline.departments,
        due_at=due_at,
        roll=deadline.roll,
        ladder=deadline.ladder,
        name=deadline.name,
        data_until=deadline.data_until,
    )
    write_deadline(transaction, SetDeadline(cause=cause, terms=terms), terms, deadline)


def recall_day(_connection: Connection, command: ChangeCalendar, _made: StoredEntry) -> str:
    """Return the day that a command set when it ran before."""
    return str(command.set.day)
