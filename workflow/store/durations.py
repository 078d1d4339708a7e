"""Statements that read how long past items took, and where the open ones stand."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select

from workflow.history import move_in
from workflow.model import DepartmentId, ItemId
from workflow.store import schema
from workflow.store.counting import count_up_to
from workflow.store.instants import read, read_required, written
from workflow.store.prepared import ByKeys, Prepared
from workflow.store.unindexed import unindexed

_items = schema.items.c
_history = schema.history.c
_FEW = 1000
"""A kind of which there are so few items is gone through by itself: among all that stand in a state
they would be looked for one by one."""
_RUNNING = select(
    _items.id,
    _items.code,
    _items.department,
    _items.definition_hash,
    _items.state,
    _items.since,
    _items.due_at,
    _items.seq,
).limit(bindparam("count"))
_IN_STATE = _RUNNING.where(
    _items.state == bindparam("in_state"), unindexed(_items.type) == bindparam("of_type")
)
_NEWEST = Prepared(_IN_STATE.order_by(_items.id.desc()))
_OLDEST = Prepared(_IN_STATE.order_by(_items.id))
_OF_KIND = _RUNNING.where(
    unindexed(_items.state) == bindparam("in_state"), _items.type == bindparam("of_type")
)
_NEWEST_OF_FEW = Prepared(_OF_KIND.order_by(_items.id.desc()))
_OLDEST_OF_FEW = Prepared(_OF_KIND.order_by(_items.id))
_MOVES = ByKeys(
    select(_history.item_id, _history.seq, _history.at, _history.body).where(
        _history.decided_version.is_not(None)
    ),
    _history.item_id,
)
_CREATED = ByKeys(select(_items.id, _items.code), _items.id)
_late = (
    select(_items.department)
    .where(unindexed(_items.type) == bindparam("of_type"), _items.due_at < bindparam("now"))
    .order_by(_items.due_at)
    .limit(bindparam("most"))
    .subquery("latest_items")
)
_LATE = Prepared(
    select(_late.c.department, func.count().label("items")).group_by(_late.c.department)
)
_FIRST = ByKeys(
    select(_history.subject, _history.at, _history.body).where(_history.seq == 1), _history.subject
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """One stay of an item in a state; ``how``: the transition that ended it, under a definition.

    ``is_carried``: that went along with another item, by that one's decision.
    """

    item: ItemId
    department: DepartmentId
    state: str
    entered: datetime
    left: datetime
    how: str
    definition_hash: str
    is_carried: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """The stay that an item has not ended: in which state since when, and until when.

    ``seq``: its newest entry.
    """

    item: ItemId
    code: str
    department: DepartmentId
    definition_hash: str
    state: str
    since: datetime
    due_at: datetime | None
    seq: int


def newest_in(
    connection: Connection, kind: str, states: Iterable[str], count: int
) -> list[Running]:
    """Return up to ``count`` items of ``kind`` in each state, the newest."""
    return _in_each(connection, (_NEWEST, _NEWEST_OF_FEW), kind, states, count)


def oldest_in(
    connection: Connection, kind: str, states: Iterable[str], count: int
) -> list[Running]:
    """Return up to ``count`` items of ``kind`` in each state, the oldest."""
    return _in_each(connection, (_OLDEST, _OLDEST_OF_FEW), kind, states, count)


def _in_each(
    connection: Connection,
    queries: tuple[Prepared, Prepared],
    kind: str,
    states: Iterable[str],
    count: int,
) -> list[Running]:
    of_many, of_few = queries
    has_few = count_up_to(connection, _items.type == kind, _FEW) < _FEW
    wanted = of_few if has_few else of_many
    return [
        Running(
            item=ItemId(row.id),
            code=row.code,
            department=DepartmentId(row.department),
            definition_hash=row.definition_hash,
            state=row.state,
            since=read_required(row.since),
            due_at=read(row.due_at),
            seq=row.seq,
        )
        for state in states
        for row in wanted.rows(connection, {"in_state": state, "of_type": kind, "count": count})
    ]


def late_in(connection: Connection, kind: str, now: datetime, most: int) -> dict[DepartmentId, int]:
    """Return how many items of ``kind`` are past the due instant of their step, by department.

    At most ``most`` are counted, those that are late longest.
    """
    wanted = {"of_type": kind, "now": written(now), "most": most}
    return {DepartmentId(row.department): row.items for row in _LATE.rows(connection, wanted)}


def stays_of(connection: Connection, items: Mapping[ItemId, DepartmentId]) -> list[Stay]:
    """Return every stay that those items have ended, by item and in order."""
    codes = {f"item:{row.code}": ItemId(row.id) for row in _CREATED.rows(connection, items)}
    came = {
        codes[row.subject]: (read_required(row.at), move_in(row.body).to_state or "")
        for row in _FIRST.rows(connection, codes)
    }
    stays: list[Stay] = []
    moves = _MOVES.rows(connection, items)
    for row in sorted(moves, key=lambda each: (each.item_id, each.seq)):
        move, item = move_in(row.body), ItemId(row.item_id)
        entered, state = came[item]
        if move.to_state is not None and move.to_state != move.from_state:
            left = read_required(row.at)
            stays.append(
                Stay(
                    item=item,
                    department=items[item],
                    state=state,
                    entered=entered,
                    left=left,
                    how=move.how,
                    definition_hash=move.definition_hash or "",
                    is_carried=move.is_carried,
                )
            )
            came[item] = (left, move.to_state)
    return stays
