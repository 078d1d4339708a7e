"""``/api/v1/delegations``, ``/absences``: who decides for whom, and when."""

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Asker, Parts, RowId
from api.auth.second_factor import NEVER_SHOWN_AGAIN, GivenFactor, write_proven
from api.composition import Application
from api.json_response import OrjsonResponse
from api.request_bodies import KnownCallerRoute
from api.v1.dependencies import cause_of
from api.v1.proposals import proposed_response
from api.v1.responses import list_response
from api.v1.schemas.people import NewAbsence, NewDelegation
from api.v1.serializers import absence_json, delegation_json
from workflow.commands.absences import EndAbsence, RecordAbsence
from workflow.commands.delegations import Delegate, EndDelegation
from workflow.commands.proposals import Proposed
from workflow.model import DepartmentId, Person
from workflow.people import may_watch
from workflow.queries import people

router = APIRouter(route_class=KnownCallerRoute)


@router.post("/delegations", status_code=201)
async def add_delegation(
    request: Request, parts: Parts, asker: Asker, body: NewDelegation
) -> Response:
    """Let somebody act for oneself on the days given, by a document and with a factor.

    For another it is proposed to them.
    """
    command = Delegate(
        from_email=body.from_email,
        to_email=body.to_email,
        starts_on=body.starts_on,
        ends_on=body.ends_on,
        document=body.document,
        form=body.form,
        kinds=body.kinds,
        departments=tuple(map(DepartmentId, body.departments)),
        terms=body.terms,
        cause=cause_of(
            request,
            asker,
            body.model_dump(mode="json", by_alias=True, exclude=set(NEVER_SHOWN_AGAIN)),
        ),
    )
    delegation = await write_proven(parts, command, GivenFactor(pin=body.pin, totp=body.totp))
    if isinstance(delegation, Proposed):
        return await proposed_response(parts, asker, delegation)
    every = await delegations_of(parts, None)
    return OrjsonResponse(next(each for each in every if each["id"] == delegation), status_code=201)


@router.post("/delegations/{delegation}/end")
async def end_delegation(
    request: Request, parts: Parts, asker: Asker, delegation: RowId
) -> Response:
    """End a delegation today; what waits goes back to whoever gave it."""
    command = EndDelegation(delegation=delegation, cause=cause_of(request, asker, None))
    ended = await parts.database.write(command)
    every = await delegations_of(parts, None)
    return OrjsonResponse(next(each for each in every if each["id"] == ended))


@router.get("/delegations")
async def list_delegations(parts: Parts, asker: Asker) -> Response:
    """Return the delegations: all to the Office, the Directorate and auditors, else one's own."""
    return list_response(
        await delegations_of(parts, None if may_watch(asker.person) else asker.person)
    )


async def delegations_of(parts: Application, person: Person | None) -> list[dict[str, object]]:
    """Return the delegations from or to ``person``, or every one, as the interface shows them."""

    def load_answers(connection: Connection) -> list[dict[str, object]]:
        known = people.people_by_id(connection)
        return [
            delegation_json(each, known)
            for each in people.all_delegations(connection)
            if person is None or person.id in {each.from_person, each.to_person}
        ]

    return await parts.database.read(load_answers)


@router.post("/absences", status_code=201)
async def add_absence(request: Request, parts: Parts, asker: Asker, body: NewAbsence) -> Response:
    """Note that somebody (oneself, if nobody is named) is away on the days given.

    What waits goes to whoever stands in, whom only the absent person names, with a factor.
    """
    command = RecordAbsence(
        email=body.person or asker.person.email,
        stand_in=body.stand_in,
        starts_on=body.starts_on,
        ends_on=body.ends_on,
        cause=cause_of(
            request, asker, body.model_dump(mode="json", exclude=set(NEVER_SHOWN_AGAIN))
        ),
    )
    absence = await write_proven(parts, command, GivenFactor(pin=body.pin, totp=body.totp))
    return await _absence_answer(parts, absence, status=201)


@router.post("/absences/{absence}/end")
async def end_absence(request: Request, parts: Parts, asker: Asker, absence: RowId) -> Response:
    """End an absence today; what waits goes back to whoever was away."""
    command = EndAbsence(
        absence=absence,
        cause=cause_of(request, asker, None),
    )
    return await _absence_answer(parts, await parts.database.write(command), status=200)


async def _absence_answer(parts: Application, absence: int, *, status: int) -> Response:
    def load_answer(connection: Connection) -> dict[str, object]:
        row = people.absence_by_id(connection, absence)
        return absence_json(row, people.people_by_id(connection)) if row else {}

    return OrjsonResponse(await parts.database.read(load_answer), status_code=status)


@router.get("/absences")
async def list_absences(parts: Parts, asker: Asker) -> Response:
    """Return the absences of today and later.

    All to the Office, the Directorate and auditors, else one's own.
    """
    person, sees_all = asker.person, may_watch(asker.person)

    def load_answers(connection: Connection) -> list[dict[str, object]]:
        known = people.people_by_id(connection)
        today = parts.context.calendar.local_day(parts.clock.now()).isoformat()
        return [
            absence_json(each, known)
            for each in people.absences_from(connection, today)
            if sees_all or person.id in {each.person, each.stand_in}
        ]

    return list_response(await parts.database.read(load_answers))
