"""A province in a simulation: 120 agencies, 8,000 people and the last week of a year.

python -m tests.bench.province [--agencies 120] [--people 8000] [--cores 2] [--keep]

Each agency is a deployment of its own; all share one machine. What a page, a decision, a PIN and a
letter cost is measured on this machine first; then a week is played through, request by request,
over its processors and its disk. ``--keep`` writes the README's lines.
"""

import argparse
import asyncio
import heapq
import io
import multiprocessing
import random
import tempfile
import textwrap
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

import httpx2

from api.app import create_app
from api.auth.passwords import hash_secret_blocking
from api.logs import configure_logs
from api.server.run import beside, free_port
from tests.bench import http, mail, memory
from tests.bench.memory import token_for
from tests.bench.pages import open_session
from tests.bench.product import fill, open_product
from tests.bench.report import put

_PAGES, _DECISIONS = 60, 200
_DAYS = (0.12, 0.13, 0.15, 0.2, 0.4)
"""Which share of the week's acts each day has."""
_HOURS = ((7.5, 11.5), (13.0, 17.0))
_LAST_HOURS = 0.5
"""Which share of a day's acts its last two hours have."""


@dataclass(frozen=True, slots=True)
class Step:
    """What somebody does with an item: pages opened, writes, whether a PIN is asked, mails."""

    name: str
    pages: int
    writes: int
    has_pin: bool
    mails: int


STEPS = (
    Step("draft and submit", 7, 5, has_pin=False, mails=2),
    Step("approve by link", 2, 1, has_pin=False, mails=2),
    Step("review", 3, 1, has_pin=False, mails=1),
    Step("sign with PIN", 2, 1, has_pin=True, mails=1),
    Step("send", 3, 1, has_pin=False, mails=4),
)
_RETURNED = 0.15
"""Which share of items goes back once, and is approved again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """Seconds of a processor, but for the disk's; and MB of an idle process."""

    page: float
    decision: float
    pin: float
    letter: float
    commit: float
    memory: float


def _get_pages(port: int, cookies: dict[str, str], paths: list[str]) -> None:
    """Open pages; runs in a process of its own, so that only the server's time counts."""
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}", cookies=cookies) as client:
        for each in paths:
            assert client.get(each).status_code == 200


def measured() -> Costs:
    """Return what each kind of work costs here."""
    with tempfile.TemporaryDirectory(prefix="thidua-bench") as folder:
        port = free_port(None)
        product = open_product(Path(folder), base_url=f"http://127.0.0.1:{port}")
        codes = asyncio.run(fill(product, _DECISIONS + 100))
        cookies = open_session(product, product.person("officer@so.example"))
        token = token_for(product, product.head)
        paths = [*(f"/items/{each}" for each in codes[: _PAGES // 2]), *["/items"] * (_PAGES // 2)]
        with beside(create_app(product.parts, has_clock=False), port):
            opening = multiprocessing.get_context("spawn").Process(
                target=_get_pages, args=(port, cookies, paths)
            )
            began = time.process_time()
            opening.start()
            opening.join()
            page = (time.process_time() - began) / _PAGES
            began = time.process_time()
            http.drive(port, token, codes[:_DECISIONS], 1)
            decision = (time.process_time() - began) / _DECISIONS
        walls, began = time.perf_counter(), time.process_time()
        for each in codes[_DECISIONS:]:
            product.parts.database.write_blocking(product.decision(each))
        waited = (time.perf_counter() - walls) - (time.process_time() - began)
        began = time.process_time()
        for _ in range(10):
            hash_secret_blocking("246810")
        pin = (time.process_time() - began) / 10
        product.parts.close()
    return Costs(
        page=page,
        decision=decision,
        pin=pin,
        letter=letter_cost(),
        commit=max(waited / 100, 0.0001),
        memory=memory.measure(_DECISIONS)[0].value,
    )


def letter_cost() -> float:
    """Return the processor's seconds for a letter, from the outbox to the relay."""
    port = free_port(None)
    with tempfile.TemporaryDirectory(prefix="thidua-bench") as folder, mail.relay(port):
        product = open_product(Path(folder))
        began = time.process_time()
        asyncio.run(fill(product, mail.LETTERS))
        filled = time.process_time() - began
        began = time.process_time()
        _, kept = asyncio.run(mail.ours(product, port))
        product.parts.close()
    return max(time.process_time() - began - filled, 0.0) / len(kept)


def moments(chance: random.Random) -> Iterator[float]:
    """Yield when somebody acts, in seconds of the week's working hours from its beginning."""
    while True:
        day = chance.choices(range(len(_DAYS)), _DAYS)[0]
        if chance.random() < _LAST_HOURS:
            hour = chance.uniform(15.0, 17.0)
        else:
            hour = chance.uniform(*chance.choice(_HOURS))
        yield (day * 24 + hour) * 3600


@dataclass(order=True, slots=True)
class Work:
    """A request, or a letter, on its way through processors and disk."""

    at: float
    number: int
    step: str
    begun: float
    processor: float
    disk: float


def requests(agencies: int, people: int, costs: Costs, chance: random.Random) -> list[Work]:
    """Return a week's requests and letters: an item for two people, a report a department."""
    items = people // 2 + agencies * 8
    when, found = moments(chance), []
    for step in STEPS:
        times = items
        if step.name == "approve by link":
            times = round(items * (1 + _RETURNED))
        for _ in range(times):
            at = next(when)
            parts = [("page", costs.page, 0.0)] * step.pages
            parts += [(step.name, costs.decision, costs.commit)] * step.writes
            parts += [("letter", costs.letter, costs.commit / 10)] * step.mails
            for name, processor, disk in parts:
                is_written = name == step.name
                spent = processor + (costs.pin if is_written and step.has_pin else 0.0)
                begun = at + (0.0 if is_written else chance.uniform(-120, 5))
                found.append(Work(begun, len(found), name, begun, spent, disk))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """What came of a week: seconds of each kind of work, letters by minute, busiest minutes."""

    seconds: dict[str, list[float]]
    letters: Counter[int]
    busy: dict[str, float]


def play(work: list[Work], cores: int) -> Week:
    """Let requests queue for processors, then for the disk, in order of time."""
    heapq.heapify(work)
    free = [0.0] * cores
    disk_free = 0.0
    seconds: dict[str, list[float]] = {}
    letters: Counter[int] = Counter()
    used: dict[str, Counter[int]] = {"processors": Counter(), "disk": Counter()}
    while work:
        each = heapq.heappop(work)
        if each.processor:
            at = max(each.at, heapq.heappop(free))
            used["processors"][int(at // 60)] += each.processor / cores
            each.at, each.processor = at + each.processor, 0.0
            heapq.heappush(free, each.at)
            heapq.heappush(work, each)
            continue
        if each.disk:
            at = max(each.at, disk_free)
            used["disk"][int(at // 60)] += each.disk
            each.at = disk_free = at + each.disk
        seconds.setdefault(each.step, []).append(each.at - each.begun)
        if each.step == "letter":
            letters[int(each.at // 60)] += 1
    busy = {name: max(minutes.values()) / 60 for name, minutes in used.items()}
    return Week(seconds=seconds, letters=letters, busy=busy)


def told(options: argparse.Namespace, costs: Costs) -> str:
    """Return what the README says of it."""
    chance = random.Random(1)  # noqa: S311 - the same week again
    week = play(requests(options.agencies, options.people, costs, chance), options.cores)
    begins = (
        f"A province (`python3 -m tests.bench.province`): {options.agencies} agencies, each with "
        f"its own server, {options.people:,} people in a year's last week, 40 % of it on Friday, "
        f"half of that after 15:00, on {options.cores} cores where a page takes "
        f"{costs.page * 1000:.1f} ms, a decision {costs.decision * 1000:.1f}, a PIN "
        f"{costs.pin * 1000:.0f}, a letter {costs.letter * 1000:.1f}:"
    )
    ends = (
        f"Most letters in a minute: {max(week.letters.values())}. In the busiest one processors are "
        f"used to {week.busy['processors']:.0%}, the disk to {week.busy['disk']:.0%}: full at "
        f"{1 / max(week.busy.values()):.0f} times that load. Memory is short before, "
        f"{options.agencies * costs.memory / 1024:.0f} GB for {options.agencies} servers; then "
        "agencies go to a second machine: they share nothing."
    )
    return "\n".join([fill_lines(begins), "", *_table(week), "", fill_lines(ends)])


def fill_lines(said: str) -> str:
    """Return text in lines as long as the README's."""
    return textwrap.fill(said, 104, break_long_words=False)


def _table(week: Week) -> list[str]:
    names = [*(each.name for each in STEPS), "page", "letter"]
    at = [quantiles(week.seconds[each], n=100) for each in names]
    cells = " | ".join(f"{each[49] * 1000:.0f} / {each[98] * 1000:.0f}" for each in at)
    return [
        f"| | {' | '.join(names)} |",
        "|---" * (len(names) + 1) + "|",
        f"| p50 / p99, ms | {cells} |",
    ]


def main() -> None:
    """Measure, play, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.province")
    parser.add_argument("--agencies", type=int, default=120)
    parser.add_argument("--people", type=int, default=8000)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    configure_logs(stream=io.StringIO())
    said = told(options, measured())
    print(said)
    if options.keep:
        put("province", said)


if __name__ == "__main__":
    main()
