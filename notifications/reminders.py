"""Reminders: from the plan to the ledger and the outbox.

Owns what the tick (``notifications.tick``) writes about reminders. What is due is computed as a pure function in a thread and written in pieces; the ledger's unique key
makes planning once or a thousand times, in one process or eight, the same. One digest per person carries what is due.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import ClassVar

import structlog
from sqlalchemy import Connection

from notifications.mail_health import LAST_REMINDED, LAST_TICK, note_failures, troubles
from notifications.occasions import RemindersDue, WeekBegan
from notifications.outbox import Outbox
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
from workflow.messages import Message as Text
from workflow.messages import lazy, verbatim
from workflow.model import OFFICE, PersonId, ReminderReason, ReminderState
from workflow.queries.attention import concerns
from workflow.store import deadlines, definitions, reminder_ledger
from workflow.store.instants import read, written
from workflow.store.reminder_ledger import LedgerRow

log = structlog.get_logger()
PIECE = 500
_LAST_WEEKLY = "last_weekly"
_LOOKS_BACK = timedelta(minutes=5)
WEEKLY_ON = 0
"""The weekday of the Office's weekly digest: Monday, or the next working day of that week."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddReminders(Upkeep[tuple[int, int]]):
    """Put what came due into the ledger, and its digests into the outbox; what was overtaken, marked so."""

    is_repeatable: ClassVar[bool] = True
    due: tuple[PlannedReminder, ...]
    overtaken: tuple[PlannedReminder, ...]
    contends_for: ClassVar[str] = "reminders"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteTick(Upkeep[None]):
    """Remember when the clock last ticked, for the health page and the demo's clock, and which of its phases failed.

    ``reminded_at``: up to when rungs were looked for; None where that phase failed, and the next tick looks from where the last ended.
    """

    is_repeatable: ClassVar[bool] = True
    at: datetime
    reminded_at: datetime | None
    failed: Mapping[str, str]
    contends_for: ClassVar[str] = "tick"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddWeekly(Upkeep[None]):
    """Write the Office's digest of a week, one for each of its people; or, without news, that there was none to write."""

    is_repeatable: ClassVar[bool] = True
    week: str
    has_news: bool
    contends_for: ClassVar[str] = "reminders"


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What came due up to ``at``: reminders by person, and those that a later rung overtook."""

    at: datetime
    reminders: tuple[PlannedReminder, ...] = ()
    overtaken: tuple[PlannedReminder, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderRow:
    """One reminder as the Office reads it: planned, sent, superseded or failed, with its reason."""

    deadline: int
    rung: int
    person: PersonId
    departments: tuple[str, ...]
    at: datetime
    state: ReminderState
    reason: Text
    message_id: str | None


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
        """Return the digest of this week if it is time for it and nobody has looked what there is to see to."""
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
        """Return what is due now and what was overtaken since the last tick, without what the ledger already has.

        Most ticks find no rung in that time and read only which deadlines there are.
        """
        now = self.context.clock()
        since = _window(
            read(
                definitions.setting(connection, LAST_REMINDED)
                or definitions.setting(connection, LAST_TICK)
            ),
            now,
        )
        wanted = self._with_rungs_between(connection, since, now)
        if not wanted:
            return Due(at=now)
        directory = self.context.directory(connection, now)
        every = plan(
            wanted,
            obligations(self.context, connection),
            directory,
            self.context.calendar,
            deadlines.snoozes(connection),
        )
        due, overtaken = split_due(
            [each for each in every if since is None or each.at > since], now
        )
        known = reminder_ledger.ledger_keys(connection, {each.deadline for each in due})
        return Due(
            at=now,
            reminders=tuple(
                sorted(
                    (each for each in due if each.key not in known), key=lambda each: each.person
                )
            ),
            overtaken=tuple(each for each in overtaken if each.key not in known),
        )

    def _with_rungs_between(
        self, connection: Connection, since: datetime | None, now: datetime
    ) -> list[Deadline]:
        """Return the deadlines that have a rung, or the end of a snooze, after ``since`` up to ``now``."""
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
        return [
            each
            for each in deadlines.all_deadlines(connection)
            if each.id in has_come and self._rung_instants(each) is not None
        ]

    def _rung_instants(self, deadline: Deadline) -> tuple[datetime, ...] | None:
        """Return when the rungs of a deadline go; None where the calendar does not reach so far: it reminds nobody, and stops no other."""
        try:
            return tuple(
                rung_instant(deadline, rung, self.context.calendar) for rung in deadline.ladder
            )
        except (OverflowError, ValueError):
            log.warning("a deadline lies beyond the calendar", deadline=deadline.id)
            return None

    def planned(self, connection: Connection) -> list[PlannedReminder]:
        """Return every reminder of every deadline, by the people, reports and calendar of now."""
        directory = self.context.directory(connection, self.context.clock())
        owed, snoozes = obligations(self.context, connection), deadlines.snoozes(connection)
        within = [
            each
            for each in deadlines.all_deadlines(connection)
            if self._rung_instants(each) is not None
        ]
        return plan(within, owed, directory, self.context.calendar, snoozes)

    def rows(self, connection: Connection) -> list[ReminderRow]:
        """Return what went and what will go, in order of instant."""
        written_down = reminder_ledger.ledger(connection)
        known = {(row.deadline, row.rung, row.person, row.due_on) for row in written_down}
        now = self.context.clock()
        coming = [
            each for each in self.planned(connection) if each.key not in known and each.at > now
        ]
        rows = [_from_ledger(row) for row in written_down] + [from_plan(each) for each in coming]
        return sorted(rows, key=lambda row: (row.at, row.deadline, row.rung, row.person))

    def _add(self, transaction: Transaction, command: AddReminders) -> tuple[int, int]:
        """Add; answer how many reminders were new, planned and overtaken."""
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
            outbox_id=None,
        )
        for person, group in groupby(
            sorted(due, key=lambda each: each.person), key=lambda each: each.person
        ):
            self._add_digest(connection, person, list(group))
        return len(due), len(overtaken)

    def _add_digest(
        self, connection: Connection, person: PersonId, group: list[PlannedReminder]
    ) -> None:
        first = group[0]
        now = self.context.clock()
        today = self.context.calendar.local_day(now)
        digest = RemindersDue(
            person=person,
            day=today,
            deadline=first.deadline,
            rung=first.rung,
            due_on=first.due_on,
        )
        # A rung of this very day is not late, whatever the hour; one that is caught up with waits for working hours.
        is_of_today = any(self.context.calendar.local_day(each.at) == today for each in group)
        next_at = now if is_of_today else self.context.calendar.next_opening(now)
        self.outbox.add(connection, [digest], next_at)
        reminder_ledger.add_reminders(
            connection,
            group,
            state=ReminderState.PLANNED,
            reason=ReminderReason.RUNG.value,
            outbox_id=self.outbox.id_of(connection, digest),
        )


def _window(last: datetime | None, now: datetime) -> datetime | None:
    """Return since when rungs are looked for; None: since ever, where no tick is known or it lies ahead of ``now``.

    Five minutes before the last tick, for machines whose clocks differ and for deadlines that were being written while it looked; what
    it had seen stands in the ledger.
    """
    return last - _LOOKS_BACK if last is not None and last <= now else None


def pieces(due: Due) -> Iterator[AddReminders]:
    """Yield what is due in pieces of about five hundred, never parting what goes to one person: that is one digest."""
    piece: list[PlannedReminder] = []
    for _, group in groupby(due.reminders, key=lambda each: each.person):
        piece += group
        if len(piece) >= PIECE:
            yield AddReminders(due=tuple(piece), overtaken=())
            piece = []
    if piece:
        yield AddReminders(due=tuple(piece), overtaken=())
    for start in range(0, len(due.overtaken), PIECE):
        yield AddReminders(due=(), overtaken=due.overtaken[start : start + PIECE])


def _from_ledger(row: LedgerRow) -> ReminderRow:
    return ReminderRow(
        deadline=row.deadline,
        rung=row.rung,
        person=row.person,
        departments=row.departments,
        at=row.at,
        state=row.state,
        reason=reason_of(row),
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
        state=ReminderState.PLANNED if each.goes else ReminderState.SUPERSEDED,
        reason=_in_words(*_why(each), each.rung),
        message_id=None,
    )


def _why(reminder: PlannedReminder) -> tuple[str, str]:
    """Return why a planned reminder goes, or does not: the reason, and its detail."""
    if reminder.is_met:
        return ReminderReason.MET, ""
    if reminder.snoozed_until is not None:
        return ReminderReason.SNOOZED, reminder.snoozed_until.isoformat()
    return ReminderReason.RUNG, ""


def reason_of(row: LedgerRow) -> Text:
    """Return why a reminder went or did not, to be read in the reader's language."""
    reason, _, detail = row.reason.partition(" ")
    return _in_words(reason, detail, row.rung)


def _in_words(reason: str, detail: str, rung: int) -> Text:
    match reason:
        case ReminderReason.RUNG if rung < 0:
            return lazy(
                "{count} working day until the deadline.",
                "{count} working days until the deadline.",
                count=-rung,
            )
        case ReminderReason.RUNG if rung:
            return lazy("Working days overdue: {rung}.", rung=rung)
        case ReminderReason.SNOOZED:
            until = date.fromisoformat(detail)
            return lazy("The recipient put the reminder off until {until:%d/%m/%Y}.", until=until)
        case ReminderReason.NOT_SENT:
            return lazy("Not sent: {detail}", detail=detail)
        case _ if reason in _REASONS:
            return _REASONS[ReminderReason(reason)]
        case _:
            return verbatim(f"{reason} {detail}")  # a sentence, as earlier programs wrote them


_REASONS = {
    ReminderReason.RUNG: lazy("On the due day itself."),
    ReminderReason.BY_HAND: lazy("The Office reminded directly."),
    ReminderReason.MET: lazy("The department has delivered its report."),
    ReminderReason.OVERTAKEN: lazy("A later reminder has come due."),
    ReminderReason.DEADLINE_MOVED: lazy("The deadline has changed."),
    ReminderReason.RECIPIENT_LEFT: lazy("The recipient no longer works here."),
    ReminderReason.NOTHING_OWED: lazy("The reports were delivered or the deadline has changed."),
    ReminderReason.UNWRITABLE: lazy("The mail could not be written."),
    ReminderReason.SENT_AGAIN: lazy("Sent again by the Office."),
}
