"""Statements that look for what is amiss: late items, and open items that nobody can take on.

The latter are written down as they come to be so (``stuck_items``): to look for them among all
items took a minute with 250,000. What is written down is looked at again by whoever reads it.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, exists, insert, select

from workflow.model import ItemId
from workflow.store import schema
from workflow.store.instants import written
from workflow.store.prepared import ByKeys, Prepared
from workflow.store.unindexed import unindexed

MOST_NAMED = 200
"""So many of what is amiss in one way are named; beyond them it is said that there are more."""
_items = schema.items.c
_holders = schema.holders.c
_stuck = schema.stuck_items.c
_acts = schema.history.alias().c
_OVERDUE = ByKeys(
    select(_items.id)
    .where(_items.due_at < bindparam("now"), exists().where(_holders.item_id == _items.id))
    .order_by(_items.due_at, _items.id)
    .limit(bindparam("most")),
    unindexed(_items.state),
)
_HAS_DECIDED = (
    exists()
    .where(
        _acts.item_id == _items.id,
        unindexed(_acts.actor) == _holders.person,
        _acts.decided_version.is_not(None),
    )
    .correlate(schema.items, schema.holders)
)
_NOBODY_ELSE = ~exists().where(_holders.item_id == _items.id, ~_HAS_DECIDED)
"""Nobody holds it, or only people who have decided on it before."""
_STUCK = Prepared(
    select(_items.id)
    .where(_items.id.in_(select(_stuck.item_id)), _NOBODY_ELSE)
    .order_by(_items.since, _items.id)
    .limit(bindparam("most"))
)
_UNNOTED = Prepared(
    select(_items.id)
    .where(
        _items.state == bindparam("in_state"),
        _items.definition_hash == bindparam("of_definition"),
        _items.id.not_in(select(_stuck.item_id)),
        _NOBODY_ELSE,
    )
    .order_by(_items.id)
    .limit(MOST_NAMED)
)
_NOTED = Prepared(
    select(_stuck.item_id)
    .where(_stuck.item_id > bindparam("after"))
    .order_by(_stuck.item_id)
    .limit(MOST_NAMED)
)
_NOTE = Prepared(
    insert(schema.stuck_items).from_select(
        ["item_id"],
        select(_items.id).where(
            _items.id == bindparam("item"), ~exists().where(_stuck.item_id == bindparam("item"))
        ),
    )
)
_FORGET = Prepared(delete(schema.stuck_items).where(_stuck.item_id == bindparam("item")))


def overdue(connection: Connection, states: Iterable[str], now: datetime) -> list[ItemId]:
    """Return the items in ``states`` that somebody holds and is late with at ``now``.

    Longest first; of more than ``MOST_NAMED`` one more than that.
    """
    return [
        ItemId(row.id)
        for row in _OVERDUE.rows(connection, states, {"now": written(now), "most": MOST_NAMED + 1})
    ]


def stuck(connection: Connection) -> list[ItemId]:
    """Return the items written down that nobody holds, or only who has decided on them before.

    Longest first; of more than ``MOST_NAMED`` one more than that.
    """
    return [ItemId(row.id) for row in _STUCK.rows(connection, {"most": MOST_NAMED + 1})]


def unnoted(connection: Connection, definition: str, state: str) -> list[ItemId]:
    """Return up to ``MOST_NAMED`` items in a state of a definition that should be written down.

    Reads every item of that state.
    """
    values = {"in_state": state, "of_definition": definition}
    return [ItemId(row.id) for row in _UNNOTED.rows(connection, values)]


def noted_stuck(connection: Connection) -> Iterator[list[ItemId]]:
    """Yield all items that are written down, in pieces."""
    after = 0
    while rows := _NOTED.rows(connection, {"after": after}):
        yield [ItemId(row.item_id) for row in rows]
        after = rows[-1].item_id


def note_stuck(connection: Connection, items: Sequence[ItemId]) -> None:
    """Write down that nobody can take ``items`` on; those written down stay so."""
    _NOTE.many(connection, [{"item": each} for each in items])


def forget_stuck(connection: Connection, items: Sequence[ItemId]) -> None:
    """Strike out items that somebody can take on again."""
    _FORGET.many(connection, [{"item": each} for each in items])
