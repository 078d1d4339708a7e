"""Put off being reminded of a deadline until a later working day before it: one's own reminders, nobody else's.

What goes after the due day is never put off, and what the Office sends by hand neither.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from workflow.commands.replays import made_by
from workflow.context import Context, fact_by, record
from workflow.deadlines import Deadline, Obligations, Roll, recipients_of
from workflow.errors import InvalidRefusal, NotFoundRefusal, Refusal, reason
from workflow.history import payloads
from workflow.lookups.obligations import obligations
from workflow.messages import lazy
from workflow.model import Method, PersonId, Via
from workflow.people import Directory
from workflow.store import deadlines
from workflow.store.history import StoredEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class SnoozeReminders:
    """Put off the actor's reminders of a deadline until a local day; None: be reminded as planned again."""

    deadline: int
    until: date | None
    actor: PersonId
    via: Via
    method: Method
    command_id: str
    digest: str

    @property
    def key(self) -> str:
        """Return what this command contends for."""
        return f"deadline:{self.deadline}"


def snooze_reminders(
    context: Context, connection: Connection, commands: Sequence[SnoozeReminders]
) -> list[date | Refusal | None]:
    """Put reminders off; answer the working day each is put off to, None where they go as planned."""
    return [_snooze(context, connection, command) for command in commands]


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


def _put_off_to(made: StoredEntry) -> date | None:
    until = payloads.narrow(made.fact.payload, payloads.RemindersSnoozed).until
    return date.fromisoformat(until) if until else None


def _snooze(
    context: Context, connection: Connection, command: SnoozeReminders
) -> date | Refusal | None:
    made = made_by(connection, command)
    if made is not None:
        return made if isinstance(made, Refusal) else _put_off_to(made)
    now = context.clock()
    directory = context.directory(connection, now)
    deadline = deadlines.find_deadline(connection, command.deadline)
    if (
        deadline is None
        or directory.active(command.actor) is None
        or not is_reminded(directory, obligations(context, connection), deadline, command.actor)
    ):
        return NotFoundRefusal(lazy("the deadline that you are reminded of"))
    until = None
    if command.until is not None:
        calendar = context.calendar
        today, due_day = calendar.local_day(now), calendar.local_day(deadline.due_at)
        if today < command.until < due_day:
            until = calendar.local_day(
                calendar.roll(calendar.at(command.until, calendar.opens_at), Roll.NEXT)
            )
        if until is None or until >= due_day:
            return InvalidRefusal(
                reason(
                    "until",
                    "Reminders can be put off only to a working day after today and "
                    "before the deadline ({due}). Overdue reminders cannot be put off.",
                    due=due_day.strftime("%d/%m/%Y"),
                )
            )
    deadlines.put_snooze(
        connection, deadline.id, command.actor, until, today=context.calendar.local_day(now)
    )
    payload = payloads.RemindersSnoozed(until=until.isoformat() if until is not None else None)
    record(
        context,
        connection,
        fact_by(context, command, f"deadline:{deadline.id}", payload),
        digest=command.digest,
    )
    return until
