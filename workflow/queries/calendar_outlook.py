"""What setting a day of the calendar would move, before it is set. Reads only."""

from dataclasses import dataclass

from sqlalchemy import Connection

from workflow.context import CALENDAR, Context
from workflow.deadlines import WorkingCalendar
from workflow.lookups.calendar_changes import (
    CalendarDay,
    CalendarMoves,
    calendar_moves,
    changed_calendar,
)
from workflow.queries.what_if import Change, ForeseenReminder, foretold_mails
from workflow.store import definitions


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarOutlook:
    """What would be due at another time, and which reminders would come and go."""

    then: WorkingCalendar
    moves: CalendarMoves
    mails_new: tuple[ForeseenReminder, ...]
    mails_gone: tuple[ForeseenReminder, ...]


def calendar_outlook(
    context: Context, connection: Connection, wanted: CalendarDay
) -> CalendarOutlook:
    """Return what setting a day would move. Raises InvalidRefusal where it may not be set."""
    then = changed_calendar(context, definitions.setting(connection, CALENDAR), wanted)
    new, gone = foretold_mails(context, connection, Change(calendar=then))
    moves = calendar_moves(context, connection, then)
    return CalendarOutlook(then=then, moves=moves, mails_new=new, mails_gone=gone)
