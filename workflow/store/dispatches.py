"""Statements about the numbers that documents leave with (NĐ 30/2020/NĐ-CP, Điều 15: unique in the year)."""

from sqlalchemy import Connection, bindparam, func, insert, select

from workflow.store import schema
from workflow.store.prepared import Prepared, Values

_dispatches = schema.dispatches.c
_HIGHEST = Prepared(
    select(func.coalesce(func.max(_dispatches.number), 0)).where(
        _dispatches.year == bindparam("of_year"), _dispatches.series == bindparam("of_series")
    )
)
_TAKEN = Prepared(
    select(_dispatches.item_id).where(
        _dispatches.year == bindparam("of_year"),
        _dispatches.series == bindparam("of_series"),
        _dispatches.number == bindparam("of_number"),
    )
)
_INSERT = Prepared(
    insert(schema.dispatches),
    inserts=["item_id", "version", "year", "series", "number", "notation", "issued_on", "channel"],
)
_OF_ITEM = Prepared(
    select(_dispatches.number, _dispatches.notation, _dispatches.issued_on, _dispatches.channel)
    .where(_dispatches.item_id == bindparam("item"))
    .order_by(_dispatches.version.desc())
    .limit(1)
)


def highest_number(connection: Connection, year: int, series: str) -> int:
    """Return the highest number given in ``year`` and ``series``; 0 if none."""
    return int(_HIGHEST.rows(connection, {"of_year": year, "of_series": series})[0][0])


def is_taken(connection: Connection, year: int, series: str, number: int) -> bool:
    """Return whether that number was given already."""
    return (
        _TAKEN.one(connection, {"of_year": year, "of_series": series, "of_number": number})
        is not None
    )


def insert_dispatch(connection: Connection, values: Values) -> None:
    """Record number, date and channel of a sending."""
    _INSERT.run(connection, values)


def dispatch_of(connection: Connection, item_id: int) -> tuple[int, str, str, str] | None:
    """Return number, notation, date and channel of an item's last sending, or None."""
    row = _OF_ITEM.one(connection, {"item": item_id})
    return None if row is None else (row[0], row[1], row[2], row[3])
