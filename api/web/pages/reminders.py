"""The register of reminders: planned, sent, overtaken and failed, and the entries of one mail."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Asker, Parts, RowId
from api.auth.permissions import require_watcher
from api.composition import Application
from api.web.dates import day_text, hour_and_day, weekday_name
from api.web.list_files import list_file
from api.web.rendering import Page, render_page
from notifications.reminder_register import ReminderRow, reason_of
from notifications.translation import translate
from workflow.deadlines import Deadline
from workflow.errors import NotFoundRefusal
from workflow.messages import Message, lazy
from workflow.model import DepartmentId, Person, PersonId, ReminderState
from workflow.people import by_given_name, may_watch
from workflow.queries import deadlines, people
from workflow.queries.deadlines import LedgerRow

router = APIRouter(prefix="/reminders")
_STATES: Final[Mapping[ReminderState, Message]] = {
    ReminderState.PLANNED: lazy("To be sent"),
    ReminderState.SENT: lazy("Sent"),
    ReminderState.SUPERSEDED: lazy("Not needed"),
    ReminderState.FAILED: lazy("Could not be sent"),
}
_COLUMNS: Final = (
    lazy("Time"),
    lazy("Recipient"),
    lazy("What it is about"),
    lazy("Status"),
    lazy("Why"),
)
_SHOWN = 50
_MOST_SHOWN = 3200


@dataclass(frozen=True, slots=True, kw_only=True)
class StateTab:
    """A state as a tab, with how many reminders have it."""

    id: ReminderState
    label: Message
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Who and what the rows of the register name."""

    people: Mapping[PersonId, Person]
    deadlines: Mapping[int, Deadline]
    departments: Mapping[DepartmentId, str]

    def about(self, row: ReminderRow | LedgerRow) -> str:
        """Return which report of which departments a reminder is about."""
        deadline = self.deadlines.get(row.deadline)
        kind = translate(deadline.owed) if deadline is not None else translate("Report")
        names = (self.departments.get(DepartmentId(each), each) for each in row.departments)
        return f"{kind}: {', '.join(names)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemindersPage(Page):
    """The reminders of one state by day, what is nearest to now first; ``who`` filters them."""

    template: ClassVar[str] = "reminders.html"
    days: Sequence[tuple[str, Sequence[ReminderRow]]]
    count: int
    shown: int
    states: Sequence[StateTab]
    state: ReminderState
    who: int
    people: Sequence[PersonId]
    names: Names
    address: Callable[..., str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderPage(Page):
    """Why a mail went."""

    template: ClassVar[str] = "reminder.html"
    entries: Sequence[LedgerRow]
    names: Names
    states: Mapping[ReminderState, Message]
    reason_of: Callable[[LedgerRow], Message]


def _names(connection: Connection) -> Names:
    return Names(
        people=people.people_by_id(connection),
        deadlines={each.id: each for each in deadlines.all_deadlines(connection)},
        departments=people.department_names(connection),
    )


@router.get("")
async def show_ledger(
    request: Request,
    parts: Parts,
    asker: Asker,
    state: str = "",
    who: RowId = 0,
    most: RowId = _SHOWN,
) -> Response:
    """Show the register, what is to come first; the filters live in the address."""
    require_watcher(asker)
    rows = await parts.database.report(parts.reminders.rows)
    names = await parts.database.read(_names)
    chosen = ReminderState(state) if state in set(ReminderState) else ReminderState.PLANNED
    about = [row for row in rows if who in (0, int(row.person))]
    wanted = sorted(
        (row for row in about if row.state is chosen),
        key=lambda row: row.at,
        reverse=chosen is not ReminderState.PLANNED,
    )
    shown = wanted[: min(most, _MOST_SHOWN)]
    page = RemindersPage(
        days=_by_day(parts, shown),
        count=len(wanted),
        shown=len(shown),
        states=[
            StateTab(id=each, label=_STATES[each], count=sum(row.state is each for row in about))
            for each in _STATES
        ],
        state=chosen,
        who=who,
        people=sorted(
            {row.person for row in rows}, key=lambda each: by_given_name(names.people[each].name)
        ),
        names=names,
        address=_address,
    )
    return render_page(request, asker, page)


@router.get(".xlsx")
async def download_ledger(parts: Parts, asker: Asker, who: RowId = 0) -> Response:
    """Return every reminder, planned, sent or not, as a sheet, in order of time."""
    require_watcher(asker)
    rows = await parts.database.report(parts.reminders.rows)
    names = await parts.database.read(_names)
    lines = [
        [
            hour_and_day(parts, row.at),
            names.people[row.person].name,
            names.about(row),
            translate(_STATES[row.state]),
            translate(row.reason),
        ]
        for row in sorted(rows, key=lambda row: row.at)
        if who in (0, int(row.person))
    ]
    return await list_file(
        parts, lazy("Register of reminders"), _COLUMNS, lines, file="so-theo-doi-don-doc"
    )


def _address(state: ReminderState, who: int, most: int = _SHOWN) -> str:
    said = {"state": state.value, "who": who, "most": most if most != _SHOWN else 0}
    return "/reminders?" + urlencode({name: value for name, value in said.items() if value})


def _by_day(parts: Application, rows: Iterable[ReminderRow]) -> list[tuple[str, list[ReminderRow]]]:
    """Return reminders, which come by time, by local day."""
    local_day = parts.context.calendar.local_day
    return [
        (f"{weekday_name(day)} {day_text(day)}", list(found))
        for day, found in groupby(rows, lambda row: local_day(row.at))
    ]


@router.get("/{message}")
async def show_entry(request: Request, parts: Parts, asker: Asker, message: RowId) -> Response:
    """Show why a mail went: the entries it carried, to whoever got it and to the Office."""

    def load_page(connection: Connection) -> ReminderPage:
        names = _names(connection)
        return ReminderPage(
            entries=[
                row
                for row in deadlines.ledger_by_outbox(connection, [message])
                if may_watch(asker.person) or row.person == asker.person.id
            ],
            names=names,
            states=_STATES,
            reason_of=reason_of,
        )

    shown = await parts.database.read(load_page)
    if not shown.entries:
        raise NotFoundRefusal(lazy("this reminder"))
    return render_page(request, asker, shown)
