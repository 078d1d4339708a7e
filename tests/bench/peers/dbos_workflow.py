"""DBOS with one small workflow an approval: one transaction of its data source, and its own records."""

from typing import Any

import sqlalchemy
from dbos import DBOS, SQLAlchemyDatasource
from sqlalchemy import event, text

from tests.bench.floor_a import HISTORY, MOVE, NOW, OUTBOX, PARAMS, named
from tests.bench.peers.child import PG_OPTIONS, PRAGMAS, arguments
from tests.bench.peers.raw_rows import GROWN, RawRows

_URL, _FOLDER = arguments()
_TABLES = RawRows(_URL, _FOLDER)
_SQL = [text(named(each, "sqlite")) for each in (MOVE, HISTORY, OUTBOX)]


@event.listens_for(sqlalchemy.Engine, "connect")
def _durable(connection: Any, _: Any) -> None:
    if not _URL:
        for each in PRAGMAS.split(";"):
            connection.execute(each)


def _engine_url(name: str) -> str:
    if not _URL:
        return f"sqlite:///{_FOLDER / name}"
    return _URL.replace("postgresql://", "postgresql+psycopg://", 1)


_ARGUMENTS = {"connect_args": {"options": PG_OPTIONS}} if _URL else {}
DBOS(
    config={
        "name": "bench",
        "system_database_url": _engine_url("system.db"),
        "db_engine_kwargs": dict(_ARGUMENTS),
        "log_level": "ERROR",
    }
)
SOURCE = SQLAlchemyDatasource.create(
    _engine_url("peer.db"), engine_kwargs={"pool_size": 8, **_ARGUMENTS}
)


@SOURCE.transaction
def move(key: int) -> None:
    """Write the three rows."""
    session = SOURCE.sql_session()
    assert session.execute(_SQL[0], {"id": key, "data": ""}).rowcount == 1
    session.execute(_SQL[1], {"id": key, "now": NOW})
    session.execute(_SQL[2], {"key": f"task:{key}", "params": PARAMS})


@DBOS.workflow()
def approve(key: int) -> None:
    """Approve one item."""
    move(key)


class Peer:
    """One durable workflow a decision."""

    rows = GROWN

    def fill(self, count: int) -> list[int]:
        return _TABLES.fill(count, "")

    def decide(self, key: int) -> None:
        approve(key)

    def counts(self) -> dict[str, int]:
        return _TABLES.counts()


DBOS.launch()
