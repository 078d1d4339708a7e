"""Plan backwards from the board's day, and look ahead by what past items took.

Pure. Days are working days of the agency's calendar. A forecast counts every combination of what
past items took, and comes with the range that so few items leave open, by a seeded bootstrap; from
fewer than ten it says nothing.
"""

import random
import statistics
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from workflow.deadlines.working_calendar import WorkingCalendar
from workflow.messages import Message

FEWEST = 10
"""Past items from which anything is said about the next one."""
_RESAMPLES = 60
_SEED = 20220428
_MEDIUM_FROM, _HIGH_FROM = 20, 50
"""Percent: one in five that is late is worth a look, one in two is to be expected."""


class Risk(StrEnum):
    """How likely an item is late, in a word."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A state on the straight way.

    Its name, and how many working days it may take (None: as long as it likes).
    """

    state: str
    label: Message
    working_days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """What past items took in a state, in working days.

    Both figures None where there are fewer than ten.
    """

    count: int
    median: float | None
    ninetieth: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LatestDay:
    """The last day on which an item may leave a state and still arrive in time."""

    step: Step
    leave_by: date
    spell: Spell


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """The chance of being late, in percent, with its 80 % interval: the fewer items, the wider."""

    percent: int
    lowest: int
    highest: int
    past_items: int

    @property
    def risk(self) -> Risk:
        """Return the chance as a word."""
        if self.percent >= _HIGH_FROM:
            return Risk.HIGH
        return Risk.MEDIUM if self.percent >= _MEDIUM_FROM else Risk.LOW


def backwards(
    target: date,
    steps: Sequence[Step],
    past: Mapping[str, Sequence[int]],
    calendar: WorkingCalendar,
) -> list[LatestDay]:
    """Return the latest day for each of ``steps``, so that the last is left by ``target``.

    ``target`` on a rest day counts as the working day before it.
    """
    leave_by = target if calendar.is_working(target) else calendar.shift(target, -1)
    found = []
    for step in reversed(steps):
        found.append(
            LatestDay(step=step, leave_by=leave_by, spell=spell_of(past.get(step.state, ())))
        )
        leave_by = calendar.shift(leave_by, -step.working_days) if step.working_days else leave_by
    return found[::-1]


def spell_of(days: Sequence[int]) -> Spell:
    """Return median and 90th percentile of ``days``; neither from fewer than ten."""
    if len(days) < FEWEST:
        return Spell(count=len(days), median=None, ninetieth=None)
    return Spell(
        count=len(days),
        median=statistics.median(days),
        ninetieth=statistics.quantiles(days, n=10, method="inclusive")[-1],
    )


def forecasts(
    days_left: int, way: Sequence[str], past: Sequence[Mapping[str, int]]
) -> dict[str, Forecast]:
    """Return how likely an item in each state of ``way`` takes longer than ``days_left``.

    Its days in that state are counted whole, and those in the states after it. A state from which
    fewer than ten past items went on to the end has no forecast.

    ``past``: for each past item, its days in each state. States are drawn each for itself: they
    have different people.
    """
    chance = random.Random(_SEED)  # noqa: S311 - a simulation, no secret
    most = max(days_left, -1)
    exact, *resampled = [{0: 1.0} for _ in range(1 + _RESAMPLES)]
    fewest, found = len(past), {}
    for state in reversed(way):
        known = [each[state] for each in past if state in each]
        fewest = min(fewest, len(known))
        if fewest < FEWEST:
            break
        exact = _with_days(exact, known, most)
        resampled = [
            _with_days(each, chance.choices(known, k=len(known)), most) for each in resampled
        ]
        late = sorted(each.get(most + 1, 0.0) for each in resampled)
        found[state] = Forecast(
            percent=round(100 * exact.get(most + 1, 0.0)),
            lowest=round(100 * late[_RESAMPLES // 10]),
            highest=round(100 * late[-1 - _RESAMPLES // 10]),
            past_items=fewest,
        )
    return found


def _with_days(sums: Mapping[int, float], days: Sequence[int], most: int) -> dict[int, float]:
    """Return the chance of each sum of days once one of ``days`` is added.

    All that is more than ``most`` counts as one more.
    """
    found: dict[int, float] = defaultdict(float)
    counted = Counter(days)
    for day, times in counted.items():
        share = times / len(days)
        for before, chance in sums.items():
            found[min(before + day, most + 1)] += chance * share
    return found
