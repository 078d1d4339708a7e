"""``/api/v1/campaigns``: the emulation movements, whole."""

from typing import Annotated

import orjson
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
from workflow.messages import lazy
from workflow.store import definitions

router = APIRouter(dependencies=[Depends(required_caller)], route_class=KnownCallerRoute)


@router.get("/campaigns")
async def list_campaigns(parts: Parts) -> Response:
    """Return every campaign, whole."""
    found = await parts.database.read(definitions.all_campaigns)
    return list_response([orjson.loads(body) for _, _, body in found])


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
    return OrjsonResponse(orjson.loads(campaign.model_dump_json()), status_code=201)


@router.get("/campaigns/{identity}")
async def get_campaign(parts: Parts, identity: str) -> Response:
    """Return one campaign, whole."""
    for campaign, _, body in await parts.database.read(definitions.all_campaigns):
        if campaign == identity:
            return OrjsonResponse(orjson.loads(body))
    raise NotFoundRefusal(lazy("this campaign"))
