"""Undo: the last decision on an item is taken back by whoever made it, or the Office, while nobody has acted since.

Nothing is deleted: a compensating entry leads back to the state the item came from, as a new step,
so every link of the step that was undone is dead. Only transitions that the definition marks, and
at most ten minutes long.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from workflow.commands.replays import made_by
from workflow.context import Context, SetBrokenError
from workflow.errors import NotFoundRefusal, NotPermittedRefusal, Refusal, reason
from workflow.events import (
    AuthorInformed,
    Event,
    HolderReleased,
    ReleaseReason,
    TaskAssigned,
    TaskReason,
)
from workflow.history import EntryType, Fact, payloads
from workflow.history.payloads import seats_of
from workflow.messages import lazy
from workflow.model import OFFICE, Holder, Item, Method, Person, PersonId, Via
from workflow.people import scope_of
from workflow.rules import Rulebook
from workflow.rules.outcomes import After, Decided
from workflow.store import history, items
from workflow.store.history import NewEntry, StoredEntry
from workflow.store.items import HeldItem, Move

UNDO_WITHIN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """Take back the last decision on an item.

    With ``entry``, only if it is that one (a link takes back what it decided itself).
    """

    code: str
    actor: PersonId
    via: Via
    method: Method
    command_id: str
    digest: str = ""
    entry: int | None = None

    @property
    def key(self) -> str:
        """Return what this command contends for."""
        return self.code


def undoable_until(
    context: Context, connection: Connection, item: Item, person: Person, entry: int | None = None
) -> datetime | None:
    """Return until when ``person`` can take back the last decision on ``item`` (with ``entry``, only that one), or None."""
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
    """Return whether the definition lets the decision that led out of ``from_state`` be taken back."""
    return any(each.undo for each in rulebook.alternatives(from_state or "", transition or ""))


def _undoable(
    context: Context, connection: Connection, item: Item, person: Person, entry: int | None
) -> StoredEntry | Refusal:
    last = history.last_decision(connection, item.id)
    if (
        last is None
        or last.type != "transition"
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
    if last.actor != person.id and person.position not in OFFICE:
        return NotPermittedRefusal(
            reason("undo", "Only whoever decided, or the Office, may undo it.")
        )
    if context.clock() > last.at + UNDO_WITHIN:
        return NotPermittedRefusal(
            reason(
                "undo",
                "More than 10 minutes have passed, so it can no longer be undone. Use "
                "“Return” if needed.",
            )
        )
    return last


def undo_decisions(
    context: Context, connection: Connection, commands: Sequence[Undo]
) -> list[Decided | Refusal]:
    """Take decisions back; answer the entry of each."""
    found = items.lock_items(connection, [command.code for command in commands])
    events: list[Event] = []
    outcomes = [
        _undo(context, connection, found.get(command.code), command, events) for command in commands
    ]
    context.publish(connection, events)
    return outcomes


def _undo(
    context: Context, connection: Connection, item: Item | None, command: Undo, events: list[Event]
) -> Decided | Refusal:
    person = context.directory(connection, context.clock()).active(command.actor)
    if item is None or person is None or not _sees(connection, item, person):
        return NotFoundRefusal(lazy("the item {code}", code=command.code))
    made = made_by(connection, command)
    if made is not None:
        return (
            made
            if isinstance(made, Refusal)
            else Decided(code=item.code, seq=made.seq, hash=made.hash.hex())
        )
    last = _undoable(context, connection, item, person, command.entry)
    if isinstance(last, Refusal):
        return last
    return _written(context, connection, item, person, last, command, events)


def _sees(connection: Connection, item: Item, person: Person) -> bool:
    """Return whether the item exists for ``person``.

    Whoever decided last, as a stand-in say, still sees it.
    """
    if scope_of(person).covers(item.department):
        return True
    last = history.last_decision(connection, item.id)
    return last is not None and last.actor == person.id


def _written(
    context: Context,
    connection: Connection,
    item: Item,
    person: Person,
    last: StoredEntry,
    command: Undo,
    events: list[Event],
) -> Decided:
    now = context.clock()
    before, undone = last.fact.from_state or "", last.fact.transition or ""
    rulebook = context.rulebooks.of(connection, item.definition_hash)
    state = rulebook.states[before]
    holders = rulebook.holders(state.id, item, context.directory(connection, now))
    due_at = context.calendar.step_due(now, state.working_days)
    fact = Fact(
        subject=item.subject,
        payload=payloads.Undone(undoes=last.seq, holders=seats_of(holders), due_at=due_at),
        at=context.stamp(connection, item.subject, now),
        actor=person.id,
        position=person.position.value,
        via=command.via.value,
        method=command.method.value,
        transition=undone,
        from_state=item.state,
        to_state=state.id,
        version=item.version + 1,
        step=item.step + 1,
        decided_version=item.version,
        content_hash=item.content_hash,
        definition_hash=item.definition_hash,
        command_id=command.command_id,
    )
    entry = context.next_entry(item, fact)
    move = Move(
        item=item,
        state=state.id,
        step=item.step + 1,
        due_at=due_at,
        since=fact.at,
        seq=entry.seq,
        head=entry.hash,
    )
    if items.move_items(connection, [move]) != 1:
        raise SetBrokenError
    history.append_entries(
        connection, [NewEntry(entry=entry, item_id=item.id, command_digest=command.digest)]
    )
    released = items.holders_by_item(connection, [item.id]).get(item.id, [])
    items.replace_holders(connection, [(item.id, holders)], dues=[due_at], since=now)
    tells_author = any(each.tells_author for each in rulebook.alternatives(state.id, undone))
    events += _released(item, released, holders, entry.seq)
    events += [] if state.held_by_author else _asked_again(item, state.id, holders)
    events += [_author_informed(item, person, undone)] if tells_author else []
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
