"""``/api/v1/deadlines``, ``/reminders``: what the Office sets and watches."""

from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Asker, Parts, RowId, command_id, digest, expected_version
from api.auth.sessions import Caller
from api.composition import Application
from api.problems import PreconditionError
from api.request_bodies import KnownCallerRoute
from api.v1.schemas.deadlines import DeadlineChange, NewDeadline, Reminding, Snoozing
from api.v1.schemas.items import RealDay
from api.v1.serializers import OrjsonResponse, deadline_json, moment
from notifications.reminders import ReminderRow, from_plan
from notifications.translation import translate
from workflow.command import Cause
from workflow.commands.deadlines import RemindNow, SetDeadline
from workflow.commands.snooze import SnoozeReminders
from workflow.deadlines import DEFAULT_LADDER, Deadline, Repeats, plan
from workflow.errors import (
    NotFoundRefusal,
    NotPermittedRefusal,
    StaleRefusal,
    VersionRequiredRefusal,
    reason,
)
from workflow.lookups.deadline_terms import DeadlineTerms, checked_series
from workflow.lookups.obligations import obligations
from workflow.messages import lazy
from workflow.model import DepartmentId, Person, Position, Via
from workflow.people import may_set_deadlines, may_watch, scope_of
from workflow.queries.back_planning import back_plan
from workflow.queries.what_if import imagined_deadline
from workflow.store import deadlines, people

router = APIRouter(route_class=KnownCallerRoute)


@router.post("/deadlines", status_code=201)
async def set_deadline(request: Request, parts: Parts, asker: Asker, body: NewDeadline) -> Response:
    """Create a deadline; the answer has the rolled instant."""
    command = SetDeadline(
        terms=terms_of(body),
        cause=Cause(
            actor=asker.person.id,
            via=Via.API,
            method=asker.method,
            command_id=command_id(request),
            digest=digest(request, body.model_dump(mode="json", exclude_unset=True)),
        ),
        confirm=body.confirm,
        repeats=repeats_of(body),
    )
    return await _deadline_answer(parts, await parts.database.write(command), status=201)


def repeats_of(body: NewDeadline) -> Repeats | None:
    """Return the series that a new deadline begins, if any."""
    return (
        None
        if body.repeats is None
        else Repeats(every=body.repeats.every, times=body.repeats.times)
    )


def terms_of(body: NewDeadline) -> DeadlineTerms:
    """Return what a new deadline says."""
    return DeadlineTerms(
        campaign=body.campaign,
        kind=body.kind,
        departments=tuple(DepartmentId(each) for each in body.departments),
        due_at=body.due_at,
        roll=body.roll,
        ladder=DEFAULT_LADDER
        if body.ladder is None
        else tuple(each.rung() for each in body.ladder),
        name=body.name,
        data_until=body.data_until.isoformat() if body.data_until else "",
    )


@router.get("/deadlines")
async def list_deadlines(parts: Parts, asker: Asker) -> Response:
    """Return every deadline."""
    found = await parts.database.read(deadlines.all_deadlines)
    return OrjsonResponse(
        {"data": [deadline_json(each) for each in _shown(asker.person, found)], "next": None}
    )


def _shown(person: Person, found: list[Deadline]) -> list[Deadline]:
    """Return the deadlines that concern ``person``: their department's, or all for those who see all."""
    if may_watch(person) or person.position is Position.CLERK:
        return found
    return [each for each in found if person.department in each.departments]


@router.post("/deadlines/preview")
async def preview_deadline(parts: Parts, asker: Asker, body: NewDeadline) -> Response:
    """Return the reminders that this deadline would cause, without setting it."""
    _require_office(asker)

    def preview(connection: Connection) -> list[ReminderRow]:
        context = parts.context
        series = checked_series(
            context, connection, terms_of(body), repeats_of(body), is_confirmed=body.confirm
        )
        now = context.clock()
        imagined = [imagined_deadline(terms, now, identity=0) for terms in series]
        directory = context.directory(connection, now)
        return [
            from_plan(each)
            for each in plan(
                imagined, obligations(context, connection), directory, context.calendar
            )
        ]

    return await _reminder_answer(parts, await parts.database.report(preview))


@router.get("/deadlines/backplan")
async def plan_backwards(
    parts: Parts,
    asker: Asker,
    on: RealDay,
    type: str = "nomination",  # noqa: A002 - the interface's name
) -> Response:
    """Return the latest day of each step before ``on``, the slack, and every open item against it."""

    def found(connection: Connection) -> dict[str, Any]:
        planned = back_plan(parts.context, connection, type, on)
        return {
            "type": type,
            "on": on.isoformat(),
            "slack_days": planned.slack,
            "past_items": planned.past_items,
            "steps": [
                {
                    "state": each.step.state,
                    "label": translate(each.step.label),
                    "working_days": each.step.working_days,
                    "leave_by": each.leave_by.isoformat(),
                    "median_days": each.spell.median,
                    "ninetieth_days": each.spell.ninetieth,
                }
                for each in planned.days
            ],
            "items": [
                {
                    "code": each.code,
                    "department": each.department,
                    "days_left": each.days_left,
                    "needs_days": each.needs,
                    "late_percent": None
                    if each.chance is None
                    else [each.chance.lowest, each.chance.percent, each.chance.highest],
                }
                for each in planned.ahead
                if scope_of(asker.person).covers(each.department)
            ],
        }

    return OrjsonResponse(await parts.database.report(found))


@router.get("/deadlines/{deadline_id}")
async def get_deadline(parts: Parts, asker: Asker, deadline_id: RowId) -> Response:
    """Return one deadline."""
    found = await parts.database.read(
        lambda connection: deadlines.find_deadline(connection, deadline_id)
    )
    if found is None or not _shown(asker.person, [found]):
        raise NotFoundRefusal(lazy("the deadline"))
    return OrjsonResponse(deadline_json(found), headers={"ETag": f'"{found.version}"'})


@router.patch("/deadlines/{deadline_id}")
async def change_deadline(
    request: Request, parts: Parts, asker: Asker, deadline_id: RowId, body: DeadlineChange
) -> Response:
    """Change a deadline; what has not been sent is planned anew in the same transaction."""
    before = await parts.database.read(
        lambda connection: deadlines.find_deadline(connection, deadline_id)
    )
    if before is None:
        raise NotFoundRefusal(lazy("the deadline"))
    version = expected_version(request)
    if version is None:
        raise VersionRequiredRefusal
    command = SetDeadline(
        terms=changed_terms(before, body),
        cause=Cause(
            actor=asker.person.id,
            via=Via.API,
            method=asker.method,
            command_id=command_id(request),
            digest=digest(request, body.model_dump(mode="json", exclude_unset=True)),
        ),
        confirm=body.confirm,
        deadline=deadline_id,
        version=version,
    )
    try:
        return await _deadline_answer(parts, await parts.database.write(command))
    except StaleRefusal as refusal:
        raise PreconditionError(refusal) from refusal


def changed_terms(before: Deadline, body: DeadlineChange) -> DeadlineTerms:
    """Return what a deadline says after a change."""
    return DeadlineTerms(
        campaign=before.campaign,
        kind=before.kind,
        departments=before.departments
        if body.departments is None
        else tuple(DepartmentId(each) for each in body.departments),
        due_at=body.due_at or before.due_at,
        roll=body.roll or before.roll,
        ladder=before.ladder if body.ladder is None else tuple(each.rung() for each in body.ladder),
        name=before.name if body.name is None else body.name,
        data_until=_cut_off(before, body),
    )


def _cut_off(before: Deadline, body: DeadlineChange) -> str:
    """Return the day until which figures count: null takes it away, nothing said leaves it."""
    if "data_until" not in body.model_fields_set:
        return before.data_until
    return body.data_until.isoformat() if body.data_until else ""


async def _deadline_answer(parts: Application, deadline_id: int, status: int = 200) -> Response:
    found = await parts.database.read(
        lambda connection: deadlines.find_deadline(connection, deadline_id)
    )
    if found is None:
        raise NotFoundRefusal(lazy("the deadline"))
    return OrjsonResponse(
        deadline_json(found), status_code=status, headers={"ETag": f'"{found.version}"'}
    )


@router.post("/deadlines/{deadline_id}/remind", status_code=201)
async def remind_department(
    request: Request, parts: Parts, asker: Asker, deadline_id: RowId, body: Reminding
) -> Response:
    """Remind one department now, in the Office's own words."""
    command = RemindNow(
        deadline=deadline_id,
        department=DepartmentId(body.department),
        message=body.message,
        cause=Cause(
            actor=asker.person.id,
            via=Via.API,
            method=asker.method,
            command_id=command_id(request),
            digest=digest(request, body.model_dump()),
        ),
    )
    reminded = await parts.database.write(command)
    known = {each.id: each for each in await parts.database.read(people.all_people)}
    answer = {
        "deadline": reminded.deadline,
        "department": reminded.department,
        "message": body.message,
        "people": [known[each].email for each in reminded.people],
        "at": moment(reminded.at),
    }
    return OrjsonResponse(answer, status_code=201)


@router.post("/deadlines/{deadline_id}/snooze")
async def snooze(
    request: Request, parts: Parts, asker: Asker, deadline_id: RowId, body: Snoozing
) -> Response:
    """Put off one's own reminders before the due day; the answer is the working day they are put off to."""
    command = SnoozeReminders(
        deadline=deadline_id,
        until=body.until,
        cause=Cause(
            actor=asker.person.id,
            via=Via.API,
            method=asker.method,
            command_id=command_id(request),
            digest=digest(request, body.model_dump(mode="json")),
        ),
    )
    until = await parts.database.write(command)
    return OrjsonResponse(
        {"deadline": deadline_id, "until": until.isoformat() if until is not None else None}
    )


@router.get("/reminders")
async def list_reminders(parts: Parts, asker: Asker) -> Response:
    """Return every reminder that went or will go, with its reason."""
    if not may_watch(asker.person):
        raise NotPermittedRefusal(
            reason(
                "office",
                "Only the Office, the Directorate and auditors may see the register of reminders.",
            )
        )
    return await _reminder_answer(parts, await parts.database.report(parts.reminders.rows))


async def _reminder_answer(parts: Application, rows: list[ReminderRow]) -> Response:
    known = {each.id: each for each in await parts.database.read(people.all_people)}
    return OrjsonResponse(
        {"data": [reminder_json(row, known[row.person]) for row in rows], "next": None}
    )


def reminder_json(row: ReminderRow, person: Person) -> dict[str, Any]:
    """Return a reminder as the interface shows it."""
    return {
        "deadline": row.deadline or None,
        "rung": row.rung,
        "person": person.name,
        "email": person.email,
        "departments": list(row.departments),
        "at": moment(row.at),
        "state": row.state,
        "reason": row.reason,
        "message_id": row.message_id,
    }


def _require_office(asker: Caller) -> None:
    if not may_set_deadlines(asker.person):
        raise NotPermittedRefusal(reason("office", "Only the Office may set deadlines and remind."))
