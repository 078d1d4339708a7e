"""Setting a password by a link, and the first second factor by a link of the server.

A link that was mailed sets a password alone: mail proves no factor. One that the server's command
line printed leads on to a factor, where the position asks for one and there is none.
"""

import asyncio
import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import pyotp
from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from api.auth.callers import Parts, application, client_of, known_caller
from api.auth.factor_attempts import ClearFactorAttempts
from api.auth.known_browsers import remember_browser
from api.auth.password_strength import password_problem
from api.auth.passwords import (
    TypedCode,
    hash_secret,
    in_one_form,
    pin_problem,
    totp_step,
)
from api.auth.rate_limits import Limit
from api.auth.setup_codes import IssueCode, SetFirstFactor, SetPassword, awaits_first_factor
from api.composition import Application
from api.web.form_fields import text_in
from api.web.forms import read_form
from api.web.pages.sign_in import PasswordPage, sign_in_page_of
from api.web.rendering import Page, PageLink, SentencePage, render_page
from notifications.code_issuer import FIRST_FACTOR, PRINTED, SetupCode
from notifications.translation import translate
from workflow.documents import qr_svg
from workflow.messages import lazy
from workflow.model import Person
from workflow.queries import people

router = APIRouter()
_UNKNOWN_CODES = Limit(name="unknown code", count=30, minutes=10)
_DIFFERENT = lazy("The two entries differ. Enter them again.")


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstFactorPage(Page):
    """The form to set a first second factor: a PIN of one's own, or an authenticator app."""

    template: ClassVar[str] = "first_factor.html"
    action: str
    secret: str
    qr: str
    errors: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class _Setup:
    """A live code, as it stood in the address, and the person whom it is for."""

    code: SetupCode
    person: Person
    address: str

    @property
    def sets_factor(self) -> bool:
        """Return whether it sets a factor; else it sets a password."""
        return self.code.purpose == FIRST_FACTOR


@router.get("/setup/{code}")
async def setup_page(request: Request, code: str) -> Response:
    """Show the form to set a password or a first factor; opening it uses nothing up."""
    whose = await _whose(request, code)
    if isinstance(whose, Response):
        return whose
    return _first_factor(request, whose) if whose.sets_factor else _setup(request, whose)


async def _whose(request: Request, code: str) -> _Setup | Response:
    """Return whose password or factor ``code`` sets, or the page that says why it sets none."""
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
        return _show_ended(request)
    person = (await parts.database.read(people.people_by_id))[found.person]
    if not person.is_active:
        return _show_ended(request)
    asker = await known_caller(request)
    return (
        _show_somebody_else(request)
        if asker is not None and asker.person.id != person.id
        else _Setup(found, person, code)
    )


def _show_ended(request: Request) -> Response:
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


def _show_somebody_else(request: Request) -> Response:
    """Refuse where somebody else is signed in: it is unclear whose is set. Nothing is used up."""
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
        button_label=translate("Save the password"),
        asks_email=False,
        errors=errors,
    )
    return render_page(request, None, shown, status)


@router.post("/setup/{code}")
async def set_up(request: Request, parts: Parts, code: str) -> Response:
    """Set the password and use the code up; every session and token of the person ends."""
    form = await read_form(request)
    password = text_in(form, "password")
    whose = await _whose(request, code)
    if isinstance(whose, Response):
        return whose
    if whose.sets_factor:
        return await _set_factor(request, whose, form)
    known = (whose.person.email, whose.person.name, parts.agency.name)
    problem = await asyncio.to_thread(password_problem, password, *known)
    is_same = in_one_form(password) == in_one_form(text_in(form, "again"))
    if problem is not None or not is_same:
        return _setup(request, whose, [translate(problem or _DIFFERENT)], 422)
    hashed = await hash_secret(password)
    if not await parts.database.write(SetPassword(code=whose.code, password_hash=hashed)):
        return _show_ended(request)
    if whose.code.purpose == PRINTED and (further := await _further(parts, whose)) is not None:
        return _first_factor(request, further)
    notice = translate(
        "The password is set; sessions and tokens opened before have ended. You can sign in."
    )
    return await _sign_in_with_notice(request, whose, notice)


async def _sign_in_with_notice(request: Request, whose: _Setup, notice: str) -> Response:
    parts = application(request)
    shown = await sign_in_page_of(request, email=whose.person.email)
    response = render_page(request, None, replace(shown, notice=notice))
    remember_browser(request, response, parts.settings, parts.keys, whose.person.id)
    return response


async def _further(parts: Application, whose: _Setup) -> _Setup | None:
    """Return the code that a first factor is set by, where one is asked for and there is none."""
    now = parts.clock.now()
    is_asked = await parts.database.read(
        lambda each: awaits_first_factor(each, whose.person, parts.context.directory(each, now))
    )
    if not is_asked:
        return None
    seed = f"{FIRST_FACTOR}:{secrets.token_hex(16)}"
    command = IssueCode(person=whose.person.id, purpose=FIRST_FACTOR, seed=seed)
    address = await parts.database.write(command)
    found = await parts.database.read(lambda each: parts.codes.read(each, address))
    return None if found is None else _Setup(found, whose.person, address)


def _first_factor(
    request: Request, whose: _Setup, errors: Sequence[str] = (), status: int = 200
) -> Response:
    parts = application(request)
    secret = parts.codes.totp_secret(whose.code)
    uri = pyotp.TOTP(secret).provisioning_uri(
        name=whose.person.email, issuer_name=parts.agency.name
    )
    picture = base64.b64encode(qr_svg(uri).encode()).decode()
    shown = FirstFactorPage(
        action=f"/setup/{whose.address}",
        secret=secret,
        qr=f"data:image/svg+xml;base64,{picture}",
        errors=errors,
    )
    return render_page(request, None, shown, status)


async def _set_factor(request: Request, whose: _Setup, form: FormData) -> Response:
    """Set the factor that was chosen: the app where its code is given, else the PIN."""
    parts = application(request)
    pin, again, code = (text_in(form, name) for name in ("pin", "again", "totp"))
    typed = TypedCode(pin=pin, totp=code).in_one_form()
    if typed.totp:
        secret = parts.codes.totp_secret(whose.code)
        step = totp_step(secret, typed.totp, parts.clock.now())
        if step is None:
            wrong = translate("This is not the code that the app shows now. Wait for the next one.")
            return _first_factor(request, whose, [wrong], 422)
        command = SetFirstFactor(code=whose.code, name="totp_secret", value=secret)
    else:
        problem = pin_problem(typed.pin or "") or (_DIFFERENT if pin != again else None)
        if problem is not None:
            return _first_factor(request, whose, [translate(problem)], 422)
        step, hashed = None, await hash_secret(typed.pin or "")
        command = SetFirstFactor(code=whose.code, name="pin_hash", value=hashed)
    if not await parts.database.write(command):
        return _show_ended(request)
    await parts.database.write(ClearFactorAttempts(person=whose.person.id, totp_step=step))
    notice = translate("Password and second factor are set. You can sign in.")
    return await _sign_in_with_notice(request, whose, notice)
