"""Statements about items, their content and their holders.

Owns reading them under lock and the guarded update: a row is moved only from the state and version that were read.
Runs inside the caller's transaction and never commits.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import Connection, and_, bindparam, delete, func, insert, or_, select, update

from workflow.history import restore_content
from workflow.model import (
    Content,
    ContentHash,
    Holder,
    Item,
    ItemId,
    PersonId,
    Reassignment,
    StoredFile,
)
from workflow.store import schema
from workflow.store.instants import written
from workflow.store.mapping import Mapper
from workflow.store.prepared import ByKeys, Prepared, Values

_items = schema.items.c
ITEM = Mapper(
    Item,
    schema.items,
    readers={
        "recused": lambda text: () if text is None else tuple(orjson.loads(text)),
        "reassigned": lambda text: (
            () if text is None else tuple(_reassignment(*each) for each in orjson.loads(text))
        ),
    },
)
_LOCKED = ByKeys(select(*ITEM.columns).order_by(_items.id).with_for_update(), _items.code)
_BY_CODE = Prepared(select(*ITEM.columns).where(_items.code == bindparam("code")))
_BY_ID = ByKeys(select(*ITEM.columns).order_by(_items.id), _items.id)
_IN_STATES = ByKeys(
    select(*ITEM.columns)
    .where(_items.id > bindparam("after"))
    .order_by(_items.id)
    .limit(bindparam("count")),
    _items.state,
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
        _items.since >= bindparam("first"),
    )
    .where(or_(_items.since > bindparam("first"), _items.id > bindparam("after")))
    .order_by(_items.since, _items.id)
    .limit(bindparam("count"))
)
_INSERT = Prepared(insert(schema.items).returning(_items.id))
_MOVE = Prepared(
    update(schema.items)
    .where(
        _items.id == bindparam("old_id"),
        _items.state == bindparam("old_state"),
        _items.version == bindparam("old_version"),
    )
    .values(
        {
            name: bindparam(f"new_{name}")
            for name in ("state", "version", "step", "due_at", "since", "seq", "head")
        }
    )
)
_EDITED = (
    "title",
    "search",
    "period",
    "state",
    "version",
    "step",
    "content_hash",
    "due_at",
    "since",
    "seq",
    "head",
)
_EDIT = Prepared(
    update(schema.items)
    .where(_items.id == bindparam("old_id"), _items.version == bindparam("old_version"))
    .values({name: bindparam(f"new_{name}") for name in _EDITED})
)
_MIGRATE = Prepared(
    update(schema.items)
    .where(_items.id == bindparam("old_id"), _items.version == bindparam("old_version"))
    .values(
        {
            name: bindparam(f"new_{name}")
            for name in ("definition_hash", "version", "due_at", "seq", "head")
        }
    )
)
_REDATE = Prepared(
    update(schema.holders)
    .where(schema.holders.c.item_id == bindparam("item"))
    .values(due_at=bindparam("due"))
)
_RECUSE = Prepared(
    update(schema.items)
    .where(_items.id == bindparam("old_id"), _items.seq == bindparam("old_seq"))
    .values(seq=bindparam("new_seq"), head=bindparam("new_head"), recused=bindparam("new_recused"))
)
_REASSIGN = Prepared(
    update(schema.items)
    .where(_items.id == bindparam("old_id"), _items.seq == bindparam("old_seq"))
    .values(
        seq=bindparam("new_seq"), head=bindparam("new_head"), reassigned=bindparam("new_reassigned")
    )
)
_APPEND = Prepared(
    update(schema.items)
    .where(_items.id == bindparam("old_id"), _items.seq == bindparam("old_seq"))
    .values({name: bindparam(f"new_{name}") for name in ("seq", "head")})
)
_COUNT_UP = Prepared(
    update(schema.counters)
    .where(schema.counters.c.name == bindparam("counter"))
    .values(value=schema.counters.c.value + 1)
)
_COUNTER = Prepared(
    select(schema.counters.c.value).where(schema.counters.c.name == bindparam("counter"))
)
_NEW_COUNTER = Prepared(insert(schema.counters))
_INSERT_CONTENT = Prepared(insert(schema.contents))
_HAS_CONTENT = Prepared(
    select(schema.contents.c.version).where(
        schema.contents.c.item_id == bindparam("item"), schema.contents.c.hash == bindparam("hash")
    )
)
_contents = schema.contents.c
_CONTENT_AT = Prepared(
    select(_contents.body).where(
        _contents.item_id == bindparam("item"), _contents.hash == bindparam("of_hash")
    )
)
_PRESENT_CONTENTS = ByKeys(
    select(_contents.item_id, _contents.hash, _contents.body).select_from(
        schema.contents.join(
            schema.items, (_items.id == _contents.item_id) & (_items.content_hash == _contents.hash)
        )
    ),
    _items.id,
)
_files = schema.files.c
_ATTACHED = Prepared(
    select(func.coalesce(func.sum(_files.size), 0))
    .select_from(schema.files.join(schema.items, _items.id == _files.item_id))
    .where(_items.department == bindparam("of_department"))
)
_HAS_FILE = Prepared(
    select(_files.size).where(
        _files.item_id == bindparam("item"), _files.sha256 == bindparam("of_hash")
    )
)
_NAMED = Prepared(select(_files.sha256).where(_files.sha256 == bindparam("of_hash")).limit(1))
_ADD_FILE = Prepared(insert(schema.files))
_DROP_HOLDERS = Prepared(
    delete(schema.holders).where(schema.holders.c.item_id == bindparam("item"))
)
_DROP_HOLDER = Prepared(
    delete(schema.holders).where(
        and_(
            schema.holders.c.item_id == bindparam("item"),
            schema.holders.c.person == bindparam("held_by"),
        )
    )
)
_ADD_HOLDERS = Prepared(insert(schema.holders))
_HELD_BY = Prepared(
    select(schema.holders.c.item_id)
    .where(schema.holders.c.person == bindparam("held_by"))
    .order_by(schema.holders.c.due_at, schema.holders.c.item_id)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """An item as it was read, and where it goes; ``seq`` and ``head`` are the end of its chain afterwards."""

    item: Item
    state: str
    step: int
    due_at: datetime | None
    since: datetime
    seq: int
    head: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldItem:
    """One row of ``holders``: who holds which item since when, until when, for whom."""

    item: ItemId
    person: PersonId
    on_behalf_of: PersonId | None
    since: datetime
    due_at: datetime | None


_HELD = Mapper(HeldItem, schema.holders, named={"item": schema.holders.c.item_id})
_HOLDERS = ByKeys(
    select(*_HELD.columns).order_by(schema.holders.c.person), schema.holders.c.item_id
)


def lock_items(connection: Connection, codes: Iterable[str]) -> dict[str, Item]:
    """Return the items of ``codes`` by code, locked in order of id until the transaction ends."""
    return {each.code: each for each in map(ITEM.read, _LOCKED.rows(connection, codes))}


def find_item(connection: Connection, code: str) -> Item | None:
    """Return the item ``code``, or None."""
    row = _BY_CODE.one(connection, {"code": code})
    return None if row is None else ITEM.read(row)


def items_by_id(connection: Connection, ids: Iterable[int]) -> dict[ItemId, Item]:
    """Return the items of ``ids`` by id."""
    return {each.id: each for each in map(ITEM.read, _BY_ID.rows(connection, ids))}


def items_in_states(
    connection: Connection, states: Iterable[str], page: int = 500
) -> Iterator[Item]:
    """Yield every item that is in one of ``states``, by id, in pages."""
    after = 0
    while rows := _IN_STATES.rows(connection, states, {"after": after, "count": page}):
        yield from map(ITEM.read, rows)
        after = rows[-1].id


def all_items(connection: Connection, page: int = 1000) -> Iterator[Item]:
    """Yield every item, by id, in pages."""
    after = 0
    while rows := _PAGE.rows(connection, {"after": after, "count": page}):
        yield from map(ITEM.read, rows)
        after = rows[-1].id


def file_hashes(connection: Connection) -> list[str]:
    """Return the hash of every file that an item names, now or in its past."""
    return list(
        connection.execute(select(_files.sha256).distinct().order_by(_files.sha256)).scalars()
    )


def is_named(connection: Connection, sha256: str) -> bool:
    """Return whether any item names a file, now or in its past."""
    return _NAMED.one(connection, {"of_hash": sha256}) is not None


def items_waiting_since(
    connection: Connection, state: str, latest: datetime, page: int = 500
) -> Iterator[list[Item]]:
    """Yield the items that came to ``state`` by ``latest``, longest first, in pages."""
    first, after = "", 0
    while rows := _WAITING_SINCE.rows(
        connection,
        {
            "in_state": state,
            "latest": written(latest),
            "first": first,
            "after": after,
            "count": page,
        },
    ):
        found = list(map(ITEM.read, rows))
        yield found
        first, after = written(found[-1].since) or "", found[-1].id


def insert_item(connection: Connection, values: Values) -> ItemId:
    """Insert an item and return its id."""
    return ItemId(_INSERT.scalar(connection, values))


def move_items(connection: Connection, moves: Sequence[Move]) -> int:
    """Move items that still stand where they were read; return how many did. Less than asked: somebody else was first."""
    return _MOVE.many(
        connection,
        [
            {
                "old_id": move.item.id,
                "old_state": move.item.state,
                "old_version": move.item.version,
                "new_state": move.state,
                "new_version": move.item.version + 1,
                "new_step": move.step,
                "new_due_at": written(move.due_at),
                "new_since": written(move.since),
                "new_seq": move.seq,
                "new_head": move.head,
            }
            for move in moves
        ],
    )


def edit_item(connection: Connection, edited: Item, *, search: str) -> bool:
    """Write an item as an edit leaves it, if its row is still the version before; return whether it was."""
    values = {
        "title": edited.title,
        "search": search,
        "period": edited.period,
        "state": edited.state,
        "version": edited.version,
        "step": edited.step,
        "content_hash": edited.content_hash,
        "due_at": written(edited.due_at),
        "since": written(edited.since),
        "seq": edited.seq,
        "head": edited.head,
    }
    return (
        _EDIT.run(
            connection,
            {
                **{f"new_{name}": values[name] for name in _EDITED},
                "old_id": edited.id,
                "old_version": edited.version - 1,
            },
        )
        == 1
    )


def migrate_item(connection: Connection, item: Item, changes: Mapping[str, object]) -> bool:
    """Put an item that is still at the version read under another definition; return whether it was. Its holders' due time follows."""
    values = {f"new_{name}": value for name, value in changes.items()}
    _REDATE.run(connection, {"item": item.id, "due": changes["due_at"]})
    return _MIGRATE.run(connection, {**values, "old_id": item.id, "old_version": item.version}) == 1


def append_to_item(connection: Connection, item: Item, *, seq: int, head: bytes) -> bool:
    """Advance the end of an item's chain without touching its version; return whether it was where it was read."""
    return (
        _APPEND.run(
            connection, {"old_id": item.id, "old_seq": item.seq, "new_seq": seq, "new_head": head}
        )
        == 1
    )


def recuse_from_item(
    connection: Connection, item: Item, recused: Sequence[PersonId], *, seq: int, head: bytes
) -> bool:
    """Note who is recused, at the end of a chain that is where it was read; return whether it was."""
    values = {
        "old_id": item.id,
        "old_seq": item.seq,
        "new_seq": seq,
        "new_head": head,
        "new_recused": orjson.dumps(list(recused)).decode(),
    }
    return _RECUSE.run(connection, values) == 1


def reassign_item(
    connection: Connection, item: Item, reassigned: Sequence[Reassignment], *, seq: int, head: bytes
) -> bool:
    """Note who was put in whose place, at the end of a chain that is where it was read; return whether it was."""
    body = orjson.dumps(
        [[each.step, each.from_person, each.to_person] for each in reassigned]
    ).decode()
    values = {
        "old_id": item.id,
        "old_seq": item.seq,
        "new_seq": seq,
        "new_head": head,
        "new_reassigned": body,
    }
    return _REASSIGN.run(connection, values) == 1


def next_number(connection: Connection, counter: str) -> int:
    """Return the next number of ``counter``, from 1; the row stays locked until the transaction ends."""
    if _COUNT_UP.run(connection, {"counter": counter}) == 0:
        _NEW_COUNTER.run(connection, {"name": counter, "value": 1})
        return 1
    return int(_COUNTER.scalar(connection, {"counter": counter}))


def insert_content(
    connection: Connection,
    item: ItemId,
    body: str,
    *,
    content_hash: ContentHash,
    version: int,
    at: datetime,
) -> None:
    """Keep a version of an item's content; the same content twice is kept once."""
    if _HAS_CONTENT.one(connection, {"item": item, "hash": content_hash}) is None:
        _INSERT_CONTENT.run(
            connection,
            {
                "item_id": item,
                "hash": content_hash,
                "version": version,
                "body": body,
                "created_at": written(at),
            },
        )


def contents_of(connection: Connection, items: Sequence[Item]) -> dict[ItemId, Content]:
    """Return the content of each item, by id: the one it had when ``items`` were read, should it have changed since."""
    rows = _PRESENT_CONTENTS.rows(connection, [item.id for item in items])
    present = {(row.item_id, row.hash): restore_content(orjson.loads(row.body)) for row in rows}
    found = {
        item.id: present.get((item.id, item.content_hash))
        or content_at(connection, item.id, item.content_hash)
        for item in items
    }
    return {item: content for item, content in found.items() if content is not None}


def content_at(connection: Connection, item: ItemId, content_hash: str) -> Content | None:
    """Return the content of ``item`` with that hash, or None."""
    body = _CONTENT_AT.scalar(connection, {"item": item, "of_hash": content_hash})
    return None if body is None else restore_content(orjson.loads(body))


def attached_bytes(connection: Connection, department: str) -> int:
    """Return how many bytes the items of a department have had attached, ever."""
    return int(_ATTACHED.scalar(connection, {"of_department": department}))


def note_file(
    connection: Connection, item: Item, file: StoredFile, *, added_by: PersonId, at: datetime
) -> None:
    """Note that a file was attached to an item; the same file twice is noted once."""
    if _HAS_FILE.one(connection, {"item": item.id, "of_hash": file.sha256}) is None:
        row = {
            "item_id": item.id,
            "sha256": file.sha256,
            "name": file.name,
            "size": file.size,
            "media_type": file.media_type,
        }
        _ADD_FILE.run(connection, {**row, "added_by": added_by, "added_at": written(at)})


def replace_holders(
    connection: Connection,
    changes: Sequence[tuple[ItemId, Sequence[Holder]]],
    *,
    dues: Sequence[datetime | None],
    since: datetime,
) -> None:
    """Make ``changes`` the holders of their items; ``dues`` runs parallel."""
    _DROP_HOLDERS.many(connection, [{"item": item} for item, _ in changes])
    at = written(since)
    rows = [
        {
            "item_id": item,
            "person": each.person,
            "on_behalf_of": each.on_behalf_of,
            "due_at": due,
            "since": at,
        }
        for (item, holders), due in zip(changes, map(written, dues), strict=True)
        for each in holders
    ]
    _ADD_HOLDERS.many(connection, rows)


def add_holder(connection: Connection, item: Item, holder: Holder, since: datetime) -> None:
    """Add one holder to an item that keeps its others."""
    row = {
        "item_id": item.id,
        "person": holder.person,
        "on_behalf_of": holder.on_behalf_of,
        "due_at": written(item.due_at),
        "since": written(since),
    }
    _ADD_HOLDERS.run(connection, row)


def drop_holder(connection: Connection, item: ItemId, person: PersonId) -> None:
    """Remove one holder of an item."""
    _DROP_HOLDER.run(connection, {"item": item, "held_by": person})


def held_by(connection: Connection, person: PersonId) -> list[ItemId]:
    """Return the items that wait for ``person``, due first."""
    return [ItemId(row.item_id) for row in _HELD_BY.rows(connection, {"held_by": person})]


def holders_by_item(connection: Connection, ids: Iterable[int]) -> dict[ItemId, list[HeldItem]]:
    """Return the holders of each item, by id, in order of person."""
    held: dict[ItemId, list[HeldItem]] = {}
    for row in _HOLDERS.rows(connection, ids):
        each = _HELD.read(row)
        held.setdefault(each.item, []).append(each)
    return held


def _reassignment(step: int, from_person: PersonId, to_person: PersonId) -> Reassignment:
    return Reassignment(step=step, from_person=from_person, to_person=to_person)
