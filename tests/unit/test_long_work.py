"""Turns of long work: how many a client has at a time, and who waits."""

import asyncio

import pytest

from api.server.long_work import Demand, LongWork, begin_long_work

MANY = 12


class Office:
    """Requests that need long work, and go on with it until they are told to end."""

    def __init__(self) -> None:
        self.long_work = LongWork(2)
        self.at_work: dict[str, int] = {}
        self.asked: list[Demand] = []

    async def request(self, client: str, answered: asyncio.Event) -> None:
        with self.long_work.asked_by(client) as asked:
            self.asked.append(asked)
            await begin_long_work()
            await begin_long_work()  # a second report of the same request
            self.at_work[client] = self.at_work.get(client, 0) + 1
            await answered.wait()
            self.at_work[client] -= 1


async def _settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def test_one_client_has_two_turns_and_another_its_own():
    async def play() -> None:
        office, answered = Office(), asyncio.Event()
        asking = [asyncio.create_task(office.request("a", answered)) for _ in range(MANY)]
        asking += [asyncio.create_task(office.request("b", answered)) for _ in range(2)]
        await _settle()
        assert office.at_work == {"a": 2, "b": 2}
        answered.set()
        await asyncio.gather(*asking)
        assert office.at_work == {"a": 0, "b": 0}
        assert office.long_work._lines == {}, "nobody is remembered"

    asyncio.run(play())


@pytest.mark.parametrize("lets_go", ["rest", "end"])
def test_who_waits_for_the_client_holds_up_nobody(lets_go):
    async def play() -> None:
        office, answered = Office(), asyncio.Event()
        asking = [asyncio.create_task(office.request("a", answered)) for _ in range(3)]
        await _settle()
        assert office.at_work == {"a": 2}
        for _ in range(2):  # more than once changes nothing
            getattr(office.asked[0], lets_go)()
        await _settle()
        assert office.at_work == {"a": 3}
        answered.set()
        await asyncio.gather(*asking)

    asyncio.run(play())


def test_who_leaves_while_waiting_takes_no_turn_along():
    async def play() -> None:
        office, answered = Office(), asyncio.Event()
        asking = [asyncio.create_task(office.request("a", answered)) for _ in range(4)]
        await _settle()
        asking[2].cancel()
        answered.set()
        await asyncio.gather(*asking, return_exceptions=True)
        assert office.at_work == {"a": 0}
        assert office.long_work._lines == {}

    asyncio.run(play())


def test_the_machine_s_own_work_waits_for_nobody():
    asyncio.run(begin_long_work())
