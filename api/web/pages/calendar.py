"""The working calendar of a year: rest days, holidays, swap days with their notice, and the deadlines that fall into it."""

from calendar import Calendar
from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import application
from api.composition import Application
from api.web.rendering import Asker, page
from notifications.translation import translate
from workflow.deadlines import WorkingCalendar
from workflow.errors import NotFoundRefusal
from workflow.messages import lazy
from workflow.model import READS_ALL, Person
from workflow.store import deadlines
from workflow.store.calendar_feeds import has_feed

router = APIRouter(prefix="/deadlines/calendar")
_YEARS = range(2000, 2101)


@router.get("")
async def show_year(request: Request, asker: Asker, year: int | None = None) -> Response:
    """Show a year, this one by default."""
    parts = application(request)
    calendar = parts.context.calendar
    today = calendar.local_day(parts.clock.now())
    wanted = today.year if year is None else year
    if wanted not in _YEARS:
        raise NotFoundRefusal(lazy("the calendar of this year"))
    due = await parts.database.read(lambda connection: _due_days(parts, connection, asker.person))
    values = {
        "year": wanted,
        "months": [_month(calendar, wanted, month, due, today) for month in range(1, 13)],
        "special": _special(calendar, wanted),
        "has_notice": calendar.has_notice(wanted),
        "has_feed": await parts.database.read(
            lambda connection: has_feed(connection, asker.person.id)
        ),
        "opens": calendar.opens_at.strftime("%H:%M"),
        "closes": calendar.closes_at.strftime("%H:%M"),
    }
    return page(request, asker, "calendar.html", values)


def _due_days(parts: Application, connection: Connection, person: Person) -> dict[date, str]:
    """Return the days on which something is due for whom ``person`` answers, with what."""
    found: dict[date, str] = {}
    for each in deadlines.all_deadlines(connection):
        if person.position in READS_ALL or person.department in each.departments:
            day = parts.context.calendar.local_day(each.due_at)
            found[day] = "; ".join(
                filter(
                    None,
                    [
                        found.get(day, ""),
                        translate("the {called} report’s deadline", called=each.called),
                    ],
                )
            )
    return found


def _month(
    calendar: WorkingCalendar, year: int, month: int, due: dict[date, str], today: date
) -> dict[str, Any]:
    weeks = [
        [_cell(calendar, day, month, due, today) for day in week]
        for week in Calendar().monthdatescalendar(year, month)
    ]
    return {"name": translate("Month {month}", month=month), "weeks": weeks}


def _cell(
    calendar: WorkingCalendar, day: date, month: int, due: dict[date, str], today: date
) -> dict[str, Any] | None:
    if day.month != month:
        return None
    known = calendar.day(day)
    return {
        "number": day.day,
        "is_working": known.is_working,
        "why": known.why,
        "due": due.get(day, ""),
        "is_today": day == today,
    }


def _special(calendar: WorkingCalendar, year: int) -> list[dict[str, str]]:
    """Return every day that is not what its weekday says, with the reason."""
    found = []
    for ordinal in range(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal() + 1):
        known = calendar.day(date.fromordinal(ordinal))
        is_weekday = known.day.isoweekday() <= 5  # noqa: PLR2004 - Monday to Friday
        if known.is_working is not is_weekday or known.why:
            what = translate("Working day") if known.is_working else translate("Rest day")
            found.append({"day": known.day.strftime("%d/%m/%Y"), "what": what, "why": known.why})
    return found
