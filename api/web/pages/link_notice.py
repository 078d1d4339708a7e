"""What every page behind a mailed link has in common: the notice, the unknown link, the noting.

A link that nobody issued is answered with the same bytes whatever it looks like.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import Request
from starlette.responses import HTMLResponse, Response

from api.auth.access_log import NoteAccess, aside
from api.auth.callers import application, client_of
from api.auth.rate_limits import Limit
from api.web.rendering import Page, render_alone
from notifications.translation import translate
from workflow.lookups.agency import Agency
from workflow.model import ItemId, PersonId

_UNKNOWN = Limit(name="unknown-link", count=30, minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkNoticePage(Page):
    """A page behind a link that tells one thing and asks for nothing."""

    template: ClassVar[str] = "link_notice.html"
    agency: Agency
    heading: str
    sentences: Sequence[str]


def show_sentence(
    request: Request, heading: str, *sentences: str, status: int = 200
) -> HTMLResponse:
    """Return a page that tells one thing."""
    shown = LinkNoticePage(agency=application(request).agency, heading=heading, sentences=sentences)
    return render_alone(shown, status)


async def unknown_link(request: Request) -> Response:
    """Answer an unknown or forged link; always the same bytes."""
    allowed = await application(request).limits.take(_UNKNOWN, client_of(request))
    if allowed:
        heading = translate("This link was not found")
        sentence = translate(
            "The address may have been cut when it was copied. Open the link from the "
            "mail again, or sign in to see your work."
        )
    else:
        heading = translate("Too many wrong links were tried")
        sentence = translate("Wait 10 minutes, then open the link from the mail again.")
    return show_sentence(request, heading, sentence, status=404 if allowed else 429)


def note_aside(
    request: Request, what: str, person: PersonId, link: bytes, *, item: ItemId | None = None
) -> None:
    """Write an opening down aside; the reader does not wait, and nothing depends on it."""
    purpose = request.headers.get("sec-purpose", "")
    access = NoteAccess.of(
        request, what, person=person, item=item, link=link, note=f"{request.method} {purpose}"[:60]
    )
    aside(application(request).database, access)
