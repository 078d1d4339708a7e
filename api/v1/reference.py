"""``/api/v1/me``, ``/definitions``, ``/campaigns``, ``/people``, ``/departments``: what programs look up."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Body, Depends, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Asker, Parts, command_id, digest, required_caller
from api.request_bodies import KnownCallerRoute
from api.staffing import Staffing, require_reader
from api.v1.schemas.deadlines import DepartmentName, NewDepartment, NewPerson, PersonChange
from api.v1.serializers import OrjsonResponse, delegation_json
from workflow.command import Cause
from workflow.commands.organization import AddDepartment, LaunchCampaign, RenameDepartment
from workflow.definition import Actor, Definition, read_campaign
from workflow.errors import NotFoundRefusal
from workflow.messages import lazy
from workflow.model import DepartmentId, Person, Position, Via
from workflow.people.staff_rows import PersonRow
from workflow.rules import Rulebook
from workflow.store import definitions, people

router = APIRouter(dependencies=[Depends(required_caller)], route_class=KnownCallerRoute)


@router.get("/me")
async def who_am_i(parts: Parts, asker: Asker) -> Response:
    """Return the caller: person, positions, delegations."""

    def found(connection: Connection) -> list[dict[str, Any]]:
        known = {int(each.id): each for each in people.all_people(connection)}
        mine = [
            each
            for each in people.all_delegations(connection)
            if asker.person.id in {each.from_person, each.to_person}
        ]
        return [delegation_json(each, known) for each in mine]

    return OrjsonResponse(
        {
            "email": asker.person.email,
            "name": asker.person.name,
            "positions": [
                {"position": asker.person.position, "department": asker.person.department}
            ],
            "department": asker.person.department,
            "delegations": await parts.database.read(found),
            "method": asker.method,
        }
    )


@router.get("/definitions")
async def list_definitions(parts: Parts) -> Response:
    """Return the newest version of every definition."""
    newest = await parts.database.read(parts.context.rulebooks.newest)
    return OrjsonResponse(
        {"data": [definition_json(each) for each in newest.values()], "next": None}
    )


@router.get("/definitions/{identity}")
async def get_definition(parts: Parts, identity: str) -> Response:
    """Return the newest version of one definition."""
    return OrjsonResponse(definition_json(await _newest(parts, identity)))


@router.get("/definitions/{identity}/versions/{version}")
async def get_definition_version(parts: Parts, identity: str, version: int) -> Response:
    """Return one version of a definition."""
    every = await parts.database.read(parts.context.rulebooks.all)
    for rulebook in every:
        if rulebook.definition.id == identity and rulebook.definition.version == version:
            return OrjsonResponse(definition_json(rulebook))
    raise NotFoundRefusal(lazy("this process version"))


@router.get("/definitions/{identity}/example")
async def get_example(parts: Parts, identity: str) -> Response:
    """Return a body that ``POST /items`` accepts as it is."""
    rulebook = await _newest(parts, identity)
    campaigns = await parts.database.read(definitions.all_campaigns)
    return OrjsonResponse(example_of(rulebook.definition, campaigns[-1][0] if campaigns else ""))


def example_of(definition: Definition, campaign: str) -> dict[str, Any]:
    """Return an example item of ``definition`` in ``campaign``."""
    fields = {field.id: field.example for field in definition.fields if field.example is not None}
    return {
        "type": definition.id,
        "campaign": campaign,
        "title": definition.example_title,
        "fields": fields,
    }


async def _newest(parts: Parts, identity: str) -> Rulebook:
    newest = await parts.database.read(parts.context.rulebooks.newest)
    if identity not in newest:
        raise NotFoundRefusal(lazy("this process"))
    return newest[identity]


def definition_json(rulebook: Rulebook) -> dict[str, Any]:
    """Return a definition as the interface shows it, with its permission matrix."""
    body = rulebook.definition.model_dump(mode="json", by_alias=True)
    return {**body, "hash": rulebook.hash, "matrix": permission_matrix(rulebook)}


def permission_matrix(rulebook: Rulebook) -> list[dict[str, Any]]:
    """Return, for each state, which transitions each position may take: state × position → transitions."""
    return [
        {"state": state, "position": position, "transitions": found}
        for state in rulebook.states
        for position, found in _row(rulebook, state)
    ]


def _row(rulebook: Rulebook, state: str) -> list[tuple[str, list[str]]]:
    offers = rulebook.offers(state)
    by_holder = list(dict.fromkeys(each.id for each in offers if each.by is Actor.HOLDER))
    by_author = list(dict.fromkeys(each.id for each in offers if each.by is Actor.AUTHOR))
    positions = dict.fromkeys(
        position for rule in rulebook.states[state].holders for position in rule.positions
    )
    by_clock = list(dict.fromkeys(each.id for each in offers if each.by is Actor.CLOCK))
    rows = [
        ("clock", by_clock),
        ("author", by_author + (by_holder if rulebook.states[state].held_by_author else [])),
    ]
    rows += [(position.value, by_holder) for position in Position if position in positions]
    return [(position, found) for position, found in rows if found]


@router.get("/campaigns")
async def list_campaigns(parts: Parts) -> Response:
    """Return every campaign, whole."""
    found = await parts.database.read(definitions.all_campaigns)
    return OrjsonResponse({"data": [orjson.loads(body) for _, _, body in found], "next": None})


@router.post("/campaigns", status_code=201)
async def launch_campaign(
    request: Request, parts: Parts, asker: Asker, body: Annotated[dict[str, Any], Body()]
) -> Response:
    """Launch a campaign from its plan, written as ``GET /campaigns/{id}`` shows one."""
    campaign = read_campaign(body)
    command = LaunchCampaign(
        campaign=campaign,
        cause=Cause(
            actor=asker.person.id,
            via=Via.API,
            method=asker.method,
            command_id=command_id(request),
            digest=digest(request, body),
        ),
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


@router.get("/departments")
async def list_departments(parts: Parts) -> Response:
    """Return the departments in the agency's order."""
    found = await parts.database.read(people.all_departments)
    return OrjsonResponse(
        {
            "data": [
                {"id": each.id, "name": each.name, "is_office": each.is_office} for each in found
            ],
            "next": None,
        }
    )


@router.post("/departments", status_code=201)
async def add_department(
    request: Request, parts: Parts, asker: Asker, body: NewDepartment
) -> Response:
    """Add a department."""
    command = AddDepartment(
        id=DepartmentId(body.id),
        name=body.name,
        cause=Cause(
            actor=asker.person.id,
            via=Via.API,
            method=asker.method,
            command_id=command_id(request),
            digest=digest(request, body.model_dump()),
        ),
    )
    await parts.database.write(command)
    return OrjsonResponse({"id": body.id, "name": body.name, "is_office": False}, status_code=201)


@router.patch("/departments/{department}")
async def rename_department(
    request: Request, parts: Parts, asker: Asker, department: str, body: DepartmentName
) -> Response:
    """Call a department by another name; its id, people and items stay."""
    command = RenameDepartment(
        id=DepartmentId(department),
        name=body.name,
        cause=Cause(
            actor=asker.person.id,
            via=Via.API,
            method=asker.method,
            command_id=command_id(request),
            digest=digest(request, body.model_dump()),
        ),
    )
    await parts.database.write(command)
    found = await parts.database.read(people.all_departments)
    renamed = next(each for each in found if each.id == department)
    return OrjsonResponse({"id": renamed.id, "name": renamed.name, "is_office": renamed.is_office})


@router.get("/people")
async def list_people(parts: Parts, asker: Asker) -> Response:
    """Return everybody; for those who manage people and for auditors."""
    require_reader(asker)
    found = await parts.database.read(people.all_people)
    return OrjsonResponse({"data": [person_json(each) for each in found], "next": None})


@router.post("/people", status_code=201)
async def add_person(request: Request, parts: Parts, asker: Asker, body: NewPerson) -> Response:
    """Add a person, who gets a mailed invitation to set a password."""
    row = PersonRow(
        row=0, email=body.email, name=body.name, position=body.position, department=body.department
    )
    said = digest(request, body.model_dump(exclude_unset=True))
    added = await Staffing(
        parts=parts, asker=asker, via=Via.API, command_id=command_id(request), digest=said
    ).add(row)
    return OrjsonResponse(person_json(added), status_code=201)


@router.patch("/people/{email}")
async def change_person(
    request: Request, parts: Parts, asker: Asker, email: str, body: PersonChange
) -> Response:
    """Change a person; holders of open items follow in the same transaction, with a mail. A new address revokes live links."""
    said = digest(request, body.model_dump(exclude_unset=True))
    staffing = Staffing(
        parts=parts, asker=asker, via=Via.API, command_id=command_id(request), digest=said
    )
    if (made := await staffing.replayed()) is not None:
        return OrjsonResponse(person_json(made))
    person = await staffing.person(email)
    named: dict[str, Any] = {
        "email": person.email,
        "name": person.name,
        "position": person.position.value,
        "department": person.department,
    }
    named |= {"is_active": person.is_active} | body.model_dump(exclude_unset=True)
    return OrjsonResponse(person_json(await staffing.change(person, PersonRow(row=0, **named))))


def person_json(person: Person) -> dict[str, Any]:
    """Return a person as the interface shows them."""
    return {
        "email": person.email,
        "name": person.name,
        "position": person.position,
        "department": person.department,
        "is_active": person.is_active,
    }
