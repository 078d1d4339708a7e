"""Official documents of items and rounds, as PDF and for Word (Decree 30/2020/NĐ-CP, Phụ lục I)."""

from fastapi import APIRouter
from starlette.responses import Response

from api.auth.callers import Asker, Parts, RowId
from api.official_documents import item_file, round_file

router = APIRouter()


@router.get("/items/{code}/documents/{file}")
async def show_item_document(parts: Parts, asker: Asker, code: str, file: str) -> Response:
    """Show a document of an item, as the paper will read."""
    return await item_file(parts, asker.person, code, file)


@router.get("/rounds/{round_id}/documents/{file}")
async def show_round_document(parts: Parts, asker: Asker, round_id: RowId, file: str) -> Response:
    """Show a document of a round of the council, as the paper will read."""
    return await round_file(parts, asker.person, round_id, file)
