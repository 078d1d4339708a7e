"""``/api/v1/proceedings``: what is pending against people and departments, and how it ended."""

from collections.abc import Mapping

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Asker, Parts, RowId
from api.auth.sessions import Caller
from api.composition import Application
from api.cursors import cursor_after, read_cursor
from api.json_response import OrjsonResponse
from api.request_bodies import KnownCallerRoute
from api.v1.dependencies import cause_of
from api.v1.responses import list_response
from api.v1.schemas.proceedings import NewProceeding, ProceedingEnding
from api.v1.serializers import moment
from workflow.commands.proceedings import CloseProceeding, OpenProceeding
from workflow.lookups.proceedings import PAGE, register, visible_proceeding
from workflow.model import Person, PersonId
from workflow.queries import people
from workflow.queries.proceedings import Proceeding

router = APIRouter(prefix="/proceedings", route_class=KnownCallerRoute)


@router.get("")
async def list_proceedings(parts: Parts, asker: Asker, cursor: str | None = None) -> Response:
    """Return the register, newest first, to who may read it."""

    def load(connection: Connection) -> Response:
        known = people.people_by_id(connection)
        found = register(connection, asker.person, read_cursor(cursor))
        after = cursor_after([each.id for each in found], PAGE)
        return list_response([_json(each, known) for each in found], after)

    return await parts.database.report(load)


@router.get("/{proceeding}")
async def get_proceeding(parts: Parts, asker: Asker, proceeding: RowId) -> Response:
    """Return what is or was pending."""
    return await _response(parts, asker, proceeding)


@router.post("", status_code=201)
async def open_proceeding(
    request: Request, parts: Parts, asker: Asker, body: NewProceeding
) -> Response:
    """Write down what is pending; the Office's."""
    command = OpenProceeding(
        cause=cause_of(request, asker, body.model_dump(mode="json")),
        kind=body.kind,
        since=body.since,
        document=body.document,
        document_on=body.document_on,
        person=body.person,
        department=body.department,
        words=body.words,
    )
    return await _response(parts, asker, await parts.database.write(command), status=201)


@router.post("/{proceeding}/end")
async def close_proceeding(
    request: Request, parts: Parts, asker: Asker, proceeding: RowId, body: ProceedingEnding
) -> Response:
    """Write down how it ended; the Office's."""
    command = CloseProceeding(
        cause=cause_of(request, asker, body.model_dump(mode="json")),
        proceeding=proceeding,
        outcome=body.outcome,
        ended_on=body.ended_on,
        document=body.document,
        document_on=body.document_on,
        served_on=body.served_on,
        words=body.words,
    )
    return await _response(parts, asker, await parts.database.write(command))


async def _response(
    parts: Application, asker: Caller, proceeding: int, *, status: int = 200
) -> Response:
    def load(connection: Connection) -> dict[str, object]:
        found = visible_proceeding(connection, proceeding, asker.person)
        return _json(found, people.people_by_id(connection))

    return OrjsonResponse(await parts.database.read(load), status_code=status)


def _json(found: Proceeding, known: Mapping[PersonId, Person]) -> dict[str, object]:
    def address(person: PersonId | None) -> str | None:
        return None if person is None else known[person].email

    return {
        "id": found.id,
        "person": address(found.person),
        "department": found.department,
        "kind": found.kind,
        "since": found.since,
        "document": found.document,
        "document_on": found.document_on,
        "words": found.words,
        "opened_by": address(found.opened_by),
        "opened_at": moment(found.opened_at),
        "outcome": found.outcome,
        "ended_on": found.ended_on,
        "end_document": found.end_document,
        "end_document_on": found.end_document_on,
        "served_on": found.served_on,
        "end_words": found.end_words,
        "closed_by": address(found.closed_by),
        "closed_at": moment(found.closed_at),
    }
