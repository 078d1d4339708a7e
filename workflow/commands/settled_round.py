"""What the first opening of a round's vote settled: who is the council, and what a share is.

Owns the refusals of what would change it afterwards. The base of every share is all members, by
number and by name: whoever comes, leaves the agency or stays away, a share is taken of the same
people, and a vote that is held again is held by them, on no more than was put to it. Who is to vote
otherwise gives the round up and prepares another, where all can see it. Writes nothing.
"""

from collections.abc import Iterator, Sequence

from workflow import values
from workflow.commands.execute import Transaction
from workflow.commands.round_terms import NamedCase, RoundTerms
from workflow.errors import Reason, SettledRefusal, reason
from workflow.lookups.rounds import CouncilRound
from workflow.messages import lazy
from workflow.rounds import parse_share
from workflow.store.rounds import RoundCase, RoundSeat
from workflow.voting import Attendance


def require_same_council(present: CouncilRound, seats: Sequence[RoundSeat]) -> None:
    """Refuse other members once a round was put to the vote, and that who has voted is absent."""
    if not present.is_settled:
        return
    if {each.person for each in seats} != {each.person for each in present.seats}:
        raise SettledRefusal(
            reason(
                "members",
                "The council was set when the vote opened: every share is taken of all its "
                "members, so nobody joins or leaves it. Note who cannot take part as absent; for "
                "another council, give the round up and prepare a new one.",
            )
        )
    if any(present.has_voted(each) and each.attendance is Attendance.ABSENT for each in seats):
        raise SettledRefusal(
            reason("voted", "Whoever has voted has taken part: nobody notes them as absent.")
        )


def require_same_shares(transaction: Transaction, present: CouncilRound, terms: RoundTerms) -> None:
    """Refuse another quorum, base, kind of vote, list or needed share than the first vote had."""
    kept = present.round
    changed = [
        label
        for label, was, now in (
            (lazy("The quorum"), kept.quorum, parse_share(terms.quorum)),
            (lazy("The base of every share"), kept.concerned_count, terms.concerned_count),
            (lazy("Whether the vote is secret"), kept.voting.value, terms.voting),
        )
        if was != now
    ]
    reasons = [
        reason("settled", "{what} was settled when the vote first opened, and stays.", what=each)
        for each in changed
    ]
    cases = {each.code: each for each in present.cases}
    for said in terms.cases:
        reasons += _changed_case(transaction, cases.get(said.code), said, terms.threshold)
    if reasons:
        raise SettledRefusal(*reasons)


def _changed_case(
    transaction: Transaction, case: RoundCase | None, said: NamedCase, usual: str
) -> Iterator[Reason]:
    """Yield how a form would have a case voted on otherwise than before."""
    if case is None:
        yield reason(
            "settled",
            "The vote is held again on what was put to it. Put {code} before another round.",
            code=said.code[:40],
        )
        return
    threshold = said.threshold or usual
    if threshold and parse_share(threshold) != case.threshold:
        yield reason(
            "settled",
            "The share that {code} needs was settled when the vote first opened, and stays.",
            code=case.code,
        )
    people = transaction.directory.people
    known = {people[each].email for each in case.concerned}
    if any(values.line(each) not in known for each in said.concerned):
        yield reason(
            "settled",
            "Who is concerned in {code} was named before the vote. From now on a member says so "
            "themselves: on their paper, or on the page of the nomination.",
            code=case.code,
        )


def cases_kept(present: CouncilRound, terms: RoundTerms) -> list[RoundCase]:
    """Return what is left on the list of a vote that is held again; what was taken off is free."""
    named = {each.code for each in terms.cases}
    return [each for each in present.cases if each.code in named]
