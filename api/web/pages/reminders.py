"""The register of reminders: planned, sent, overtaken and failed, and the entries of one mail."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Asker, Parts, RowId
from api.auth.permissions import require_watcher
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
_STATES: Mapping[str, Message] = {
    ReminderState.PLANNED: lazy("To be sent"),
    ReminderState.SENT: lazy("Sent"),
    ReminderState.SUPERSEDED: lazy("Not needed"),
    ReminderState.FAILED: lazy("Could not be sent"),
}
_LOOKS = {
    ReminderState.PLANNED: "is-waiting",
    ReminderState.SENT: "is-done",
    ReminderState.SUPERSEDED: "is-plain",
    ReminderState.FAILED: "is-late",
}
_SHOWN = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Who and what the rows of the register name."""

    people: Mapping[PersonId, Person]
    deadlines: Mapping[int, Deadline]
    departments: Mapping[DepartmentId, str]

    def about(self, row: ReminderRow | LedgerRow) -> str:
        """Return which report of which departments a reminder is about."""
        deadline = self.deadlines.get(row.deadline)
        kind = (
            translate("{called} report", called=deadline.called)
            if deadline is not None
            else translate("Report")
        )
        names = (self.departments.get(DepartmentId(each), each) for each in row.departments)
        return f"{kind}: {', '.join(names)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemindersPage(Page):
    """The register, what is to come first; ``state`` and ``who`` filter it."""

    template: ClassVar[str] = "reminders.html"
    rows: Sequence[ReminderRow]
    count: int
    states: Mapping[str, Message]
    looks: Mapping[ReminderState, str]
    state: str
    who: int
    people: Sequence[PersonId]
    names: Names
    limit: int = _SHOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderPage(Page):
    """Why a mail went."""

    template: ClassVar[str] = "reminder.html"
    entries: Sequence[LedgerRow]
    names: Names
    states: Mapping[str, Message]
    reason_of: Callable[[LedgerRow], Message]


def _names(connection: Connection) -> Names:
    return Names(
        people=people.people_by_id(connection),
        deadlines={each.id: each for each in deadlines.all_deadlines(connection)},
        departments=people.department_names(connection),
    )


@router.get("")
async def show_ledger(
    request: Request, parts: Parts, asker: Asker, state: str = "", who: RowId = 0
) -> Response:
    """Show the register, what is to come first; the filters live in the address."""
    require_watcher(asker)
    rows = await parts.database.report(parts.reminders.rows)
    names = await parts.database.read(_names)
    wanted = [row for row in rows if state in ("", row.state) and who in (0, int(row.person))]
    shown = RemindersPage(
        rows=wanted[-_SHOWN:][::-1],
        count=len(wanted),
        states=_STATES,
        looks=_LOOKS,
        state=state,
        who=who,
        people=sorted(
            {row.person for row in rows}, key=lambda each: by_given_name(names.people[each].name)
        ),
        names=names,
    )
    return render_page(request, asker, shown)


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
