"""Official documents of items and of rounds, as PDF (Decree 30/2020/NĐ-CP, Phụ lục I)."""

from fastapi import APIRouter
from starlette.responses import Response

from api.auth.callers import Asker, Parts, RowId
from api.official_documents import item_pdf, round_pdf

router = APIRouter()


@router.get("/items/{code}/documents/{document}.pdf")
async def show_item_document(parts: Parts, asker: Asker, code: str, document: str) -> Response:
    """Show a document of an item, as the paper will read."""
    return await item_pdf(parts, asker.person, code, document)


@router.get("/rounds/{round_id}/documents/{document}.pdf")
async def show_round_document(
    parts: Parts, asker: Asker, round_id: RowId, document: str
) -> Response:
    """Show a document of a round of the council, as the paper will read."""
    return await round_pdf(parts, asker.person, round_id, document)
