"""A council's arithmetic against exact fractions, and a box that only its key opens."""

import ast
from dataclasses import replace
from fractions import Fraction
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow import rounds
from workflow.rounds import (
    BallotPaper,
    BoxKey,
    Council,
    CouncilCase,
    CountRules,
    Seat,
    Tally,
    council_faults,
    open_paper,
    parse_share,
    quorum_reached,
    read_box_code,
    seal_paper,
    tally_of,
    verdict_on,
    voters_of,
    votes_needed,
    written_share,
)
from workflow.rounds.ballot_box import receipt_of
from workflow.voting import Attendance, BallotChoice, Role

SHARES = st.fractions(min_value=0, max_value=1, max_denominator=1000).filter(bool)
LIKE_LAW = [Fraction(each, 100) for each in (50, 70, 80, 90, 100)] + [Fraction(2, 3)]


def seats(number, **others):
    first = [Role.CHAIR, Role.SECRETARY]
    return tuple(
        Seat(person=each, role=first[each] if each < len(first) else Role.MEMBER, **others)
        for each in range(number)
    )


def council(number, quorum=Fraction(2, 3), **rules):
    return Council(seats=seats(number), rules=CountRules(quorum=quorum, **rules))


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 10_000), SHARES)
def test_as_many_votes_are_needed_as_the_exact_share_says(base, share):
    needed = votes_needed(base, share)
    assert needed - 1 < share * base <= needed


@settings(max_examples=300, deadline=None)
@given(st.integers(1, 200), SHARES, st.data())
def test_a_case_passes_where_exactly_the_share_of_all_members_agreed(base, share, data):
    agree = data.draw(st.integers(0, base))
    verdict = verdict_on(Tally(agree=agree, disagree=base - agree), base, share)
    assert verdict.passed == (Fraction(agree, base) >= share)


def test_every_small_council_is_judged_as_by_fractions():
    for base, share in product(range(1, 40), LIKE_LAW):
        for agree in range(base + 1):
            passed = verdict_on(Tally(agree=agree), base, share).passed
            assert passed == (agree >= share * base)


@pytest.mark.parametrize(
    ("members", "agree", "percent", "passed"),
    [
        (9, 8, 90, False),  # 8/9 = 88,9 %
        (9, 9, 90, True),
        (10, 9, 90, True),
        (11, 9, 80, True),  # 81,8 %
        (11, 8, 80, False),
        (7, 5, 70, True),  # 71,4 %
        (9, 6, 70, False),
    ],
)
def test_the_thresholds_of_the_law_in_councils_of_usual_size(members, agree, percent, passed):
    found = verdict_on(Tally(agree=agree), members, Fraction(percent, 100))
    assert (found.passed, found.base) == (passed, members)


def test_where_nobody_could_agree_nothing_passes():
    assert not verdict_on(Tally(), 0, Fraction(1, 2)).passed


def test_absent_and_concerned_members_stay_in_the_base():
    case = CouncilCase(code="DN", threshold=Fraction(9, 10), concerned=frozenset({2}))
    assert council(9).base_for(case) == 9
    assert council(9, concerned_count=False).base_for(case) == 8
    everybody = council(3).seats
    absent = replace(everybody[2], attendance=Attendance.ABSENT)
    assert [each.person for each in voters_of((*everybody[:2], absent))] == [0, 1]


@settings(max_examples=200, deadline=None)
@given(st.integers(3, 60), SHARES, st.data())
def test_a_quorum_is_the_exact_share_of_all_members(number, share, data):
    taking_part = data.draw(st.integers(0, number))
    reached = quorum_reached(council(number, share), taking_part)
    assert reached == (Fraction(taking_part, number) >= share)


@given(st.lists(st.sampled_from(BallotChoice)))
def test_a_count_is_the_same_in_whatever_order_papers_come(choices):
    tally = tally_of(choices)
    assert tally == tally_of(reversed(choices)) == tally_of(sorted(choices))
    assert tally.papers == len(choices) - choices.count(BallotChoice.CONCERNED)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 1), min_size=1, max_size=20), SHARES)
def test_one_more_member_who_agrees_never_makes_a_case_fail(votes, share):
    agree, base = sum(votes), len(votes)
    before = verdict_on(Tally(agree=agree), base, share).passed
    after = verdict_on(Tally(agree=agree + 1), base + 1, share).passed
    assert after or not before


@pytest.mark.parametrize(
    ("members", "rules"),
    [
        (seats(5), set()),
        (seats(2), {"members"}),
        ((*seats(3), Seat(person=2)), {"members"}),
        ((*seats(3), Seat(person=3, role=Role.CHAIR)), {"roles"}),
        (seats(4)[1:], {"roles"}),
        ((), {"members", "roles"}),
    ],
)
def test_a_council_has_one_chair_one_secretary_and_three_members(members, rules):
    assert {each.rule for each in council_faults(members)} == rules


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("80", Fraction(4, 5)),
        (" 90 % ", Fraction(9, 10)),
        ("66,67%", Fraction(6667, 10_000)),
        ("2/3", Fraction(2, 3)),
        ("100", Fraction(1)),
        *((each, None) for each in ("0", "101", "3/2", "1/0", "", "-5", "1e2", "tám mươi", "nan")),
    ],
)
def test_shares_are_read_exactly_or_not_at_all(text, share):
    assert parse_share(text) == share


@given(SHARES)
def test_a_share_is_read_as_it_was_written(share):
    assert parse_share(written_share(share)) == share


def test_no_float_is_anywhere_in_the_arithmetic():
    read = 0
    for path in Path(rounds.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            assert not isinstance(getattr(node, "op", None), ast.Div), path
            assert not isinstance(getattr(node, "value", None), float), path
            assert getattr(node, "id", "") != "float", path
            read += 1
    assert read


BOX = BoxKey.made_of(bytes(range(15)))
SECOND = BoxKey.made_of(bytes(range(15, 30)))
ABOUT = b"round 1, vote 1"


def sealed(paper, ephemeral=bytes(range(32))):
    return seal_paper([BOX.public, SECOND.public], paper, about=ABOUT, ephemeral=ephemeral)


@given(st.lists(st.sampled_from(BallotChoice), max_size=30), st.binary(min_size=10, max_size=10))
def test_a_paper_comes_out_of_the_box_as_it_went_in(choices, entropy):
    paper = BallotPaper(choices=tuple(choices), receipt=receipt_of(entropy))
    assert open_paper([BOX, SECOND], sealed(paper), about=ABOUT, cases=len(choices)) == paper


def test_no_other_key_vote_or_number_of_cases_opens_a_paper():
    paper = BallotPaper(choices=(BallotChoice.AGREE,), receipt="A" * 16)
    other = BoxKey.made_of(bytes(15))
    assert open_paper([other, SECOND], sealed(paper), about=ABOUT, cases=1) is None
    assert open_paper([BOX, SECOND], sealed(paper), about=b"round 1, vote 2", cases=1) is None
    assert open_paper([BOX, SECOND], sealed(paper), about=ABOUT, cases=2) is None
    whole = sealed(paper)
    for place in range(0, len(whole), 7):
        changed = bytearray(whole)
        changed[place] ^= 1
        assert open_paper([BOX, SECOND], bytes(changed), about=ABOUT, cases=1) is None


def test_sealed_papers_tell_nothing_by_their_length_or_by_being_alike():
    papers = [
        sealed(BallotPaper(choices=(each, each), receipt="A" * 16), bytes([place] * 32))
        for place, each in enumerate(BallotChoice)
    ]
    assert len({len(each) for each in papers}) == 1
    again = sealed(
        BallotPaper(choices=(BallotChoice.AGREE,) * 2, receipt="A" * 16), bytes([9] * 32)
    )
    assert again not in papers


def test_a_box_opens_by_its_code_however_it_is_typed():
    typed = BOX.code.lower().replace("-", " ")
    assert read_box_code(typed) is not None
    assert read_box_code(typed).public == BOX.public
    assert BOX.code not in repr(BOX)
    for wrong in ("", "ABCD", BOX.code[:-1], BOX.code + "A", "!" * 24):
        assert read_box_code(wrong) is None


@given(st.from_regex(r"[0-9]{1,3}([.,][0-9]{1,4})? ?%?|[0-9]{1,7} ?/ ?[0-9]{1,7}", fullmatch=True))
def test_what_was_accepted_as_a_share_is_read_back_as_it_is_stored(said):
    share = parse_share(said)
    if share is not None:
        assert parse_share(written_share(share)) == share
        assert len(written_share(share)) <= 20


@pytest.mark.parametrize("said", ["66.67", "99.9999", "0,0001 %", "9999/10000"])
def test_a_share_with_decimals_is_read_back(said):
    share = parse_share(said)
    assert share is not None
    assert parse_share(written_share(share)) == share
