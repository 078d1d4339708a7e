"""Statements about items.

Owns reading them under lock and the guarded update: a row is moved only from the state and version
that were read. Runs inside the caller's transaction and never commits.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import merge

import orjson
from sqlalchemy import Connection, bindparam, insert, select, update

from workflow.model import (
    Item,
    ItemId,
    PersonId,
    Reassignment,
)
from workflow.store import schema
from workflow.store.held_items import redate_holders
from workflow.store.instants import written
from workflow.store.mapping import Mapper
from workflow.store.prepared import ByKeys, Prepared, Values, changed, update_row
from workflow.store.unindexed import unindexed

_items = schema.items.c
ITEM = Mapper(
    Item,
    schema.items,
    readers={
        "recused": lambda text: () if text is None else tuple(orjson.loads(text)),
        "concerned": lambda text: () if text is None else tuple(orjson.loads(text)),
        "reassigned": lambda text: (
            () if text is None else tuple(_reassignment(*each) for each in orjson.loads(text))
        ),
    },
)
LOCKED = ByKeys(select(*ITEM.columns).order_by(_items.id).with_for_update(), _items.code)
"""Items by their codes, locked in the order of their ids."""
_BY_CODE = Prepared(select(*ITEM.columns).where(_items.code == bindparam("code")))
_DEFINITIONS = ByKeys(select(_items.definition_hash).distinct(), _items.code)
_BY_ID = ByKeys(select(*ITEM.columns).order_by(_items.id), _items.id)
_GATHERED = ByKeys(select(*ITEM.columns).order_by(_items.id), _items.gathered_in)
_OF_TYPE = Prepared(
    select(*ITEM.columns)
    .where(
        _items.campaign == bindparam("of_campaign"), unindexed(_items.type) == bindparam("of_type")
    )
    .order_by(_items.id)
)
_IN_STATE = Prepared(
    select(*ITEM.columns)
    .where(_items.state == bindparam("in_state"), _items.id > bindparam("after"))
    .order_by(_items.id)
    .limit(bindparam("count"))
)
_PAGE = Prepared(
    select(*ITEM.columns)
    .where(_items.id > bindparam("after"))
    .order_by(_items.id)
    .limit(bindparam("count"))
)
_WAITING_SINCE = Prepared(
    select(*ITEM.columns)
    .where(
        _items.state == bindparam("in_state"),
        _items.since <= bindparam("latest"),
        _items.id > bindparam("after"),
    )
    .order_by(_items.id)
    .limit(bindparam("count"))
)
_INSERT = Prepared(insert(schema.items).returning(_items.id))


_MOVED = ("state", "version", "step", "due_at", "since", "seq", "head")
_MOVE = update_row(schema.items, known=("id", "state", "version"), new=_MOVED)
_EDITED = (*_MOVED, "title", "period", "content_hash")
_EDIT = update_row(schema.items, known=("id", "version"), new=(*_EDITED, "search", "concerned"))
_MIGRATED = ("definition_hash", "version", "due_at", "seq", "head")
_MIGRATE = update_row(schema.items, known=("id", "version"), new=(*_MIGRATED, "recused"))
_RECUSE = update_row(schema.items, known=("id", "seq"), new=("seq", "head", "recused"))
_GATHER = update_row(schema.items, known=("id", "seq"), new=("seq", "head", "gathered_in"))
_REASSIGN = update_row(schema.items, known=("id", "seq"), new=("seq", "head", "reassigned"))
_REDATE = update_row(schema.items, known=("id", "seq"), new=("seq", "head", "due_at"))
_APPEND = update_row(schema.items, known=("id", "seq"), new=("seq", "head"))
_COUNT_UP = Prepared(
    update(schema.counters)
    .where(schema.counters.c.name == bindparam("counter"))
    .values(value=schema.counters.c.value + 1)
)
_COUNTER = Prepared(
    select(schema.counters.c.value).where(schema.counters.c.name == bindparam("counter"))
)
_NEW_COUNTER = Prepared(insert(schema.counters))


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """An item as it was read, and where it goes; ``seq`` and ``head``: its chain's end there."""

    item: Item
    state: str
    step: int
    due_at: datetime | None
    since: datetime
    seq: int
    head: bytes


def lock_items(connection: Connection, codes: Iterable[str]) -> dict[str, Item]:
    """Return the items of ``codes`` by code, locked in order of id until the transaction ends."""
    return {each.code: each for each in map(ITEM.read, LOCKED.rows(connection, codes))}


def find_item(connection: Connection, code: str) -> Item | None:
    """Return the item ``code``, or None."""
    return ITEM.find(_BY_CODE.one(connection, {"code": code}))


def definitions_of(connection: Connection, codes: Iterable[str]) -> set[str]:
    """Return the hashes of the definitions that some items are under."""
    return {str(row.definition_hash) for row in _DEFINITIONS.rows(connection, codes)}


def items_by_id(connection: Connection, ids: Iterable[int]) -> dict[ItemId, Item]:
    """Return the items of ``ids`` by id."""
    return {each.id: each for each in map(ITEM.read, _BY_ID.rows(connection, ids))}


def items_gathered_in(connection: Connection, carriers: Iterable[str]) -> list[Item]:
    """Return the items that go with one of the consolidated reports ``carriers``, by id."""
    return list(map(ITEM.read, _GATHERED.rows(connection, carriers)))


def items_of_type(connection: Connection, campaign: str, kind: str) -> list[Item]:
    """Return the items of one kind in a campaign, oldest first: for kinds of which few are made."""
    rows = _OF_TYPE.rows(connection, {"of_campaign": campaign, "of_type": kind})
    return list(map(ITEM.read, rows))


def items_in_states(
    connection: Connection, states: Iterable[str], page: int = 500
) -> Iterator[Item]:
    """Yield every item that is in one of ``states``, by id, in pages of each state.

    Read together, every page would be sorted out of all that are left.
    """
    each_in = (_items_in_state(connection, each, page) for each in dict.fromkeys(states))
    return merge(*each_in, key=lambda item: item.id)


def _items_in_state(connection: Connection, state: str, page: int) -> Iterator[Item]:
    after = 0
    while rows := _IN_STATE.rows(connection, {"in_state": state, "after": after, "count": page}):
        yield from map(ITEM.read, rows)
        after = rows[-1].id


def all_items(connection: Connection, page: int = 1000) -> Iterator[Item]:
    """Yield every item, by id, in pages."""
    after = 0
    while rows := _PAGE.rows(connection, {"after": after, "count": page}):
        yield from map(ITEM.read, rows)
        after = rows[-1].id


def items_waiting_since(
    connection: Connection, state: str, latest: datetime, page: int = 500
) -> Iterator[list[Item]]:
    """Yield the items that came to ``state`` by ``latest``, by id, in pages."""
    after = 0
    while rows := _WAITING_SINCE.rows(
        connection,
        {"in_state": state, "latest": written(latest), "after": after, "count": page},
    ):
        yield list(map(ITEM.read, rows))
        after = rows[-1].id


def insert_item(connection: Connection, values: Values) -> ItemId:
    """Insert an item and return its id."""
    return ItemId(_INSERT.scalar(connection, values))


def concerned_json(concerned: Sequence[PersonId]) -> str | None:
    """Return whom an item's content names as concerned, as its row keeps it."""
    return orjson.dumps(list(concerned)).decode() if concerned else None


def move_items(connection: Connection, moves: Sequence[Move]) -> int:
    """Move items that still stand where they were read; return how many did.

    Less than asked: somebody else was first.
    """
    return _MOVE.many(connection, list(map(_moved, moves)))


def move_all(connection: Connection, moves: Sequence[Move]) -> bool:
    """Move items as ``move_items`` does; return whether all of them were moved.

    Where not, PostgreSQL raises: its counts are not waited for.
    """
    return _MOVE.surely(connection, list(map(_moved, moves)))


def _moved(move: Move) -> Values:
    return changed(
        {"id": move.item.id, "state": move.item.state, "version": move.item.version},
        {
            "state": move.state,
            "version": move.item.version + 1,
            "step": move.step,
            "due_at": written(move.due_at),
            "since": written(move.since),
            "seq": move.seq,
            "head": move.head,
        },
    )


def edit_item(connection: Connection, edited: Item, *, search: str) -> bool:
    """Write an item as an edit leaves it; return whether its row was still the version before."""
    new = {
        **ITEM.write(edited, *_EDITED),
        "search": search,
        "concerned": concerned_json(edited.concerned),
    }
    old = {"id": edited.id, "version": edited.version - 1}
    return _EDIT.run(connection, changed(old, new)) == 1


def migrate_item(connection: Connection, migrated: Item) -> bool:
    """Write an item as a migration leaves it, and its holders' due time.

    Returns whether its row was still the version before.
    """
    redate_holders(connection, migrated.id, migrated.due_at)
    old = {"id": migrated.id, "version": migrated.version - 1}
    recused = orjson.dumps(list(migrated.recused)).decode() if migrated.recused else None
    new = {**ITEM.write(migrated, *_MIGRATED), "recused": recused}
    return _MIGRATE.run(connection, changed(old, new)) == 1


def append_to_item(connection: Connection, item: Item, *, seq: int, head: bytes) -> bool:
    """Advance the end of an item's chain, not its version; return whether it was as read."""
    return _append(connection, _APPEND, item, {"seq": seq, "head": head})


def redate_item(
    connection: Connection, item: Item, due_at: datetime, *, seq: int, head: bytes
) -> bool:
    """Move when an item and its holders are due, at the end of a chain; return as above."""
    redate_holders(connection, item.id, due_at)
    new = {"seq": seq, "head": head, "due_at": written(due_at)}
    return _append(connection, _REDATE, item, new)


def recuse_from_item(
    connection: Connection, item: Item, recused: Sequence[PersonId], *, seq: int, head: bytes
) -> bool:
    """Note who is recused, at the end of a chain; return whether that was as read."""
    body = orjson.dumps(list(recused)).decode()
    return _append(connection, _RECUSE, item, {"seq": seq, "head": head, "recused": body})


def gather_item(
    connection: Connection, item: Item, carrier: str | None, *, seq: int, head: bytes
) -> bool:
    """Note with which consolidated report an item goes, at the end of a chain; return as above."""
    return _append(connection, _GATHER, item, {"seq": seq, "head": head, "gathered_in": carrier})


def reassign_item(
    connection: Connection, item: Item, reassigned: Sequence[Reassignment], *, seq: int, head: bytes
) -> bool:
    """Note who was put in whose place, at the end of a chain; return whether that was as read."""
    places = [[each.step, each.from_person, each.to_person] for each in reassigned]
    body = orjson.dumps(places).decode()
    return _append(connection, _REASSIGN, item, {"seq": seq, "head": head, "reassigned": body})


def _append(connection: Connection, statement: Prepared, item: Item, new: Values) -> bool:
    return statement.run(connection, changed({"id": item.id, "seq": item.seq}, new)) == 1


def next_number(connection: Connection, counter: str) -> int:
    """Return the next number of ``counter``, from 1; its row is locked to the transaction's end."""
    if _COUNT_UP.run(connection, {"counter": counter}) == 0:
        _NEW_COUNTER.run(connection, {"name": counter, "value": 1})
        return 1
    return int(_COUNTER.scalar(connection, {"counter": counter}))


def _reassignment(step: int, from_person: PersonId, to_person: PersonId) -> Reassignment:
    return Reassignment(step=step, from_person=from_person, to_person=to_person)
