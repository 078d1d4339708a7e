"""What the menu counts of the whole agency, kept from one page to the next.

Owns how long a count holds: until an entry is written to the history, by whichever process, or the
next minute begins. Nobody is shown a count of which either is not true any more.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Generic, TypeAlias, TypeVar

from sqlalchemy import Connection

from workflow.context import Context
from workflow.model import Person, Position
from workflow.people import may_set_deadlines
from workflow.queries.attention import Worry, concerns
from workflow.queries.history import count_entries
from workflow.queries.obligations import OwedDeadline, owed_deadlines

_T = TypeVar("_T")
_LATE: Final = frozenset({Worry.LATE_REPORT, Worry.LATE_ITEM})
Mark: TypeAlias = tuple[int, datetime]
"""How many entries there are, and which minute it is."""


def mark_of(context: Context, connection: Connection) -> Mark:
    """Return what a count that is computed now holds for."""
    return count_entries(connection), context.clock().replace(second=0, microsecond=0)


class Kept(Generic[_T]):
    """A value of the whole agency that is computed once for everybody who asks meanwhile."""

    def __init__(self, compute: Callable[[Context, Connection], _T]) -> None:
        self._compute = compute
        self._kept: tuple[Mark, _T] | None = None

    def find(self, mark: Mark) -> _T | None:
        """Return the value if it still holds."""
        return self._kept[1] if self._kept is not None and self._kept[0] == mark else None

    def load(self, context: Context, connection: Connection) -> _T:
        """Return the value, computed where it does not hold any more."""
        mark = mark_of(context, connection)
        found = self.find(mark)
        if found is None:
            found = self._compute(context, connection)
            self._kept = (mark, found)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuCount:
    """How many things wait in a place, and how many of them are late."""

    waiting: int
    late: int = 0


@dataclass(frozen=True, slots=True)
class KeptCounts:
    """The counts of one process."""

    owed: Kept[Sequence[OwedDeadline]]
    worries: Kept[MenuCount]


def kept_counts() -> KeptCounts:
    """Return counts that are not computed yet."""
    return KeptCounts(owed=Kept(owed_deadlines), worries=Kept(_worries))


def _worries(context: Context, connection: Connection) -> MenuCount:
    found = concerns(context, connection)
    return MenuCount(waiting=len(found), late=sum(each.worry in _LATE for each in found))


def answers_for_deadlines(person: Person) -> bool:
    """Return whether a deadline can ask for something of ``person``."""
    if person.position is Position.ADMIN:
        return False
    return may_set_deadlines(person) or person.department is not None


def due_for(person: Person, owed: Sequence[OwedDeadline], context: Context) -> MenuCount:
    """Return how many deadlines ask for something of ``person`` by the end of the week.

    The Office answers for all of them, others for their own department's.
    """
    now = context.clock()
    until = last_of_week(context.calendar.local_day(now))
    due = [
        each.due_at
        for each in owed
        if (may_set_deadlines(person) or person.department in each.departments)
        and context.calendar.local_day(each.due_at) <= until
    ]
    return MenuCount(waiting=len(due), late=sum(each < now for each in due))


def last_of_week(today: date) -> date:
    """Return the Sunday of the week of ``today``."""
    return today + timedelta(days=6 - today.weekday())
