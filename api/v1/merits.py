"""``/api/v1/merits``: good people and deeds of a campaign."""

from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Asker, Parts, RowId, command_id, digest
from api.request_bodies import KnownCallerRoute
from api.v1.schemas.deadlines import MeritNoting, NewMerit
from api.v1.serializers import OrjsonResponse, moment
from workflow.command import Cause
from workflow.commands.merits import NoteMerit, RecordMerit, visible_merit
from workflow.model import Person, Via
from workflow.people import scope_of
from workflow.store import definitions, merits, people
from workflow.store.merits import Merit

router = APIRouter(route_class=KnownCallerRoute)


@router.post("/merits", status_code=201)
async def record_merit(request: Request, parts: Parts, asker: Asker, body: NewMerit) -> Response:
    """Note a merit of one's own department."""
    command = RecordMerit(
        campaign=body.campaign,
        recognition=body.recognition,
        whose_kind=body.whose_kind,
        whose=body.whose,
        what=body.what,
        story=body.story,
        happened_on=body.happened_on.isoformat(),
        cause=Cause(
            actor=asker.person.id,
            via=Via.API,
            method=asker.method,
            command_id=command_id(request),
            digest=digest(request, body.model_dump(mode="json")),
        ),
    )
    merit = await parts.database.write(command)
    return OrjsonResponse(
        await parts.database.read(lambda connection: _found(connection, merit, asker.person)),
        status_code=201,
    )


@router.get("/merits")
async def list_merits(parts: Parts, asker: Asker, campaign: str | None = None) -> Response:
    """Return the merits of a campaign, or of all, that the asker may read, newest first."""

    def found(connection: Connection) -> list[dict[str, Any]]:
        known = {each.id: each.email for each in people.all_people(connection)}
        wanted = [
            identity
            for identity, _, _ in definitions.all_campaigns(connection)
            if campaign in (None, identity)
        ]
        every = [each for identity in wanted for each in merits.merits_of(connection, identity)]
        return [
            _json(each, known) for each in every if scope_of(asker.person).covers(each.department)
        ]

    return OrjsonResponse({"data": await parts.database.read(found), "next": None})


@router.get("/merits/{merit}")
async def get_merit(parts: Parts, asker: Asker, merit: RowId) -> Response:
    """Return one merit with the notes on it."""
    return OrjsonResponse(
        await parts.database.read(lambda connection: _found(connection, merit, asker.person))
    )


@router.post("/merits/{merit}/notes", status_code=201)
async def note_merit(
    request: Request, parts: Parts, asker: Asker, merit: RowId, body: MeritNoting
) -> Response:
    """Say something of a merit and give it a standing; the Office's."""
    command = NoteMerit(
        merit=merit,
        standing=body.standing,
        words=body.words,
        cause=Cause(
            actor=asker.person.id,
            via=Via.API,
            method=asker.method,
            command_id=command_id(request),
            digest=digest(request, body.model_dump()),
        ),
    )
    await parts.database.write(command)
    return OrjsonResponse(
        await parts.database.read(lambda connection: _found(connection, merit, asker.person)),
        status_code=201,
    )


def _found(connection: Connection, merit: int, person: Person) -> dict[str, Any]:
    known = {each.id: each.email for each in people.all_people(connection)}
    notes = [
        {
            "by": known[each.by],
            "at": moment(each.at),
            "standing": each.standing,
            "words": each.words,
        }
        for each in merits.notes_of(connection, merit)
    ]
    return {**_json(visible_merit(connection, merit, person), known), "notes": notes}


def _json(merit: Merit, known: dict[Any, str]) -> dict[str, Any]:
    return {
        "id": merit.id,
        "campaign": merit.campaign,
        "recognition": merit.recognition,
        "whose_kind": merit.whose_kind,
        "whose": merit.whose,
        "department": merit.department,
        "what": merit.what,
        "story": merit.story,
        "happened_on": merit.happened_on,
        "recorded_by": known[merit.recorded_by],
        "recorded_at": moment(merit.recorded_at),
        "standing": merit.standing,
        "code": merit.code,
    }
