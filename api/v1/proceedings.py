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
from api.v1.proposals import proposed_response
from api.v1.responses import list_response
from api.v1.schemas.proceedings import NewProceeding, ProceedingCorrecting, ProceedingEnding
from api.v1.serializers import moment
from workflow.commands.correct_proceeding import CorrectProceeding
from workflow.commands.proceedings import AskedEnd, CloseProceeding, OpenProceeding
from workflow.commands.proposals import Proposed
from workflow.lookups.proceedings import PAGE, ends_written, register, visible_proceeding
from workflow.model import Person, PersonId
from workflow.queries import people
from workflow.queries.proceedings import Proceeding, ProceedingCorrection

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
        ending=AskedEnd(**dict(body)),
    )
    return await _response(parts, asker, await parts.database.write(command))


@router.post("/{proceeding}/corrections")
async def correct_proceeding(
    request: Request, parts: Parts, asker: Asker, proceeding: RowId, body: ProceedingCorrecting
) -> Response:
    """Write down how it truly ended, or that it has not; what frees waits for a second person."""
    command = CorrectProceeding(
        cause=cause_of(request, asker, body.model_dump(mode="json")),
        proceeding=proceeding,
        ending=None if body.end is None else AskedEnd(**dict(body.end)),
        why=body.reason,
    )
    done = await parts.database.write(command)
    if isinstance(done, Proposed):
        return await proposed_response(parts, asker, done)
    return await _response(parts, asker, done)


async def _response(
    parts: Application, asker: Caller, proceeding: int, *, status: int = 200
) -> Response:
    def load(connection: Connection) -> dict[str, object]:
        found = visible_proceeding(connection, proceeding, asker.person)
        known = people.people_by_id(connection)
        first, corrections = ends_written(connection, found)
        said = [_correction(each, known) for each in corrections]
        ends = {"first_end": _end(first), "corrections": said}
        return {**_json(found, known), **ends}

    return OrjsonResponse(await parts.database.read(load), status_code=status)


def _end(found: Proceeding) -> dict[str, object] | None:
    if found.outcome is None:
        return None
    return {
        "outcome": found.outcome,
        "ended_on": found.ended_on,
        "document": found.end_document,
        "document_on": found.end_document_on,
        "served_on": found.served_on,
        "words": found.end_words,
    }


def _correction(each: ProceedingCorrection, known: Mapping[PersonId, Person]) -> dict[str, object]:
    end = {
        "outcome": each.outcome,
        "ended_on": each.ended_on,
        "document": each.document,
        "document_on": each.document_on,
        "served_on": each.served_on,
        "words": each.words,
    }
    return {
        "end": end if each.outcome else None,
        "reason": each.why,
        "corrected_by": known[each.corrected_by].email,
        "confirmed_by": known[each.confirmed_by].email if each.confirmed_by else None,
        "corrected_at": moment(each.corrected_at),
    }


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
