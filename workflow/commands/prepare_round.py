"""Prepare a round of the council: the Office gathers what waits for it and names the members.

A round is set as a whole, however often, until it is put to the vote. From then on its council and
its shares stay (``settled_round``): while it is voted on, only how members take part is changed,
and before it is voted on again, its day, its place and what is taken off its list.
"""

from dataclasses import dataclass, replace

from workflow import values
from workflow.command import Cause, Command, RoundCommand
from workflow.commands.execute import Transaction
from workflow.commands.recording import record_by
from workflow.commands.round_access import require_state
from workflow.commands.round_links import mail_votes
from workflow.commands.round_terms import (
    NamedSeat,
    RoundTerms,
    cases_for_members,
    cases_named,
    seats_named,
    wrong_terms,
)
from workflow.commands.settled_round import cases_kept, require_same_council, require_same_shares
from workflow.errors import InvalidRefusal, StaleRefusal, reason
from workflow.history.round_payloads import RecordedCase, RoundSet
from workflow.lookups.rounds import CouncilRound, load_round
from workflow.model import PersonId
from workflow.people import require_office
from workflow.rounds import parse_share, written_share
from workflow.store import history, rounds
from workflow.store.instants import written
from workflow.voting import MeetingForm, RoundMoved, RoundNews, RoundState, Voting


@dataclass(frozen=True, slots=True, kw_only=True)
class PrepareRound(Command[int]):
    """Set a round; ``round`` None: a new one. ``seen``: the last entry that the form was made on.

    The Office's.
    """

    terms: RoundTerms
    round: int | None = None
    seen: int | None = None
    invites: bool = False
    """Whether the members are mailed an invitation to it as it is now."""

    @property
    def contends_for(self) -> str:
        """Return what this command contends for: items are in one round alone."""
        return "rounds"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeMembers(RoundCommand[int]):
    """Let ``members`` be the council of a round, prepared or being voted on; the Office's.

    Once it was put to the vote they are the same people, and only their part in it changes.
    """

    members: tuple[NamedSeat, ...]


def prepare_round(transaction: Transaction, command: PrepareRound) -> int:
    """Set a round; return its number."""
    connection, terms = transaction.connection, command.terms
    person = require_office(transaction.directory.active(command.cause.actor))
    present = None
    if command.round is not None:
        present = load_round(connection, command.round, locked=True)
        _require_as_seen(transaction, present, command.seen)
        require_state(present, RoundState.PREPARED)
        terms = replace(terms, campaign=present.round.campaign)
    before = present.seats if present else ()
    seats, wrong_members = seats_named(transaction.directory, terms.members, before)
    is_settled = present is not None and present.is_settled
    cases, wrong_cases = ([], []) if is_settled else cases_named(transaction, terms, present)
    if problems := [*wrong_terms(transaction, terms), *wrong_members, *wrong_cases]:
        raise InvalidRefusal(*problems)
    if present is not None and present.is_settled:
        require_same_council(present, seats)
        require_same_shares(transaction, present, terms)
        cases = cases_kept(present, terms)
    number = _write(transaction, terms, present, person.id)
    rounds.put_seats(connection, number, before, seats)
    rounds.put_cases(connection, number, present.cases if present else (), cases)
    after = load_round(connection, number)
    entry = record_round(transaction, command.cause, after)
    if command.invites:
        tell_members(transaction, after, RoundNews.INVITED, f"i{entry}")
    return number


def _require_as_seen(transaction: Transaction, present: CouncilRound, seen: int | None) -> None:
    """Refuse what was made on a round that somebody else has set since."""
    last, _ = history.end_of_chain(transaction.connection, present.round.subject)
    if seen is not None and seen != last:
        raise StaleRefusal(
            state=present.round.state,
            version=last,
            given=seen,
            why=reason(
                "seen",
                "Somebody else has set this round meanwhile. Read it again, then send yours.",
            ),
        )


def _write(
    transaction: Transaction, terms: RoundTerms, present: CouncilRound | None, by: PersonId
) -> int:
    quorum = parse_share(terms.quorum)
    if quorum is None:
        raise InvalidRefusal(reason("quorum", "Write the quorum as a share."))
    row = {
        "title": values.line(terms.title),
        "meeting": terms.meeting,
        "voting": terms.voting,
        "held_on": terms.held_on,
        "place": values.line(terms.place),
        "agenda": values.lines(terms.agenda),
        "quorum": written_share(quorum),
        "concerned_count": int(terms.concerned_count),
        # Set anew, so the chair and the secretary, whoever they are now, take their keys anew.
        "box": None,
        "second_box": None,
    }
    if present is not None:
        rounds.change_round(transaction.connection, present.round.id, row)
        return present.round.id
    return rounds.insert_round(
        transaction.connection,
        {
            **row,
            "campaign": terms.campaign,
            "state": RoundState.PREPARED.value,
            "run": 0,
            "created_by": by,
            "created_at": written(transaction.now),
        },
    )


def change_members(transaction: Transaction, command: ChangeMembers) -> int:
    """Change who sits in the council, or how; return the round's number.

    Whoever votes from now on, as those who were absent, is mailed a link.
    """
    connection = transaction.connection
    require_office(transaction.directory.active(command.cause.actor))
    present = load_round(connection, command.round, locked=True)
    require_state(present, RoundState.PREPARED, RoundState.VOTING)
    seats, problems = seats_named(transaction.directory, command.members, present.seats)
    if problems:
        raise InvalidRefusal(*problems)
    require_same_council(present, seats)
    if present.round.state is RoundState.PREPARED:
        rounds.change_round(connection, present.round.id, {"box": None, "second_box": None})
    rounds.put_seats(connection, present.round.id, present.seats, seats)
    after = without_concerned(transaction, load_round(connection, present.round.id))
    entry = record_round(transaction, command.cause, after)
    known = {each.person for each in present.seats if present.awaits(each.person)}
    new = [each.person for each in after.seats if after.awaits(each.person)]
    mail_votes(transaction, after, [each for each in new if each not in known], f"m{entry}")
    return present.round.id


def without_concerned(transaction: Transaction, present: CouncilRound) -> CouncilRound:
    """Let members leave the vote on what is for them, as it is now; return the round after it."""
    cases = cases_for_members(transaction, present)
    rounds.put_cases(transaction.connection, present.round.id, present.cases, cases)
    return replace(present, cases=cases)


def record_round(transaction: Transaction, cause: Cause, after: CouncilRound) -> int:
    """Record what a round is made of now, and return the entry's number."""
    now_set = RoundSet(
        campaign=after.round.campaign,
        meeting=MeetingForm(after.round.meeting),
        voting=Voting(after.round.voting),
        held_on=after.round.held_on,
        quorum=written_share(after.round.quorum),
        concerned_count=after.round.concerned_count,
        members=tuple((each.person, each.role, each.attendance) for each in after.seats),
        cases=tuple(
            RecordedCase(
                code=each.code,
                threshold=written_share(each.threshold),
                concerned=tuple(sorted(each.concerned)),
            )
            for each in after.cases
        ),
    )
    texts = {"title": after.round.title, "place": after.round.place, "agenda": after.round.agenda}
    said = {name: text for name, text in texts.items() if text}
    return record_by(transaction, cause, after.round.subject, now_set, texts=said).seq


def tell_members(
    transaction: Transaction, of: CouncilRound, what: RoundNews, occurrence: str
) -> None:
    """Let every member hear of a round."""
    transaction.emit(
        [
            RoundMoved(round=of.round.id, person=each.person, what=what, occurrence=occurrence)
            for each in of.seats
        ]
    )
