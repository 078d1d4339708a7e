"""The page by which whom a dossier was sent to fetches its package; each fetching is kept.

Opening the page fetches nothing: a scanner that follows the link in a mail takes no package, and
one that goes on to the package answers nothing. ``link`` sends here what is such a link.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import HTMLResponse, Response

from api.auth.access_log import AccessKind, NoteAccess
from api.auth.callers import application
from api.auth.rate_limits import Limit
from api.composition import Application
from api.dossier_package import package_response
from api.kept_packages import PackageProgress
from api.problems import page_status
from api.web.dates import day_text, hour_and_day
from api.web.errors import reasons_in_words
from api.web.pages.answer_link import ended_words
from api.web.pages.link_notice import show_sentence, unknown_link
from api.web.rendering import Page, render_alone, shown_again
from notifications.translation import translate
from workflow.errors import Refusal
from workflow.links import LinkStatus, Purpose, RecipientLink
from workflow.lookups.agency import Agency
from workflow.queries.recipient_link import (
    OpenedDossier,
    find_recipient_link,
    open_dossier,
    served_dossier,
)

router = APIRouter(prefix="/a")
_FETCHES = Limit(name="recipient-package", count=40, minutes=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackagePage(Page):
    """What a package holds, and where it is fetched."""

    template: ClassVar[str] = "package_link.html"
    agency: Agency
    heading: str
    number: str
    issued_on: str
    titles: Sequence[str]
    fetch: str
    """Where the package is; "" where it is not handed out any more."""
    making: PackageProgress | None
    """How far it is, while it is made."""
    issued_to: str
    until: str


async def show_opened(request: Request, token: str) -> Response:
    """Show what there is to fetch."""
    parts, link = application(request), await _find_link(request, token)
    if link is None:
        return await unknown_link(request)

    def page(connection: Connection) -> PackagePage | None:
        opened = open_dossier(parts.context, connection, link)
        return None if opened is None else _page(parts, link, opened, token)

    shown = await parts.database.report(page)
    if shown is None:
        return await unknown_link(request)
    if request.method == "HEAD":
        return HTMLResponse(status_code=200)
    return shown_again(render_alone(shown), shown.making)


async def answer(request: Request, token: str) -> Response:
    """Show the page again: nothing is decided by this link."""
    return await show_opened(request, token)


def _page(
    parts: Application, link: RecipientLink, opened: OpenedDossier, token: str
) -> PackagePage:
    is_live = opened.status is LinkStatus.LIVE
    number = opened.sending.notation
    return PackagePage(
        agency=parts.agency,
        heading=ended_words(opened.status)
        or translate("Download the dossier {number}", number=number),
        number=number,
        issued_on=day_text(opened.sending.issued_on),
        titles=[f"{each.item.code} · {each.content.title}" for each in opened.items],
        fetch=f"/a/{token}/package" if is_live else "",
        making=parts.packages.progress(opened.sending.dossier) if is_live else None,
        issued_to=link.name,
        until=hour_and_day(parts, link.expires_at),
    )


@router.get("/{fetch}/package")
async def get_package(request: Request, fetch: str) -> Response:
    """Return the package to whom the dossier was sent, and keep when and where it went.

    A large one is waited for on the link's page.
    """
    parts, link = application(request), await _find_link(request, fetch)
    if link is None:
        return await unknown_link(request)
    dossier = await parts.database.report(
        lambda connection: served_dossier(parts.context, connection, link)
    )
    if dossier is None:
        return await show_opened(request, fetch)
    if not await parts.limits.take(_FETCHES, link.id.hex()):
        heading = translate("The package was fetched too often")
        return show_sentence(request, heading, translate("Wait an hour."), status=429)
    note = NoteAccess.of(request, AccessKind.PACKAGE_OPENED, item=link.item_id, link=link.id)
    try:
        return await package_response(parts, dossier, note, f"/a/{fetch}")
    except Refusal as refusal:
        heading = translate("The package cannot be handed out now")
        said = reasons_in_words(refusal)
        return show_sentence(request, heading, *said, status=page_status(refusal))


async def _find_link(request: Request, token: str) -> RecipientLink | None:
    parts = application(request)
    return await parts.database.read(
        lambda connection: find_recipient_link(connection, parts.keys, token, Purpose.PACKAGE)
    )
