"""Taking turns: what is asked for under one key is done one at a time, each after a pause.

Owns the queue of each key in this process. A way in that is slow for whoever guesses, and open to
whoever knows.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class _Line:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0


class Turns:
    """One line for each key; ``most`` may wait, each turn begins with ``seconds`` of rest."""

    def __init__(self, *, seconds: float, most: int) -> None:
        self._seconds = seconds
        self._most = most
        self._lines: dict[str, _Line] = {}

    @asynccontextmanager
    async def turn(self, key: str) -> AsyncIterator[bool]:
        """Yield True in one's turn, or False at once where too many wait already."""
        line = self._lines.setdefault(key, _Line())
        if line.waiting >= self._most:
            yield False
            return
        line.waiting += 1
        try:
            async with line.lock:
                await asyncio.sleep(self._seconds)
                yield True
        finally:
            line.waiting -= 1
            if not line.waiting:
                self._lines.pop(key, None)
