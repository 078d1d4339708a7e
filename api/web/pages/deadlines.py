"""Deadlines, as departments and the Office read them: who has delivered, who is reminded next."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Parts
from api.composition import Application
from api.web.choices import campaign_choices
from api.web.dates import day_text, hour_and_day
from api.web.hints import Hint, hint_for
from api.web.rendering import Asker, Page, render_page
from notifications.mail_context import days_left
from notifications.reminder_register import ReminderRow
from workflow.commands.snooze import is_reminded
from workflow.deadlines import Deadline, Obligations
from workflow.lookups.obligations import obligations
from workflow.messages import Message
from workflow.model import DepartmentId, ExtensionState, Person, ReminderState
from workflow.people import may_see_deadline, may_set_deadlines
from workflow.store import deadlines, extensions, people

router = APIRouter(prefix="/deadlines")


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentRow:
    """How a department stands to a deadline; ``next``: when it is reminded next, if ever."""

    id: str
    name: str
    is_met: bool
    next: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineRow:
    """One deadline with its departments."""

    id: int
    kind: Message
    campaign: str
    due: str
    left: str
    is_late: bool
    data_until: str
    departments: Sequence[DepartmentRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedExtension:
    """More time that a department asks for."""

    id: int
    department: str
    wanted: str
    why: str
    kind: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlinesPage(Page):
    """Every deadline that concerns the reader."""

    template: ClassVar[str] = "deadlines.html"
    rows: Sequence[DeadlineRow]
    asked: Sequence[AskedExtension]
    snoozes: Mapping[int, str]
    """The deadlines that may be put off, with the day until which they are."""
    hint: Hint | None
    own: str | None
    key: str
    may_set: bool


@router.get("")
async def list_deadlines(request: Request, parts: Parts, asker: Asker) -> Response:
    """Show each deadline with who has delivered and who is reminded next."""
    reminders = await parts.database.report(parts.reminders.rows)
    shown = await parts.database.read(
        lambda connection: _page(parts, connection, asker.person, reminders)
    )
    return render_page(request, asker, shown)


def _page(
    parts: Application, connection: Connection, person: Person, reminders: Iterable[ReminderRow]
) -> DeadlinesPage:
    owed = obligations(parts.context, connection)
    names = people.department_names(connection)
    campaigns = {each.id: each.name for each in campaign_choices(connection)}
    coming = _next_reminders(reminders)
    shown = {
        each.id: each
        for each in deadlines.all_deadlines(connection)
        if may_see_deadline(person, each.departments)
    }

    def standing(deadline: Deadline, department: DepartmentId) -> DepartmentRow:
        return DepartmentRow(
            id=department,
            name=names[department],
            is_met=(deadline.campaign, deadline.kind, department) in owed.met,
            next=hour_and_day(parts, coming.get((deadline.id, department))),
        )

    return DeadlinesPage(
        rows=[
            _row(
                parts,
                each,
                campaigns[each.campaign],
                [standing(each, of) for of in each.departments],
            )
            for each in shown.values()
        ],
        asked=[
            AskedExtension(
                id=each.id,
                department=names[each.department],
                wanted=hour_and_day(parts, each.wanted_at),
                why=each.why,
                kind=shown[each.deadline].called,
            )
            for each in extensions.extensions_of(connection, list(shown))
            if each.state is ExtensionState.ASKED and may_see_deadline(person, [each.department])
        ],
        snoozes=_snoozes(parts, connection, person, owed, shown.values()),
        hint=hint_for(connection, person, "deadlines"),
        own=person.department,
        key=secrets.token_hex(16),
        may_set=may_set_deadlines(person),
    )


def _next_reminders(reminders: Iterable[ReminderRow]) -> dict[tuple[int, str], datetime]:
    """Return when each department is reminded next of each deadline."""
    coming: dict[tuple[int, str], datetime] = {}
    for row in reminders:
        if row.state is ReminderState.PLANNED:
            for department in row.departments:
                key = row.deadline, department
                coming[key] = min(row.at, coming.get(key, row.at))
    return coming


def _snoozes(
    parts: Application,
    connection: Connection,
    person: Person,
    owed: Obligations,
    shown: Iterable[Deadline],
) -> dict[int, str]:
    """Return the deadlines still to come that remind the person, and until when that is put off."""
    now = parts.clock.now()
    today = parts.context.calendar.local_day(now)
    directory = parts.context.directory(connection, now)
    put_off = deadlines.snoozes(connection)
    found = {}
    for each in shown:
        if each.due_at > now and is_reminded(directory, owed, each, person.id):
            until = put_off.get((each.id, person.id))
            found[each.id] = day_text(until) if until is not None and until > today else ""
    return found


def _row(
    parts: Application, deadline: Deadline, campaign: str, departments: Sequence[DepartmentRow]
) -> DeadlineRow:
    now = parts.clock.now()
    return DeadlineRow(
        id=deadline.id,
        kind=deadline.called,
        campaign=campaign,
        due=hour_and_day(parts, deadline.due_at),
        left=days_left(parts.context.calendar, now, deadline.due_at),
        is_late=deadline.due_at < now,
        data_until=day_text(deadline.data_until) if deadline.data_until else "",
        departments=departments,
    )
