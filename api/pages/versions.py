"""The versions of an item's content, each with what it changed."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.asking import application
from api.pages.site import page, signed_in
from api.sessions import Caller
from workflow.service.comparing import versions_of
from workflow.service.views import item_view, timeline, visible_item

router = APIRouter(prefix="/items")
MOST = 50


@router.get("/{code}/versions")
async def show_versions(request: Request, asker: Annotated[Caller, Depends(signed_in)], code: str) -> Response:
    """Show what each version of an item changed, newest first."""
    parts = application(request)

    def found(connection: Connection) -> dict[str, Any]:
        item = visible_item(connection, code, asker.person)
        view = item_view(parts.context, connection, item, asker.person.id)
        entries = timeline(parts.context, connection, item)
        return {"view": view, "versions": versions_of(parts.context, connection, view, entries, most=MOST), "most": MOST}

    return page(request, asker, "versions.html", await parts.database.report(found))
