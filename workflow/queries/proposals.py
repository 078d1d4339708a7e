"""Proposals as people read them: what, by whom, who may confirm it, what became of it."""

from dataclasses import dataclass

from sqlalchemy import Connection

from workflow.checking import weakenings
from workflow.context import Context
from workflow.definition import restore_definition
from workflow.lookups.proposals import (
    asked_by,
    confirmers_of,
    is_waiting,
    may_see,
    proposal_rules,
)
from workflow.messages import Message
from workflow.model import Person, ProposalState
from workflow.people import Directory
from workflow.store import items, proposals
from workflow.store.proposals import Proposal, Said, SaidPerson, parameters_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalView:
    """A proposal beside the people it names; ``confirmers``: who may confirm it now."""

    proposal: Proposal
    by: Person
    confirmers: tuple[Person, ...]
    decided_by: Person | None
    state: str
    """As stored, or ``lapsed``."""

    @property
    def parameters(self) -> Said:
        """Return what is proposed, as its command takes it."""
        return parameters_of(self.proposal)["of"]

    @property
    def before(self) -> list[SaidPerson]:
        """Return the people whom it changes as they were when it was made."""
        base = parameters_of(self.proposal)["base"]
        return base if isinstance(base, list) else []

    @property
    def definition_before(self) -> str:
        """Return the hash of the process that it was made against, or nothing."""
        base = parameters_of(self.proposal)["base"]
        return base if isinstance(base, str) else ""


def proposals_for(
    context: Context, connection: Connection, reader: Person, before: int | None = None
) -> tuple[list[ProposalView], int | None]:
    """Return those of a page of proposals that ``reader`` may see, newest first.

    With it where the next page begins, None on the last.
    """
    page, after = proposals.newest_proposals(connection, before)
    views = (_view(context, connection, each, reader) for each in page)
    return [each for each in views if each is not None], after


def proposal_for(
    context: Context, connection: Connection, identity: int, reader: Person | None
) -> ProposalView | None:
    """Return a proposal if ``reader`` may see it, else None; None reads for a mail."""
    found = proposals.find_proposal(connection, identity)
    return None if found is None else _view(context, connection, found, reader)


def waiting(context: Context, connection: Connection) -> list[ProposalView]:
    """Return every proposal that waits, oldest first; what it is about tells who may know of it."""
    found = proposals.open_proposals(connection, context.clock())
    views = (_view(context, connection, each, None) for each in found)
    return [each for each in views if each is not None]


def awaiting(context: Context, connection: Connection, person: Person) -> list[ProposalView]:
    """Return the proposals that wait for ``person``, oldest first."""
    return [each for each in waiting(context, connection) if person in each.confirmers]


def weakened_by(context: Context, connection: Connection, view: ProposalView) -> list[Message]:
    """Return in words what a process guarantees that the proposed one, or its items, lose by it."""
    said, books = view.parameters, context.rulebooks
    if view.proposal.command == "PublishDefinition":
        after = restore_definition(said["text"])
        olds = [view.definition_before] if view.definition_before else []
    elif view.proposal.command == "MigrateItems":
        after = books.of(connection, said["to_hash"]).definition
        olds = sorted(items.definitions_of(connection, said["codes"]) - {said["to_hash"]})
    else:
        return []
    found = (weakenings(books.of(connection, old).definition, after) for old in olds)
    return list(dict.fromkeys(each for lost in found for each in lost))


def _view(
    context: Context, connection: Connection, proposal: Proposal, reader: Person | None
) -> ProposalView | None:
    now = context.clock()
    directory: Directory = context.directory(connection, now)
    asked = asked_by(proposal, proposal_rules(connection), now)
    if reader is not None and not may_see(reader, asked):
        return None
    waits = is_waiting(proposal, now)
    decider = proposal.decided_by
    return ProposalView(
        proposal=proposal,
        by=directory.people[proposal.proposed_by],
        confirmers=tuple(confirmers_of(connection, asked, directory)) if waits else (),
        decided_by=directory.people[decider] if decider is not None else None,
        state="lapsed" if proposal.state is ProposalState.OPEN and not waits else proposal.state,
    )
