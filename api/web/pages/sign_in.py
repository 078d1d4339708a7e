"""Signing in and out, and asking for a new password."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import ClassVar

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from api.auth.callers import (
    Parts,
    application,
    client_of,
    is_trial,
    known_caller,
    session_cookie,
)
from api.auth.credentials import Secrets, find_secrets
from api.auth.known_browsers import remember_browser
from api.auth.password_attempts import begin_attempt
from api.auth.passwords import matches
from api.auth.rate_limits import Limit
from api.auth.second_factor import factor_in, prove
from api.auth.sessions import ABSOLUTE, AWAITING, EndSessions, OpenSession, fingerprint, new_secret
from api.auth.setup_codes import AskReset
from api.composition import Application
from api.cookies import drop_cookie, keep_cookie
from api.locale import remember_language
from api.problems import page_status
from api.web.departments import by_department
from api.web.flash import leave_flash
from api.web.form_fields import text_in
from api.web.forms import read_form
from api.web.rendering import Page, render_page
from api.web.return_path import FIRST_PAGE, code_address, local_path
from notifications.position_names import POSITIONS
from notifications.preferences import LANGUAGE, preference
from notifications.translation import translate
from workflow.errors import Refusal
from workflow.messages import Message, lazy
from workflow.model import Method, Person, PersonId, Position
from workflow.people import signs_in_with_factor
from workflow.people.staff_rows import ADDRESS_LIMIT
from workflow.queries import people

router = APIRouter()
_ASKING_PER_CLIENT = Limit(name="forgot client", count=20, minutes=60)
_ASKING_PER_ADDRESS = Limit(name="forgot address", count=3, minutes=15)
_WRONG = lazy("The mail address or password is wrong. Check them, then try again.")
_LIMITED = lazy("Too many wrong attempts. Wait 15 minutes and try again, or reset the password.")
_CROWDED = lazy(
    "Passwords for this address are being tried from many places, so attempts are "
    "judged one at a time. Wait a minute and try again, or sign in with the browser "
    "you usually use."
)
_ASKED_OFTEN = lazy(
    "This machine has asked many times. Wait an hour and try again, or tell the administrator."
)
_ASKED = lazy(
    "If this address may reset its password by mail, you will receive a link within minutes."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInPage(Page):
    """The form to sign in; ``wanted``: where that leads."""

    template: ClassVar[str] = "sign_in.html"
    email: str
    wanted: str
    demo_people: Sequence[tuple[str, Sequence[Person]]]
    """In the trial: everybody, by department."""
    positions: Mapping[Position, Message] = field(default_factory=lambda: POSITIONS)
    notice: str = ""
    errors: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordPage(Page):
    """A form that asks for an address, or for a new password."""

    template: ClassVar[str] = "password.html"
    heading: str
    lead: str
    button_label: str
    asks_email: bool
    email: str = ""
    errors: Sequence[str] = ()


@router.get("/sign-in")
async def sign_in_page(request: Request) -> Response:
    """Show the sign-in form; ``next`` is the page asked for, to which signing in leads."""
    wanted = local_path(request.query_params.get("next", ""))
    if await known_caller(request):
        return RedirectResponse(wanted, status_code=303)
    return render_page(request, None, await sign_in_page_of(request, wanted=wanted))


async def sign_in_page_of(
    request: Request, *, email: str = "", wanted: str = FIRST_PAGE
) -> SignInPage:
    """Return the form to sign in, for ``email``."""
    parts = application(request)
    known = await parts.database.read(people_by_department) if is_trial(parts) else []
    return SignInPage(email=email, wanted=wanted, demo_people=known)


def people_by_department(connection: Connection) -> list[tuple[str, list[Person]]]:
    """Return everybody who works here, by department."""
    return by_department(people.all_people(connection), people.all_departments(connection))


@router.post("/sign-in")
async def sign_in(request: Request, parts: Parts) -> Response:
    """Check address and password, and start a session."""
    form = await read_form(request)
    email, password = _address(form), text_in(form, "password")
    wanted = local_path(text_in(form, "next"))
    person, secrets = await parts.database.read(lambda connection: _account(connection, email))

    async def refused(sentence: Message, status: int) -> Response:
        shown = await sign_in_page_of(request, email=email, wanted=wanted)
        return render_page(request, None, replace(shown, errors=[translate(sentence)]), status)

    attempt = await begin_attempt(request, email, person.id if person else None)
    if attempt is None:
        return await refused(_LIMITED, 429)
    async with attempt.judging() as is_judged:
        if not is_judged:
            return await refused(_CROWDED, 429)
        is_right = await matches(secrets.password_hash if secrets else None, password)
    if person is None or not person.is_active or not is_right:
        return await refused(_WRONG, 401)
    await attempt.was_right()
    awaits, factor, given = await _needs_factor(parts, person), None, factor_in(form)
    if awaits and not given.is_missing:  # of whoever sends all at once; else a page asks for it
        try:
            factor = await prove(parts, person.id, replace(given, passkey=None), "")
        except Refusal as refusal:
            return await refused(refusal.message, page_status(refusal))
        awaits = False
    response = RedirectResponse(code_address(wanted) if awaits else wanted, status_code=303)
    remember_browser(request, response, parts.settings, parts.keys, person.id)
    lives = AWAITING if awaits else ABSOLUTE
    await start_session(request, response, person, factor, lives=lives)
    return response


async def _needs_factor(parts: Application, person: Person) -> bool:
    now = parts.clock.now()
    directory = await parts.database.read(lambda each: parts.context.directory(each, now))
    return signs_in_with_factor(person, directory)


def _account(connection: Connection, email: str) -> tuple[Person | None, Secrets | None]:
    """Return who has that address and their secrets; nobody's takes as long to look for."""
    person = people.person_by_email(connection, email)
    return person, find_secrets(connection, person.id if person else PersonId(0))


def _address(form: FormData) -> str:
    """Return the address typed, without what no address has; nothing where it is too long."""
    typed = text_in(form, "email")[: 2 * ADDRESS_LIMIT]
    plain = "".join(each for each in typed if each.isprintable()).strip().lower()
    return plain if len(plain) <= ADDRESS_LIMIT else ""


async def start_session(
    request: Request,
    response: Response,
    person: Person,
    factor: Method | None = None,
    *,
    lives: timedelta = ABSOLUTE,
) -> None:
    """Start a session, whose cookie ``response`` takes; end the one this browser had.

    ``factor``: what proves it beside the password.
    """
    parts = application(request)
    secret = new_secret()
    before = request.cookies.get(session_cookie(parts.settings))
    await parts.database.write(
        OpenSession(
            person=person.id,
            id_hash=fingerprint(secret),
            instead_of=fingerprint(before) if before else None,
            factor=factor,
            address=request.client.host if request.client else "",
            agent=request.headers.get("user-agent", ""),
            lives=lives,
        )
    )
    language = await parts.database.read(
        lambda connection: preference(connection, person.id, LANGUAGE)
    )
    if language is not None:
        remember_language(response, parts.settings, language)
    # The session comes last: programs that keep one cookie of an answer keep the last.
    keep_cookie(response, parts.settings, session_cookie(parts.settings), secret, lives)


@router.post("/sign-out")
async def sign_out(request: Request, parts: Parts) -> Response:
    """End the session."""
    cookie = request.cookies.get(session_cookie(parts.settings))
    if cookie:
        await parts.database.write(EndSessions(id_hash=fingerprint(cookie)))
    response = RedirectResponse("/sign-in", status_code=303)
    leave_flash(request, response, None, translate("You are signed out."))
    drop_cookie(response, parts.settings, session_cookie(parts.settings))
    return response


@router.get("/forgot")
async def forgot_page(request: Request) -> Response:
    """Ask for the address to reset a password for."""
    return _forgot(request)


def _forgot(request: Request, errors: Sequence[str] = (), status: int = 200) -> Response:
    shown = PasswordPage(
        heading=translate("Forgotten password"),
        lead=translate(
            "Enter your mail address. The Office and the Directorate reset passwords "
            "with the administrator in person, not by mail."
        ),
        button_label=translate("Send the reset link"),
        asks_email=True,
        errors=errors,
    )
    return render_page(request, None, shown, status)


@router.post("/forgot")
async def forgot(request: Request, parts: Parts) -> Response:
    """Mail a reset link; whether somebody is known shows in nothing that is done or said."""
    email = _address(await read_form(request))
    if not await parts.limits.take(_ASKING_PER_CLIENT, client_of(request)):
        return _forgot(request, [translate(_ASKED_OFTEN)], 429)
    # Beyond the limit of an address nothing more is mailed, which the answer must not tell either.
    is_within = await parts.limits.take(_ASKING_PER_ADDRESS, email)
    await parts.database.write(AskReset(email=email if is_within else ""))
    shown = await sign_in_page_of(request)
    return render_page(request, None, replace(shown, notice=translate(_ASKED)))
