"""The register of reminders: planned, sent, overtaken and failed, and the entries of one mail."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Parts, RowId
from api.auth.permissions import require_watcher
from api.composition import Application
from api.web.dates import hour_and_day
from api.web.rendering import Asker, Page, render_page
from notifications.reminder_register import ReminderRow, reason_of
from notifications.translation import translate
from workflow.deadlines import Deadline
from workflow.errors import NotFoundRefusal
from workflow.messages import Message, lazy
from workflow.model import DepartmentId, Person, PersonId, ReminderState
from workflow.people import by_given_name, may_watch
from workflow.store import deadlines, people, reminder_ledger
from workflow.store.reminder_ledger import LedgerRow

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
class ReminderLine:
    """One reminder of the register."""

    at: str
    person: str
    about: str
    reason: Message
    state: Message
    look: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemindersPage(Page):
    """The register, what is to come first; ``state`` and ``who`` filter it."""

    template: ClassVar[str] = "reminders.html"
    rows: Sequence[ReminderLine]
    count: int
    states: Mapping[str, Message]
    state: str
    who: int
    people: Sequence[PersonId]
    known: Mapping[PersonId, Person]
    limit: int = _SHOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderEntry:
    """One reminder that a mail carried."""

    person: str
    about: str
    due: str
    at: str
    reason: Message
    rung: int
    state: Message
    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderPage(Page):
    """Why a mail went."""

    template: ClassVar[str] = "reminder.html"
    entries: Sequence[ReminderEntry]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Names:
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


def _names(connection: Connection) -> _Names:
    return _Names(
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
        rows=[_line(parts, row, names) for row in reversed(wanted[-_SHOWN:])],
        count=len(wanted),
        states=_STATES,
        state=state,
        who=who,
        people=sorted(
            {row.person for row in rows}, key=lambda each: by_given_name(names.people[each].name)
        ),
        known=names.people,
    )
    return render_page(request, asker, shown)


def _line(parts: Application, row: ReminderRow, names: _Names) -> ReminderLine:
    return ReminderLine(
        at=hour_and_day(parts, row.at),
        person=names.people[row.person].name,
        about=names.about(row),
        reason=row.reason,
        state=_STATES[row.state],
        look=_LOOKS[row.state],
    )


@router.get("/{message}")
async def show_entry(request: Request, parts: Parts, asker: Asker, message: RowId) -> Response:
    """Show why a mail went: the entries it carried, to whoever got it and to the Office."""

    def found(connection: Connection) -> ReminderPage:
        names = _names(connection)
        return ReminderPage(
            entries=[
                _entry(parts, row, names)
                for row in reminder_ledger.ledger_by_outbox(connection, [message])
                if may_watch(asker.person) or row.person == asker.person.id
            ]
        )

    shown = await parts.database.read(found)
    if not shown.entries:
        raise NotFoundRefusal(lazy("this reminder"))
    return render_page(request, asker, shown)


def _entry(parts: Application, row: LedgerRow, names: _Names) -> ReminderEntry:
    deadline = names.deadlines.get(row.deadline)
    return ReminderEntry(
        person=names.people[row.person].name,
        about=names.about(row),
        due=hour_and_day(parts, deadline.due_at if deadline else None),
        at=hour_and_day(parts, row.at),
        reason=reason_of(row),
        rung=row.rung,
        state=_STATES[row.state],
        message_id=row.message_id or "",
    )
