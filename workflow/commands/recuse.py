"""Recusal: a holder who is concerned says so.

The item goes to the next person by rule, and never back to them.
"""

from dataclasses import dataclass, replace

from workflow import values
from workflow.command import ItemCommand
from workflow.commands.execute import Transaction
from workflow.commands.recording import append_to_item, fact_in_place
from workflow.commands.refresh_holders import alarm, changed_holders
from workflow.errors import InvalidRefusal, NotFoundRefusal, NotPermittedRefusal, reason
from workflow.events import HolderReleased
from workflow.history import Entry, payloads
from workflow.history.payloads import seats_of
from workflow.lookups.items import holds
from workflow.lookups.prior_decisions import able, still_asked
from workflow.messages import lazy
from workflow.model import Item, Person
from workflow.people import scope_of
from workflow.store import items

_REASON_LIMIT = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Recuse(ItemCommand[int]):
    """Say that ``actor`` is concerned by an item that waits for them, and why."""

    why: str


def recuse(transaction: Transaction, command: Recuse) -> int:
    """Record a recusal; answer the number of the entry."""
    item, person = _item_and_holder(transaction, command)
    connection, directory = transaction.connection, transaction.directory
    rulebook = transaction.context.rulebooks.of(connection, item.definition_hash)
    state = rulebook.states[item.state]
    if state.held_by_author or not holds(connection, item, person):
        raise NotPermittedRefusal(
            reason(
                "holder",
                "The item does not wait for you at this step, so you need not stand aside.",
            )
        )
    if wrong := values.lines_fault(command.why, _REASON_LIMIT):
        raise InvalidRefusal(
            reason("reason", "Say how you are concerned. The reason {wrong}", wrong=wrong)
        )
    without = replace(item, recused=(*item.recused, person.id))
    holders = still_asked(connection, without, rulebook, directory)
    payload = payloads.Recused(holders=seats_of(holders))
    fact = replace(
        fact_in_place(transaction, command.cause, item, person, payload),
        texts={"comment": values.lines(command.why)},
    )

    def update(entry: Entry) -> bool:
        return items.recuse_from_item(
            connection, item, without.recused, seq=entry.seq, head=entry.hash
        )

    seq = append_to_item(transaction, item, fact, update, digest=command.cause.digest).seq
    occurrence = f"r{seq}"
    transaction.emit(
        each
        for each in changed_holders(
            connection, item, holders, transaction.now, occurrence=occurrence
        )
        if not (isinstance(each, HolderReleased) and each.person == person.id)
    )
    left = able(connection, item, rulebook, holders)
    transaction.emit(alarm(transaction, item, state, left, occurrence=occurrence))
    return seq


def _item_and_holder(transaction: Transaction, command: Recuse) -> tuple[Item, Person]:
    """Return the locked item and who gives the command. Raises NotFoundRefusal.

    The item exists for whoever sees its department or holds it.
    """
    item = items.lock_items(transaction.connection, [command.code]).get(command.code)
    person = transaction.directory.active(command.cause.actor)
    if (
        item is None
        or person is None
        or not (
            scope_of(person).covers(item.department) or holds(transaction.connection, item, person)
        )
    ):
        raise NotFoundRefusal(lazy("the item {code}", code=command.code))
    return item, person
