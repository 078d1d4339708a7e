"""Reassignment: the Office puts somebody in a holder's place, on one item, in the step it is in, with a reason.

The process still says who may act: only somebody in a position that the state asks for can be put there, of any department.
Both are told; the next step finds its holders by rule again. Where several sign off nobody's voice is given to another.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from workflow import values
from workflow.addresses import as_kept
from workflow.command import Command
from workflow.commands.execute import Transaction
from workflow.commands.recording import fact_in_place
from workflow.commands.refresh_holders import changed_holders
from workflow.context import SetBrokenError
from workflow.errors import (
    InvalidRefusal,
    NotFoundRefusal,
    NotPermittedRefusal,
    Reason,
    reason,
)
from workflow.history import payloads
from workflow.history.payloads import seats_of
from workflow.lookups.prior_decisions import still_asked
from workflow.messages import lazy
from workflow.model import Item, Person, Reassignment
from workflow.people import Directory, may_set_deadlines
from workflow.rules import Rulebook
from workflow.store import history, items
from workflow.store.history import NewEntry

_REASON_LIMIT = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Reassign(Command[int]):
    """Put the person with the address ``to`` in the place of the holder with the address ``from_``, and why."""

    code: str
    from_: str
    to: str
    why: str

    @property
    def contends_for(self) -> str:
        """Return what this command contends for."""
        return self.code


def candidates(rulebook: Rulebook, item: Item, directory: Directory) -> list[Person]:
    """Return who could be put in a holder's place: active, in a position that the state asks for, not the author, not recused, no holder yet."""
    state = rulebook.states[item.state]
    if state.sign_off is not None or state.held_by_author:
        return []
    positions = {position for rule in state.holders for position in rule.positions}
    barred = {
        item.author,
        *item.recused,
        *(each.person for each in rulebook.holders(item.state, item, directory)),
    }
    return [each for each in directory.in_positions(positions) if each.id not in barred]


def reassign(transaction: Transaction, command: Reassign) -> int:
    """Record a reassignment; answer the number of the entry."""
    item = items.lock_items(transaction.connection, [command.code]).get(command.code)
    now, directory = transaction.now, transaction.directory
    actor = directory.active(command.cause.actor)
    if actor is None or not may_set_deadlines(actor):
        raise NotPermittedRefusal(reason("office", "Only the Office reassigns items."))
    if item is None:
        raise NotFoundRefusal(lazy("the item {code}", code=command.code))
    rulebook = transaction.context.rulebooks.of(transaction.connection, item.definition_hash)
    known = {each.email: each for each in directory.people.values()}
    old, new = known.get(as_kept(command.from_)), known.get(as_kept(command.to))
    if problems := list(
        _problems(transaction.connection, rulebook, item, directory, command, old, new)
    ):
        raise InvalidRefusal(*problems)
    if old is None or new is None:
        raise SetBrokenError
    moved = replace(
        item,
        reassigned=(
            *item.reassigned,
            Reassignment(step=item.step, from_person=old.id, to_person=new.id),
        ),
    )
    holders = still_asked(transaction.connection, moved, rulebook, directory)
    payload = payloads.Reassigned(from_=old.id, to=new.id, holders=seats_of(holders))
    fact = fact_in_place(transaction, command.cause, item, actor, payload)
    entry = transaction.context.next_entry(
        item, replace(fact, texts={"comment": values.lines(command.why)})
    )
    if not items.reassign_item(
        transaction.connection, item, moved.reassigned, seq=entry.seq, head=entry.hash
    ):
        raise SetBrokenError
    history.append_entries(
        transaction.connection,
        [NewEntry(entry=entry, item_id=item.id, command_digest=command.cause.digest)],
    )
    transaction.emit(
        changed_holders(transaction.connection, item, holders, now, occurrence=f"a{entry.seq}")
    )
    return entry.seq


def _problems(
    connection: Connection,
    rulebook: Rulebook,
    item: Item,
    directory: Directory,
    command: Reassign,
    old: Person | None,
    new: Person | None,
) -> Iterator[Reason]:
    held = {each.person for each in items.holders_by_item(connection, [item.id]).get(item.id, [])}
    state = rulebook.states[item.state]
    if state.sign_off is not None or state.held_by_author or state.final:
        yield reason(
            "state", "At the step “{state}” an item cannot be reassigned.", state=state.label
        )
    elif old is None or old.id not in held:
        yield reason(
            "from",
            "The item does not wait for {email}. Choose somebody who holds it.",
            email=command.from_ or lazy("(empty)"),
        )
    elif new is None or new not in candidates(rulebook, item, directory):
        yield reason(
            "to",
            "{email} cannot take it over: it must be somebody who works here, in a "
            "position that this step asks for, not the author and not somebody who "
            "stood aside.",
            email=command.to or lazy("(empty)"),
        )
    if wrong := values.lines_fault(command.why, _REASON_LIMIT):
        yield reason("reason", "Say why it is reassigned. The reason {wrong}", wrong=wrong)
