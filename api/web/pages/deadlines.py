"""Deadlines, as departments and the Office read them: who has delivered, who is reminded next."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Asker, Parts
from api.composition import Application
from api.web.dates import day_text, hour_and_day
from api.web.departments import short_names
from api.web.hints import Hint, hint_for
from api.web.list_files import list_file
from api.web.menu_counts import last_of_week
from api.web.obligation_standings import LOOKS, OPEN, Look, look_of
from api.web.rendering import Page, fresh_key, render_page
from notifications.reminder_register import ReminderRow
from notifications.translation import translate
from workflow.commands.snooze import is_reminded
from workflow.deadlines import Deadline
from workflow.lookups.obligations import obligations
from workflow.messages import Message, lazy
from workflow.model import DepartmentId, ExtensionState, Person, ReminderState
from workflow.people import may_see_deadline, may_set_deadlines, scope_of
from workflow.queries import deadlines, people
from workflow.queries.campaigns import campaign_names
from workflow.queries.deadlines import Extension
from workflow.queries.gathering import kinds_of_reports
from workflow.queries.obligations import Cell, board

router = APIRouter(prefix="/deadlines")
_COLUMNS = (
    lazy("Campaign"),
    lazy("What is owed"),
    lazy("Due"),
    lazy("Department"),
    lazy("State"),
    lazy("Next reminder"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentStanding:
    """How one department stands to a deadline."""

    id: DepartmentId
    name: str
    short: str
    look: Look
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineLine:
    """A deadline as a line of the list, and what its reader can do with it."""

    deadline: Deadline
    href: str
    standings: Sequence[DepartmentStanding]
    is_late: bool
    next_reminder: datetime | None
    put_off_until: str
    may_put_off: bool
    may_ask: bool
    """Whether the reader's own department still owes it."""
    is_gathered: bool
    """Whether reports answer it, which the agency's is gathered from."""

    @property
    def is_open(self) -> bool:
        """Return whether somebody still owes it."""
        return any(each.is_open for each in self.standings)

    @property
    def delivered(self) -> int:
        """Return how many departments have delivered."""
        return sum(not each.is_open for each in self.standings)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineGroup:
    """The deadlines of one span of time."""

    label: Message
    icon: str
    lines: Sequence[DeadlineLine]
    is_late: bool = False
    is_folded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlinesPage(Page):
    """Every deadline that concerns the reader, by when it is due."""

    template: ClassVar[str] = "deadlines.html"
    groups: Sequence[DeadlineGroup]
    asked: Sequence[Extension]
    deadlines: Mapping[int, Deadline]
    campaigns: Mapping[str, str]
    departments: Mapping[DepartmentId, str]
    hint: Hint | None
    key: str
    may_set: bool
    looks: Sequence[Look] = LOOKS


@router.get("")
async def list_deadlines(request: Request, parts: Parts, asker: Asker) -> Response:
    """Show each deadline with who has delivered and who is reminded next."""
    reminders = await parts.database.report(parts.reminders.rows)
    shown = await parts.database.report(
        lambda connection: _page(parts, connection, asker.person, reminders)
    )
    return render_page(request, asker, shown)


@router.get(".xlsx")
async def download_deadlines(parts: Parts, asker: Asker) -> Response:
    """Return each deadline as a sheet, a row for each department that owes it."""
    reminders = await parts.database.report(parts.reminders.rows)
    shown = await parts.database.report(
        lambda connection: _page(parts, connection, asker.person, reminders)
    )
    rows: list[list[str]] = [
        [
            shown.campaigns.get(line.deadline.campaign, line.deadline.campaign),
            translate(line.deadline.owed),
            hour_and_day(parts, line.deadline.due_at),
            each.name,
            translate(each.look.words),
            hour_and_day(parts, line.next_reminder) if line.next_reminder else "",
        ]
        for group in shown.groups
        for line in group.lines
        for each in line.standings
    ]
    return await list_file(parts, lazy("Deadlines"), _COLUMNS, rows, file="thoi-han")


def _page(
    parts: Application, connection: Connection, person: Person, reminders: Iterable[ReminderRow]
) -> DeadlinesPage:
    shown = {each.id: each for each in deadlines.visible_deadlines(connection, person)}
    coming = _next_reminders(reminders, person)
    lines = list(_lines(parts, connection, person, list(shown.values()), coming))
    return DeadlinesPage(
        groups=list(_groups(parts, lines)),
        asked=[
            each
            for each in deadlines.extensions_of(connection, list(shown))
            if each.state is ExtensionState.ASKED and may_see_deadline(person, [each.department])
        ],
        deadlines=shown,
        campaigns=dict(campaign_names(connection)),
        departments=people.department_names(connection),
        hint=hint_for(connection, person, "deadlines"),
        key=fresh_key(),
        may_set=may_set_deadlines(person),
    )


def _lines(
    parts: Application,
    connection: Connection,
    person: Person,
    shown: Sequence[Deadline],
    coming: Mapping[int, datetime],
) -> Iterator[DeadlineLine]:
    snoozes = _snoozes(parts, connection, person, shown)
    cells: dict[int, list[Cell]] = {each.id: [] for each in shown}
    for cell in board(parts.context, connection, shown):
        cells[cell.deadline.id].append(cell)
    reports = kinds_of_reports(parts.context, connection, [each.kind for each in shown])
    now, short = parts.clock.now(), short_names(people.department_names(connection))
    for each in shown:
        own = next(
            (cell for cell in cells[each.id] if cell.department.id == person.department), None
        )
        owes = own is not None and own.standing in OPEN
        yield DeadlineLine(
            deadline=each,
            href=_href(person, each, own),
            standings=[
                DepartmentStanding(
                    id=cell.department.id,
                    name=cell.department.name,
                    short=short[cell.department.id],
                    look=look_of(cell),
                    is_open=cell.standing in OPEN,
                )
                for cell in cells[each.id]
            ],
            is_late=each.due_at < now
            and any(
                cell.standing in OPEN and scope_of(person).covers(cell.department.id)
                for cell in cells[each.id]
            ),
            next_reminder=coming.get(each.id),
            put_off_until=snoozes.get(each.id, ""),
            may_put_off=each.id in snoozes,
            may_ask=owes,
            is_gathered=each.kind in reports,
        )


def _href(person: Person, deadline: Deadline, own: Cell | None) -> str:
    """Return where the line leads: to its terms, to one's own report, or to the board."""
    if may_set_deadlines(person):
        return f"/deadlines/{deadline.id}"
    if own is not None and own.code is not None:
        return f"/items/{own.code}"
    return "/deadlines/board"


def _groups(parts: Application, lines: Sequence[DeadlineLine]) -> Iterator[DeadlineGroup]:
    """Yield the spans that have deadlines: what is late first, what is over last and folded."""
    calendar, now = parts.context.calendar, parts.clock.now()
    today = calendar.local_day(now)
    week = last_of_week(today)
    spans: dict[str, list[DeadlineLine]] = {name: [] for name in _SPANS}
    for line in sorted(lines, key=lambda each: (each.deadline.due_at, each.deadline.id)):
        day = calendar.local_day(line.deadline.due_at)
        if line.deadline.due_at < now:
            spans["late" if line.is_late else "over"].append(line)
        elif day <= week:
            spans["week"].append(line)
        else:
            is_this_month = (day.year, day.month) == (today.year, today.month)
            spans["month" if is_this_month else "later"].append(line)
    for name, (label, icon) in _SPANS.items():
        if spans[name]:
            yield DeadlineGroup(
                label=label,
                icon=icon,
                lines=spans[name],
                is_late=name == "late",
                is_folded=name == "over",
            )


_SPANS: Final = {
    "late": (lazy("Past due"), "triangle-alert"),
    "week": (lazy("This week"), "clock"),
    "month": (lazy("This month"), "calendar"),
    "later": (lazy("Later"), "calendar"),
    "over": (lazy("Over, delivered"), "circle-check"),
}


def _next_reminders(reminders: Iterable[ReminderRow], person: Person) -> dict[int, datetime]:
    """Return when somebody whom the reader sees is reminded next of each deadline."""
    coming: dict[int, datetime] = {}
    for row in reminders:
        if row.state is ReminderState.PLANNED and may_see_deadline(
            person, [DepartmentId(each) for each in row.departments]
        ):
            coming[row.deadline] = min(row.at, coming.get(row.deadline, row.at))
    return coming


def _snoozes(
    parts: Application, connection: Connection, person: Person, shown: Iterable[Deadline]
) -> dict[int, str]:
    """Return the deadlines still to come that remind the person, and until when that is put off."""
    now = parts.clock.now()
    owed = obligations(parts.context, connection)
    today = parts.context.calendar.local_day(now)
    directory = parts.context.directory(connection, now)
    put_off = deadlines.snoozes(connection)
    found = {}
    for each in shown:
        if each.due_at > now and is_reminded(directory, owed, each, person.id):
            until = put_off.get((each.id, person.id))
            found[each.id] = day_text(until) if until is not None and until > today else ""
    return found
