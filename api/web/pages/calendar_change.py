"""Setting a day of the working calendar: what would move is shown first, then it is recorded."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.responses import Response

from api.auth.callers import Asker, Parts
from api.composition import Application
from api.web.dates import day_text, hour_and_day, weekday_name
from api.web.flash import redirect_with_flash
from api.web.form_fields import date_in, text_in
from api.web.forms import page_cause, read_form, refused_form
from api.web.pages.calendar import kind_name, year_page
from api.web.rendering import Page, fresh_key, render_page
from notifications.translation import translate
from workflow.commands.change_calendar import ChangeCalendar
from workflow.deadlines import Day
from workflow.errors import InvalidRefusal, KeyReusedRefusal, StaleRefusal, reason
from workflow.lookups.calendar_changes import CalendarDay, CalendarMoves, mark_of_day
from workflow.messages import Message
from workflow.model import DepartmentId
from workflow.people import require_office
from workflow.queries import people
from workflow.queries.calendar_outlook import calendar_outlook
from workflow.queries.what_if import ForeseenReminder

router = APIRouter(prefix="/deadlines/calendar")
_KINDS: Final = {"rest": False, "work": True, "lift": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedDeadline:
    """A deadline that would be due at another time."""

    owed: Message
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedItems:
    """Open items whose step would be due on another day: how many, and which, by department."""

    before: str
    after: str
    count: int
    codes: Sequence[tuple[str, Sequence[str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarChangePage(Page):
    """What setting a day would move, to be confirmed."""

    template: ClassVar[str] = "calendar_change.html"
    on: str
    weekday: str
    kind: str
    notice: str
    year: int
    before: Day
    seen: str
    before_name: str
    after: Day
    after_name: str
    deadlines: Sequence[MovedDeadline]
    items: Sequence[MovedItems]
    new: Sequence[tuple[str, int]]
    """How many reminders each day would get that it has not now."""
    gone: Sequence[tuple[str, int]]
    key: str


@router.post("/days")
async def change_day(request: Request, parts: Parts, asker: Asker) -> Response:
    """Show what a day would move; confirmed, set it."""
    require_office(asker.person)
    form = await read_form(request)
    year = parts.context.calendar.local_day(parts.clock.now()).year
    key = str(form.get("key") or fresh_key())
    try:
        wanted = _read_day(form)
        year = wanted.day.year
        if form.get("confirm") != "yes":
            shown = await parts.database.report(
                lambda connection: _outlook_page(parts, connection, wanted, key)
            )
            return render_page(request, asker, shown)
        seen = text_in(form, "seen")
        await parts.database.write(
            ChangeCalendar(cause=page_cause(asker, form), set=wanted, seen=seen)
        )
    except (InvalidRefusal, KeyReusedRefusal, StaleRefusal) as refusal:
        page = await year_page(parts, asker.person, year)
        return refused_form(request, asker, page, form, refusal)
    told = translate(
        "The calendar is recorded: {day}. What is due follows it.", day=day_text(wanted.day)
    )
    return redirect_with_flash(request, asker, f"/deadlines/calendar?year={year}", told)


def _read_day(form: FormData) -> CalendarDay:
    """Return the day as typed. Raises InvalidRefusal with all that is wrong."""
    day, kind = date_in(form, "day"), text_in(form, "kind")
    problems = []
    if day is None:
        problems.append(reason("day", "Write the day as day/month/year, for example 02/01/2026."))
    if kind not in _KINDS:
        problems.append(reason("kind", "Choose whether the day is worked or not."))
    if day is None or kind not in _KINDS:
        raise InvalidRefusal(*problems)
    return CalendarDay(day=day, working=_KINDS[kind], notice=text_in(form, "notice"))


def _outlook_page(
    parts: Application, connection: Connection, wanted: CalendarDay, key: str
) -> CalendarChangePage:
    found = calendar_outlook(parts.context, connection, wanted)
    before, after = parts.context.calendar.day(wanted.day), found.then.day(wanted.day)
    return CalendarChangePage(
        on=day_text(wanted.day),
        weekday=weekday_name(wanted.day),
        kind=next(kind for kind, working in _KINDS.items() if working is wanted.working),
        notice=wanted.notice,
        year=wanted.day.year,
        before=before,
        seen=mark_of_day(before),
        before_name=kind_name(before.is_working),
        after=after,
        after_name=kind_name(after.is_working),
        deadlines=[
            MovedDeadline(
                owed=each.owed,
                before=hour_and_day(parts, each.due_at),
                after=hour_and_day(parts, due_at),
            )
            for each, due_at in found.moves.deadlines
        ],
        items=_by_days(parts, connection, found.moves),
        new=_by_day(parts, found.mails_new),
        gone=_by_day(parts, found.mails_gone),
        key=key,
    )


def _by_days(parts: Application, connection: Connection, moves: CalendarMoves) -> list[MovedItems]:
    """Return the items by the days that they go from and to, each with its department."""
    local_day, names = parts.context.calendar.local_day, people.department_names(connection)
    groups: dict[tuple[date, date], dict[DepartmentId, list[str]]] = {}
    for item, due_at in moves.items:
        if item.due_at is not None:
            days = groups.setdefault((local_day(item.due_at), local_day(due_at)), {})
            days.setdefault(item.department, []).append(item.code)
    return [
        MovedItems(
            before=day_text(before),
            after=day_text(after),
            count=sum(map(len, codes.values())),
            codes=[(names[department], found) for department, found in codes.items()],
        )
        for (before, after), codes in sorted(groups.items())
    ]


def _by_day(parts: Application, mails: Sequence[ForeseenReminder]) -> list[tuple[str, int]]:
    days = Counter(parts.context.calendar.local_day(each.at) for each in mails)
    return [(day_text(day), count) for day, count in sorted(days.items())]
