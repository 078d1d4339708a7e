"""Timers of a state: whoever has waited too long is written about, or the clock takes a transition.

Owns which timers are due and that each fires once for each stay of an item in a state, however many processes ask.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from sqlalchemy import Connection

from workflow.commands.decide import Decide, decide
from workflow.commands.refresh_holders import task_again
from workflow.context import Context, SetBrokenError
from workflow.definition import Timer
from workflow.errors import Refusal
from workflow.events import Escalated, Event, TaskReason
from workflow.history import Fact, payloads
from workflow.model import Item, Method, PersonId, Via
from workflow.rules import Rulebook
from workflow.rules.holders import found_by
from workflow.store import history, items
from workflow.store.history import NewEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class FireTimer:
    """Let one timer of an item fire, if it is still due."""

    is_repeatable: ClassVar[bool] = True
    code: str
    step: int
    days: int

    @property
    def key(self) -> str:
        """Return what this command contends for."""
        return self.code


def due_timers(context: Context, connection: Connection) -> list[FireTimer]:
    """Return every timer that is due now and has not fired."""
    now = context.clock()
    found: list[FireTimer] = []
    for book in context.rulebooks.all(connection):
        for state in book.definition.states:
            for timer in state.timers:
                found += _due(context, connection, book, timer, state.id, now)
    return found


def _due(
    context: Context,
    connection: Connection,
    book: Rulebook,
    timer: Timer,
    state: str,
    now: datetime,
) -> Iterator[FireTimer]:
    calendar = context.calendar
    latest = calendar.at(calendar.shift(calendar.local_day(now), -timer.days), calendar.closes_at)
    for page in items.items_waiting_since(connection, state, latest):
        waiting = [
            each
            for each in page
            if each.definition_hash == book.hash and _is_due(context, each, timer, now)
        ]
        fired = (
            {
                command
                for _, command in history.entries_by_command(
                    connection, [_command(each, timer) for each in waiting]
                )
            }
            if waiting
            else set()
        )
        yield from (
            FireTimer(code=each.code, step=each.step, days=timer.days)
            for each in waiting
            if _command(each, timer) not in fired
        )


def _is_due(context: Context, item: Item, timer: Timer, now: datetime) -> bool:
    due_at = context.calendar.step_due(item.since, timer.days)
    return due_at is not None and due_at <= now


def _command(item: Item, timer: Timer) -> str:
    return f"timer:{item.code}:{item.step}:{timer.days}"


def fire_timers(
    context: Context, connection: Connection, commands: Sequence[FireTimer]
) -> list[bool]:
    """Fire timers; answer whether each did (False: it had fired, or the item has gone on)."""
    found = items.lock_items(connection, [command.code for command in commands])
    events: list[Event] = []
    outcomes = [
        _fire(context, connection, found.get(command.code), command, events) for command in commands
    ]
    context.publish(connection, events)
    return outcomes


def _fire(
    context: Context,
    connection: Connection,
    item: Item | None,
    command: FireTimer,
    events: list[Event],
) -> bool:
    if item is None or item.step != command.step:
        return False
    state = context.rulebooks.of(connection, item.definition_hash).states[item.state]
    timer = next((each for each in state.timers if each.days == command.days), None)
    now = context.clock()
    if timer is None or not _is_due(context, item, timer, now):
        return False
    if history.entries_by_command(connection, [_command(item, timer)]):
        return False
    if timer.take is not None:
        return _take(context, connection, item, timer)
    told = _told(context, connection, item, timer, now)
    seq = _record(context, connection, item, timer, told, now)
    holders = items.holders_by_item(connection, [item.id]).get(item.id, [])
    events += [
        task_again(item, each.person, why=TaskReason.OVERDUE, occurrence=f"t{seq}")
        for each in holders
        if not state.held_by_author
    ]
    events += [
        Escalated(
            item=item.id,
            code=item.code,
            person=each,
            state=item.state,
            days=timer.days,
            occurrence=f"t{seq}",
        )
        for each in told
    ]
    return True


def _take(context: Context, connection: Connection, item: Item, timer: Timer) -> bool:
    command = Decide(
        code=item.code,
        transition=timer.take or "",
        actor=None,
        version=None,
        via=Via.CLOCK,
        method=Method.NONE,
        command_id=_command(item, timer),
        digest="",
    )
    return not isinstance(decide(context, connection, [command])[0], Refusal)


def _told(
    context: Context, connection: Connection, item: Item, timer: Timer, now: datetime
) -> list[PersonId]:
    """Return who is written to: those whom the timer's rules find, less the holders, who get their task again."""
    directory = context.directory(connection, now)
    holding = {
        each.person for each in items.holders_by_item(connection, [item.id]).get(item.id, [])
    }
    found = (
        person.id
        for rule in timer.tell
        for person in found_by(rule, item.author, item.department, directory, item.recused)
    )
    return [each for each in dict.fromkeys(found) if each not in holding]


def _record(
    context: Context,
    connection: Connection,
    item: Item,
    timer: Timer,
    told: list[PersonId],
    now: datetime,
) -> int:
    fact = Fact(
        subject=item.subject,
        payload=payloads.Escalated(days=timer.days, told=tuple(told)),
        at=context.stamp(connection, item.subject, now),
        actor=None,
        via=Via.CLOCK.value,
        method=Method.NONE.value,
        from_state=item.state,
        to_state=item.state,
        version=item.version,
        step=item.step,
        content_hash=item.content_hash,
        definition_hash=item.definition_hash,
        command_id=_command(item, timer),
    )
    entry = context.next_entry(item, fact)
    if not items.append_to_item(connection, item, seq=entry.seq, head=entry.hash):
        raise SetBrokenError
    history.append_entries(connection, [NewEntry(entry=entry, item_id=item.id)])
    return entry.seq
