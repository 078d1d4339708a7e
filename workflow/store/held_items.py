"""Statements about who holds which item: whom it waits for, since when, until when, for whom.

Runs inside the caller's transaction, which has the item's row locked, and never commits.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from workflow.model import Holder, Item, ItemId, PersonId
from workflow.store import schema
from workflow.store.instants import written
from workflow.store.mapping import Mapper
from workflow.store.prepared import ByKeys, Prepared, Values

_holders = schema.holders.c
_REDATE = Prepared(
    update(schema.holders)
    .where(_holders.item_id == bindparam("item"))
    .values(due_at=bindparam("due"))
)
_DROP_HOLDERS = Prepared(
    delete(schema.holders).where(_holders.item_id == bindparam("item")), is_keyed=True
)
_DROP_HOLDER = Prepared(
    delete(schema.holders).where(
        _holders.item_id == bindparam("item"), _holders.person == bindparam("held_by")
    )
)
_ADD_HOLDERS = Prepared(insert(schema.holders), is_keyed=True)
_HELD_BY = select(_holders.item_id).where(_holders.person == bindparam("held_by"))
_EVERY_HELD = Prepared(_HELD_BY.order_by(_holders.due_at.asc().nulls_last(), _holders.item_id))
_FIRST_HELD = [
    Prepared(
        _HELD_BY.where(part).order_by(_holders.due_at, _holders.item_id).limit(bindparam("most"))
    )
    for part in (_holders.due_at.is_not(None), _holders.due_at.is_(None))
]
"""What has a due day, and what has none: each part is read by its index."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldItem:
    """One row of ``holders``: who holds which item since when, until when, for whom."""

    item: ItemId
    person: PersonId
    on_behalf_of: PersonId | None
    since: datetime
    due_at: datetime | None


_HELD = Mapper(HeldItem, schema.holders, named={"item": _holders.item_id})
_HOLDERS = ByKeys(select(*_HELD.columns).order_by(_holders.person), _holders.item_id)


def replace_holders(
    connection: Connection,
    changes: Sequence[tuple[ItemId, Sequence[Holder]]],
    *,
    dues: Sequence[datetime | None],
    since: datetime,
) -> None:
    """Make ``changes`` the holders of their items; ``dues`` runs parallel."""
    _DROP_HOLDERS.many(connection, [{"item": item} for item, _ in changes])
    rows = [
        _row(item, each, due, since)
        for (item, holders), due in zip(changes, dues, strict=True)
        for each in holders
    ]
    _ADD_HOLDERS.many(connection, rows)


def add_holder(connection: Connection, item: Item, holder: Holder, since: datetime) -> None:
    """Add one holder to an item that keeps its others."""
    _ADD_HOLDERS.run(connection, _row(item.id, holder, item.due_at, since))


def _row(item: ItemId, holder: Holder, due_at: datetime | None, since: datetime) -> Values:
    return {
        "item_id": item,
        "person": holder.person,
        "on_behalf_of": holder.on_behalf_of,
        "due_at": written(due_at),
        "since": written(since),
    }


def redate_holders(connection: Connection, item: ItemId, due_at: datetime | None) -> None:
    """Give every holder of an item the item's new due time."""
    _REDATE.run(connection, {"item": item, "due": written(due_at)})


def drop_holder(connection: Connection, item: ItemId, person: PersonId) -> None:
    """Remove one holder of an item."""
    _DROP_HOLDER.run(connection, {"item": item, "held_by": person})


def held_by(connection: Connection, person: PersonId) -> list[ItemId]:
    """Return the items that wait for ``person``, due first, those without a due day last."""
    return [ItemId(row.item_id) for row in _EVERY_HELD.rows(connection, {"held_by": person})]


def held_first(connection: Connection, person: PersonId, most: int) -> list[ItemId]:
    """Return the same, up to ``most`` with a due day and as many without."""
    values = {"held_by": person, "most": most}
    return [ItemId(row.item_id) for part in _FIRST_HELD for row in part.rows(connection, values)]


def holders_by_item(connection: Connection, ids: Iterable[int]) -> dict[ItemId, list[HeldItem]]:
    """Return the holders of each item, by id, in order of person."""
    held: dict[ItemId, list[HeldItem]] = {}
    for row in _HOLDERS.rows(connection, ids):
        each = _HELD.read(row)
        held.setdefault(each.item, []).append(each)
    return held
