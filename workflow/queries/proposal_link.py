"""A link to a proposal as whoever holds its token finds it: whose, good for what, its receipt.

Owns who such a token speaks for and the ladder of its status. It never writes.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from workflow.context import Context
from workflow.links import Keys, LinkStatus, Purpose, find_by_token
from workflow.model import Person
from workflow.queries.proposals import ProposalView, proposal_for
from workflow.store import history, proposal_links
from workflow.store.history import StoredEntry
from workflow.store.proposal_links import ProposalLink


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedProposal:
    """A link that this deployment issued, with its person and proposal as they are now.

    ``receipt``: the entry of the answer that its person gave.
    """

    link: ProposalLink
    person: Person
    view: ProposalView
    status: LinkStatus
    receipt: StoredEntry | None = None


def find_proposal_link(
    context: Context, connection: Connection, keys: Keys, token: str
) -> OpenedProposal | None:
    """Return the link of ``token``, whatever became of it; None where it is unknown or forged."""
    find = partial(proposal_links.find_link, connection)
    link = find_by_token(keys, token, Purpose.PROPOSAL, find)
    view = None if link is None else proposal_for(context, connection, link.proposal, None)
    if link is None or view is None:
        return None
    now = context.clock()
    person = context.directory(connection, now).people[link.person]
    status = _status(link, view, person, now)
    is_used = status is LinkStatus.USED
    return OpenedProposal(
        link=link,
        person=person,
        view=view,
        status=status,
        receipt=history.last_entry(connection, f"proposal:{link.proposal}") if is_used else None,
    )


def _status(link: ProposalLink, view: ProposalView, person: Person, now: datetime) -> LinkStatus:
    """Return what the link is good for; the order says what a reader hears first.

    ``MOVED``: somebody else has answered, or its person may not answer any more.
    """
    if view.decided_by is not None:
        return LinkStatus.USED if view.decided_by.id == person.id else LinkStatus.MOVED
    if link.revoked_at is not None:
        return LinkStatus.REVOKED
    if link.expires_at <= now:
        return LinkStatus.EXPIRED
    return LinkStatus.LIVE if person in view.confirmers else LinkStatus.MOVED
