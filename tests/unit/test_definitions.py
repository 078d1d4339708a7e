import re
from functools import cache
from pathlib import Path

import pytest

from notifications.translation import translate
from workflow.checking import graph_problems
from workflow.definition import (
    Label,
    in_campaign,
    load_campaign,
    load_definition,
    restore_definition,
)
from workflow.definition.language import DocumentKind
from workflow.errors import InvalidInputError
from workflow.rules import Rulebook, vocabulary

FOLDER = Path(__file__).parents[2] / "definitions"
STATES = [
    "drafted",
    "submitted",
    "department_approved",
    "office_reviewed",
    "director_signed",
    "sent_to_ban_tdkt",
]


def own_process():
    """Return the leave-request definition of the manual's page "Write your own process"."""
    page = (FOLDER / "README.md").read_text("utf-8").split("## Write your own process")[1]
    return re.search(r"```yaml\n(.+?)```", page, re.DOTALL)[1]


@cache
def load(name):
    return load_definition(
        (FOLDER / f"{name}.yaml").read_text("utf-8"), f"{name}.yaml", vocabulary()
    )


def problems_of(text):
    with pytest.raises(InvalidInputError) as caught:
        load_definition(text, "bad.yaml", vocabulary())
    return [translate(each) for each in caught.value.problems]


@pytest.mark.parametrize("name", ["nomination", "department_report"])
def test_a_shipped_definition_has_the_six_states_in_order_and_no_problem(name):
    loaded = load(name)
    assert [state.id for state in loaded.definition.states][:6] == STATES
    assert list(graph_problems(loaded.definition, loaded.source)) == []


@pytest.mark.parametrize("name", ["nomination", "department_report"])
def test_a_definition_is_the_same_after_it_was_stored(name):
    loaded = load(name)
    assert restore_definition(loaded.text) == loaded.definition
    assert (
        Rulebook(restore_definition(loaded.text), loaded.hash).target(
            "drafted", "submit", "submitted"
        )
        == "submitted"
    )


def test_broken_yaml_is_refused_with_line_column_and_what_to_do():
    (problem,) = problems_of("id: a\n  version: [1\n")
    assert problem.startswith("bad.yaml:2:")
    assert "→" in problem


def test_all_problems_of_a_file_are_named_at_once_with_their_places():
    text = (FOLDER / "nomination.yaml").read_text("utf-8")
    found = problems_of(
        text.replace("version: 1", "versoin: 1").replace("type: long_text", "type: longtext")
    )
    assert len(found) == 3
    assert any("'version'" in each for each in found)
    assert any("'versoin'" in each and "bad.yaml:4:1" in each for each in found)


def test_an_unknown_state_is_named_with_the_known_ones():
    text = (
        (FOLDER / "nomination.yaml")
        .read_text("utf-8")
        .replace("to: [submitted]", "to: [submited]", 1)
    )
    (problem,) = problems_of(text)
    assert "'submited'" in problem
    assert "department_approved" in problem


def test_an_unknown_guard_and_a_key_given_twice_are_refused():
    text = (FOLDER / "nomination.yaml").read_text("utf-8")
    assert "'nobody'" in problems_of(text.replace("name: content_complete", "name: nobody"))[0]
    assert problems_of(text + "\nid: again\n")


def test_yes_and_no_stay_text_and_nothing_in_a_file_is_evaluated():
    text = (
        (FOLDER / "nomination.yaml")
        .read_text("utf-8")
        .replace("example_title: ", "example_title: !!python/object/apply:os.system ")
    )
    assert "os.system" not in (load_definition(text, "x", vocabulary()).definition.example_title)


@pytest.mark.parametrize(
    ("kind", "name"), [("TTr", "Tờ trình"), ("BC", "Báo cáo"), ("KH", "Kế hoạch"), ("XYZ", "Mẫu")]
)
def test_a_document_is_headed_by_the_official_name_of_its_kind(kind, name):
    assert DocumentKind(kind=kind, label=Label(vi="Mẫu", en="Form")).name == name


def test_return_leads_to_every_earlier_step_and_nowhere_else():
    book = Rulebook(load("nomination").definition, "")
    for place, state in enumerate(STATES[1:5], 1):
        allowed = {to for to in STATES if book.target(state, "return", to)}
        assert allowed == set(STATES[:place])


def test_every_row_of_the_seed_plan_has_its_place_in_the_campaign():
    campaign = load_campaign(
        (FOLDER / "campaigns/toan-dan-bao-ve-antq-2022.yaml").read_text("utf-8"), "campaign"
    )
    nomination = load("nomination").definition
    fields = {field.id: field for field in nomination.fields}
    within = {field.id: field for field in in_campaign(nomination, campaign).fields}
    groups = {group.id: group for group in campaign.content}
    criteria = {
        criterion.id: criterion for group in campaign.content for criterion in group.criteria
    }
    rows = {
        1: campaign.launch_document.kind == "KH"
        and campaign.year == 2022
        and campaign.owner == "Sở Ngoại vụ",
        2: campaign.parent_plan.number == "119/KH-UBND"
        and campaign.parent_plan.issued_on.isoformat() == "2022-04-27"
        and "tỉnh" in campaign.parent_plan.issuer,
        3: campaign.purpose.startswith("Nhằm phát huy tinh thần đoàn kết"),
        4: "không phô trương, hình thức" in campaign.requirements[0]
        and campaign.linked_campaigns == (),
        5: campaign.obligated_departments == "all"
        and "toàn thể cán bộ, công chức" in campaign.requirements[1],
        6: "đôn đốc, kiểm tra, đánh giá, sơ kết, tổng kết" in campaign.requirements[2],
        7: [each.id for each in campaign.recognition]
        == [each.id for each in within["recognition"].choices]
        and len(campaign.recognition) == 5,
        8: len(criteria["delegations_abroad"].legal_basis) == 4 and "foreign_guests" in criteria,
        9: len(criteria["foreign_aid"].quantitative) == 2,
        10: criteria["border"].secrecy_warning,
        11: len(groups["organizations"].criteria) == 2
        and "vững mạnh xuất sắc" in criteria["party_and_unions"].text,
        12: "communication" in criteria,
        13: len(fields["standards"].choices) == 6
        and "is_new_factor" in fields
        and "outstanding_individuals" in criteria,
        14: (campaign.starts_on.isoformat(), campaign.ends_on.isoformat())
        == ("2022-04-28", "2022-12-31"),
        15: {each.id for each in fields["nominee_kind"].choices} == {"collective", "individual"}
        and "bình xét khen thưởng" in campaign.organization[0].duties[0],
        16: "lồng ghép trong chương trình sơ kết, tổng kết hàng năm"
        in campaign.organization[0].duties[1],
        17: "chất lượng, hiệu quả, tiến độ" in campaign.organization[1].duties[0],
        18: campaign.launch_document.closing.startswith("Trên đây là Kế hoạch"),
        19: [each.id for each in campaign.recipients]
        == ["cong-an", "ban-tdkt", "ban-giam-doc", "cac-phong", "luu-vt"],
        20: campaign.launch_document.signed_by == "Giám đốc",
    }
    assert [number for number, is_there in rows.items() if not is_there] == []


@pytest.mark.parametrize(
    ("guard", "found"),
    [
        ("{name: dates_in_order, parameters: {first: period_from}}", "thiếu tham số last"),
        (
            "{name: dates_in_order, parameters: {first: period_from, last: nowhere}}",
            "'nowhere' không có trong 'fields'",
        ),
        ("{name: files_at_least, parameters: {count: 1, of: pdf}}", "không nhận tham số of"),
    ],
)
def test_a_guard_says_which_parameters_it_needs(guard, found):
    text = (
        (FOLDER / "nomination.yaml")
        .read_text("utf-8")
        .replace("{name: content_complete}", guard, 1)
    )
    (problem,) = problems_of(text)
    assert found in problem
    assert problem.startswith("bad.yaml:")
