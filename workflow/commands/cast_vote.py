"""Cast a paper in a round's vote.

Of a secret ballot nothing here keeps what was chosen but the sealed paper: its entry says that
somebody has voted, its command carries no digest of what was said, and the answer is the paper's
number, shown once. What is voted on is what was put to the vote: a nomination that was changed
since is left out of it, whatever a paper says of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from workflow.command import RoundCommand
from workflow.commands.execute import Transaction
from workflow.commands.recording import record_by
from workflow.commands.round_access import require_state, who_leads
from workflow.commands.round_terms import concerned_in
from workflow.errors import (
    InvalidRefusal,
    LinkEndedRefusal,
    NotPermittedRefusal,
    Reason,
    reason,
)
from workflow.history.round_payloads import VoteCast
from workflow.lookups.rounds import CouncilRound, load_round
from workflow.model import PersonId
from workflow.rounds import BallotPaper, seal_paper
from workflow.rounds.ballot_box import EPHEMERAL_BYTES, RECEIPT_BYTES, receipt_of
from workflow.store import ballots, items, rounds
from workflow.store.ballots import NamedVote
from workflow.store.rounds import RoundCase, RoundSeat
from workflow.voting import Attendance, BallotChoice, CastBy, RoundMoved, RoundNews, RoundState

_PAPER_KEY_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class CastVote(RoundCommand["VoteRecorded"]):
    """Cast a member's paper: a choice for each case, by code.

    ``member`` None: the actor's own. Another's is handed out in the room by who leads the round.
    Its cause has no digest: that of so few choices would tell them.
    """

    run: int
    choices: Mapping[str, str] = field(repr=False)
    member: PersonId | None = None
    link: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteRecorded:
    """A paper is in the box; ``receipt``: its number in a secret ballot, said this once only."""

    round: int
    receipt: str = field(default="", repr=False)


def cast_vote(transaction: Transaction, command: CastVote) -> VoteRecorded:
    """Put a paper into the box; return its number. Nobody does twice in one run."""
    connection = transaction.connection
    before = load_round(connection, command.round, locked=True)
    seat = _voter(transaction, command, before)
    present = replace(before, cases=_present_cases(transaction, before, seat.person))
    choices = _chosen(present, seat, command.choices)
    if not rounds.note_voted(connection, command.round, seat.person, present.round.run):
        raise InvalidRefusal(_voted_already())
    cases = [
        _left_by(each, seat.person) if choice is BallotChoice.CONCERNED else each
        for each, choice in zip(present.cases, choices, strict=True)
    ]
    rounds.put_cases(connection, command.round, before.cases, cases)
    receipt = _put_paper(transaction, present, seat.person, choices)
    by = CastBy.LINK if seat.person == command.cause.actor else CastBy.TABLET
    said = _vote_cast(before, replace(present, cases=cases), seat.person, choices, by=by)
    _record_cast(transaction, command, present, said)
    return VoteRecorded(round=command.round, receipt=receipt)


def _present_cases(
    transaction: Transaction, present: CouncilRound, member: PersonId
) -> list[RoundCase]:
    """Return the cases as ``member`` may vote on them now: what changed, and what is for them."""
    found = items.items_by_id(transaction.connection, [each.item_id for each in present.cases])
    leaving = concerned_in(transaction, found.values(), [member])
    return [
        _left_by(each, member) if leaving.get(each.key) else each
        for each in present.without_changed(found)
    ]


def _left_by(case: RoundCase, person: PersonId) -> RoundCase:
    return replace(case, concerned=case.concerned | {person})


def _voter(transaction: Transaction, command: CastVote, present: CouncilRound) -> RoundSeat:
    """Return the seat that a paper is cast for. Raises refusals."""
    actor = transaction.directory.active(command.cause.actor)
    member = command.member if command.member is not None else command.cause.actor
    seat = present.seat(member)
    if actor is None or seat is None or transaction.directory.active(member) is None:
        raise NotPermittedRefusal(reason("member", "Only members of the council vote."))
    if actor.id != seat.person and not present.leads(actor):
        raise NotPermittedRefusal(who_leads())
    if command.link is not None:
        _require_link(transaction, command, seat.person)
    if command.run != present.round.run:
        raise InvalidRefusal(
            reason("run", "The vote is held again since. Open the page anew and vote again.")
        )
    if present.has_voted(seat):
        raise InvalidRefusal(_voted_already())
    require_state(present, RoundState.VOTING)
    if seat.attendance is Attendance.ABSENT:
        raise NotPermittedRefusal(
            reason("absent", "This member is noted as absent. The Office changes that first.")
        )
    if actor.id != seat.person and not present.is_in_room(seat):
        raise NotPermittedRefusal(
            reason("room", "A paper is handed out only to who is present at a meeting.")
        )
    return seat


def _require_link(transaction: Transaction, command: CastVote, member: PersonId) -> None:
    """Refuse a link that is another's, another vote's, or over."""
    link = None if command.link is None else ballots.find_link(transaction.connection, command.link)
    if link is None or (link.person, link.round_id) != (member, command.round):
        raise NotPermittedRefusal(reason("member", "Only members of the council vote."))
    if link.revoked_at is not None or link.expires_at <= transaction.now:
        raise LinkEndedRefusal(
            reason("link-expired", "This link has expired. You may ask for a fresh link.")
        )


def _voted_already() -> Reason:
    return reason("voted", "This member has voted already. Nobody votes twice.")


def _chosen(present: CouncilRound, seat: RoundSeat, given: Mapping[str, str]) -> list[BallotChoice]:
    """Return a choice for each case in its order. Raises InvalidRefusal for what is no paper."""
    problems: list[Reason] = []
    codes = {each.code for each in present.cases}
    if set(given) - codes:
        problems.append(
            reason("choices", "The paper names a nomination that is not before the council.")
        )
    chosen: list[BallotChoice] = []
    for each in present.cases:
        if seat.person in each.concerned:
            chosen.append(BallotChoice.CONCERNED)
        elif each.left_out:
            chosen.append(BallotChoice.BLANK)  # all papers are as long; it is counted by nobody
        elif given.get(each.code) in set(BallotChoice):
            chosen.append(BallotChoice(given[each.code]))
        else:
            problems.append(
                reason(
                    "choices",
                    "Choose for {code}: agree, disagree, or a blank vote. Nothing was recorded.",
                    code=each.code,
                )
            )
    if problems:
        raise InvalidRefusal(*problems)
    return chosen


def _put_paper(
    transaction: Transaction,
    present: CouncilRound,
    member: PersonId,
    choices: Sequence[BallotChoice],
) -> str:
    """Put a paper into the box, sealed or by name; return its number where it is secret."""
    connection, number, run = transaction.connection, present.round.id, present.round.run
    if not present.is_secret:
        votes = [
            NamedVote(item_id=each.item_id, nominee=each.nominee, person=member, choice=choice)
            for each, choice in zip(present.cases, choices, strict=True)
            if choice is not BallotChoice.CONCERNED and not each.left_out
        ]
        ballots.add_named_votes(connection, number, run, votes)
        return ""
    entropy = transaction.context.entropy
    paper = BallotPaper(choices=tuple(choices), receipt=receipt_of(entropy(RECEIPT_BYTES)))
    sealed = seal_paper(
        present.locks,
        paper,
        about=about_vote(present),
        ephemeral=entropy(EPHEMERAL_BYTES),
    )
    ballots.put_in_box(connection, number, entropy(_PAPER_KEY_BYTES).hex(), sealed)
    return paper.receipt


def about_vote(present: CouncilRound) -> bytes:
    """Return what the papers of the present run are bound to."""
    return f"round {present.round.id} run {present.round.run}".encode()


def _vote_cast(
    before: CouncilRound,
    present: CouncilRound,
    member: PersonId,
    choices: Sequence[BallotChoice],
    *,
    by: CastBy,
) -> VoteCast:
    """Return what the entry of a cast says."""
    voted = list(zip(present.cases, choices, strict=True))
    known = {each.item_id for each in before.cases if each.left_out}
    return VoteCast(
        run=present.round.run,
        member=member,
        by=by,
        concerned=tuple(each.code for each, choice in voted if choice is BallotChoice.CONCERNED),
        choices=()
        if present.is_secret
        else tuple((each.code, str(choice)) for each, choice in voted if not each.left_out),
        left_out=tuple(
            each.code for each in present.cases if each.left_out and each.item_id not in known
        ),
    )


def _record_cast(
    transaction: Transaction, command: CastVote, present: CouncilRound, said: VoteCast
) -> None:
    cause = replace(command.cause, digest="")
    entry = record_by(transaction, cause, present.round.subject, said)
    if said.by is CastBy.TABLET:
        told = RoundMoved(
            round=present.round.id,
            person=said.member,
            what=RoundNews.CAST,
            occurrence=f"c{entry.seq}",
        )
        transaction.emit([told])
