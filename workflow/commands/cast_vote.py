"""Put a round to the vote, and cast a paper in it.

Of a secret ballot nothing here keeps what was chosen but the sealed paper: its entry says that
somebody has voted, its command carries no digest of what was said, and the answer is the paper's
number, shown once. The key of the box is answered once, to whoever opens the vote, and kept
nowhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from workflow.command import RoundCommand
from workflow.commands.execute import Transaction
from workflow.commands.prepare_round import require_state, without_concerned
from workflow.commands.recording import record_by
from workflow.commands.round_links import mail_votes
from workflow.commands.round_terms import waits_for_council
from workflow.errors import (
    InvalidRefusal,
    LinkEndedRefusal,
    NotPermittedRefusal,
    Reason,
    reason,
)
from workflow.history.round_payloads import VoteCast, VoteOpened
from workflow.lookups.rounds import CouncilRound, load_round, visible_round
from workflow.model import PersonId
from workflow.rounds import BallotPaper, BoxKey, quorum_reached, seal_paper, voters_of
from workflow.rounds.ballot_box import CODE_BYTES, EPHEMERAL_BYTES, RECEIPT_BYTES, receipt_of
from workflow.store import ballots, items, rounds
from workflow.store.ballots import NamedVote
from workflow.store.rounds import RoundCase, RoundSeat
from workflow.voting import Attendance, BallotChoice, CastBy, RoundMoved, RoundNews, RoundState

_PAPER_KEY_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenVote(RoundCommand["OpenedVote"]):
    """Put a round to the vote; the Office's, its chair's or its secretary's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedVote:
    """A vote that goes on; ``code``: of the box of a secret ballot, said this once only."""

    round: int
    code: str = field(default="", repr=False)


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


def open_vote(transaction: Transaction, command: OpenVote) -> OpenedVote:
    """Let members vote: each who takes part is mailed a link."""
    connection = transaction.connection
    present = led_round(transaction, command.cause.actor, command.round)
    require_state(present, RoundState.PREPARED)
    if problems := _not_ready(transaction, present):
        raise InvalidRefusal(*problems)
    present = without_concerned(transaction, present)
    key = BoxKey.made_of(transaction.context.entropy(CODE_BYTES)) if present.is_secret else None
    row = {
        "state": RoundState.VOTING.value,
        "run": present.round.run + 1,
        "box": key.public if key else None,
    }
    rounds.change_round(connection, command.round, row)
    rounds.put_cases(connection, command.round, present.cases, _as_now(transaction, present))
    after = load_round(connection, command.round)
    opened = VoteOpened(
        run=after.round.run,
        members=tuple(each.person for each in after.seats),
        box=key.public.hex() if key else "",
    )
    entry = record_by(transaction, command.cause, after.round.subject, opened)
    asked = [each.person for each in after.seats if after.awaits(each.person)]
    mail_votes(transaction, after, asked, f"v{entry.seq}")
    return OpenedVote(round=command.round, code=key.code if key else "")


def led_round(transaction: Transaction, actor: PersonId | None, number: int) -> CouncilRound:
    """Return a round, locked, that ``actor`` runs. Raises NotFoundRefusal, NotPermittedRefusal."""
    person = transaction.directory.active(actor)
    if person is None:
        raise NotPermittedRefusal(_leads())
    present = visible_round(transaction.connection, number, person, locked=True)
    if not present.leads(person):
        raise NotPermittedRefusal(_leads())
    return present


def _leads() -> Reason:
    return reason("leads", "Only the Office and the council's chair and secretary may do this.")


def _not_ready(transaction: Transaction, present: CouncilRound) -> list[Reason]:
    """Return why a round cannot be put to the vote."""
    problems = []
    if not present.cases:
        problems.append(reason("cases", "Nothing is before the council. Gather nominations first."))
    found = items.lock_items(transaction.connection, [each.code for each in present.cases])
    problems += [
        reason(
            "cases",
            "{code} is no nomination that waits for the council now. Take it off the list.",
            code=each.code,
        )
        for each in present.cases
        if not waits_for_council(transaction, found[each.code])
    ]
    gone = [
        each.person for each in present.seats if transaction.directory.active(each.person) is None
    ]
    problems += [
        reason(
            "members",
            "{name} works here no more. Name somebody else.",
            name=transaction.directory.people[each].name,
        )
        for each in gone
    ]
    taking_part = sum(1 for _ in voters_of(present.council.seats))
    if not quorum_reached(present.council, taking_part):
        problems.append(
            reason(
                "quorum",
                "{present} of {all} members take part, and that is no quorum. Choose another day, "
                "or let who is absent vote in writing.",
                present=taking_part,
                all=len(present.seats),
            )
        )
    return problems


def _as_now(transaction: Transaction, present: CouncilRound) -> list[RoundCase]:
    """Return the cases as the council votes on them: their present content, and no count yet."""
    found = items.lock_items(transaction.connection, [each.code for each in present.cases])
    return [
        replace(
            each,
            content_hash=found[each.code].content_hash,
            agree=None,
            disagree=None,
            blank=None,
            base=None,
            passed=None,
        )
        for each in present.cases
    ]


def cast_vote(transaction: Transaction, command: CastVote) -> VoteRecorded:
    """Put a paper into the box; return its number. Nobody does twice in one run."""
    connection = transaction.connection
    present = load_round(connection, command.round, locked=True)
    seat = _voter(transaction, command, present)
    choices = _chosen(present, seat, command.choices)
    left = [
        each
        for each, choice in zip(present.cases, choices, strict=True)
        if choice is BallotChoice.CONCERNED and seat.person not in each.concerned
    ]
    if not rounds.note_voted(connection, command.round, seat.person, present.round.run):
        raise InvalidRefusal(_voted_already())
    if left:
        now_concerned = [
            replace(each, concerned=each.concerned | {seat.person}) if each in left else each
            for each in present.cases
        ]
        rounds.put_cases(connection, command.round, present.cases, now_concerned)
    receipt = _put_in(transaction, present, seat.person, choices)
    _record_cast(transaction, command, present, seat.person, choices)
    return VoteRecorded(round=command.round, receipt=receipt)


def _voter(transaction: Transaction, command: CastVote, present: CouncilRound) -> RoundSeat:
    """Return the seat that a paper is cast for. Raises refusals."""
    actor = transaction.directory.active(command.cause.actor)
    member = command.member if command.member is not None else command.cause.actor
    seat = present.seat(member)
    if actor is None or seat is None or transaction.directory.active(member) is None:
        raise NotPermittedRefusal(reason("member", "Only members of the council vote."))
    if actor.id != seat.person and not present.leads(actor):
        raise NotPermittedRefusal(_leads())
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


def _put_in(
    transaction: Transaction,
    present: CouncilRound,
    member: PersonId,
    choices: Sequence[BallotChoice],
) -> str:
    """Put a paper into the box, sealed or by name; return its number where it is secret."""
    connection, number, run = transaction.connection, present.round.id, present.round.run
    if not present.is_secret or present.round.box is None:
        votes = [
            NamedVote(item_id=each.item_id, person=member, choice=choice)
            for each, choice in zip(present.cases, choices, strict=True)
            if choice is not BallotChoice.CONCERNED
        ]
        ballots.add_named_votes(connection, number, run, votes)
        return ""
    entropy = transaction.context.entropy
    paper = BallotPaper(choices=tuple(choices), receipt=receipt_of(entropy(RECEIPT_BYTES)))
    sealed = seal_paper(
        present.round.box,
        paper,
        about=about_vote(present),
        ephemeral=entropy(EPHEMERAL_BYTES),
    )
    ballots.put_in_box(connection, number, entropy(_PAPER_KEY_BYTES).hex(), sealed)
    return paper.receipt


def about_vote(present: CouncilRound) -> bytes:
    """Return what the papers of the present run are bound to."""
    return f"round {present.round.id} run {present.round.run}".encode()


def _record_cast(
    transaction: Transaction,
    command: CastVote,
    present: CouncilRound,
    member: PersonId,
    choices: Sequence[BallotChoice],
) -> None:
    is_own = member == command.cause.actor
    said = list(zip(present.cases, choices, strict=True))
    cast = VoteCast(
        run=present.round.run,
        member=member,
        by=CastBy.LINK if is_own else CastBy.TABLET,
        concerned=tuple(each.code for each, choice in said if choice is BallotChoice.CONCERNED),
        choices=()
        if present.is_secret
        else tuple((each.code, str(choice)) for each, choice in said),
    )
    cause = replace(command.cause, digest="")
    entry = record_by(transaction, cause, present.round.subject, cast)
    if not is_own:
        told = RoundMoved(
            round=present.round.id,
            person=member,
            what=RoundNews.CAST,
            occurrence=f"c{entry.seq}",
        )
        transaction.emit([told])
