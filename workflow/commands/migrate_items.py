"""Move an open item to another version of its definition: judged first, written as one entry from hash to hash.

Going back is the same move to the older version. State, step and content stay; holders and due time follow the new rules;
the version counts up, so that nobody decides by a page that was made under the old ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from workflow.commands.refresh_holders import changed_holders
from workflow.context import Context, SetBrokenError
from workflow.errors import InvalidRefusal, NotFoundRefusal, Reason, Refusal, reason
from workflow.events import Event
from workflow.history import Fact, payloads
from workflow.history.payloads import seats_of
from workflow.lookups.items import open_items
from workflow.messages import lazy
from workflow.model import Content, Holder, Item, Method, Via
from workflow.rules import Rulebook, checked_fields
from workflow.store import history, items
from workflow.store.history import NewEntry
from workflow.store.instants import written


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrateItem:
    """Move the item ``code`` to the definition ``to_hash``, which must be a version of its own."""

    code: str
    to_hash: str
    command_id: str

    @property
    def key(self) -> str:
        """Return what this command contends for."""
        return self.code


def judged_items(
    context: Context, connection: Connection, target: Rulebook
) -> list[tuple[Item, list[Reason]]]:
    """Return every open item of the definition that is not under ``target`` yet, with why it cannot follow it (nothing: it can)."""
    waiting = [
        each
        for each in open_items(context, connection)
        if each.type == target.definition.id and each.definition_hash != target.hash
    ]
    return [(item, judge_migration(context, connection, item, target)) for item in waiting]


def judge_migration(
    context: Context, connection: Connection, item: Item, target: Rulebook
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
                label=present.label,
                state=item.state,
            )
        )
    elif not state.final and not _holders(context, connection, item, target):
        reasons.append(
            reason(
                "holder",
                "Under the new process nobody can hold the item in the state “{label}”.",
                label=state.label,
            )
        )
    content = context.contents.of(connection, [item])[item.id]
    return reasons + _content_reasons(target, content)


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


def migrate_items(
    context: Context, connection: Connection, commands: Sequence[MigrateItem]
) -> list[int | Refusal]:
    """Move items; answer the number of the entry written (0 where the item was there already), or the refusal."""
    found = items.lock_items(connection, [command.code for command in commands])
    outcomes: list[int | Refusal] = []
    events: list[Event] = []
    for command in commands:
        item = found.get(command.code)
        if item is None:
            outcomes.append(NotFoundRefusal(lazy("the item {code}", code=command.code)))
            continue
        target = context.rulebooks.of(connection, command.to_hash)
        reasons = judge_migration(context, connection, item, target)
        if reasons:
            outcomes.append(InvalidRefusal(*reasons))
        elif item.definition_hash == command.to_hash:
            outcomes.append(0)
        else:
            outcomes.append(_migrate(context, connection, item, target, command, events))
    context.publish(connection, events)
    return outcomes


def _migrate(
    context: Context,
    connection: Connection,
    item: Item,
    target: Rulebook,
    command: MigrateItem,
    events: list[Event],
) -> int:
    now = context.clock()
    holders = _holders(context, connection, item, target)
    due_at = context.calendar.step_due(item.since, target.states[item.state].working_days)
    fact = Fact(
        subject=item.subject,
        payload=payloads.Migrated(
            from_definition=item.definition_hash, holders=seats_of(holders), due_at=due_at
        ),
        at=context.stamp(connection, item.subject, now),
        actor=None,
        via=Via.CLI.value,
        method=Method.NONE.value,
        from_state=item.state,
        to_state=item.state,
        version=item.version + 1,
        step=item.step,
        decided_version=item.version,
        content_hash=item.content_hash,
        definition_hash=target.hash,
        command_id=f"{command.command_id}:{item.code}",
    )
    entry = context.next_entry(item, fact)
    changes = {
        "definition_hash": target.hash,
        "version": item.version + 1,
        "due_at": written(due_at),
        "seq": entry.seq,
        "head": entry.hash,
    }
    if not items.migrate_item(connection, item, changes):
        raise SetBrokenError
    history.append_entries(connection, [NewEntry(entry=entry, item_id=item.id)])
    events += changed_holders(connection, item, holders, now, occurrence=f"m{entry.seq}")
    return entry.seq
