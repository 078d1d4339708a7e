"""The second step of signing in: the factor that a position with wide power asks for.

Comes after a right password, so whether it is asked for tells nobody who has which position. What
is tried here counts in the one count of a person's factor, and locks it, as at a decision.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import RedirectResponse, Response

from api.auth.callers import Parts, known_caller, signed_in
from api.auth.credentials import find_secrets
from api.auth.passkey_challenges import REGISTRATION
from api.auth.passkey_records import passkeys_of
from api.auth.passkeys import NewPasskey, register, to_register, to_sign
from api.auth.second_factor import factor_in, passkey_request, prove
from api.auth.sessions import Caller
from api.composition import Application
from api.problems import page_status
from api.web.errors import reasons_in_words
from api.web.flash import redirect_with_flash
from api.web.form_fields import text_in
from api.web.forms import read_form
from api.web.pages.sign_in import start_session
from api.web.rendering import Page, render_page
from api.web.return_path import local_path
from notifications.translation import translate
from workflow.errors import NotPermittedRefusal, Refusal, reason

router = APIRouter(prefix="/sign-in")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInCodePage(Page):
    """The factors that somebody may give, once their password was right.

    ``new_passkey``: how a browser makes one, for whoever has no factor but a code to add it by.
    """

    template: ClassVar[str] = "sign_in_code.html"
    email: str
    wanted: str
    has_pin: bool
    has_totp: bool
    passkey_options: str
    new_passkey: str
    typed: Mapping[str, str]
    errors: Sequence[str] = ()

    @property
    def has_none(self) -> bool:
        """Return whether there is no factor to give."""
        return not (self.has_pin or self.has_totp or self.passkey_options)


@router.get("/code")
async def show_code(request: Request, parts: Parts) -> Response:
    """Ask for the second factor; ``next`` is the page asked for, to which it leads."""
    wanted = local_path(request.query_params.get("next", ""))
    awaiting = await _awaiting(request)
    if awaiting is None:
        return _elsewhere(wanted, is_in=await known_caller(request) is not None)
    return render_page(request, None, await _code_page(parts, awaiting, wanted))


@router.post("/code")
async def give_code(request: Request, parts: Parts) -> Response:
    """Judge the factor, and make the session a whole one under a new secret."""
    form = await read_form(request)
    wanted = local_path(text_in(form, "next"))
    awaiting = await _awaiting(request)
    if awaiting is None:
        return _elsewhere(wanted, is_in=await known_caller(request) is not None)
    try:
        method = await prove(parts, awaiting.person.id, factor_in(form), _subject(awaiting))
    except Refusal as refusal:
        shown = await _code_page(parts, awaiting, wanted)
        told = replace(shown, errors=reasons_in_words(refusal))
        return render_page(request, None, told, page_status(refusal))
    response = RedirectResponse(wanted, status_code=303)
    await start_session(request, response, awaiting.person, method)
    return response


@router.post("/passkey")
async def add_first_passkey(request: Request, parts: Parts) -> Response:
    """Add the first factor by a code that was handed over; it is then given as any other."""
    form = await read_form(request)
    awaiting = await _awaiting(request)
    if awaiting is None:
        return _elsewhere("/", is_in=await known_caller(request) is not None)
    shown = await _code_page(parts, awaiting, "/")
    code, label, given = (text_in(form, name) for name in ("code", "label", "passkey"))
    asked = passkey_request(parts, awaiting.person.id, REGISTRATION)
    try:
        if not shown.has_none:
            raise NotPermittedRefusal(
                reason("second-factor", "You have a second factor. Give it first, then add others.")
            )
        await register(parts.database, asked, NewPasskey(code=code, label=label, given=given))
    except Refusal as refusal:
        told = replace(shown, typed={"label": label}, errors=reasons_in_words(refusal))
        return render_page(request, None, told, page_status(refusal))
    added = translate("The passkey is added. Sign in with it now.")
    return redirect_with_flash(request, None, "/sign-in/code", added)


async def _awaiting(request: Request) -> Caller | None:
    """Return whose session here awaits its second factor."""
    caller = await signed_in(request)
    return caller if caller is not None and await known_caller(request) is None else None


def _elsewhere(wanted: str, *, is_in: bool) -> Response:
    return RedirectResponse(wanted if is_in else "/sign-in", status_code=303)


def _subject(awaiting: Caller) -> str:
    """Return what a passkey signs for: this session alone."""
    return f"sign-in\n{awaiting.session}"


async def _code_page(parts: Application, awaiting: Caller, wanted: str) -> SignInCodePage:
    person = awaiting.person

    def found(connection: Connection) -> SignInCodePage:
        kept, known = find_secrets(connection, person.id), passkeys_of(connection, person.id)
        shown = SignInCodePage(
            email=person.email,
            wanted=wanted,
            has_pin=kept is not None and kept.pin_hash is not None,
            has_totp=kept is not None and kept.totp_secret is not None,
            passkey_options=to_sign(passkey_request(parts, person.id, _subject(awaiting)), known),
            new_passkey="",
            typed={},
        )
        is_invited = kept is not None and kept.enrol_hash is not None
        if not shown.has_none or not is_invited:
            return shown
        asked = passkey_request(parts, person.id, REGISTRATION)
        return replace(shown, new_passkey=to_register(asked, person, known))

    return await parts.database.read(found)
