"""What reports come to when they are gathered, and what gathering anew leaves to the Office."""

import pytest

from tests.unit.test_definitions import FOLDER, load
from workflow.definition import load_definition
from workflow.errors import InvalidInputError
from workflow.model import Content
from workflow.rules import (
    Drafted,
    drafted_from,
    gathered_anew,
    gathered_fields,
    inspected_anew,
    sources_in,
    vocabulary,
)
from workflow.values import LARGEST_NUMBER

AGENCY = load("consolidated_report").definition
FIELDS = gathered_fields(AGENCY, load("department_report").definition)


def test_what_both_kinds_have_is_gathered_and_what_gathering_writes_itself_is_not():
    ids = {each.id for each in FIELDS}
    assert {"delegations_out", "aid_value", "aid_value_usd", "plans", "examples"} <= ids
    assert not ids & {"sources", "reporting_period", "period", "data_until"}


@pytest.mark.parametrize(
    "field, said, together",
    [
        ("delegations_out", [2, None, 3], 5),
        ("aid_value", [0, 0], 0),
        ("aid_value", [None, None], None),
        ("plans", ["Một.", "", "Ba."], "A: Một.\n\nC: Ba."),
        ("plans", ["x" * 15000, "y" * 15000], None),
        (
            "examples",
            [[{"name": "một"}], None, [{"name": "hai"}]],
            [{"name": "một"}, {"name": "hai"}],
        ),
        ("examples", [[{}] * 60, [{}] * 60], None),
    ],
)
def test_figures_are_added_and_words_stand_one_after_the_other(field, said, together):
    told = [(name, {field: value}) for name, value in zip("ABC", said, strict=False)]
    assert drafted_from(FIELDS, told).values.get(field) == together


def drafted(values, *left_out):
    return Drafted(values=values, left_out=frozenset(left_out))


def test_gathered_anew_follows_the_reports_except_where_the_office_wrote():
    before = drafted({"one": 1, "two": 2, "gone": 3, "four": 4, "long": "a", "grown": "b"})
    said = {"one": 1, "two": 20, "gone": 3, "long": "a", "grown": "b"}
    after = drafted({"one": 10, "two": 12, "new": 5, "four": 6, "grown": "c"}, "long")
    assert gathered_anew(before, said, after) == {
        "one": 10,
        "gone": None,
        "new": 5,
        "grown": "c",
    }


def test_what_a_field_does_not_take_is_left_out_by_name():
    told = [(name, {"plans": "x" * 15000, "aid_value": LARGEST_NUMBER}) for name in "AB"]
    found = drafted_from(FIELDS, told)
    assert (found.values, found.left_out) == ({}, {"plans", "aid_value"})


@pytest.mark.parametrize(
    "said, is_filled_before, is_drafted",
    [
        (None, False, True),
        ("Phòng A: một.", True, True),
        ("Văn phòng viết.", True, False),
        (None, True, False),
    ],
)
def test_what_inspections_found_is_drafted_unless_the_office_wrote_or_emptied_it(
    said, is_filled_before, is_drafted
):
    found = "Phòng A: một.\n\nPhòng B: hai."
    assert inspected_anew(found, said, is_filled_before=is_filled_before) is is_drafted


def test_sources_are_read_as_they_were_written():
    row = {"department": "A", "report": "BC-1", "version": "4", "content": "ab", "alone": "x"}
    content = Content(title="", fields={"sources": [row, {"department": "B"}]}, files=(), salt="")
    first, second = sources_in(AGENCY, content)
    assert (first.report, first.version, first.alone) == ("BC-1", 4, True)
    assert [each.row for each in (first, second)] == [row, {"department": "B"}]


@pytest.mark.parametrize(
    "old, new",
    [
        ("sources: sources,", "sources: plans,"),
        ("sources: sources,", "sources: examples,"),
        ("period: reporting_period,", "period: nothing,"),
        ("gathers: {", "# {"),
        (
            "tells_author: true\n    carries: {take: return",
            "undo: true\n    carries: {take: return",
        ),
    ],
)
def test_a_definition_that_could_not_gather_is_refused(old, new):
    text = (FOLDER / "consolidated_report.yaml").read_text("utf-8")
    assert old in text
    with pytest.raises(InvalidInputError):
        load_definition(text.replace(old, new, 1), "mutant.yaml", vocabulary())
