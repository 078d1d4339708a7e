"""Statements that read how long past items took, and where the open ones stand."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, literal_column, select

from workflow.history import move_in
from workflow.model import DepartmentId, ItemId
from workflow.store import schema
from workflow.store.instants import read, read_required, written
from workflow.store.prepared import ByKeys, Prepared

_items = schema.items.c
_history = schema.history.c
_NEWEST = Prepared(
    select(_items.id, _items.department)
    .where(_items.state == bindparam("in_state"), _items.type == bindparam("of_type"))
    .order_by(_items.id.desc())
    .limit(bindparam("count"))
)
_MOVES = ByKeys(
    select(_history.item_id, _history.seq, _history.at, _history.body).where(
        _history.decided_version.is_not(None)
    ),
    _history.item_id,
)
_CREATED = ByKeys(select(_items.id, _items.code), _items.id)
_STANDING = ByKeys(
    select(_items.id, _items.code, _items.department, _items.state, _items.since, _items.due_at)
    .where(
        _items.type == bindparam("of_type"),
        _items.definition_hash == bindparam("of_definition"),
        _items.id > bindparam("after"),
    )
    .order_by(_items.id)
    .limit(bindparam("count")),
    _items.state,
)
_RUNNING = ByKeys(
    select(_items.id, _items.department, _items.state, _items.since, _items.due_at), _items.id
)
# No index has these in order: what is late is found by its due day, and grouped then.
_DEPARTMENT = (_items.department + literal_column("''")).label("department")
_LATE = Prepared(
    select(_DEPARTMENT, func.count().label("items"))
    .where(_items.type == bindparam("of_type"), _items.due_at < bindparam("now"))
    .group_by(_DEPARTMENT)
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
class Whereabouts:
    """Which state an item of a department is in since when, and by when it ought to leave it."""

    code: str
    department: DepartmentId
    state: str
    since: datetime
    due_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """The stay that an item has not ended: in which state since when, and until when."""

    item: ItemId
    department: DepartmentId
    state: str
    since: datetime
    due_at: datetime | None


def standing_in(
    connection: Connection, kind: str, definition: str, states: Iterable[str], page: int = 1000
) -> Iterator[Whereabouts]:
    """Yield every item of ``kind`` under the hash ``definition`` in ``states``, in pages."""
    values = {"of_type": kind, "of_definition": definition, "after": 0, "count": page}
    wanted = list(states)
    while rows := _STANDING.rows(connection, wanted, values):
        for row in rows:
            yield Whereabouts(
                code=row.code,
                department=DepartmentId(row.department),
                state=row.state,
                since=read_required(row.since),
                due_at=read(row.due_at),
            )
        values["after"] = rows[-1].id


def newest_in(
    connection: Connection, kind: str, states: Iterable[str], count: int
) -> dict[ItemId, DepartmentId]:
    """Return up to ``count`` items of ``kind`` in each state, newest first, with departments."""
    return {
        ItemId(row.id): DepartmentId(row.department)
        for state in states
        for row in _NEWEST.rows(connection, {"in_state": state, "of_type": kind, "count": count})
    }


def running_of(connection: Connection, items: Iterable[ItemId]) -> list[Running]:
    """Return the stay that each of ``items`` is in now."""
    return [
        Running(
            item=ItemId(row.id),
            department=DepartmentId(row.department),
            state=row.state,
            since=read_required(row.since),
            due_at=read(row.due_at),
        )
        for row in _RUNNING.rows(connection, items)
    ]


def late_in(connection: Connection, kind: str, now: datetime) -> dict[DepartmentId, int]:
    """Return how many items of ``kind`` are past the due instant of their step, by department."""
    return {
        DepartmentId(row.department): row.items
        for row in _LATE.rows(connection, {"of_type": kind, "now": written(now)})
    }


def stays_of(connection: Connection, items: dict[ItemId, DepartmentId]) -> list[Stay]:
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
