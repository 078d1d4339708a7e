"""Statements about links: create, find, spend, revoke."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from workflow.links import Link
from workflow.model import ItemId, PersonId
from workflow.store import schema
from workflow.store.instants import written
from workflow.store.mapping import Mapper
from workflow.store.prepared import ByKeys, Prepared, Values

_links = schema.links.c
_LINK = Mapper(Link, schema.links, named={"item": _links.item_id})
BY_ID = ByKeys(select(*_LINK.columns), _links.id)
"""Links by their ids."""
_INSERT = Prepared(insert(schema.links))
_SPEND = Prepared(
    update(schema.links)
    .where(
        _links.item_id == bindparam("of_item"),
        _links.step == bindparam("of_step"),
        _links.person == bindparam("of_person"),
        _links.used_at.is_(None),
    )
    .values(used_at=bindparam("now"), used_entry=bindparam("entry")),
    is_keyed=True,
)
_REVOKE = Prepared(
    update(schema.links)
    .where(
        _links.person == bindparam("of_person"),
        _links.used_at.is_(None),
        _links.revoked_at.is_(None),
        _links.expires_at > bindparam("now"),
    )
    .values(revoked_at=bindparam("now"), revoke_reason=bindparam("why"))
)

_REVOKE_TO = Prepared(
    update(schema.links)
    .where(
        _links.item_id == bindparam("of_item"),
        _links.person == bindparam("of_person"),
        _links.used_at.is_(None),
        _links.revoked_at.is_(None),
    )
    .values(revoked_at=bindparam("now"), revoke_reason=bindparam("why"))
)


def find_links(connection: Connection, ids: Iterable[bytes]) -> dict[bytes, Link]:
    """Return the links of ``ids`` by id."""
    return {each.id: each for each in map(_LINK.read, BY_ID.rows(connection, ids))}


def insert_links(connection: Connection, links: Sequence[Link], at: datetime) -> None:
    """Insert new links."""
    _INSERT.many(
        connection,
        [{**_LINK.write(link), "created_at": written(at)} for link in links],
    )


def spend_links(connection: Connection, spent: Sequence[Values]) -> None:
    """Use up a person's links for an item's step: ``of_item, of_step, of_person, now, entry``."""
    _SPEND.many(connection, spent)


def revoke_links(connection: Connection, person: PersonId, *, why: str, now: datetime) -> int:
    """Revoke every live link of ``person``; return how many."""
    return _REVOKE.run(connection, {"of_person": person, "now": written(now), "why": why})


def revoke_links_to(
    connection: Connection, person: PersonId, item: ItemId, *, why: str, now: datetime
) -> int:
    """Revoke every unused link of ``person`` to ``item``; return how many."""
    return _REVOKE_TO.run(
        connection, {"of_item": item, "of_person": person, "now": written(now), "why": why}
    )
