"""How often a password may be tried: counted before it is judged, so no parallel guess escapes.

Owns the limits of signing in. A count belongs to an account and a client together, so nobody's
mistakes lock somebody else out. An account that many clients guess at is not locked either: whoever
comes from a browser that has signed in before is counted on their own, and everybody else takes
turns, one at a time.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fastapi import Request

from api.auth.callers import application, client_of
from api.auth.known_browsers import known_as
from api.auth.rate_limits import Limit, RateLimits
from api.auth.turns import Turns
from workflow.model import PersonId

PER_CLIENT = Limit(name="sign-in client", count=50, minutes=60)
PER_ACCOUNT_AND_CLIENT = Limit(name="sign-in account and client", count=5, minutes=15)
PER_BROWSER = Limit(name="sign-in browser", count=5, minutes=15)
PER_ACCOUNT = Limit(name="sign-in account", count=20, minutes=15)
"""Of all clients together; beyond it the account's attempts take turns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInAttempt:
    """One attempt that was counted and may be judged, at once or in its turn."""

    limits: RateLimits
    turns: Turns
    account: str
    counted: Sequence[tuple[Limit, str]]
    takes_turn: bool

    @asynccontextmanager
    async def judging(self) -> AsyncIterator[bool]:
        """Yield whether to judge now; False where too many wait for the same account."""
        if not self.takes_turn:
            yield True
            return
        async with self.turns.turn(self.account) as has_turn:
            yield has_turn

    async def was_right(self) -> None:
        """Give the counts back: the owner's own sign-ins are no guesses."""
        for limit, key in self.counted:
            await self.limits.give_back(limit, key)


async def begin_attempt(
    request: Request, account: str, person: PersonId | None
) -> SignInAttempt | None:
    """Count an attempt at ``account`` (the address typed); None where it may not be judged."""
    parts = application(request)
    browser = known_as(request, parts.settings, parts.keys, person) if person is not None else None
    client = client_of(request)
    strangers = [(PER_CLIENT, client), (PER_ACCOUNT_AND_CLIENT, f"{account}\0{client}")]
    counted = strangers if browser is None else [(PER_BROWSER, browser)]
    for limit, key in counted:
        if not await parts.limits.take(limit, key):
            return None
    takes_turn = False
    if browser is None:
        counted = [*counted, (PER_ACCOUNT, account)]
        takes_turn = not await parts.limits.take(PER_ACCOUNT, account)
    return SignInAttempt(
        limits=parts.limits,
        turns=parts.turns,
        account=account,
        counted=counted,
        takes_turn=takes_turn,
    )
