"""The lists of items: filters, keyset pages, nothing unbounded."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, case, func, select

from workflow.model import ItemId, PersonId
from workflow.people import Scope
from workflow.store import schema
from workflow.store.instants import written

PAGE_LIMIT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFilter:
    """What a list shows; None: no condition.

    ``text`` is folded for search; each of its words is looked for, in any order.
    """

    state: str | None = None
    type: str | None = None
    department: str | None = None
    campaign: str | None = None
    holder: PersonId | None = None
    author: PersonId | None = None
    overdue_at: datetime | None = None
    text: str | None = None
    code: str | None = None


def item_ids(
    connection: Connection, scope: Scope, wanted: ItemFilter, *, before: int | None, count: int
) -> list[ItemId]:
    """Return the ids of up to ``count`` visible items below ``before``, newest first."""
    items = schema.items.c
    query = select(items.id).order_by(items.id.desc()).limit(min(count, PAGE_LIMIT + 1))
    if not scope.is_everything:
        if scope.department is None:
            return []
        query = query.where(items.department == scope.department)
    if before is not None:
        query = query.where(items.id < before)
    return [
        ItemId(each) for each in connection.execute(_narrowed(connection, query, wanted)).scalars()
    ]


def count_items(connection: Connection, scope: Scope, wanted: ItemFilter) -> int:
    """Return how many visible items a list has in all."""
    items = schema.items.c
    query = select(func.count(items.id))
    if not scope.is_everything:
        query = query.where(items.department == scope.department)
    return int(connection.execute(_narrowed(connection, query, wanted)).scalar_one())


def state_counts(
    connection: Connection, scope: Scope, kind: str, now: datetime
) -> dict[str, tuple[int, int]]:
    """Return how many visible items of ``kind`` are in each state, and how many of them late."""
    items = schema.items.c
    late = func.count(case((items.due_at < written(now), 1)))
    query = select(items.state, func.count(), late).where(items.type == kind)
    if not scope.is_everything:
        query = query.where(items.department == scope.department)
    return {
        state: (count, overdue)
        for state, count, overdue in connection.execute(query.group_by(items.state))
    }


def neighbours(
    connection: Connection, scope: Scope, wanted: ItemFilter, of: ItemId
) -> tuple[ItemId | None, ItemId | None]:
    """Return the visible items next to ``of`` in a list: the newer and the older one.

    Whether or not it stands there itself.
    """
    items = schema.items.c
    older = item_ids(connection, scope, wanted, before=of, count=1)
    query = select(items.id).where(items.id > of).order_by(items.id).limit(1)
    if not scope.is_everything:
        query = query.where(items.department == scope.department)
    newer = connection.execute(_narrowed(connection, query, wanted)).scalar()
    return ItemId(newer) if newer is not None else None, older[0] if older else None


def _narrowed(connection: Connection, query: Select[int], wanted: ItemFilter) -> Select[int]:
    items = schema.items.c
    is_postgres = connection.dialect.name == "postgresql"
    equal = {
        items.state: wanted.state,
        items.type: wanted.type,
        items.department: wanted.department,
        items.campaign: wanted.campaign,
        items.author: wanted.author,
        items.code: wanted.code,
    }
    for column, value in equal.items():
        if value is not None:
            query = query.where(column == value)
    if wanted.holder is not None:
        held = select(schema.holders.c.item_id).where(schema.holders.c.person == wanted.holder)
        query = query.where(items.id.in_(held))
    if wanted.overdue_at is not None:
        query = query.where(items.due_at < written(wanted.overdue_at))
    for word in dict.fromkeys((wanted.text or "").split()):
        # Not LIKE: with wildcards on both sides it tries each letter anew, within one step that
        # nothing can interrupt.
        place = func.strpos(items.search, word) if is_postgres else func.instr(items.search, word)
        query = query.where(place > 0)
    return query
