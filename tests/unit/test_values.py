"""Values are made once: text as kept, days and instants in one notation, numbers by language."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.translation import translate
from workflow import values
from workflow.canonical import is_storable

LINE_ENDS = ["\n", "\r", "\r\n", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"]
INVISIBLE = [
    "",
    " ",
    "\u00a0",
    "\u200b",
    "\u2800",
    "\u3164",
    "\uffa0",
    "\ufffc",
    "\U0001d159",
    "\u115f\u1160",
    "\ufeff\u200d",
    "\u0301",
    "\u034f",
    "\ufe0f",
    "\u2063",
    "\U000e0041",
]
UNFIT = [
    "\x00",
    "a\x00b",
    "\x07",
    "\x7f",
    "\x80",
    "\ud800",
    "\udfff",
    "\ufffe",
    "\uffff",
    "\ufdd0",
    "\U0001ffff",
    "\ufffd",
]


@pytest.mark.parametrize("end", LINE_ENDS)
def test_a_line_has_no_line_end_of_any_kind(end):
    assert "một dòng" in translate(values.line_fault(f"một{end}hai", 100))
    assert values.lines(f"một{end}hai") == "một\nhai"
    assert values.line_fault(f"một{end}", 100) is None
    assert values.line(f"một{end}") == "một"


@pytest.mark.parametrize("nothing", INVISIBLE)
def test_text_that_nobody_sees_is_no_text(nothing):
    assert values.line_fault(nothing, 100) is not None
    assert values.lines_fault(nothing, 100) is not None
    assert not values.is_filled(values.tidy(nothing))


@pytest.mark.parametrize("nothing", ["\u2800", "\u3164", "\u0301", "\ufffc", "\U0001d159"])
def test_what_need_not_be_said_is_empty_or_shows_something(nothing):
    assert values.lines_fault(nothing, 100, may_be_empty=True) is not None
    assert values.lines_fault("", 100, may_be_empty=True) is None
    assert values.lines_fault("–", 100, may_be_empty=True) is None
    assert values.lines_fault("–", 100) is not None


@pytest.mark.parametrize("unfit", UNFIT)
def test_what_no_database_sheet_or_mail_holds_is_refused(unfit):
    assert values.line_fault(f"chữ {unfit}", 100) is not None
    assert values.lines_fault(f"chữ {unfit}", 100, may_be_empty=True) is not None
    assert is_storable(values.replaced(f"chữ {unfit}"))


@pytest.mark.parametrize(
    "mark",
    [
        "\u200e",
        "\u200f",
        "\u061c",
        "\u202e",
        "\u202c",
        "\u2066",
        "\u2069",
        "\ufeff",
        "\xad",
        "\u200b",
    ],
)
def test_marks_that_turn_or_hide_text_are_cleaned(mark):
    assert values.line(f"Đề{mark} nghị") == "Đề nghị"


def test_characters_are_counted_as_read_and_too_many_are_refused_not_cut():
    decomposed = "e\u0302\u0301" * 10
    assert values.line_fault(decomposed, 10) is None
    assert values.line(decomposed) == "ế" * 10
    assert "11" in translate(values.line_fault(decomposed + "a", 10))
    assert values.lines_fault("a\r\nb", 3) is None


@given(st.text())
def test_a_text_once_tidied_stays_as_it_is(text):
    assert values.tidy(values.tidy(text)) == values.tidy(text)
    assert values.line(values.line(text)) == values.line(text)
    assert values.cell(values.cell(text)) == values.cell(text)


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "2022-02-30",
        "20220504",
        "2022-W18-3",
        "2022-5-4",
        "٢٠٢٢-٠٥-٠٤",
        " 2022-05-04",
        "2022-05-04\n",
        "1999-12-31",
        "2200-01-01",
        "9999-12-31",
        "0001-01-01",
    ],
)
def test_a_day_has_one_notation_and_lies_within_known_years(wrong):
    assert values.day(wrong) is None


def test_days_and_instants_become_values():
    assert values.day("2022-05-04") == date(2022, 5, 4)
    assert values.day("1975-04-30", since=values.EARLIEST_YEAR_TOLD) == date(1975, 4, 30)
    assert values.instant("2022-05-04T08:00:00+07:00") == datetime(2022, 5, 4, 1, tzinfo=UTC)
    expected = datetime(2022, 5, 4, 17)  # noqa: DTZ001 - a form knows no offset
    assert values.local_instant("2022-05-04", "17:00") == expected


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "2022-05-04T08:00:00",
        "9999-12-31T23:59:59Z",
        "0001-01-01T00:00:00+14:00",
        "1999-12-31T00:00:00Z",
        "mai",
    ],
)
def test_an_instant_has_an_offset_and_lies_within_known_years(wrong):
    assert values.instant(wrong) is None


@pytest.mark.parametrize(
    "day, time",
    [
        ("2022-05-04", "24:00"),
        ("2022-05-04", "8:00"),
        ("2022-05-04", ""),
        ("9999-12-31", "17:00"),
        ("", "17:00"),
    ],
)
def test_a_local_instant_of_a_form_is_whole(day, time):
    assert values.local_instant(day, time) is None


@pytest.mark.parametrize(
    "text, vi, en",
    [
        ("1500000", 1500000, 1500000),
        ("1.500.000", 1500000, None),
        ("1,500,000", None, 1500000),
        ("1 500 000", 1500000, 1500000),
        ("1\u00a0500", 1500, 1500),
        ("1.500", 1500, None),
        ("1,500", None, 1500),
        ("0", 0, 0),
        ("007", 7, 7),
        *(
            (wrong, None, None)
            for wrong in (
                "1.5",
                "12.50",
                "1.500.00",
                "1..5",
                ".500",
                "0.001",
                "1.500 000",
                "1,5",
                "1e3",
                "inf",
                "nan",
                "+5",
                "-5",
                "−5",
            )
        ),
        *(
            (wrong, None, None)
            for wrong in (
                "٣",
                "３",
                "1_000",
                "0x10",
                "",
                " ",
                "1.500,0",
                "1,500.0",
                "9007199254740992",
                "9" * 5000,
            )
        ),
    ],
)
def test_a_whole_number_has_marks_only_where_its_language_puts_them(text, vi, en):
    assert (values.whole_number(text, "vi"), values.whole_number(text, "en")) == (vi, en)


@pytest.mark.parametrize("wrong", ["-1", "1.0", " 1", "١", "2147483648", "9" * 5000, ""])
def test_a_counter_is_digits_that_its_column_holds(wrong):
    assert values.counter(wrong) is None


def test_a_padded_counter_is_a_number_still():
    assert values.counter("0" * 5000 + "7") == 7
