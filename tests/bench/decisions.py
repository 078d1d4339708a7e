"""Decisions against floors and peers: rounds interleaved, the exact rows asserted after each."""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tests.bench import peer_runs
from tests.bench.connections import (
    new_url,
    postgres_connection,
    raw_connection,
    sqlite_connection,
)
from tests.bench.floor_a import FloorA
from tests.bench.floors import Floor, RawCommitter
from tests.bench.product import Product, fill, open_product, sample_body
from tests.bench.results import Line, median, ratio
from tests.bench.same_rows import written

CALLERS = (1, 8, 64)
PEERS_CALLED_BY = (1, 8)
_BULK = 100
Rates = dict[tuple[str, int], list[float]]
"""Decisions a second in each round, by who decided and with how many callers."""


async def spread(
    codes: Sequence[str], callers: int, decide: Callable[[str], Awaitable[Any]]
) -> float:
    """Let ``callers`` decide on ``codes`` together; return decisions a second."""
    remaining = iter(codes)

    async def caller() -> None:
        for code in remaining:
            await decide(code)

    began = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(callers)))
    return len(codes) / (time.perf_counter() - began)


@contextmanager
def floor_b(product: Product) -> Iterator[Floor]:
    """Yield floor B on a connection of its own to the product's database."""
    connection, kind = raw_connection(product)
    yield Floor(
        connection,
        kind,
        body=sample_body(product),
        actor=product.head,
        holders=(product.person("chief@so.example"), product.person("officer@so.example")),
    )
    connection.close()


def hold_rows_the_same(product: Product) -> None:
    """Raise AssertionError where floor B and ours do not write the same rows."""
    codes = asyncio.run(fill(product, 3))
    decide = product.parts.database.write_blocking
    decide(product.decision(codes[0]))  # so that there is a body to be like
    ours = written(product, lambda: decide(product.decision(codes[1])))
    with floor_b(product) as floor:
        floors = written(product, lambda: floor.decide([codes[2]]))
    assert floors == ours, f"only floor B: {floors - ours}; only ours: {ours - floors}"


async def floor_round(product: Product, codes: list[str], callers: int) -> float:
    """Return the rate of floor B: alone, or as a committer with so many waiting."""
    with floor_b(product) as floor:
        if callers == 1:
            return await spread(codes, 1, lambda code: _at_once(floor, [code]))
        if callers == _BULK:
            return await spread(["all"], 1, lambda _: _at_once(floor, codes)) * len(codes)
        committer = RawCommitter(floor)
        rate = await spread(codes, callers, committer.decide)
        committer.close()
        return rate


async def _at_once(floor: Floor, codes: list[str]) -> None:
    floor.decide(codes)


async def our_round(product: Product, codes: list[str], callers: int) -> float:
    """Return the product's rate, for what its committer is asked by so many."""
    write = product.parts.database.write
    return await spread(codes, callers, lambda code: write(product.decision(code)))


async def exact(product: Product, count: int, act: Awaitable[float], rows: dict[str, int]) -> float:
    """Return a round's rate after asserting that it made ``rows``, or what it names there first."""
    before = product.counts()
    rate = await act
    after = product.counts()
    grown = {name: after[name] - before[name] for name in before}
    assert grown["history"] == count, grown
    for name, each in grown.items():
        assert rows.setdefault(name, each) == each, (name, each, rows)
    return rate


def _floor_a(url: str, folder: Path) -> FloorA:
    if url:
        return FloorA(postgres_connection(url), "postgresql")
    return FloorA(sqlite_connection(folder / "floor_a.db"), "sqlite")


def _round_of_a(floor: FloorA, count: int) -> float:
    ids, before = floor.fill(count), floor.counts()
    began = time.perf_counter()
    for each in ids:
        floor.decide(each)
    rate = count / (time.perf_counter() - began)
    after = floor.counts()
    assert all(after[name] - before[name] == count for name in after), after
    return rate


async def _in_turn(
    product: Product, callers: int, size: int, *, is_ours_first: bool
) -> dict[str, float]:
    """Return the rates of floor B and ours, one after the other, each over items of its own."""
    codes = await fill(product, 2 * size)
    rows: dict[str, int] = {}
    found = {}
    for is_ours in (is_ours_first, not is_ours_first):
        decided = our_round if is_ours else floor_round
        act = decided(product, codes[size:] if is_ours else codes[:size], callers)
        found["ours" if is_ours else "B"] = await exact(product, size, act, rows)
    return found


async def _rounds(
    product: Product,
    floor: FloorA,
    peers: dict[str, peer_runs.PeerProcess],
    rounds: int,
    count: int,
) -> Rates:
    """Return every rate; the first round, which warms all, does not count."""
    found: Rates = {}
    for number in range(rounds + 1):
        for callers in (*CALLERS, _BULK):
            size = {1: count // 2, _BULK: _BULK}.get(callers, count)
            rates = await _in_turn(product, callers, size, is_ours_first=bool(number % 2))
            if callers == 1:
                rates["A"] = _round_of_a(floor, size)
            if callers in PEERS_CALLED_BY:
                rates |= {name: peer.rate(callers, size) for name, peer in peers.items()}
            for name, rate in rates.items():
                found.setdefault((name, callers), []).append(rate)
    return {key: each[1:] for key, each in found.items()}


def log_pages(product: Product, decisions: int = 100) -> float:
    """Return how many pages of SQLite's write-ahead log a decision takes, one caller alone."""
    codes = asyncio.run(fill(product, decisions))
    connection, _ = raw_connection(product)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for code in codes:
        product.parts.database.write_blocking(product.decision(code))
    _, pages, _ = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    connection.close()
    return float(pages) / decisions


def measure(kind: str, rounds: int, count: int) -> list[Line]:
    """Return the lines of one database: P1 or P2 and P3, P4, P14."""
    names = peer_runs.PEERS if peer_runs.are_installed() else ()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="thidua-bench")))
        url = stack.enter_context(new_url(kind, folder))
        product = open_product(folder / "data", url)
        hold_rows_the_same(product)
        peers = stack.enter_context(peer_runs.running(url, folder, *names))
        rates = asyncio.run(_rounds(product, _floor_a(url, folder), peers, rounds, count))
        pages = [log_pages(product) for _ in range(3)] if kind == "SQLite" else []
        product.parts.close()
    return [*_lines(kind, rates, tuple(names)), *_pages(pages)]


def _pages(found: list[float]) -> list[Line]:
    return [median("P1 pages of the log, a decision", found)] if found else []


def _lines(kind: str, rates: Rates, peers: Sequence[str]) -> list[Line]:
    middle = {key: round(statistics.median(each)) for key, each in rates.items()}
    lines = []
    for callers in CALLERS:
        goal = "P3" if kind == "PostgreSQL" else "P1" if callers == 1 else "P2"
        name = f"{goal} {kind}, {callers} caller{'s' if callers > 1 else ''}"
        beside = {"B": middle["B", callers], "ours": middle["ours", callers]}
        if callers == 1:
            beside["A"] = middle["A", 1]
        lines.append(ratio(name, rates["ours", callers], rates["B", callers], **beside))
    lines.append(
        ratio(
            f"P4 in bulk, {_BULK} items, {kind}",
            rates["ours", _BULK],
            rates["B", _BULK],
            B=middle["B", _BULK],
            ours=middle["ours", _BULK],
        )
    )
    for callers in PEERS_CALLED_BY if peers else ():
        best = max(peers, key=lambda each: middle[each, callers])
        lines.append(
            ratio(
                f"P14 best peer, {callers} caller{'s' if callers > 1 else ''}, {kind}",
                rates["ours", callers],
                rates[best, callers],
                ours=middle["ours", callers],
                **{each: middle[each, callers] for each in peers},
            )
        )
    return lines
