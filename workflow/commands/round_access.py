"""Who runs a round of the council, and how far it must be for an act.

Owns the refusals that every act on a round begins with. Writes nothing.
"""

from workflow.commands.execute import Transaction
from workflow.errors import InvalidRefusal, NotPermittedRefusal, Reason, reason
from workflow.lookups.rounds import CouncilRound, visible_round
from workflow.messages import lazy
from workflow.model import PersonId
from workflow.voting import RoundState

_STANDING = {
    RoundState.PREPARED: lazy("The round is not put to the vote yet."),
    RoundState.VOTING: lazy("The council is voting on this round now."),
    RoundState.COUNTED: lazy("The votes of this round are counted already."),
    RoundState.CLOSED: lazy("The round is closed, and nobody changes it any more."),
    RoundState.CANCELLED: lazy("The round was given up, and nobody changes it any more."),
}


def require_state(present: CouncilRound, *states: RoundState) -> None:
    """Raise InvalidRefusal unless a round is in one of ``states``."""
    if present.round.state in states:
        return
    raise InvalidRefusal(reason("state", "{why}", why=_STANDING[present.round.state]))


def led_round(transaction: Transaction, actor: PersonId | None, number: int) -> CouncilRound:
    """Return a round, locked, that ``actor`` runs. Raises NotFoundRefusal, NotPermittedRefusal."""
    person = transaction.directory.active(actor)
    if person is None:
        raise NotPermittedRefusal(who_leads())
    present = visible_round(transaction.connection, number, person, locked=True)
    if not present.leads(person):
        raise NotPermittedRefusal(who_leads())
    return present


def who_leads() -> Reason:
    """Return why somebody may not: they do not run the round."""
    return reason("leads", "Only the Office and the council's chair and secretary may do this.")
