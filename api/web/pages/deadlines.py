"""Deadlines, as departments and the Office read them: who has delivered, who is reminded next."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Asker, Parts
from api.composition import Application
from api.web.dates import day_text
from api.web.hints import Hint, hint_for
from api.web.rendering import Page, render_page
from notifications.reminder_register import ReminderRow
from workflow.commands.snooze import is_reminded
from workflow.deadlines import Deadline, Obligation, Obligations
from workflow.lookups.obligations import obligations
from workflow.model import DepartmentId, ExtensionState, Person, ReminderState
from workflow.people import may_see_deadline, may_set_deadlines
from workflow.queries import deadlines, people
from workflow.queries.campaigns import campaign_names
from workflow.queries.deadlines import Extension

router = APIRouter(prefix="/deadlines")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlinesPage(Page):
    """Every deadline that concerns the reader."""

    template: ClassVar[str] = "deadlines.html"
    deadlines: Mapping[int, Deadline]
    asked: Sequence[Extension]
    campaigns: Mapping[str, str]
    departments: Mapping[DepartmentId, str]
    met: AbstractSet[Obligation]
    coming: Mapping[tuple[int, str], datetime]
    """When the next reminder of a deadline goes to a department."""
    now: datetime
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
    shown = {each.id: each for each in deadlines.visible_deadlines(connection, person)}
    return DeadlinesPage(
        deadlines=shown,
        asked=[
            each
            for each in deadlines.extensions_of(connection, list(shown))
            if each.state is ExtensionState.ASKED and may_see_deadline(person, [each.department])
        ],
        campaigns=dict(campaign_names(connection)),
        departments=people.department_names(connection),
        met=owed.met,
        coming=_next_reminders(reminders),
        now=parts.clock.now(),
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
