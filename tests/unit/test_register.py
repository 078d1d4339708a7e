"""Which number a document gets: series, the next one, uniqueness, the year, days in order."""

from datetime import date

import pytest
from pydantic import ValidationError

from workflow.definition import OutgoingRules
from workflow.rules.register import (
    AskedNumber,
    SeriesState,
    is_back_dated,
    next_number,
    notation_of,
    wrong_number,
    wrong_unit,
)

HERE = OutgoingRules(kept="here")
ELSEWHERE = OutgoingRules()
TODAY = date(2022, 12, 20)
FIVE = SeriesState(last=5, last_day=date(2022, 12, 15))


def asked(number=None, day=TODAY, **more):
    return AskedNumber(kind="TTr", number=number, issued_on=day, today=TODAY, **more)


def rules_of(rules, wanted, state=FIVE):
    return [each.rule for each in wrong_number(rules, wanted, state)]


@pytest.mark.parametrize(
    ("rules", "kind", "year", "last", "following"),
    [
        (HERE, "TTr", 2022, 0, 1),
        (HERE, "TTr", 2022, 5, 6),
        (HERE, "TTr", 2023, 0, 1),
        (OutgoingRules(kept="here", before={"TTr": 148}, before_in=2022), "TTr", 2022, 0, 149),
        (OutgoingRules(kept="here", before={"TTr": 148}, before_in=2022), "TTr", 2022, 149, 150),
        (OutgoingRules(kept="here", before={"TTr": 148}, before_in=2022), "TTr", 2023, 0, 1),
        (OutgoingRules(kept="here", before={"TTr": 148}, before_in=2022), "BC", 2022, 0, 1),
        (
            OutgoingRules(kept="here", together=(("BC", "TTr"),), before={"BC": 9}, before_in=2022),
            "TTr",
            2022,
            0,
            10,
        ),
    ],
)
def test_a_series_begins_with_the_year_and_goes_on_without_a_gap(
    rules, kind, year, last, following
):
    assert next_number(rules, kind, year, SeriesState(last=last)) == following


def test_kinds_named_together_are_one_series_and_each_other_kind_is_its_own():
    rules = OutgoingRules(kept="here", together=(("TTr", "BC", "KH"),))
    assert rules.kinds_with("BC") == ("TTr", "BC", "KH")
    assert rules.kinds_with("QĐ") == ("QĐ",)
    with pytest.raises(ValidationError, match="one series"):
        OutgoingRules(together=(("TTr", "BC"), ("BC", "KH")))
    with pytest.raises(ValidationError, match="before_in"):
        OutgoingRules(before={"TTr": 3})


@pytest.mark.parametrize(
    ("wanted", "refused"),
    [
        (asked(), []),
        (asked(6), []),
        (asked(5), ["number"]),
        (asked(1), ["number"]),
        (asked(7), ["number"]),
        (asked(day=date(2022, 12, 15)), []),
        (asked(day=date(2022, 12, 14)), ["issued_on"]),
        (asked(day=date(2022, 12, 21)), ["issued_on"]),
        (asked(day=date(2021, 12, 31)), ["issued_on"]),
        (asked(day=date(2022, 12, 16), signed_on=date(2022, 12, 17)), ["issued_on"]),
    ],
)
def test_here_no_number_is_skipped_used_again_or_dated_back_past_another(wanted, refused):
    assert rules_of(HERE, wanted) == refused


def test_the_first_document_of_a_series_is_of_the_day_it_is_registered_on():
    assert rules_of(HERE, asked(day=date(2022, 1, 1)), SeriesState()) == ["issued_on"]
    assert rules_of(HERE, asked(day=date(2022, 12, 19)), SeriesState()) == ["issued_on"]
    assert rules_of(HERE, asked(), SeriesState()) == []


@pytest.mark.parametrize("unit", ["VP/..", "VP SNgV", "-VP", "VP-", "VP_1", "VP--1", "V.P", "VP/1"])
def test_the_unit_of_a_letter_is_letters_and_digits_with_hyphens(unit):
    assert [each.rule for each in wrong_unit(unit)] == ["unit"]
    assert not [*wrong_unit("VP"), *wrong_unit("QLĐT-2")]


@pytest.mark.parametrize(
    ("wanted", "state", "refused"),
    [
        (asked(), FIVE, ["number"]),
        (asked(900), FIVE, []),
        (asked(3), FIVE, []),
        (asked(3), SeriesState(last=5, is_taken=True), ["number"]),
        (asked(3, date(2022, 12, 1)), FIVE, []),
        (asked(3, date(2022, 12, 21)), FIVE, ["issued_on"]),
    ],
)
def test_a_number_of_the_agency_s_own_system_is_typed_and_used_once(wanted, state, refused):
    assert rules_of(ELSEWHERE, wanted, state) == refused


def test_a_number_has_two_digits_and_a_letter_no_abbreviation_of_its_kind():
    assert notation_of("TTr", 5, "SNgV") == "05/TTr-SNgV"
    assert notation_of("QĐ", 148, "SNgV") == "148/QĐ-SNgV"
    assert notation_of("CV", 5, "SNgV", "VP") == "05/SNgV-VP"
    assert is_back_dated(date(2022, 12, 19), TODAY)
    assert not is_back_dated(TODAY, TODAY)
