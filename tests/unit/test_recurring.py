from datetime import date

import pytest

from workflow.deadlines import Every, Repeats, days_after


@pytest.mark.parametrize(
    ("first", "every", "times", "later"),
    [
        ("2022-06-15", Every.HALF_YEAR, 3, ["2022-12-15", "2023-06-15"]),
        ("2024-02-29", Every.YEAR, 5, ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]),
        ("2022-01-31", Every.MONTH, 4, ["2022-02-28", "2022-03-31", "2022-04-30"]),
        ("2022-11-30", Every.QUARTER, 3, ["2023-02-28", "2023-05-30"]),
    ],
)
def test_a_series_is_counted_from_its_first_day_and_ends_within_each_month(
    first, every, times, later
):
    assert [
        day.isoformat()
        for day in days_after(date.fromisoformat(first), Repeats(every=every, times=times))
    ] == later
