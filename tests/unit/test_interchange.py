"""Interchange: flat SCXML comes in and goes out, BPMN goes out; as others published."""

import json
import random
from importlib import resources
from pathlib import Path

import pytest
from lxml import etree
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnValidator

from notifications.translation import translate
from tests.commands import run_command
from tests.refusals import refuses
from tests.unit.test_definitions import FOLDER, load, own_process
from workflow.definition import load_definition
from workflow.definition.diagrams.bpmn import to_bpmn
from workflow.definition.diagrams.scxml import to_scxml
from workflow.definition.diagrams.scxml_drafts import from_scxml
from workflow.errors import InvalidInputError
from workflow.rules import Rulebook, vocabulary
from workflow.rules.expressions import holds

SUITE = Path(__file__).parent / "scxml"
MACHINES = sorted(path.stem for path in SUITE.glob("*.scxml"))
NAMES = ("nomination", "department_report")


def reached(rulebook, state, event):
    """Return where ``event`` leads: the first way that holds, else it stays (SCXML, 3.13)."""
    for each in rulebook.alternatives(state, event):
        if each.when is None or holds(each.when, {}):
            return rulebook.target(state, event, each.to[0])
    return state


def imported(path):
    draft = load_definition(
        translate(from_scxml(path.read_text("utf-8"), path.name)), path.name, vocabulary()
    )
    return Rulebook(draft.definition, draft.hash)


@pytest.mark.parametrize("name", MACHINES)
def test_a_published_flat_machine_runs_as_its_script_says(name):
    rulebook = imported(SUITE / f"{name}.scxml")
    script = json.loads((SUITE / f"{name}.json").read_text("utf-8"))
    state = rulebook.definition.initial
    assert [state] == [each.lower() for each in script["initialConfiguration"]]
    for step in script["events"]:
        state = reached(rulebook, state, step["event"]["name"].lower())
        assert [state] == [each.lower() for each in step["nextConfiguration"]]


def test_the_list_of_what_is_in_scope_is_whole():
    listed = (SUITE / "SCOPE.md").read_text("utf-8")
    assert len(MACHINES) == 11
    assert listed.count("\n| `") == 335
    assert all(f"| `{name.replace('__', '/')}.scxml` | in scope |" in listed for name in MACHINES)


@pytest.mark.parametrize("name", NAMES)
def test_what_goes_out_as_scxml_comes_in_as_the_same_graph(name):
    definition = load(name).definition
    text = to_scxml(definition)
    back = load_definition(
        translate(from_scxml(text, "out.scxml")), "back.yaml", vocabulary()
    ).definition

    def graph(found):
        return {
            (state, each.id, to, each.by, each.when)
            for each in found.transitions
            for state in each.from_states
            for to in each.to
        }

    assert graph(back) == graph(definition)
    assert back.initial == definition.initial
    assert {state.id: state.label for state in back.states} == {
        state.id: state.label for state in definition.states
    }


def schema():
    folder = resources.files("SpiffWorkflow.bpmn.parser") / "schema"
    return etree.XMLSchema(etree.parse(str(folder / "BPMN20.xsd")))


@pytest.mark.parametrize("name", [*NAMES, "leave_request"])
def test_bpmn_is_valid_against_the_schema_of_the_omg(name):
    text = (
        own_process() if name == "leave_request" else (FOLDER / f"{name}.yaml").read_text("utf-8")
    )
    definition = load_definition(text, name, vocabulary()).definition
    document = etree.fromstring(to_bpmn(definition).encode())
    checker = schema()
    assert checker.validate(document), checker.error_log
    space = {"b": "http://www.omg.org/spec/BPMN/20100524/MODEL"}
    flows = document.findall(".//b:sequenceFlow", space)
    moves = sum(len(each.from_states) * len(each.to) for each in definition.transitions)
    assert len([each for each in flows if each.get("name")]) == moves
    nodes = {
        each.get("id")
        for each in document.find("b:process", space)
        if not each.tag.endswith("sequenceFlow")
    }
    assert all({each.get("sourceRef"), each.get("targetRef")} <= nodes for each in flows)


def test_another_product_reads_our_bpmn():
    parser = BpmnParser(validator=BpmnValidator())
    parser.add_bpmn_str(to_bpmn(load("nomination").definition).encode())
    assert list(parser.process_parsers) == ["process_nomination"]


@pytest.mark.parametrize(
    ("chart", "sentence"),
    [
        ("<a/>", "thẻ ngoài cùng là <a>"),
        ("<scxml", "XML không đọc được"),
        ('<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><scxml/>', "DOCTYPE"),
        (
            '<scxml><parallel id="p"/><state id="a"/><state id="b"/></scxml>',
            "<parallel> không có tương đương",
        ),
        ('<scxml><state id="a"><state id="c"/></state><state id="b"/></scxml>', "lồng"),
        (
            '<scxml><state id="a"><transition target="b"/></state><state id="b"/></scxml>',
            "không có event",
        ),
        (
            (
                '<scxml><state id="a"><transition event="e" target="z"/></state>'
                '<state id="b"/></scxml>'
            ),
            "'z' không phải",
        ),
        (
            (
                '<scxml><state id="a"><transition event="*" target="b"/></state>'
                '<state id="b"/></scxml>'
            ),
            "dấu *",
        ),
        ("x" * 300_000, "quá lớn"),
    ],
)
def test_what_has_no_counterpart_is_named_with_its_place(chart, sentence):
    with pytest.raises(InvalidInputError) as caught:
        from_scxml(chart, "chart.scxml")
    assert sentence in translate(caught.value)
    assert translate(caught.value).startswith("chart.scxml:1:")


def test_a_condition_of_another_language_is_named_when_the_draft_is_read():
    way = '<transition event="e" target="b" cond="x === 1"/>'
    chart = f'<scxml><state id="a">{way}</state><state id="b"/></scxml>'
    with refuses(InvalidInputError, "CEL không đọc được"):
        load_definition(translate(from_scxml(chart, "chart.scxml")), "draft.yaml", vocabulary())


def test_names_in_any_script_become_identifiers_that_differ():
    way = '<transition event="1" target="da-gui"/>'
    text = f'<scxml><state id="Đã gửi">{way}</state><state id="da-gui"/></scxml>'
    definition = load_definition(
        translate(from_scxml(text, "chart.scxml")), "draft.yaml", vocabulary()
    ).definition
    assert [state.id for state in definition.states] == ["da_gui", "da_gui_2"]
    assert definition.states[0].label.vi == "Đã gửi"
    assert definition.transitions[0].id == "x_1"


def test_random_bytes_end_in_a_problem():
    source = random.Random(7)  # noqa: S311 - noise, not a secret
    for _ in range(300):
        text = "".join(source.choice('<>/ scxmlstate="a&;\u0000é') for _ in range(60))
        with pytest.raises(InvalidInputError):
            from_scxml(text, "noise.scxml")


def test_the_commands(tmp_path):
    chart = run_command("diagram", "nomination", "--format", "scxml")
    assert chart.returncode == 0
    path = tmp_path / "chart.scxml"
    path.write_text(chart.stdout, "utf-8")
    draft = run_command("import-scxml", str(path))
    assert draft.returncode == 0
    assert "id: nomination" in draft.stdout
    assert run_command("diagram", "nomination", "--format", "bpmn").stdout.startswith("<?xml")
    path.write_text("<scxml>", "utf-8")
    refused = run_command("import-scxml", str(path))
    assert refused.returncode == 1
    assert "chart.scxml:1:" in refused.stderr
