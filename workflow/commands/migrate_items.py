"""Move open items to another version of their definition.

Judged first, written as one entry from hash to hash.

Going back is the same move to the older version. State, step and content stay; holders and due time
follow the new rules; the version counts up, so that nobody decides by a page made under the old.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from sqlalchemy import Connection

from workflow.command import Cause, Command, ItemCommand
from workflow.commands.execute import Transaction
from workflow.commands.proposals import Proposed, Wish, proposed
from workflow.commands.recording import append_to_item, fact_in_place
from workflow.commands.refresh_holders import alarm, changed_holders
from workflow.context import Context
from workflow.errors import (
    InvalidRefusal,
    NotFoundRefusal,
    NotPermittedRefusal,
    Reason,
    reason,
)
from workflow.history import Entry, payloads
from workflow.history.payloads import seats_of
from workflow.lookups.items import open_items
from workflow.lookups.prior_decisions import able, kept_apart, separation_lost
from workflow.messages import lazy
from workflow.model import Content, Grant, Holder, Item, Person, PersonId
from workflow.people import require_definition_editor
from workflow.people.powers import Gain, gaining_positions
from workflow.rules import Rulebook, checked_fields
from workflow.store import history, items
from workflow.store.history import StoredEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrateItem(ItemCommand[int]):
    """Move the item ``code`` to the definition ``to_hash``; the command line's, item by item."""

    to_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrateItems(Command[int | Proposed]):
    """Move those of ``codes`` that can follow it to the definition ``to_hash``."""

    codes: tuple[str, ...]
    to_hash: str
    contends_for: ClassVar[str] = "setup"


def judged_items(
    context: Context, connection: Connection, target: Rulebook, mover: PersonId | None = None
) -> list[tuple[Item, list[Reason]]]:
    """Return every open item not yet under ``target``, with why it cannot follow it.

    ``mover``: who would ask for it; None: the command line.
    """
    waiting = [
        each
        for each in open_items(context, connection)
        if each.type == target.definition.id and each.definition_hash != target.hash
    ]
    return [(item, judge_migration(context, connection, item, target, mover)) for item in waiting]


def judge_migration(
    context: Context,
    connection: Connection,
    item: Item,
    target: Rulebook,
    mover: PersonId | None,
) -> list[Reason]:
    """Return every reason why ``item`` cannot follow the rules of ``target``; empty if it can."""
    if target.definition.id != item.type:
        return [
            reason(
                "definition",
                "“{to}” is the process of another kind of item.",
                to=target.definition.label,
            )
        ]
    reasons: list[Reason] = []
    state = target.states.get(item.state)
    if state is None:
        present = context.rulebooks.of(connection, item.definition_hash).states[item.state]
        reasons.append(
            reason(
                "state",
                "The new process has no state “{label}” ({state}).",
                label=present.label_now,
                state=item.state,
            )
        )
    elif not state.final:
        reasons += _unheld(context, connection, item, target, mover)
    rulebook = context.rulebooks.of(connection, item.definition_hash)
    reasons += separation_lost(connection, item, rulebook, target)
    content = context.contents.of(connection, [item])[item.id]
    return reasons + _content_reasons(target, content)


def _unheld(
    context: Context,
    connection: Connection,
    item: Item,
    target: Rulebook,
    mover: PersonId | None,
) -> Iterator[Reason]:
    """Yield why nobody could hold the item any more where it is."""
    label = target.states[item.state].label_now
    if not _holders(context, connection, item, target):
        yield reason(
            "holder",
            "Under the new process nobody can hold the item in the state “{label}”.",
            label=label,
        )
    elif not _holders(context, connection, _apart(connection, item, target, mover), target):
        yield reason(
            "proposer",
            "In the state “{label}” only whoever proposes this, or proposed the new process, "
            "could hold the item, and they decide on nothing that it moves. Let somebody else "
            "propose it.",
            label=label,
        )


def _apart(connection: Connection, item: Item, target: Rulebook, mover: PersonId | None) -> Item:
    """Return ``item`` with those kept from it who made the rules that it is to follow."""
    return replace(item, recused=(*item.recused, *kept_apart(connection, item, target, mover)))


def _content_reasons(target: Rulebook, content: Content) -> list[Reason]:
    try:
        checked_fields(target.definition, content.fields)
    except InvalidRefusal as refusal:
        return list(refusal.reasons)
    return []


def _holders(
    context: Context, connection: Connection, item: Item, target: Rulebook
) -> tuple[Holder, ...]:
    directory = context.directory(connection, context.clock())
    return target.holders(item.state, item, directory)


def migrate_item(transaction: Transaction, command: MigrateItem) -> int:
    """Move an item; answer the number of the entry written (0 where the item was there already)."""
    cause = command.cause
    if not cause.is_operator:
        raise NotPermittedRefusal(
            reason("operator", "Only who runs the program on its machine may do this.")
        )
    item = items.lock_items(transaction.connection, [command.code]).get(command.code)
    if item is None:
        raise NotFoundRefusal(lazy("the item {code}", code=command.code))
    target = transaction.context.rulebooks.of(transaction.connection, command.to_hash)
    if reasons := judge_migration(transaction.context, transaction.connection, item, target, None):
        raise InvalidRefusal(*reasons)
    if item.definition_hash == command.to_hash:
        return 0
    return _migrate(transaction, item, None, target, cause)


def migrate_items(transaction: Transaction, command: MigrateItems) -> int | Proposed:
    """Move items, all in one transaction; answer how many, or the proposal to move them."""
    context, connection, cause = transaction.context, transaction.connection, command.cause
    if not cause.is_operator:
        require_definition_editor(transaction.directory.active(cause.asker))
    target = context.rulebooks.of(connection, command.to_hash)
    able = [
        item
        for item in items.lock_items(connection, command.codes).values()
        if item.definition_hash != target.hash
        and not judge_migration(context, connection, item, target, cause.asker)
    ]
    if not able:
        return 0
    wish = Wish(
        parameters={"codes": [*sorted(command.codes)], "to_hash": target.hash},
        base=context.rulebooks.newest(connection)[target.definition.id].hash,
        gain=Gain(
            grants=frozenset({Grant.MIGRATIONS}), gainers=_gainers(transaction, able, target)
        ),
    )
    if (waits := proposed(transaction, command, wish)) is not None:
        return waits
    actor = transaction.directory.active(cause.actor)
    for number, item in enumerate(able):
        own = replace(cause, command_id=f"{cause.command_id}:{item.code}") if number else cause
        _migrate(transaction, item, actor, target, own)
    return len(able)


def recall_moved(connection: Connection, command: MigrateItems, _made: StoredEntry) -> int:
    """Return how many items a command moved: each entry after the first bears its item's code."""
    cause = command.cause
    ids = [cause.command_id, *(f"{cause.command_id}:{each}" for each in command.codes)]
    made = history.entries_by_command(connection, ids)
    return sum(actor == cause.actor for actor, _ in made)


def _gainers(
    transaction: Transaction, moved: Sequence[Item], target: Rulebook
) -> frozenset[PersonId]:
    """Return who may do more with the items once they follow ``target``."""
    books, connection = transaction.context.rulebooks, transaction.connection
    gaining = {
        position
        for of_hash in {each.definition_hash for each in moved}
        for position in gaining_positions(
            books.of(connection, of_hash).definition, target.definition
        )
    }
    return frozenset(each.id for each in transaction.directory.in_positions(gaining))


def _migrate(
    transaction: Transaction, item: Item, actor: Person | None, target: Rulebook, cause: Cause
) -> int:
    connection = transaction.connection
    moved = _apart(connection, item, target, cause.asker)
    holders = _holders(transaction.context, connection, moved, target)
    due_at = transaction.context.calendar.step_due(
        item.since, target.states[item.state].working_days
    )
    payload = payloads.Migrated(
        from_definition=item.definition_hash,
        holders=seats_of(holders),
        due_at=due_at,
        proposal=cause.proposal,
        proposed_by=cause.proposed_by,
        kept_apart=moved.recused[len(item.recused) :],
    )
    fact = replace(
        fact_in_place(transaction, cause, item, actor, payload),
        version=item.version + 1,
        decided_version=item.version,
        definition_hash=target.hash,
    )

    def update(entry: Entry) -> bool:
        migrated = replace(
            moved,
            definition_hash=target.hash,
            version=item.version + 1,
            due_at=due_at,
            seq=entry.seq,
            head=entry.hash,
        )
        return items.migrate_item(connection, migrated)

    seq = append_to_item(transaction, item, fact, update, digest=cause.digest).seq
    occurrence = f"m{seq}"
    transaction.emit(
        changed_holders(connection, item, holders, transaction.now, occurrence=occurrence)
    )
    state = target.states[item.state]
    if not state.held_by_author:
        left = able(connection, moved, target, holders)
        transaction.emit(alarm(transaction, item, state, left, occurrence=occurrence))
    return seq
