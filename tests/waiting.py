"""Wait on a condition, never on a guess of how long it takes."""

import time
from collections.abc import Callable
from typing import TypeVar

_Found = TypeVar("_Found")


def until(condition: Callable[[], _Found | None], seconds: float = 120) -> _Found:
    """Return what ``condition`` answers once it is truthy."""
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} seconds: {condition}")
