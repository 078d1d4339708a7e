"""``/api/v1/history/as-of``: the agency as it was at an instant, for whoever watches over it."""

from dataclasses import asdict

from fastapi import APIRouter
from starlette.responses import Response

from api.auth.callers import Asker, Parts
from api.auth.permissions import require_watcher
from api.json_response import OrjsonResponse
from api.request_bodies import KnownCallerRoute
from api.v1.people import department_json, person_json
from api.v1.schemas.items import Instant
from api.v1.serializers import absence_json, delegation_json, holder_json, moment
from workflow.queries.past_agency import AgencyThen, agency_then

router = APIRouter(prefix="/history", route_class=KnownCallerRoute)


@router.get("/as-of/{instant}")
async def agency_as_of(parts: Parts, asker: Asker, instant: Instant) -> Response:
    """Return who worked and stood in, what was in force, and whom each open item waited for."""
    require_watcher(asker)
    return await parts.database.report(
        lambda connection: OrjsonResponse(
            agency_json(agency_then(parts.context, connection, instant))
        )
    )


def agency_json(then: AgencyThen) -> dict[str, object]:
    """Return the agency of a moment as the interface shows it."""
    directory = then.directory
    return {
        "day": then.day.isoformat(),
        "departments": [department_json(each) for each in directory.departments.values()],
        "people": [person_json(each) for each in directory.people.values()],
        "absences": [absence_json(each, then.known) for each in then.absences],
        "delegations": [delegation_json(each, then.known) for each in then.delegations],
        "definitions": [
            {"id": each.id, "version": each.version, "hash": each.hash, "since": moment(each.since)}
            for each in then.definitions
        ],
        "calendar": None if then.calendar is None else asdict(then.calendar),
        "items": [
            {
                "code": each.code,
                "type": each.definition.id,
                "definition_version": each.definition.version,
                "state": each.state.id,
                "since": moment(each.since),
                "due_at": moment(each.due_at),
                "holders": [holder_json(holder) for holder in each.holders],
            }
            for each in then.items
        ],
        "is_cut": then.is_cut,
        "erased": then.erased,
        "altered": then.altered,
    }
