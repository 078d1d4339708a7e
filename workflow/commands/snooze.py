"""Put off being reminded of a deadline until a later working day before it.

One's own reminders, nobody else's.

What goes after the due day is never put off, and what the Office sends by hand neither.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from workflow.command import DeadlineCommand
from workflow.commands.execute import Transaction
from workflow.commands.recording import record_by
from workflow.deadlines import Deadline, Obligations, Roll, recipients_of
from workflow.errors import InvalidRefusal, NotFoundRefusal, reason
from workflow.history import agency_payloads, payloads
from workflow.lookups.obligations import obligations
from workflow.messages import lazy
from workflow.model import PersonId
from workflow.people import Directory
from workflow.store import deadlines
from workflow.store.history import StoredEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class SnoozeReminders(DeadlineCommand[date | None]):
    """Put off the actor's reminders of a deadline until a local day.

    None: be reminded as planned again.
    """

    until: date | None


def is_reminded(
    directory: Directory, owed: Obligations, deadline: Deadline, person: PersonId
) -> bool:
    """Return whether a rung before the due day reaches ``person``."""
    audiences = {each for rung in deadline.ladder if rung.days < 0 for each in rung.to}
    return any(
        person
        in recipients_of(audiences, (deadline.campaign, deadline.kind, department), owed, directory)
        for department in deadline.departments
    )


def recall_snoozed(_connection: Connection, _command: object, made: StoredEntry) -> date | None:
    """Return the day that reminders were put off to."""
    until = payloads.narrow(made.fact.payload, agency_payloads.RemindersSnoozed).until
    return date.fromisoformat(until) if until else None


def snooze_reminders(transaction: Transaction, command: SnoozeReminders) -> date | None:
    """Put reminders off; answer the working day, None where they go as planned."""
    now, directory = transaction.now, transaction.directory
    deadline = deadlines.find_deadline(transaction.connection, command.deadline)
    person = directory.active(command.cause.actor)
    owed = obligations(transaction.context, transaction.connection)
    if deadline is None or person is None or not is_reminded(directory, owed, deadline, person.id):
        raise NotFoundRefusal(lazy("the deadline that you are reminded of"))
    until = None
    if command.until is not None:
        calendar = transaction.context.calendar
        today, due_day = calendar.local_day(now), calendar.local_day(deadline.due_at)
        if today < command.until < due_day:
            until = calendar.local_day(
                calendar.roll(calendar.at(command.until, calendar.opens_at), Roll.NEXT)
            )
        if until is None or until >= due_day:
            raise InvalidRefusal(
                reason(
                    "until",
                    "Reminders can be put off only to a working day after today and "
                    "before the deadline ({due}). Overdue reminders cannot be put off.",
                    due=due_day.strftime("%d/%m/%Y"),
                )
            )
    deadlines.put_snooze(
        transaction.connection,
        deadline.id,
        person.id,
        until,
        today=transaction.context.calendar.local_day(now),
    )
    payload = agency_payloads.RemindersSnoozed(
        until=until.isoformat() if until is not None else None
    )
    record_by(transaction, command.cause, f"deadline:{deadline.id}", payload)
    return until
