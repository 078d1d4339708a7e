"""The graph of a definition as DOT, mermaid and SVG, and how long an item stayed where."""

import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest

from api.web.style_sheet import rules_of
from notifications.translation import translate
from tests.unit.test_definitions import load, own_process
from workflow.definition import load_definition
from workflow.definition.diagrams.drawing import (
    STYLE,
    Visit,
    duration_words,
    moves_of,
    time_spent,
    to_dot,
    to_mermaid,
    to_svg,
)
from workflow.rules import vocabulary

AT = datetime(2022, 7, 1, tzinfo=UTC)
SPACE = "{http://www.w3.org/2000/svg}"


def leave(**change):
    text = own_process()
    for old, new in change.items():
        text = text.replace(old, new)
    return load_definition(text, "leave.yaml", vocabulary()).definition


def test_each_move_stands_once_with_the_labels_of_all_that_take_it():
    text = own_process().replace(
        "from: [submitted]\n    to: [refused]", "from: [submitted]\n    to: [approved]"
    )
    definition = load_definition(
        text.replace("then: refused", "then: approved"), "l", vocabulary()
    ).definition
    found = {
        (each.source, each.to): [label.en for label in each.labels] for each in moves_of(definition)
    }
    assert found == {
        ("drafted", "submitted"): ["Send"],
        ("submitted", "approved"): ["Approve", "Refuse"],
    }


def test_dot_names_every_state_and_move_and_doubles_the_ends():
    lines = to_dot(leave()).splitlines()
    assert lines[0] == 'digraph "leave_request" {'
    assert '  drafted [label="Đang soạn"];' in lines
    assert '  approved [label="Được nghỉ", peripheries=2];' in lines
    assert '  submitted -> refused [label="Không đồng ý"];' in lines
    assert lines[-1] == "}"


def test_what_dot_and_mermaid_read_as_their_own_is_written_otherwise():
    definition = leave(**{"vi: Đang soạn,": "vi: 'Soạn: \"một; hai\"',"})
    assert r'drafted [label="Soạn: \"một; hai\""]' in to_dot(definition)
    assert '  drafted: Soạn - "một, hai"' in to_mermaid(definition).splitlines()


def test_mermaid_begins_and_ends():
    lines = to_mermaid(leave()).splitlines()
    assert lines[0] == "stateDiagram-v2"
    assert "  [*] --> drafted" in lines
    assert [each for each in lines if each.endswith("--> [*]")] == [
        "  approved --> [*]",
        "  refused --> [*]",
    ]


def drawn(definition, visits=(), now=None):
    return ET.fromstring(to_svg(definition, visits, now))  # noqa: S314 - our own drawing


def test_a_drawing_has_a_box_for_each_state_and_a_line_for_each_move_and_no_style():
    definition = load("nomination").definition
    root = drawn(definition)
    boxes = [each.get("data-state") for each in root.iter() if each.get("data-state")]
    assert boxes == [state.id for state in definition.states]
    lines = [each.get("data-move") for each in root.iter() if each.get("data-move")]
    assert sorted(lines) == sorted(f"{each.source} {each.to}" for each in moves_of(definition))
    tags = {each.tag.removeprefix(SPACE) for each in root.iter()}
    assert tags == {"svg", "title", "defs", "marker", "path", "g", "rect", "text"}
    assert not any("style" in each.attrib for each in root.iter())


def test_everything_drawn_lies_inside_its_frame():
    root = drawn(load("nomination").definition)
    _, _, width, height = map(int, root.get("viewBox").split())
    boxes = list(root.iter(f"{SPACE}rect"))
    assert boxes
    for box in boxes:
        assert int(box.get("x")) >= 0
        assert int(box.get("x")) + int(box.get("width")) <= width
        assert int(box.get("y")) + int(box.get("height")) <= height


def test_the_way_gone_is_marked_with_the_time_in_each_state_and_where_the_item_is():
    visits = [
        Visit(state="drafted", entered=AT, left=AT + timedelta(hours=3)),
        Visit(state="submitted", entered=AT + timedelta(hours=3), left=None),
    ]
    root = drawn(leave(), visits, AT + timedelta(hours=30))
    taken = [each.get("data-move") for each in root.iter() if each.get("marker-end") == "url(#way)"]
    assert taken == ["drafted submitted"]
    groups = {each.get("data-state"): each for each in root.iter(f"{SPACE}g")}
    said = {
        name: [text.text for text in each.iter(f"{SPACE}text")] for name, each in groups.items()
    }
    assert said["drafted"][1].endswith(": 3 h")
    assert said["submitted"][1].endswith(": 1 d 3 h")
    assert len(said["approved"]) == 1
    here = [name for name, each in groups.items() if each.get("class") == "here"]
    assert here == ["submitted"]


def test_each_state_stands_in_the_lane_of_whom_it_waits_for():
    lanes = [each.get("data-lane") for each in drawn(load("nomination").definition).iter()]
    assert [each for each in lanes if each] == [
        "The author",
        "The heads of the department",
        "The Office",
        "The Directorate",
        "The clerk",
        "Ban TĐKT",
        "End",
    ]


def test_ways_back_are_dashes_of_one_rail_and_ways_ahead_say_their_label_once():
    root = drawn(load("nomination").definition)
    moves = [each for each in root.iter() if each.get("data-move")]
    order = [each.get("data-state") for each in root.iter() if each.get("data-state")]
    for each in moves:
        source, to = map(order.index, each.get("data-move").split())
        assert ("back" in each.get("class").split()) is (to < source), each.get("data-move")
    rails = {
        re.search(r"H([0-9]+) q-6", each.get("d"))[1]
        for each in moves
        if "back" in each.get("class")
    }
    assert len(rails) == 1
    said = [each.text for each in root.iter(f"{SPACE}text") if each.get("class") == "way"]
    assert said.count("Không đề nghị") == 1
    assert "Trình lãnh đạo phòng" in said


def test_a_drawing_that_stands_alone_looks_as_on_the_pages():
    sheet = rules_of()
    rules = "".join(STYLE.splitlines())
    assert sheet.count(rules) == 1
    assert sheet.replace(rules, "").count(".flow") == 0
    alone = to_svg(leave(), stands_alone=True)
    assert f"<style>{STYLE}" in alone
    assert "prefers-color-scheme:dark" in alone
    for name in set(re.findall(r"var\((--[\w-]+)\)", alone)):
        shades = re.findall(rf"{name}:\s*(#\w+)", alone)
        assert shades == re.findall(rf"{name}:\s*(#\w+)", sheet)[: len(shades)], name


def test_what_a_label_says_never_becomes_markup():
    svg = to_svg(leave(**{"vi: Đang soạn,": "vi: '<b>&',"}))
    assert "&lt;b&gt;&amp;" in svg
    assert "<b>" not in svg


def test_stays_in_one_state_add_up():
    visits = [
        Visit(state="a", entered=AT, left=AT + timedelta(hours=1)),
        Visit(state="b", entered=AT + timedelta(hours=1), left=AT + timedelta(hours=2)),
        Visit(state="a", entered=AT + timedelta(hours=2), left=None),
    ]
    hours = timedelta(hours=1)
    assert time_spent(visits, AT + timedelta(hours=5)) == {"a": 4 * hours, "b": hours}
    assert time_spent(visits, None) == {"a": hours, "b": hours}


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, "0 min"),
        (59, "59 min"),
        (60, "1 h"),
        (61, "1 h 1 min"),
        (23 * 60 + 59, "23 h 59 min"),
        (24 * 60, "1 d"),
        (25 * 60 + 5, "1 d 1 h"),
        (14 * 24 * 60, "14 d"),
    ],
)
def test_a_duration_is_told_in_days_and_hours_or_minutes(minutes, words):
    assert str(duration_words(timedelta(minutes=minutes, seconds=59))) == words
    assert translate(duration_words(timedelta(minutes=minutes)))
