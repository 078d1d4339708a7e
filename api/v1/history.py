"""``/api/v1/history``: for auditors, everything readable, nothing writable."""

import io
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.access_log import NoteAccess
from api.auth.callers import Asker, Parts
from api.auth.sessions import Caller
from api.request_bodies import KnownCallerRoute
from api.v1.items import read_cursor, write_cursor
from api.v1.serializers import OrjsonResponse, entry_json
from workflow.errors import NotPermittedRefusal, reason
from workflow.people import may_read_history
from workflow.queries.audit import export_history
from workflow.queries.items import entry_views
from workflow.store import history
from workflow.store.listing import PAGE_LIMIT

router = APIRouter(prefix="/history", route_class=KnownCallerRoute)


@router.get("")
async def list_history(
    parts: Parts,
    asker: Asker,
    limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT)] = 50,
    cursor: str | None = None,
) -> Response:
    """Return the entries of every subject, newest first."""
    require_auditor(asker)
    before = read_cursor(cursor) or 2**62

    def page(connection: Connection) -> dict[str, Any]:
        entries = history.newest_entries(connection, before=before, count=limit + 1)
        shown = entry_views(parts.context, connection, entries[:limit])
        return {
            "data": [entry_json(each) for each in shown],
            "next": write_cursor(entries[limit - 1].id) if len(entries) > limit else None,
        }

    return OrjsonResponse(await parts.database.read(page))


@router.get("/export")
async def download_export(parts: Parts, asker: Asker) -> Response:
    """Return the whole export as a zip, with the format and the verifier."""
    require_auditor(asker)
    await parts.database.write(NoteAccess(what="history_exported", person=asker.person.id))
    content = await parts.database.report(_zipped)
    return Response(
        content,
        media_type="application/zip",
        headers={"Content-Disposition": 'attachment; filename="lich-su.zip"'},
    )


def require_auditor(asker: Caller) -> None:
    """Refuse everybody but auditors."""
    if not may_read_history(asker.person):
        raise NotPermittedRefusal(
            reason("auditor", "Only auditors may read and download the whole history.")
        )


def _zipped(connection: Connection) -> bytes:
    with TemporaryDirectory() as folder:
        export_history(connection, Path(folder))
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(Path(folder).rglob("*")):
                if path.is_file():
                    archive.write(path, path.relative_to(folder).as_posix())
        return packed.getvalue()
