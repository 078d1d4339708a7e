"""``/api/v1/merits``: good people and deeds of a campaign."""

from collections.abc import Mapping

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Asker, Parts, RowId
from api.composition import Application
from api.json_response import OrjsonResponse
from api.request_bodies import KnownCallerRoute
from api.v1.dependencies import cause_of
from api.v1.responses import list_response
from api.v1.schemas.merits import MeritNoting, NewMerit
from api.v1.serializers import moment
from workflow.commands.merits import NoteMerit, RecordMerit
from workflow.lookups.merits import visible_merit
from workflow.model import Person, PersonId
from workflow.queries import people
from workflow.queries.merits import Merit, notes_of, visible_merits

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
        cause=cause_of(request, asker, body.model_dump(mode="json")),
    )
    merit = await parts.database.write(command)
    return await _merit_response(parts, merit, asker.person, status=201)


@router.get("/merits")
async def list_merits(parts: Parts, asker: Asker, campaign: str | None = None) -> Response:
    """Return the merits of a campaign, or of all, that the asker may read, newest first."""

    def load_merits(connection: Connection) -> list[dict[str, object]]:
        known = people.people_by_id(connection)
        return [_json(each, known) for each in visible_merits(connection, asker.person, campaign)]

    return list_response(await parts.database.read(load_merits))


@router.get("/merits/{merit}")
async def get_merit(parts: Parts, asker: Asker, merit: RowId) -> Response:
    """Return one merit with the notes on it."""
    return await _merit_response(parts, merit, asker.person)


@router.post("/merits/{merit}/notes", status_code=201)
async def note_merit(
    request: Request, parts: Parts, asker: Asker, merit: RowId, body: MeritNoting
) -> Response:
    """Say something of a merit and give it a standing; the Office's."""
    command = NoteMerit(
        merit=merit,
        standing=body.standing,
        words=body.words,
        cause=cause_of(request, asker, body.model_dump()),
    )
    await parts.database.write(command)
    return await _merit_response(parts, merit, asker.person, status=201)


async def _merit_response(
    parts: Application, merit: int, person: Person, *, status: int = 200
) -> Response:
    def load_merit(connection: Connection) -> dict[str, object]:
        known = people.people_by_id(connection)
        notes = [
            {
                "by": known[each.by].email,
                "at": moment(each.at),
                "standing": each.standing,
                "words": each.words,
            }
            for each in notes_of(connection, merit)
        ]
        return {**_json(visible_merit(connection, merit, person), known), "notes": notes}

    return OrjsonResponse(await parts.database.read(load_merit), status_code=status)


def _json(merit: Merit, known: Mapping[PersonId, Person]) -> dict[str, object]:
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
        "recorded_by": known[merit.recorded_by].email,
        "recorded_at": moment(merit.recorded_at),
        "standing": merit.standing,
        "code": merit.code,
    }
