"""Statements about the addresses of calendar feeds; only the hash of an address is kept."""

from sqlalchemy import Connection, bindparam, delete, insert, select

from workflow.model import PersonId
from workflow.store import schema
from workflow.store.prepared import Prepared, Row, Values

_feeds = schema.calendar_feeds.c
_FIND = Prepared(select(*schema.calendar_feeds.c).where(_feeds.token_hash == bindparam("of_hash")))
_ALL = Prepared(select(*schema.calendar_feeds.c).order_by(_feeds.person))
_ADDRESS = Prepared(select(_feeds.token_hash).where(_feeds.person == bindparam("of_person")))
_DROP = Prepared(delete(schema.calendar_feeds).where(_feeds.person == bindparam("of_person")))
_ADD = Prepared(insert(schema.calendar_feeds))


def all_feeds(connection: Connection) -> list[Row]:
    """Return the row of every feed."""
    return list(_ALL.rows(connection, {}))


def feed_at(connection: Connection, token_hash: str) -> Row | None:
    """Return the row of the feed that has that address, or None."""
    return _FIND.one(connection, {"of_hash": token_hash})


def address_hash(connection: Connection, person: PersonId) -> str | None:
    """Return the hash of the address of a person's feed, or None."""
    row = _ADDRESS.one(connection, {"of_person": person})
    return None if row is None else str(row.token_hash)


def has_feed(connection: Connection, person: PersonId) -> bool:
    """Return whether ``person`` has a feed."""
    return address_hash(connection, person) is not None


def insert_feed(connection: Connection, row: Values) -> None:
    """Give a person a feed."""
    _ADD.run(connection, row)


def end_feed(connection: Connection, person: PersonId) -> None:
    """End the feed of ``person``, if there is one."""
    _DROP.run(connection, {"of_person": person})
