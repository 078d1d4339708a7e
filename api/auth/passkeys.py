"""Passkeys (WebAuthn): the second factor that a telephone keeps, bound to this address and content.

A signature counts for one person, version and content, for an hour, and once. A passkey is added
only in a session, by a code that an administrator handed over in person.
"""

import asyncio
import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, TypedDict

from api.auth.factor_attempts import (
    ClearFactorAttempts,
    begin_factor_attempt,
    fail_factor_attempt,
)
from api.auth.passkey_challenges import PasskeyRequest
from api.auth.passkey_records import AddPasskey, Passkey, UsePasskey, no_passkey, passkeys_of
from api.auth.passwords import matches
from workflow.database import Database
from workflow.errors import InvalidRefusal, reason
from workflow.model import Method, Person

if TYPE_CHECKING:
    from api.auth.webauthn_ceremonies import Ceremony

MOST = 5
LABEL_LIMIT = 80
_GIVEN_LIMIT = 20_000


class _Credential(TypedDict):
    """What a browser's credential is to have; any of it may be missing or of another type."""

    id: str
    response: Mapping[str, str]


def _ceremony(request: PasskeyRequest) -> "Ceremony":
    from api.auth.webauthn_ceremonies import Ceremony  # noqa: PLC0415 - 75 ms, where passkeys are

    return Ceremony(request=request)


def to_sign(request: PasskeyRequest, known: Sequence[Passkey]) -> str:
    """Return the options by which a browser asks a passkey to sign, as JSON; empty without any."""
    if not known or not request.party.host:
        return ""
    return _ceremony(request).options_to_sign(known)


def to_register(request: PasskeyRequest, person: Person, known: Sequence[Passkey]) -> str:
    """Return the options by which a browser makes a passkey, as JSON.

    Empty where the address allows none.
    """
    return _ceremony(request).options_to_register(person, known) if request.party.host else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPasskey:
    """A passkey to add: the code handed over, its owner's name for it, what the browser made."""

    code: str
    label: str
    given: str


async def register(database: Database, request: PasskeyRequest, new: NewPasskey) -> None:
    """Add a passkey.

    Raises SecondFactorRefusal for a wrong code, InvalidRefusal for what is no passkey.
    """
    kept = await begin_factor_attempt(database, request.person)
    is_live = kept.enrol_until is not None and kept.enrol_until > request.now
    if not await matches(kept.enrol_hash if is_live else None, new.code.strip().upper()):
        raise await fail_factor_attempt(database, request.person, kept)
    known = await database.read(lambda connection: passkeys_of(connection, request.person))
    if len(known) >= MOST or not new.label.strip() or len(new.label) > LABEL_LIMIT:
        raise InvalidRefusal(
            reason(
                "passkey",
                "Name the passkey (up to {limit} characters); each person has at most {most}.",
                limit=LABEL_LIMIT,
                most=MOST,
            )
        )
    challenge = _challenge_in(new.given)
    if challenge is None or not request.has_made(challenge):
        raise no_passkey()
    made = await asyncio.to_thread(_ceremony(request).registered, new.given, challenge)
    if made is None:
        raise no_passkey()
    await database.write(
        AddPasskey(
            person=request.person,
            code_hash=kept.enrol_kept or "",
            label=new.label.strip(),
            credential_id=base64.urlsafe_b64encode(made.credential_id).rstrip(b"=").decode(),
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
        )
    )
    # Only now, when the code has ended: a code that one could use again and again would clear the
    # count of guesses.
    await database.write(ClearFactorAttempts(person=request.person, totp_step=None))


async def prove_passkey(database: Database, request: PasskeyRequest, given: str) -> Method:
    """Return the method where ``given`` is a signature by a passkey of the person who is asked.

    Raises SecondFactorRefusal.
    """
    kept = await begin_factor_attempt(database, request.person)
    known = await database.read(lambda connection: passkeys_of(connection, request.person))
    used = await asyncio.to_thread(_verified_use, request, known, given)
    if used is None or not await database.write(used):
        raise await fail_factor_attempt(database, request.person, kept)
    await database.write(ClearFactorAttempts(person=request.person, totp_step=None))
    return Method.PASSKEY


def _verified_use(
    request: PasskeyRequest, known: Sequence[Passkey], given: str
) -> UsePasskey | None:
    challenge = _challenge_in(given)
    passkey = next((each for each in known if each.credential_id == _identity_in(given)), None)
    if challenge is None or passkey is None or not request.has_made(challenge):
        return None
    sign_count = _ceremony(request).signed(passkey, given, challenge)
    if sign_count is None:
        return None
    return UsePasskey(
        passkey=passkey.id, sign_count=sign_count, challenge=sha256(challenge).hexdigest()
    )


def _challenge_in(given: str) -> bytes | None:
    """Return the challenge that a browser says it answered, or None; nothing is proven yet."""
    try:
        data = json.loads(_unpacked(_parsed(given)["response"]["clientDataJSON"]))
        return _unpacked(data["challenge"])
    except (ValueError, KeyError, TypeError, binascii.Error, RecursionError):
        return None


def _identity_in(given: str) -> str:
    try:
        return str(_parsed(given)["id"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""


def _parsed(given: str) -> _Credential:
    if len(given) > _GIVEN_LIMIT:
        raise ValueError("longer than any answer of a passkey")
    credential: _Credential = json.loads(given)
    return credential


def _unpacked(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
