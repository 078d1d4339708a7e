"""What a failure of the database means: lost, in conflict, unavailable, or a fault of ours.

Owns the reading of drivers' errors, whichever layer sent the statement: Core wraps them, prepared
statements run on the driver's cursor and do not. It never retries; the doors and the committer do.
"""

from pathlib import Path
from typing import Protocol, runtime_checkable

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from workflow.errors import ConflictError, ConnectionLostError, GuardedError, UnavailableError

_CONFLICTS = frozenset({"40001", "40P01"})
"""Serialization failure and deadlock (PostgreSQL, appendix A): run the transaction again."""
_ENDED = frozenset({"57P01", "57P02", "57P03", "57P05", "25P03"})
"""The server ended the session: shutdown, crash, starting up, idle for too long."""
_CLASSES = frozenset({"08", "25", "28", "53", "55", "57", "58", "3D"})
"""Connection, read-only server, log-in, resources, locks, operator, system, no such database."""
_TAKEN_AWAY = frozenset({"42501", "42P01"})
"""A right or a table is missing: the database is not as this program left it, as amid a restore."""
_SQLITE_CODES = frozenset({3, 5, 6, 7, 8, 10, 11, 13, 14, 15, 23, 26})
"""PERM BUSY LOCKED NOMEM READONLY IOERR CORRUPT FULL CANTOPEN PROTOCOL AUTH NOTADB."""
_SQLITE_IO_ERROR = 10
_SQLITE_SCHEMA = 17
"""The schema was changed under the statement, as by an upgrade beside: it may run again."""
_SQLITE_OWN = "constraint failed"
"""What SQLite says of its own constraints; other words are a trigger's."""
_RAISED = "P0001"
"""The like of PostgreSQL: all its triggers are guards."""


def failures_of(engine: Engine) -> tuple[type[Exception], ...]:
    """Return what to catch around statements on ``engine``."""
    return (DBAPIError, PoolTimeoutError, engine.dialect.loaded_dbapi.Error)


@runtime_checkable
class _PostgresDriver(Protocol):
    """A connection of psycopg's, which knows whether it still is one."""

    closed: bool
    broken: bool


def driver_of(connection: Connection) -> object:
    """Return the driver's connection; taken before the work, for a lost one gives it no more."""
    return connection.connection.driver_connection


def unavailability(failure: Exception, driver: object = None) -> UnavailableError | None:
    """Return what ``failure`` means, or None where the statement itself is at fault.

    ``driver`` is the driver's connection; None where there was none yet: it could not be opened.
    """
    found = failure.orig if isinstance(failure, DBAPIError) else failure
    if driver is None or isinstance(failure, PoolTimeoutError):
        return UnavailableError()
    if isinstance(driver, _PostgresDriver):
        return _on_postgres(found, driver)
    return _on_sqlite(found)


def is_outcome_unknown(failure: Exception, trouble: UnavailableError | None) -> bool:
    """Return whether a commit that failed so may still have been kept."""
    found = failure.orig if isinstance(failure, DBAPIError) else failure
    return isinstance(trouble, ConnectionLostError) or _sqlite_code(found) == _SQLITE_IO_ERROR


def refusal_of_guard(failure: Exception) -> GuardedError | None:
    """Return what a guard of the database said, or None where it was none that refused."""
    found = failure.orig if isinstance(failure, DBAPIError) else failure
    if getattr(found, "sqlstate", None) == _RAISED:
        return GuardedError(str(found).partition("\n")[0])
    is_trigger = type(found).__name__ == "IntegrityError" and _SQLITE_OWN not in str(found)
    is_sqlite = getattr(found, "sqlstate", None) is None
    return GuardedError(str(found)) if is_trigger and is_sqlite else None


def _on_postgres(failure: BaseException | None, driver: _PostgresDriver) -> UnavailableError | None:
    state = str(getattr(failure, "sqlstate", None) or "")
    if driver.closed or driver.broken or state in _ENDED:
        return ConnectionLostError()
    if state in _CONFLICTS:
        return ConflictError()
    return UnavailableError() if state[:2] in _CLASSES or state in _TAKEN_AWAY else None


def _on_sqlite(failure: BaseException | None) -> UnavailableError | None:
    if "closed database" in str(failure):
        return ConnectionLostError()
    if _sqlite_code(failure) == _SQLITE_SCHEMA:
        return ConflictError()
    is_away = _sqlite_code(failure) in _SQLITE_CODES or "no such table" in str(failure)
    return UnavailableError() if is_away else None


def _sqlite_code(failure: BaseException | None) -> int:
    """Return the primary result code of a SQLite error, 0 for any other."""
    return int(getattr(failure, "sqlite_errorcode", None) or 0) & 0xFF


class DatabaseFile:
    """Notices that the file of a SQLite database was taken away or exchanged under its connections.

    In WAL mode SQLite goes on writing into a deleted file; opening its name would make an empty
    one.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known = self._identity()
        self._generation = 0

    def generation(self) -> int:
        """Return a number that changes when another file takes the name.

        Raises UnavailableError where none has it.
        """
        found = self._identity()
        if found is None:
            raise UnavailableError
        if found != self._known:
            self._generation += self._known is not None
            self._known = found
        return self._generation

    def _identity(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino
