"""What the Office may set of the working calendar, and what that moves.

Owns what may be said of a day, and the due days that follow it. Looks only. A deadline moves where
it would fall on a rest day, as it says itself; an item where its step would be due at another time,
counted from when it came there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from workflow import values
from workflow.context import Context
from workflow.deadlines import Day, Deadline, WorkingCalendar, office_days
from workflow.definition import CalendarCorrection
from workflow.errors import InvalidRefusal, Reason, StaleRefusal, reason
from workflow.lookups.items import open_items
from workflow.model import Item
from workflow.store import deadlines

_NOTICE_LIMIT = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarDay:
    """What a day shall be; ``working`` None: what file and law say of it."""

    day: date
    working: bool | None
    notice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarMoves:
    """What is due at another time, and when."""

    deadlines: tuple[tuple[Deadline, datetime], ...]
    items: tuple[tuple[Item, datetime], ...]


def calendar_moves(
    context: Context, connection: Connection, then: WorkingCalendar
) -> CalendarMoves:
    """Return what is due at another time by the calendar ``then`` than by the present one.

    What was late stays late. Raises InvalidRefusal where something would be late at once.
    """
    now = context.clock()
    present = deadlines.all_deadlines(connection)
    moves = CalendarMoves(
        deadlines=tuple(
            (each, moved)
            for each in present
            if each.due_at > now and (moved := then.roll(each.due_at, each.roll)) != each.due_at
        ),
        items=tuple(_moved_items(context, connection, then)),
    )
    if any(due_at <= now for _, due_at in (*moves.deadlines, *moves.items)):
        raise InvalidRefusal(
            reason(
                "day",
                "By this day something that is due now would be late at once. Move those "
                "deadlines first, or set the day another way.",
            )
        )
    return moves


def _moved_items(
    context: Context, connection: Connection, then: WorkingCalendar
) -> Iterator[tuple[Item, datetime]]:
    now = context.clock()
    for item in open_items(context, connection):
        if item.due_at is None or item.due_at <= now:
            continue
        state = context.rulebooks.of(connection, item.definition_hash).states[item.state]
        # One that was counted otherwise, like a stay that was restored, keeps its day.
        if item.due_at != context.calendar.step_due(item.since, state.working_days):
            continue
        due_at = then.step_due(item.since, state.working_days)
        if due_at is not None and due_at != item.due_at:
            yield item, due_at


def mark_of_day(day: Day) -> str:
    """Return by which mark a form says what a day was when it was shown."""
    return f"{int(day.is_working)} {day.why}"


def require_as_seen(context: Context, recorded: str | None, day: date, seen: str) -> None:
    """Raise StaleRefusal where somebody has set the day otherwise since it was shown."""
    now = context.calendar.with_office(office_days(recorded)).day(day)
    if seen and seen != mark_of_day(now):
        raise StaleRefusal(
            state="",
            version=0,
            given=None,
            why=reason(
                "day",
                "Somebody has set this day otherwise since you looked ({why}). Nothing was "
                "changed; look at what setting it would move now, then record it.",
                why=now.why,
            ),
        )


def changed_calendar(
    context: Context, recorded: str | None, wanted: CalendarDay
) -> WorkingCalendar:
    """Return the calendar as a day would leave it. Raises InvalidRefusal with all that is wrong."""
    calendar = context.calendar.with_office(office_days(recorded))
    if problems := list(_problems(context, calendar, wanted)):
        raise InvalidRefusal(*problems)
    others = [each for each in calendar.office if each.day != wanted.day]
    if wanted.working is None:
        return calendar.with_office(others)
    given = CalendarCorrection(
        day=wanted.day, working=wanted.working, notice=values.line(wanted.notice)
    )
    return calendar.with_office([*others, given])


def _problems(context: Context, calendar: WorkingCalendar, wanted: CalendarDay) -> list[Reason]:
    problems = []
    today = context.calendar.local_day(context.clock())
    if not today <= wanted.day <= date(today.year + 1, 12, 31):
        problems.append(
            reason(
                "day",
                "Only a day from today to the end of next year can be set: what was due on a day "
                "that is past stays as it was.",
            )
        )
    known = {each.day: each for each in calendar.office}.get(wanted.day)
    if wanted.working is None:
        if known is None:
            problems.append(reason("day", "The Office has set nothing for this day."))
        return problems
    if wrong := values.line_fault(wanted.notice, _NOTICE_LIMIT):
        problems.append(
            reason(
                "notice",
                "Write the number of the notice that says so. The number {wrong}",
                wrong=wrong,
            )
        )
    present = calendar.day(wanted.day)
    if (present.is_working, present.why) == (wanted.working, values.line(wanted.notice)):
        problems.append(reason("day", "The calendar has this day like that already."))
    return problems
