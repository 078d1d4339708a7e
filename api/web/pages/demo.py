"""The demo's own pages: sign in with a click, the mailbox, moving the clock.

Only in the demo, only on this machine.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar, Protocol

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.auth.callers import Parts, known_caller
from api.auth.sessions import PostponeSessions
from api.middleware import PAGE_POLICY
from api.web.dates import hour_and_day
from api.web.flash import redirect_with_flash
from api.web.form_fields import text_in
from api.web.forms import read_form
from api.web.pages.sign_in import people_by_department, start_session
from api.web.rendering import Page, render_page
from api.web.return_path import led_from_sign_in, local_path, where_it_stood
from notifications.position_names import POSITIONS
from notifications.tick import tick
from notifications.translation import translate
from workflow.errors import NotFoundRefusal
from workflow.messages import Message, lazy
from workflow.model import Method, Person, Position
from workflow.queries import people

router = APIRouter(prefix="/demo")
_LINK = re.compile(r"https?://\S+/a/a1\.\S+")
_ANY_LINK = re.compile(r"https?://\S+")
_FRAMING_POLICY = f"{PAGE_POLICY}; frame-src 'self'"
"""Of the page around a letter, in the demo alone."""
_LETTER_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation; "
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
)
"""A letter brings its own styles, and neither runs nor fetches anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedMail:
    """One mail as it arrived."""

    number: int
    recipient: str
    subject: str
    message_id: str
    text: str
    html: str
    at: datetime | None = None

    @property
    def decision_links(self) -> list[str]:
        """Return the links to decide by that the text part carries."""
        return _LINK.findall(self.text)

    @property
    def urls(self) -> list[str]:
        """Return every link of the text part."""
        return list(dict.fromkeys(_ANY_LINK.findall(self.text)))


class ReceivedMails(Protocol):
    """Where the demo's mails arrive."""

    def mails(self) -> Sequence[ReceivedMail]:
        """Return everything received, oldest first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxPage(Page):
    """The mails that the demo sent, or one of them whole."""

    template: ClassVar[str] = "mailbox.html"
    mails: Sequence[ReceivedMail] = ()
    mail: ReceivedMail | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RolesPage(Page):
    """Everybody whom one may be in the trial, by department."""

    template: ClassVar[str] = "demo_roles.html"
    groups: Sequence[tuple[str, Sequence[Person]]]
    positions: Mapping[Position, Message] = field(default_factory=lambda: POSITIONS)


_STEPS = {"1": timedelta(days=1), "7": timedelta(days=7)}


@router.post("/sign-in")
async def sign_in(request: Request, parts: Parts) -> Response:
    """Start a session as the person chosen."""
    form = await read_form(request)
    email = text_in(form, "email")
    person = await parts.database.read(lambda connection: people.person_by_email(connection, email))
    if person is None or not person.is_active:
        raise NotFoundRefusal(lazy("this person"))
    # The sign-in page says in its form where it leads, its address says so, too.
    wanted = local_path(text_in(form, "next")) if "next" in form else led_from_sign_in(request)
    response = RedirectResponse(wanted, status_code=303)
    await start_session(request, response, person, Method.NONE)
    return response


@router.get("/roles")
async def show_roles(request: Request, parts: Parts) -> Response:
    """Show whom one may be next."""
    groups = await parts.database.read(people_by_department)
    return render_page(request, await known_caller(request), RolesPage(groups=groups))


@router.get("/mailbox")
async def mailbox(request: Request) -> Response:
    """Show every mail that the demo sent, newest first."""
    received = request.app.state.mailbox.mails()[::-1]
    return render_page(request, await known_caller(request), MailboxPage(mails=received))


@router.get("/mailbox/{number}")
async def one_mail(request: Request, number: int) -> Response:
    """Show one mail: its letter in a frame of its own, and the text beside it."""
    page = MailboxPage(mail=_mail(request, number))
    response = render_page(request, await known_caller(request), page)
    response.headers["Content-Security-Policy"] = _FRAMING_POLICY
    return response


@router.get("/mailbox/{number}/letter")
async def letter(request: Request, number: int) -> Response:
    """Show the letter of a mail as its reader sees it; what it leads to opens outside the frame."""
    html = _mail(request, number).html.replace("<head>", '<head><base target="_top">', 1)
    return HTMLResponse(html, headers={"Content-Security-Policy": _LETTER_POLICY})


def _mail(request: Request, number: int) -> ReceivedMail:
    """Return a mail. Raises NotFoundRefusal."""
    mails: Sequence[ReceivedMail] = request.app.state.mailbox.mails()
    wanted = next((each for each in mails if each.number == number), None)
    if wanted is None:
        raise NotFoundRefusal(lazy("this mail"))
    return wanted


@router.post("/advance")
async def advance(request: Request, parts: Parts) -> Response:
    """Move the demo's clock forward, and do what is then due."""
    step = _STEPS.get(str((await read_form(request)).get("days", "")))
    move = getattr(parts.clock, "advance", None)
    if step is not None and move is not None:
        # Who tries the product is the same person a week later: sessions move along first.
        await parts.database.write(PostponeSessions(by=step))
        move(step)
        await tick(parts.database, parts.reminders)
    told = translate("It is now {now}.", now=hour_and_day(parts, parts.clock.now()))
    return redirect_with_flash(
        request, await known_caller(request), local_path(where_it_stood(request)), told
    )
