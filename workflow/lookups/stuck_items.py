"""Items that nobody can take on: nobody holds them, or only who did what is kept apart from it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from workflow.context import Context
from workflow.lookups.prior_decisions import able
from workflow.model import Holder, Item, ItemId
from workflow.store import attention, held_items, items
from workflow.store.held_items import HeldItem


@dataclass(frozen=True, slots=True, kw_only=True)
class StuckItem:
    """An open item that nobody can take on, and who holds it all the same."""

    item: Item
    holders: Sequence[HeldItem]


def stuck_among(context: Context, connection: Connection, ids: Sequence[ItemId]) -> list[StuckItem]:
    """Return the items among ``ids`` that nobody can take on, in their order.

    A draft that its author never handed in is none: nobody waits for it.
    """
    known = items.items_by_id(connection, ids)
    held = held_items.holders_by_item(connection, ids)
    found = []
    for item in (known[each] for each in ids):
        book, holders = (
            context.rulebooks.of(connection, item.definition_hash),
            held.get(item.id, []),
        )
        state = book.states[item.state]
        is_own_draft = state.held_by_author and item.step == 1 and book.definition.gathers is None
        if state.final or (is_own_draft and not holders):
            continue
        if not able(connection, item, book, [Holder(person=each.person) for each in holders]):
            found.append(StuckItem(item=item, holders=holders))
    return found


def unnoted_items(context: Context, connection: Connection) -> list[StuckItem]:
    """Return items that nobody can take on and that were not written down. Reads all open ones."""
    return [
        found
        for book in context.rulebooks.all(connection)
        for state in book.definition.states
        if not state.final
        for found in stuck_among(
            context, connection, attention.unnoted(connection, book.hash, state.id)
        )
    ]


def forget_unstuck(context: Context, connection: Connection) -> None:
    """Strike out what was written down as stuck and is so no more."""
    for piece in attention.noted_stuck(connection):
        stuck = {each.item.id for each in stuck_among(context, connection, piece)}
        attention.forget_stuck(connection, [each for each in piece if each not in stuck])
