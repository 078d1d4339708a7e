"""Core statements compiled once and run on the driver's cursor; their rows have names.

Owns the short way to the driver for the hot statements: Core's own ``execute`` costs two to three
times the driver. Values pass as the driver takes them (text, integers, bytes, None); what they mean
in Python is said by ``mapping``.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from typing import Any, Final, Protocol, TypeAlias, cast

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Dialect,
    Insert,
    Select,
    Table,
    any_,
    bindparam,
    update,
)
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.selectable import ReturnsRows, SelectBase

from workflow.store.recordsets import as_rows, over_rows
from workflow.store.writes import count_write

Values = Mapping[str, object]
Compiled = tuple[str, dict[str, object]]
"""The text of a statement, and the values that it brings along itself."""
Question: TypeAlias = "tuple[ByKeys, tuple[object, ...]]"
"""A query and the keys that it asks for."""
_AHEAD: Final = "ahead"
_PIPELINE: Final = "pipeline"
_IDLE: Final = 0
"""The driver's word for: in no transaction (libpq, PQTRANS_IDLE)."""


class Row(Protocol):
    """One row: a named tuple of the columns, by the names or labels they are selected under."""

    def __getattr__(self, column: str) -> Any:  # noqa: ANN401 - as the driver gives it
        """Return the value of a column."""

    def __iter__(self) -> Iterator[Any]:
        """Iterate over the values."""


class _Status(Protocol):
    transaction_status: int


class _Pipeline(Protocol):
    def sync(self) -> None: ...


class _Psycopg(Protocol):
    """What is used of psycopg's connection, which SQLite does without."""

    autocommit: bool
    info: _Status

    def pipeline(self) -> AbstractContextManager["_Pipeline"]: ...
    def execute(self, query: str, *, prepare: bool) -> object: ...


def ask_ahead(connection: Connection, questions: Iterable[Question]) -> None:
    """Ask several queries with the BEGIN of their transaction, in one round trip.

    ``ByKeys.rows`` then answers each from here, once. What an earlier call asked is forgotten. On
    SQLite, where nothing is sent, a query runs when its rows are wanted.
    """
    if connection.dialect.name == "sqlite":
        return
    connection.info[_AHEAD] = found = {}
    questions = list(questions)
    if not questions:
        return
    driver = cast("_Psycopg", connection.connection.driver_connection)
    begins = driver.info.transaction_status == _IDLE
    if begins:
        # The driver would wait for the answer of its own BEGIN; engines.py lets it begin again.
        driver.autocommit = True
    with driver.pipeline():
        if begins:
            driver.execute("BEGIN ISOLATION LEVEL READ COMMITTED", prepare=False)
        asked = [(query, keys, query.sent(connection, keys)) for query, keys in questions]
    for query, keys, cursor in asked:
        found[query, keys] = cursor.fetchall()
        cursor.close()


def _answer(connection: Connection, question: Question) -> Sequence[Iterable[object]] | None:
    """Return the driver's rows that were asked ahead, or None; each is given once."""
    ahead: dict[Question, Sequence[Iterable[object]]] | None = (
        None if connection.dialect.name == "sqlite" else connection.info.get(_AHEAD)
    )
    return ahead.pop(question, None) if ahead else None


def _send_commit(driver: "_Psycopg") -> None:
    driver.execute("COMMIT", prepare=False)


@contextmanager
def sent_with_commit(connection: Connection) -> Iterator[None]:
    """Send the block's statements and COMMIT in one round trip; errors come at its end.

    A statement that fails keeps the COMMIT from being run. Only for prepared statements: whoever
    asks for rows or for a count (``run``) waits for it. On SQLite nothing is sent, and nobody does.
    """
    if connection.dialect.name != "sqlite":
        driver = cast("_Psycopg", connection.connection.driver_connection)
        with driver.pipeline() as connection.info[_PIPELINE]:
            try:
                yield
            finally:
                del connection.info[_PIPELINE]
            _send_commit(driver)
    else:
        yield
    connection.commit()


RowMaker = Callable[[Iterable[object]], Row]


class Prepared:
    """One statement; its bound parameters are named by the caller's ``Values``.

    An insert writes the columns that the values name. ``is_keyed``: many values may go at once on
    PostgreSQL, for each adds or finds rows of its own; they are text, integers and bytes.
    """

    def __init__(self, statement: ClauseElement, *, is_keyed: bool = False) -> None:
        self._statement = statement
        self._writes = not isinstance(statement, SelectBase)
        self._is_keyed = is_keyed
        self._texts: dict[tuple[str, ...], Compiled] = {}

    def rows(self, connection: Connection, values: Values) -> list[Row]:
        """Run a query and return all its rows."""
        cursor = self._execute(connection, values)
        try:
            return list(map(self._row, cursor.fetchall()))
        finally:
            cursor.close()

    def one(self, connection: Connection, values: Values) -> Row | None:
        """Run a query and return its first row, or None."""
        rows = self.rows(connection, values)
        return rows[0] if rows else None

    def scalar(self, connection: Connection, values: Values) -> Any:  # noqa: ANN401 - the driver's
        """Run a query and return the first column of its first row, or None."""
        row = self.one(connection, values)
        return None if row is None else next(iter(row))

    def run(self, connection: Connection, values: Values) -> int:
        """Run a statement and return how many rows it touched."""
        cursor = self._execute(connection, values)
        try:
            if cursor.rowcount < 0 and _PIPELINE in connection.info:
                connection.info[_PIPELINE].sync()
            return int(cursor.rowcount)
        finally:
            cursor.close()

    def many(self, connection: Connection, rows: Sequence[Values]) -> int:
        """Run a statement once per row and return how many rows all of them touched together.

        Among the last writes of a transaction PostgreSQL's count is not waited for, and below 0.
        """
        if len(rows) <= 1:
            cursor = self._execute(connection, rows[0]) if rows else None
            return int(cursor.rowcount) if cursor else 0
        text, constants = self._text(connection, rows[0])
        if self._writes:
            count_write(connection)
        cursor = connection.connection.cursor()
        try:
            if self._is_keyed and connection.dialect.name != "sqlite":
                cursor.execute(
                    over_rows(text, frozenset(constants)),
                    {**constants, "rows": as_rows(rows)},
                )
            elif constants:
                cursor.executemany(text, [{**constants, **row} for row in rows])
            else:
                cursor.executemany(text, rows)
            return int(cursor.rowcount)
        finally:
            cursor.close()

    def surely(self, connection: Connection, rows: Sequence[Values]) -> bool:
        """Run an update once per row and return whether each found its row.

        PostgreSQL says so itself: a row that is not found is an error there, so that nobody has to
        wait for the count before COMMIT is sent.
        """
        if connection.dialect.name == "sqlite":
            return self.many(connection, rows) == len(rows)
        text, constants = self._text(connection, rows[0])
        count_write(connection)
        changed_rows = f"{over_rows(text, frozenset(constants))} RETURNING 1"
        cursor = connection.connection.cursor()
        cursor.execute(
            f"WITH found AS ({changed_rows}) "  # noqa: S608 - compiled
            "SELECT 1 / CAST(count(*) = %(wanted)s AS INTEGER) FROM found",
            {**constants, "rows": as_rows(rows), "wanted": len(rows)},
        )
        cursor.close()
        return True

    def _execute(self, connection: Connection, values: Values) -> DBAPICursor:
        text, constants = self._text(connection, values)
        if self._writes:
            count_write(connection)
        cursor = connection.connection.cursor()
        cursor.execute(text, {**constants, **values} if constants else values)
        return cursor

    @cached_property
    def _row(self) -> RowMaker:
        return _rows_of(self._statement)

    def _text(self, connection: Connection, values: Values) -> Compiled:
        inserted = tuple(values) if isinstance(self._statement, Insert) else ()
        key = (connection.dialect.name, *inserted)
        found = self._texts.get(key)
        if found is None:
            columns = list(inserted) or None
            found = self._texts[key] = _compile(self._statement, connection.dialect, columns)
        return found


def update_row(table: Table, *, known: Sequence[str], new: Sequence[str]) -> Prepared:
    """Return the update of a row that still has the ``known`` columns as they were read."""
    return Prepared(
        update(table)
        .where(*(table.c[name] == bindparam(f"old_{name}") for name in known))
        .values({name: bindparam(f"new_{name}") for name in new})
    )


def changed(old: Values, new: Values) -> Values:
    """Return the parameters of an ``update_row``: what was read, and what is to stand there."""
    return {
        **{f"old_{name}": value for name, value in old.items()},
        **{f"new_{name}": value for name, value in new.items()},
    }


class ByKeys:
    """A query for the rows whose ``column`` is among given keys.

    They are an array on PostgreSQL and a list on SQLite.
    """

    def __init__(self, query: Select[Any], column: ColumnElement[Any]) -> None:
        self._query = query
        self._column = column
        self._texts: dict[tuple[str, int], Compiled] = {}

    def rows(
        self, connection: Connection, keys: Iterable[object], values: Values | None = None
    ) -> list[Row]:
        """Return the rows of ``keys``; ``values`` are the query's other parameters."""
        distinct = tuple(dict.fromkeys(keys))
        if not distinct:
            return []
        known = _answer(connection, (self, distinct)) if values is None else None
        if known is not None:
            return list(map(self._row, known))
        cursor = self.sent(connection, distinct, values)
        try:
            return list(map(self._row, cursor.fetchall()))
        finally:
            cursor.close()

    def of(self, keys: Iterable[object]) -> Question:
        """Return the question for the rows of ``keys``, to be asked ahead."""
        return self, tuple(dict.fromkeys(keys))

    def sent(
        self, connection: Connection, keys: Sequence[object], values: Values | None = None
    ) -> DBAPICursor:
        """Run the query for distinct ``keys``; the cursor has its rows."""
        is_sqlite = connection.dialect.name == "sqlite"
        bound = (
            {f"keys_{number}": key for number, key in enumerate(keys, 1)}
            if is_sqlite
            else {"keys": list(keys)}
        )
        text, constants = self._text(connection.dialect, len(keys) if is_sqlite else 0)
        cursor = connection.connection.cursor()
        cursor.execute(text, {**constants, **bound, **(values or {})})
        return cursor

    @cached_property
    def _row(self) -> RowMaker:
        return _rows_of(self._query)

    def _text(self, dialect: Dialect, count: int) -> Compiled:
        found = self._texts.get((dialect.name, count))
        if found is None:
            keys: list[BindParameter[object]] = [
                bindparam(f"keys_{number}") for number in range(1, count + 1)
            ]
            condition = self._column.in_(keys) if count else self._column == any_(bindparam("keys"))
            found = self._texts[dialect.name, count] = _compile(
                self._query.where(condition), dialect
            )
        return found


def _rows_of(statement: ClauseElement) -> RowMaker:
    """Return what makes a row of a statement out of the driver's tuple."""
    if not isinstance(statement, ReturnsRows):
        raise TypeError("a statement that returns no rows")
    names = statement.exported_columns.keys()
    make_class: Callable[..., Any] = namedtuple  # noqa: PYI024 - the names are the statement's
    return make_class("Row", names)._make  # type: ignore[no-any-return]  # its own constructor


def _compile(
    statement: ClauseElement,
    dialect: Dialect,
    column_keys: list[str] | None = None,
) -> Compiled:
    """Return the SQL text for a database, and the values that the statement itself brings along."""
    compiled = statement.compile(dialect=dialect, column_keys=column_keys)
    if not isinstance(compiled, SQLCompiler):
        raise TypeError("a statement that binds nothing")
    return str(compiled), {
        name: bound.value for name, bound in compiled.binds.items() if not bound.required
    }
