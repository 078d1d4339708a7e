"""Sign-off by several: settled as early as it can be, and never before."""

from itertools import product

import pytest

from notifications.translation import translate
from tests.unit.test_checking import sample
from tests.unit.test_definitions import own_process
from workflow.checking import check_definition, staffing_problems
from workflow.definition import Share, SignOff, load_definition
from workflow.errors import InvalidInputError
from workflow.model import Holder, PersonId
from workflow.rules import NOTHING, Past, settled, vocabulary, waiting

GROUPS = ((1, 2), (3, 4, 5))
SEATS = (1, 2, 3, 4, 5)
SHARES = [
    "any",
    "all",
    *(Share(count=n) for n in range(1, 6)),
    *(Share(percent=p) for p in (1, 20, 50, 51, 80, 100)),
    Share(of_each_group=1),
    Share(of_each_group=2),
]
SIGN_OFF = "    sign_off: {approve: approve, reject: refuse, approvals: all}\n"


def rule(approvals, rejections=None):
    return SignOff(approve="yes", reject="no", approvals=approvals, rejections=rejections)


@pytest.mark.parametrize("share", SHARES, ids=str)
def test_it_is_settled_exactly_when_the_others_can_no_longer_change_it(share):
    sign_off = rule(share)
    for given in product(("yes", "no", None), repeat=len(SEATS)):
        answers = {seat: answer for seat, answer in zip(SEATS, given, strict=True) if answer}
        silent = [seat for seat in SEATS if seat not in answers]
        endings = {
            settled(sign_off, GROUPS, answers | dict(zip(silent, rest, strict=True)))
            for rest in product(("yes", "no"), repeat=len(silent))
        }
        assert None not in endings
        assert settled(sign_off, GROUPS, answers) == (endings.pop() if len(endings) == 1 else None)


def test_a_rejection_of_its_own_ends_it_at_once():
    assert settled(rule("all", "any"), GROUPS, {1: "no"}) == "no"
    assert settled(rule(Share(count=2), Share(count=2)), GROUPS, {1: "no", 2: "yes"}) is None
    assert settled(rule(Share(count=2), Share(count=2)), GROUPS, {1: "no", 2: "no"}) == "no"


def test_those_still_asked_are_the_seats_without_an_answer():
    holders = (
        Holder(person=PersonId(1)),
        Holder(person=PersonId(3)),
        Holder(person=PersonId(9), on_behalf_of=PersonId(3)),
    )
    groups = ((1, 3),)
    assert waiting(rule("all"), groups, holders, NOTHING) == holders
    assert (
        waiting(rule("all"), groups, holders, Past(answers={PersonId(3): "yes"}, answered=1))
        == holders[:1]
    )
    left = (
        Holder(person=PersonId(3)),
    )  # 1 has left; whoever stays can settle what their answers settle already
    assert (
        waiting(rule("all"), ((3,),), left, Past(answers={PersonId(3): "yes"}, answered=1)) == left
    )
    assert waiting(None, groups, holders, NOTHING) == holders


def signed(*replacements):
    text = own_process().replace(
        "      - {positions: [chief, deputy_director]}\n",
        f"      - {{positions: [chief, deputy_director]}}\n{SIGN_OFF}",
    )
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new, 1)
    return load_definition(text, "leave.yaml", vocabulary())


def test_scenarios_play_the_answers_of_several(calendar):
    steps = """      - {do: approve, by: head, then: submitted}
      - {do: approve, by: head, refused: answered}
      - {do: approve, by: deputy, then: submitted}
      - {do: approve, by: chief, then: submitted}
      - {do: approve, by: deputy_director, then: approved}
"""
    loaded = signed(
        (
            (
                "      - {do: approve, by: author, refused: not_the_author}\n"
                "      - {do: approve, by: head, then: approved}\n"
            ),
            steps,
        ),
        ("never_the_author: [approve]", "passages: []"),
    )
    assert [
        translate(each)
        for each in check_definition(loaded, calendar).problems
        if "tình huống" in translate(each)
    ] == []
    early = signed(
        (SIGN_OFF, "    sign_off: {approve: approve, reject: refuse, approvals: {count: 2}}\n"),
        (
            "then: approved}\n",
            "then: submitted}\n      - {do: approve, by: chief, then: approved}\n",
        ),
        (
            "then: refused}",
            (
                "then: submitted}\n"
                "      - {do: refuse, by: deputy, comment: Bận, then: submitted}\n"
                "      - {do: refuse, by: chief, comment: Bận, then: refused}"
            ),
        ),
    )
    assert [translate(each) for each in check_definition(early, calendar).problems] == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("approve: approve", "approve: submit"), "không phải là một bước chuyển đơn"),
        (("reject: refuse", "reject: nothing"), "không phải là một bước chuyển đơn"),
        (("approvals: all", "approvals: {count: 2, percent: 50}"), "đúng một"),
        (("approvals: all", "approvals: most"), "giá trị 'most' không được phép"),
    ],
)
def test_a_sign_off_that_cannot_work_is_refused_at_load(change, sentence):
    with pytest.raises(InvalidInputError) as caught:
        signed(change)
    assert sentence in translate(caught.value)


def test_more_agreement_than_people_is_found_with_todays_staff(calendar):
    loaded = signed(
        (SIGN_OFF, "    sign_off: {approve: approve, reject: refuse, approvals: {count: 5}}\n")
    )
    problems = [
        translate(each) for each in staffing_problems(loaded.definition, loaded.source, sample())
    ]
    assert problems
    assert all("không bao giờ đủ ý kiến" in each for each in problems)
    assert not list(staffing_problems(signed().definition, signed().source, sample()))
