"""The figures that heads answer for: returns, days in each step, lateness, per department.

Owns whose the days of a step are: those in which a nomination waits for its round are the
council's, and only the days after the round is closed are those of who then decides.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from workflow.context import Context
from workflow.deadlines import Step
from workflow.messages import lazy
from workflow.model import DepartmentId
from workflow.queries.back_planning import PAST_ITEMS, straight_way
from workflow.rules import Rulebook, council_guards
from workflow.store import durations, rounds
from workflow.store.durations import Running, Stay

MOST_LATE: Final = 5_000
"""So many items that are late now are counted, those that are late longest."""
COUNCIL: Final = "(council)"
"""The wait for the council among the steps; no state can be called so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """What a department's items took: how many, returns in all, median working days, late steps.

    The wait for the council stands beside the states, as COUNCIL. A step still running counts with
    the days so far. ``late_steps`` of ``steps`` are over and were late; ``late_now`` items are late
    where they stand, counted of at most ``MOST_LATE`` of all departments.
    """

    department: DepartmentId
    count: int
    returns: int
    medians: Mapping[str, float | None]
    late_steps: int
    steps: int
    late_now: int


@dataclass(slots=True, kw_only=True)
class _Seen:
    """What is counted of a department: items, stays that are over, those that run, returns.

    ``council``: from when to when items waited for it, which is no part of their stays.
    """

    count: int = 0
    stays: list[Stay] = field(default_factory=list)
    going: list[Running] = field(default_factory=list)
    council: list[tuple[datetime, datetime]] = field(default_factory=list)
    returns: int = 0


def begun(first: datetime, last: datetime, closings: Iterable[datetime]) -> datetime:
    """Return since when a stay's days are of its own state: since the round that passed it, if any.

    What was before was the council's. ``closings``: when rounds were closed that passed the item.
    """
    return max((each for each in closings if first < each <= last), default=first)


def quality_way(rulebook: Rulebook) -> list[Step]:
    """Return the states on the way to the board, with the wait for the council before its state."""
    way: list[Step] = []
    for step in straight_way(rulebook):
        if council_guards(rulebook.definition, step.state):
            label = lazy("Waiting for the council")
            way.append(Step(state=COUNCIL, label=label, working_days=None))
        way.append(step)
    return way


def quality(context: Context, connection: Connection, kind: str) -> list[Quality]:
    """Return each department's figures for past and open items of ``kind``, in its order."""
    rulebook = context.rulebooks.newest(connection)[kind]
    books = [each for each in context.rulebooks.all(connection) if each.definition.id == kind]
    found = durations.newest_in(
        connection, kind, sorted({state for book in books for state in book.states}), PAST_ITEMS
    )
    by_hash = {book.hash: book for book in books}
    now = context.clock()
    closings = rounds.closings_of(connection, [each.item for each in found])
    seen: dict[DepartmentId, _Seen] = defaultdict(_Seen)
    for stay in context.stays.of(connection, found):
        own = seen[stay.department]
        entered = begun(stay.entered, stay.left, closings.get(stay.item, ()))
        if entered > stay.entered:
            own.council.append((stay.entered, entered))
        own.stays.append(stay if entered == stay.entered else replace(stay, entered=entered))
        how = by_hash[stay.definition_hash].meaning(stay.how)
        own.returns += how is not None and bool(how.is_return) and not stay.is_carried
    for running in found:
        own = seen[running.department]
        own.count += 1
        waits = _waits_for_council(rulebook, running)
        since = now if waits else begun(running.since, now, closings.get(running.item, ()))
        if since > running.since:
            own.council.append((running.since, since))
        if not waits:
            own.going.append(replace(running, since=since))
    late = durations.late_in(connection, kind, now, MOST_LATE) if seen else {}
    order = context.directory(connection, now).departments
    return [
        _quality(context, rulebook, each, seen[each], late.get(each, 0))
        for each in order
        if each in seen
    ]


def _waits_for_council(rulebook: Rulebook, running: Running) -> bool:
    """Return whether an item stands where a round is asked for, its own days not yet begun."""
    known = rulebook.states.get(running.state)
    return (
        known is not None
        and known.working_days is not None
        and running.due_at is None
        and bool(council_guards(rulebook.definition, running.state))
    )


def _quality(
    context: Context,
    rulebook: Rulebook,
    department: DepartmentId,
    seen: _Seen,
    late_now: int,
) -> Quality:
    calendar = context.calendar
    spent: dict[str, list[int]] = defaultdict(list)
    late = limited = 0

    def spend(state: str, first: datetime, last: datetime) -> None:
        days = calendar.between(calendar.local_day(first), calendar.local_day(last))
        spent[state].append(days)

    for stay in seen.stays:
        spend(stay.state, stay.entered, stay.left)
        known = rulebook.states.get(stay.state)
        due = calendar.step_due(stay.entered, known.working_days) if known else None
        limited += due is not None
        late += due is not None and stay.left > due
    for running in seen.going:
        spend(running.state, running.since, context.clock())
    for first, last in seen.council:
        spend(COUNCIL, first, last)
    return Quality(
        department=department,
        count=seen.count,
        returns=seen.returns,
        medians={
            step.state: sorted(found)[len(found) // 2] if (found := spent[step.state]) else None
            for step in quality_way(rulebook)
        },
        late_steps=late,
        steps=limited,
        late_now=late_now,
    )
