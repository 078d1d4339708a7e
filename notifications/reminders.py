"""Reminders: from the plan to the ledger and the outbox.

Owns the tick. What is due is computed as a pure function in a thread and written in pieces; the ledger's unique key
makes planning once or a thousand times, in one process or eight, the same. One digest per person carries what is due.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Connection

from notifications.messages import Kind
from notifications.outbox import NewMessage, Outbox
from notifications.troubles import LAST_TICK, troubles
from workflow.database import Database
from workflow.deadlines import REMINDS_AT, PlannedReminder, Roll, plan, split_due
from workflow.model import OFFICE, PersonId
from workflow.service import Context, RefreshHolders, due_timers, obligations
from workflow.service.watching import concerns
from workflow.store import deadlines, definitions
from workflow.store.deadlines import LedgerRow
from workflow.store.instants import written

PIECE = 500
_LAST_WEEKLY = "last_weekly"
WEEKLY_ON = 0
"""The weekday of the Office's weekly digest: Monday, or the next working day of that week."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddReminders:
    """Put what came due into the ledger, and its digests into the outbox; what was overtaken, marked so."""

    due: tuple[PlannedReminder, ...]
    overtaken: tuple[PlannedReminder, ...]
    key: str = "reminders"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteTick:
    """Remember when the clock last ticked, for the health page and the demo's clock."""

    at: datetime
    key: str = "tick"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddWeekly:
    """Write the Office's digest of a week, one for each of its people."""

    week: str
    key: str = "reminders"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderRow:
    """One reminder as the Office reads it: planned, sent, superseded or failed, with its reason."""

    deadline: int
    rung: int
    person: PersonId
    departments: tuple[str, ...]
    at: datetime
    state: str
    reason: str
    message_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminders:
    """Plans and writes reminders of one agency."""

    context: Context
    outbox: Outbox

    def runners(self) -> dict[type, Callable[..., Sequence[Any]]]:
        """Return how the committer runs the commands of the tick."""
        return {AddReminders: self.add, NoteTick: self.note, AddWeekly: self.add_weekly}

    def add(self, connection: Connection, commands: Sequence[AddReminders]) -> list[tuple[int, int]]:
        """Run additions; answer how many reminders were new, planned and overtaken."""
        return [self._add(connection, command) for command in commands]

    def note(self, connection: Connection, commands: Sequence[NoteTick]) -> list[None]:
        """Remember ticks."""
        for command in commands:
            definitions.put_setting(connection, LAST_TICK, written(command.at) or "")
        return [None] * len(commands)

    def add_weekly(self, connection: Connection, commands: Sequence[AddWeekly]) -> list[None]:
        """Write weekly digests; those that are there already stay as they are."""
        office = self.context.directory(connection, self.context.clock()).in_positions(OFFICE)
        for command in commands:
            definitions.put_setting(connection, _LAST_WEEKLY, command.week)
            letters = [NewMessage(key=f"weekly:{command.week}:{each.id}", kind=Kind.WEEKLY, person=each.id, params={}) for each in office]
            self.outbox.add(connection, letters)
        return [None] * len(commands)

    def weekly_due(self, connection: Connection) -> AddWeekly | None:
        """Return the digest of this week if it is time for it, nobody wrote it, and there is anything to see to."""
        now, calendar = self.context.clock(), self.context.calendar
        today = calendar.local_day(now)
        monday = today - timedelta(days=today.weekday())
        day = calendar.roll(calendar.at(monday + timedelta(days=WEEKLY_ON), REMINDS_AT), Roll.NEXT)
        week = monday.isoformat()
        if now < day or calendar.local_day(day) != today or definitions.setting(connection, _LAST_WEEKLY) == week:
            return None
        return AddWeekly(week=week) if concerns(self.context, connection) or troubles(self.context, connection) else None

    def due(self, connection: Connection) -> tuple[list[PlannedReminder], list[PlannedReminder]]:
        """Return what is due now and what was overtaken, without what the ledger already has."""
        planned = self.planned(connection)
        due, overtaken = split_due(planned, self.context.clock())
        known = deadlines.ledger_keys(connection, {each.deadline for each in planned})
        return [each for each in due if each.key not in known], [each for each in overtaken if each.key not in known]

    def planned(self, connection: Connection) -> list[PlannedReminder]:
        """Return every reminder of every deadline, by the people, reports and calendar of now."""
        directory = self.context.directory(connection, self.context.clock())
        return plan(deadlines.all_deadlines(connection), obligations(self.context, connection), directory, self.context.calendar)

    def rows(self, connection: Connection) -> list[ReminderRow]:
        """Return what went and what will go, in order of instant."""
        written_down = deadlines.ledger(connection)
        known = {(row.deadline, row.rung, row.person, row.due_on) for row in written_down}
        now = self.context.clock()
        coming = [each for each in self.planned(connection) if each.key not in known and each.at > now]
        rows = [_from_ledger(row) for row in written_down] + [from_plan(each) for each in coming]
        return sorted(rows, key=lambda row: (row.at, row.deadline, row.rung, row.person))

    def _add(self, connection: Connection, command: AddReminders) -> tuple[int, int]:
        known = deadlines.ledger_keys(connection, {each.deadline for each in (*command.due, *command.overtaken)})
        due = [each for each in command.due if each.key not in known]
        overtaken = [each for each in command.overtaken if each.key not in known]
        deadlines.add_reminders(connection, overtaken, state="superseded", reason="Mốc nhắc sau đã đến hạn.", outbox_id=None)
        for person, group in groupby(sorted(due, key=lambda each: each.person), key=lambda each: each.person):
            self._add_digest(connection, person, list(group))
        return len(due), len(overtaken)

    def _add_digest(self, connection: Connection, person: PersonId, group: list[PlannedReminder]) -> None:
        first = group[0]
        now = self.context.clock()
        today = self.context.calendar.local_day(now)
        key = f"reminder:{today.isoformat()}:{person}:{first.deadline}:{first.rung}:{first.due_on}"
        # A rung of this very day is not late, whatever the hour; one that is caught up with waits for working hours.
        is_of_today = any(self.context.calendar.local_day(each.at) == today for each in group)
        next_at = now if is_of_today else self.context.calendar.next_opening(now)
        self.outbox.add(connection, [NewMessage(key=key, kind=Kind.REMINDER, person=person, params={})], next_at)
        deadlines.add_reminders(connection, group, state="planned", reason=_why(first), outbox_id=self.outbox.id_of(connection, key))


async def tick(database: Database, reminders: Reminders) -> tuple[int, int]:
    """Make holders follow the day, let timers fire, and write down every reminder that is due; return how many are new and overtaken."""
    await database.write(RefreshHolders())
    for timer in await database.report(lambda connection: due_timers(reminders.context, connection)):
        await database.write(timer)
    due, overtaken = await database.report(reminders.due)
    planned = superseded = 0
    for start in range(0, max(len(due), len(overtaken)), PIECE):
        piece = AddReminders(due=tuple(due[start : start + PIECE]), overtaken=tuple(overtaken[start : start + PIECE]))
        added, overtaken_now = await database.write(piece)
        planned += added
        superseded += overtaken_now
    if weekly := await database.report(reminders.weekly_due):
        await database.write(weekly)
    await database.write(NoteTick(at=reminders.context.clock()))
    return planned, superseded


def _from_ledger(row: LedgerRow) -> ReminderRow:
    return ReminderRow(
        deadline=row.deadline,
        rung=row.rung,
        person=row.person,
        departments=row.departments,
        at=row.at,
        state=row.state,
        reason=row.reason,
        message_id=row.message_id,
    )


def from_plan(each: PlannedReminder) -> ReminderRow:
    """Return a planned reminder as the Office reads it."""
    return ReminderRow(
        deadline=each.deadline,
        rung=each.rung,
        person=each.person,
        departments=each.departments,
        at=each.at,
        state="superseded" if each.is_met else "planned",
        reason="Phòng đã nộp báo cáo." if each.is_met else _why(each),
        message_id=None,
    )


def _why(reminder: PlannedReminder) -> str:
    if reminder.rung < 0:
        return f"Còn {-reminder.rung} ngày làm việc đến hạn."
    return f"Quá hạn {reminder.rung} ngày làm việc." if reminder.rung else "Đến hạn hôm nay."
