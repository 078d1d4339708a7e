"""``/api/v1/past-awards``: awards that were given before the product came."""

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
from api.v1.schemas.past_awards import NewPastAwards, PastAwardWithdrawing
from api.v1.serializers import moment
from workflow.commands.past_awards import ImportAwards, WithdrawPastAward
from workflow.commands.proposals import Proposed
from workflow.model import Person, PersonId
from workflow.people import scope_of
from workflow.queries import people
from workflow.queries.listing import PAGE_LIMIT
from workflow.queries.past_awards import ImportedView, past_award_for, past_awards_for
from workflow.rules import PastAwardRow

router = APIRouter(prefix="/past-awards", route_class=KnownCallerRoute)


@router.get("")
async def list_past_awards(parts: Parts, asker: Asker, cursor: str | None = None) -> Response:
    """Return the imported awards that the asker may read, those imported last first."""

    def load(connection: Connection) -> Response:
        known = people.people_by_id(connection)
        found = past_awards_for(
            parts.context,
            connection,
            scope_of(asker.person),
            before=read_cursor(cursor),
            count=PAGE_LIMIT,
        )
        after = cursor_after([each.kept.id for each in found], PAGE_LIMIT)
        return list_response([_json(each, known) for each in found], after)

    return await parts.database.report(load)


@router.get("/{award}")
async def get_past_award(parts: Parts, asker: Asker, award: RowId) -> Response:
    """Return an imported award."""
    return await _response(parts, asker, award)


@router.post("", status_code=201)
async def import_past_awards(
    request: Request, parts: Parts, asker: Asker, body: NewPastAwards
) -> Response:
    """Import awards, all or none; the Office's, and a second person confirms it."""
    rows = tuple(
        PastAwardRow(row=number, **{**dict(each), "commendation": each.commendation or ""})
        for number, each in enumerate(body.awards, 1)
    )
    command = ImportAwards(cause=cause_of(request, asker, body.model_dump(mode="json")), rows=rows)
    done = await parts.database.write(command)
    if isinstance(done, Proposed):
        return await proposed_response(parts, asker, done)
    return OrjsonResponse({"added": done.added, "known": done.known}, status_code=201)


@router.post("/{award}/withdraw")
async def withdraw_past_award(
    request: Request, parts: Parts, asker: Asker, award: RowId, body: PastAwardWithdrawing
) -> Response:
    """Let an imported award count no more; the Office's, and a second person confirms it."""
    command = WithdrawPastAward(
        cause=cause_of(request, asker, body.model_dump(mode="json")),
        award=award,
        why=body.reason,
        whole=body.whole,
    )
    done = await parts.database.write(command)
    if isinstance(done, Proposed):
        return await proposed_response(parts, asker, done)
    return await _response(parts, asker, award)


async def _response(parts: Application, asker: Caller, award: int) -> Response:
    def load(connection: Connection) -> dict[str, object]:
        found = past_award_for(parts.context, connection, scope_of(asker.person), award)
        return _json(found, people.people_by_id(connection))

    return OrjsonResponse(await parts.database.read(load))


def _json(found: ImportedView, known: Mapping[PersonId, Person]) -> dict[str, object]:
    def address(person: PersonId | None) -> str | None:
        return None if person is None else known[person].email

    kept = found.kept
    return {
        "id": kept.id,
        "nominee": kept.nominee,
        "email": address(kept.person),
        "kind": kept.kind,
        "department": kept.department,
        "award": kept.award,
        "commendation": kept.commendation,
        "authority": kept.authority,
        "number": kept.number,
        "decided_on": kept.decided_on,
        "first_day": kept.first_day or None,
        "last_day": kept.last_day or None,
        "reason": kept.reason,
        "imported_by": address(kept.imported_by),
        "confirmed_by": address(kept.confirmed_by),
        "imported_at": moment(kept.imported_at),
        "withdrawn_by": address(kept.withdrawn_by),
        "withdrawn_at": moment(kept.withdrawn_at),
        "withdrawn_why": kept.withdrawn_why,
    }
