"""Core statements compiled once and run on the driver's cursor.

Owns the short way to the driver for the hot statements: Core's own ``execute`` costs two to three times the driver.
Values pass as the driver takes them (text, integers, bytes, None); no type processing happens here.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Dialect, Insert, Select, any_, bindparam
from sqlalchemy.sql import ClauseElement

Row = tuple[Any, ...]
Values = Mapping[str, Any]


class Prepared:
    """One statement; its bound parameters are named by the caller's ``Values``."""

    def __init__(self, statement: ClauseElement, *, inserts: Sequence[str] = ()) -> None:
        self._statement = statement
        self._options: dict[str, Any] = {"column_keys": list(inserts)} if isinstance(statement, Insert) else {}
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
        """Return the SQL text for this database, and the values that the statement itself brings along."""
        name = connection.dialect.name
        found = self._texts.get(name)
        if found is None:
            compiled = self._statement.compile(dialect=connection.dialect, **self._options)
            constants = {key: value for key, value in compiled.params.items() if value is not None}
            found = self._texts[name] = (str(compiled), constants)
        return found


class ByKeys:
    """A query for the rows whose ``column`` is among given keys: an array on PostgreSQL, a list on SQLite."""

    def __init__(self, query: Select[Any], column: Column[Any]) -> None:
        self._query = query
        self._column = column
        self._texts: dict[int, str] = {}

    def rows(self, connection: Connection, keys: Iterable[Any], values: Values | None = None) -> list[Row]:
        """Return the rows of ``keys``; ``values`` are the query's other parameters."""
        distinct = list(dict.fromkeys(keys))
        if not distinct:
            return []
        if connection.dialect.name == "sqlite":
            bound: dict[str, Any] = {f"keys_{number}": key for number, key in enumerate(distinct, 1)}
        else:
            bound = {"keys": distinct}
        cursor = connection.connection.cursor()
        try:
            cursor.execute(self._text(connection.dialect, len(distinct)), {**bound, **(values or {})})
            return cursor.fetchall()
        finally:
            cursor.close()

    def _text(self, dialect: Dialect, count: int) -> str:
        number = count if dialect.name == "sqlite" else 0
        text = self._texts.get(number)
        if text is None:
            text = self._texts[number] = self._build(dialect, number)
        return text

    def _build(self, dialect: Dialect, count: int) -> str:
        if count:
            keys = bindparam("keys", expanding=True, value=[None] * count)
            return str(self._query.where(self._column.in_(keys)).compile(dialect=dialect, compile_kwargs={"render_postcompile": True}))
        return str(self._query.where(self._column == any_(bindparam("keys"))).compile(dialect=dialect))
