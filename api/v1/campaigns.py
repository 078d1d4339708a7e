"""``/api/v1/campaigns``: the emulation movements, whole."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Request
from starlette.responses import Response

from api.auth.callers import Asker, Parts, required_caller
from api.json_response import OrjsonResponse
from api.request_bodies import KnownCallerRoute
from api.v1.dependencies import cause_of
from api.v1.responses import list_response
from workflow.commands.organization import LaunchCampaign
from workflow.definition import read_campaign
from workflow.errors import NotFoundRefusal
from workflow.lookups.campaigns import campaign_of, campaigns_in
from workflow.messages import lazy

router = APIRouter(dependencies=[Depends(required_caller)], route_class=KnownCallerRoute)


@router.get("/campaigns")
async def list_campaigns(parts: Parts) -> Response:
    """Return every campaign, whole."""
    found = await parts.database.read(campaigns_in)
    return list_response([each.model_dump(mode="json") for each in found])


@router.post("/campaigns", status_code=201)
async def launch_campaign(
    request: Request, parts: Parts, asker: Asker, body: Annotated[dict[str, object], Body()]
) -> Response:
    """Launch a campaign from its plan, written as ``GET /campaigns/{id}`` shows one."""
    campaign = read_campaign(body)
    command = LaunchCampaign(
        campaign=campaign,
        cause=cause_of(request, asker, body),
    )
    await parts.database.write(command)
    return OrjsonResponse(campaign.model_dump(mode="json"), status_code=201)


@router.get("/campaigns/{identity}")
async def get_campaign(parts: Parts, identity: str) -> Response:
    """Return one campaign, whole."""
    found = await parts.database.read(lambda connection: campaign_of(connection, identity))
    if found is None:
        raise NotFoundRefusal(lazy("this campaign"))
    return OrjsonResponse(found.model_dump(mode="json"))
