"""Statements that look for what is amiss: late items, and open items that nobody can take on."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, bindparam, exists, select

from workflow.model import ItemId
from workflow.store import schema
from workflow.store.instants import written
from workflow.store.prepared import Prepared

_items = schema.items.c
_holders = schema.holders.c
_OVERDUE = Prepared(
    select(_items.id)
    .where(_items.due_at < bindparam("now"), exists().where(_holders.item_id == _items.id))
    .order_by(_items.due_at, _items.id)
)
_UNHELD = Prepared(
    select(_items.id)
    .where(
        _items.state == bindparam("in_state"),
        _items.definition_hash == bindparam("of_definition"),
        ~exists().where(_holders.item_id == _items.id),
    )
    .order_by(_items.since, _items.id)
)
_acts = schema.history.alias().c
_MET_AGAIN = Prepared(
    select(_items.id)
    .where(
        _items.state == bindparam("in_state"),
        _items.definition_hash == bindparam("of_definition"),
        exists().where(_holders.item_id == _items.id),
        ~exists().where(
            _holders.item_id == _items.id,
            ~exists().where(
                _acts.item_id == _items.id,
                _acts.actor == _holders.person,
                _acts.decided_version.is_not(None),
            ),
        ),
    )
    .order_by(_items.since, _items.id)
)


def overdue(connection: Connection, now: datetime) -> list[ItemId]:
    """Return every item that somebody holds and is late with at ``now``, longest first."""
    return [ItemId(row.id) for row in _OVERDUE.rows(connection, {"now": written(now)})]


def unheld(connection: Connection, states: Iterable[tuple[str, str]]) -> list[ItemId]:
    """Return every item that nobody holds in ``states`` (definition's hash, id), longest first."""
    return _in_each(connection, _UNHELD, states)


def met_again(connection: Connection, states: Iterable[tuple[str, str]]) -> list[ItemId]:
    """Return every item in ``states`` that only people hold who have decided on it before."""
    return _in_each(connection, _MET_AGAIN, states)


def _in_each(
    connection: Connection, wanted: Prepared, states: Iterable[tuple[str, str]]
) -> list[ItemId]:
    return [
        ItemId(row.id)
        for definition, state in states
        for row in wanted.rows(connection, {"in_state": state, "of_definition": definition})
    ]
