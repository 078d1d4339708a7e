"""Statements over tables as a whole, for moving everything to another database."""

from collections.abc import Iterator

from sqlalchemy import Connection, Table, func, insert, select, text

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
