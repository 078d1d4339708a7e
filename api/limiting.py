"""Limits per address or account, counted in this process.

Owns the one store of counts. The library is loaded when the first thing is counted, not before the first answer.
"""

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from limits.strategies import MovingWindowRateLimiter


@lru_cache(maxsize=1)
def _limiter() -> "MovingWindowRateLimiter":
    from limits.storage import MemoryStorage  # noqa: PLC0415 - see the module's docstring
    from limits.strategies import MovingWindowRateLimiter  # noqa: PLC0415 - likewise

    return MovingWindowRateLimiter(MemoryStorage())


class Limit:
    """At most ``count`` of something within ``minutes``, for each key."""

    def __init__(self, name: str, *, count: int, minutes: int) -> None:
        self._name = name
        self._count = count
        self._minutes = minutes

    def is_open(self, key: str) -> bool:
        """Return whether another one would be within the limit; counts nothing."""
        from limits import RateLimitItemPerMinute  # noqa: PLC0415 - see the module's docstring

        return _limiter().test(RateLimitItemPerMinute(self._count, self._minutes, self._name), key)

    def count(self, key: str) -> bool:
        """Count one; return whether it was within the limit."""
        from limits import RateLimitItemPerMinute  # noqa: PLC0415 - see the module's docstring

        return _limiter().hit(RateLimitItemPerMinute(self._count, self._minutes, self._name), key)


def forget() -> None:
    """Begin anew: nothing has been counted."""
    _limiter.cache_clear()
