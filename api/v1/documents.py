"""``/api/v1/items/{code}/documents``: official documents as PDF and DOCX; of rounds too."""

from fastapi import APIRouter
from starlette.responses import Response

from api.auth.callers import Asker, Parts, RowId
from api.official_documents import item_file, round_file
from api.request_bodies import KnownCallerRoute

router = APIRouter(route_class=KnownCallerRoute)


@router.get("/items/{code}/documents/{file}")
async def get_item_document(parts: Parts, asker: Asker, code: str, file: str) -> Response:
    """Return a document of an item, where it has that one now.

    ``submission``, ``merit-report``, ``decision``, ``certificates``, ``report``, ``letter``,
    ``correction``.
    """
    return await item_file(parts, asker.person, code, file)


@router.get("/council-rounds/{round_id}/documents/{file}")
async def get_round_document(parts: Parts, asker: Asker, round_id: RowId, file: str) -> Response:
    """Return a document of a counted round, where it has that one.

    ``minutes``, ``tally``, ``submission``, ``decision``, ``certificates``.
    """
    return await round_file(parts, asker.person, round_id, file)
