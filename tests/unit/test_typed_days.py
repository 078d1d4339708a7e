"""Days and hours as people type them, and how they are shown back."""

import pytest

from api.web.dates import iso_day, iso_minute, iso_time, typed_day


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("15/06/2022", "2022-06-15"),
        (" 5/6/2022 ", "2022-06-05"),
        ("5-6-2022", "2022-06-05"),
        ("5.6.2022", "2022-06-05"),
        ("2022-06-15", "2022-06-15"),
        ("", ""),
        ("mai", "mai"),
        ("06/2022", "06/2022"),
        ("5/6/22", "5/6/22"),
    ],
)
def test_a_day_is_read_day_first(typed, read):
    assert iso_day(typed) == read


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("17:00", "17:00"),
        ("9:05", "09:05"),
        ("9h", "09:00"),
        ("17h30", "17:30"),
        ("17 giờ", "17:00"),
        ("17 giờ 30 phút", "17:30"),
        ("5 PM", "5 PM"),
    ],
)
def test_a_time_has_24_hours(typed, read):
    assert iso_time(typed) == read


@pytest.mark.parametrize(
    "typed", ["15/06/2022 17:00", "17:00 15/6/2022", "2022-06-15 17:00", "2022-06-15T17:00"]
)
def test_a_moment_is_a_day_and_a_time_in_either_order(typed):
    assert iso_minute(typed) == "2022-06-15T17:00"


@pytest.mark.parametrize(
    ("kept", "shown"),
    [("2022-06-05", "05/06/2022"), ("31/2/2022", "31/2/2022"), ("2022-02-31",) * 2, (None, "")],
)
def test_what_is_kept_is_shown_day_first_and_what_was_typed_as_it_was(kept, shown):
    assert typed_day(kept) == shown
