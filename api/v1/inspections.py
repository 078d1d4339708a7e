"""``/api/v1/inspections``: visits of the Office to departments, and what came of them."""

from collections.abc import Mapping

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Asker, Parts, RowId
from api.auth.sessions import Caller
from api.composition import Application
from api.json_response import OrjsonResponse
from api.request_bodies import KnownCallerRoute
from api.v1.dependencies import cause_of
from api.v1.responses import list_response
from api.v1.schemas.inspections import InspectionNoting, NewInspection
from api.v1.serializers import moment
from workflow.commands.inspections import EndInspection, PlanInspection, RecordInspection
from workflow.lookups.inspections import visible_inspection, visible_inspections
from workflow.model import DepartmentId, Person, PersonId
from workflow.queries import people
from workflow.queries.inspections import RECORDED, Inspection

router = APIRouter(prefix="/inspections", route_class=KnownCallerRoute)


@router.get("")
async def list_inspections(parts: Parts, asker: Asker) -> Response:
    """Return the inspections that concern the asker, newest first: all of them, a few a year."""

    def load(connection: Connection) -> Response:
        known = people.people_by_id(connection)
        found = visible_inspections(connection, asker.person)
        return list_response([_json(each, known) for each in found])

    return await parts.database.report(load)


@router.get("/{inspection}")
async def get_inspection(parts: Parts, asker: Asker, inspection: RowId) -> Response:
    """Return an inspection with what came of it."""
    return await _response(parts, asker, inspection)


@router.post("", status_code=201)
async def plan_inspection(
    request: Request, parts: Parts, asker: Asker, body: NewInspection
) -> Response:
    """Plan a visit to a department; the Office's."""
    command = PlanInspection(
        cause=cause_of(request, asker, body.model_dump(mode="json")),
        campaign=body.campaign,
        department=DepartmentId(body.department),
        on_day=body.on_day,
        inspectors=tuple(body.inspectors),
        about=body.about,
    )
    return await _response(parts, asker, await parts.database.write(command), status=201)


@router.post("/{inspection}/notes", status_code=201)
async def note_inspection(
    request: Request, parts: Parts, asker: Asker, inspection: RowId, body: InspectionNoting
) -> Response:
    """Write down what was found, that it is mended, or that it was given up; the Office's."""
    cause = cause_of(request, asker, body.model_dump(mode="json"))
    command: RecordInspection | EndInspection
    if body.outcome == RECORDED:
        command = RecordInspection(
            cause=cause,
            inspection=inspection,
            words=body.words,
            to_mend=body.to_mend,
            mend_by=body.mend_by,
        )
    else:
        command = EndInspection(
            cause=cause, inspection=inspection, outcome=body.outcome, words=body.words
        )
    return await _response(parts, asker, await parts.database.write(command), status=201)


async def _response(
    parts: Application, asker: Caller, inspection: int, *, status: int = 200
) -> Response:
    def load(connection: Connection) -> dict[str, object]:
        found = visible_inspection(connection, inspection, asker.person)
        return _json(found, people.people_by_id(connection))

    return OrjsonResponse(await parts.database.read(load), status_code=status)


def _json(found: Inspection, known: Mapping[PersonId, Person]) -> dict[str, object]:
    return {
        "id": found.id,
        "campaign": found.campaign,
        "department": found.department,
        "on_day": found.on_day,
        "inspectors": [known[each].email for each in found.inspectors],
        "about": found.about,
        "planned_by": known[found.planned_by].email,
        "planned_at": moment(found.planned_at),
        "is_over": found.is_over,
        "notes": [
            {
                "outcome": each.outcome,
                "words": each.words,
                "to_mend": each.to_mend,
                "mend_by": each.mend_by,
                "by": known[each.person].email,
                "at": moment(each.at),
            }
            for each in found.notes
        ],
    }
