"""``/api/v1/deadlines``, ``/reminders``: what the Office sets and watches."""

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Asker, Parts, RowId
from api.auth.permissions import require_watcher
from api.composition import Application
from api.json_response import OrjsonResponse
from api.request_bodies import KnownCallerRoute
from api.v1.dependencies import cause_of, expected_version, if_matched
from api.v1.responses import list_response
from api.v1.schemas.deadlines import DeadlineChange, NewDeadline, Reminding, Snoozing
from api.v1.schemas.items import RealDay
from api.v1.serializers import deadline_json, moment
from notifications.reminder_register import ReminderRow, from_plan
from notifications.translation import translate
from workflow.commands.deadlines import RemindNow, SetDeadline
from workflow.commands.snooze import SnoozeReminders
from workflow.deadlines import Deadline, LatestDay, plan
from workflow.errors import VersionRequiredRefusal
from workflow.lookups.deadline_terms import checked_series
from workflow.lookups.obligations import obligations
from workflow.model import DepartmentId, Person
from workflow.people import require_office, scope_of
from workflow.queries import deadlines, people
from workflow.queries.back_planning import Ahead, back_plan
from workflow.queries.what_if import imagined_deadline

router = APIRouter(route_class=KnownCallerRoute)


@router.post("/deadlines", status_code=201)
async def set_deadline(request: Request, parts: Parts, asker: Asker, body: NewDeadline) -> Response:
    """Create a deadline; the answer has the rolled instant."""
    command = SetDeadline(
        terms=body.terms(),
        cause=cause_of(request, asker, body.model_dump(mode="json", exclude_unset=True)),
        confirm=body.confirm,
        repeats=body.series(),
    )
    deadline = await parts.database.write(command)
    return _deadline_response(await _deadline(parts, deadline), status=201)


@router.get("/deadlines")
async def list_deadlines(parts: Parts, asker: Asker) -> Response:
    """Return every deadline."""
    found = await parts.database.read(
        lambda connection: deadlines.visible_deadlines(connection, asker.person)
    )
    return list_response([deadline_json(each) for each in found])


@router.post("/deadlines/preview")
async def preview_deadline(parts: Parts, asker: Asker, body: NewDeadline) -> Response:
    """Return the reminders that this deadline would cause, without setting it."""
    require_office(asker.person)

    def preview(connection: Connection) -> list[ReminderRow]:
        context = parts.context
        series = checked_series(
            context, connection, body.terms(), body.series(), is_confirmed=body.confirm
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

    return await _reminders_response(parts, await parts.database.report(preview))


@router.get("/deadlines/backplan")
async def plan_backwards(
    parts: Parts,
    asker: Asker,
    on: RealDay,
    type: str = "",  # noqa: A002 - the interface's name
) -> Response:
    """Return the latest day of each step before ``on``, the slack, and open items against it."""
    planned = await parts.database.report(
        lambda connection: back_plan(parts.context, connection, type, on)
    )
    return OrjsonResponse(
        {
            "type": planned.definition.id,
            "on": on.isoformat(),
            "slack_days": planned.slack,
            "past_items": planned.past_items,
            "steps": [_step_json(each) for each in planned.days],
            "items": [
                _item_ahead_json(each)
                for each in planned.ahead
                if scope_of(asker.person).covers(each.department)
            ],
        }
    )


def _step_json(day: LatestDay) -> dict[str, object]:
    return {
        "state": day.step.state,
        "label": translate(day.step.label),
        "working_days": day.step.working_days,
        "leave_by": day.leave_by.isoformat(),
        "median_days": day.spell.median,
        "ninetieth_days": day.spell.ninetieth,
    }


def _item_ahead_json(item: Ahead) -> dict[str, object]:
    chance = item.chance
    return {
        "code": item.code,
        "department": item.department,
        "days_left": item.days_left,
        "needs_days": item.needs,
        "late_percent": None if chance is None else [chance.lowest, chance.percent, chance.highest],
        "risk": item.risk,
    }


@router.get("/deadlines/{deadline_id}")
async def get_deadline(parts: Parts, asker: Asker, deadline_id: RowId) -> Response:
    """Return one deadline."""
    return _deadline_response(await _deadline(parts, deadline_id, asker.person))


async def _deadline(parts: Application, deadline_id: int, reader: Person | None = None) -> Deadline:
    return await parts.database.read(
        lambda connection: deadlines.deadline_by_id(connection, deadline_id, reader)
    )


@router.patch("/deadlines/{deadline_id}")
async def change_deadline(
    request: Request, parts: Parts, asker: Asker, deadline_id: RowId, body: DeadlineChange
) -> Response:
    """Change a deadline; what has not been sent is planned anew in the same transaction."""
    before = await _deadline(parts, deadline_id)
    version = expected_version(request)
    if version is None:
        raise VersionRequiredRefusal
    command = SetDeadline(
        terms=body.terms(before),
        cause=cause_of(request, asker, body.model_dump(mode="json", exclude_unset=True)),
        confirm=body.confirm,
        deadline=deadline_id,
        version=version,
    )
    with if_matched():
        written = await parts.database.write(command)
    return _deadline_response(await _deadline(parts, written))


def _deadline_response(deadline: Deadline, *, status: int = 200) -> Response:
    headers = {"ETag": f'"{deadline.version}"'}
    return OrjsonResponse(deadline_json(deadline), status_code=status, headers=headers)


@router.post("/deadlines/{deadline_id}/remind", status_code=201)
async def remind_department(
    request: Request, parts: Parts, asker: Asker, deadline_id: RowId, body: Reminding
) -> Response:
    """Remind one department now, in the Office's own words."""
    command = RemindNow(
        deadline=deadline_id,
        department=DepartmentId(body.department),
        message=body.message,
        cause=cause_of(request, asker, body.model_dump()),
    )
    reminded = await parts.database.write(command)
    known = await parts.database.read(people.people_by_id)
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
    """Put off one's own reminders before the due day.

    The answer is the working day they are put off to.
    """
    command = SnoozeReminders(
        deadline=deadline_id,
        until=body.until,
        cause=cause_of(request, asker, body.model_dump(mode="json")),
    )
    until = await parts.database.write(command)
    return OrjsonResponse(
        {"deadline": deadline_id, "until": until.isoformat() if until is not None else None}
    )


@router.get("/reminders")
async def list_reminders(parts: Parts, asker: Asker) -> Response:
    """Return every reminder that went or will go, with its reason."""
    require_watcher(asker)
    return await _reminders_response(parts, await parts.database.report(parts.reminders.rows))


async def _reminders_response(parts: Application, rows: list[ReminderRow]) -> Response:
    known = await parts.database.read(people.people_by_id)
    return list_response([reminder_json(row, known[row.person]) for row in rows])


def reminder_json(row: ReminderRow, person: Person) -> dict[str, object]:
    """Return a reminder as the interface shows it."""
    return {
        "deadline": row.deadline or None,
        "rung": row.rung,
        "person": person.name,
        "email": person.email,
        "departments": list(row.departments),
        "at": moment(row.at),
        "state": row.state,
        "reason": translate(row.reason),
        "message_id": row.message_id,
    }
