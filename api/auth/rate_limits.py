"""Limits per client, account or secret: counted first, judged next, by all processes together.

Owns the one table of counts and its statements. A count is taken before anything is looked at, in
one statement that the database serialises, so requests in parallel cannot all pass on a count that
none of them has raised yet. What turned out to be honest is given back. Keys are kept as hashes:
never an address or an account in readable form. Windows follow the real clock, never the product's,
which a demo may move.
"""

import hashlib
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy import delete, text, update

from workflow.command import Upkeep
from workflow.commands.execute import Transaction, UseCases, as_set, one_by_one
from workflow.database import Database
from workflow.errors import OutcomeUnknownError
from workflow.store import schema

# A window that ends later than any from now on was begun by a clock that ran ahead and has been set
# right; the clocks of several machines may lie five minutes apart.
_AHEAD_SECONDS = 300
_COUNT = text(
    """
    INSERT INTO rate_limits (key_hash, count, ends_at) VALUES (:key_hash, 1, :ends_at)
    ON CONFLICT (key_hash) DO UPDATE SET
        count = CASE
            WHEN rate_limits.ends_at <= :now OR rate_limits.ends_at > excluded.ends_at + :ahead
            THEN 1 ELSE rate_limits.count + 1 END,
        ends_at = CASE
            WHEN rate_limits.ends_at <= :now OR rate_limits.ends_at > excluded.ends_at + :ahead
            THEN excluded.ends_at ELSE rate_limits.ends_at END
    RETURNING count, ends_at
    """
)
_CLOSED_KEYS = 10_000
"""Keys that a process remembers as used up, so that whoever goes on asking costs no write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most ``count`` of what ``name`` says, within ``minutes`` of the first, for each key."""

    name: str
    count: int
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CountAttempt(Upkeep[tuple[int, int]]):
    """Count one; the outcome is ``(how many there are now, when the window ends)``.

    Run again it counts once more, never once too few.
    """

    key_hash: str
    now: int
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveBackAttempt(Upkeep[None]):
    """Take one count back, which was no misuse. Run again it would take back another's."""

    is_repeatable: ClassVar[bool] = False
    key_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetAttempts(Upkeep[None]):
    """Begin anew: nothing has been counted."""


def _count(transaction: Transaction, commands: Sequence[CountAttempt]) -> list[tuple[int, int]]:
    connection, limits = transaction.connection, schema.rate_limits
    # What has ended goes with each count, so the table holds no more than one window's keys.
    connection.execute(delete(limits).where(limits.c.ends_at <= min(each.now for each in commands)))
    counted: dict[int, tuple[int, int]] = {}
    # Rows are locked in one order by every process, else two sets could wait for each other.
    for place in sorted(range(len(commands)), key=lambda place: commands[place].key_hash):
        each = commands[place]
        values = {
            "key_hash": each.key_hash,
            "now": each.now,
            "ends_at": each.now + each.seconds,
            "ahead": _AHEAD_SECONDS,
        }
        row = connection.execute(_COUNT, values).one()
        counted[place] = (row.count, row.ends_at)  # type: ignore[assignment]  # a tuple's method
    return [counted[place] for place in range(len(commands))]


def _give_back(transaction: Transaction, commands: Sequence[GiveBackAttempt]) -> list[None]:
    limits = schema.rate_limits.c
    for key_hash in sorted(each.key_hash for each in commands):
        one_less = update(schema.rate_limits).where(limits.key_hash == key_hash, limits.count > 0)
        transaction.connection.execute(one_less.values(count=limits.count - 1))
    return [None] * len(commands)


def _forget(transaction: Transaction, _command: ForgetAttempts) -> None:
    transaction.connection.execute(delete(schema.rate_limits))


USE_CASES: UseCases = {
    CountAttempt: as_set(CountAttempt, _count),
    GiveBackAttempt: as_set(GiveBackAttempt, _give_back),
    ForgetAttempts: one_by_one(ForgetAttempts, _forget),
}


class RateLimits:
    """The limits of one process; what they count is shared by all processes on the database."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock
        self._closed: dict[str, int] = {}

    async def take(self, limit: Limit, key: str) -> bool:
        """Count one, before it is judged; return whether it is within the limit."""
        key_hash, now = _hashed(limit, key), int(self._clock())
        if now < self._closed.get(key_hash, 0) <= now + limit.minutes * 60 + _AHEAD_SECONDS:
            return False
        command = CountAttempt(key_hash=key_hash, now=now, seconds=limit.minutes * 60)
        count, ends_at = await self._database.write(command)
        if count > limit.count:
            self._remember_closed(key_hash, ends_at, now)
        return bool(count <= limit.count)

    async def give_back(self, limit: Limit, key: str) -> None:
        """Take a count back that ``take`` allowed: what it was counted for was right."""
        key_hash = _hashed(limit, key)
        self._closed.pop(key_hash, None)
        with suppress(OutcomeUnknownError):  # what was right is not refused for one count too many
            await self._database.write(GiveBackAttempt(key_hash=key_hash))

    async def forget(self) -> None:
        """Begin anew: nothing has been counted."""
        await self._database.write(ForgetAttempts())
        self._closed.clear()

    def _remember_closed(self, key_hash: str, ends_at: int, now: int) -> None:
        if len(self._closed) >= _CLOSED_KEYS:
            self._closed = {each: end for each, end in self._closed.items() if end > now}
        if len(self._closed) < _CLOSED_KEYS:
            self._closed[key_hash] = ends_at


def _hashed(limit: Limit, key: str) -> str:
    return hashlib.sha256(f"{limit.name}\0{key}".encode("utf-8", "replace")).hexdigest()
