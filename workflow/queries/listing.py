"""Lists of items, and what stands beside one in them. Nothing here writes."""

from collections.abc import Sequence

from sqlalchemy import Connection

from workflow.context import Context
from workflow.model import ItemId, PersonId
from workflow.queries.items import ItemView, item_views
from workflow.store.dispatches import (
    Sending,
    dispatch_of,
)
from workflow.store.held_items import (
    held_by,
)
from workflow.store.items import (
    find_item,
    items_by_id,
)
from workflow.store.listing import (
    PAGE_LIMIT,
    ItemFilter,
    count_items,
    item_ids,
    neighbours,
)
from workflow.store.opinions import (
    opinions_of,
)

__all__ = [
    "PAGE_LIMIT",
    "ItemFilter",
    "Sending",
    "count_items",
    "dispatch_of",
    "find_item",
    "held_by",
    "item_ids",
    "items_by_id",
    "listed_views",
    "neighbours",
    "opinions_of",
]


def listed_views(
    context: Context, connection: Connection, ids: Sequence[ItemId], reader: PersonId
) -> list[ItemView]:
    """Return the views of items for ``reader``, in the order of ``ids``."""
    known = items_by_id(connection, ids)
    return item_views(context, connection, [known[each] for each in ids], reader)
