"""What pages behind a mailed link have in common: the reader's language, the cause, the notices.

A link that nobody issued is answered alike whatever it looks like, so the answer tells nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol, TypeVar

from fastapi import Request
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, Response

from api.auth.access_log import AccessKind, NoteAccess, aside
from api.auth.callers import application, client_of
from api.auth.rate_limits import Limit
from api.locale import chosen
from api.web.forms import form_digest
from api.web.rendering import Page, render_alone
from notifications.preferences import LANGUAGE, preference
from notifications.translation import language, speak, translate
from workflow.command import Cause
from workflow.lookups.agency import Agency
from workflow.model import ItemId, Method, Person, PersonId, Via

ShownT = TypeVar("ShownT")
_UNKNOWN = Limit(name="unknown-link", count=30, minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkNoticePage(Page):
    """A page behind a link that tells one thing and asks for nothing."""

    template: ClassVar[str] = "link_notice.html"
    agency: Agency
    heading: str
    sentences: Sequence[str]
    offers_sign_in: bool = False


class PersonalLink(Protocol):
    """A genuine link, as far as all kinds of it go: whose it is."""

    @property
    def person(self) -> Person:
        """Return whom it was issued to."""
        ...


LinkT = TypeVar("LinkT", bound=PersonalLink)


async def open_for_reader(
    request: Request,
    find: Callable[[Connection], LinkT | None],
    show: Callable[[Connection, LinkT], ShownT],
) -> ShownT | None:
    """Return what ``show`` makes of the link that ``find`` returns, in one read; None without one.

    From then on the language is spoken that the reader chose in this browser, else that of whom the
    link was issued to.
    """
    code = chosen(request.cookies)

    def load(connection: Connection) -> tuple[ShownT, str] | None:
        link = find(connection)
        if link is None:
            return None
        speak(code or preference(connection, link.person.id, LANGUAGE) or "")
        return show(connection, link), language()

    opened = await application(request).database.read(load)
    if opened is None:
        return None
    speak(opened[1])
    return opened[0]


def link_cause(link: PersonalLink, command_id: str, form: FormData | None = None) -> Cause:
    """Return the cause of what a link's person asks for by it."""
    return Cause(
        actor=link.person.id,
        via=Via.LINK,
        method=Method.LINK,
        command_id=command_id,
        digest=form_digest(form) if form is not None else "",
    )


def show_sentence(
    request: Request,
    heading: str,
    *sentences: str,
    status: int = 200,
    offers_sign_in: bool = False,
) -> HTMLResponse:
    """Return a page that tells one thing."""
    shown = LinkNoticePage(
        agency=application(request).agency,
        heading=heading,
        sentences=sentences,
        offers_sign_in=offers_sign_in,
    )
    return render_alone(shown, status)


async def unknown_link(request: Request) -> Response:
    """Answer an unknown or forged link, each alike; 429 where an address tries too many."""
    allowed = await application(request).limits.take(_UNKNOWN, client_of(request))
    if allowed:
        heading = translate("This link was not found")
        sentence = translate(
            "The address may have been cut when it was copied. Open the link from the "
            "mail again, or sign in: your work is there, and needs no link."
        )
    else:
        heading = translate("Too many wrong links were tried")
        sentence = translate(
            "Wait {count} minute, then open the link from the mail again.",
            "Wait {count} minutes, then open the link from the mail again.",
            count=_UNKNOWN.minutes,
        )
    status = 404 if allowed else 429
    return show_sentence(request, heading, sentence, status=status, offers_sign_in=True)


def note_aside(
    request: Request, what: AccessKind, person: PersonId, link: bytes, *, item: ItemId | None = None
) -> None:
    """Note an opening in the log of accesses; the reader does not wait for it."""
    purpose = request.headers.get("sec-purpose", "")
    access = NoteAccess.of(
        request, what, person=person, item=item, link=link, note=f"{request.method} {purpose}"[:60]
    )
    aside(application(request).database, access)
