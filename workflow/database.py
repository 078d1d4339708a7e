"""The three doors to the database: read, report, write.

Owns who may touch which connection. Routes come through here and nowhere else; what is behind a
door is a plain function of a Connection. Only the read door may run on the event loop, and only for
ten milliseconds. A lost connection is noticed here, whichever layer sent the statement: it goes
with its whole pool, and the read is tried once more.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import Pool

from workflow.command import AnyCommand, Command, Outcome
from workflow.committer import Committer, Meter
from workflow.errors import ConflictError, ConnectionLostError, UnavailableError
from workflow.store.engines import Engines
from workflow.store.outages import driver_of, failures_of, unavailability

_Result = TypeVar("_Result")
_Read: TypeAlias = Callable[[Connection], _Result]
_ON_LOOP_SECONDS = 0.010
"""Of the loop's own processor time: what it waits for other threads makes no read a long one."""
_IN_THREAD_SECONDS = 5.0
_PROGRESS_STEPS = 250
"""SQLite virtual-machine steps between two looks at the clock; well under a millisecond where each
step is cheap."""
_READERS, _REPORTERS = 6, 3
"""Threads of the two doors: reports, however many are asked for, leave the readers theirs."""


async def at_once() -> None:
    """Wait for nobody."""


class Database:
    """The doors of one process."""

    def __init__(
        self,
        engines: Engines,
        committer: Committer,
        *,
        written: Sequence[Callable[[AnyCommand], None]] = (),
        before_long: Callable[[], Awaitable[None]] = at_once,
    ) -> None:
        """``written``: told of every command once it is recorded.

        ``before_long``: awaited before a report, or a read that turned out long, gets a thread.
        """
        self._engines = engines
        self._committer = committer
        self._written = tuple(written)
        self._before_long = before_long
        self._readers = ThreadPoolExecutor(max_workers=_READERS, thread_name_prefix="read")
        self._reporters = ThreadPoolExecutor(max_workers=_REPORTERS, thread_name_prefix="report")
        self._on_loop: Connection | None = None
        # Prepared statements run on the driver's cursor, so its errors come unwrapped beside
        # SQLAlchemy's.
        self._driver: Any = engines.read.dialect.loaded_dbapi
        self._failures = failures_of(engines.read)
        self._generation = 0
        self._reads_on_loop = engines.is_sqlite and engines.journal == "WAL"

    async def read(self, fn: Callable[[Connection], _Result]) -> _Result:
        """Return ``fn(connection)`` for a short, bounded read.

        On the loop with SQLite in WAL, else in a thread.

        Raises UnavailableError where a second try on a fresh connection does not serve either.
        """
        if not self._reads_on_loop:
            return await self._in_thread(self._readers, self._read_quickly, fn)
        try:
            return self._tried(self._read_on_loop, fn)
        except (OperationalError, self._driver.OperationalError) as exc:
            if "interrupted" not in str(exc):
                raise
        await self._before_long()
        return await self._in_thread(self._readers, self._read_in_time, fn)

    async def report(self, fn: Callable[[Connection], _Result]) -> _Result:
        """Return ``fn(connection)`` from a thread, in one transaction.

        For exports, ticks and whatever may take long.
        """
        await self._before_long()
        return await self._in_thread(self._reporters, self.report_blocking, fn)

    def report_blocking(self, fn: Callable[[Connection], _Result]) -> _Result:
        """Do as ``report`` from a thread that may wait."""
        return self._tried(self._read_in_transaction, fn)

    async def _in_thread(
        self, threads: Executor, read: Callable[[_Read[_Result]], _Result], fn: _Read[_Result]
    ) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(
            threads, copy_context().run, read, fn
        )

    def _tried(self, read: Callable[[_Read[_Result]], _Result], fn: _Read[_Result]) -> _Result:
        """Read once more where the connection was lost or another transaction won."""
        try:
            return read(fn)
        except (ConnectionLostError, ConflictError):
            return read(fn)

    def _read_quickly(self, fn: _Read[_Result]) -> _Result:
        return self._tried(self._read_without_transaction, fn)

    def _read_without_transaction(self, fn: _Read[_Result]) -> _Result:
        with self._connected(self._engines.quick) as connection:
            return fn(connection)

    def _read_in_time(self, fn: _Read[_Result]) -> _Result:
        """Read on SQLite in a transaction that ends by itself.

        Raises UnavailableError where it took too long.
        """

        def timed(connection: Connection) -> _Result:
            driver: Any = connection.connection.driver_connection
            ends_at = time.perf_counter() + _IN_THREAD_SECONDS
            driver.set_progress_handler(lambda: time.perf_counter() > ends_at, _PROGRESS_STEPS)
            try:
                return fn(connection)
            finally:
                driver.set_progress_handler(None, _PROGRESS_STEPS)

        try:
            return self.report_blocking(timed)
        except (OperationalError, self._driver.OperationalError) as exc:
            if "interrupted" not in str(exc):
                raise
            raise UnavailableError from exc

    def _read_in_transaction(self, fn: _Read[_Result]) -> _Result:
        with self._connected(self._engines.read) as connection, connection.begin():
            return fn(connection)

    @contextmanager
    def _connected(self, engine: Engine) -> Iterator[Connection]:
        """Lend a connection. Raises UnavailableError.

        With a lost one its whole pool is thrown away.
        """
        self._mind_the_file()
        pool, driver = engine.pool, None
        try:
            with engine.connect() as connection:
                driver = driver_of(connection)
                try:
                    yield connection
                except self._failures as exc:
                    if isinstance(unavailability(exc, driver), ConnectionLostError):
                        connection.invalidate(exc)
                    raise
                if engine.pool is not pool:
                    connection.invalidate()  # its pool was thrown away, and nobody would close it
            if engine.pool is not pool:
                pool.dispose()  # thrown away while the connection was given back
        except self._failures as exc:
            trouble = unavailability(exc, driver)
            if trouble is None:
                raise
            if isinstance(trouble, ConnectionLostError):
                self._throw_away(engine, pool)
            raise trouble from exc

    def _throw_away(self, engine: Engine, pool: Pool) -> None:
        """Let every pooled connection go, unless somebody else has since ``pool`` was lent from."""
        if engine.pool is pool:
            self._engines.dispose()

    async def write(self, command: Command[Outcome]) -> Outcome:
        """Run a command through the committer and return its outcome.

        Raises its refusal, BusyError, StorageError, OutcomeUnknownError.
        """
        outcome = await self._committer.submit(command)
        for told in self._written:
            told(command)
        return outcome

    def write_blocking(self, command: Command[Outcome]) -> Outcome:
        """Do as ``write`` from a thread that may wait."""
        return self._committer.submit_blocking(command)

    def measure(self, meter: Meter, written: Callable[[AnyCommand], None]) -> None:
        """Tell ``meter`` of every set of writes, ``written`` of every command recorded."""
        self._committer.measure(meter)
        self._written = (*self._written, written)

    @property
    def queue_length(self) -> int:
        """Return how many commands wait to be written."""
        return self._committer.queue_length

    @property
    def is_failing(self) -> bool:
        """Return whether the last transaction that should have been kept was not."""
        return self._committer.is_failing

    def close(self) -> None:
        """Drain the committer and close every connection."""
        self._committer.close()
        self._readers.shutdown()
        self._reporters.shutdown()
        if self._on_loop is not None:
            self._on_loop.close()
        self._engines.dispose()

    def _read_on_loop(self, fn: _Read[_Result]) -> _Result:
        self._mind_the_file()
        try:
            return self._read_bounded(fn)
        except self._failures as exc:
            trouble = unavailability(exc, self._on_loop)
            if trouble is None:
                raise
            self._let_all_go()
            raise trouble from exc

    def _mind_the_file(self) -> None:
        """Leave connections to a file that another one has replaced.

        Raises UnavailableError where there is none.
        """
        if self._engines.file is not None:
            present = self._engines.file.generation()
            if present != self._generation:
                self._generation = present
                self._let_all_go()

    def _let_all_go(self) -> None:
        connection, self._on_loop = self._on_loop, None
        if connection is not None:
            connection.invalidate()
            connection.close()
        self._engines.dispose()

    def _read_bounded(self, fn: _Read[_Result]) -> _Result:
        connection = self._on_loop
        if connection is None:
            connection = self._on_loop = self._engines.read.connect()
        driver: Any = driver_of(connection)
        # Before the time begins: SQLite counts the steps of a statement over all its runs, so that
        # now and then it ends this one as late, and leaves the transaction that it has begun open.
        driver.execute("BEGIN")
        ends_at = time.thread_time() + _ON_LOOP_SECONDS
        driver.set_progress_handler(lambda: time.thread_time() > ends_at, _PROGRESS_STEPS)
        try:
            return fn(connection)
        finally:
            driver.set_progress_handler(None, _PROGRESS_STEPS)
            connection.rollback()
            if driver.in_transaction:
                driver.execute("ROLLBACK")
