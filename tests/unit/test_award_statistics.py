"""The forms of the statistics: what is counted as what."""

from datetime import date

import pytest

from tests.unit.test_awards import shipped
from workflow.awards import CountedAward, CountedMovement, SplitBy, count_tables
from workflow.awards.statistics import length_of
from workflow.definition import Label

SEX = SplitBy(
    field="sex",
    label=Label(vi="Giới tính", en="Sex"),
    choices={"female": Label(vi="Nữ", en="Female"), "male": Label(vi="Nam", en="Male")},
)


def given(award, authority, kind="individual", method="themed", **said):
    return CountedAward(award=award, authority=authority, kind=kind, method=method, said=said)


def counts(table):
    return {str(line.label): line.counts for line in table.lines}


def test_each_form_counts_what_its_authorities_awarded_and_splits_only_individuals():
    awards = [
        given("giay_khen", "director", sex="female"),
        given("giay_khen", "director", sex="male", method="regular"),
        given("giay_khen", "director", kind="collective"),
        given("ldtt", "director", sex="female", method="regular"),
        given("bang_khen_tinh", "province", sex="female"),
        given("bang_khen_thu_tuong", "prime_minister", kind="collective"),
    ]
    tables = {each.form.id: each for each in count_tables(shipped(), awards, [], [SEX])}
    assert [str(each) for each in tables["own_awards"].columns] == [
        "Total",
        "Lao động tiên tiến",
        "Giấy khen của Giám đốc Sở",
    ]
    assert counts(tables["own_awards"]) == {
        "Total": (4, 1, 3),
        "Collectives": (1, 0, 1),
        "Individuals": (3, 1, 2),
        "Nữ": (2, 1, 1),
        "Nam": (1, 0, 1),
        "Regular": (2, 1, 1),
        "Themed": (2, 0, 2),
    }
    assert counts(tables["province_awards"])["Total"] == (1, 1)
    assert counts(tables["state_awards"])["Collectives"] == (1, 1)


@pytest.mark.parametrize(
    ("first", "last", "length"),
    [
        ("2022-04-28", "2022-12-31", "Less than a year"),
        ("2022-01-01", "2022-12-30", "Less than a year"),
        ("2022-01-01", "2022-12-31", "One year"),
        ("2024-02-29", "2025-02-28", "One year"),
        ("2022-01-01", "2023-01-01", "More than 1 and less than 3 years"),
        ("2022-01-01", "2024-12-30", "More than 1 and less than 3 years"),
        ("2022-01-01", "2024-12-31", "From 3 to less than 5 years"),
        ("2020-02-29", "2025-02-28", "5 years and more"),
    ],
)
def test_a_movement_is_classed_by_its_exact_length(first, last, length):
    lengths = shipped().movement_lengths
    found = length_of(lengths, date.fromisoformat(first), date.fromisoformat(last))
    assert found.label.en == length


def test_movements_are_counted_by_length_and_way():
    movements = [
        CountedMovement(method="themed", first_day=date(2022, 4, 28), last_day=date(2022, 12, 31)),
        CountedMovement(method="regular", first_day=date(2022, 1, 1), last_day=date(2022, 12, 31)),
    ]
    table = count_tables(shipped(), [], movements, [])[0]
    assert counts(table)["Total"] == (2, 1, 1)
    assert counts(table)["Dưới 1 năm"] == (1, 0, 1)
    assert counts(table)["1 năm"] == (1, 1, 0)
