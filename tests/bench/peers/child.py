"""What every peer's process does: fill, decide by so many callers, say how long, hold the rows to be exact."""

import json
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import pysqlite3

sys.modules["sqlite3"] = pysqlite3  # the library of the product: the same SQLite for all
sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2

PRAGMAS = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=30000;"
    "PRAGMA wal_autocheckpoint=4000; PRAGMA cache_size=-65536"
)
PG_OPTIONS = "-c enable_seqscan=off"
"""What floors and peers are told alike: tables that were never analysed would be read whole."""


class Peer(Protocol):
    """A library at work on items that wait for one decision."""

    rows: dict[str, int]
    """How many rows more each table has after one decision."""

    def fill(self, count: int) -> list[Any]:
        """Make items that wait, and return their keys."""

    def decide(self, key: Any) -> None:
        """Move one item on in one durable transaction, after asking whether the actor may."""

    def counts(self) -> dict[str, int]:
        """Return how many rows each table of ``rows`` has, and of items that have moved."""


def arguments() -> tuple[str, Path]:
    """Return the URL of a PostgreSQL database, or nothing for SQLite, and the folder for files."""
    return sys.argv[2], Path(sys.argv[3])


def serve(peer: Peer) -> None:
    """Answer each line ``callers count`` with the seconds that so many decisions took."""
    pools: dict[int, ThreadPoolExecutor] = {}
    print("ready", flush=True)
    for line in sys.stdin:
        callers, count = map(int, line.split())
        keys, before = peer.fill(count), peer.counts()
        pool = pools.setdefault(callers, ThreadPoolExecutor(callers))
        remaining = iter(keys)

        def work(remaining: Iterator[Any] = remaining) -> None:
            for key in remaining:
                peer.decide(key)

        began = time.perf_counter()
        for each in [pool.submit(work) for _ in range(callers)]:
            each.result()
        seconds = time.perf_counter() - began
        after = peer.counts()
        grown = {name: after[name] - before[name] for name in after}
        assert grown == {name: each * count for name, each in peer.rows.items()}, grown
        print(json.dumps({"seconds": seconds}), flush=True)
