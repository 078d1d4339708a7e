"""Plan backwards from the board's day, and look ahead by what past items took.

Pure. Days are working days of the agency's calendar. A forecast is drawn from past items by a
seeded simulation and comes with the range that so few items leave open; from fewer than ten it says
nothing.
"""

import random
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from workflow.deadlines.working_calendar import WorkingCalendar
from workflow.messages import Message

FEWEST = 10
"""Past items from which anything is said about the next one."""
_DRAWS = 400
_RESAMPLES = 60
_SEED = 20220428


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


def forecast(
    days_left: int, to_come: Sequence[str], past: Sequence[Mapping[str, int]]
) -> Forecast | None:
    """Return how likely the states ``to_come`` take longer than ``days_left`` working days.

    None from fewer than ten past items.

    ``past``: for each past item, its days in each state. States are drawn each for itself: they
    have different people.
    """
    known = [[each[state] for each in past if state in each] for state in to_come]
    fewest = min((len(each) for each in known), default=0)
    if fewest < FEWEST:
        return None
    chance = random.Random(_SEED)  # noqa: S311 - a simulation, no secret
    shares = sorted(
        _late_share(days_left, [chance.choices(each, k=len(each)) for each in known], chance)
        for _ in range(_RESAMPLES)
    )
    return Forecast(
        percent=round(100 * _late_share(days_left, known, chance)),
        lowest=round(100 * shares[_RESAMPLES // 10]),
        highest=round(100 * shares[-1 - _RESAMPLES // 10]),
        past_items=fewest,
    )


def _late_share(days_left: int, known: Sequence[Sequence[int]], chance: random.Random) -> float:
    late = sum(sum(chance.choice(each) for each in known) > days_left for _ in range(_DRAWS))
    return late / _DRAWS
