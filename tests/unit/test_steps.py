"""Steps added, moved and taken away by a form: the process that comes of it passes the same checks."""

from pathlib import Path

import pytest

from tests.unit.test_usual_changes import TEXT, lines_changed
from tests.versions import SHIPPED
from workflow.checking import check_definition
from workflow.definition import load_definition
from workflow.definition.parts import Label, identifier_from
from workflow.definition.steps import (
    NewStep,
    rooms,
    with_earlier_step,
    with_step,
    without_step,
)
from workflow.model import Position
from workflow.rules import GUARDS, vocabulary

KINDS = ("nomination", "department_report", "consolidated_report", "nothing_to_nominate")
GUARDS_OF_PEOPLE = [name for name, guard in GUARDS.items() if guard.is_about_person]


def text_of(kind):
    return Path(f"definitions/{kind}.yaml").read_text("utf-8")


def described(name="Chờ Phó Giám đốc cho ý kiến", positions=(Position.DEPUTY_DIRECTOR,)):
    def both(said):
        return Label(vi=said, en=said)

    return NewStep(
        current=both(name),
        label=both(f"Đã chuyển: {name}"),
        act=both("Đồng ý"),
        outcome=both("Hồ sơ đi tiếp."),
        verb=both("cho ý kiến"),
        positions=tuple(positions),
        working_days=2,
    )


def added(text, after, step=None, newer_than=0):
    return with_step(text, after, step or described(), GUARDS_OF_PEOPLE, newer_than)


def judged(text, calendar):
    loaded = load_definition(text, "x.yaml", vocabulary())
    checked = check_definition(loaded, calendar)
    assert [str(each.problem) for each in checked.problems] == []
    return loaded.definition


OPEN = [
    (kind, after) for kind in KINDS for after, room in rooms(text_of(kind)).items() if room.adds
]


@pytest.mark.parametrize(("kind", "after"), OPEN)
def test_a_step_between_two_others_passes_all_checks_and_taken_out_again_leaves_the_text(
    kind, after, calendar
):
    text = text_of(kind)
    new, identity = added(text, after)
    definition = judged(new, calendar)
    order = [each.id for each in definition.states]
    assert order.index(identity) == order.index(after) + 1
    assert without_step(new, identity, 0) == without_step(added(text, after)[0], identity, 0)
    back = without_step(new, identity, 0)
    assert (
        load_definition(back, "x", vocabulary()).hash
        == load_definition(text, "x", vocabulary()).hash
    )
    if kind != "consolidated_report":  # whose lists in one line the library writes otherwise
        assert back == text, "and to the letter"


def test_a_new_step_has_what_its_neighbours_have():
    new, identity = added(TEXT, "submitted", newer_than=SHIPPED)
    assert f"version: {SHIPPED + 1}" in new
    assert new.count("#") == TEXT.count("#")
    definition = load_definition(new, "x", vocabulary()).definition
    ways = {(each.id, each.from_states): each for each in definition.transitions}
    assert ways["approve_department", ("submitted",)].to == (identity,)
    onward = next(each for each in definition.transitions if each.from_states == (identity,))
    assert onward.to == ("department_approved",)
    assert onward.verb.vi == "duyệt"
    assert (onward.by_email, onward.undo, onward.second_factor) == (True, True, False)
    assert [each.name for each in onward.guards] == ["not_the_author", "not_named_in"]
    assert ways["return", (identity,)].to == ("drafted", "submitted")
    assert identity not in ways["return", ("office_reviewed",)].to, "or everybody would gain"
    assert any(
        identity in each.from_states for each in definition.transitions if each.id == "reject"
    )
    given = definition.guarantees
    assert identity in given.passages[0].through
    assert onward.id in given.never_the_author
    state = next(each for each in definition.states if each.id == identity)
    assert state.meets_deadline, "as the step that it stands before"


def test_heads_are_those_of_the_department_and_others_stand_behind_them():
    step = described(positions=(Position.CHIEF, Position.HEAD))
    new, identity = added(TEXT, "department_approved", step)
    definition = load_definition(new, "x", vocabulary()).definition
    lines = next(each for each in definition.states if each.id == identity).holders
    assert [(each.positions, each.within) for each in lines] == [
        ((Position.HEAD,), "department"),
        ((Position.CHIEF,), "agency"),
    ]


@pytest.mark.parametrize(
    ("kind", "moved"),
    [(kind, step) for kind in KINDS for step, room in rooms(text_of(kind)).items() if room.rises],
)
def test_a_step_that_is_moved_is_taken_before_the_one_it_followed(kind, moved, calendar):
    text = text_of(kind)
    order = list(rooms(text))
    first = order[order.index(moved) - 1]
    new = with_earlier_step(text, moved, 0)
    definition = judged(new, calendar)
    now = [each.id for each in definition.states]
    assert now.index(moved) + 1 == now.index(first)
    onward = {
        (source, each.to[0])
        for each in definition.transitions
        if not each.is_return
        for source in each.from_states
    }
    assert (moved, first) in onward
    assert not any(
        each.is_return and moved in each.from_states and first in each.to
        for each in definition.transitions
    )
    assert rooms(new)[moved].sinks


def test_a_step_is_taken_out_with_its_promises_and_what_signs_is_missed(calendar):
    new = without_step(TEXT, "department_approved", 0)
    definition = judged(new, calendar)
    assert "review_office" not in str(definition.guarantees)
    assert all("department_approved" not in each.through for each in definition.guarantees.passages)
    loaded = load_definition(without_step(TEXT, "office_reviewed", 0), "x", vocabulary())
    problems = check_definition(loaded, calendar).problems
    assert ["nobody has signed" in str(each.problem) for each in problems] == [True]


def test_no_step_stands_behind_what_is_no_longer_the_agency_s_alone():
    found = rooms(TEXT)
    assert [each for each, room in found.items() if room.adds] == [
        *("drafted", "submitted", "department_approved", "office_reviewed"),
    ]
    assert not found["drafted"].goes
    assert not found["submitted"].rises, "nothing comes before the draft"


def test_an_identifier_is_made_from_a_name_and_is_one_s_own():
    assert identifier_from("Chờ Phó Giám đốc (Đợt 2)", ()) == "cho_pho_giam_doc_dot_2"
    assert identifier_from("Chờ", ("cho",)) == "cho_2"
    assert identifier_from("2022", ()) == "x_2022"
    assert len(identifier_from("a" * 99, ("a" * 30,))) <= 40


def test_one_change_touches_only_its_own_lines():
    new, _ = added(TEXT, "office_reviewed")
    gone = [each for each in lines_changed(TEXT, new) if each.startswith("-")]
    assert all(word not in " ".join(gone) for word in ("#", "label:", "outcome:"))
