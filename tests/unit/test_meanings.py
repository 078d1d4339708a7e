"""What a step means stands in the definition; what is unsaid, or cannot be so, is a problem."""

import pytest

from notifications.translation import translate
from tests.unit.test_definitions import FOLDER, own_process
from workflow.checking import meaning_problems
from workflow.definition import load_definition, signed_states, tones_of
from workflow.rules import vocabulary

SHIPPED = {
    name: (FOLDER / f"{name}.yaml").read_text("utf-8")
    for name in ("nomination", "department_report")
}


def loaded(text, *replacements):
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    return load_definition(text, "process.yaml", vocabulary())


def found(*replacements, text=SHIPPED["nomination"]):
    definition = loaded(text, *replacements)
    return [translate(each) for each in meaning_problems(definition.definition, definition.source)]


@pytest.mark.parametrize("text", [*SHIPPED.values(), own_process()])
def test_the_shipped_definitions_and_the_one_of_the_manual_leave_nothing_unsaid(text):
    assert found(text=text) == []


@pytest.mark.parametrize(
    ("changes", "sentence", "key"),
    [
        ([("    hands_in: true\n", "")], "không bước chuyển nào là bước trình", "transitions:"),
        ([("    signs: true\n", "")], "'send_to_board' gửi đi hồ sơ chưa có ai ký", "sends"),
        ([("    is_return: true\n", "")], "'return' dẫn ngược lại", "- id: return"),
        (
            [("    is_return: false", "    undo: false")],
            "'request_supplement' dẫn",
            "- id: request",
        ),
        (
            [("    to: [office_reviewed]\n", "    to: [office_reviewed]\n    is_return: true\n")],
            "'review_office' không phải là trả lại",
            "is_return",
        ),
        (
            [("    to: [office_reviewed]\n", "    to: [office_reviewed]\n    hands_in: true\n")],
            "'hands_in' của 'review_office' không hợp",
            "hands_in",
        ),
        (
            [("    hands_in: true\n", "    hands_in: true\n    signs: true\n")],
            "'signs' của",
            "signs",
        ),
        (
            [
                (
                    "    to: [drafted]\n    is_return: true\n",
                    "    to: [drafted]\n    is_return: false\n",
                )
            ],
            "'return' ở đây mang nghĩa khác",
            "- id: return",
        ),
        (
            [("    tone: returned\n", "    stage: on_the_way\n")],
            "trạng thái 'not_awarded' không thể ở giai đoạn 'on_the_way'",
            "stage",
        ),
    ],
)
def test_each_thing_unsaid_is_named_with_its_place(changes, sentence, key):
    problems = [each for each in found(*changes) if sentence in each]
    assert problems, found(*changes)
    line = int(problems[0].split(":")[1])
    text = SHIPPED["nomination"]
    for old, new in changes:
        text = text.replace(old, new)
    assert text.splitlines()[line - 1].strip(" -").startswith(key.strip(" -"))
    assert "→" in problems[0]


def test_a_process_that_sends_nothing_says_which_end_is_good():
    (problem,) = found((", stage: through", ""), text=own_process())
    assert "không trạng thái nào được tính là đã xong" in problem


@pytest.mark.parametrize("text", SHIPPED.values())
def test_every_state_has_its_tone(text):
    definition = loaded(text).definition
    tones = tones_of(definition)
    assert {state for state, tone in tones.items() if tone == "plain"} == {"drafted"}
    returned = {state for state, tone in tones.items() if tone == "returned"}
    assert returned == {"withdrawn", "rejected", "not_awarded"} & set(tones)
    done = {state for state, tone in tones.items() if tone == "done"}
    ends = {each.id for each in definition.states if each.final}
    assert done == {"received", "awarded"} & ends


@pytest.mark.parametrize("text", SHIPPED.values())
def test_an_item_is_signed_where_no_way_leads_around_the_signature(text):
    definition = loaded(text).definition
    after = {"director_signed", "sent_to_ban_tdkt", "received", "awarded", "not_awarded"}
    assert signed_states(definition) == after & {each.id for each in definition.states}
