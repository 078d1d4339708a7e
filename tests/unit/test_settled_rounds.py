"""The council's arithmetic in the midst of a round: who comes, goes, stays away or is concerned, against exact fractions."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.refusals import refuses
from workflow.commands.count_vote import council_of_vote
from workflow.commands.settled_round import require_same_council
from workflow.errors import SettledRefusal
from workflow.history.round_payloads import RoundSet, VoteOpened
from workflow.lookups.rounds import CouncilRound, as_case
from workflow.rounds import quorum_reached, tally_of, verdict_on
from workflow.store.rounds import Round, RoundCase, RoundSeat
from workflow.voting import Attendance, BallotChoice, MeetingForm, Role, RoundState, Voting

SHARES = st.fractions(min_value=0, max_value=1, max_denominator=100).filter(bool)
PEOPLE = st.integers(0, 14)
CHANGES = st.one_of(
    *(st.tuples(st.just(each), PEOPLE) for each in ("joins", "leaves", "absent", "written")),
    st.tuples(st.just("concerned"), PEOPLE),
    st.tuples(st.just("votes"), PEOPLE, st.sampled_from(BallotChoice)),
)


def council(members, threshold, quorum, *, concerned_count):
    """A round that is voted on for the first time."""
    return CouncilRound(
        round=Round(
            id=1,
            campaign="c",
            title="Đợt xét",
            meeting=MeetingForm.MEETING,
            voting=Voting.SECRET,
            held_on="2022-05-20",
            place="",
            agenda="",
            quorum=quorum,
            concerned_count=concerned_count,
            state=RoundState.VOTING,
            run=1,
            box=None,
            second_box=None,
            created_by=0,
            created_at=datetime(2022, 5, 4, tzinfo=UTC),
            counted_by=None,
            counted_at=None,
            ended_by=None,
            ended_at=None,
        ),
        seats=[
            RoundSeat(person=each, role=Role.MEMBER, attendance=Attendance.PRESENT)
            for each in members
        ],
        cases=[
            RoundCase(
                item_id=1,
                item_code="DN",
                place=1,
                threshold=threshold,
                content_hash="0" * 64,
                concerned=frozenset(),
            )
        ],
    )


def with_seats(found, change, person):
    """The round after a change of its members, as far as the product lets it through."""
    seats = {each.person: each for each in found.seats}
    match change:
        case "joins":
            seats.setdefault(person, replace(found.seats[0], person=person, voted_run=0))
        case "leaves":
            seats.pop(person, None)
        case "absent" | "written" if person in seats:
            seats[person] = replace(seats[person], attendance=Attendance(change))
    after = list(seats.values())
    with suppress(SettledRefusal):
        require_same_council(found, after)
        return replace(found, seats=after)
    return found


def after_vote(found, person, choice):
    """The round after a member's paper, and what it says; None for who does not vote now."""
    if not found.awaits(person):
        return found, None
    (case,) = found.cases
    said = BallotChoice.CONCERNED if person in case.concerned else choice
    if said is BallotChoice.CONCERNED:
        case = replace(case, concerned=case.concerned | {person})
    seats = [replace(each, voted_run=1) if each.person == person else each for each in found.seats]
    return replace(found, seats=seats, cases=[case]), said


@settings(max_examples=300, deadline=None)
@given(
    st.sets(PEOPLE, min_size=3, max_size=12),
    SHARES,
    SHARES,
    st.booleans(),
    st.lists(CHANGES, max_size=40),
)
def test_whoever_comes_and_goes_a_share_is_of_all_members_of_when_the_vote_opened(
    members, threshold, quorum, concerned_count, changes
):
    found, said = council(members, threshold, quorum, concerned_count=concerned_count), {}
    for what, person, *choice in changes:
        if what == "votes":
            found, vote = after_vote(found, person, *choice)
            if vote is not None:
                assert said.setdefault(person, vote) is vote, "nobody votes twice"
        elif what == "concerned" and person in members and person not in said:
            case = replace(found.cases[0], concerned=found.cases[0].concerned | {person})
            found = replace(found, cases=[case])
        else:
            found = with_seats(found, what, person)
    assert {each.person for each in found.seats} == members
    (case,) = found.cases
    agree = sum(each is BallotChoice.AGREE for each in said.values())
    base = len(members) if concerned_count else len(members - case.concerned)
    verdict = verdict_on(tally_of(said.values()), found.council.base_for(as_case(case)), threshold)
    assert verdict.base == base
    assert verdict.passed == (base > 0 and agree > 0 and Fraction(agree, base) >= threshold)
    assert quorum_reached(found.council, found.voted) == (
        Fraction(len(said), len(members)) >= quorum
    )


def test_before_the_first_vote_anybody_joins_and_leaves():
    found = council({1, 2, 3}, Fraction(1, 2), Fraction(1, 2), concerned_count=True)
    prepared = replace(found, round=replace(found.round, run=0, state=RoundState.PREPARED))
    require_same_council(prepared, found.seats[:1])
    with refuses(SettledRefusal, "đã chốt khi mở bỏ phiếu"):
        require_same_council(found, found.seats[:1])


def opened_vote(run, members, quorum):
    return VoteOpened(run=run, members=members, quorum=quorum)


def test_an_older_vote_is_of_the_council_that_the_last_setting_left():
    """Until members were settled by the opening, some joined or left while the vote was open."""
    first = round_set((1, 2, 3))
    assert council_of_vote([first]) is None
    assert council_of_vote([first, opened_vote(1, (1, 2, 3), "")]) == {1, 2, 3}
    older = [first, opened_vote(1, (1, 2, 3), ""), round_set((1, 2, 4))]
    assert council_of_vote(older) == {1, 2, 4}
    assert council_of_vote([*older, opened_vote(2, (1, 2, 4), "2/3")]) == {1, 2, 4}
    settled = [first, opened_vote(1, (1, 2, 3), "2/3"), round_set((1, 2, 4))]
    assert council_of_vote(settled) == {1, 2, 3}


def round_set(members):
    return RoundSet(
        campaign="c",
        meeting=MeetingForm.MEETING,
        voting=Voting.SECRET,
        held_on="2022-05-20",
        quorum="2/3",
        concerned_count=True,
        members=tuple((each, "member", "present") for each in members),
        cases=(),
    )
