"""Who asks: what every route takes from a request.

Owns how a caller is known, by token or session. It never judges what they may do.
"""

from contextlib import suppress
from typing import Annotated

from fastapi import Depends, Request
from pydantic import Field

from api.auth.rate_limits import Limit
from api.auth.sessions import Caller, SeeSession, caller_by_session, caller_by_token
from api.composition import Application
from api.network import counted_as
from api.problems import TooOftenError, UnauthenticatedError
from api.settings import Settings
from workflow.committer import StorageError
from workflow.errors import BusyError, UnavailableError

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
    """Return whom a limit counts: the client's address, of IPv6 the /64 of one household."""
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
        # A right token stays right: it cannot be guessed, and others may share the address.
        raise TooOftenError
    return caller


async def required_caller(request: Request) -> Caller:
    """Return who asks. Raises UnauthenticatedError."""
    caller = await known_caller(request)
    if caller is None:
        raise UnauthenticatedError
    return caller


async def _parts(request: Request) -> Application:
    """Return the process's parts to a route: a plain function would run in a thread."""
    return application(request)


Parts = Annotated[Application, Depends(_parts)]
Asker = Annotated[Caller, Depends(required_caller)]
