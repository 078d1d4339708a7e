"""Urge whoever holds items that are late, in the Office's own words.

Nothing of an item changes: its history tells who was urged, and each person gets one mail of all
of theirs.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import Connection

from workflow import values
from workflow.canonical import instant
from workflow.command import Command
from workflow.commands.execute import Transaction
from workflow.commands.recording import append_in_place, fact_in_place
from workflow.errors import InvalidRefusal, Reason, reason
from workflow.history import payloads
from workflow.model import Item, ItemId, PersonId
from workflow.office_events import ItemsUrged
from workflow.people import require_office
from workflow.rules import goes_along
from workflow.store import held_items, history, items
from workflow.store.history import StoredEntry

MOST_URGED: Final = 100
"""Items that one command urges at most."""
_MESSAGE_LIMIT = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class UrgeItems(Command[int]):
    """Urge the holders of several items in one message: of those that are still late.

    Answers of how many items somebody was urged.
    """

    codes: tuple[str, ...]
    message: str


def urge_items(transaction: Transaction, command: UrgeItems) -> int:
    """Record the urging in each item that is still late; what went on meanwhile is left out."""
    person = transaction.directory.active(command.cause.actor)
    require_office(person)
    if problems := list(_problems(command)):
        raise InvalidRefusal(*problems)
    message = values.lines(command.message)
    late = _late_items(transaction, command.codes)
    theirs: dict[PersonId, list[ItemId]] = {}
    for place, (item, urged) in enumerate(late):
        cause = replace(command.cause, command_id=_id_of(command, place))
        fact = fact_in_place(transaction, cause, item, person, payloads.HoldersUrged(people=urged))
        said = replace(fact, texts={"comment": message})
        append_in_place(transaction, item, said, digest=command.cause.digest)
        for each in urged:
            theirs.setdefault(each, []).append(item.id)
    transaction.emit(_events(theirs, message, instant(transaction.now)))
    return len(late)


def _events(
    theirs: Mapping[PersonId, Sequence[ItemId]], message: str, occurrence: str
) -> list[ItemsUrged]:
    return [
        ItemsUrged(person=person, items=tuple(ids), message=message, occurrence=occurrence)
        for person, ids in theirs.items()
    ]


def _late_items(
    transaction: Transaction, codes: Sequence[str]
) -> list[tuple[Item, tuple[PersonId, ...]]]:
    """Return the items of ``codes`` that are late and held, locked, and who holds each."""
    known = items.lock_items(transaction.connection, codes)
    late = [
        known[code]
        for code in dict.fromkeys(codes)
        if code in known and _is_late(known[code], transaction)
    ]
    held = held_items.holders_by_item(transaction.connection, [each.id for each in late])
    return [
        (each, tuple(dict.fromkeys(holder.person for holder in held[each.id])))
        for each in late
        if each.id in held
    ]


def _is_late(item: Item, transaction: Transaction) -> bool:
    book = transaction.context.rulebooks.of(transaction.connection, item.definition_hash)
    is_due = item.due_at is not None and item.due_at < transaction.now
    return is_due and not goes_along(book.definition, item)


def _problems(command: UrgeItems) -> Iterator[Reason]:
    wrong = values.lines_fault(command.message, _MESSAGE_LIMIT)
    if wrong:
        yield reason("message", "Write the reminder. The reminder {wrong}", wrong=wrong)
    if not 0 < len(command.codes) <= MOST_URGED:
        yield reason("owing", "Choose 1 to {most} items to be urged.", most=MOST_URGED)


def recall_urged(connection: Connection, command: UrgeItems, _made: StoredEntry) -> int:
    """Return how many items a command urged when it ran before."""
    ids = [_id_of(command, place) for place in range(len(command.codes))]
    made = history.entries_by_command(connection, ids)
    return sum((command.cause.actor, each) in made for each in ids)


def _id_of(command: UrgeItems, place: int) -> str:
    """Return the command id of one entry; the first has the command's own."""
    return f"{command.cause.command_id}:{place}" if place else command.cause.command_id
