"""Statements over tables as a whole: to move them to another database, and to compare every row."""

from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, Connection, Table, func, insert, select, text, tuple_

from workflow.store.prepared import Row

_PIECE = 1000


def is_empty(connection: Connection, table: Table) -> bool:
    """Return whether a table has no row."""
    return connection.execute(select(table.primary_key.columns[0]).limit(1)).first() is None


def count(connection: Connection, table: Table) -> int:
    """Return how many rows a table has."""
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def copy(source: Connection, destination: Connection, table: Table) -> Iterator[int]:
    """Copy a table in pieces; yield how many rows each had."""
    for rows in _pages(source, table):
        destination.execute(insert(table), rows)
        yield len(rows)


def rows(
    connection: Connection,
    table: Table,
    beside: Table | None = None,
    also: Sequence[ColumnElement[object]] = (),
) -> Iterator[Row]:
    """Yield the rows of a table in order and in pages, with columns ``also`` of one ``beside``."""
    keys = list(table.primary_key.columns)
    source = table if beside is None else table.join(beside, isouter=True)
    page = select(table, *also).select_from(source).order_by(*keys).limit(_PIECE)
    found = connection.execute(page).all()
    while found:
        yield from found
        last = tuple_(*(getattr(found[-1], each.name) for each in keys))
        found = connection.execute(page.where(tuple_(*keys) > last)).all()


def _pages(source: Connection, table: Table) -> Iterator[list[dict[str, object]]]:
    result = source.execution_options(yield_per=_PIECE).execute(
        select(table).order_by(*table.primary_key)
    )
    for page in result.mappings().partitions(_PIECE):
        yield [dict(row) for row in page]


def continue_numbers(destination: Connection, table: Table) -> None:
    """Let the sequence of a table's ids go on after the highest one that was copied."""
    column = table.autoincrement_column
    if column is None or destination.dialect.name != "postgresql":
        return
    named = {"table": table.name, "column": column.name}
    sequence = destination.execute(
        text("SELECT pg_get_serial_sequence(:table, :column)"), named
    ).scalar()
    highest = destination.execute(select(func.max(column))).scalar()
    if sequence and highest:
        destination.execute(
            text("SELECT setval(:sequence, :highest)"), {"sequence": sequence, "highest": highest}
        )
