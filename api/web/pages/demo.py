"""The demo's own pages: sign in with a click, the mailbox, moving the clock. Only in the demo, only on this machine."""

from datetime import timedelta

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from api.auth.callers import application, known_caller
from api.auth.sessions import PostponeSessions
from api.web.forms import read_form
from api.web.pages.account import start_session
from api.web.rendering import page
from api.web.return_path import local_path
from notifications.tick import tick
from workflow.errors import NotFoundRefusal
from workflow.messages import lazy
from workflow.store import people

router = APIRouter(prefix="/demo")
_STEPS = {"1": timedelta(days=1), "7": timedelta(days=7)}


@router.post("/sign-in")
async def sign_in(request: Request) -> Response:
    """Start a session as the person chosen."""
    parts = application(request)
    form = await read_form(request)
    email = str(form.get("email", ""))
    person = await parts.database.read(lambda connection: people.person_by_email(connection, email))
    if person is None or not person.is_active:
        raise NotFoundRefusal(lazy("this person"))
    response = RedirectResponse(local_path(str(form.get("next", ""))), status_code=303)
    await start_session(request, response, person.id)
    return response


@router.get("/mailbox")
async def mailbox(request: Request) -> Response:
    """Show every mail that the demo sent, newest first."""
    received = request.app.state.mailbox.mails()[::-1]
    return page(
        request, await known_caller(request), "mailbox.html", {"mails": received, "mail": None}
    )


@router.get("/mailbox/{number}")
async def one_mail(request: Request, number: int) -> Response:
    """Show one mail."""
    wanted = next(
        (each for each in request.app.state.mailbox.mails() if each.number == number), None
    )
    if wanted is None:
        raise NotFoundRefusal(lazy("this mail"))
    return page(request, await known_caller(request), "mailbox.html", {"mails": [], "mail": wanted})


@router.post("/advance")
async def advance(request: Request) -> Response:
    """Move the demo's clock forward, and do what is then due."""
    parts = application(request)
    step = _STEPS.get(str((await read_form(request)).get("days", "")))
    move = getattr(parts.clock, "advance", None)
    if step is not None and move is not None:
        # Who tries the product is the same person a week later: sessions move along, before the clock does.
        await parts.database.write(PostponeSessions(by=step))
        move(step)
        await tick(parts.database, parts.reminders)
    return RedirectResponse("/", status_code=303)
