"""How a file is handed out: under its own name, as a download that no browser renders."""

import re
import unicodedata
from urllib.parse import quote

from fastapi import Request
from starlette.responses import Response

from api.auth.access_log import AccessKind, NoteAccess
from api.auth.callers import application
from workflow.errors import NotFoundRefusal
from workflow.lookups.signatures import signed_file
from workflow.messages import lazy
from workflow.model import PersonId
from workflow.queries.items import ItemView

_BARRED = {0x110: "D", 0x111: "d"}
"""The letters whose bar is no mark that could be taken away."""


def attachment(name: str) -> str:
    """Return the Content-Disposition for ``name`` (RFC 6266 §4.3).

    In UTF-8, and in plain letters for programs that know no other.
    """
    plain = unicodedata.normalize("NFD", name.translate(_BARRED))
    plain = "".join(each for each in plain if not unicodedata.combining(each))
    plain = re.sub(r"[^A-Za-z0-9 ._()-]", "_", plain)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


async def file_answer(
    request: Request, view: ItemView, sha256: str, reader: PersonId, link: bytes | None = None
) -> Response:
    """Return a file of an item as a download that no browser renders, and note who took it.

    Raises NotFoundRefusal.
    """
    parts = application(request)
    wanted = next((each for each in view.content.files if each.sha256 == sha256), None)
    if wanted is None and link is None:
        wanted = await parts.database.read(
            lambda connection: signed_file(parts.context, connection, view.item, sha256)
        )
    if wanted is None:
        raise NotFoundRefusal(lazy("the file"))
    content = await parts.database.report(lambda _connection: parts.files.get(sha256))
    note = sha256[:16]
    await parts.database.write(
        NoteAccess.of(
            request, AccessKind.FILE_READ, person=reader, item=view.item.id, link=link, note=note
        )
    )
    headers = {
        "Content-Disposition": attachment(wanted.name),
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    return Response(content, media_type=wanted.media_type, headers=headers)


def private_file(
    content: bytes | str, media_type: str, name: str, *, is_shown: bool = False
) -> Response:
    """Return what was made for one reader, which no cache keeps; ``is_shown``: in the browser."""
    disposition = f'inline; filename="{name}"' if is_shown else f'attachment; filename="{name}"'
    headers = {"Content-Disposition": disposition, "Cache-Control": "no-store"}
    return Response(content, media_type=media_type, headers=headers)
