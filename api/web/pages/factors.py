"""One's own account: second factors (a passkey added, one forgotten), open sessions, tokens."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Asker, Parts, RowId
from api.auth.credentials import find_secrets
from api.auth.factor_entries import by_themselves
from api.auth.own_access import OwnSession, OwnToken, own_session, own_sessions, own_tokens
from api.auth.passkey_challenges import REGISTRATION
from api.auth.passkey_records import DropPasskey, Passkey, passkeys_of
from api.auth.passkeys import MOST, NewPasskey, register, to_register
from api.auth.second_factor import passkey_request
from api.auth.sessions import Caller, EndSessions
from api.auth.tokens import RevokeToken
from api.composition import Application
from api.problems import page_status
from api.web.errors import reasons_in_words
from api.web.flash import redirect_with_flash
from api.web.form_fields import text_in
from api.web.forms import read_form
from api.web.labels import device_of
from api.web.rendering import Page, render_page
from notifications.preferences import DIGEST_HOURS, Prefer, preference, read_hours
from notifications.translation import translate
from workflow.errors import Refusal

router = APIRouter(prefix="/security")
_HOURS = range(6, 21)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityPage(Page):
    """What second factors somebody has, and what they have open.

    ``options`` let the browser make another passkey.
    """

    template: ClassVar[str] = "security.html"
    has_pin: bool
    has_totp: bool
    passkeys: Sequence[Passkey]
    options: str
    most: int = MOST
    sessions: Sequence[OwnSession]
    tokens: Sequence[OwnToken]
    device: Callable[[str], str] = device_of
    typed: Mapping[str, str]
    errors: Sequence[str] = ()
    hours: Sequence[int]
    """At which hours of working days mails come gathered; none: each by itself."""
    offered_hours: Sequence[int] = _HOURS


@router.get("")
async def show_security(request: Request, parts: Parts, asker: Asker) -> Response:
    """Show what second factors the asker has."""
    return render_page(request, asker, await _security_page(parts, asker))


async def _security_page(parts: Application, asker: Caller) -> SecurityPage:
    asked, now = passkey_request(parts, asker.person.id, REGISTRATION), parts.clock.now()

    def load_page(connection: Connection) -> SecurityPage:
        kept = find_secrets(connection, asker.person.id)
        known = passkeys_of(connection, asker.person.id)
        return SecurityPage(
            has_pin=kept is not None and kept.pin_hash is not None,
            has_totp=kept is not None and kept.totp_secret is not None,
            passkeys=known,
            options=to_register(asked, asker.person, known) if len(known) < MOST else "",
            sessions=own_sessions(connection, asker, now),
            tokens=own_tokens(connection, asker.person.id, now),
            typed={},
            hours=read_hours(preference(connection, asker.person.id, DIGEST_HOURS)),
        )

    return await parts.database.read(load_page)


@router.post("/mails")
async def choose_hours(request: Request, parts: Parts, asker: Asker) -> Response:
    """Gather one's mails at the hours chosen; at none, each comes by itself as before."""
    chosen = set((await read_form(request)).getlist("hour"))
    hours = ",".join(str(each) for each in _HOURS if str(each) in chosen)
    await parts.database.write(Prefer(person=asker.person.id, name=DIGEST_HOURS, value=hours))
    said = (
        translate("Mails come gathered from now on.")
        if hours
        else translate("Each mail comes by itself from now on.")
    )
    return redirect_with_flash(request, asker, "/security", said)


@router.post("/passkeys")
async def add_passkey(request: Request, parts: Parts, asker: Asker) -> Response:
    """Add the passkey that the browser made."""
    form = await read_form(request)
    code, label, given = (text_in(form, name) for name in ("code", "label", "passkey"))
    asked = passkey_request(parts, asker.person.id, REGISTRATION)
    try:
        await register(parts.database, asked, NewPasskey(code=code, label=label, given=given))
    except Refusal as refusal:
        shown = replace(
            await _security_page(parts, asker),
            typed={"label": label},
            errors=reasons_in_words(refusal),
        )
        return render_page(request, asker, shown, page_status(refusal))
    told = translate("The passkey is added.")
    return redirect_with_flash(request, asker, "/security", told)


@router.post("/passkeys/{passkey}/forget")
async def forget_passkey(request: Request, parts: Parts, asker: Asker, passkey: RowId) -> Response:
    """Forget one of the asker's passkeys."""
    await parts.database.write(DropPasskey(person=asker.person.id, passkey=passkey))
    told = translate("The passkey is forgotten.")
    return redirect_with_flash(request, asker, "/security", told)


@router.post("/sessions/{session}/end")
async def end_session(request: Request, parts: Parts, asker: Asker, session: str) -> Response:
    """End one of the asker's sessions."""
    now = parts.clock.now()
    found = await parts.database.read(
        lambda connection: own_session(connection, asker, session, now)
    )
    await parts.database.write(EndSessions(person=asker.person.id, id_hash=found.id_hash))
    told = translate("That session has ended.")
    return redirect_with_flash(request, asker, "/security", told)


@router.post("/sessions/end")
async def end_other_sessions(request: Request, parts: Parts, asker: Asker) -> Response:
    """End every session of the asker but this one."""
    await parts.database.write(EndSessions(person=asker.person.id, but_for=asker.session or ""))
    told = translate("Every other session has ended.")
    return redirect_with_flash(request, asker, "/security", told)


@router.post("/tokens/{token}/end")
async def end_token(request: Request, parts: Parts, asker: Asker, token: str) -> Response:
    """End one of the asker's tokens."""
    by = by_themselves(asker.person.id, asker.method)
    command = RevokeToken(id=token, person=asker.person.id, by=by)
    await parts.database.write(command)
    told = translate("The token has ended.")
    return redirect_with_flash(request, asker, "/security", told)
