"""``/api/v1/definitions``: the kinds of item, their versions, and an example of each."""

from fastapi import APIRouter, Depends
from starlette.responses import Response

from api.auth.callers import Parts, required_caller
from api.json_response import OrjsonResponse
from api.request_bodies import KnownCallerRoute
from api.v1.responses import list_response
from workflow.definition import Definition
from workflow.errors import NotFoundRefusal
from workflow.lookups.campaigns import campaigns_in
from workflow.messages import lazy
from workflow.queries.examples import example_fields
from workflow.queries.permission_matrix import permission_matrix
from workflow.rules import Rulebook

router = APIRouter(dependencies=[Depends(required_caller)], route_class=KnownCallerRoute)


@router.get("/definitions")
async def list_definitions(parts: Parts) -> Response:
    """Return the newest version of every definition."""
    newest = await parts.database.read(parts.context.rulebooks.newest)
    return list_response([definition_json(each) for each in newest.values()])


@router.get("/definitions/{identity}")
async def get_definition(parts: Parts, identity: str) -> Response:
    """Return the newest version of one definition."""
    return OrjsonResponse(definition_json(await _newest(parts, identity)))


@router.get("/definitions/{identity}/versions/{version}")
async def get_definition_version(parts: Parts, identity: str, version: int) -> Response:
    """Return one version of a definition."""
    versions = await parts.database.read(
        lambda connection: parts.context.rulebooks.versions_of(connection, identity)
    )
    if version not in versions:
        raise NotFoundRefusal(lazy("this process version"))
    return OrjsonResponse(definition_json(versions[version]))


@router.get("/definitions/{identity}/example")
async def get_example(parts: Parts, identity: str) -> Response:
    """Return a body that ``POST /items`` accepts as it is."""
    definition = (await _newest(parts, identity)).definition
    campaigns = await parts.database.read(campaigns_in)
    campaign = campaigns[-1] if campaigns else None
    today = parts.context.calendar.local_day(parts.clock.now())
    body = example_of(definition, campaign.id if campaign else "")
    return OrjsonResponse({**body, "fields": example_fields(definition, campaign, today)})


def example_of(definition: Definition, campaign: str) -> dict[str, object]:
    """Return an example item of ``definition`` as its file gives it, in ``campaign``."""
    fields = {field.id: field.example for field in definition.fields if field.example is not None}
    return {
        "type": definition.id,
        "campaign": campaign,
        "title": definition.example_title,
        "fields": fields,
    }


async def _newest(parts: Parts, identity: str) -> Rulebook:
    return await parts.database.read(
        lambda connection: parts.context.rulebooks.newest_of(connection, identity)
    )


def definition_json(rulebook: Rulebook) -> dict[str, object]:
    """Return a definition as the interface shows it, with its permission matrix."""
    body = rulebook.definition.model_dump(mode="json", by_alias=True)
    matrix = [
        {"state": each.state, "position": each.position, "transitions": each.transitions}
        for each in permission_matrix(rulebook)
    ]
    return {**body, "hash": rulebook.hash, "matrix": matrix}
