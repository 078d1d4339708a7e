"""The lists of items: filters, order, keyset pages, nothing unbounded."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVarTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB

from workflow.model import ItemId, PersonId
from workflow.people import Scope
from workflow.store import schema
from workflow.store.instants import written

PAGE_LIMIT = 200
Columns = TypeVarTuple("Columns")


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFilter:
    """What a list shows, and in which order; None: no condition.

    ``text`` is folded for search; each of its words is looked for, in any order. ``any_text``: one
    of several folded texts is looked for, each as it stands. ``is_by_due``: what is due first comes
    first and what has no due day last; else the newest comes first.
    """

    state: str | None = None
    type: str | None = None
    department: str | None = None
    campaign: str | None = None
    holder: PersonId | None = None
    author: PersonId | None = None
    overdue_at: datetime | None = None
    text: str | None = None
    any_text: tuple[str, ...] = ()
    code: str | None = None
    is_by_due: bool = False


def item_ids(
    connection: Connection, scope: Scope, wanted: ItemFilter, *, before: int | None, count: int
) -> list[ItemId]:
    """Return the ids of up to ``count`` visible items of a list, those that follow ``before``."""
    return _ids(connection, scope, wanted, after=before, most=min(count, PAGE_LIMIT + 1))


def all_ids(connection: Connection, scope: Scope, wanted: ItemFilter, *, most: int) -> list[ItemId]:
    """Return the ids of up to ``most`` visible items, the newest first, read page by page."""
    found: list[ItemId] = []
    while len(found) < most:
        count = min(most - len(found), PAGE_LIMIT)
        before = found[-1] if found else None
        page = item_ids(connection, scope, wanted, before=before, count=count)
        found += page
        if len(page) < count:
            break
    return found


def _ids(
    connection: Connection,
    scope: Scope,
    wanted: ItemFilter,
    *,
    after: int | None,
    most: int,
    is_backwards: bool = False,
) -> list[ItemId]:
    items = schema.items.c
    query = _visible(select(items.id), scope).limit(most)
    keys = (items.due_at.is_(None), items.due_at, -items.id) if wanted.is_by_due else (-items.id,)
    query = query.order_by(*(each.desc() if is_backwards else each for each in keys))
    if after is not None:
        query = query.where(_follows(connection, scope, wanted, after, is_backwards=is_backwards))
    found = connection.execute(_narrowed(connection, query, wanted)).scalars()
    return [ItemId(each) for each in found]


def _follows(
    connection: Connection, scope: Scope, wanted: ItemFilter, after: int, *, is_backwards: bool
) -> ColumnElement[bool]:
    """Return the condition of what follows the item ``after``, whether or not it is in the list.

    One that may not be seen counts as having no due day: a cursor must not tell it.
    """
    items = schema.items.c
    beside = items.id > after if is_backwards else items.id < after
    if not wanted.is_by_due:
        return beside
    due = connection.execute(
        _visible(select(items.due_at), scope).where(items.id == after)
    ).scalar()
    if due is None:
        dated = items.due_at.is_not(None) if is_backwards else false()
        return or_(dated, and_(items.due_at.is_(None), beside))
    further = (
        items.due_at < due if is_backwards else or_(items.due_at > due, items.due_at.is_(None))
    )
    return or_(further, and_(items.due_at == due, beside))


def _visible(query: Select[*Columns], scope: Scope) -> Select[*Columns]:
    items = schema.items.c
    if scope.is_everything:
        return query
    return query.where(
        false() if scope.department is None else items.department == scope.department
    )


def count_items(
    connection: Connection, scope: Scope, wanted: ItemFilter, *, before: int | None = None
) -> int:
    """Return how many visible items a list has in all; with ``before``, after that item alone."""
    query = _visible(select(func.count(schema.items.c.id)), scope)
    if before is not None:
        query = query.where(_follows(connection, scope, wanted, before, is_backwards=False))
    return int(connection.execute(_narrowed(connection, query, wanted)).scalar_one())


def state_counts(
    connection: Connection, scope: Scope, wanted: ItemFilter, now: datetime
) -> dict[str, tuple[int, int]]:
    """Return how many visible items of a list are in each state, and how many of them are late."""
    items = schema.items.c
    late = func.count(case((items.due_at < written(now), 1)))
    query = _narrowed(connection, _visible(select(items.state, func.count(), late), scope), wanted)
    return {
        state: (count, overdue)
        for state, count, overdue in connection.execute(query.group_by(items.state))
    }


def neighbours(
    connection: Connection, scope: Scope, wanted: ItemFilter, of: ItemId
) -> tuple[ItemId | None, ItemId | None]:
    """Return the visible items before and after ``of`` in the order of a list.

    Whether or not it stands there itself.
    """
    before = _ids(connection, scope, wanted, after=of, most=1, is_backwards=True)
    after = _ids(connection, scope, wanted, after=of, most=1)
    return before[0] if before else None, after[0] if after else None


def _narrowed(
    connection: Connection, query: Select[*Columns], wanted: ItemFilter
) -> Select[*Columns]:
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
    # Not LIKE: with wildcards on both sides it tries each letter anew, within one step that
    # nothing can interrupt.
    place = func.strpos if is_postgres else func.instr
    words = dict.fromkeys((wanted.text or "").split())
    query = query.where(*(place(items.search, word) > 0 for word in words))
    if wanted.any_text:
        # One value, however many texts: a condition each would be compiled anew for every number.
        listed = (
            func.jsonb_array_elements_text(cast(list(wanted.any_text), JSONB))
            if is_postgres
            else func.json_each(json.dumps(wanted.any_text))
        ).table_valued("value")
        query = query.where(exists().where(place(items.search, listed.c.value) > 0))
    return query
