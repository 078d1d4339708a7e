"""Items as they were: after an entry, after a decision, at a moment.

Owns the folding of a chain's beginning into the view it left behind. Reads only.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from workflow.context import Context
from workflow.errors import NotFoundRefusal
from workflow.history.payloads import (
    UNCHANGED,
    DueChanged,
    Edited,
    HoldersSet,
    Seat,
    SignedOff,
    StepEntered,
)
from workflow.messages import lazy
from workflow.model import ContentHash, Item, ItemId, PersonId
from workflow.queries.items import (
    ItemView,
    Reading,
    item_view,
    reading_of,
    with_kinds,
)
from workflow.rules.outcomes import Decided
from workflow.store import history, item_contents, items
from workflow.store.held_items import HeldItem
from workflow.store.history import StoredEntry


def view_after(
    context: Context, connection: Connection, code: str, seq: int, reader: PersonId | None
) -> tuple[ItemView, StoredEntry]:
    """Return the item as entry ``seq`` left it, and the entry.

    The answer is the same however often it is asked for. Raises NotFoundRefusal.
    """
    item = items.find_item(connection, code)
    entry = history.entry_at(connection, f"item:{code}", seq)
    if item is None or entry is None:
        raise NotFoundRefusal(lazy("the item {code}", code=code))
    if item.seq == seq:
        return item_view(context, connection, item, reader), entry
    entries = history.entries_of(connection, item.subject)[:seq]
    return _view_at(context, connection, item, entries, reader), entry


def view_of(
    context: Context, connection: Connection, decided: Decided, reader: PersonId | None
) -> ItemView:
    """Return the item as ``decided`` left it, also where that decision had been made before."""
    return (
        view_at_hand(context, decided, reader)
        or view_after(context, connection, decided.code, decided.seq, reader)[0]
    )


def view_at_hand(context: Context, decided: Decided, reader: PersonId | None) -> ItemView | None:
    """Return the item as ``decided`` left it, from what the decision brought along.

    None where it brought too little.
    """
    after = decided.after
    rulebook = context.rulebooks.known(after.item.definition_hash) if after else None
    if after is None or rulebook is None:
        return None
    item = after.item
    held = [
        HeldItem(
            item=item.id,
            person=each.person,
            on_behalf_of=each.on_behalf_of,
            since=item.since,
            due_at=item.due_at,
        )
        for each in after.holders
    ]
    reading = Reading(
        reader=reader,
        directory=after.directory,
        now=context.clock(),
        campaigns=context.campaigns,
    )
    return reading.view(rulebook, item, after.content, held)


def view_as_of(
    context: Context, connection: Connection, item: Item, moment: datetime, reader: PersonId | None
) -> tuple[ItemView, StoredEntry]:
    """Return the item as it was at ``moment``, and the entry it rests on.

    Raises NotFoundRefusal before its creation.
    """
    until = [entry for entry in history.entries_of(connection, item.subject) if entry.at <= moment]
    if not until:
        raise NotFoundRefusal(lazy("the item {code} at that moment", code=item.code))
    return _view_at(context, connection, item, until, reader), until[-1]


def _view_at(
    context: Context,
    connection: Connection,
    item: Item,
    entries: Sequence[StoredEntry],
    reader: PersonId | None,
) -> ItemView:
    """Return the view that a chain's beginning left behind."""
    last, stay = entries[-1].fact, stay_after(entries)
    content = item_contents.content_at(connection, item.id, last.content_hash or "")
    if content is None:
        raise NotFoundRefusal(lazy("the content of the item {code}", code=item.code))
    then = replace(
        item,
        definition_hash=last.definition_hash or "",
        title=content.title,
        state=last.to_state or "",
        version=last.version or 0,
        step=last.step or 0,
        content_hash=ContentHash(last.content_hash or ""),
        due_at=stay.due_at,
        since=stay.since,
        seq=entries[-1].seq,
        head=entries[-1].hash,
        recused=(),
        reassigned=(),
    )
    reading = reading_of(context, connection, reader)
    context.campaigns.of(connection, then.campaign)
    rulebook = context.rulebooks.of(connection, then.definition_hash)
    view = reading.view(rulebook, then, content, stay.held(item.id))
    return with_kinds(connection, [view])[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class PastStay:
    """Since when an item stands where it does, until when, and who holds it since when."""

    since: datetime
    due_at: datetime | None
    seats: tuple[tuple[Seat, datetime], ...]

    def held(self, item: ItemId) -> list[HeldItem]:
        """Return the rows of ``holders`` that there were."""
        return [
            HeldItem(item=item, person=person, on_behalf_of=behalf, since=at, due_at=self.due_at)
            for (person, behalf), at in self.seats
        ]


def stay_after(entries: Sequence[StoredEntry]) -> PastStay:
    """Return the stay that the beginning of a chain ends in."""
    since: datetime = entries[0].at
    due_at: datetime | None = None
    seats: list[tuple[Seat, datetime]] = []
    for entry in entries:
        taken: tuple[Seat, ...] | None = None
        match entry.fact.payload:
            case SignedOff(holders=left):
                waiting = {person for person, _ in left}
                seats = [each for each in seats if each[0][0] in waiting]
            case Edited(holders=taken, due_at=due):
                if due is not UNCHANGED:
                    since, due_at = entry.at, due
            case StepEntered() as entered:
                since, due_at, taken = entry.at, entered.due_at, entered.holders
            case DueChanged(due_at=changed):
                due_at = changed
            case HoldersSet(holders=taken):
                pass
        if taken is not None:
            seats = [(seat, entry.at) for seat in taken]
    return PastStay(since=since, due_at=due_at, seats=tuple(seats))
