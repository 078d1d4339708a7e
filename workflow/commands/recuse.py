"""Recusal: a holder who is concerned says so; the item goes to the next person by rule, and never back to them."""

from dataclasses import dataclass, replace

from workflow import values
from workflow.command import Command
from workflow.commands.execute import Transaction
from workflow.commands.recording import fact_in_place
from workflow.commands.refresh_holders import changed_holders, stuck_events
from workflow.context import SetBrokenError
from workflow.errors import InvalidRefusal, NotFoundRefusal, NotPermittedRefusal, reason
from workflow.events import HolderReleased
from workflow.history import payloads
from workflow.history.payloads import seats_of
from workflow.lookups.prior_decisions import still_asked
from workflow.messages import lazy
from workflow.people import scope_of
from workflow.store import history, items
from workflow.store.history import NewEntry

_REASON_LIMIT = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Recuse(Command[int]):
    """Say that ``actor`` is concerned by an item that waits for them, and why."""

    code: str
    why: str

    @property
    def contends_for(self) -> str:
        """Return what this command contends for."""
        return self.code


def recuse(transaction: Transaction, command: Recuse) -> int:
    """Record a recusal; answer the number of the entry."""
    item = items.lock_items(transaction.connection, [command.code]).get(command.code)
    now, directory = transaction.now, transaction.directory
    person = directory.active(command.cause.actor)
    held = (
        items.holders_by_item(transaction.connection, [item.id]).get(item.id, [])
        if item is not None
        else []
    )
    if (
        item is None
        or person is None
        or not (
            scope_of(person).covers(item.department)
            or any(each.person == person.id for each in held)
        )
    ):
        raise NotFoundRefusal(lazy("the item {code}", code=command.code))
    rulebook = transaction.context.rulebooks.of(transaction.connection, item.definition_hash)
    if rulebook.states[item.state].held_by_author or all(each.person != person.id for each in held):
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
    holders = still_asked(transaction.connection, without, rulebook, directory)
    payload = payloads.Recused(holders=seats_of(holders))
    fact = replace(
        fact_in_place(transaction, command.cause, item, person, payload),
        texts={"comment": values.lines(command.why)},
    )
    entry = transaction.context.next_entry(item, fact)
    if not items.recuse_from_item(
        transaction.connection, item, without.recused, seq=entry.seq, head=entry.hash
    ):
        raise SetBrokenError
    history.append_entries(
        transaction.connection,
        [NewEntry(entry=entry, item_id=item.id, command_digest=command.cause.digest)],
    )
    gained_and_lost = changed_holders(
        transaction.connection, item, holders, now, occurrence=f"r{entry.seq}"
    )
    transaction.emit(
        each
        for each in gained_and_lost
        if not (isinstance(each, HolderReleased) and each.person == person.id)
    )
    transaction.emit(
        stuck_events(
            item, rulebook.states[item.state], holders, directory, occurrence=f"r{entry.seq}"
        )
    )
    return entry.seq
