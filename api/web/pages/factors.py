"""One's own second factor: what there is of it, a passkey added by a code handed over in person, one forgotten."""

from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import RedirectResponse, Response

from api.auth.callers import RowId, application
from api.auth.passkeys import MOST, DropPasskey, passkeys_of, register, to_register
from api.auth.passwords import find_secrets
from api.auth.second_factor import party_of
from api.auth.sessions import Caller
from api.web.dates import day_writer
from api.web.forms import read_form
from api.web.rendering import Asker, page
from notifications.translation import translate
from workflow.errors import Refusal
from workflow.store.instants import read_required

router = APIRouter(prefix="/security")


@router.get("")
async def show_security(request: Request, asker: Asker) -> Response:
    """Show what second factors the asker has."""
    return await _shown(request, asker, typed={}, errors=[])


async def _shown(
    request: Request, asker: Caller, *, typed: dict[str, str], errors: list[str], status: int = 200
) -> Response:
    parts = application(request)
    day = day_writer(parts)

    def found(connection: Connection) -> dict[str, Any]:
        kept = find_secrets(connection, asker.person.id)
        known = passkeys_of(connection, asker.person.id)
        return {
            "has_pin": kept is not None and kept.pin_hash is not None,
            "has_totp": kept is not None and kept.totp_secret is not None,
            "passkeys": [
                {"id": each.id, "label": each.label, "since": day(read_required(each.created_at))}
                for each in known
            ],
            "options": to_register(party_of(parts), asker.person, known, parts.clock.now())
            if len(known) < MOST
            else "",
            "most": MOST,
            "typed": typed,
            "errors": errors,
        }

    return page(request, asker, "security.html", await parts.database.read(found), status)


@router.post("/passkeys")
async def add_passkey(request: Request, asker: Asker) -> Response:
    """Add the passkey that the browser made."""
    parts = application(request)
    form = await read_form(request)
    code, label, given = (str(form.get(name) or "") for name in ("code", "label", "passkey"))
    try:
        await register(
            parts.database,
            party_of(parts),
            asker.person,
            code=code,
            label=label,
            given=given,
            now=parts.clock.now(),
        )
    except Refusal as refusal:
        return await _shown(
            request,
            asker,
            typed={"label": label},
            errors=[translate(each) for each in refusal.reasons],
            status=422,
        )
    return RedirectResponse("/security", status_code=303)


@router.post("/passkeys/{passkey}/forget")
async def forget_passkey(request: Request, asker: Asker, passkey: RowId) -> Response:
    """Forget one of the asker's passkeys."""
    await application(request).database.write(DropPasskey(person=asker.person.id, passkey=passkey))
    return RedirectResponse("/security", status_code=303)
