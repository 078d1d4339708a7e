"""One page of the list of items: what stands on it, and the pages beside it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection
from starlette.datastructures import QueryParams

from api.auth.sessions import Caller
from api.composition import Application
from api.cursors import cursor_after, next_cursor, read_cursor
from api.web.item_filters import ListOrder, list_address, order_of
from notifications.translation import translate
from workflow.model import ItemId
from workflow.people import scope_of
from workflow.queries.best_first import MOST_RANKED, best_first
from workflow.queries.listing import ItemFilter, count_items, ids_back, item_ids
from workflow.search_words import Sought

_PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPage:
    """One page of what the filters find, with one id more where there is a next page.

    ``passed``: how many stand before it; ``back``: the nearest of these, backwards, but for the one
    that the page follows; ``bound``: among how many the best match is looked for, if not all.
    """

    ids: Sequence[ItemId]
    passed: int
    back: Sequence[ItemId]
    bound: str = ""

    @property
    def shown(self) -> Sequence[ItemId]:
        """Return the ids of what stands on the page."""
        return self.ids[:_PAGE]


def find_page(
    parts: Application,
    connection: Connection,
    asker: Caller,
    wanted: ItemFilter,
    query: QueryParams,
    cursor: str | None,
) -> FoundPage:
    """Return the page of what is ``wanted`` by ``query`` that comes after ``cursor``.

    Raises InvalidRefusal for a cursor that is none.
    """
    before, scope = read_cursor(cursor), scope_of(asker.person)
    if order_of(query) is not ListOrder.FIT:
        ids = item_ids(connection, scope, wanted, before=before, count=_PAGE + 1)
        if before is None:
            return FoundPage(ids=ids, passed=0, back=())
        return FoundPage(
            ids=ids,
            passed=count_items(connection, scope, wanted, up_to=before),
            back=ids_back(connection, scope, wanted, before=before, count=_PAGE),
        )
    sought = Sought(query["q"])
    ranked = best_first(parts.context, connection, asker.person, wanted, sought)
    return FoundPage(
        ids=ranked.page(connection, before, _PAGE + 1),
        passed=ranked.passed(connection, before),
        back=() if before is None else ranked.back(connection, before, _PAGE),
        bound="" if ranked.are_all else translate("of the newest {most}", most=MOST_RANKED),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPages:
    """The addresses of the pages beside one, and of the first; None where there is none such."""

    first: str | None
    previous: str | None
    next: str | None


def pages_beside(query: QueryParams, cursor: str | None, found: FoundPage) -> ListPages:
    """Return the pages beside the one after ``cursor``."""
    first = f"/items?{list_address(query)}"
    before, after = cursor_after(found.back, _PAGE), next_cursor(found.ids, _PAGE)
    previous = f"/items?{list_address(query, cursor=before)}" if before else first
    return ListPages(
        first=first if before else None,
        previous=previous if cursor else None,
        next=f"/items?{list_address(query, cursor=after)}" if after else None,
    )
