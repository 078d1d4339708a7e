"""Limits count first and judge afterwards, in all processes together."""

import asyncio
from typing import Any

from api.auth.rate_limits import Limit, RateLimits
from workflow.store import schema

FIVE = Limit(name="five", count=5, minutes=15)


class Time:
    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


async def all_at_once(several: list[RateLimits], count: int, key: str) -> list[bool]:
    asked = [several[number % len(several)].take(FIVE, key) for number in range(count)]
    return list(await asyncio.gather(*asked))


def rows(running: Any) -> int:
    return int(
        running.parts.database.report_blocking(
            lambda connection: len(connection.execute(schema.rate_limits.select()).all())
        )
    )


def test_as_many_pass_together_as_one_after_another(running):
    first, second = RateLimits(running.parts.database), RateLimits(running.parts.database)
    assert sum(running.run(all_at_once([first, second], 120, "together"))) == FIVE.count


def test_each_key_and_each_limit_has_its_own_count(running):
    limits = RateLimits(running.parts.database)
    assert sum(running.run(all_at_once([limits], 9, "one"))) == FIVE.count
    assert running.run(limits.take(FIVE, "another"))
    assert running.run(limits.take(Limit(name="other", count=5, minutes=15), "one"))


def test_what_is_given_back_was_never_counted(running):
    limits = RateLimits(running.parts.database)
    for _ in range(3 * FIVE.count):
        assert running.run(limits.take(FIVE, "honest"))
        running.run(limits.give_back(FIVE, "honest"))


def test_a_window_ends_and_what_has_ended_is_kept_nowhere(running):
    clock = Time()
    limits = RateLimits(running.parts.database, clock)
    assert sum(running.run(all_at_once([limits], 9, "window"))) == FIVE.count
    clock.now += 15 * 60 - 1
    assert not running.run(limits.take(FIVE, "window"))
    clock.now += 1
    assert running.run(limits.take(FIVE, "window"))
    assert rows(running) == 1


def test_whoever_goes_on_costs_no_write(running):
    limits = RateLimits(running.parts.database)
    running.run(all_at_once([limits], 6, "insistent"))
    before = running.parts.database.report_blocking(
        lambda connection: connection.execute(schema.rate_limits.select()).all()
    )
    assert not any(running.run(all_at_once([limits], 50, "insistent")))
    assert (
        running.parts.database.report_blocking(
            lambda connection: connection.execute(schema.rate_limits.select()).all()
        )
        == before
    )
