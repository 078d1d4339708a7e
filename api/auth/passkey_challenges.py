"""What a passkey is asked to sign: a challenge for one person, one subject, one hour.

Owns the derivation of challenges from keys, person and content, so that nothing is stored until one
is answered. It knows nothing of the browser's answers.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import urlsplit

from workflow.links import Keys
from workflow.model import Item, PersonId

CHALLENGE_LIVES = timedelta(hours=1)
REGISTRATION = "register"
"""The subject of a challenge that a new passkey answers."""
_NONCE = 16
_EXPIRY = 8
_LOCAL = {"127.0.0.1", "::1"}
"""Addresses that no passkey can be bound to: WebAuthn wants a name."""


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


def subject_of(*items: Item) -> str:
    """Return what a signature is to count for: these items, in the versions that were shown."""
    return "\n".join(sorted(f"{each.code} {each.version} {each.content_hash}" for each in items))


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyRequest:
    """Who is asked for a passkey, by whom, for what (``subject_of``, ``REGISTRATION``), when."""

    party: RelyingParty
    person: PersonId
    subject: str
    now: datetime

    def challenge(self) -> bytes:
        """Return a fresh challenge: expiry, nonce and a MAC over all of it."""
        expires_at = int((self.now + CHALLENGE_LIVES).timestamp())
        body = expires_at.to_bytes(_EXPIRY, "big") + secrets.token_bytes(_NONCE)
        return body + self._mac(self.party.keys.newest, body)

    def has_made(self, challenge: bytes) -> bool:
        """Return whether ``challenge`` was made for this and has not expired."""
        body, mac = challenge[: _EXPIRY + _NONCE], challenge[_EXPIRY + _NONCE :]
        is_genuine = any(
            hmac.compare_digest(self._mac(kid, body), mac) for kid in self.party.keys.by_kid
        )
        return is_genuine and int.from_bytes(body[:_EXPIRY], "big") > self.now.timestamp()

    def _mac(self, kid: str, body: bytes) -> bytes:
        keys = self.party.keys
        bound = f"thidua-passkey/v1\0{keys.deployment}\0{self.person}\0{self.subject}\0"
        return hmac.new(keys.by_kid[kid], bound.encode() + body, sha256).digest()
