"""Every place of the menu on one page, with the account and the way out: what a narrow screen has no room for."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.auth.sessions import Caller
from api.web.rendering import page, signed_in

router = APIRouter()
Asker = Annotated[Caller, Depends(signed_in)]


@router.get("/more")
async def show_more(request: Request, asker: Asker) -> Response:
    """Show the places that the asker may use."""
    return page(request, asker, "more.html", {})
