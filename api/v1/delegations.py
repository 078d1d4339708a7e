"""``/api/v1/delegations``, ``/absences``: who decides for whom, and when."""

from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Asker, Parts, RowId, command_id, digest
from api.composition import Application
from api.request_bodies import KnownCallerRoute
from api.v1.schemas.deadlines import NewAbsence, NewDelegation
from api.v1.serializers import OrjsonResponse, absence_json, delegation_json
from workflow.command import Cause
from workflow.commands.delegations import Delegate, EndAbsence, RecordAbsence
from workflow.model import Via
from workflow.people import may_watch
from workflow.store import people

router = APIRouter(route_class=KnownCallerRoute)


@router.post("/delegations", status_code=201)
async def add_delegation(
    request: Request, parts: Parts, asker: Asker, body: NewDelegation
) -> Response:
    """Let somebody act for another on the days given, by a document."""
    command = Delegate(
        from_email=body.from_email,
        to_email=body.to_email,
        starts_on=body.starts_on,
        ends_on=body.ends_on,
        document=body.document,
        form=body.form,
        kinds=body.kinds,
        terms=body.terms,
        cause=Cause(
            actor=asker.person.id,
            via=Via.API,
            method=asker.method,
            command_id=command_id(request),
            digest=digest(request, body.model_dump(mode="json", by_alias=True)),
        ),
    )
    delegation = await parts.database.write(command)
    return OrjsonResponse(
        next(each for each in await _delegations(parts) if each["id"] == delegation),
        status_code=201,
    )


@router.get("/delegations")
async def list_delegations(parts: Parts, asker: Asker) -> Response:
    """Return the delegations: all for the Office, the Directorate and auditors, else the caller's own."""
    mine = asker.person.email
    found = await _delegations(parts)
    shown = (
        found
        if may_watch(asker.person)
        else [each for each in found if mine in {each["from"], each["to"]}]
    )
    return OrjsonResponse({"data": shown, "next": None})


async def _delegations(parts: Application) -> list[dict[str, Any]]:
    def found(connection: Connection) -> list[dict[str, Any]]:
        known = {int(each.id): each for each in people.all_people(connection)}
        return [delegation_json(each, known) for each in people.all_delegations(connection)]

    return await parts.database.read(found)


@router.post("/absences", status_code=201)
async def add_absence(request: Request, parts: Parts, asker: Asker, body: NewAbsence) -> Response:
    """Note that somebody (oneself, if nobody is named) is away on the days given; what waits goes to whoever stands in."""
    command = RecordAbsence(
        email=body.person or asker.person.email,
        stand_in=body.stand_in,
        starts_on=body.starts_on,
        ends_on=body.ends_on,
        cause=Cause(
            actor=asker.person.id,
            via=Via.API,
            method=asker.method,
            command_id=command_id(request),
            digest=digest(request, body.model_dump(mode="json")),
        ),
    )
    return await _absence_answer(parts, await parts.database.write(command), status=201)


@router.post("/absences/{absence}/end")
async def end_absence(request: Request, parts: Parts, asker: Asker, absence: RowId) -> Response:
    """End an absence today; what waits goes back to whoever was away."""
    command = EndAbsence(
        absence=absence,
        cause=Cause(
            actor=asker.person.id,
            via=Via.API,
            method=asker.method,
            command_id=command_id(request),
            digest=digest(request, None),
        ),
    )
    return await _absence_answer(parts, await parts.database.write(command), status=200)


async def _absence_answer(parts: Application, absence: int, *, status: int) -> Response:
    def found(connection: Connection) -> dict[str, Any]:
        known = {int(each.id): each for each in people.all_people(connection)}
        row = people.absence_by_id(connection, absence)
        return absence_json(row, known) if row else {}

    return OrjsonResponse(await parts.database.read(found), status_code=status)


@router.get("/absences")
async def list_absences(parts: Parts, asker: Asker) -> Response:
    """Return the absences of today and later: all for the Office, the Directorate and auditors, else the caller's own."""
    mine = asker.person.email

    def found(connection: Connection) -> list[dict[str, Any]]:
        known = {int(each.id): each for each in people.all_people(connection)}
        today = parts.context.calendar.local_day(parts.clock.now()).isoformat()
        return [absence_json(each, known) for each in people.absences_from(connection, today)]

    every = await parts.database.read(found)
    shown = (
        every
        if may_watch(asker.person)
        else [each for each in every if mine in {each["person"], each["stand_in"]}]
    )
    return OrjsonResponse({"data": shown, "next": None})
