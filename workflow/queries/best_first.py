"""What a search finds, the best first: where the words stand together, then in which text.

Owns the order and its bound: of more than ``MOST_RANKED`` items, the newest are ordered so, and the
others follow, the newest first. What a reader may not read of an item orders nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from workflow.context import Context
from workflow.model import ItemId, Person
from workflow.people import scope_of
from workflow.queries.items import ItemView
from workflow.queries.listing import listed_views
from workflow.search_words import Fit, Sought
from workflow.store import listing
from workflow.store.listing import ItemFilter
from workflow.values import searchable

MOST_RANKED: Final = 500
"""Items whose contents are read for one search."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BestFirst:
    """The items of a search in their order; ``ids``: the newest, the best of them first.

    ``are_all``: no others were found.
    """

    reader: Person
    wanted: ItemFilter
    ids: Sequence[ItemId]
    are_all: bool

    def page(self, connection: Connection, after: int | None, count: int) -> list[ItemId]:
        """Return up to ``count`` ids, those that follow ``after``; of what is gone, the first."""
        if after is not None and self._is_beyond(after):
            return self._beyond(connection, after, count)
        found = list(self.ids[self.place(after) :][:count])
        if not self.are_all and len(found) < count:
            found += self._beyond(connection, min(self.ids), count - len(found))
        return found

    def back(self, connection: Connection, item: int, count: int) -> list[ItemId]:
        """Return up to ``count`` ids that stand before ``item``, backwards."""
        if not self._is_beyond(item):
            return list(reversed(self.ids[: max(self.place(item) - 1, 0)]))[:count]
        scope = scope_of(self.reader)
        found = listing.ids_back(connection, scope, self.wanted, before=item, count=count)
        beyond = [each for each in found if self._is_beyond(each)]
        return [*beyond, *reversed(self.ids)][:count]

    def place(self, item: int | None) -> int:
        """Return how many of ``ids`` stand no later than ``item``; 0 where it is none of them."""
        return next((at for at, each in enumerate(self.ids, 1) if each == item), 0)

    def passed(self, connection: Connection, item: int | None) -> int:
        """Return how many items stand no later than ``item``."""
        if item is None or not self._is_beyond(item):
            return self.place(item)
        return listing.count_items(connection, scope_of(self.reader), self.wanted, up_to=item)

    def neighbours(self, connection: Connection, of: ItemId) -> tuple[ItemId | None, ItemId | None]:
        """Return the items before and after ``of``."""
        if self._is_beyond(of):
            scope = scope_of(self.reader)
            before, after = listing.neighbours(connection, scope, self.wanted, of)
            return self.ids[-1] if before == min(self.ids) else before, after
        place = self.place(of)
        following = self.page(connection, of, 1) if place else []
        return self.ids[place - 2] if place > 1 else None, next(iter(following), None)

    def _is_beyond(self, item: int) -> bool:
        return not self.are_all and item < min(self.ids)

    def _beyond(self, connection: Connection, after: int, count: int) -> list[ItemId]:
        scope = scope_of(self.reader)
        return listing.item_ids(connection, scope, self.wanted, before=after, count=count)


def best_first(
    context: Context, connection: Connection, reader: Person, wanted: ItemFilter, sought: Sought
) -> BestFirst:
    """Return the items of a list that ``reader`` may see, the best first."""
    ids = listing.all_ids(connection, scope_of(reader), wanted, most=MOST_RANKED)
    folded = listing.search_texts(connection, ids)
    views = listed_views(context, connection, ids, reader.id)
    ranked = sorted(views, key=lambda view: (*_rank(view, sought, folded), -view.item.id))
    return BestFirst(
        reader=reader,
        wanted=wanted,
        ids=[each.item.id for each in ranked],
        are_all=len(ids) < MOST_RANKED,
    )


def _rank(view: ItemView, sought: Sought, folded: dict[ItemId, str]) -> tuple[bool, Fit, int]:
    """Return whether no text has the words as typed, how well the best fits, and which it is.

    0: code and title, 1: whom it puts forward, 2: any other.
    """
    texts = (searchable(view.item.code, view.content.title), searchable(view.nominee))
    fits = [*map(sought.fit, texts), sought.fit(folded[view.item.id])]
    best = min(fits)
    is_exact = sought.has_diacritics and any(map(sought.is_exact, _said(view)))
    return not is_exact, best, fits.index(best)


def _said(view: ItemView) -> list[str]:
    texts = (each for each in view.content.fields.values() if isinstance(each, str))
    return [view.content.title, view.nominee, *texts]
