"""Dossiers as they are read: what left under one number, what it holds, and where that stands.

Nothing here writes. Who reads dossiers at all is asked before.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from workflow.context import Context
from workflow.errors import NotFoundRefusal
from workflow.messages import lazy
from workflow.model import Item, Person
from workflow.queries.listing import waiting_for
from workflow.store import dossiers, items, people, rounds
from workflow.store.dossiers import PAGE_LIMIT, Dossier

__all__ = [
    "PAGE_LIMIT",
    "Dossier",
    "DossierItem",
    "DossierLine",
    "DossierView",
    "LeavingItem",
    "dossier_view",
    "dossiers_page",
    "leaving_items",
]
_MOST_SENT = 5_000
"""So many items that wait for somebody are offered to be sent together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierItem:
    """An item in a dossier, as it is now; ``version``: as which it left."""

    item: Item
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierView:
    """A dossier with what it holds, what gave the number first."""

    dossier: Dossier
    items: Sequence[DossierItem]
    sender: Person | None
    rounds: Sequence[int]
    """The rounds of the council that have passed what it holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierLine:
    """A dossier in a list; ``count``: how many items it holds."""

    dossier: Dossier
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LeavingItem:
    """A nomination that waits to be sent; ``group``: the title of the round that has passed it."""

    item: Item
    round: int | None
    group: str


def dossier_view(connection: Connection, number: int) -> DossierView:
    """Return a dossier. Raises NotFoundRefusal."""
    found = dossiers.find_dossier(connection, number)
    if found is None:
        raise NotFoundRefusal(lazy("this dossier"))
    members = dossiers.members_of(connection, [number])[number]
    known = items.items_by_id(connection, [each.item_id for each in members])
    first = sorted(members, key=lambda each: (each.item_id != found.item_id, each.item_id))
    held = [DossierItem(item=known[each.item_id], version=each.version) for each in first]
    passed = rounds.rounds_of(connection, [each.item for each in held])
    sender = people.all_people(connection)
    return DossierView(
        dossier=found,
        items=held,
        sender=next((each for each in sender if each.id == found.sent_by), None),
        rounds=sorted(set(passed.values())),
    )


def sent_with(connection: Connection, item: Item) -> list[Item]:
    """Return the items that left with an item under one number, what gave the number first."""
    found = dossiers.dossier_of(connection, item.id)
    return (
        [item] if found is None else [each.item for each in dossier_view(connection, found).items]
    )


def leaving_items(context: Context, connection: Connection, reader: Person) -> list[LeavingItem]:
    """Return the nominations that wait for ``reader`` to send them, by movement and round."""
    waiting, _ = waiting_for(context, connection, reader.id, _MOST_SENT)
    books = {each.id: context.rulebooks.of(connection, each.definition_hash) for each in waiting}
    found = [
        each
        for each in waiting
        if books[each.id].definition.nominates and books[each.id].sending(each.state)
    ]
    passed = rounds.rounds_of(connection, found)
    titles = {each: rounds.find_round(connection, each) for each in set(passed.values())}
    return sorted(
        (
            LeavingItem(
                item=each, round=title.id if title else None, group=title.title if title else ""
            )
            for each in found
            for title in [titles.get(passed.get(each.id, 0))]
        ),
        key=lambda each: (each.item.campaign, each.round or 0, each.item.id),
    )


def dossiers_page(
    connection: Connection, *, before: int | None, count: int
) -> Sequence[DossierLine]:
    """Return up to ``count`` dossiers, the last sent first, those before ``before``."""
    found = dossiers.dossiers_page(connection, before=before, count=count)
    counts = dossiers.count_members(connection, [each.id for each in found])
    return [DossierLine(dossier=each, count=counts[each.id]) for each in found]
