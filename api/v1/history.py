"""``/api/v1/history``: for auditors, everything readable, nothing writable."""

import io
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.access_log import NoteAccess
from api.auth.callers import Asker, Parts
from api.auth.permissions import require_auditor
from api.cursors import next_cursor, read_cursor
from api.json_response import OrjsonResponse
from api.request_bodies import KnownCallerRoute
from api.v1.responses import list_response
from api.v1.serializers import entry_json, proofs_json
from workflow.lookups.items import visible_item
from workflow.queries import history
from workflow.queries.audit import export_history
from workflow.queries.listing import PAGE_LIMIT
from workflow.queries.proofs import proofs_of
from workflow.queries.timeline import EntryView, entry_views

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

    def page(connection: Connection) -> tuple[list[EntryView], str | None]:
        entries = history.newest_entries(connection, before=before, count=limit + 1)
        shown = entry_views(parts.context, connection, entries[:limit])
        return shown, next_cursor([each.id for each in entries], limit)

    entries, after = await parts.database.read(page)
    return list_response([entry_json(each) for each in entries], after)


@router.get("/proof/{code}")
async def prove_item(parts: Parts, asker: Asker, code: str) -> Response:
    """Return where the entries of an item stand in the log, and the proof of each."""
    require_auditor(asker)

    def load_answer(connection: Connection) -> dict[str, object]:
        item = visible_item(connection, code, asker.person)
        return proofs_json(item.code, proofs_of(connection, item.subject))

    return OrjsonResponse(await parts.database.read(load_answer))


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


def _zipped(connection: Connection) -> bytes:
    with TemporaryDirectory() as folder:
        export_history(connection, Path(folder))
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(Path(folder).rglob("*")):
                if path.is_file():
                    archive.write(path, path.relative_to(folder).as_posix())
        return packed.getvalue()
