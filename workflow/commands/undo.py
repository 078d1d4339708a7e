"""Undo: who decided last, or the Office, takes it back while nobody has acted since.

Nothing is deleted: a compensating entry leads back to the state the item came from, as a new step,
so every link of the step that was undone is dead. Where that leads further on again, the rules of
awards are asked as by a decision that leads there. Only transitions that the definition marks, and
at most ten minutes long.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from workflow.command import ItemCommand
from workflow.commands.award_rules import forbidden_on
from workflow.commands.execute import Transaction
from workflow.commands.recording import append_to_item, fact_in_place
from workflow.commands.refresh_holders import alarm
from workflow.context import Context
from workflow.definition import State
from workflow.errors import NotFoundRefusal, NotPermittedRefusal, Reason, Refusal, reason
from workflow.events import (
    AuthorInformed,
    Event,
    HolderReleased,
    ReleaseReason,
    TaskAssigned,
    TaskReason,
)
from workflow.history import Entry, EntryType, payloads
from workflow.history.payloads import Decision, seats_of
from workflow.lookups.items import pending_holders
from workflow.lookups.prior_decisions import able
from workflow.lookups.rounds import waits_for_council
from workflow.messages import lazy
from workflow.model import OFFICE, Holder, Item, Person, Via
from workflow.people import scope_of
from workflow.rules import Rulebook
from workflow.rules.outcomes import After, Decided
from workflow.store import held_items, history, items
from workflow.store.held_items import HeldItem
from workflow.store.history import StoredEntry
from workflow.store.items import Move

UNDO_WITHIN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo(ItemCommand[Decided]):
    """Take back the last decision on an item.

    With ``entry``, only if it is that one (a link takes back what it decided itself).
    """

    entry: int | None = None


def undoable_until(
    context: Context, connection: Connection, item: Item, person: Person, entry: int | None = None
) -> datetime | None:
    """Return until when ``person`` can take back the last decision on ``item``, or None.

    With ``entry``, only that one.
    """
    found = _undoable(context, connection, item, person, entry)
    return found.at + UNDO_WITHIN if isinstance(found, StoredEntry) else None


def undoable_after(rulebook: Rulebook, after: After) -> datetime | None:
    """Return until when whoever has just decided can take it back, or None.

    As ``undoable_until`` would tell from the database.
    """
    fact = after.entry.fact
    if fact.type is not EntryType.TRANSITION or not _allows_undo(
        rulebook, fact.from_state, fact.transition
    ):
        return None
    return fact.at + UNDO_WITHIN


def _allows_undo(rulebook: Rulebook, from_state: str | None, transition: str | None) -> bool:
    """Return whether the decision that led out of ``from_state`` may be taken back."""
    return any(each.undo for each in rulebook.alternatives(from_state or "", transition or ""))


def _undoable(
    context: Context, connection: Connection, item: Item, person: Person, entry: int | None
) -> StoredEntry | Refusal:
    last = history.last_decision(connection, item.id)
    if (
        last is None
        or last.type != EntryType.TRANSITION
        or last.decided_version != item.version - 1
        or entry not in {None, last.seq}
    ):
        return NotPermittedRefusal(
            reason(
                "undo",
                "There is no decision to undo: somebody has already handled the item further.",
            )
        )
    rulebook = context.rulebooks.of(connection, item.definition_hash)
    if not _allows_undo(rulebook, last.fact.from_state, last.fact.transition):
        return NotPermittedRefusal(
            reason(
                "undo", "The process does not allow this step to be undone. Use “Return” if needed."
            )
        )
    if isinstance(last.fact.payload, Decision) and last.fact.payload.carried_by:
        return NotPermittedRefusal(
            reason(
                "undo",
                "This was decided together with {code}, and is not taken back for one of them.",
                code=last.fact.payload.carried_by,
            )
        )
    if (why := _not_theirs(item, person, last)) is not None:
        return NotPermittedRefusal(why)
    if context.clock() > last.at + UNDO_WITHIN:
        return NotPermittedRefusal(
            reason(
                "undo",
                "More than 10 minutes have passed, so it can no longer be undone. Use "
                "“Return” if needed.",
            )
        )
    return last


def _not_theirs(item: Item, person: Person, last: StoredEntry) -> Reason | None:
    """Return why it is not ``person`` who may undo: who decided may, others where it is not theirs.

    Whom the item concerns takes back nobody else's decision on it, of the Office or not.
    """
    if last.actor == person.id:
        return None
    if person.position not in OFFICE:
        return reason("undo", "Only whoever decided, or the Office, may undo it.")
    if person.id in item.origin.barred:
        return reason(
            "undo",
            "This item concerns you, so you may not undo what somebody else decided on it.",
        )
    return None


def undo_decision(transaction: Transaction, command: Undo) -> Decided:
    """Take a decision back; answer its entry."""
    item = items.lock_items(transaction.connection, [command.code]).get(command.code)
    person = transaction.directory.active(command.cause.actor)
    if item is None or person is None or not _sees(transaction.connection, item, person):
        raise NotFoundRefusal(lazy("the item {code}", code=command.code))
    last = _undoable(transaction.context, transaction.connection, item, person, command.entry)
    if isinstance(last, Refusal):
        raise last
    if forbidden := _forbidden(transaction, item, person, last, command):
        raise NotPermittedRefusal(*forbidden)
    return _written(transaction, item, person, last, command)


def _forbidden(
    transaction: Transaction, item: Item, person: Person, last: StoredEntry, command: Undo
) -> list[Reason]:
    """Return what the rules forbid, where it would be further on again than it is now.

    They are those of a decision that leads there: what came up meanwhile holds the item here too.
    """
    context, connection = transaction.context, transaction.connection
    rulebook = context.rulebooks.of(connection, item.definition_hash)
    back = last.fact.from_state or ""
    if not rulebook.states[item.state].final and rulebook.is_before(back, item.state):
        return []
    content = context.contents.of(connection, [item]).get(item.id)
    ways = [each for each in rulebook.definition.transitions if back in each.to]
    asker = None if command.cause.via is Via.LINK else person
    return forbidden_on(context, connection, item, content, ways, asker)


def _sees(connection: Connection, item: Item, person: Person) -> bool:
    """Return whether the item exists for ``person``.

    Whoever decided last, as a stand-in say, still sees it.
    """
    if scope_of(person).covers(item.department):
        return True
    last = history.last_decision(connection, item.id)
    return last is not None and last.actor == person.id


def _due_at(transaction: Transaction, item: Item, state: State) -> datetime | None:
    """Return until when an item is to leave ``state``; None while it waits for the council."""
    if waits_for_council(transaction.context, transaction.connection, item, state.id):
        return None
    return transaction.context.calendar.step_due(transaction.now, state.working_days)


def _written(
    transaction: Transaction,
    item: Item,
    person: Person,
    last: StoredEntry,
    command: Undo,
) -> Decided:
    connection = transaction.connection
    undone = last.fact.transition or ""
    rulebook = transaction.context.rulebooks.of(connection, item.definition_hash)
    state = rulebook.states[last.fact.from_state or ""]
    holders = rulebook.holders(state.id, item, transaction.directory)
    due_at = _due_at(transaction, item, state)
    payload = payloads.Undone(undoes=last.seq, holders=seats_of(holders), due_at=due_at)
    fact = replace(
        fact_in_place(transaction, command.cause, item, person, payload),
        transition=undone,
        to_state=state.id,
        version=item.version + 1,
        step=item.step + 1,
        decided_version=item.version,
    )

    def update(entry: Entry) -> bool:
        move = Move(
            item=item,
            state=state.id,
            step=item.step + 1,
            due_at=due_at,
            since=fact.at,
            seq=entry.seq,
            head=entry.hash,
        )
        return items.move_items(connection, [move]) == 1

    entry = append_to_item(transaction, item, fact, update, digest=command.cause.digest)
    released = pending_holders(connection, item)
    held_items.replace_holders(
        connection, [(item.id, holders)], dues=[due_at], since=transaction.now
    )
    transaction.emit(_released(item, released, holders, entry.seq))
    left = able(connection, replace(item, state=state.id), rulebook, holders)
    transaction.emit(alarm(transaction, item, state, left, occurrence=f"u{entry.seq}"))
    if not state.held_by_author:
        transaction.emit(_asked_again(item, state.id, holders))
    if any(each.tells_author for each in rulebook.alternatives(state.id, undone)):
        transaction.emit([_author_informed(item, person, undone)])
    return Decided(code=item.code, seq=entry.seq, hash=entry.hash.hex())


def _released(
    item: Item, held: Sequence[HeldItem], holders: Sequence[Holder], seq: int
) -> list[Event]:
    """Return who had got the item by the decision and is no longer asked."""
    staying = {each.person for each in holders}
    return [
        HolderReleased(
            item=item.id,
            code=item.code,
            person=each.person,
            version=item.version + 1,
            occurrence=f"u{seq}",
            why=ReleaseReason.UNDONE,
        )
        for each in held
        if each.person not in staying
    ]


def _asked_again(item: Item, state: str, holders: Sequence[Holder]) -> list[Event]:
    return [
        TaskAssigned(
            item=item.id,
            code=item.code,
            person=each.person,
            step=item.step + 1,
            content_hash=item.content_hash,
            version=item.version + 1,
            state=state,
            why=TaskReason.ENTERED,
        )
        for each in holders
    ]


def _author_informed(item: Item, person: Person, transition: str) -> AuthorInformed:
    return AuthorInformed(
        item=item.id,
        code=item.code,
        person=item.author,
        version=item.version + 1,
        transition=transition,
        actor=person.id,
        comment="",
        is_undone=True,
    )
