"""Statements that look for what is amiss: late items, and open items that nobody holds."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, bindparam, exists, select

from workflow.model import ItemId, PersonId
from workflow.store import tables
from workflow.store.instants import written
from workflow.store.prepared import Prepared

SHOWN = 200
"""So many of a kind are looked at; an agency that has more has other worries."""

_items = tables.items.c
_holders = tables.holders.c
_OVERDUE_OF = Prepared(
    select(_holders.due_at, _holders.item_id)
    .where(_holders.person == bindparam("of_person"), _holders.due_at < bindparam("now"))
    .order_by(_holders.due_at, _holders.item_id)
    .limit(bindparam("count"))
)
_UNHELD = Prepared(
    select(_items.id)
    .where(_items.state == bindparam("in_state"), ~exists().where(_holders.item_id == _items.id))
    .order_by(_items.since, _items.id)
    .limit(bindparam("count"))
)


def overdue(connection: Connection, people: Iterable[PersonId], now: datetime) -> list[ItemId]:
    """Return items that one of ``people`` holds and is late with at ``now``, longest first.

    Asked for each person, because the index of holders begins with them: one more index would be written by every decision.
    """
    late = sorted(row[:2] for each in people for row in _OVERDUE_OF.rows(connection, {"of_person": each, "now": written(now), "count": SHOWN}))
    return list(dict.fromkeys(ItemId(item) for _, item in late))[:SHOWN]


def unheld(connection: Connection, states: Iterable[str]) -> list[ItemId]:
    """Return items in one of ``states`` that nobody holds, by state, longest first."""
    return [ItemId(row[0]) for state in states for row in _UNHELD.rows(connection, {"in_state": state, "count": SHOWN})]
