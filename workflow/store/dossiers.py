"""Statements about dossiers: what left for the board under one number, and what it holds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, func, insert, select

from workflow.model import DispatchChannel, ItemId, PersonId
from workflow.store import schema
from workflow.store.instants import written
from workflow.store.mapping import Mapper
from workflow.store.prepared import ByKeys, Prepared

PAGE_LIMIT = 200

_dossiers, _members = schema.dossiers.c, schema.dossier_items.c
_dispatches, _items = schema.dispatches.c, schema.items.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """What left with which number and day (ISO), by which way; ``code``: of what gave the number.

    ``version``: of that item, as it left. ``kind``: of the document, whose series numbered it.
    """

    id: int
    item_id: ItemId
    version: int
    code: str
    type: str
    title: str
    campaign: str
    kind: str
    notation: str
    issued_on: str
    channel: DispatchChannel
    sent_at: datetime
    sent_by: PersonId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An item in a dossier, in the version in which it left."""

    item_id: ItemId
    version: int


_DOSSIER = Mapper(
    Dossier,
    schema.dossiers,
    named={
        **{name: _items[name] for name in ("code", "type", "title", "campaign")},
        **{name: _dispatches[name] for name in ("notation", "issued_on", "channel")},
        "kind": _dispatches.series,
    },
)
_MEMBER = Mapper(Member, schema.dossier_items)
_WITH = schema.dossiers.join(
    schema.dispatches,
    and_(_dispatches.item_id == _dossiers.item_id, _dispatches.version == _dossiers.version),
).join(schema.items, _items.id == _dossiers.item_id)
_SELECT = select(*_DOSSIER.columns).select_from(_WITH)
_FIND = Prepared(_SELECT.where(_dossiers.id == bindparam("dossier")))
_LED_BY = Prepared(
    _SELECT.where(_dossiers.item_id == bindparam("item"), _dossiers.version == bindparam("version"))
)
_LED_BY_ITEMS = ByKeys(
    select(_dossiers.item_id, _dossiers.version, _dossiers.id), _dossiers.item_id
)
_MEMBERS = ByKeys(select(*_MEMBER.columns, _members.dossier_id), _members.dossier_id)
_OF_ITEM = Prepared(
    select(_members.dossier_id)
    .where(_members.item_id == bindparam("item"))
    .order_by(_members.version.desc())
    .limit(1)
)
_INSERT = Prepared(insert(schema.dossiers).returning(_dossiers.id))
_INSERT_MEMBER = Prepared(insert(schema.dossier_items))


def insert_dossier(
    connection: Connection,
    lead: Member,
    members: Sequence[Member],
    *,
    at: datetime,
    by: PersonId | None,
) -> int:
    """Add a dossier with what it holds, and return its id; its unique keys decide where two ask.

    ``lead``: what gives the number.
    """
    said = {"item_id": lead.item_id, "version": lead.version, "sent_at": written(at), "sent_by": by}
    made = int(_INSERT.scalar(connection, said))
    _INSERT_MEMBER.many(
        connection,
        [
            {"item_id": each.item_id, "version": each.version, "dossier_id": made}
            for each in (lead, *members)
        ],
    )
    return made


def find_dossier(connection: Connection, dossier: int) -> Dossier | None:
    """Return a dossier, or None."""
    return _DOSSIER.find(_FIND.one(connection, {"dossier": dossier}))


def led_by(connection: Connection, item: ItemId, version: int) -> Dossier | None:
    """Return the dossier that an item gave its number in a version, or None."""
    return _DOSSIER.find(_LED_BY.one(connection, {"item": item, "version": version}))


def led_by_items(
    connection: Connection, items: Iterable[ItemId]
) -> dict[tuple[ItemId, int], tuple[int, int]]:
    """Return id and count of the dossiers that items gave their number, by item and version."""
    found = {(row.item_id, row.version): row.id for row in _LED_BY_ITEMS.rows(connection, items)}
    counts = count_members(connection, found.values())
    return {lead: (each, counts[each]) for lead, each in found.items()}


def dossier_of(connection: Connection, item: ItemId) -> int | None:
    """Return the id of the dossier in which an item left last, or None."""
    found: int | None = _OF_ITEM.scalar(connection, {"item": item})
    return found


def members_of(connection: Connection, dossiers: Iterable[int]) -> dict[int, list[Member]]:
    """Return what dossiers hold, by their ids, in the order in which the items were made."""
    found: dict[int, list[Member]] = {}
    for row in _MEMBERS.rows(connection, dossiers):
        found.setdefault(row.dossier_id, []).append(_MEMBER.read(row))
    for members in found.values():
        members.sort(key=lambda each: each.item_id)
    return found


def dossiers_page(connection: Connection, *, before: int | None, count: int) -> Sequence[Dossier]:
    """Return up to ``count`` dossiers, the last sent first, those before ``before``."""
    query = _SELECT.order_by(_dossiers.id.desc()).limit(min(count, PAGE_LIMIT + 1))
    if before is not None:
        query = query.where(_dossiers.id < before)
    return [_DOSSIER.read(row) for row in connection.execute(query)]


def count_members(connection: Connection, dossiers: Iterable[int]) -> dict[int, int]:
    """Return how many items each of some dossiers holds."""
    query = (
        select(_members.dossier_id, func.count().label("held"))
        .where(_members.dossier_id.in_([*dossiers]))
        .group_by(_members.dossier_id)
    )
    return {row.dossier_id: row.held for row in connection.execute(query)}
