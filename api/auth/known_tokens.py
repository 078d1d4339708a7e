"""Who lately asked by which bearer token, for a second.

Owns that short memory, and the one look-up of a token that many ask by at once; a change of people
or tokens ends both. It must never know a token.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

from api.auth.sessions import Caller, fingerprint
from workflow.command import AnyCommand


class KnownTokens:
    """Who lately asked by which bearer token, for a second; a change of people ends it at once.

    Another process that revokes a token is noticed within that second. Decisions judge the person
    anew in any case.
    """

    _SECONDS = 1.0
    _MOST = 1024
    _ENDING = frozenset({"codes", "people", "setup", "tokens"})
    """Keys of the commands after which a token may mean somebody else."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, Caller]] = {}
        self._sought: dict[str, asyncio.Future[Caller | None]] = {}

    async def find(
        self, secret: str, look_up: Callable[[], Awaitable[Caller | None]]
    ) -> Caller | None:
        """Return who asks by ``secret``, or None.

        Looked up where nobody did within a second, once for all who ask by it meanwhile. Raises
        what ``look_up`` raises.
        """
        token = fingerprint(secret)
        known = self._known.get(token)
        if known is not None and time.monotonic() < known[0]:
            return known[1]
        sought = self._sought.get(token)
        if sought is None:
            sought = self._sought[token] = asyncio.ensure_future(self._seek(token, look_up))
        return await asyncio.shield(sought)  # whoever breaks off leaves the others theirs

    async def _seek(
        self, token: str, look_up: Callable[[], Awaitable[Caller | None]]
    ) -> Caller | None:
        own = asyncio.current_task()
        try:
            caller = await look_up()
            # What was looked up before a change is not kept beyond it.
            if caller is not None and self._sought.get(token) is own:
                if len(self._known) >= self._MOST:
                    self._known = {}
                self._known[token] = (time.monotonic() + self._SECONDS, caller)
            return caller
        finally:
            if self._sought.get(token) is own:
                del self._sought[token]

    def written(self, command: AnyCommand) -> None:
        """Forget everybody if ``command`` changed who somebody is."""
        if command.contends_for in self._ENDING:
            self._known, self._sought = {}, {}
