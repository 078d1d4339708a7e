"""Who asks: what every route takes from a request.

Owns how a caller is known, by token or session: a session that awaits a second factor is nobody's,
and a token is known only where its scopes reach. What the person may do is judged elsewhere.
"""

from contextlib import suppress
from typing import Annotated

from fastapi import Depends, Request
from pydantic import Field

from api.auth.rate_limits import Limit
from api.auth.scopes import require_scope
from api.auth.sessions import Caller, SeeSession, caller_by_session
from api.auth.tokens import UseToken, caller_by_token
from api.composition import Application
from api.cookies import bound_name
from api.middleware import template_of
from api.network import counted_as
from api.problems import SessionFactorRefusal, TooOftenError, UnauthenticatedError
from api.settings import Settings
from workflow.command import Upkeep
from workflow.committer import StorageError
from workflow.errors import BusyError, UnavailableError
from workflow.model import Method

_WRONG_TOKENS = Limit(name="wrong token", count=30, minutes=10)

RowId = Annotated[int, Field(ge=0, le=2**63 - 1)]
"""A number in an address that may be the id of a row; a larger one no database could hold."""


def session_cookie(settings: Settings) -> str:
    """Return the session cookie's name: bound to the host where the connection is encrypted."""
    return bound_name(settings, "thidua")


def application(request: Request) -> Application:
    """Return the process's parts."""
    return request.app.state.application  # type: ignore[no-any-return]  # set once, in create_app


def client_of(request: Request) -> str:
    """Return whom a limit counts: the client's address, of IPv6 the /64 of one household."""
    return counted_as(request.client.host if request.client else "")


def is_trial(parts: Application) -> bool:
    """Return whether anybody may sign in as anybody here, without a password or a factor."""
    return parts.is_demo and parts.settings.is_loopback


async def known_caller(request: Request) -> Caller | None:
    """Return who asks, by bearer token or session, or None. Raises NotPermittedRefusal.

    A session that awaits its second factor is nobody's.
    """
    caller = await signed_in(request)
    return caller if caller is not None and _is_whole(application(request), caller) else None


async def signed_in(request: Request) -> Caller | None:
    """Return who asks, be it that their session still awaits a second factor.

    Raises NotPermittedRefusal for a token whose scopes do not reach what is asked for.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        by_token = await _caller_by_token(request, token.strip())
        if by_token is not None:
            require_scope(by_token.scopes, request.method, template_of(request.scope))
        return by_token
    parts = application(request)
    cookie = request.cookies.get(session_cookie(parts.settings))
    if not cookie:
        return None
    caller = await parts.database.read(
        lambda connection: caller_by_session(parts.context, connection, cookie, keys=parts.keys)
    )
    if caller is not None and caller.stale and caller.session is not None:
        await _note(parts, SeeSession(id_hash=caller.session))
    return caller


def _is_whole(parts: Application, caller: Caller) -> bool:
    """Return whether a caller is known well enough; a trial's sign-in asks for no factor."""
    return caller.is_proven or (caller.factor is Method.NONE and is_trial(parts))


async def _note(parts: Application, use: Upkeep[None]) -> None:
    """Note a use. A full disk must not keep anybody from reading; a session then ends sooner."""
    with suppress(BusyError, StorageError, UnavailableError):
        await parts.database.write(use)


async def _caller_by_token(request: Request, secret: str) -> Caller | None:
    parts = application(request)

    async def look_up() -> Caller | None:
        caller = await parts.database.read(
            lambda connection: caller_by_token(parts.context, connection, secret, keys=parts.keys)
        )
        if caller is not None and caller.stale and caller.token is not None:
            await _note(parts, UseToken(id=caller.token))
        return caller

    caller = await parts.tokens.find(secret, look_up)
    if caller is None and not await parts.limits.take(_WRONG_TOKENS, client_of(request)):
        # A right token stays right: it cannot be guessed, and others may share the address.
        raise TooOftenError
    return caller


async def required_caller(request: Request) -> Caller:
    """Return who asks. Raises UnauthenticatedError, SessionFactorRefusal, NotPermittedRefusal."""
    caller = await signed_in(request)
    if caller is None:
        raise UnauthenticatedError
    if not _is_whole(application(request), caller):
        raise SessionFactorRefusal
    return caller


async def _parts(request: Request) -> Application:
    """Return the process's parts to a route: a plain function would run in a thread."""
    return application(request)


Parts = Annotated[Application, Depends(_parts)]
Asker = Annotated[Caller, Depends(required_caller)]
