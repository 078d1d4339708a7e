"""Each guard as a table: whom or what it lets through, and its reason where it does not."""

from dataclasses import replace
from datetime import date

import pytest

from notifications.translation import translate
from tests.unit.test_definitions import FOLDER, load
from tests.unit.test_people import PEOPLE, directory
from tests.unit.test_planning import AT, item_in
from tests.unit.test_references import process
from workflow.definition import load_campaign
from workflow.model import Content, StoredFile
from workflow.rules import Surroundings
from workflow.rules.conditional_fields import ExpressionScope, asked_fields, missing_fields
from workflow.rules.guards import GUARDS
from workflow.rules.situation import Situation

FILE = StoredFile(sha256="a" * 64, name="a.pdf", size=1, media_type="application/pdf")
OF_A, AUTHOR, OF_B, DIRECTOR = (PEOPLE[place] for place in (0, 2, 3, 4))


@pytest.fixture(scope="module")
def situation(calendar):
    """Return what builds a situation: the item of A's staff, with these fields and files."""
    definition = load("nomination").definition
    people = directory()
    item = item_in("submitted", Surroundings(directory=people, calendar=calendar, now=AT))

    def build(actor=None, fields=None, files=()):
        content = (
            Content(title="T", fields=fields, files=files, salt="") if fields is not None else None
        )
        return Situation(
            definition=definition, item=item, content=content, actor=actor, directory=people
        )

    return build


@pytest.mark.parametrize(
    ("guard", "actor", "refuses"),
    [
        ("not_the_author", AUTHOR, True),
        ("not_the_author", OF_A, False),
        ("not_the_author", None, False),
        ("another_department", OF_A, True),
        ("another_department", AUTHOR, True),
        ("another_department", OF_B, False),
        ("another_department", DIRECTOR, False),
        ("another_department", None, False),
    ],
)
def test_a_guard_about_the_person(situation, guard, actor, refuses):
    found = GUARDS[guard].check(situation(actor, {}))
    assert (found is not None) is refuses
    assert GUARDS[guard].is_about_person
    if refuses:
        assert found.rule == guard


@pytest.mark.parametrize(
    ("actor", "fields", "refuses"),
    [
        (AUTHOR, {"nominee": AUTHOR.email}, True),
        (DIRECTOR, {"nominee": AUTHOR.email}, False),
        (AUTHOR, {}, False),
        (AUTHOR, None, False),
        (None, {"nominee": AUTHOR.email}, False),
    ],
)
def test_whom_a_field_names_does_not_decide(situation, actor, fields, refuses):
    found = GUARDS["not_named_in"].check(situation(actor, fields), field="nominee")
    assert (found is not None) is refuses


@pytest.mark.parametrize(
    ("first", "last", "refuses"),
    [
        ("2022-04-28", "2022-11-30", False),
        ("2022-04-28", "2022-04-28", False),
        ("2022-04-29", "2022-04-28", True),
        ("2022-12-01", "2022-11-30", True),
        (None, "2022-11-30", False),
        ("2022-04-28", None, False),
        ("2022-13-01", "2022-11-30", False),
        ("30/11/2022", "01/01/2022", False),
        (5, "2022-01-01", False),
    ],
)
def test_days_must_stand_in_order_and_what_is_no_day_is_anothers_matter(
    situation, first, last, refuses
):
    given = situation(fields={"period_from": first, "period_to": last})
    found = GUARDS["dates_in_order"].check(given, first="period_from", last="period_to")
    assert (found is not None) is refuses
    if refuses:
        assert "“Đến ngày”" in translate(found)


@pytest.mark.parametrize(
    ("fields", "when", "equals", "refuses"),
    [
        ({"nominee_kind": "individual"}, "nominee_kind", "individual", True),
        (
            {"nominee_kind": "individual", "nominee_position": " "},
            "nominee_kind",
            "individual",
            True,
        ),
        (
            {"nominee_kind": "individual", "nominee_position": "Trưởng phòng"},
            "nominee_kind",
            "individual",
            False,
        ),
        ({"nominee_kind": "collective"}, "nominee_kind", "individual", False),
        ({}, "nominee_kind", "individual", False),
        ({"standards": ["ethics", "firmness"]}, "standards", "ethics", True),
        ({"standards": ["firmness"]}, "standards", "ethics", False),
        ({"is_new_factor": True}, "is_new_factor", True, True),
        ({"is_new_factor": False}, "is_new_factor", True, False),
    ],
)
def test_a_field_is_required_where_another_says_so(situation, fields, when, equals, refuses):
    found = GUARDS["required_when"].check(
        situation(fields=fields), field="nominee_position", when=when, equals=equals
    )
    assert (found is not None) is refuses


@pytest.mark.parametrize(
    ("count", "files", "refuses"),
    [(0, (), False), (1, (), True), (1, (FILE,), False), (2, (FILE,), True)],
)
def test_files_are_counted(situation, count, files, refuses):
    found = GUARDS["files_at_least"].check(situation(fields={}, files=files), count=count)
    assert (found is not None) is refuses


def test_without_content_nothing_is_complete(situation):
    assert GUARDS["content_complete"].check(situation()).rule == "content_complete"
    assert GUARDS["files_at_least"].check(situation(), count=1).rule == "files_at_least"


COMPLETE = {
    "nominee_kind": "collective",
    "nominee": "A",
    "members": 6,
    "nominee_unit": "A",
    "recognition": "initiative",
    "award": "giay_khen",
    "certificate_text": "A",
    "period_from": "2022-04-28",
    "period_to": "2022-11-30",
    "criteria": ["professional"],
    "achievements": "A",
    "procedure": "council",
}


def named_as_missing(situation, **fields):
    """Return whether the guard names the label of the one field given among what is missing."""
    found = GUARDS["content_complete"].check(situation(fields={**COMPLETE, **fields}))
    (missing,) = fields
    label = next(each.label for each in load("nomination").definition.fields if each.id == missing)
    return found is not None and label.vi in translate(found)


def test_with_every_required_field_filled_in_it_is_complete(situation):
    assert GUARDS["content_complete"].check(situation(fields=COMPLETE)) is None


INDIVIDUAL = {
    **COMPLETE,
    "nominee_kind": "individual",
    "nominee_person": "head.htqt@so.example",
    "nominee_sex": "female",
    "nominee_position": "Trưởng phòng",
    "nominee_class": "leader",
    "nominee": None,
    "members": None,
}


def test_of_an_individual_nothing_is_asked_that_only_a_collective_has(situation):
    assert GUARDS["content_complete"].check(situation(fields=INDIVIDUAL)) is None


@pytest.mark.parametrize(
    "missing", ["nominee_person", "nominee_sex", "nominee_position", "nominee_class"]
)
def test_of_an_individual_it_is_asked_who_they_are(situation, missing):
    found = GUARDS["content_complete"].check(situation(fields={**INDIVIDUAL, missing: None}))
    assert found is not None


SPAN = load_campaign(
    (FOLDER / "campaigns" / "toan-dan-bao-ve-antq-2022.yaml").read_text("utf-8"), "campaign.yaml"
)


@pytest.mark.parametrize(
    ("first", "last", "is_refused"),
    [
        ("2022-04-28", "2022-12-31", False),
        ("2022-04-27", "2022-05-04", True),
        ("2022-04-28", "2023-01-01", True),
        ("2030-01-01", "2031-01-01", True),
        (None, "", False),
    ],
)
def test_merit_lies_within_the_movement(situation, first, last, is_refused):
    given = situation(fields={"period_from": first, "period_to": last})
    check = GUARDS["within_campaign"].check
    assert check(given, first="period_from", last="period_to") is None, "of an unknown movement"
    found = check(replace(given, campaign=SPAN), first="period_from", last="period_to")
    assert (found is not None) is is_refused


@pytest.mark.parametrize(
    ("day", "is_refused"),
    [("2022-05-04", False), ("2022-05-05", True), ("2030-01-01", True), ("", False)],
)
def test_nothing_is_told_before_it_was_done(situation, day, is_refused):
    given = replace(situation(fields={"period_to": day}), today=date(2022, 5, 4))
    assert (GUARDS["not_in_future"].check(given, field="period_to") is not None) is is_refused


@pytest.mark.parametrize("missing", sorted(set(COMPLETE) - {"nominee_kind", "members"}))
@pytest.mark.parametrize("empty", [None, "", []])
def test_each_required_field_left_empty_is_named(situation, missing, empty):
    assert named_as_missing(situation, **{missing: empty})


@pytest.mark.parametrize("missing", ["nominee", "nominee_unit", "achievements"])
@pytest.mark.parametrize("unseen", ["  ", "\n", "\u200b", "\ufeff"])
def test_a_text_in_which_nothing_is_seen_is_missing(situation, missing, unseen):
    assert named_as_missing(situation, **{missing: unseen})


@pytest.mark.parametrize(
    ("kind", "value", "is_empty"),
    [
        ("boolean", False, False),
        ("boolean", None, True),
        ("integer", 0, False),
        ("money", 0, False),
        ("table", [], True),
        ("table", [{}], True),
        ("table", [{"year": "  "}, "lost"], True),
        ("table", [{"year": "  "}, {"year": "2021"}], False),
        ("choices", [], True),
        ("choices", ["a"], False),
        ("date", "", True),
        ("rich_text", "*a*", False),
        ("rich_text", "\n", True),
    ],
)
def test_what_counts_as_empty_by_type(kind, value, is_empty):
    asked = (
        load("nomination")
        .definition.fields[0]
        .model_copy(update={"id": "f", "type": kind, "required": True})
    )
    assert bool(missing_fields([asked], {"f": value})) is is_empty


@pytest.mark.parametrize(
    ("fields", "is_asked"), [({"abroad": True}, True), ({"abroad": False}, False), ({}, False)]
)
def test_a_field_is_asked_for_where_its_condition_holds(fields, is_asked):
    definition = process().definition
    content = Content(title="T", fields=fields, files=(), salt="")
    asked = asked_fields(definition, content, ExpressionScope(department="a", author=None))
    assert ("country" in {each.id for each in asked}) is is_asked
    assert len(asked) >= len(definition.fields) - 1
