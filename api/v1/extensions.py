"""``/api/v1/deadlines/{id}/extensions``, ``/extensions/{id}``: another day, asked and answered."""

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Asker, Parts, RowId
from api.json_response import OrjsonResponse
from api.request_bodies import KnownCallerRoute
from api.v1.dependencies import cause_of
from api.v1.responses import list_response
from api.v1.schemas.deadlines import Asking, ExtensionDecision
from api.v1.serializers import deadline_json, moment
from workflow.commands.extensions import AskExtension, DecideExtension
from workflow.model import DepartmentId
from workflow.people import may_watch
from workflow.queries import deadlines, people

router = APIRouter(route_class=KnownCallerRoute)


@router.post("/deadlines/{deadline_id}/extensions", status_code=201)
async def ask(
    request: Request, parts: Parts, asker: Asker, deadline_id: RowId, body: Asking
) -> Response:
    """Ask for another day for one's own department."""
    command = AskExtension(
        deadline=deadline_id,
        department=DepartmentId(body.department or asker.person.department or ""),
        wanted_at=body.wanted_at,
        why=body.why,
        cause=cause_of(request, asker, body.model_dump(mode="json")),
    )
    extension = await parts.database.write(command)
    found = await parts.database.read(lambda connection: _of(connection, deadline_id))
    return OrjsonResponse(next(each for each in found if each["id"] == extension), status_code=201)


@router.get("/deadlines/{deadline_id}/extensions")
async def list_extensions(parts: Parts, asker: Asker, deadline_id: RowId) -> Response:
    """Return what was asked for a deadline: all for those who watch, else the own department's."""
    found = await parts.database.read(lambda connection: _of(connection, deadline_id))
    shown = [
        each
        for each in found
        if may_watch(asker.person) or each["department"] == asker.person.department
    ]
    return list_response(shown)


@router.post("/extensions/{extension}")
async def decide(
    request: Request, parts: Parts, asker: Asker, extension: RowId, body: ExtensionDecision
) -> Response:
    """Grant or refuse; the answer is the deadline that the department has by then."""
    command = DecideExtension(
        extension=extension,
        is_granted=body.granted,
        answer=body.answer,
        cause=cause_of(request, asker, body.model_dump(mode="json")),
    )
    deadline_id = await parts.database.write(command)
    found = await parts.database.read(
        lambda connection: deadlines.deadline_by_id(connection, deadline_id)
    )
    return OrjsonResponse(deadline_json(found))


def _of(connection: Connection, deadline_id: int) -> list[dict[str, object]]:
    known = people.people_by_id(connection)
    return [
        {
            "id": each.id,
            "deadline": each.deadline,
            "department": each.department,
            "asked_by": known[each.asked_by].email,
            "asked_at": moment(each.asked_at),
            "wanted_at": moment(each.wanted_at),
            "why": each.why,
            "state": each.state,
            "answer": each.answer,
        }
        for each in deadlines.extensions_of(connection, [deadline_id])
    ]
