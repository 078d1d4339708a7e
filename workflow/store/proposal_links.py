"""Statements about the links by which proposals are answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from workflow.canonical import instant
from workflow.model import PersonId
from workflow.store import schema
from workflow.store.instants import written
from workflow.store.mapping import Mapper
from workflow.store.prepared import Prepared

_links = schema.proposal_links.c


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalLink:
    """The row of a link: to one proposal, for one person, until the proposal lapses."""

    id: bytes
    person: PersonId
    proposal: int
    expires_at: datetime
    revoked_at: datetime | None = None

    @property
    def bound(self) -> tuple[bytes, ...]:
        """Return all that its token is bound to."""
        return (
            self.id,
            str(self.person).encode(),
            str(self.proposal).encode(),
            instant(self.expires_at).encode(),
        )


_LINK = Mapper(ProposalLink, schema.proposal_links)
_BY_ID = Prepared(select(*_LINK.columns).where(_links.id == bindparam("wanted")))
_LIVE = (_links.person == bindparam("of_person"), _links.revoked_at.is_(None))
_TO = Prepared(
    select(*_LINK.columns)
    .where(*_LIVE, _links.proposal == bindparam("of_proposal"))
    .order_by(_links.created_at.desc(), _links.id)
)
_OF = Prepared(select(*_LINK.columns).where(*_LIVE, _links.expires_at > bindparam("now")))
_INSERT = Prepared(insert(schema.proposal_links))
_REVOKE = Prepared(update(schema.proposal_links).where(*_LIVE).values(revoked_at=bindparam("at")))


def find_link(connection: Connection, identity: bytes) -> ProposalLink | None:
    """Return a link, or None."""
    return _LINK.find(_BY_ID.one(connection, {"wanted": identity}))


def link_to(connection: Connection, proposal: int, person: PersonId) -> ProposalLink | None:
    """Return the newest link of a person to a proposal that is not revoked, or None."""
    found = _TO.rows(connection, {"of_person": person, "of_proposal": proposal})
    return _LINK.read(found[0]) if found else None


def insert_links(connection: Connection, links: Sequence[ProposalLink], at: datetime) -> None:
    """Insert new links."""
    _INSERT.many(connection, [{**_LINK.write(each), "created_at": written(at)} for each in links])


def revoke_links(connection: Connection, person: PersonId, now: datetime) -> list[int]:
    """Revoke every link of ``person``; return to which proposals those that still lived were."""
    found = _OF.rows(connection, {"of_person": person, "now": written(now)})
    _REVOKE.run(connection, {"of_person": person, "at": written(now)})
    return sorted({_LINK.read(each).proposal for each in found})
