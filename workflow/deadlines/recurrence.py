"""Deadlines that come again: six-monthly, yearly.

Owns the days of a series. Pure. Each occurrence is a deadline of its own from then on; the series
only says how they began.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

MOST_OCCURRENCES = 12


class Every(StrEnum):
    """How far apart the occurrences of a series are."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeats:
    """A series: ``times`` occurrences in all, the first included, 2 to 12."""

    every: Every
    times: int


_MONTHS = {Every.MONTH: 1, Every.QUARTER: 3, Every.HALF_YEAR: 6, Every.YEAR: 12}


def days_after(first: date, repeats: Repeats) -> Iterator[date]:
    """Yield the local day of each occurrence after ``first``.

    All are counted from the first, so that a series on the 31st comes on the last day of a shorter
    month and on the 31st again after it.
    """
    for number in range(1, repeats.times):
        yield months_later(first, number * _MONTHS[repeats.every])


def months_later(day: date, months: int) -> date:
    """Return the same day ``months`` later, or the last day of a month that has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
