"""Statements that read a campaign as a whole: its items, what they say, who has read its plan."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import Connection, and_, bindparam, func, insert, select

from workflow.model import DepartmentId, ItemId, Json, PersonId
from workflow.store import schema
from workflow.store.instants import read_required, written
from workflow.store.item_contents import genuine_body
from workflow.store.prepared import ByKeys, Prepared, Row

_items = schema.items.c
_contents = schema.contents.c
_history = schema.history.c
_reads = schema.campaign_reads.c
_COUNTS = Prepared(
    select(_items.department, _items.definition_hash, _items.state, func.count().label("items"))
    .where(_items.campaign == bindparam("of_campaign"))
    .group_by(_items.department, _items.definition_hash, _items.state)
)
_LATE = Prepared(
    select(_items.department, func.count().label("items"))
    .where(_items.campaign == bindparam("of_campaign"), _items.due_at < bindparam("now"))
    .group_by(_items.department)
)
_BODIES = Prepared(
    select(
        _items.id,
        _items.department,
        _items.definition_hash,
        _items.state,
        _contents.hash,
        _contents.body,
    )
    .select_from(
        schema.items.join(
            schema.contents,
            and_(_contents.item_id == _items.id, _contents.hash == _items.content_hash),
        )
    )
    .where(_items.campaign == bindparam("of_campaign"), _items.type == bindparam("of_type"))
    .order_by(_items.id.desc())
    .limit(bindparam("count"))
)
_STATES = Prepared(
    select(
        _items.id,
        _items.definition_hash,
        _items.state,
        _items.content_hash,
        _items.erasures,
    )
    .where(_items.campaign == bindparam("of_campaign"), _items.type == bindparam("of_type"))
    .order_by(_items.id.desc())
    .limit(bindparam("count"))
)
_MOVED = ByKeys(
    select(
        _items.id,
        _items.department,
        _items.definition_hash,
        _items.state,
        _history.transition,
        func.max(_history.at).label("at"),
    )
    .select_from(schema.items.join(schema.history, _history.item_id == _items.id))
    .where(_items.campaign == bindparam("of_campaign"))
    .group_by(
        _items.id,
        _items.department,
        _items.definition_hash,
        _items.state,
        _history.transition,
    ),
    _history.transition,
)
_READS = Prepared(
    select(_reads.person, _reads.at).where(_reads.campaign == bindparam("of_campaign"))
)
_HAS_READ = Prepared(
    select(_reads.at).where(
        _reads.campaign == bindparam("of_campaign"), _reads.person == bindparam("of_person")
    )
)
_ADD_READ = Prepared(insert(schema.campaign_reads))


@dataclass(frozen=True, slots=True, kw_only=True)
class StateCount:
    """How many items of one definition version a department has in one state."""

    department: DepartmentId
    definition_hash: str
    state: str
    count: int


def counts_of(connection: Connection, campaign: str) -> list[StateCount]:
    """Return the items of a campaign, counted by department, definition version and state."""
    return [
        StateCount(
            department=row.department,
            definition_hash=row.definition_hash,
            state=row.state,
            count=row.items,
        )
        for row in _COUNTS.rows(connection, {"of_campaign": campaign})
    ]


def late_in(connection: Connection, campaign: str, now: datetime) -> dict[DepartmentId, int]:
    """Return how many items of each department are past the due instant of their step."""
    return {
        DepartmentId(row.department): row.items
        for row in _LATE.rows(connection, {"of_campaign": campaign, "now": written(now)})
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class LastMove:
    """When an item last took a transition, and where it is now."""

    item: ItemId
    department: DepartmentId
    definition_hash: str
    state: str
    transition: str
    at: datetime


def last_moves(connection: Connection, campaign: str, transitions: Iterable[str]) -> list[LastMove]:
    """Return when each item of a campaign last took each of ``transitions``."""
    return [
        LastMove(
            item=ItemId(row.id),
            department=DepartmentId(row.department),
            definition_hash=row.definition_hash,
            state=row.state,
            transition=row.transition,
            at=read_required(row.at),
        )
        for row in _MOVED.rows(connection, transitions, {"of_campaign": campaign})
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFields:
    """What one item says, and where it is in its own definition version."""

    item_id: ItemId
    department: DepartmentId
    definition_hash: str
    state: str
    fields: dict[str, Json]


def states_of(connection: Connection, campaign: str, kind: str, count: int) -> list[Row]:
    """Return where up to ``count`` items of a kind in a campaign stand, newest first.

    With what their contents are known by: content_hash and erasures.
    """
    wanted = {"of_campaign": campaign, "of_type": kind, "count": count}
    return _STATES.rows(connection, wanted)


def fields_of(connection: Connection, campaign: str, kind: str, count: int) -> list[ItemFields]:
    """Return what up to ``count`` items of a kind in a campaign say, newest first."""
    rows = _BODIES.rows(connection, {"of_campaign": campaign, "of_type": kind, "count": count})
    return [
        ItemFields(
            item_id=ItemId(row.id),
            department=DepartmentId(row.department),
            definition_hash=row.definition_hash,
            state=row.state,
            fields=orjson.loads(genuine_body(connection, row.id, row.body, row.hash))["fields"],
        )
        for row in rows
    ]


def reads_of(connection: Connection, campaign: str) -> dict[PersonId, datetime]:
    """Return who has read the plan of a campaign, and when."""
    return {
        PersonId(row.person): read_required(row.at)
        for row in _READS.rows(connection, {"of_campaign": campaign})
    }


def note_read(connection: Connection, campaign: str, person: PersonId, at: datetime) -> bool:
    """Note that ``person`` has read a plan; return whether they had not before."""
    of = {"of_campaign": campaign, "of_person": person}
    if _HAS_READ.one(connection, of) is not None:
        return False
    _ADD_READ.run(connection, {"campaign": campaign, "person": person, "at": written(at)})
    return True
