"""The second factor as forms give it: a PIN, a code of an app, or the signature of a passkey over what was shown."""

from sqlalchemy import Connection
from starlette.datastructures import FormData

from api.auth.passkeys import RelyingParty, passkeys_of, prove_passkey, subject_of, to_sign
from api.auth.passwords import prove_factor
from api.composition import Application
from workflow.errors import SecondFactorRefusal
from workflow.model import Item, Method, PersonId
from workflow.rules import missing_factor

NEVER_SHOWN_AGAIN = frozenset({"pin", "totp", "passkey"})
"""Fields of a form that do not come back with what else was typed."""


def party_of(parts: Application) -> RelyingParty:
    """Return who asks for passkeys here."""
    return RelyingParty(base_url=parts.settings.base_url, name=parts.agency.name, keys=parts.keys)


def passkey_options(
    parts: Application, connection: Connection, person: PersonId, *items: Item
) -> str:
    """Return the options by which a browser asks this person's passkey to sign for ``items``; empty where they have none."""
    return to_sign(
        party_of(parts),
        person,
        passkeys_of(connection, person),
        subject_of(*items),
        parts.clock.now(),
    )


async def prove(
    parts: Application, person: PersonId | None, form: FormData, *items: Item
) -> Method:
    """Return the method that a form proves for ``items``. Raises SecondFactorRefusal."""
    given = str(form.get("passkey") or "")
    if not given:
        pin, totp = str(form.get("pin") or "") or None, str(form.get("totp") or "") or None
        return await prove_factor(
            parts.database,
            person,
            pin=pin,
            totp=totp,
            now=parts.clock.now(),
            is_loopback=parts.settings.is_loopback,
        )
    if person is None:
        raise SecondFactorRefusal(missing_factor())
    return await prove_passkey(
        parts.database,
        party_of(parts),
        person,
        given=given,
        subject=subject_of(*items),
        now=parts.clock.now(),
    )
