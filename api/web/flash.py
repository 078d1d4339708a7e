"""What a change is answered with on the page that follows it, shown once.

Owns the cookie ``flash``: a few sentences of ours, signed, bound to whoever made the change and
good for ten minutes. It survives the way through signing in, and is dropped by the page that shows
it. It must never hold what somebody else wrote (a title, a comment, a name); it grants nothing.
"""

import base64
import binascii
import hmac
import secrets
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

import orjson
from fastapi import Request
from starlette.responses import RedirectResponse, Response

from api.auth.callers import application
from api.auth.sessions import Caller
from api.composition import Application
from api.cookies import bound_name, drop_cookie, keep_cookie
from api.settings import Settings
from workflow.links import Keys

LIVES: Final = timedelta(minutes=10)
"""As long as a decision may be undone, and a session waits for its second factor."""
_PARTS = 3
_NOBODY = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Flash:
    """What happened, where the item is now, and the ways on."""

    sentences: tuple[str, ...]
    undo: str = ""
    """The address whose POST takes the change back; empty where nothing does."""
    undo_until: str = ""
    next_href: str = ""
    next_label: str = ""
    key: str = field(default_factory=lambda: secrets.token_hex(16))
    """The command id of the undo."""


def cookie_name(settings: Settings) -> str:
    """Return the cookie's name: bound to the host where the connection is encrypted."""
    return bound_name(settings, "thidua-flash")


def redirect_with_flash(
    request: Request, asker: Caller | None, address: str, flash: Flash | str
) -> RedirectResponse:
    """Lead to the page ``address``, which says ``flash`` once to whoever asked."""
    response = RedirectResponse(address, status_code=303)
    leave_flash(request, response, asker, flash)
    return response


def leave_flash(
    request: Request, response: Response, asker: Caller | None, flash: Flash | str
) -> None:
    """Let the next page that ``asker`` opens say ``flash``."""
    parts = application(request)
    told = Flash(sentences=(flash,)) if isinstance(flash, str) else flash
    _set(response, parts.settings, _cookie_value(parts, told, _person(asker)))


def take_flash(request: Request, asker: Caller | None) -> Flash | None:
    """Return what the page that answers ``request`` is to say, or None.

    What a script fetches to look at is no page that anybody reads.
    """
    parts = application(request)
    given = request.cookies.get(cookie_name(parts.settings))
    is_looked_at = request.method == "GET" and (
        request.headers.get("sec-fetch-dest") != "empty" or "hx-request" in request.headers
    )
    if not given or not is_looked_at:
        return None
    return _read(parts.keys, given, _person(asker), parts.clock.now())


def drop_flash(request: Request, response: Response) -> None:
    """Let no further page say it."""
    settings = application(request).settings
    drop_cookie(response, settings, cookie_name(settings))


def _person(asker: Caller | None) -> int:
    return asker.person.id if asker else _NOBODY


def _set(response: Response, settings: Settings, value: str) -> None:
    keep_cookie(response, settings, cookie_name(settings), value, LIVES)


def _cookie_value(parts: Application, flash: Flash, person: int) -> str:
    until = int((parts.clock.now() + LIVES).timestamp())
    said = orjson.dumps({"for": person, "until": until, **asdict(flash)})
    payload = base64.urlsafe_b64encode(said).decode().rstrip("=")
    return f"{parts.keys.newest}.{payload}.{_mac(parts.keys, parts.keys.newest, payload)}"


def _read(keys: Keys, given: str, person: int, now: datetime) -> Flash | None:
    split = given.split(".")
    if len(split) != _PARTS or split[0] not in keys.by_kid:
        return None
    kid, payload, mac = split
    if not hmac.compare_digest(_mac(keys, kid, payload).encode(), mac.encode()):
        return None
    try:
        said = orjson.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        is_due = said.pop("for") == person and now.timestamp() < said.pop("until")
        return Flash(**{**said, "sentences": tuple(said["sentences"])}) if is_due else None
    except (binascii.Error, orjson.JSONDecodeError, KeyError, TypeError):
        return None  # of an earlier program's shape


def _mac(keys: Keys, kid: str, payload: str) -> str:
    message = f"thidua-flash/v1\0{keys.deployment}\0{payload}".encode()
    return hmac.new(keys.by_kid[kid], message, sha256).hexdigest()
