"""The usual changes of a definition stand where the old values stood; nothing else moves."""

import difflib
from pathlib import Path

import pytest

from tests.versions import SHIPPED
from workflow.definition import load_definition
from workflow.definition.usual_changes import changed_text, usual_settings
from workflow.rules import vocabulary

TEXT = Path("definitions/nomination.yaml").read_text("utf-8")
KINDS = ("nomination", "department_report")


def lines_changed(text, new):
    return [
        each
        for each in difflib.unified_diff(text.splitlines(), new.splitlines(), lineterm="", n=0)
        if not each.startswith(("---", "+++", "@@"))
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_form_sends_back_as_it_was_changes_no_byte(kind):
    text = Path(f"definitions/{kind}.yaml").read_text("utf-8")
    given = {one.name: one.values for each in usual_settings(text) for one in each.settings}
    assert changed_text(text, given, 1) == (text, 0)
    assert changed_text(text, {}, 1) == (text, 0)


CHANGES = [
    ("process.nomination.label.vi", ["Đề nghị"], "label: {vi: Đề nghị, en: Nomination}"),
    ("states.submitted.current.vi", ["Chờ phòng"], "current: {vi: Chờ phòng, en: Waiting"),
    ("states.submitted.label.en", ["At the head"], "en: At the head}"),
    ("states.submitted.working_days", ["4"], "working_days: 4"),
    ("states.submitted.holders.2", ["head"], "- {positions: [head], within: department"),
    ("states.submitted.reminder", ["3"], "- days: 3"),
    ("transitions.withdraw.label.vi", ["Rút lại"], "vi: Rút lại, en: Withdraw"),
    ("transitions.approve_department.second_factor", ["1"], "second_factor: true"),
    ("transitions.record_award.comment", ["1"], "comment: required"),
    ("fields.nominee.label.vi", ["Tên: người"], 'label: {vi: "Tên: người", en: Name of the'),
    ("fields.unit_vote.required", ["1"], "required: true"),
    ("fields.award.required", [], None),
]


@pytest.mark.parametrize("changes", [CHANGES, CHANGES[2:3]], ids=["all at once", "one"])
def test_a_change_stands_where_the_old_value_stood_and_comments_stay(changes):
    given = {name: values for name, values, _ in changes}
    new, count = changed_text(TEXT, given, SHIPPED)
    assert count == len(changes)
    assert f"version: {SHIPPED + 1}" in new
    changed = lines_changed(TEXT, new)
    assert len(changed) <= 10 + 2 * len(changes), changed
    bare = [each.replace("'", "").replace('"', "") for each in changed]
    for _, _, line in changes:
        assert line is None or any(line.replace('"', "") in each for each in bare), line
    assert new.count("#") == TEXT.count("#")
    load_definition(new, "nomination.yaml", vocabulary())
    said = {one.name: list(one.values) for each in usual_settings(new) for one in each.settings}
    assert {name: said[name] for name in given} == given


def test_a_reminder_that_is_taken_out_leaves_the_text_as_it_was():
    new, _ = changed_text(TEXT, {"states.submitted.reminder": ["3"]}, 0)
    assert changed_text(new, {"states.submitted.reminder": [""]}, 0) == (TEXT, 1)


def test_a_reminder_goes_to_those_who_hold_the_item_and_to_nobody_elsewhere():
    new, _ = changed_text(TEXT, {"states.submitted.reminder": ["3"]}, 0)
    definition = load_definition(new, "nomination.yaml", vocabulary()).definition
    state = next(each for each in definition.states if each.id == "submitted")
    told = state.timers[0].tell
    assert set(told) <= set(state.holders), "with the departments that a line is for"
    assert [each.positions for each in told] == [("chief",), ("head", "deputy")], "no stand-ins"


def test_what_is_no_number_is_kept_for_whoever_judges_the_text():
    new, count = changed_text(TEXT, {"states.submitted.working_days": ["hai"]}, 1)
    assert count == 1
    assert "working_days: hai" in new
