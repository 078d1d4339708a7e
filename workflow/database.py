"""The three doors to the database: read, report, write.

Owns who may touch which connection. Routes come through here and nowhere else; what is behind a door is a plain
function of a Connection. Only the read door may run on the event loop, and only for ten milliseconds.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, OperationalError

from workflow.committer import Command, Committer, Runner
from workflow.store.engines import Engines

_Result = TypeVar("_Result")
_ON_LOOP_SECONDS = 0.010
_PROGRESS_STEPS = 2000
"""SQLite virtual-machine steps between two looks at the clock; well under a millisecond."""


class Database:
    """The doors of one process."""

    def __init__(self, engines: Engines, committer: Committer, *, written: Sequence[Callable[[Command], None]] = ()) -> None:
        """``written``: told of every command once it is recorded."""
        self._engines = engines
        self._committer = committer
        self._written = written
        self._threads = ThreadPoolExecutor(max_workers=6, thread_name_prefix="read")
        self._on_loop: Connection | None = None
        # Prepared statements run on the driver's cursor, so its errors come unwrapped beside SQLAlchemy's.
        self._driver: Any = engines.read.dialect.loaded_dbapi
        self._reads_on_loop = engines.is_sqlite and engines.journal == "WAL"

    async def read(self, fn: Callable[[Connection], _Result]) -> _Result:
        """Return ``fn(connection)`` for a short, bounded read: on the loop with SQLite in WAL, else in a thread."""
        if not self._reads_on_loop:
            return await asyncio.get_running_loop().run_in_executor(self._threads, copy_context().run, self._read_quickly, fn)
        try:
            return self._read_on_loop(fn)
        except (OperationalError, self._driver.OperationalError) as exc:
            if "interrupted" not in str(exc):
                raise
        return await self.report(fn)

    async def report(self, fn: Callable[[Connection], _Result]) -> _Result:
        """Return ``fn(connection)`` from a thread, in one transaction; for exports, ticks and whatever may take long."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, copy_context().run, self.report_blocking, fn)

    def report_blocking(self, fn: Callable[[Connection], _Result]) -> _Result:
        """Do as ``report`` from a thread that may wait."""
        with self._engines.read.connect() as connection, connection.begin():
            return fn(connection)

    def _read_quickly(self, fn: Callable[[Connection], _Result]) -> _Result:
        """Read without a transaction; once more where the server had dropped the kept connection."""
        with self._engines.quick.connect() as connection:
            try:
                return fn(connection)
            except (DBAPIError, self._driver.OperationalError):
                connection.invalidate()
        with self._engines.quick.connect() as connection:
            return fn(connection)

    async def write(self, command: Command) -> Any:  # noqa: ANN401 - each command documents its outcome
        """Run a command through the committer and return its outcome. Raises its refusal, BusyError, StorageError."""
        outcome = await self._committer.submit(command)
        for told in self._written:
            told(command)
        return outcome

    def write_blocking(self, command: Command) -> Any:  # noqa: ANN401 - each command documents its outcome
        """Do as ``write`` from a thread that may wait."""
        return self._committer.submit_blocking(command)

    def learn(self, runners: Mapping[type, Runner]) -> None:
        """Run further kinds of command from now on; those of parts that are loaded after the start."""
        self._committer.learn(runners)

    def close(self) -> None:
        """Drain the committer and close every connection."""
        self._committer.close()
        self._threads.shutdown()
        if self._on_loop is not None:
            self._on_loop.close()
        self._engines.dispose()

    def _read_on_loop(self, fn: Callable[[Connection], _Result]) -> _Result:
        connection = self._on_loop
        if connection is None:
            connection = self._on_loop = self._engines.read.connect()
        driver: Any = connection.connection.driver_connection
        ends_at = time.perf_counter() + _ON_LOOP_SECONDS
        driver.set_progress_handler(lambda: time.perf_counter() > ends_at, _PROGRESS_STEPS)
        driver.execute("BEGIN")
        try:
            return fn(connection)
        finally:
            driver.set_progress_handler(None, _PROGRESS_STEPS)
            connection.rollback()
            if driver.in_transaction:
                driver.execute("ROLLBACK")
