"""Passkeys (WebAuthn): the second factor that a telephone keeps, bound to this address and to what is decided on.

Owns the table ``passkeys``. A challenge is derived from keys, person and content, so that a signature counts for that
person, that version and that content, for an hour, and once. A passkey is added only in a session, by a code that an
administrator handed over in person.
"""

import asyncio
import base64
import binascii
import hmac
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Any, ClassVar
from urllib.parse import urlsplit

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from api.auth.passwords import ClearAttempts, begin_attempt, end_enrolment, matches, wrong_factor
from notifications.occasions import PasskeyAdded
from notifications.outbox import Outbox
from workflow.command import Upkeep
from workflow.commands.execute import Transaction, UseCases, one_by_one
from workflow.database import Database
from workflow.errors import InvalidRefusal, reason
from workflow.links import Keys
from workflow.model import OFFICE, Item, Method, Person, PersonId
from workflow.store import schema
from workflow.store.instants import written
from workflow.store.prepared import Prepared

CHALLENGE_LIVES = timedelta(hours=1)
MOST = 5
LABEL_LIMIT = 80
_NONCE = 16
_EXPIRY = 8
_GIVEN_LIMIT = 20_000
_LOCAL = {"127.0.0.1", "::1"}
"""Addresses that no passkey can be bound to: WebAuthn wants a name."""

_passkeys = schema.passkeys.c
_OF = Prepared(
    select(
        _passkeys.id,
        _passkeys.credential_id,
        _passkeys.public_key,
        _passkeys.sign_count,
        _passkeys.label,
        _passkeys.created_at,
    )
    .where(_passkeys.person == bindparam("of_person"))
    .order_by(_passkeys.id)
)
_ADD = Prepared(insert(schema.passkeys))
_USE = Prepared(
    update(schema.passkeys)
    .where(_passkeys.id == bindparam("of_id"), _passkeys.last_challenge != bindparam("challenge"))
    .values(sign_count=bindparam("count"), last_challenge=bindparam("challenge"))
)
_KNOWN = Prepared(select(_passkeys.id).where(_passkeys.credential_id == bindparam("of_credential")))
_DROP = Prepared(
    delete(schema.passkeys).where(
        _passkeys.id == bindparam("of_id"), _passkeys.person == bindparam("of_person")
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """One passkey of a person; ``credential_id`` in base64url."""

    id: int
    credential_id: str
    public_key: bytes
    sign_count: int
    label: str
    created_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPasskey(Upkeep[None]):
    """Keep a passkey that was verified, and end the code it was added by, which adds no second; person and Office are told.

    ``code_hash``: of that code, as it was kept when it was checked. Refused where the code has ended or the passkey is known.
    """

    person: PersonId
    code_hash: str
    label: str
    credential_id: str
    public_key: bytes
    sign_count: int

    @property
    def contends_for(self) -> str:
        """Return what this command contends for."""
        return f"credentials:{self.person}"


@dataclass(frozen=True, slots=True, kw_only=True)
class UsePasskey(Upkeep[bool]):
    """Note that a challenge was answered; answers whether this passkey had not answered it before."""

    passkey: int
    sign_count: int
    challenge: str
    contends_for: ClassVar[str] = "passkeys"


@dataclass(frozen=True, slots=True, kw_only=True)
class DropPasskey(Upkeep[None]):
    """Forget a passkey of a person."""

    is_repeatable: ClassVar[bool] = True
    person: PersonId
    passkey: int
    contends_for: ClassVar[str] = "passkeys"


@dataclass(frozen=True, slots=True, kw_only=True)
class RelyingParty:
    """Who asks for passkeys: the host and origin of the product's address, its keys and name."""

    base_url: str
    name: str
    keys: Keys

    @property
    def host(self) -> str:
        """Return the name that passkeys are bound to; empty where the address is a number."""
        host = urlsplit(self.base_url).hostname or ""
        return "" if host in _LOCAL else host

    @property
    def origin(self) -> str:
        """Return scheme, host and port of the address."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"


def passkeys_of(connection: Connection, person: PersonId) -> list[Passkey]:
    """Return the passkeys of a person, oldest first."""
    rows = _OF.rows(connection, {"of_person": person})
    return [
        Passkey(
            id=row.id,
            credential_id=row.credential_id,
            public_key=bytes(row.public_key),
            sign_count=row.sign_count,
            label=row.label,
            created_at=row.created_at,
        )
        for row in rows
    ]


def use_cases(outbox: Outbox) -> UseCases:
    """Return how each command about passkeys is run."""
    return {
        AddPasskey: one_by_one(AddPasskey, partial(_add, outbox)),
        UsePasskey: one_by_one(UsePasskey, _use),
        DropPasskey: one_by_one(DropPasskey, _drop),
    }


def _use(transaction: Transaction, command: UsePasskey) -> bool:
    values = {
        "of_id": command.passkey,
        "count": command.sign_count,
        "challenge": command.challenge,
    }
    return _USE.run(transaction.connection, values) == 1


def _drop(transaction: Transaction, command: DropPasskey) -> None:
    _DROP.run(transaction.connection, {"of_id": command.passkey, "of_person": command.person})


def _add(outbox: Outbox, transaction: Transaction, command: AddPasskey) -> None:
    connection, now = transaction.connection, transaction.now
    if _KNOWN.one(connection, {"of_credential": command.credential_id}) is not None:
        raise _no_passkey()
    if not end_enrolment(connection, command.person, command.code_hash):
        raise InvalidRefusal(
            reason("code", "This code was already used. Ask the administrator for another one.")
        )
    row = {
        "person": command.person,
        "label": command.label,
        "credential_id": command.credential_id,
        "public_key": command.public_key,
    }
    _ADD.run(
        connection,
        {**row, "sign_count": command.sign_count, "last_challenge": "", "created_at": written(now)},
    )
    told = dict.fromkeys(
        [
            command.person,
            *(each.id for each in transaction.directory.in_positions(OFFICE)),
        ]
    )
    outbox.add(
        connection,
        [
            PasskeyAdded(person=each, owner=command.person, credential_id=command.credential_id)
            for each in told
        ],
    )


def subject_of(*items: Item) -> str:
    """Return what a signature is to count for: these items, in the versions and contents that were shown."""
    return "\n".join(sorted(f"{each.code} {each.version} {each.content_hash}" for each in items))


def challenge(party: RelyingParty, person: PersonId, subject: str, now: datetime) -> bytes:
    """Return a challenge for ``person`` and ``subject``: expiry, nonce and a MAC over all of it."""
    body = int((now + CHALLENGE_LIVES).timestamp()).to_bytes(_EXPIRY, "big") + secrets.token_bytes(
        _NONCE
    )
    return body + _mac(party.keys, party.keys.newest, person, subject, body)


def _mac(keys: Keys, kid: str, person: PersonId, subject: str, body: bytes) -> bytes:
    message = f"thidua-passkey/v1\0{keys.deployment}\0{person}\0{subject}\0".encode() + body
    return hmac.new(keys.by_kid[kid], message, sha256).digest()


def _is_ours(
    party: RelyingParty, person: PersonId, subject: str, given: bytes, now: datetime
) -> bool:
    body, mac = given[: _EXPIRY + _NONCE], given[_EXPIRY + _NONCE :]
    is_genuine = any(
        hmac.compare_digest(_mac(party.keys, kid, person, subject, body), mac)
        for kid in party.keys.by_kid
    )
    return is_genuine and int.from_bytes(body[:_EXPIRY], "big") > now.timestamp()


def to_sign(
    party: RelyingParty, person: PersonId, known: Sequence[Passkey], subject: str, now: datetime
) -> str:
    """Return the options by which a browser asks a passkey to sign, as JSON; empty where there is none to ask."""
    if not known or not party.host:
        return ""
    import webauthn  # noqa: PLC0415 - for whoever has a passkey
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor, UserVerificationRequirement  # noqa: PLC0415 - likewise

    options = webauthn.generate_authentication_options(
        rp_id=party.host,
        challenge=challenge(party, person, subject, now),
        allow_credentials=[
            PublicKeyCredentialDescriptor(id=_unpacked(each.credential_id)) for each in known
        ],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return webauthn.options_to_json(options)


def to_register(
    party: RelyingParty, person: Person, known: Sequence[Passkey], now: datetime
) -> str:
    """Return the options by which a browser makes a passkey, as JSON; empty where the address allows none."""
    if not party.host:
        return ""
    import webauthn  # noqa: PLC0415 - for whoever adds a passkey
    from webauthn.helpers.structs import (  # noqa: PLC0415 - likewise
        AuthenticatorSelectionCriteria,
        PublicKeyCredentialDescriptor,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    options = webauthn.generate_registration_options(
        rp_id=party.host,
        rp_name=party.name,
        user_id=f"{party.keys.deployment[:32]}:{person.id}".encode(),
        user_name=person.email,
        user_display_name=person.name,
        challenge=challenge(party, person.id, "register", now),
        exclude_credentials=[
            PublicKeyCredentialDescriptor(id=_unpacked(each.credential_id)) for each in known
        ],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
    )
    return webauthn.options_to_json(options)


async def register(
    database: Database,
    party: RelyingParty,
    person: Person,
    *,
    code: str,
    label: str,
    given: str,
    now: datetime,
) -> None:
    """Add the passkey that a browser made. Raises SecondFactorRefusal for a wrong code, InvalidRefusal for what is no passkey."""
    kept = await begin_attempt(database, person.id)
    is_live = kept.enrol_until is not None and kept.enrol_until > now
    if not await matches(kept.enrol_hash if is_live else None, code.strip().upper()):
        raise await wrong_factor(database, person.id, kept)
    known = await database.read(lambda connection: passkeys_of(connection, person.id))
    if len(known) >= MOST or not label.strip() or len(label) > LABEL_LIMIT:
        raise InvalidRefusal(
            reason(
                "passkey",
                "Name the passkey (up to {limit} characters); each person has at most {most}.",
                limit=LABEL_LIMIT,
                most=MOST,
            )
        )
    made = await asyncio.to_thread(_verified_registration, party, person.id, given, now)
    await database.write(
        AddPasskey(
            person=person.id,
            code_hash=kept.enrol_kept or "",
            label=label.strip(),
            credential_id=_packed(made.credential_id),
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
        )
    )
    # Only now, when the code has ended: a code that one could use again and again would clear the count of guesses.
    await database.write(ClearAttempts(person=person.id, totp_step=None))


def _verified_registration(party: RelyingParty, person: PersonId, given: str, now: datetime) -> Any:  # noqa: ANN401 - the library's own type
    import webauthn  # noqa: PLC0415 - for whoever adds a passkey
    from webauthn.helpers.exceptions import WebAuthnException  # noqa: PLC0415 - likewise

    asked = _challenge_in(given)
    if asked is None or not _is_ours(party, person, "register", asked, now):
        raise _no_passkey()
    try:
        return webauthn.verify_registration_response(
            credential=given,
            expected_challenge=asked,
            expected_rp_id=party.host,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError) as exc:
        raise _no_passkey() from exc


def _no_passkey() -> InvalidRefusal:
    return InvalidRefusal(
        reason(
            "passkey", "The browser made no passkey for this page. Reload the page, then try again."
        )
    )


async def prove_passkey(
    database: Database,
    party: RelyingParty,
    person: PersonId,
    *,
    given: str,
    subject: str,
    now: datetime,
) -> Method:
    """Return the method where ``given`` is a signature of this person's passkey over ``subject``. Raises SecondFactorRefusal."""
    kept = await begin_attempt(database, person)
    known = await database.read(lambda connection: passkeys_of(connection, person))
    used = await asyncio.to_thread(_verified_use, party, person, known, given, subject, now)
    if used is None or not await database.write(used):
        raise await wrong_factor(database, person, kept)
    await database.write(ClearAttempts(person=person, totp_step=None))
    return Method.PASSKEY


def _verified_use(
    party: RelyingParty,
    person: PersonId,
    known: Sequence[Passkey],
    given: str,
    subject: str,
    now: datetime,
) -> UsePasskey | None:
    import webauthn  # noqa: PLC0415 - for whoever has a passkey
    from webauthn.helpers.exceptions import WebAuthnException  # noqa: PLC0415 - likewise

    asked = _challenge_in(given)
    passkey = next((each for each in known if each.credential_id == _identity_in(given)), None)
    if asked is None or passkey is None or not _is_ours(party, person, subject, asked, now):
        return None
    try:
        verified = webauthn.verify_authentication_response(
            credential=given,
            expected_challenge=asked,
            expected_rp_id=party.host,
            expected_origin=party.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError):
        return None
    return UsePasskey(
        passkey=passkey.id, sign_count=verified.new_sign_count, challenge=sha256(asked).hexdigest()
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


def _parsed(given: str) -> dict[str, Any]:
    if len(given) > _GIVEN_LIMIT:
        raise ValueError("longer than any answer of a passkey")
    return dict(json.loads(given))


def _packed(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _unpacked(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
