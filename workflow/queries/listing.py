"""Lists of items, and what stands beside one in them. Nothing here writes."""

from collections.abc import Sequence

from sqlalchemy import Connection

from workflow.context import Context
from workflow.model import Item, ItemId, PersonId
from workflow.queries.items import ItemView, item_views
from workflow.rules import goes_along
from workflow.store import dispatches, held_items, items, listing, opinions

Sending = dispatches.Sending
dispatch_of = dispatches.dispatch_of
held_by = held_items.held_by
find_item = items.find_item
items_by_id = items.items_by_id
MOST_COUNTED = listing.MOST_COUNTED
MOST_WAITING = 200
"""So much of what waits for somebody is read; the list of items has it all."""
PAGE_LIMIT = listing.PAGE_LIMIT
ItemFilter = listing.ItemFilter
count_items = listing.count_items
ids_back = listing.ids_back
item_ids = listing.item_ids
neighbours = listing.neighbours
opinions_of = opinions.opinions_of


def waiting_for(
    context: Context, connection: Connection, person: PersonId, most: int = MOST_WAITING
) -> tuple[list[Item], list[Item]]:
    """Return what waits for a decision of ``person``, and what lies with them as its author.

    Due first; of each with a due day, and without, at most ``most`` and, where there are more, one
    beyond. What goes along with a consolidated report waits for nobody by itself.
    """
    ids = held_items.held_first(connection, person, most + 1)
    known = items_by_id(connection, ids)
    waiting: list[Item] = []
    drafts: list[Item] = []
    for item in (known[each] for each in ids):
        book = context.rulebooks.of(connection, item.definition_hash)
        if not goes_along(book.definition, item):
            state = book.states[item.state]
            (drafts if state.held_by_author else waiting).append(item)
    return waiting, drafts


def listed_views(
    context: Context, connection: Connection, ids: Sequence[ItemId], reader: PersonId
) -> list[ItemView]:
    """Return the views of items for ``reader``, in the order of ``ids``."""
    known = items_by_id(connection, ids)
    return item_views(context, connection, [known[each] for each in ids], reader)
