"""Every place of the menu on one page, with the account and the way out, for narrow screens."""

from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.auth.callers import Asker
from api.web.rendering import Page, render_page

router = APIRouter()


@dataclass(frozen=True, slots=True, kw_only=True)
class MorePage(Page):
    """The places that the frame knows; nothing beside them."""

    template: ClassVar[str] = "more.html"


@router.get("/more")
async def show_more(request: Request, asker: Asker) -> Response:
    """Show the places that the asker may use."""
    return render_page(request, asker, MorePage())
