"""Signing in and out, and setting a password."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import ClassVar

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from api.auth.callers import Parts, application, client_of, known_caller, session_cookie
from api.auth.credentials import Secrets, find_secrets
from api.auth.known_browsers import remember_browser
from api.auth.password_attempts import begin_attempt
from api.auth.password_strength import password_problem
from api.auth.passwords import hash_secret, in_one_form, matches
from api.auth.rate_limits import Limit
from api.auth.sessions import ABSOLUTE, EndSessions, OpenSession, fingerprint, new_secret
from api.auth.setup_codes import AskReset, SetPassword
from api.locale import remember_language
from api.web.forms import read_form
from api.web.rendering import Page, PageLink, SentencePage, render_page
from api.web.return_path import FIRST_PAGE, local_path
from notifications.code_issuer import SetupCode
from notifications.preferences import LANGUAGE, preference
from notifications.translation import translate
from workflow.messages import Message, lazy
from workflow.model import Person, PersonId
from workflow.people.staff_rows import ADDRESS_LIMIT
from workflow.queries import people

router = APIRouter()
_ASKING_PER_CLIENT = Limit(name="forgot client", count=20, minutes=60)
_ASKING_PER_ADDRESS = Limit(name="forgot address", count=3, minutes=15)
_UNKNOWN_CODES = Limit(name="unknown code", count=30, minutes=10)
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


_DIFFERENT = lazy("The two entries differ. Enter them again.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInPage(Page):
    """The form to sign in; ``wanted``: where that leads."""

    template: ClassVar[str] = "sign_in.html"
    email: str
    wanted: str
    demo_people: Sequence[Person]
    notice: str = ""
    errors: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordPage(Page):
    """A form that asks for an address, or for a new password."""

    template: ClassVar[str] = "password.html"
    heading: str
    lead: str
    button: str
    asks_email: bool
    email: str = ""
    errors: Sequence[str] = ()


@router.get("/sign-in")
async def sign_in_page(request: Request) -> Response:
    """Show the sign-in form; ``next`` is the page asked for, to which signing in leads."""
    wanted = local_path(request.query_params.get("next", ""))
    if await known_caller(request):
        return RedirectResponse(wanted, status_code=303)
    return render_page(request, None, await _sign_in_page(request, wanted=wanted))


async def _sign_in_page(
    request: Request, *, email: str = "", wanted: str = FIRST_PAGE
) -> SignInPage:
    parts = application(request)
    is_trial = parts.is_demo and parts.settings.is_loopback
    known = await parts.database.read(people.all_people) if is_trial else []
    return SignInPage(
        email=email, wanted=wanted, demo_people=[each for each in known if each.is_active]
    )


@router.post("/sign-in")
async def sign_in(request: Request, parts: Parts) -> Response:
    """Check address and password, and start a session."""
    form = await read_form(request)
    email, password = _address(form), str(form.get("password", ""))
    wanted = local_path(str(form.get("next", "")))
    person, secrets = await parts.database.read(lambda connection: _account(connection, email))

    async def refused(sentence: Message, status: int) -> Response:
        shown = await _sign_in_page(request, email=email, wanted=wanted)
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
    response = RedirectResponse(wanted, status_code=303)
    remember_browser(request, response, parts.settings, parts.keys, person.id)
    await start_session(request, response, person.id)
    return response


def _account(connection: Connection, email: str) -> tuple[Person | None, Secrets | None]:
    """Return who has that address and their secrets; nobody's takes as long to look for."""
    person = people.person_by_email(connection, email)
    return person, find_secrets(connection, person.id if person else PersonId(0))


def _address(form: FormData) -> str:
    """Return the address typed, without what no address has; nothing where it is too long."""
    typed = str(form.get("email", ""))[: 2 * ADDRESS_LIMIT]
    plain = "".join(each for each in typed if each.isprintable()).strip().lower()
    return plain if len(plain) <= ADDRESS_LIMIT else ""


async def start_session(request: Request, response: Response, person: PersonId) -> None:
    """Start a session, whose cookie ``response`` takes; end the one this browser had."""
    parts = application(request)
    secret = new_secret()
    before = request.cookies.get(session_cookie(parts.settings))
    await parts.database.write(
        OpenSession(
            person=person,
            id_hash=fingerprint(secret),
            instead_of=fingerprint(before) if before else None,
        )
    )
    language = await parts.database.read(
        lambda connection: preference(connection, person, LANGUAGE)
    )
    if language is not None:
        remember_language(response, parts.settings, language)
    # The session comes last: programs that keep one cookie of an answer keep the last.
    response.set_cookie(
        session_cookie(parts.settings),
        secret,
        max_age=int(ABSOLUTE / timedelta(seconds=1)),
        secure=parts.settings.is_https,
        httponly=True,
        samesite="lax",
        path="/",
    )


@router.post("/sign-out")
async def sign_out(request: Request, parts: Parts) -> Response:
    """End the session."""
    cookie = request.cookies.get(session_cookie(parts.settings))
    if cookie:
        await parts.database.write(EndSessions(id_hash=fingerprint(cookie)))
    response = RedirectResponse("/sign-in", status_code=303)
    # A browser takes a __Host- cookie, and its end, only with the attribute Secure.
    response.delete_cookie(
        session_cookie(parts.settings),
        path="/",
        secure=parts.settings.is_https,
        httponly=True,
        samesite="lax",
    )
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
        button=translate("Send the reset link"),
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
    shown = await _sign_in_page(request)
    return render_page(request, None, replace(shown, notice=translate(_ASKED)))


@router.get("/setup/{code}")
async def setup_page(request: Request, code: str) -> Response:
    """Show the form to set a password; opening it uses nothing up."""
    whose = await _whose(request, code)
    return whose if isinstance(whose, Response) else _setup(request, whose)


@dataclass(frozen=True, slots=True)
class _Setup:
    """A live code and the person whose password it sets."""

    code: SetupCode
    person: Person


async def _whose(request: Request, code: str) -> _Setup | Response:
    """Return whose password ``code`` sets, or the page that says why it sets none here."""
    parts = application(request)
    found = await parts.database.read(lambda connection: parts.codes.read(connection, code))
    if found is None and not await parts.limits.take(_UNKNOWN_CODES, client_of(request)):
        sentence = translate(
            "Too many wrong links were tried. Wait 10 minutes, then open the link from "
            "your mail again."
        )
        shown = SentencePage(
            heading=translate("This link was not found"), sentences=[sentence], links=[]
        )
        return render_page(request, None, shown, 429)
    if found is None or not found.is_live:
        return _ended(request)
    person = (await parts.database.read(people.people_by_id))[found.person]
    if not person.is_active:
        return _ended(request)
    asker = await known_caller(request)
    return (
        _another_is_here(request)
        if asker is not None and asker.person.id != person.id
        else _Setup(found, person)
    )


def _ended(request: Request) -> Response:
    sentence = translate(
        "A link to set a password serves once and for a limited time. Ask for a new "
        "one on the sign-in page, or tell the Office."
    )
    shown = SentencePage(
        heading=translate("This link no longer serves"),
        sentences=[sentence],
        links=[PageLink(href="/sign-in", label=translate("Sign-in page"))],
    )
    return render_page(request, None, shown, 410)


def _another_is_here(request: Request) -> Response:
    """Somebody else is signed in here: whose password is it to be? Nothing is used up."""
    sentence = translate(
        "This link is somebody else's, and this browser is signed in as you. Sign out, "
        "then open the link again."
    )
    shown = SentencePage(
        heading=translate("Somebody else's link"),
        sentences=[sentence],
        links=[PageLink(href="/more", label=translate("Sign out on this page"))],
    )
    return render_page(request, None, shown, 403)


def _setup(
    request: Request, whose: _Setup, errors: Sequence[str] = (), status: int = 200
) -> Response:
    shown = PasswordPage(
        heading=translate("Set the password"),
        lead=translate(
            "The password of {email} is known to you alone; no administrator can see it.",
            email=whose.person.email,
        ),
        button=translate("Save the password"),
        asks_email=False,
        errors=errors,
    )
    return render_page(request, None, shown, status)


@router.post("/setup/{code}")
async def set_password(request: Request, parts: Parts, code: str) -> Response:
    """Set the password and use the code up; every session and token of the person ends."""
    form = await read_form(request)
    password = str(form.get("password", ""))
    whose = await _whose(request, code)
    if isinstance(whose, Response):
        return whose
    known = (whose.person.email, whose.person.name, parts.agency.name)
    problem = await asyncio.to_thread(password_problem, password, *known)
    is_same = in_one_form(password) == in_one_form(str(form.get("again", "")))
    if problem is not None or not is_same:
        return _setup(request, whose, [translate(problem or _DIFFERENT)], 422)
    hashed = await hash_secret(password)
    if not await parts.database.write(SetPassword(code=whose.code, password_hash=hashed)):
        return _ended(request)
    notice = translate(
        "The password is set; sessions and tokens opened before have ended. You can sign in."
    )
    shown = await _sign_in_page(request, email=whose.person.email)
    response = render_page(request, None, replace(shown, notice=notice))
    remember_browser(request, response, parts.settings, parts.keys, whose.person.id)
    return response
