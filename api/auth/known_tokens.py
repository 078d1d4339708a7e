"""Who lately asked by which bearer token, for a second.

Owns that short memory alone; a change of people or tokens ends it. It must never know a token.
"""

import time

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

    def find(self, secret: str) -> Caller | None:
        """Return who asked by ``secret`` less than a second ago."""
        known = self._known.get(fingerprint(secret))
        return known[1] if known is not None and time.monotonic() < known[0] else None

    def keep(self, secret: str, caller: Caller) -> None:
        """Remember ``caller``."""
        if len(self._known) >= self._MOST:
            self._known = {}
        self._known[fingerprint(secret)] = (time.monotonic() + self._SECONDS, caller)

    def written(self, command: AnyCommand) -> None:
        """Forget everybody if ``command`` changed who somebody is."""
        if command.contends_for in self._ENDING:
            self._known = {}
