"""Planning backwards: the latest days in the agency's calendar, and forecasts."""

import itertools
import random
import statistics
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.test_definitions import load
from workflow.deadlines import FEWEST, Forecast, Step, backwards, forecasts, spell_of
from workflow.queries.back_planning import straight_way
from workflow.rules import Rulebook

STEPS = [
    Step(state="drafted", label="Dự thảo", working_days=None),
    Step(state="submitted", label="Phòng", working_days=2),
    Step(state="signed", label="Giám đốc", working_days=3),
]


def test_the_latest_days_are_counted_back_over_holidays_and_weekends(calendar):
    found = backwards(date(2022, 9, 6), STEPS, {}, calendar)
    assert [(each.step.state, each.leave_by) for each in found] == [
        ("drafted", date(2022, 8, 26)),
        ("submitted", date(2022, 8, 30)),
        ("signed", date(2022, 9, 6)),
    ], "1 and 2 September were holidays, 3 to 4 a weekend"


def test_a_target_on_a_rest_day_counts_as_the_working_day_before(calendar):
    assert backwards(date(2022, 9, 4), STEPS, {}, calendar)[-1].leave_by == date(2022, 8, 31)


@given(
    days=st.dates(date(2020, 1, 1), date(2027, 12, 31)),
    limits=st.lists(st.integers(1, 15), min_size=1, max_size=6),
)
def test_working_forwards_from_the_first_day_arrives_in_time(calendar, days, limits):
    steps = [
        Step(state=str(place), label="x", working_days=each) for place, each in enumerate(limits)
    ]
    found = backwards(days, steps, {}, calendar)
    for before, after in itertools.pairwise(found):
        assert calendar.between(before.leave_by, after.leave_by) == after.step.working_days
    assert found[-1].leave_by <= days


@pytest.mark.parametrize("name", ["nomination", "department_report"])
def test_the_straight_way_is_the_five_steps_before_sending(name):
    loaded = load(name)
    way = straight_way(Rulebook(loaded.definition, loaded.hash))
    assert [step.state for step in way] == [
        "drafted",
        "submitted",
        "department_approved",
        "office_reviewed",
        "director_signed",
    ]


def forecast(days_left, to_come, past):
    return forecasts(days_left, to_come, past).get(to_come[0])


def test_fewer_than_ten_past_items_say_nothing():
    assert spell_of([1] * (FEWEST - 1)).median is None
    assert forecasts(1, ["a"], [{"a": 5}] * (FEWEST - 1)) == {}
    assert forecasts(1, ["a", "b"], [{"a": 5}] * 50) == {}, "nobody knows how long b takes"
    last = forecasts(1, ["a", "b"], [{"b": 5}] * 50)
    assert list(last) == ["b"], "what is behind an item does not count"


def test_a_forecast_is_sure_where_the_past_leaves_no_doubt_and_the_same_twice():
    past = [{"a": 3, "b": 4}] * 20
    assert [forecast(days, ["a", "b"], past).percent for days in (6, 7)] == [100, 0]
    assert [forecast(-days, ["a", "b"], past).percent for days in (0, 1, 9)] == [100] * 3
    mixed = [{"a": each % 7, "b": each % 3} for each in range(40)]
    first, again = forecast(4, ["a", "b"], mixed), forecast(4, ["a", "b"], mixed)
    assert first == again
    assert first.lowest <= first.percent <= first.highest
    assert first.lowest < first.highest


def test_a_forecast_is_what_counting_every_pair_gives():
    mixed = [{"a": each % 7, "b": each % 3} for each in range(42)]
    exact = statistics.mean(one["a"] + other["b"] > 4 for one in mixed for other in mixed)
    assert forecast(4, ["a", "b"], mixed).percent == round(100 * exact)


@pytest.mark.parametrize("seed", range(12))
def test_forecasts_are_what_playing_each_item_many_times_comes_to(seed):
    chance = random.Random(seed)  # noqa: S311 - the same again
    way = [str(place) for place in range(chance.randint(1, 5))]
    most = [chance.choice((1, 3, 12)) for _ in way]
    past = [
        {state: chance.randint(0, many) for state, many in zip(way, most, strict=True)}
        for _ in range(chance.choice((12, 60, 150)))
    ]
    left = chance.randint(0, sum(most))
    found = forecasts(left, way, past)
    assert list(found) == way[::-1]
    for place, state in enumerate(way):
        percent, lowest, highest = played(left, [[each[s] for each in past] for s in way[place:]])
        assert abs(found[state].percent - percent) <= 8
        room = 16 if len(past) < 60 else 6  # sixty resamples of few items leave the ends open
        assert abs(found[state].lowest - lowest) <= room
        assert abs(found[state].highest - highest) <= room
        assert found[state].past_items == len(past)


def played(left, known, draws=400, resamples=60):
    """The share of late items and its 80 % interval, by drawing days for each state at random."""
    chance = random.Random(1)  # noqa: S311 - the same again

    def late_share(known):
        late = sum(sum(map(chance.choice, known)) > left for _ in range(draws))
        return 100 * late / draws

    shares = sorted(
        late_share([chance.choices(each, k=len(each)) for each in known]) for _ in range(resamples)
    )
    return late_share(known), shares[resamples // 10], shares[-1 - resamples // 10]


@pytest.mark.parametrize(
    "percent, risk",
    [(0, "low"), (19, "low"), (20, "medium"), (49, "medium"), (50, "high"), (100, "high")],
)
def test_a_risk_has_a_word(percent, risk):
    assert Forecast(percent=percent, lowest=0, highest=100, past_items=10).risk == risk
