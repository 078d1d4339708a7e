"""Floor A's tables for peers that bring none of their own, on the driver."""

import itertools
import threading
from pathlib import Path
from typing import Any

from tests.bench.floor_a import COUNTS, CREATE, FILL, named
from tests.bench.peers.child import PG_OPTIONS, PRAGMAS


class RawRows:
    """A connection for each thread, on floor A's tables."""

    def __init__(self, url: str, folder: Path) -> None:
        self._url, self._file = url, folder / "peer.db"
        self._kept = threading.local()
        self._ids = itertools.count(1)
        self.style = "postgresql" if url else "sqlite"
        for each in CREATE:
            self.connection().execute(named(each, self.style))
        self.connection().commit()

    def connection(self) -> Any:
        """Return this thread's connection."""
        found = getattr(self._kept, "connection", None)
        if found is None:
            found = self._kept.connection = self._opened()
        return found

    def _opened(self) -> Any:
        if self._url:
            import psycopg

            return psycopg.connect(self._url, options=PG_OPTIONS)
        import sqlite3

        opened = sqlite3.connect(self._file, isolation_level=None, timeout=30)
        for each in PRAGMAS.split(";"):
            opened.execute(each)
        return opened

    def begin(self) -> Any:
        """Return a cursor in a transaction that writes."""
        cursor = self.connection().cursor()
        if not self._url:
            cursor.execute("BEGIN IMMEDIATE")
        return cursor

    def fill(self, count: int, data: str) -> list[int]:
        """Make items that wait, and return their ids."""
        ids = list(itertools.islice(self._ids, count))
        cursor = self.begin()
        fill = named(FILL, self.style)
        cursor.executemany(fill, [{"id": each, "data": data} for each in ids])
        self.connection().commit()
        return ids

    def counts(self) -> dict[str, int]:
        """Return how many rows there are of each kind, and how many items have moved."""
        connection = self.connection()
        found = {name: connection.execute(each).fetchone()[0] for name, each in COUNTS.items()}
        connection.commit()
        return found


GROWN = dict.fromkeys(COUNTS, 1)
