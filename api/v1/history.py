"""``/api/v1/history``: for auditors, everything readable, nothing writable."""

import io
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.access_log import AccessKind, NoteAccess, accesses
from api.auth.callers import Asker, Parts
from api.auth.permissions import require_auditor
from api.cursors import next_cursor, read_cursor
from api.history_filters import HistoryQuery, entry_filter, entry_pair
from api.json_response import OrjsonResponse
from api.request_bodies import KnownCallerRoute
from api.v1.responses import list_response
from api.v1.serializers import entry_json, proofs_json
from notifications.translation import translate
from workflow.canonical import instant
from workflow.lookups.items import visible_item
from workflow.queries import people
from workflow.queries.audit import export_history
from workflow.queries.entry_differences import entry_differences
from workflow.queries.history import MOST_COUNTED, count_found, newest_found
from workflow.queries.listing import PAGE_LIMIT, find_item, items_by_id
from workflow.queries.proofs import proofs_of
from workflow.queries.timeline import entry_views

router = APIRouter(prefix="/history", route_class=KnownCallerRoute)


@router.get("")
async def list_history(
    parts: Parts,
    asker: Asker,
    wanted: Annotated[HistoryQuery, Depends()],
    limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT)] = 50,
    cursor: str | None = None,
) -> Response:
    """Return the entries that the filters find, newest first; without any, all of them."""
    require_auditor(asker)

    def page(connection: Connection) -> OrjsonResponse:
        found = entry_filter(parts, connection, wanted)
        entries = newest_found(connection, found, before=read_cursor(cursor), count=limit + 1)
        count = count_found(connection, found)
        shown = entry_views(parts.context, connection, entries[:limit])
        return OrjsonResponse(
            {
                "data": [entry_json(each) for each in shown],
                "next": next_cursor([each.id for each in entries], limit),
                "count": count if count <= MOST_COUNTED else None,
            }
        )

    return await parts.database.report(page)


@router.get("/openings")
async def list_openings(
    parts: Parts,
    asker: Asker,
    code: str = "",
    who: str = "",
    limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT)] = 50,
    cursor: str | None = None,
) -> Response:
    """Return who opened links, items and files, when and where from, newest first."""
    require_auditor(asker)

    def page(connection: Connection) -> Response:
        wanted = entry_filter(parts, connection, HistoryQuery(code=code, who=who))
        item = find_item(connection, code.strip().upper()) if wanted.subject else None
        if wanted.subject and item is None:
            return list_response([])
        before = read_cursor(cursor)
        found = accesses(
            connection,
            item=item.id if item else None,
            person=wanted.person,
            before=before,
            count=limit + 1,
        )
        codes = items_by_id(connection, [each.item_id for each in found if each.item_id])
        known = people.people_by_id(connection)
        rows = [
            {
                "at": instant(each.at),
                "what": each.what,
                "who": known[each.person].email if each.person in known else None,
                "code": codes[each.item_id].code if each.item_id in codes else None,
                "address": each.address or None,
            }
            for each in found[:limit]
        ]
        return list_response(rows, next_cursor([each.id for each in found], limit))

    return await parts.database.report(page)


@router.get("/difference")
async def compare_entries(
    parts: Parts,
    asker: Asker,
    entry: Annotated[list[str], Query(min_length=2, max_length=2)],
) -> Response:
    """Return what differs between two entries, named by subject, ``@`` and number."""
    require_auditor(asker)

    def load(connection: Connection) -> Response:
        pair = entry_pair(connection, entry)
        found = entry_differences(parts.context, connection, pair, asker.person, translate)
        rows = [
            {
                "name": translate(each.label),
                "before": "".join(part.text for part in each.pieces if part.what != "added"),
                "after": "".join(part.text for part in each.pieces if part.what != "removed"),
            }
            for each in found
        ]
        return list_response(rows)

    return await parts.database.report(load)


@router.get("/proof/{code}")
async def prove_item(parts: Parts, asker: Asker, code: str) -> Response:
    """Return where the entries of an item stand in the log, and the proof of each."""
    require_auditor(asker)

    def load_answer(connection: Connection) -> dict[str, object]:
        item = visible_item(connection, code, asker.person)
        return proofs_json(item.code, proofs_of(connection, item.subject))

    return OrjsonResponse(await parts.database.read(load_answer))


@router.get("/export")
async def download_export(request: Request, parts: Parts, asker: Asker) -> Response:
    """Return the whole export as a zip, with the format and the verifier."""
    require_auditor(asker)
    note = NoteAccess.of(request, AccessKind.HISTORY_EXPORTED, person=asker.person.id)
    await parts.database.write(note)
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
