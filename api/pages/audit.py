"""The history, for auditors: everything readable, nothing writable."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.asking import application
from api.pages.sentences import sentence
from api.pages.site import page, signed_in
from api.routes.history import require_auditor
from api.routes.items import read_cursor, write_cursor
from api.sessions import Caller
from workflow.service.auditing import verify_database
from workflow.service.views import entry_views
from workflow.store import history

router = APIRouter(prefix="/history")
_PAGE = 50


@router.get("")
async def show_history(request: Request, asker: Annotated[Caller, Depends(signed_in)], cursor: str | None = None, verify: bool = False) -> Response:  # noqa: FBT001, FBT002 - a query parameter
    """Show the entries of every subject, newest first; verify all of them on request."""
    require_auditor(asker)
    parts = application(request)
    before = read_cursor(cursor) or 2**62

    def found(connection: Connection) -> dict[str, Any]:
        entries = history.newest_entries(connection, before=before, count=_PAGE + 1)
        newest = parts.context.rulebooks.newest(connection)
        any_definition = next(iter(newest.values())).definition if newest else None
        return {
            "entries": [sentence(parts, each, any_definition) for each in entry_views(parts.context, connection, entries[:_PAGE])],
            "next": f"/history?cursor={write_cursor(entries[_PAGE - 1].id)}" if len(entries) > _PAGE else None,
        }

    values = await parts.database.read(found)
    verdict = await parts.database.report(verify_database) if verify else None
    return page(request, asker, "history.html", {**values, "verdict": verdict})
