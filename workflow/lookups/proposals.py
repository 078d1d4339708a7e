"""Who may confirm what: the agency's rules, the accounts of its people, and a stored proposal."""

from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import Connection

from workflow.definition import ProposalRules
from workflow.history.agency_payloads import PersonAdded
from workflow.model import Person, PersonId, Position, ProposalState, Via
from workflow.people import Directory
from workflow.people.powers import (
    Account,
    Asked,
    Gain,
    candidates,
    confirmers,
    confirms_by_position,
    may_propose,
)
from workflow.store import definitions, history
from workflow.store.proposals import Proposal

PROPOSAL_RULES = "proposal_rules"
"""Setting: who proposes and who confirms, as JSON; without it, as the sample says."""
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def proposal_rules(connection: Connection) -> ProposalRules:
    """Return who proposes and who confirms in this agency."""
    stored = definitions.setting(connection, PROPOSAL_RULES)
    return ProposalRules() if stored is None else ProposalRules.model_validate_json(stored)


def accounts_of(connection: Connection, people: Iterable[Person]) -> dict[PersonId, Account]:
    """Return since when each of some people is here, and who brought them in."""
    staffed_at = history.first_staffed_at(connection)
    return {each.id: _account(connection, each.id, staffed_at) for each in people}


def _account(connection: Connection, person: PersonId, staffed_at: datetime | None) -> Account:
    made = history.entry_at(connection, f"person:{person}", 1)
    if made is None:
        return Account(since=_LONG_AGO, made_by=frozenset(), is_founding=False)
    payload = made.fact.payload
    proposed_by = payload.proposed_by if isinstance(payload, PersonAdded) else None
    return Account(
        since=made.at,
        made_by=frozenset(each for each in (made.actor, proposed_by) if each is not None),
        is_founding=made.fact.via == Via.IMPORT and made.at == staffed_at,
    )


def asked_by(proposal: Proposal, rules: ProposalRules, now: datetime) -> Asked:
    """Return what a stored proposal asks to be confirmed."""
    return Asked(
        gain=Gain(grants=frozenset(proposal.grants), gainers=frozenset(proposal.gainers)),
        proposer=proposal.proposed_by,
        rules=rules,
        now=now,
        named=proposal.named,
    )


def confirmers_of(connection: Connection, asked: Asked, directory: Directory) -> list[Person]:
    """Return who may confirm what is asked."""
    accounts = accounts_of(connection, candidates(asked, directory))
    return confirmers(asked, directory, accounts)


def is_waiting(proposal: Proposal, now: datetime) -> bool:
    """Return whether a proposal still waits for its answer: it is open and has not lapsed."""
    return proposal.state is ProposalState.OPEN and now < proposal.until


def may_see(person: Person, asked: Asked) -> bool:
    """Return whether a proposal is there for ``person``: who proposes or confirms, auditors."""
    return (
        may_propose(person, asked.gain, asked.rules)
        or person.id in {asked.proposer, *asked.named}
        or person.position is Position.AUDITOR
        or confirms_by_position(person, asked)
    )
