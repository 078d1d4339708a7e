"""Floor A: the raw driver doing the three statements of a transition; what peers are compared on.

It imports nothing of the product: the peers' environment reads its statements too.
"""

import itertools
import re
from typing import Any

CREATE = (
    (
        "CREATE TABLE a_items (id BIGINT PRIMARY KEY, state VARCHAR(40) NOT NULL, "
        "version INTEGER NOT NULL, data TEXT NOT NULL)"
    ),
    (
        "CREATE TABLE a_history (item BIGINT NOT NULL, seq INTEGER NOT NULL, "
        "source VARCHAR(40) NOT NULL, target VARCHAR(40) NOT NULL, actor BIGINT NOT NULL, "
        "at VARCHAR(30) NOT NULL, PRIMARY KEY (item, seq))"
    ),
    "CREATE TABLE a_outbox (key VARCHAR(120) PRIMARY KEY, params TEXT NOT NULL)",
)
FILL = "INSERT INTO a_items (id, state, version, data) VALUES ({id}, 'submitted', 2, {data})"
MOVE = (
    "UPDATE a_items SET state = 'department_approved', version = version + 1, data = {data} "
    "WHERE id = {id} AND state = 'submitted' AND version = 2"
)
HISTORY = (
    "INSERT INTO a_history (item, seq, source, target, actor, at) "
    "VALUES ({id}, 3, 'submitted', 'department_approved', 7, {now})"
)
OUTBOX = "INSERT INTO a_outbox (key, params) VALUES ({key}, {params})"
PARAMS = '{"step":3,"state":"department_approved","why":"entered"}'
COUNTS = {
    "moved": "SELECT count(*) FROM a_items WHERE state = 'department_approved'",
    "history": "SELECT count(*) FROM a_history",
    "outbox": "SELECT count(*) FROM a_outbox",
}
NOW = "2022-05-04T01:00:00.000000Z"
_ROLES = {7: "head"}


def named(statement: str, paramstyle: str) -> str:
    """Return a statement with its ``{name}`` as the driver wants them."""
    return re.sub(r"\{(\w+)\}", r":\1" if paramstyle == "sqlite" else r"%(\1)s", statement)


class FloorA:
    """Role check, guarded update, history and outbox on a raw connection, one item each."""

    def __init__(self, connection: Any, kind: str) -> None:
        self.connection = connection
        self.is_sqlite = kind == "sqlite"
        self.sql = [named(each, kind) for each in (MOVE, HISTORY, OUTBOX)]
        self._fill = named(FILL, kind)
        self._ids = itertools.count(1)
        for each in CREATE:
            connection.execute(named(each, kind))
        self._end()

    def _end(self) -> None:
        if not self.is_sqlite:
            self.connection.commit()

    def fill(self, count: int) -> list[int]:
        """Make items that wait, and return their ids."""
        ids = list(itertools.islice(self._ids, count))
        if self.is_sqlite:
            self.connection.execute("BEGIN")
        self.connection.cursor().executemany(self._fill, [{"id": each, "data": ""} for each in ids])
        if self.is_sqlite:
            self.connection.execute("COMMIT")
        self._end()
        return ids

    def decide(self, item: int) -> None:
        """Decide on one item in one transaction."""
        assert _ROLES[7] == "head"
        cursor, (move, history, outbox) = self.connection.cursor(), self.sql
        if self.is_sqlite:
            cursor.execute("BEGIN IMMEDIATE")
        cursor.execute(move, {"id": item, "data": ""})
        assert cursor.rowcount == 1
        cursor.execute(history, {"id": item, "now": NOW})
        cursor.execute(outbox, {"key": f"task:{item}", "params": PARAMS})
        if self.is_sqlite:
            cursor.execute("COMMIT")
        else:
            self.connection.commit()

    def counts(self) -> dict[str, int]:
        """Return how many rows there are of each kind, and how many items have moved."""
        found = {
            name: int(self.connection.execute(query).fetchone()[0])
            for name, query in COUNTS.items()
        }
        self._end()
        return found
