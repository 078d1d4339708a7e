"""The working calendar of a year.

Rest days, holidays, swap days with their notice, and the deadlines that fall into it.
"""

from calendar import Calendar
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import ClassVar

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Asker, Parts
from api.composition import Application
from api.web.dates import day_text, weekday_name
from api.web.rendering import FormPage, render_page
from notifications.translation import translate, within_sentence
from workflow.deadlines import WorkingCalendar
from workflow.errors import NotFoundRefusal
from workflow.messages import lazy
from workflow.model import Person
from workflow.people import may_set_deadlines
from workflow.queries.deadlines import visible_deadlines
from workflow.queries.personal import has_feed

router = APIRouter(prefix="/deadlines/calendar")
_YEARS = range(2000, 2101)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCell:
    """One day of a month."""

    number: int
    is_working: bool
    why: str
    due: str
    is_today: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A month by weeks, Monday first; None: a day of another month."""

    name: str
    weeks: Sequence[Sequence[DayCell | None]]
    notes: Sequence[tuple[str, str]]
    """What its days are: which, and the holiday or what is due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialDay:
    """A day that is not what its weekday says."""

    day: str
    weekday: str
    what: str
    is_working: bool
    why: str
    may_lift: bool
    """Whether the Office set it, and may take that back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarPage(FormPage):
    """One year, the form that sets a day of it, and whether the reader has a private calendar."""

    template: ClassVar[str] = "calendar.html"
    year: int
    months: Sequence[Month]
    special: Sequence[SpecialDay]
    has_notice: bool
    has_feed: bool
    opens: str
    closes: str
    may_set: bool


@router.get("")
async def show_year(
    request: Request, parts: Parts, asker: Asker, year: int | None = None
) -> Response:
    """Show a year, this one by default."""
    today = parts.context.calendar.local_day(parts.clock.now())
    wanted = today.year if year is None else year
    if wanted not in _YEARS:
        raise NotFoundRefusal(lazy("the calendar of this year"))
    return render_page(request, asker, await year_page(parts, asker.person, wanted))


async def year_page(parts: Application, person: Person, year: int) -> CalendarPage:
    """Return the page of a year."""
    due, feed = await parts.database.read(
        lambda connection: (
            _due_days(parts, connection, person),
            has_feed(connection, person.id),
        )
    )
    calendar = parts.context.calendar
    today = calendar.local_day(parts.clock.now())
    may_set = may_set_deadlines(person)
    liftable = {each.day for each in calendar.office if each.day >= today} if may_set else set()

    def cell(day: date) -> DayCell:
        known = calendar.day(day)
        return DayCell(
            number=day.day,
            is_working=known.is_working,
            why=known.why,
            due=due.get(day, ""),
            is_today=day == today,
        )

    return CalendarPage(
        year=year,
        months=[_month(date(year, month, 1), cell) for month in range(1, 13)],
        special=_special(calendar, year, liftable),
        has_notice=calendar.has_notice(year),
        has_feed=feed,
        opens=calendar.opens_at.strftime("%H:%M"),
        closes=calendar.closes_at.strftime("%H:%M"),
        may_set=may_set,
    )


def _due_days(parts: Application, connection: Connection, person: Person) -> Mapping[date, str]:
    """Return the days on which something is due for whom ``person`` answers, with what."""
    found: dict[date, str] = {}
    for each in visible_deadlines(connection, person):
        day = parts.context.calendar.local_day(each.due_at)
        what = translate("deadline: {owed}", owed=within_sentence(each.owed))
        found[day] = f"{found[day]}; {what}" if day in found else what
    return found


def _month(first: date, cell: Callable[[date], DayCell]) -> Month:
    weeks = [
        [cell(day) if day.month == first.month else None for day in week]
        for week in Calendar().monthdatescalendar(first.year, first.month)
    ]
    return Month(
        name=translate("Month {month}", month=first.month),
        weeks=weeks,
        notes=_notes([each for week in weeks for each in week if each is not None]),
    )


def _notes(days: Sequence[DayCell]) -> list[tuple[str, str]]:
    """Return what is due on which day, and the rest days in a row by what the first of them is."""
    found = [(f"{each.number:02}", each.due) for each in days if each.due]
    named = [each for each in days if each.why]
    for _, members in groupby(enumerate(named), key=lambda each: each[1].number - each[0]):
        first, *others = [each for _, each in members]
        span = "–".join(f"{each.number:02}" for each in (first, *others[-1:]))
        found.append((span, first.why))
    return sorted(found)


def _special(calendar: WorkingCalendar, year: int, liftable: AbstractSet[date]) -> list[SpecialDay]:
    """Return every day that is not what its weekday says, with the reason."""
    found = []
    for ordinal in range(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal() + 1):
        known = calendar.day(date.fromordinal(ordinal))
        is_weekday = known.day.isoweekday() <= 5  # noqa: PLR2004 - Monday to Friday
        if known.is_working is not is_weekday or known.why:
            found.append(
                SpecialDay(
                    day=day_text(known.day),
                    weekday=weekday_name(known.day),
                    what=kind_name(known.is_working),
                    is_working=known.is_working,
                    why=known.why,
                    may_lift=known.day in liftable,
                )
            )
    return found


def kind_name(is_working: bool) -> str:  # noqa: FBT001 - what it is called
    """Return what a day is called that is worked, or not."""
    return translate("Working day") if is_working else translate("Rest day")
