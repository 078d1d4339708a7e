"""The lists of items: filters, order, keyset pages, nothing unbounded."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
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
from workflow.store.counting import count_up_to
from workflow.store.instants import written
from workflow.store.item_search import few_holding, few_holding_any
from workflow.store.unindexed import unindexed

PAGE_LIMIT = 200
MOST_COUNTED = 10_000
"""Items that are counted one by one; beyond them a list says that there are more."""
Columns = TypeVarTuple("Columns")
_IN_GLOB = re.compile(r"[*?\[]")
"""What SQLite's GLOB gives a meaning of its own."""
LOOKED_THROUGH = 100
"""Items that are looked through for words before their index is asked: what is found often is
found among them, and there the index would name thousands."""
_LOOKED_THROUGH_FOR_LESS = 300
"""The same for whom they wait for and when they are due, which asks less of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _ListPart:
    """Of a list that is read in parts: the conditions of one, and its order.

    ``is_dated``: it is read by the index of due days, which knows of what kind, state and
    department items are. ``beyond``: as what it is read where its first items do not suffice.
    """

    where: Sequence[ColumnElement[bool]] = ()
    order: Sequence[ColumnElement[object] | ColumnElement[int]] = ()
    is_dated: bool = False
    beyond: "_ListPart | None" = None


_WHOLE = _ListPart()


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFilter:
    """What a list shows, and in which order; None: no condition.

    ``text`` is folded for search; each of its words is looked for, in any order, as a word or the
    beginning of one. ``any_text``: one of several folded texts is looked for, each as it stands.
    ``states``: one of several, each with the hash of its definition.
    ``is_by_due``: what is due first comes first and what has no due day last, there the newest
    first; else the newest comes first.
    """

    state: str | None = None
    states: frozenset[tuple[str, str]] = frozenset()
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

    @property
    def has_days(self) -> bool:
        """Return whether only what is due within some days is shown."""
        return (self.overdue_at, self.due_since, self.due_before) != (None, None, None)

    @property
    def has_words(self) -> bool:
        """Return whether words are looked for."""
        return bool(self.text or self.any_text)


def item_ids(
    connection: Connection, scope: Scope, wanted: ItemFilter, *, before: int | None, count: int
) -> list[ItemId]:
    """Return the ids of up to ``count`` visible items of a list, those that follow ``before``."""
    return _ids(connection, scope, wanted, after=before, most=min(count, PAGE_LIMIT + 1))


def ids_back(
    connection: Connection, scope: Scope, wanted: ItemFilter, *, before: int | None, count: int
) -> list[ItemId]:
    """Return the ids of up to ``count`` that stand before an item, or at the end, backwards."""
    return _ids(connection, scope, wanted, after=before, most=count, is_backwards=True)


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
    if wanted.is_by_due:
        parts = _parts_by_due(connection, scope, after, is_backwards=is_backwards)
    else:
        parts = [_part_by_id(wanted, after, is_backwards=is_backwards)]
    found: list[ItemId] = []
    for part in parts:
        found += _first(connection, scope, wanted, part, most - len(found))
        if len(found) == most:
            break
    return found


def _first(
    connection: Connection, scope: Scope, wanted: ItemFilter, part: _ListPart, most: int
) -> list[ItemId]:
    """Return the first of one part of a list."""
    query = _ordered(scope, wanted, part)
    if wanted.has_words or wanted.has_days or wanted.holder is not None:
        near = _first_meeting(connection, query, wanted, most)
        if near is not None:
            return near
    if part.beyond is not None:
        query = _ordered(scope, wanted, part.beyond)
    query = query.where(*_within(wanted, schema.items.c.due_at), *_holding(connection, wanted))
    return [ItemId(each) for each in connection.execute(query.limit(most)).scalars()]


def _ordered(scope: Scope, wanted: ItemFilter, part: _ListPart) -> Select[int]:
    query = _visible(select(schema.items.c.id), scope, part).where(*part.where)
    return _narrowed(query, wanted, part).order_by(*part.order)


def _first_meeting(
    connection: Connection, query: Select[int], wanted: ItemFilter, most: int
) -> list[ItemId] | None:
    """Return which of the first items of ``query`` are due, hold the words, wait for the holder.

    None where these are fewer than ``most``, and there are more to look through.
    """
    count = LOOKED_THROUGH if wanted.has_words else _LOOKED_THROUGH_FOR_LESS
    items = schema.items.c
    near = query.add_columns(items.search, items.due_at).limit(count).subquery()
    meets = [*_within(wanted, near.c.due_at), *_held(connection, wanted, near.c.search)]
    if wanted.holder is not None:
        holders = schema.holders.c
        waits = exists().where(holders.item_id == near.c.id, holders.person == wanted.holder)
        meets.append(waits.correlate(near))
    rows = connection.execute(select(near.c.id, and_(*meets))).all()
    found = [ItemId(each) for each, does_meet in rows if does_meet]
    return found[:most] if len(found) >= most or len(rows) < count else None


def _part_by_id(wanted: ItemFilter, after: int | None, *, is_backwards: bool) -> _ListPart:
    """Return a whole list, the newest first, as what follows the item ``after``.

    Where few of many are due within the days that are asked for, these are sorted.
    """
    identity: ColumnElement[int] = schema.items.c.id

    def by(column: ColumnElement[int]) -> _ListPart:
        order = column if is_backwards else column.desc()
        if after is None:
            return _ListPart(order=(order,))
        return _ListPart(
            where=(column > after if is_backwards else column < after,), order=(order,)
        )

    dated = replace(by(unindexed(identity)), is_dated=True) if wanted.has_days else None
    return replace(by(identity), beyond=dated)


def _due_of(connection: Connection, scope: Scope, item: int) -> str | None:
    """Return the due instant of an item; of one that may not be seen None: no cursor tells it."""
    query = _visible(select(schema.items.c.due_at), scope).where(schema.items.c.id == item)
    return connection.execute(query).scalar()


def _parts_by_due(
    connection: Connection, scope: Scope, after: int | None, *, is_backwards: bool
) -> list[_ListPart]:
    """Return what follows the item ``after`` where what is due first comes first.

    Each part is read by an index: what has a due day, and what has none, the newest first.
    """
    items = schema.items.c
    dated: list[ColumnElement[bool]] = [items.due_at.is_not(None)]
    undated: list[ColumnElement[bool]] = [items.due_at.is_(None)]
    due = None if after is None else _due_of(connection, scope, after)
    if after is not None and due is None:
        undated.append(items.id > after if is_backwards else items.id < after)
    elif after is not None:
        place, own = tuple_(items.due_at, items.id), tuple_(literal(due), literal(after))
        dated.append(place < own if is_backwards else place > own)
    if is_backwards:
        late_first = _ListPart(
            where=dated, order=(items.due_at.desc(), items.id.desc()), is_dated=True
        )
        return [late_first] if due else [_ListPart(where=undated, order=(items.id,)), late_first]
    newest = _ListPart(where=undated, order=(items.id.desc(),))
    is_past = after is not None and due is None
    first_due = _ListPart(where=dated, order=(items.due_at, items.id), is_dated=True)
    return [newest] if is_past else [first_due, newest]


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


def _visible(query: Select[*Columns], scope: Scope, part: _ListPart = _WHOLE) -> Select[*Columns]:
    if scope.is_everything:
        return query
    if scope.department is None:
        return query.where(false())
    department: ColumnElement[str] = schema.items.c.department
    return query.where((unindexed(department) if part.is_dated else department) == scope.department)


def count_items(
    connection: Connection, scope: Scope, wanted: ItemFilter, *, up_to: int | None = None
) -> int:
    """Return how many visible items a list has, of more than ``MOST_COUNTED`` one more than that.

    With ``up_to``, only those that stand no later in it than that item.
    """
    is_whole = scope.is_everything and up_to is None
    if is_whole and wanted.holder is not None and wanted == ItemFilter(holder=wanted.holder):
        held = schema.holders.c.person == wanted.holder
        return count_up_to(connection, held, MOST_COUNTED + 1)
    part = _ListPart(is_dated=wanted.has_days)
    query = _visible(select(schema.items.c.id), scope, part).limit(MOST_COUNTED + 1)
    if up_to is not None:
        query = query.where(_up_to(connection, scope, wanted, up_to))
    query = _narrowed(query, wanted, part).where(*_within(wanted, schema.items.c.due_at))
    found = query.where(*_holding(connection, wanted)).subquery()
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
    query: Select[*Columns], wanted: ItemFilter, part: _ListPart = _WHOLE
) -> Select[*Columns]:
    """Return ``query`` with what is wanted, but for due days, words and holder."""
    items = schema.items.c
    equal: dict[ColumnElement[str], str | None] = {
        items.state: wanted.state,
        items.type: wanted.type,
        items.department: wanted.department,
        items.campaign: wanted.campaign,
    }
    given = {column: value for column, value in equal.items() if value is not None}
    for column, value in given.items():
        # One kind is the most of all items: what else is asked for tells more.
        is_common = part.is_dated or (column is items.type and len(given) > 1)
        query = query.where((unindexed(column) if is_common else column) == value)
    if wanted.states:
        place = tuple_(unindexed(items.definition_hash), unindexed(items.state))
        query = query.where(place.in_(sorted(wanted.states)))
    if wanted.author is not None:
        query = query.where(items.author == wanted.author)
    if wanted.code is not None:
        query = query.where(items.code == wanted.code)
    return query


def _within(wanted: ItemFilter, due_at: ColumnElement[str]) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions of being due within the days that are asked for."""
    for end in (wanted.overdue_at, wanted.due_before):
        if end is not None:
            yield due_at < written(end)
    if wanted.due_since is not None:
        yield due_at >= written(wanted.due_since)


def _holding(connection: Connection, wanted: ItemFilter) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions of holding what is looked for, among the few that indexes name."""
    if wanted.holder is not None:
        held = select(schema.holders.c.item_id).where(schema.holders.c.person == wanted.holder)
        yield schema.items.c.id.in_(held)
    words = words_of(wanted.text or "")
    for few in (
        few_holding(connection, [each.letters for each in words]) if words else None,
        few_holding_any(connection, wanted.any_text) if wanted.any_text else None,
    ):
        if few is not None:
            yield _is_one_of(few, is_postgres=connection.dialect.name == "postgresql")
    yield from _held(connection, wanted, schema.items.c.search)


def _held(
    connection: Connection, wanted: ItemFilter, search: ColumnElement[str]
) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions that what is looked for stands in ``search``."""
    is_postgres = connection.dialect.name == "postgresql"
    # Not LIKE: with wildcards on both sides it tries each letter anew, within one step that
    # nothing can interrupt.
    place = func.strpos if is_postgres else func.instr
    for word in words_of(wanted.text or ""):
        yield _says(word, search, is_postgres=is_postgres)
    if wanted.any_text:
        # One value, however many texts: a condition each would be compiled anew for every number.
        listed = (
            func.jsonb_array_elements_text(cast(list(wanted.any_text), JSONB))
            if is_postgres
            else func.json_each(json.dumps(wanted.any_text))
        ).table_valued("value")
        yield exists().where(place(search, listed.c.value) > 0)


def _says(word: SearchWord, said: ColumnElement[str], *, is_postgres: bool) -> ColumnElement[bool]:
    """Return the condition of having a word among those that an item is found by, in ``said``.

    Most stand after a space, and where that is, nothing else is asked.
    """
    end = " " if word.is_whole else ""
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
