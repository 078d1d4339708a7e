"""What a new version of a process promises less than the one before, in words, and nothing else."""

import pytest

from tests.unit.test_definitions import FOLDER
from tests.unit.test_steps import TEXT, added
from workflow.checking import weakenings
from workflow.definition import load_definition
from workflow.definition.steps import without_step
from workflow.rules import vocabulary


def version(*replacements):
    text = (FOLDER / "nomination.yaml").read_text("utf-8")
    for old, new in replacements:
        assert old in text, old
        text = text.replace(old, new)
    return load_definition(text, "nomination.yaml", vocabulary()).definition


@pytest.mark.parametrize(
    ("replacements", "said"),
    [
        ([("    second_factor: true\n", "")], ["PIN"]),
        (
            [("sign_director", "sign_it"), ("    second_factor: true\n", "")],
            ["PIN", "author", "both", "both", "both"],
        ),
        ([("through: [submitted, department_approved, ", "through: [submitted, ")], ["passing"]),
        (
            [("[approve_department, review_office, sign_director]", "[review_office]")],
            ["author"] * 2,
        ),
        ([("    - [sign_director, send_to_board]\n", "")], ["one person"]),
        (
            [
                (
                    "    signs: true\n    guards:\n      - {name: not_the_author}\n",
                    "    signs: true\n    guards:\n",
                )
            ],
            ["not_the_author"],
        ),
        (
            [
                (
                    "    comment: required\n    by_email: true\n    undo: true\n    tells_author: true\n  - id: withdraw",
                    "    by_email: true\n    undo: true\n    tells_author: true\n  - id: withdraw",
                )
            ],
            ["reason"],
        ),
        ([("    confirms: [no_state_secret]\n", "")], ["secret"]),
        ([("- {positions: [director]}", "- {positions: [director, officer]}")], ["officer"]),
        (
            [("- {positions: [director]}", "- {positions: [director], stand_in: [clerk]}")],
            ["clerk"],
        ),
        ([("version: 1", "version: 2"), ("working_days: 3", "working_days: 4")], []),
        ([("- {positions: [director]}", "- {positions: [director], stand_in: []}")], []),
    ],
)
def test_each_guarantee_that_is_gone_is_named(replacements, said):
    found = [str(each) for each in weakenings(version(), version(*replacements))]
    assert len(found) == len(said), found
    for word in said:
        assert any(word in each for each in found), (word, found)


def test_a_step_that_is_new_is_named_where_it_may_stand_in_the_place_of_another():
    more, _ = added(TEXT, "submitted")
    other = without_step(more, "submitted", 0)
    before, after, instead = (
        load_definition(text, "x", vocabulary()).definition for text in (TEXT, more, other)
    )
    assert weakenings(before, after) == [], "one step more promises no less"
    said = [str(each) for each in weakenings(before, instead)]
    assert [each for each in said if "new step" in each and "deputy_director" in each]
