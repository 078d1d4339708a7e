"""Links to vote: each member is mailed one of their own, good for one paper in one run."""

from collections.abc import Sequence
from datetime import date, time, timedelta

from workflow.commands.execute import Transaction
from workflow.links import ID_BYTES
from workflow.lookups.rounds import CouncilRound, load_round
from workflow.model import PersonId
from workflow.store import ballots
from workflow.store.ballots import RoundLink
from workflow.voting import RoundMoved, RoundNews

LIVES = timedelta(days=14)
"""A link lives at least so long, and to the end of the day of the meeting."""
_LAST = time(23, 59)


def mail_votes(
    transaction: Transaction, of: CouncilRound, people: Sequence[PersonId], occurrence: str
) -> None:
    """Make a link to vote for each of ``people``, and let it be mailed."""
    now = transaction.now
    held_on = date.fromisoformat(of.round.held_on)
    until = max(now + LIVES, transaction.context.calendar.at(held_on, _LAST))
    links = [
        RoundLink(
            id=transaction.context.entropy(ID_BYTES),
            person=each,
            round_id=of.round.id,
            run=of.round.run,
            expires_at=until,
        )
        for each in people
    ]
    ballots.insert_links(transaction.connection, links, now)
    transaction.emit(
        [
            RoundMoved(round=of.round.id, person=each, what=RoundNews.VOTE, occurrence=occurrence)
            for each in people
        ]
    )


def move_round_links(transaction: Transaction, person: PersonId) -> None:
    """Revoke the links that went to an address; where a vote still waits, a new one is mailed."""
    revoked = ballots.revoke_links(transaction.connection, person, transaction.now)
    occurrence = f"a{transaction.context.entropy(8).hex()}"
    for number in dict.fromkeys(each.round_id for each in revoked):
        found = load_round(transaction.connection, number)
        if found.awaits(person):
            mail_votes(transaction, found, [person], occurrence)
