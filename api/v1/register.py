"""``/api/v1/register``: the register of outgoing documents."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Asker, Parts
from api.auth.permissions import require_register_reader
from api.cursors import read_cursor, write_cursor
from api.json_response import OrjsonResponse
from api.official_documents import writing_for
from api.request_bodies import KnownCallerRoute
from api.v1.dependencies import cause_of
from api.v1.responses import list_response
from api.v1.schemas.register import NewDocument
from workflow.commands.register_document import RegisterDocument
from workflow.context import search_of
from workflow.queries.register import (
    PAGE_LIMIT,
    RegisterFilter,
    RegisterLine,
    line_of,
    register_page,
)

router = APIRouter(prefix="/register", route_class=KnownCallerRoute)


@router.get("")
async def list_register(
    parts: Parts,
    asker: Asker,
    year: Annotated[int | None, Query(ge=2000, le=2199)] = None,
    kind: Annotated[str | None, Query(max_length=5)] = None,
    q: str | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT)] = 50,
    cursor: str | None = None,
) -> Response:
    """Return the register of a year, what was registered last first; the present year else."""
    require_register_reader(asker)
    wanted = RegisterFilter(
        year=year or parts.context.calendar.local_day(parts.clock.now()).year,
        kind=kind or None,
        text=search_of(q or ""),
    )
    before = read_cursor(cursor)
    page = await parts.database.report(
        lambda connection: register_page(
            writing_for(parts, asker.person), connection, wanted, before=before, count=limit
        )
    )
    after = write_cursor(page.after) if page.after else None
    return list_response([_json(each) for each in page.lines], after)


@router.post("", status_code=201)
async def register_document(
    request: Request, parts: Parts, asker: Asker, body: NewDocument
) -> Response:
    """Give a number to a document that no item becomes; the clerk's and the Office's."""
    command = RegisterDocument(
        cause=cause_of(request, asker, body.model_dump(mode="json")),
        kind=body.kind,
        about=body.about,
        signer=body.signer,
        recipients=body.recipients,
        kept_by=body.kept_by,
        unit=body.unit,
        note=body.note,
        copies=body.copies,
        number=body.number,
        issued_on=body.issued_on.isoformat() if body.issued_on else None,
    )
    given = await parts.database.write(command)

    def load(connection: Connection) -> RegisterLine | None:
        writing = writing_for(parts, asker.person)
        return line_of(writing, connection, given.number, given.issued_on)

    line = await parts.database.read(load)
    return OrjsonResponse(_json(line) if line else {}, status_code=201)


def _json(line: RegisterLine) -> dict[str, object]:
    return {
        "notation": line.row.notation,
        "kind": line.row.kind,
        "number": line.row.number,
        "issued_on": line.issued_on,
        "registered_on": line.registered_on,
        "is_back_dated": line.is_back_dated,
        "about": line.about,
        "signer": line.signer,
        "recipients": line.recipients,
        "kept_by": line.kept_by,
        "copies": line.copies,
        "sent_on": line.sent_on,
        "channel": line.channel,
        "note": line.note,
        "code": line.code,
        "along": line.along,
        "dossier": line.dossier,
    }
