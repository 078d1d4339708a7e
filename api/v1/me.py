"""``/api/v1/me``: who asks."""

from fastapi import APIRouter
from starlette.responses import Response

from api.auth.callers import Asker, Parts
from api.json_response import OrjsonResponse
from api.request_bodies import KnownCallerRoute
from api.v1.delegations import delegations_of

router = APIRouter(route_class=KnownCallerRoute)


@router.get("/me")
async def who_am_i(parts: Parts, asker: Asker) -> Response:
    """Return the caller: person, positions, delegations."""
    person = asker.person
    return OrjsonResponse(
        {
            "email": person.email,
            "name": person.name,
            "positions": [{"position": person.position, "department": person.department}],
            "department": person.department,
            "delegations": await delegations_of(parts, person),
            "method": asker.method,
        }
    )
