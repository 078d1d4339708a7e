"""Browsers from which a person has signed in: strangers' guesses are not counted against them.

Owns the cookie that says so: a nonce with a MAC for each person who has used this browser, newest
first. It opens nothing. It must only ever decide which count an attempt belongs to (OWASP: device
cookies against lockout).
"""

import hmac
import secrets
from datetime import timedelta
from hashlib import sha256

from fastapi import Request
from starlette.responses import Response

from api.cookies import bound_name, keep_cookie
from api.settings import Settings
from workflow.links import Keys
from workflow.model import PersonId

LIVES = timedelta(days=180)
_MOST = 4
"""People whom one browser remembers; a shared one forgets who used it longest ago."""
_NONCE_BYTES = 16
_ENTRY_PARTS = 3


def cookie_name(settings: Settings) -> str:
    """Return the cookie's name: bound to the host where the connection is encrypted."""
    return bound_name(settings, "thidua-known")


def known_as(request: Request, settings: Settings, keys: Keys, person: PersonId) -> str | None:
    """Return the nonce under which this browser is known to belong to ``person``, or None."""
    return next(
        (
            nonce
            for kid, nonce, mac in _entries(request, settings)
            if _is_ours(keys, kid, nonce, mac, person)
        ),
        None,
    )


def remember_browser(
    request: Request, response: Response, settings: Settings, keys: Keys, person: PersonId
) -> None:
    """Let this browser be known as one that ``person`` has signed in from."""
    nonce = secrets.token_hex(_NONCE_BYTES)
    own = f"{keys.newest}.{nonce}.{_mac(keys, keys.newest, nonce, person)}"
    others = [each for each in _entries(request, settings) if not _is_ours(keys, *each, person)]
    value = "~".join([own, *(".".join(each) for each in others)][:_MOST])
    keep_cookie(response, settings, cookie_name(settings), value, LIVES)


def _entries(request: Request, settings: Settings) -> list[tuple[str, str, str]]:
    given = request.cookies.get(cookie_name(settings), "")
    split = (each.split(".") for each in given.split("~")[:_MOST])
    return [(each[0], each[1], each[2]) for each in split if len(each) == _ENTRY_PARTS]


def _is_ours(keys: Keys, kid: str, nonce: str, mac: str, person: PersonId) -> bool:
    return kid in keys.by_kid and hmac.compare_digest(
        _mac(keys, kid, nonce, person).encode(), mac.encode()
    )


def _mac(keys: Keys, kid: str, nonce: str, person: PersonId) -> str:
    message = f"thidua-known-browser/v1\0{keys.deployment}\0{person}\0{nonce}".encode()
    return hmac.new(keys.by_kid[kid], message, sha256).hexdigest()
