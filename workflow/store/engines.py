"""Engines: how each database is opened, and with what guarantees.

Owns drivers, pragmas and session settings. On SQLite the write engine begins IMMEDIATE, is fully
durable and overwrites what is deleted; the read engine cannot write. WAL is used only where the
library has the fix of 2026 for the WAL-reset bug (≥ 3.51.3, or 3.50.7 and 3.44.6); elsewhere a
rollback journal.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import NullPool, QueuePool

from workflow.store.outages import DatabaseFile
from workflow.store.writes import count_writes

try:  # its own recent library, where a wheel exists for the platform
    import pysqlite3 as _sqlite_driver
except ImportError:
    import sqlite3 as _sqlite_driver

_FIXED = ((3, 51, 3), (3, 50, 7), (3, 44, 6))
_PG_REACHES = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15000,
}
"""How soon a server that does not answer is given up: seconds, and milliseconds for the last
one."""
_PG_OPTIONS = (
    "-c lock_timeout=5s -c statement_timeout=60s "
    "-c idle_in_transaction_session_timeout=30s -c timezone=UTC"
)
_PG_QUICK = "-c default_transaction_read_only=on -c statement_timeout=5s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Engines:
    """The ways into one database: ``write`` is the committer's alone, ``read`` everybody's."""

    write: Engine
    read: Engine
    quick: Engine
    """For short reads: on PostgreSQL one round trip a statement, without a transaction.

    On SQLite the same as ``read``.
    """
    is_sqlite: bool
    journal: str
    file: DatabaseFile | None = None
    """Watches the file of a SQLite database."""

    def dispose(self) -> None:
        """Close every connection."""
        for engine in (self.read, self.quick, self.write):
            pool = engine.pool
            engine.dispose()
            pool.dispose()  # what was given back before the engine had another pool


def sqlite_driver() -> ModuleType:
    """Return the SQLite driver: pysqlite3 where it is installed, else Python's."""
    return _sqlite_driver  # type: ignore[no-any-return]  # pysqlite3 ships no types


def is_wal_safe(version: tuple[int, int, int]) -> bool:
    """Return whether a SQLite library of ``version`` has the WAL-reset fix."""
    return version >= _FIXED[0] or any(
        version[:2] == fixed[:2] and version >= fixed for fixed in _FIXED[1:]
    )


def open_engines(url: str) -> Engines:
    """Return the engines for a database URL (``sqlite:///path`` or ``postgresql://…``)."""
    parsed = make_url(url)
    engines = (
        _sqlite(Path(parsed.database or ""))
        if parsed.get_backend_name() == "sqlite"
        else _postgres(parsed.set(drivername="postgresql+psycopg"))
    )
    count_writes(engines.write)
    return engines


@contextmanager
def opened_engines(url: str) -> Iterator[Engines]:
    """Let the engines of a database URL be used, and close every connection at the end."""
    engines = open_engines(url)
    try:
        yield engines
    finally:
        engines.dispose()


def _postgres(url: URL) -> Engines:
    # Hot statements go by key: their plans are kept, and one that was made while a table was empty
    # would read all of it ever after.
    by_key = f"{_PG_OPTIONS} -c enable_seqscan=off"
    write = create_engine(
        url,
        pool_size=2,
        max_overflow=2,
        pool_pre_ping=True,
        hide_parameters=True,
        isolation_level="READ COMMITTED",
        # What is joined to the rows of a set goes by key too, however few there were.
        connect_args={
            **_PG_REACHES,
            "options": f"{by_key} -c enable_hashjoin=off -c enable_mergejoin=off",
        },
    )
    event.listen(write, "begin", _begin_by_driver)
    return Engines(
        write=write,
        # One snapshot for a whole report: a verification must not see an item of now and a history
        # of a moment ago.
        read=create_engine(
            url,
            pool_size=4,
            max_overflow=4,
            pool_pre_ping=True,
            hide_parameters=True,
            isolation_level="REPEATABLE READ",
            connect_args={**_PG_REACHES, "options": _PG_OPTIONS},
        ),
        quick=create_engine(
            url,
            pool_size=8,
            max_overflow=0,
            pool_reset_on_return=None,
            hide_parameters=True,
            isolation_level="AUTOCOMMIT",
            connect_args={**_PG_REACHES, "options": f"{by_key} {_PG_QUICK}"},
        ),
        is_sqlite=False,
        journal="postgresql",
    )


def _sqlite(path: Path) -> Engines:
    path.parent.mkdir(parents=True, exist_ok=True)
    driver = sqlite_driver()
    journal = "WAL" if is_wal_safe(driver.sqlite_version_info) else "DELETE"
    url = f"sqlite:///{path}"
    arguments = {"isolation_level": None, "check_same_thread": False}
    write = create_engine(
        url,
        poolclass=NullPool,
        module=driver,
        paramstyle="named",
        hide_parameters=True,
        connect_args=arguments,
    )
    read = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=4,
        max_overflow=4,
        module=driver,
        paramstyle="named",
        hide_parameters=True,
        connect_args=arguments,
    )
    durable = "FULL" if journal == "WAL" else "EXTRA"
    event.listen(
        write,
        "connect",
        _pragmas(
            f"journal_mode={journal}",
            f"synchronous={durable}",
            "foreign_keys=ON",
            "secure_delete=ON",
            "wal_autocheckpoint=4000",
            "cache_size=-16384",
        ),
    )
    event.listen(read, "connect", _pragmas("query_only=ON"))
    event.listen(write, "begin", _begin_immediate)
    event.listen(read, "begin", _begin_deferred)
    return Engines(
        write=write, read=read, quick=read, is_sqlite=True, journal=journal, file=DatabaseFile(path)
    )


def _pragmas(*pragmas: str) -> Callable[[DBAPIConnection, object], None]:
    def on_connect(connection: DBAPIConnection, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in ("busy_timeout=10000", "trusted_schema=OFF", *pragmas):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return on_connect


def _begin_by_driver(connection: Connection) -> None:
    """Let psycopg begin with the first statement; the last transaction may have begun by itself."""
    driver = connection.connection.driver_connection
    if driver is not None and driver.autocommit:
        driver.autocommit = False


def _begin_immediate(connection: Connection) -> None:
    # On the driver, where it costs a fifth of the 40 µs that SQLAlchemy takes for it.
    driver = connection.connection.driver_connection
    if driver is not None:
        driver.execute("BEGIN IMMEDIATE")


def _begin_deferred(connection: Connection) -> None:
    # The read door has begun already, on the driver, where it costs a tenth.
    driver = connection.connection.driver_connection
    if driver is not None and not driver.in_transaction:
        connection.exec_driver_sql("BEGIN")


def library_version() -> str:
    """Return the version of the SQLite library in use, and which driver brought it."""
    driver = sqlite_driver()
    python = f"Python {sys.version_info.major}.{sys.version_info.minor}"
    return f"SQLite {driver.sqlite_version} ({driver.__name__}, {python})"
