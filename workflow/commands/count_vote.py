"""Count a vote, and count it again.

Whoever counts opens the box with both keys, the chair's and the secretary's: papers come out
together, are laid out under random keys, and the sealed ones are deleted in the same transaction.
Nothing is counted that the roll does not bear: as many papers as members who have voted, of the
members of when the vote opened, or the count is refused. A nomination that was changed while the
vote went on is left out: what lies in the box for it is never laid out.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from workflow.command import RoundCommand
from workflow.commands.cast_vote import about_vote
from workflow.commands.execute import Transaction
from workflow.commands.prepare_round import tell_members
from workflow.commands.recording import record_by
from workflow.commands.round_access import led_round, require_state
from workflow.errors import AlteredError, InvalidRefusal, reason
from workflow.history import EntryType
from workflow.history.payloads import Payload, narrow
from workflow.history.round_payloads import (
    CountedCase,
    RoundSet,
    VoteCounted,
    VoteOpened,
    VoteRecounted,
)
from workflow.lookups.rounds import CouncilRound, as_case
from workflow.model import ItemId, PersonId
from workflow.rounds import (
    BallotPaper,
    BoxKey,
    Tally,
    open_paper,
    quorum_reached,
    read_box_code,
    tally_of,
    verdict_on,
    votes_needed,
)
from workflow.store import ballots, history, items, rounds
from workflow.store.ballots import Ballot
from workflow.store.instants import written
from workflow.store.rounds import RoundCase
from workflow.voting import BallotChoice, RoundNews, RoundState

_PAPER_KEY_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class CountVote(RoundCommand[int]):
    """End the vote of a round and count it; ``codes``: of the keys of a secret ballot's box.

    By who runs the round. Members who have not voted count like those who do not agree.
    """

    codes: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecountVote(RoundCommand[int]):
    """Count what lies there again; any mistake is an alarm and no new count."""


def count_vote(transaction: Transaction, command: CountVote) -> int:
    """Count the vote; return the round's number."""
    connection, number = transaction.connection, command.round
    before = led_round(transaction, command.cause.actor, number)
    require_state(before, RoundState.VOTING)
    _require_same_council(transaction, before)
    _require_quorum(before)
    found = items.lock_items(connection, dict.fromkeys(each.item_code for each in before.cases))
    now = {each.id: each for each in found.values()}
    present = replace(before, cases=before.without_changed(now))
    if present.is_secret:
        _lay_out(transaction, present, _papers_in_box(transaction, present, command.codes))
    counted = _count_cases(transaction, present)
    rounds.put_cases(connection, number, before.cases, counted)
    rounds.change_round(
        connection,
        number,
        {
            "state": RoundState.COUNTED.value,
            "box": None,
            "second_box": None,
            "counted_by": command.cause.actor,
            "counted_at": written(transaction.now),
        },
    )
    said = _vote_counted(transaction, present, counted)
    entry = record_by(transaction, command.cause, present.round.subject, said)
    tell_members(transaction, present, RoundNews.COUNTED, f"n{entry.seq}")
    return number


def _require_same_council(transaction: Transaction, present: CouncilRound) -> None:
    """Raise AlteredError unless who sits in the council is who sat in it as the vote opened."""
    entries = history.entries_of(transaction.connection, present.round.subject)
    if {each.person for each in present.seats} != council_of_vote(
        [each.fact.payload for each in entries]
    ):
        raise AlteredError(f"{present.round.subject} round_seats")


def council_of_vote(told: Iterable[Payload]) -> set[PersonId] | None:
    """Return the members of a round's last vote by what its entries say; None: there is no vote.

    An older opening says no quorum: then members joined or left until the present council was
    settled, and the last setting of the round after it tells who they are.
    """
    members, is_settled = None, True
    for each in told:
        if isinstance(each, VoteOpened):
            members, is_settled = set(each.members), bool(each.quorum)
        elif isinstance(each, RoundSet) and not is_settled:
            members = {person for person, _, _ in each.members}
    return members


def _require_quorum(present: CouncilRound) -> None:
    if not quorum_reached(present.council, present.voted):
        raise InvalidRefusal(
            reason(
                "quorum",
                "{voted} of {all} members have voted, and that is no quorum. Wait for the others, "
                "or give the round up.",
                voted=present.voted,
                all=len(present.seats),
            )
        )


def _papers_in_box(
    transaction: Transaction, present: CouncilRound, codes: Sequence[str]
) -> list[BallotPaper]:
    """Return all papers of the box. Raises InvalidRefusal, and AlteredError where one is wrong."""
    keys = _keys_of(present, codes)
    found = [
        _open_sealed(keys, present, sealed)
        for sealed in ballots.box_of(transaction.connection, present.round.id)
    ]
    if len(found) != present.voted or len({each.receipt for each in found}) != len(found):
        raise AlteredError(f"{present.round.subject} round_papers")
    return found


def _keys_of(present: CouncilRound, codes: Sequence[str]) -> list[BoxKey]:
    """Return the keys of all locks, in their order; it does not matter which code is typed where.

    Raises InvalidRefusal.
    """
    typed = [key for key in map(read_box_code, codes) if key is not None]
    by_lock = {key.public: key for key in typed}
    if not set(present.locks) <= by_lock.keys():
        raise InvalidRefusal(
            reason(
                "codes",
                "These are not the codes of this box. The chair and the secretary each type the "
                "code that was shown to them when they took their key.",
            )
        )
    return [by_lock[each] for each in present.locks]


def _open_sealed(keys: Sequence[BoxKey], present: CouncilRound, sealed: bytes) -> BallotPaper:
    paper = open_paper(keys, sealed, about=about_vote(present), cases=len(present.cases))
    if paper is None:
        raise AlteredError(f"{present.round.subject} round_papers")
    return paper


def _lay_out(
    transaction: Transaction, present: CouncilRound, papers: Sequence[BallotPaper]
) -> None:
    """Keep each choice under a random key of its own, and empty the box."""
    entropy, run = transaction.context.entropy, present.round.run
    laid = [
        Ballot(
            id=entropy(_PAPER_KEY_BYTES).hex(),
            item_id=case.item_id,
            nominee=case.nominee,
            choice=choice,
        )
        for paper in papers
        for case, choice in zip(present.cases, paper.choices, strict=True)
        if choice is not BallotChoice.CONCERNED and not case.left_out
    ]
    numbers = [each.receipt for each in papers]
    ballots.lay_out(transaction.connection, present.round.id, run, laid, numbers)
    ballots.empty_box(transaction.connection, present.round.id)


def _count_cases(transaction: Transaction, present: CouncilRound) -> list[RoundCase]:
    """Return the cases with what was voted on them."""
    tallies = _tallies(transaction, present)
    counted = []
    for each in present.cases:
        if each.left_out:
            counted.append(replace(each.uncounted(), left_out=True))
            continue
        tally, base = tallies[each.key], present.council.base_for(as_case(each))
        verdict = verdict_on(tally, base, each.threshold)
        counted.append(
            replace(
                each,
                agree=tally.agree,
                disagree=tally.disagree,
                blank=tally.blank,
                base=base,
                passed=verdict.passed,
            )
        )
    return counted


def _tallies(transaction: Transaction, present: CouncilRound) -> dict[tuple[ItemId, int], Tally]:
    """Return what lies on the table, counted by case."""
    wanted = (transaction.connection, present.round.id, present.round.run)
    laid = ballots.ballots_of(*wanted) if present.is_secret else ballots.named_votes_of(*wanted)
    chosen: dict[tuple[ItemId, int], list[BallotChoice]] = {each.key: [] for each in present.cases}
    for each in laid:
        if each.case in chosen:
            chosen[each.case].append(each.choice)
    return {case: tally_of(choices) for case, choices in chosen.items()}


def _vote_counted(
    transaction: Transaction, present: CouncilRound, counted: Sequence[RoundCase]
) -> VoteCounted:
    """Return what the entry of a count says."""
    numbers = ballots.receipts_of(transaction.connection, present.round.id, present.round.run)
    lines = "".join(f"{each}\n" for each in numbers)
    return VoteCounted(
        run=present.round.run,
        papers=present.voted,
        cases=tuple(
            CountedCase(
                code=each.code,
                agree=each.agree or 0,
                disagree=each.disagree or 0,
                blank=each.blank or 0,
                base=each.base or 0,
                needed=votes_needed(each.base or 0, each.threshold),
                passed=bool(each.passed),
            )
            for each in counted
            if not each.left_out
        ),
        left_out=tuple(each.code for each in counted if each.left_out),
        receipts=hashlib.sha256(lines.encode()).hexdigest() if present.is_secret else "",
    )


def recount_vote(transaction: Transaction, command: RecountVote) -> int:
    """Count again what was counted; return the round's number.

    Raises AlteredError where anything differs: what lies there is not what was counted.
    """
    present = led_round(transaction, command.cause.actor, command.round)
    require_state(present, RoundState.COUNTED)
    counted = _count_cases(transaction, present)
    again = _vote_counted(transaction, present, counted)
    if list(present.cases) != counted or _last_count(transaction, present) != again:
        raise AlteredError(f"{present.round.subject} round_cases")
    payload = VoteRecounted(
        run=again.run,
        papers=again.papers,
        cases=again.cases,
        receipts=again.receipts,
        left_out=again.left_out,
    )
    record_by(transaction, command.cause, present.round.subject, payload)
    return present.round.id


def _last_count(transaction: Transaction, present: CouncilRound) -> VoteCounted | None:
    """Return what the last entry of a count says."""
    found = [
        each.fact.payload
        for each in history.entries_of(transaction.connection, present.round.subject)
        if each.type == EntryType.VOTE_COUNTED
    ]
    return narrow(found[-1], VoteCounted) if found else None
