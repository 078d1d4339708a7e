"""Make the holders of open items follow people, positions and delegations.

Owns the difference between who should hold an item and who is written down. Each item that changes
gets an entry in its history; whoever newly holds it gets a mail.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import ClassVar

from sqlalchemy import Connection

from workflow.command import Cause, Upkeep
from workflow.commands.execute import Transaction
from workflow.commands.recording import append_in_place, fact_in_place
from workflow.context import DIRECTORY_VERSION, Context
from workflow.definition import State
from workflow.events import Event, HolderReleased, ItemStuck, TaskAssigned, TaskReason
from workflow.history import payloads
from workflow.history.payloads import seats_of
from workflow.lookups.items import pending_holders
from workflow.lookups.prior_decisions import able, still_asked
from workflow.lookups.stuck_items import forget_unstuck
from workflow.model import OFFICE, Holder, Item, ItemId, Method, PersonId, Via
from workflow.people import Directory
from workflow.store import attention, definitions, held_items, items
from workflow.store.held_items import HeldItem

_PIECE = 500
REFRESHED = "holders_refreshed"
"""Setting: the directory version and local day that holders were last made to follow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshHolders(Upkeep[int]):
    """Make holders follow the directory of today.

    The clock's command when a day turned or somebody imported people. ``items``: those that do not
    follow it; None: they are looked for. ``mark``: of what directory it is said that all do.
    """

    contends_for: ClassVar[str] = "holders"
    items: tuple[ItemId, ...] | None = None
    mark: str = ""


def refreshes(context: Context, connection: Connection) -> list[RefreshHolders]:
    """Return what makes holders follow the directory of today, in pieces; nothing where they do.

    Found by whoever reads, while others write: of 250,000 open items it took the committer 5 s.
    """
    now = context.clock()
    mark = refresh_mark(context, connection, now)
    if definitions.setting(connection, REFRESHED) == mark:
        return []
    found = [each.id for each in _behind(context, connection, context.directory(connection, now))]
    pieces = (found[start : start + _PIECE] for start in range(0, len(found), _PIECE))
    return [
        *(RefreshHolders(items=tuple(each)) for each in pieces),
        RefreshHolders(items=(), mark=mark),
    ]


def refresh_on_new_day(transaction: Transaction, command: RefreshHolders) -> int:
    """Refresh; answer how many items changed. Nothing to do where today was refreshed already."""
    context, connection = transaction.context, transaction.connection
    mark = refresh_mark(context, connection, transaction.now)
    if definitions.setting(connection, REFRESHED) == mark:
        return 0
    cause = Cause(actor=None, via=Via.CLOCK, method=Method.NONE, command_id=f"holders:{mark}")
    events, changed = refresh(transaction, cause, command.items)
    if command.items is None or command.mark == mark:
        definitions.put_setting(connection, REFRESHED, mark)
    transaction.emit(events)
    return changed


def refresh_mark(context: Context, connection: Connection, now: datetime) -> str:
    """Return what identifies the directory of today: its version and the local day."""
    version = definitions.setting(connection, DIRECTORY_VERSION)
    return f"{version}@{context.calendar.local_day(now).isoformat()}"


def refresh(
    transaction: Transaction, cause: Cause, only: Sequence[ItemId] | None = None
) -> tuple[list[Event], int]:
    """Make the holders of every open item follow the directory, or of ``only`` some.

    Return the events to publish and how many changed.
    """
    context, connection = transaction.context, transaction.connection
    directory = transaction.directory
    wanted = (
        _behind(context, connection, directory)
        if only is None
        else items.items_by_id(connection, only).values()
    )
    events: list[Event] = []
    changed = 0
    for item in wanted:
        found = _refresh_item(transaction, item, directory, cause)
        changed += bool(found)
        events += found
    forget_unstuck(context, connection)
    return events, changed


def _behind(context: Context, connection: Connection, directory: Directory) -> Iterator[Item]:
    """Yield each open item whose holders do not follow the directory, or that has none."""
    states = {
        state.id
        for book in context.rulebooks.all(connection)
        for state in book.definition.states
        if state.holders or state.held_by_author
    }
    found = items.items_in_states(connection, sorted(states))
    while page := list(islice(found, _PIECE)):
        held = held_items.holders_by_item(connection, [each.id for each in page])
        for item in page:
            rulebook = context.rulebooks.of(connection, item.definition_hash)
            wanted = {each.person for each in still_asked(connection, item, rulebook, directory)}
            if not wanted or wanted != {each.person for each in held.get(item.id, ())}:
                yield item


def _refresh_item(
    transaction: Transaction, item: Item, directory: Directory, cause: Cause
) -> list[Event]:
    connection = transaction.connection
    rulebook = transaction.context.rulebooks.of(connection, item.definition_hash)
    wanted = list(
        {each.person: each for each in still_asked(connection, item, rulebook, directory)}.values()
    )
    present = pending_holders(connection, item)
    if {each.person for each in present} == {each.person for each in wanted}:
        if not wanted:
            attention.note_stuck(connection, [item.id])
        return []
    seq = _record(transaction, item, wanted, cause)
    occurrence = f"h{seq}"
    events = changed_holders(connection, item, wanted, transaction.now, occurrence=occurrence)
    state = rulebook.states[item.state]
    left = able(connection, item, rulebook, wanted)
    stuck = alarm(transaction, item, state, left, occurrence=occurrence)
    if state.held_by_author:
        # A draft is nobody's task by mail; that its author has left concerns the Office once
        # somebody had it before them, and where others' reports wait for it.
        return stuck if item.step > 1 or rulebook.definition.gathers is not None else []
    return events + stuck


def alarm(
    transaction: Transaction,
    item: Item,
    state: State,
    holders: Sequence[Holder],
    *,
    occurrence: str,
) -> list[Event]:
    """Write down that an open item waits for nobody, where it does; return ``stuck_events``."""
    if not holders:
        attention.note_stuck(transaction.connection, [item.id])
    return stuck_events(item, state, holders, transaction.directory, occurrence=occurrence)


def stuck_events(
    item: Item, state: State, holders: Sequence[Holder], directory: Directory, *, occurrence: str
) -> list[Event]:
    """Return the alarm to the Office where an open item waits for nobody.

    ``holders``: those of them who may take it on.
    """
    if holders or state.final:
        return []
    office = directory.in_positions(OFFICE)
    return [
        ItemStuck(
            item=item.id, code=item.code, person=each.id, state=state.id, occurrence=occurrence
        )
        for each in office
    ]


def changed_holders(
    connection: Connection, item: Item, holders: Sequence[Holder], now: datetime, *, occurrence: str
) -> list[Event]:
    """Make ``holders`` the rows of an item; return the events for who gained and who lost it.

    The caller records it.
    """
    wanted = {each.person: each for each in holders}
    present = {each.person: each for each in pending_holders(connection, item)}
    gained = [wanted[person] for person in wanted if person not in present]
    lost = [present[person] for person in present if person not in wanted]
    for holder in gained:
        held_items.add_holder(connection, item, holder, now)
    for held in lost:
        held_items.drop_holder(connection, item.id, held.person)
    return _events(item, gained, lost, occurrence)


def _record(transaction: Transaction, item: Item, holders: Sequence[Holder], cause: Cause) -> int:
    of_item = replace(cause, command_id=f"{cause.command_id}:{item.code}")
    payload = payloads.HoldersChanged(holders=seats_of(holders))
    fact = fact_in_place(transaction, of_item, item, None, payload)
    return append_in_place(transaction, item, fact).seq


def _events(item: Item, gained: list[Holder], lost: list[HeldItem], occurrence: str) -> list[Event]:
    assigned: list[Event] = [
        task_again(item, each.person, why=TaskReason.HOLDERS, occurrence=occurrence)
        for each in gained
    ]
    released: list[Event] = [
        HolderReleased(
            item=item.id,
            code=item.code,
            person=each.person,
            version=item.version,
            occurrence=occurrence,
        )
        for each in lost
    ]
    return assigned + released


def task_again(item: Item, person: PersonId, *, why: TaskReason, occurrence: str) -> TaskAssigned:
    """Return the event that mails ``person`` a link to ``item`` as it stands now."""
    return TaskAssigned(
        item=item.id,
        code=item.code,
        person=person,
        step=item.step,
        content_hash=item.content_hash,
        version=item.version,
        state=item.state,
        why=why,
        occurrence=occurrence,
    )


def reissue_to(
    connection: Connection, person: PersonId, occurrence: str, item_ids: Sequence[int]
) -> list[Event]:
    """Return a new task for every item among ``item_ids`` that ``person`` holds."""
    found = items.items_by_id(connection, item_ids)
    return [
        task_again(item, person, why=TaskReason.RESENT, occurrence=occurrence)
        for item in found.values()
    ]
