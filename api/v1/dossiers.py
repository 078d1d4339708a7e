"""``/api/v1/dossiers``: what left for the board under one number, and sending several items so."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Asker, Parts, RowId
from api.auth.permissions import require_register_reader
from api.auth.second_factor import GivenFactor, write_proven
from api.composition import Application
from api.cursors import next_cursor, read_cursor
from api.dossier_package import package_answer
from api.json_response import OrjsonResponse
from api.request_bodies import KnownCallerRoute
from api.v1.dependencies import cause_of
from api.v1.responses import list_response
from api.v1.schemas.dossiers import NewDossier
from api.v1.serializers import moment
from workflow.commands.dispatch import DispatchRequest
from workflow.commands.send_dossier import NamedItem, SendDossier
from workflow.queries.dossiers import (
    PAGE_LIMIT,
    Dossier,
    DossierLine,
    DossierView,
    dossier_view,
    dossiers_page,
)

router = APIRouter(prefix="/dossiers", route_class=KnownCallerRoute)


@router.get("")
async def list_dossiers(
    parts: Parts,
    asker: Asker,
    limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT)] = 50,
    cursor: str | None = None,
) -> Response:
    """Return what left for the board, the last first; to who reads the register."""
    require_register_reader(asker)
    before = read_cursor(cursor)

    def load(connection: Connection) -> list[DossierLine]:
        return list(dossiers_page(connection, before=before, count=limit + 1))

    found = await parts.database.read(load)
    rows = [_line(each.dossier, each.count) for each in found[:limit]]
    return list_response(rows, next_cursor([each.dossier.id for each in found], limit))


@router.get("/{dossier_id}")
async def get_dossier(parts: Parts, asker: Asker, dossier_id: RowId) -> Response:
    """Return a dossier with what it holds; to who reads the register."""
    require_register_reader(asker)
    return await _response(parts, dossier_id)


@router.get("/{dossier_id}/package")
async def get_package(request: Request, parts: Parts, asker: Asker, dossier_id: RowId) -> Response:
    """Return the package of a dossier as a zip, which its manifest checks offline."""
    return await package_answer(request, parts, asker, dossier_id)


@router.post("", status_code=201)
async def send_dossier(request: Request, parts: Parts, asker: Asker, body: NewDossier) -> Response:
    """Send several items under one number: all, or none; the clerk's."""
    said = body.model_dump(mode="json", exclude_unset=True, exclude={"pin", "totp"})
    command = SendDossier(
        cause=cause_of(request, asker, said),
        items=tuple(NamedItem(code=each.code, version=each.version) for each in body.items),
        dispatch=DispatchRequest(
            number=body.number,
            issued_on=body.issued_on.isoformat() if body.issued_on else None,
            channel=body.channel,
        ),
    )
    made = await write_proven(parts, command, GivenFactor(pin=body.pin, totp=body.totp))
    return await _response(parts, made, status=201)


async def _response(parts: Application, number: int, *, status: int = 200) -> Response:
    def load(connection: Connection) -> DossierView:
        return dossier_view(connection, number)

    view = await parts.database.read(load)
    return OrjsonResponse(
        {
            **_line(view.dossier, len(view.items)),
            "sent_by": view.sender.email if view.sender else None,
            "council_rounds": view.rounds,
            "items": [
                {
                    "code": each.item.code,
                    "type": each.item.type,
                    "title": each.item.title,
                    "department": each.item.department,
                    "state": each.item.state,
                    "version": each.version,
                }
                for each in view.items
            ],
        },
        status_code=status,
    )


def _line(dossier: Dossier, count: int) -> dict[str, object]:
    return {
        "id": dossier.id,
        "number": dossier.notation,
        "issued_on": dossier.issued_on,
        "channel": dossier.channel,
        "campaign": dossier.campaign,
        "code": dossier.code,
        "title": dossier.title,
        "count": count,
        "sent_at": moment(dossier.sent_at),
    }
