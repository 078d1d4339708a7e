"""How many rows are in which state, for monitors: bounded, so that asking stays cheap."""

from sqlalchemy import Column, ColumnElement, Connection, func, select


def count_by_value(connection: Connection, column: Column[str], most: int) -> dict[str, int]:
    """Return how many rows have each value of an indexed column, none counted beyond ``most``.

    Goes from one value to the next by the index: neither the values nor their rows are all looked
    at.
    """
    counts: dict[str, int] = {}
    value = connection.execute(select(func.min(column))).scalar()
    while value is not None:
        counts[value] = count_up_to(connection, column == value, most)
        value = connection.execute(select(func.min(column)).where(column > value)).scalar()
    return counts


def count_up_to(connection: Connection, condition: ColumnElement[bool], most: int) -> int:
    """Return how many rows meet ``condition``, not counting beyond ``most``."""
    found = select(1).where(condition).limit(most).subquery()
    return int(connection.execute(select(func.count()).select_from(found)).scalar_one())
