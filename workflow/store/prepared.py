"""Core statements compiled once and run on the driver's cursor.

Owns the short way to the driver for the hot statements: Core's own ``execute`` costs two to three times the driver.
Values pass as the driver takes them (text, integers, bytes, None); no type processing happens here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Column, Connection, Dialect, Insert, Select, any_, bindparam
from sqlalchemy.sql import ClauseElement

Row = tuple[Any, ...]
Values = Mapping[str, Any]


@contextmanager
def sent_together(connection: Connection) -> Iterator[None]:
    """Send the statements of the block without waiting for each answer; an error is raised at its end.

    Only for statements whose row counts nobody looks at. On SQLite, where nothing is sent, it does nothing.
    """
    if connection.dialect.name == "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection
    with driver.pipeline():
        yield


class Prepared:
    """One statement; its bound parameters are named by the caller's ``Values``."""

    def __init__(self, statement: ClauseElement, *, inserts: Sequence[str] = ()) -> None:
        self._statement = statement
        self._options: dict[str, Any] = (
            {"column_keys": list(inserts)} if isinstance(statement, Insert) else {}
        )
        self._texts: dict[str, tuple[str, dict[str, Any]]] = {}

    def rows(self, connection: Connection, values: Values) -> list[Row]:
        """Run a query and return all its rows."""
        cursor = self._execute(connection, values)
        try:
            return cursor.fetchall()  # type: ignore[no-any-return]  # the driver's rows
        finally:
            cursor.close()

    def one(self, connection: Connection, values: Values) -> Row | None:
        """Run a query and return its first row, or None."""
        rows = self.rows(connection, values)
        return rows[0] if rows else None

    def run(self, connection: Connection, values: Values) -> int:
        """Run a statement and return how many rows it touched."""
        cursor = self._execute(connection, values)
        try:
            return int(cursor.rowcount)
        finally:
            cursor.close()

    def many(self, connection: Connection, rows: Sequence[Values]) -> int:
        """Run a statement once per row and return how many rows all of them touched together."""
        if len(rows) <= 1:
            return self.run(connection, rows[0]) if rows else 0
        text, constants = self._text(connection)
        cursor = connection.connection.cursor()
        try:
            cursor.executemany(text, [{**constants, **row} for row in rows] if constants else rows)
            return int(cursor.rowcount)
        finally:
            cursor.close()

    def _execute(self, connection: Connection, values: Values) -> Any:  # noqa: ANN401 - the driver's cursor
        text, constants = self._text(connection)
        cursor = connection.connection.cursor()
        cursor.execute(text, {**constants, **values} if constants else values)
        return cursor

    def _text(self, connection: Connection) -> tuple[str, dict[str, Any]]:
        name = connection.dialect.name
        found = self._texts.get(name)
        if found is None:
            found = self._texts[name] = _compile(
                self._statement, connection.dialect, **self._options
            )
        return found


class ByKeys:
    """A query for the rows whose ``column`` is among given keys: an array on PostgreSQL, a list on SQLite."""

    def __init__(self, query: Select[Any], column: Column[Any]) -> None:
        self._query = query
        self._column = column
        self._texts: dict[tuple[str, int], tuple[str, dict[str, Any]]] = {}

    def rows(
        self, connection: Connection, keys: Iterable[Any], values: Values | None = None
    ) -> list[Row]:
        """Return the rows of ``keys``; ``values`` are the query's other parameters."""
        distinct = list(dict.fromkeys(keys))
        if not distinct:
            return []
        is_sqlite = connection.dialect.name == "sqlite"
        bound = (
            {f"keys_{number}": key for number, key in enumerate(distinct, 1)}
            if is_sqlite
            else {"keys": distinct}
        )
        text, constants = self._text(connection.dialect, len(distinct) if is_sqlite else 0)
        cursor = connection.connection.cursor()
        try:
            cursor.execute(text, {**constants, **bound, **(values or {})})
            return list(cursor.fetchall())
        finally:
            cursor.close()

    def _text(self, dialect: Dialect, count: int) -> tuple[str, dict[str, Any]]:
        found = self._texts.get((dialect.name, count))
        if found is None:
            keys: list[Any] = [bindparam(f"keys_{number}") for number in range(1, count + 1)]
            condition = self._column.in_(keys) if count else self._column == any_(bindparam("keys"))
            found = self._texts[dialect.name, count] = _compile(
                self._query.where(condition), dialect
            )
        return found


def _compile(
    statement: ClauseElement,
    dialect: Dialect,
    **options: Any,  # noqa: ANN401 - SQLAlchemy's options
) -> tuple[str, dict[str, Any]]:
    """Return the SQL text for a database, and the values that the statement itself brings along."""
    compiled: Any = statement.compile(dialect=dialect, **options)
    return str(compiled), {
        name: bound.value for name, bound in compiled.binds.items() if not bound.required
    }
