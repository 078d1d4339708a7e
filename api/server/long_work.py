"""Long work of one client's requests: a few at a time, the others wait their turn.

Owns the turns of each client in this process. Whoever asks for the dearest things, many at once,
waits for the own ones; all others go on. A turn begins where a request first needs a thread, and
lasts until its answer begins: never while its client sends a body, or takes the answer.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


class LongWork:
    """The turns of one process; ``at_once``: how many a client may have at a time."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._lines: dict[str, _Client] = {}

    @contextmanager
    def asked_by(self, client: str) -> Iterator["Demand"]:
        """Let the block's long work take turns with that client's other requests."""
        line = self._lines.setdefault(client, _Client(free=asyncio.Semaphore(self._at_once)))
        line.requests += 1
        asked = Demand(line.free)
        token = _ASKED.set(asked)
        try:
            yield asked
        finally:
            _ASKED.reset(token)
            asked.end()
            line.requests -= 1
            if not line.requests:
                del self._lines[client]


@dataclass(slots=True)
class _Client:
    free: asyncio.Semaphore
    requests: int = 0


class Demand:
    """What one request has of its client's turns."""

    def __init__(self, free: asyncio.Semaphore) -> None:
        self._free = free
        self._has_turn = self._is_over = False

    async def begin(self) -> None:
        """Wait for a turn, first come first served, unless the request has one or is answered."""
        if not (self._has_turn or self._is_over):
            await self._free.acquire()
            self._has_turn = True

    def rest(self) -> None:
        """Give the turn to whoever waits, until there is long work again."""
        if self._has_turn:
            self._has_turn = False
            self._free.release()

    def end(self) -> None:
        """Give the turn to whoever waits; nothing later in this request takes one."""
        self._is_over = True
        self.rest()


_ASKED: ContextVar[Demand | None] = ContextVar("asked", default=None)


async def begin_long_work() -> None:
    """Wait for a turn of whoever asked for this; the machine's own work waits for none."""
    asked = _ASKED.get()
    if asked is not None:
        await asked.begin()
