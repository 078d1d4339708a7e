"""Statements about the addresses of calendar feeds; only the hash of an address is kept."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select

from workflow.model import PersonId
from workflow.store import schema
from workflow.store.instants import written
from workflow.store.prepared import Prepared

_feeds = schema.calendar_feeds.c
_FIND = Prepared(select(_feeds.person).where(_feeds.token_hash == bindparam("of_hash")))
_HAS = Prepared(select(_feeds.created_at).where(_feeds.person == bindparam("of_person")))
_DROP = Prepared(delete(schema.calendar_feeds).where(_feeds.person == bindparam("of_person")))
_ADD = Prepared(insert(schema.calendar_feeds))


def person_of_feed(connection: Connection, token_hash: str) -> PersonId | None:
    """Return whose feed has that address, or None."""
    row = _FIND.one(connection, {"of_hash": token_hash})
    return None if row is None else PersonId(row.person)


def has_feed(connection: Connection, person: PersonId) -> bool:
    """Return whether ``person`` has a feed."""
    return _HAS.one(connection, {"of_person": person}) is not None


def insert_feed(connection: Connection, person: PersonId, token_hash: str, at: datetime) -> None:
    """Give ``person`` a feed."""
    row = {"person": person, "token_hash": token_hash, "created_at": written(at)}
    _ADD.run(connection, row)


def end_feed(connection: Connection, person: PersonId) -> None:
    """End the feed of ``person``, if there is one."""
    _DROP.run(connection, {"of_person": person})
