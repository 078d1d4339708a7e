"""Statements about the links by which a body outside fetches and answers a dossier."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from workflow.links import RecipientLink
from workflow.model import ItemId
from workflow.store import schema
from workflow.store.instants import written
from workflow.store.mapping import Mapper
from workflow.store.prepared import Prepared

_links = schema.recipient_links.c


_LINK = Mapper(RecipientLink, schema.recipient_links)
_BY_ID = Prepared(select(*_LINK.columns).where(_links.id == bindparam("wanted")))
_OF_ITEM = Prepared(
    select(*_LINK.columns)
    .where(_links.item_id == bindparam("item"))
    .order_by(_links.created_at.desc(), _links.id)
    .limit(20)
)
_INSERT = Prepared(insert(schema.recipient_links))
_REVOKE = Prepared(
    update(schema.recipient_links)
    .where(_links.id == bindparam("of_id"), _links.revoked_at.is_(None))
    .values(revoked_at=bindparam("now"))
)


def find_link(connection: Connection, identity: bytes) -> RecipientLink | None:
    """Return a link, or None."""
    return _LINK.find(_BY_ID.one(connection, {"wanted": identity}))


def links_of(connection: Connection, item: ItemId) -> list[RecipientLink]:
    """Return the links to what an item left with, newest first, at most twenty."""
    return [_LINK.read(row) for row in _OF_ITEM.rows(connection, {"item": item})]


def insert_link(connection: Connection, link: RecipientLink) -> None:
    """Insert a link."""
    _INSERT.run(connection, _LINK.write(link))


def revoke_link(connection: Connection, identity: bytes, now: datetime) -> int:
    """Revoke a link; return how many were, 0 where it was revoked already."""
    return _REVOKE.run(connection, {"of_id": identity, "now": written(now)})
