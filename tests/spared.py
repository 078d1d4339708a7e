"""What costs much each time and tells nothing new the second time: done once, or at a low price.

Owns these changes to what the tests load, in their own process and in the one that commands are
forked from. Nothing that a test asserts may hang on them.
"""

import gc
from functools import cache, lru_cache

import httpx2._transports.default as transports
from argon2 import PasswordHasher
from httpx2._config import DEFAULT_TIMEOUT_CONFIG

from api import composition
from api.auth import passwords
from workflow.definition import loading

REAL_HASHER = passwords._hasher


@cache
def _light_hasher() -> PasswordHasher:
    return PasswordHasher(memory_cost=64, time_cost=1, parallelism=1)


def spare() -> None:
    """Do so from here on."""
    gc.disable()  # until all is loaded: a fifth of the time that it takes
    # A busy machine answers late, and five seconds are no measure of ours.
    DEFAULT_TIMEOUT_CONFIG.connect = DEFAULT_TIMEOUT_CONFIG.read = 60.0
    # Each client makes a context for TLS, 36 ms, and most speak plain HTTP.
    transports.create_ssl_context = cache(transports.create_ssl_context)
    # The file of awards is the same for every product that is opened: 100 ms.
    composition.load_awards = cache(composition.load_awards)
    # Nobody changes a tree that was read; a shipped definition takes 200 ms, each time the same.
    loading._tree = lru_cache(maxsize=16)(loading._tree)
    # Some 25 ms for each password and PIN; test_password_strength holds what the product takes.
    passwords._hasher = _light_hasher  # type: ignore[assignment]  # has no cache to clear


def freeze() -> None:
    """Let the collector pass by what is loaded now, a million objects that live to the end."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    gc.enable()
