"""Reminders: from the plan to the ledger and the outbox.

Owns what the tick writes about reminders. What is due is computed as a pure function in a thread
and written in pieces; the ledger's unique key makes planning once or a thousand times, in one
process or eight, the same. One digest per person carries what is due.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import ClassVar

import structlog
from sqlalchemy import Connection

from notifications.mail_health import LAST_REMINDED, LAST_TICK, note_failures, troubles
from notifications.occasions import RemindersDue, WeekBegan
from notifications.outbox import Outbox
from notifications.reminder_register import ReminderRow, from_ledger, from_plan
from workflow.command import Upkeep
from workflow.commands.execute import Transaction, UseCases, one_by_one
from workflow.context import Context
from workflow.deadlines import (
    REMINDS_AT,
    Deadline,
    PlannedReminder,
    Roll,
    plan,
    rung_instant,
    split_due,
)
from workflow.lookups.obligations import obligations
from workflow.model import OFFICE, PersonId, ReminderReason, ReminderState
from workflow.queries.attention import concerns
from workflow.store import deadlines, definitions, reminder_ledger
from workflow.store.instants import read, written

log = structlog.get_logger()
PIECE = 500
_LAST_WEEKLY = "last_weekly"
_LOOKS_BACK = timedelta(minutes=5)
WEEKLY_ON = 0
"""The weekday of the Office's weekly digest: Monday, or the next working day of that week."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddReminders(Upkeep[tuple[int, int]]):
    """Put what came due into the ledger and its digests into the outbox.

    What was overtaken is marked so. Answers how many reminders were new, and how many overtaken.
    """

    due: tuple[PlannedReminder, ...]
    overtaken: tuple[PlannedReminder, ...]
    contends_for: ClassVar[str] = "reminders"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteTick(Upkeep[None]):
    """Remember when the clock last ticked, and which of its phases failed.

    ``reminded_at``: up to when rungs were looked for; None where that phase failed, and the next
    tick looks from where the last ended.
    """

    at: datetime
    reminded_at: datetime | None
    failed: Mapping[str, str]
    contends_for: ClassVar[str] = "tick"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddWeekly(Upkeep[None]):
    """Write the Office's digest of a week, to each of its people; without news, only note it."""

    week: str
    has_news: bool
    contends_for: ClassVar[str] = "reminders"


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What came due up to ``at``: reminders by person, and those that a later rung overtook."""

    at: datetime
    reminders: tuple[PlannedReminder, ...] = ()
    overtaken: tuple[PlannedReminder, ...] = ()


def _note_tick(transaction: Transaction, command: NoteTick) -> None:
    connection = transaction.connection
    definitions.put_setting(connection, LAST_TICK, written(command.at) or "")
    if command.reminded_at is not None:
        definitions.put_setting(connection, LAST_REMINDED, written(command.reminded_at) or "")
    note_failures(connection, command.failed, command.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminders:
    """Plans and writes reminders of one agency."""

    context: Context
    outbox: Outbox
    _instants: dict[tuple[int, int], tuple[datetime, ...]] = field(default_factory=dict)
    """When the rungs of each deadline go, by its id and version."""

    def use_cases(self) -> UseCases:
        """Return how each command of the tick is run."""
        return {
            AddReminders: one_by_one(AddReminders, self._add),
            NoteTick: one_by_one(NoteTick, _note_tick),
            AddWeekly: one_by_one(AddWeekly, self._add_weekly),
        }

    def _add_weekly(self, transaction: Transaction, command: AddWeekly) -> None:
        """Write a week's digests; those that are there already stay as they are."""
        office = transaction.directory.in_positions(OFFICE)
        definitions.put_setting(transaction.connection, _LAST_WEEKLY, command.week)
        if command.has_news:
            mails = [WeekBegan(person=each.id, week=command.week) for each in office]
            self.outbox.add(transaction.connection, mails)

    def weekly_due(self, connection: Connection) -> AddWeekly | None:
        """Return the digest of this week, if it is time for it and none was looked for yet."""
        now, calendar = self.context.clock(), self.context.calendar
        today = calendar.local_day(now)
        monday = today - timedelta(days=today.weekday())
        day = calendar.roll(calendar.at(monday + timedelta(days=WEEKLY_ON), REMINDS_AT), Roll.NEXT)
        week = monday.isoformat()
        if (
            now < day
            or calendar.local_day(day) != today
            or definitions.setting(connection, _LAST_WEEKLY) == week
        ):
            return None
        return AddWeekly(
            week=week,
            has_news=bool(concerns(self.context, connection) or troubles(self.context, connection)),
        )

    def due(self, connection: Connection) -> Due:
        """Return what is due now and what was overtaken, without what the ledger already has.

        Most ticks find no rung in that time and read only which deadlines there are.
        """
        now = self.context.clock()
        last = definitions.setting(connection, LAST_REMINDED)
        since = _window(read(last or definitions.setting(connection, LAST_TICK)), now)
        wanted = self._with_rungs_between(connection, since, now)
        if not wanted:
            return Due(at=now)
        every = self._plan(connection, wanted)
        recent = [each for each in every if since is None or each.at > since]
        due, overtaken = split_due(recent, now)
        known = reminder_ledger.ledger_keys(connection, {each.deadline for each in due})
        return Due(
            at=now,
            reminders=tuple(sorted((each for each in due if each.key not in known), key=_person)),
            overtaken=tuple(each for each in overtaken if each.key not in known),
        )

    def _with_rungs_between(
        self, connection: Connection, since: datetime | None, now: datetime
    ) -> list[Deadline]:
        """Return the deadlines with a rung, or a snooze's end, after ``since`` up to ``now``."""
        versions = deadlines.deadline_versions(connection)
        if any(each not in self._instants for each in versions):
            self._instants.clear()
            every = deadlines.all_deadlines(connection)
            self._instants.update(
                ((each.id, each.version), self._rung_instants(each) or ()) for each in every
            )
        ends: dict[int, list[datetime]] = {}
        for (identity, _), until in deadlines.snoozes(connection).items():
            ends.setdefault(identity, []).append(self.context.calendar.at(until, REMINDS_AT))
        has_come = {
            identity
            for identity, version in versions
            if any(
                (since is None or at > since) and at <= now
                for at in (*self._instants.get((identity, version), ()), *ends.get(identity, ()))
            )
        }
        if not has_come:
            return []
        return [each for each in self._within_calendar(connection) if each.id in has_come]

    def _within_calendar(self, connection: Connection) -> list[Deadline]:
        every = deadlines.all_deadlines(connection)
        return [each for each in every if self._rung_instants(each) is not None]

    def _rung_instants(self, deadline: Deadline) -> tuple[datetime, ...] | None:
        """Return when the rungs of a deadline go; None where the calendar does not reach so far.

        Such a deadline reminds nobody, and stops no other.
        """
        try:
            return tuple(
                rung_instant(deadline, rung, self.context.calendar) for rung in deadline.ladder
            )
        except (OverflowError, ValueError):
            log.warning("a deadline lies beyond the calendar", deadline=deadline.id)
            return None

    def planned(self, connection: Connection) -> list[PlannedReminder]:
        """Return every reminder of every deadline, by the people, reports and calendar of now."""
        return self._plan(connection, self._within_calendar(connection))

    def _plan(self, connection: Connection, wanted: list[Deadline]) -> list[PlannedReminder]:
        return plan(
            wanted,
            obligations(self.context, connection),
            self.context.directory(connection, self.context.clock()),
            self.context.calendar,
            deadlines.snoozes(connection),
        )

    def rows(self, connection: Connection) -> list[ReminderRow]:
        """Return what went and what will go, in order of instant."""
        ledger = reminder_ledger.ledger(connection)
        known = {(row.deadline, row.rung, row.person, row.due_on) for row in ledger}
        now, planned = self.context.clock(), self.planned(connection)
        coming = [each for each in planned if each.key not in known and each.at > now]
        rows = [*map(from_ledger, ledger), *map(from_plan, coming)]
        return sorted(rows, key=lambda row: (row.at, row.deadline, row.rung, row.person))

    def _add(self, transaction: Transaction, command: AddReminders) -> tuple[int, int]:
        """Add what another process has not added since; all of it is durable at the commit."""
        connection = transaction.connection
        known = reminder_ledger.ledger_keys(
            connection, {each.deadline for each in (*command.due, *command.overtaken)}
        )
        due = [each for each in command.due if each.key not in known]
        overtaken = [each for each in command.overtaken if each.key not in known]
        reminder_ledger.add_reminders(
            connection,
            overtaken,
            state=ReminderState.SUPERSEDED,
            reason=ReminderReason.OVERTAKEN.value,
            messages={},
        )
        groups = [list(each) for _, each in groupby(sorted(due, key=_person), key=_person)]
        digests = [self._digest(each) for each in groups]
        self.outbox.add(connection, digests)
        messages = self.outbox.ids_of(connection, digests)
        reminder_ledger.add_reminders(
            connection,
            due,
            state=ReminderState.PLANNED,
            reason=ReminderReason.RUNG.value,
            messages={each.person: id_ for each, id_ in zip(digests, messages, strict=True)},
        )
        return len(due), len(overtaken)

    def _digest(self, group: list[PlannedReminder]) -> RemindersDue:
        """Return the one mail of a person's reminders."""
        first, now, calendar = group[0], self.context.clock(), self.context.calendar
        today = calendar.local_day(now)
        # A rung of this very day is not late, whatever the hour; one that is caught up with waits
        # for working hours.
        is_of_today = any(calendar.local_day(each.at) == today for each in group)
        return RemindersDue(
            person=first.person,
            day=today,
            deadline=first.deadline,
            rung=first.rung,
            due_on=first.due_on,
            leaves_at=now if is_of_today else calendar.next_opening(now),
        )


def _window(last: datetime | None, now: datetime) -> datetime | None:
    """Return since when rungs are looked for.

    None is since ever, where no tick is known or it lies ahead of ``now``. Else it is five minutes
    before the last tick, for machines whose clocks differ and for deadlines that were being written
    while it looked; what it had seen stands in the ledger.
    """
    return last - _LOOKS_BACK if last is not None and last <= now else None


def _person(reminder: PlannedReminder) -> PersonId:
    return reminder.person


def pieces(due: Due) -> Iterator[AddReminders]:
    """Yield what is due in pieces of about five hundred, each person's digest in one of them."""
    piece: list[PlannedReminder] = []
    for _, group in groupby(due.reminders, key=_person):
        piece += group
        if len(piece) >= PIECE:
            yield AddReminders(due=tuple(piece), overtaken=())
            piece = []
    if piece:
        yield AddReminders(due=tuple(piece), overtaken=())
    for start in range(0, len(due.overtaken), PIECE):
        yield AddReminders(due=(), overtaken=due.overtaken[start : start + PIECE])
