"""``/api/v1/findings``: what auditors attach to entries, for them and for whom they ask."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Asker, Parts, RowId
from api.auth.sessions import Caller
from api.composition import Application
from api.cursors import next_cursor, read_cursor
from api.history_filters import parse_reference
from api.json_response import OrjsonResponse
from api.request_bodies import KnownCallerRoute
from api.v1.dependencies import cause_of
from api.v1.responses import list_response
from api.v1.schemas.findings import FindingNoting, NewFinding
from api.v1.serializers import moment
from workflow.commands.findings import NoteFinding, OpenFinding
from workflow.lookups.findings import visible_finding
from workflow.model import Person, PersonId
from workflow.people import may_read_history
from workflow.queries import people
from workflow.queries.findings import AuditFinding, newest_findings, notes_of
from workflow.queries.listing import PAGE_LIMIT

router = APIRouter(prefix="/findings", route_class=KnownCallerRoute)


@router.get("")
async def list_findings(
    parts: Parts,
    asker: Asker,
    open: bool = False,  # noqa: A002, FBT001, FBT002 - a query parameter, by the address's name
    limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT)] = 50,
    cursor: str | None = None,
) -> Response:
    """Return findings, newest first: all to auditors, to others those that ask them."""

    def load_page(connection: Connection) -> Response:
        found = newest_findings(
            connection,
            addressee=None if may_read_history(asker.person) else asker.person.id,
            only_open=open,
            before=read_cursor(cursor),
            count=limit + 1,
        )
        known = people.people_by_id(connection)
        rows = [_json(connection, each, known) for each in found[:limit]]
        return list_response(rows, next_cursor([each.id for each in found], limit))

    return await parts.database.report(load_page)


@router.get("/{finding}")
async def get_finding(parts: Parts, asker: Asker, finding: RowId) -> Response:
    """Return a finding with what was said of it."""
    return await _response(parts, asker, finding)


@router.post("", status_code=201)
async def open_finding(request: Request, parts: Parts, asker: Asker, body: NewFinding) -> Response:
    """Attach a finding to an entry; an auditor's."""
    about, entry = parse_reference(body.entry)
    command = OpenFinding(
        cause=cause_of(request, asker, body.model_dump()),
        about=about,
        entry=entry,
        title=body.title,
        words=body.words,
        addressee=body.addressee,
    )
    return await _response(parts, asker, await parts.database.write(command), status=201)


@router.post("/{finding}/notes", status_code=201)
async def note_finding(
    request: Request, parts: Parts, asker: Asker, finding: RowId, body: FindingNoting
) -> Response:
    """Say something of a finding; an auditor may close it with that."""
    command = NoteFinding(
        cause=cause_of(request, asker, body.model_dump()),
        finding=finding,
        words=body.words,
        closes=body.closes,
    )
    return await _response(parts, asker, await parts.database.write(command), status=201)


async def _response(
    parts: Application, asker: Caller, finding: int, *, status: int = 200
) -> Response:
    def load(connection: Connection) -> dict[str, object]:
        found = visible_finding(connection, finding, asker.person)
        return _json(connection, found, people.people_by_id(connection))

    return OrjsonResponse(await parts.database.read(load), status_code=status)


def _json(
    connection: Connection, finding: AuditFinding, known: Mapping[PersonId, Person]
) -> dict[str, object]:
    return {
        "id": finding.id,
        "entry": f"{finding.about}@{finding.entry}",
        "title": finding.title,
        "addressee": known[finding.addressee].email if finding.addressee is not None else None,
        "opened_by": known[finding.opened_by].email,
        "opened_at": moment(finding.opened_at),
        "closed_at": moment(finding.closed_at),
        "notes": [
            {"by": known[each.person].email, "at": moment(each.at), "words": each.words}
            for each in notes_of(connection, finding.id)
        ],
    }
