"""Packages in the making: once for all who ask, nothing half of one that failed, nothing for ever."""

import asyncio
import os
import threading
import time

import pytest

from api.kept_packages import KEPT_SECONDS, KeptPackages, PackageKey, PackageProgress
from tests.waiting import until

SEVEN = PackageKey(7)


class Writer:
    """Writes a package of two parts, the second when it is let; counts how often."""

    def __init__(self):
        self.times, self.goes_on = 0, threading.Event()

    def __call__(self, target, told):
        self.times += 1
        target.write(b"mot")
        told(1, 2)
        assert self.goes_on.wait(10)
        target.write(b"hai")
        told(2, 2)


def aged(path, seconds):
    os.utime(path, (time.time() - seconds,) * 2)


async def halfway(packages, number):
    await asyncio.to_thread(until, lambda: packages.progress(number) == PackageProgress(1, 2))


def test_what_many_ask_for_is_made_once_and_all_get_it_whole(tmp_path):
    packages, write = KeptPackages(tmp_path / "packages"), Writer()

    async def ask():
        assert packages.progress(7) is None
        assert await packages.make(SEVEN, write, 0.01) is None
        await halfway(packages, 7)
        others = [asyncio.create_task(packages.make(SEVEN, write, 10)) for _ in range(3)]
        assert await packages.make(SEVEN, write, 0.01) is None
        write.goes_on.set()
        got = [await each for each in others]
        return [*got, await packages.make(SEVEN, write, 0)]

    got = asyncio.run(ask())
    assert [each.read_bytes() for each in got] == [b"mothai"] * 4
    assert write.times == 1
    assert packages.progress(7) is None


def test_of_two_processes_on_one_folder_one_makes_it(tmp_path):
    here, there, write = KeptPackages(tmp_path), KeptPackages(tmp_path), Writer()

    async def ask():
        first = asyncio.create_task(here.make(SEVEN, write, 10))
        await halfway(here, 7)
        second = asyncio.create_task(there.make(SEVEN, write, 10))
        await halfway(there, 7)
        write.goes_on.set()
        return [(await each).read_bytes() for each in (first, second)]

    assert asyncio.run(ask()) == [b"mothai"] * 2
    assert write.times == 1


def test_one_that_fails_is_told_and_leaves_nothing(tmp_path):
    packages, write = KeptPackages(tmp_path), Writer()
    write.goes_on.set()

    def failing(target, told):
        target.write(b"mot")
        told(1, 2)
        raise ValueError("khong doc duoc")

    async def ask():
        with pytest.raises(ValueError, match="khong"):
            await packages.make(SEVEN, failing, 10)
        assert [each.name for each in tmp_path.iterdir()] == ["7.lock"]
        return (await packages.make(SEVEN, write, 10)).read_bytes()

    assert asyncio.run(ask()) == b"mothai"


def test_what_a_process_that_died_has_left_is_not_handed_out_and_swept(tmp_path):
    packages, write = KeptPackages(tmp_path), Writer()
    write.goes_on.set()
    for name in ("7.0123456789abcdef.part", "7.progress"):
        (tmp_path / name).write_text("1 2")
        aged(tmp_path / name, 3 * KEPT_SECONDS)
    assert packages.progress(7) is None
    packages.sweep()
    assert [*tmp_path.iterdir()] == []
    assert asyncio.run(packages.make(SEVEN, write, 10)).read_bytes() == b"mothai"
    aged(tmp_path / "7.0.zip", KEPT_SECONDS + 1)
    assert asyncio.run(packages.make(SEVEN, write, 10)).read_bytes() == b"mothai"
    assert write.times == 2, "after its minutes it is made anew"


def test_what_was_made_before_something_was_erased_is_handed_out_no_more(tmp_path):
    packages, write = KeptPackages(tmp_path), Writer()

    async def ask():
        before = asyncio.create_task(packages.make(PackageKey(7, 3), write, 10))
        await halfway(packages, 7)
        after = asyncio.create_task(packages.make(PackageKey(7, 4), write, 10))
        write.goes_on.set()
        return await before, await after

    before, after = asyncio.run(ask())
    assert before != after
    assert write.times == 2, "what was under way when it was erased may hold it"
