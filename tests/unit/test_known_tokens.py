"""A token that many ask by at once is looked up once, and nothing of it outlives a change of people."""

import asyncio

import pytest

from api.auth.known_tokens import KnownTokens
from api.auth.tokens import RevokeToken

SECRET, SOMEBODY = "a-token", object()


class LookUp:
    """A look-up that ends when it is told to."""

    def __init__(self, found=SOMEBODY):
        self.found, self.times, self.may_end = found, 0, asyncio.Event()

    async def __call__(self):
        self.times += 1
        await self.may_end.wait()
        return self.found


async def asked(known, look_up, count=1):
    tasks = [asyncio.create_task(known.find(SECRET, look_up)) for _ in range(count)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return tasks


def test_eight_who_ask_at_once_and_a_ninth_later_cost_one_look_up():
    async def run():
        known, look_up = KnownTokens(), LookUp()
        tasks = await asked(known, look_up, 8)
        look_up.may_end.set()
        assert await asyncio.gather(*tasks) == [SOMEBODY] * 8
        assert await known.find(SECRET, look_up) is SOMEBODY
        assert look_up.times == 1

    asyncio.run(run())


def test_what_was_being_looked_up_when_a_token_was_revoked_is_nobodys_later_answer():
    async def run():
        known, before, after = KnownTokens(), LookUp(), LookUp(found=None)
        (early,) = await asked(known, before)
        known.written(RevokeToken(id="t"))
        (late,) = await asked(known, after)
        for each in (before, after):
            each.may_end.set()
        assert [await early, await late] == [SOMEBODY, None]
        assert await known.find(SECRET, after) is None

    asyncio.run(run())


def test_who_breaks_off_or_fails_leaves_the_others_theirs():
    async def run():
        known, look_up = KnownTokens(), LookUp()
        first, second = await asked(known, look_up, 2)
        first.cancel()
        look_up.may_end.set()
        assert await second is SOMEBODY

        async def failing():
            raise OSError

        other = KnownTokens()
        with pytest.raises(OSError):
            await other.find(SECRET, failing)
        assert await other.find(SECRET, look_up) is SOMEBODY

    asyncio.run(run())
