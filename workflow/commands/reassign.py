"""Reassignment: the Office puts somebody in a holder's place, on one item in its step.

The process still says who may act: only somebody whom a line of the state's holders finds for this
item can be put there, and nobody who has decided on it at another step. Whoever reassigns gives the
item to themselves only where they hold it already. Both are told; the next step finds its holders
by rule again. Where several sign off nobody's voice is given to another.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from workflow import values
from workflow.addresses import as_kept
from workflow.command import ItemCommand
from workflow.commands.execute import Transaction
from workflow.commands.recording import append_to_item, fact_in_place
from workflow.commands.refresh_holders import changed_holders
from workflow.definition import State
from workflow.errors import (
    InvalidRefusal,
    NotFoundRefusal,
    Reason,
    reason,
)
from workflow.history import Entry, payloads
from workflow.history.payloads import seats_of
from workflow.lookups.items import holds
from workflow.lookups.prior_decisions import acted_elsewhere, still_asked
from workflow.messages import lazy
from workflow.model import Item, Person, PersonId, Reassignment
from workflow.people import Directory, require_office
from workflow.rules import Rulebook
from workflow.store import items

_REASON_LIMIT = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Reassign(ItemCommand[int]):
    """Put a person in a holder's place, and why; both are named by their addresses."""

    from_: str
    to: str
    why: str


def candidates(
    connection: Connection, rulebook: Rulebook, item: Item, directory: Directory, by: PersonId
) -> list[Person]:
    """Return whom ``by`` could put in a holder's place.

    Whom the state's rules find for this item, where they have not decided on it elsewhere.
    """
    state = rulebook.states[item.state]
    if state.sign_off is not None or state.held_by_author:
        return []
    found = {each for group in rulebook.groups(item, directory) for each in group}
    holding = {each.person for each in rulebook.holders(item.state, item, directory)}
    # Who is away takes nothing over; who holds it already takes over another's voice as well.
    barred = directory.away | ((acted_elsewhere(connection, item) | {by}) - holding)
    return [directory.people[each] for each in sorted(found - barred)]


def reassign(transaction: Transaction, command: Reassign) -> int:
    """Record a reassignment; answer the number of the entry."""
    connection = transaction.connection
    item = items.lock_items(connection, [command.code]).get(command.code)
    directory = transaction.directory
    actor = require_office(directory.active(command.cause.actor))
    if item is None:
        raise NotFoundRefusal(lazy("the item {code}", code=command.code))
    rulebook = transaction.context.rulebooks.of(connection, item.definition_hash)
    old, new = _old_and_new(transaction, command, item, rulebook, actor.id)
    moved = replace(
        item,
        reassigned=(
            *item.reassigned,
            Reassignment(step=item.step, from_person=old.id, to_person=new.id),
        ),
    )
    holders = still_asked(connection, moved, rulebook, directory)
    payload = payloads.Reassigned(from_=old.id, to=new.id, holders=seats_of(holders))
    fact = replace(
        fact_in_place(transaction, command.cause, item, actor, payload),
        texts={"comment": values.lines(command.why)},
    )

    def update(entry: Entry) -> bool:
        return items.reassign_item(
            connection, item, moved.reassigned, seq=entry.seq, head=entry.hash
        )

    seq = append_to_item(transaction, item, fact, update, digest=command.cause.digest).seq
    transaction.emit(
        changed_holders(connection, item, holders, transaction.now, occurrence=f"a{seq}")
    )
    return seq


def _old_and_new(
    transaction: Transaction, command: Reassign, item: Item, rulebook: Rulebook, by: PersonId
) -> tuple[Person, Person]:
    """Return the holder and who is put in their place. Raises InvalidRefusal."""
    connection, directory = transaction.connection, transaction.directory
    known = {each.email: each for each in directory.people.values()}
    old, new = known.get(as_kept(command.from_)), known.get(as_kept(command.to))
    if old is not None and not holds(connection, item, old):
        old = None
    if new == old or new not in candidates(connection, rulebook, item, directory, by):
        new = None
    problems = list(_problems(rulebook.states[item.state], command, old, new))
    if old is None or new is None or problems:
        raise InvalidRefusal(*problems)
    return old, new


def _problems(
    state: State, command: Reassign, old: Person | None, new: Person | None
) -> Iterator[Reason]:
    """Yield what is wrong; ``old`` None: no holder, ``new`` None: no candidate."""
    if state.sign_off is not None or state.held_by_author or state.final:
        yield reason(
            "state", "At the step “{state}” an item cannot be reassigned.", state=state.label_now
        )
    elif old is None:
        yield reason(
            "from",
            "The item does not wait for {email}. Choose somebody who holds it.",
            email=command.from_ or lazy("(empty)"),
        )
    elif new is None:
        yield reason(
            "to",
            "{email} cannot take it over: it must be another person whom this step's rule finds "
            "for this item, present, not the author, nobody who stood aside, and, unless they "
            "hold it already, neither yourself nor who decided on it at another step.",
            email=command.to or lazy("(empty)"),
        )
    if wrong := values.lines_fault(command.why, _REASON_LIMIT):
        yield reason("reason", "Say why it is reassigned. The reason {wrong}", wrong=wrong)
