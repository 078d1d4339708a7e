"""Who asks, and by which key: what routes take from a request."""

import hashlib
import json
import secrets
from contextlib import suppress
from typing import Annotated

import orjson
from fastapi import Depends, Request
from pydantic import Field

from api.auth.rate_limits import Limit
from api.auth.sessions import Caller, SeeSession, caller_by_session, caller_by_token
from api.composition import Application
from api.network import counted_as
from api.problems import TooOftenError, UnauthenticatedError
from api.settings import Settings
from workflow.committer import StorageError
from workflow.errors import BusyError, InvalidRefusal, UnavailableError, reason
from workflow.values import counter

_KEY_LIMIT = 200
_SHORT_KEY = 64
_WRONG_TOKENS = Limit(name="wrong token", count=30, minutes=10)

RowId = Annotated[int, Field(ge=0, le=2**63 - 1)]
"""A number in an address that may be the id of a row; a larger one no database could hold."""


def session_cookie(settings: Settings) -> str:
    """Return the session cookie's name: bound to the host where the connection is encrypted."""
    return "__Host-thidua" if settings.is_https else "thidua"


def application(request: Request) -> Application:
    """Return the process's parts."""
    return request.app.state.application  # type: ignore[no-any-return]  # set once, in create_app


def client_of(request: Request) -> str:
    """Return whom a limit counts: the client's address, of IPv6 the network of 64 bits that one household has."""
    return counted_as(request.client.host if request.client else "")


async def known_caller(request: Request) -> Caller | None:
    """Return who asks, by bearer token or session, or None."""
    parts = application(request)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return await _caller_by_token(request, token.strip())
    cookie = request.cookies.get(session_cookie(parts.settings))
    if not cookie:
        return None
    caller = await parts.database.read(
        lambda connection: caller_by_session(parts.context, connection, cookie)
    )
    if caller is not None and caller.stale_session is not None:
        # A full disk must not keep anybody from reading; the session then ends by its own rules.
        with suppress(BusyError, StorageError, UnavailableError):
            await parts.database.write(SeeSession(id_hash=caller.stale_session))
    return caller


async def _caller_by_token(request: Request, secret: str) -> Caller | None:
    parts = application(request)
    known = parts.tokens.find(secret)
    if known is not None:
        return known
    caller = await parts.database.read(
        lambda connection: caller_by_token(parts.context, connection, secret)
    )
    if caller is not None:
        parts.tokens.keep(secret, caller)
    elif not await parts.limits.take(_WRONG_TOKENS, client_of(request)):
        # A right token goes on being right: it cannot be guessed, and others may share the client's address.
        raise TooOftenError
    return caller


async def required_caller(request: Request) -> Caller:
    """Return who asks. Raises UnauthenticatedError."""
    caller = await known_caller(request)
    if caller is None:
        raise UnauthenticatedError
    return caller


Parts = Annotated[Application, Depends(application)]
Asker = Annotated[Caller, Depends(required_caller)]


def command_id(request: Request) -> str:
    """Return the caller's Idempotency-Key, or one made here. Raises InvalidRefusal for a malformed one."""
    header = request.headers.get("idempotency-key")
    if header is None:
        return f"auto:{secrets.token_hex(16)}"
    given = _decoded(header)
    if not 0 < len(given) <= _KEY_LIMIT or not given.isprintable():
        raise InvalidRefusal(
            reason(
                "idempotency-key",
                "An Idempotency-Key has 1 to {limit} printable characters.",
                limit=_KEY_LIMIT,
            )
        )
    # Parts of a command, and mails about it, are told apart by what is added to its id: a long key would not fit beside that.
    is_short = given.isascii() and len(given) <= _SHORT_KEY
    return f"key:{given}" if is_short else f"keyed:{hashlib.sha256(given.encode()).hexdigest()}"


def _decoded(header: str) -> str:
    """Return a header's text: UTF-8 where it is that, else one letter a byte, as HTTP has it (RFC 9110 §5.5)."""
    try:
        return header.encode("latin-1").decode()
    except UnicodeError:
        return header


def digest(request: Request, body: object) -> str:
    """Return what identifies a request's body for replays: method, path and the body's members."""
    parts = [request.method, request.scope["path"], body]
    try:
        written = orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # an integer beyond 64 bits; the field checks will refuse it by name
        written = json.dumps(parts, sort_keys=True).encode()
    return hashlib.sha256(written).hexdigest()


def expected_version(request: Request) -> int | None:
    """Return the version in If-Match, None without the header, -1 for one that no version has."""
    given = request.headers.get("if-match")
    if given is None:
        return None
    plain = given.strip().strip('"')
    version = counter(plain) if given.strip() == f'"{plain}"' else None
    return -1 if version is None else version
