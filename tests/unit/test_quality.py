"""Whose the days of a step are: the council's until its round is closed, then who decides's."""

from datetime import UTC, datetime

import pytest

from workflow.queries.quality import begun


def day(number):
    return datetime(2022, 6, number, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("closings", "expected"),
    [
        ([], 1),
        ([day(12)], 12),
        ([day(5), day(12)], 12),
        ([day(20)], 1),
        ([datetime(2022, 5, 30, 9, tzinfo=UTC)], 1),
        ([day(15)], 15),
    ],
    ids=["no_round", "passed", "passed_again", "closed_later", "closed_before", "closed_last"],
)
def test_days_are_of_the_state_since_the_last_round_within_the_stay(closings, expected):
    assert begun(day(1), day(15), closings) == day(expected)
