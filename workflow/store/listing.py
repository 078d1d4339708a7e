"""The lists of items: filters, order, keyset pages, nothing unbounded."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVarTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    and_,
    any_,
    cast,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from workflow.model import ItemId, PersonId
from workflow.people import Scope
from workflow.search_words import LETTERS, SearchWord, words_of
from workflow.store import schema
from workflow.store.instants import written
from workflow.store.item_search import few_holding, few_holding_any

PAGE_LIMIT = 200
MOST_COUNTED = 10_000
"""Items that are counted one by one; beyond them a list says that there are more."""
Columns = TypeVarTuple("Columns")
_IN_GLOB = re.compile(r"[*?\[]")
"""What SQLite's GLOB gives a meaning of its own."""
_Part = tuple[Sequence[ColumnElement[bool]], Sequence[ColumnElement[object]]]
"""Of a list that is read in parts: the conditions of one, and its order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFilter:
    """What a list shows, and in which order; None: no condition.

    ``text`` is folded for search; each of its words is looked for, in any order, as a word or the
    beginning of one. ``any_text``: one of several folded texts is looked for, each as it stands.
    ``is_by_due``: what is due first comes first and what has no due day last, there the newest
    first; else the newest comes first.
    """

    state: str | None = None
    type: str | None = None
    department: str | None = None
    campaign: str | None = None
    holder: PersonId | None = None
    author: PersonId | None = None
    overdue_at: datetime | None = None
    due_since: datetime | None = None
    due_before: datetime | None = None
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


def search_texts(connection: Connection, ids: Sequence[ItemId]) -> dict[ItemId, str]:
    """Return the folded text that each of at most a few hundred items is found by."""
    query = select(schema.items.c.id, schema.items.c.search)
    listed = _is_one_of(ids, is_postgres=connection.dialect.name == "postgresql")
    return {ItemId(each.id): each.search for each in connection.execute(query.where(listed))}


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
    if wanted.is_by_due:
        parts = _parts_by_due(connection, scope, after, is_backwards=is_backwards)
    else:
        beside = () if after is None else (_beside(after, is_backwards=is_backwards),)
        parts = [(beside, (items.id if is_backwards else items.id.desc(),))]
    found: list[ItemId] = []
    for conditions, order in parts:
        query = _visible(select(items.id), scope).where(*conditions)
        query = query.order_by(*order).limit(most - len(found))
        rows = connection.execute(_narrowed(connection, query, wanted)).scalars()
        found += [ItemId(each) for each in rows]
        if len(found) == most:
            break
    return found


def _beside(after: int, *, is_backwards: bool) -> ColumnElement[bool]:
    return schema.items.c.id > after if is_backwards else schema.items.c.id < after


def _due_of(connection: Connection, scope: Scope, item: int) -> str | None:
    """Return the due instant of an item; of one that may not be seen None: no cursor tells it."""
    query = _visible(select(schema.items.c.due_at), scope).where(schema.items.c.id == item)
    return connection.execute(query).scalar()


def _parts_by_due(
    connection: Connection, scope: Scope, after: int | None, *, is_backwards: bool
) -> list[_Part]:
    """Return what follows the item ``after`` where what is due first comes first.

    Each part is read by an index: what has a due day, and what has none, the newest first.
    """
    items = schema.items.c
    dated: list[ColumnElement[bool]] = [items.due_at.is_not(None)]
    undated: list[ColumnElement[bool]] = [items.due_at.is_(None)]
    due = None if after is None else _due_of(connection, scope, after)
    if after is not None and due is None:
        undated.append(_beside(after, is_backwards=is_backwards))
    elif after is not None:
        place, own = tuple_(items.due_at, items.id), tuple_(literal(due), literal(after))
        dated.append(place < own if is_backwards else place > own)
    if is_backwards:
        late_first: _Part = (dated, (items.due_at.desc(), items.id.desc()))
        return [late_first] if due else [(undated, (items.id,)), late_first]
    newest: _Part = (undated, (items.id.desc(),))
    is_past = after is not None and due is None
    return [newest] if is_past else [(dated, (items.due_at, items.id)), newest]


def _up_to(
    connection: Connection, scope: Scope, wanted: ItemFilter, item: int
) -> ColumnElement[bool]:
    """Return the condition of what stands no later in a list than ``item``."""
    items = schema.items.c
    if not wanted.is_by_due:
        return items.id >= item
    due = _due_of(connection, scope, item)
    if due is None:
        return or_(items.due_at.is_not(None), items.id >= item)
    return tuple_(items.due_at, items.id) <= tuple_(literal(due), literal(item))


def _visible(query: Select[*Columns], scope: Scope) -> Select[*Columns]:
    items = schema.items.c
    if scope.is_everything:
        return query
    return query.where(
        false() if scope.department is None else items.department == scope.department
    )


def count_items(
    connection: Connection, scope: Scope, wanted: ItemFilter, *, up_to: int | None = None
) -> int:
    """Return how many visible items a list has, of more than ``MOST_COUNTED`` one more than that.

    With ``up_to``, only those that stand no later in it than that item.
    """
    query = _visible(select(schema.items.c.id), scope).limit(MOST_COUNTED + 1)
    if up_to is not None:
        query = query.where(_up_to(connection, scope, wanted, up_to))
    found = _narrowed(connection, query, wanted).subquery()
    return int(connection.execute(select(func.count()).select_from(found)).scalar_one())


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
    if wanted.due_since is not None:
        query = query.where(items.due_at >= written(wanted.due_since))
    if wanted.due_before is not None:
        query = query.where(items.due_at < written(wanted.due_before))
    # Not LIKE: with wildcards on both sides it tries each letter anew, within one step that
    # nothing can interrupt.
    place = func.strpos if is_postgres else func.instr
    words = words_of(wanted.text or "")
    query = query.where(*(_says(word, is_postgres=is_postgres) for word in words))
    few = few_holding(connection, [each.letters for each in words])
    if few is not None:
        query = query.where(_is_one_of(few, is_postgres=is_postgres))
    if wanted.any_text:
        few = few_holding_any(connection, wanted.any_text)
        if few is not None:
            query = query.where(_is_one_of(few, is_postgres=is_postgres))
        # One value, however many texts: a condition each would be compiled anew for every number.
        listed = (
            func.jsonb_array_elements_text(cast(list(wanted.any_text), JSONB))
            if is_postgres
            else func.json_each(json.dumps(wanted.any_text))
        ).table_valued("value")
        query = query.where(exists().where(place(items.search, listed.c.value) > 0))
    return query


def _says(word: SearchWord, *, is_postgres: bool) -> ColumnElement[bool]:
    """Return the condition of having a word among those that an item is found by.

    Most stand after a space, and where that is, nothing else is asked.
    """
    said, end = schema.items.c.search, " " if word.is_whole else ""
    place = func.strpos if is_postgres else func.instr
    after_a_space = place(said, f" {word.letters}{end}") > 0
    if is_postgres:
        ended = f"([^{LETTERS}]|$)" if word.is_whole else ""
        anywhere = said.regexp_match(f"(^|[^{LETTERS}]){re.escape(word.letters)}{ended}")
    else:
        ended = f"[^{LETTERS}]*" if word.is_whole else "*"
        letters = _IN_GLOB.sub(r"[\g<0>]", word.letters)
        anywhere = (
            literal(" ").concat(said).concat(" ").op("GLOB")(f"*[^{LETTERS}]{letters}{ended}")
        )
    return and_(place(said, word.letters) > 0, or_(after_a_space, anywhere))


def _is_one_of(ids: Sequence[int], *, is_postgres: bool) -> ColumnElement[bool]:
    """Return the condition of being one of some items, as one value however many they are."""
    if is_postgres:
        return schema.items.c.id == any_(cast(list(ids), ARRAY(BigInteger)))
    listed = func.json_each(json.dumps(list(ids))).table_valued("value")
    return schema.items.c.id.in_(select(listed.c.value))
