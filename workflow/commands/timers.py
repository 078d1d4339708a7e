"""Timers of a state: whoever has waited too long is written about, or the clock takes a transition.

Owns which timers are due and that each fires once for each stay of an item in a state, however many
processes ask.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from workflow.command import Cause, ItemCommand
from workflow.commands.decide import Decide, decide
from workflow.commands.execute import Transaction
from workflow.commands.recording import append_in_place, fact_in_place
from workflow.commands.refresh_holders import task_again
from workflow.context import Context
from workflow.definition import Timer
from workflow.errors import Refusal
from workflow.events import Escalated, TaskReason
from workflow.history import payloads
from workflow.lookups.items import pending_holders
from workflow.model import Item, Method, PersonId, Via
from workflow.rules import Rulebook
from workflow.rules.holders import found_by
from workflow.store import history, items


@dataclass(frozen=True, slots=True, kw_only=True)
class FireTimer(ItemCommand[bool]):
    """Let one timer of an item fire, if it is still due."""

    step: int
    days: int


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
            FireTimer(cause=_cause(each, timer), code=each.code, step=each.step, days=timer.days)
            for each in waiting
            if _command(each, timer) not in fired
        )


def _is_due(context: Context, item: Item, timer: Timer, now: datetime) -> bool:
    due_at = context.calendar.step_due(item.since, timer.days)
    return due_at is not None and due_at <= now


def _cause(item: Item, timer: Timer) -> Cause:
    return Cause(actor=None, via=Via.CLOCK, method=Method.NONE, command_id=_command(item, timer))


def _command(item: Item, timer: Timer) -> str:
    return f"timer:{item.code}:{item.step}:{timer.days}"


def fire_timer(transaction: Transaction, command: FireTimer) -> bool:
    """Fire a timer; answer whether it did (False: the item has gone on)."""
    context, connection = transaction.context, transaction.connection
    item = items.lock_items(connection, [command.code]).get(command.code)
    if item is None or item.step != command.step:
        return False
    state = context.rulebooks.of(connection, item.definition_hash).states[item.state]
    timer = next((each for each in state.timers if each.days == command.days), None)
    if timer is None or not _is_due(context, item, timer, transaction.now):
        return False
    if timer.take is not None:
        return _take_transition(transaction, command, timer.take)
    holders = pending_holders(connection, item)
    told = _people_to_tell(transaction, item, timer, {each.person for each in holders})
    payload = payloads.EscalationSent(days=timer.days, told=tuple(told))
    fact = fact_in_place(transaction, command.cause, item, None, payload)
    occurrence = f"t{append_in_place(transaction, item, fact).seq}"
    if not state.held_by_author:
        transaction.emit(
            task_again(item, each.person, why=TaskReason.OVERDUE, occurrence=occurrence)
            for each in holders
        )
    transaction.emit(
        Escalated(
            item=item.id,
            code=item.code,
            person=each,
            state=item.state,
            days=timer.days,
            occurrence=occurrence,
        )
        for each in told
    )
    return True


def _take_transition(transaction: Transaction, command: FireTimer, transition: str) -> bool:
    """Let the clock decide; answer whether it could."""
    decision = Decide(code=command.code, transition=transition, cause=command.cause, version=None)
    return not isinstance(decide(transaction, [decision])[0], Refusal)


def _people_to_tell(
    transaction: Transaction, item: Item, timer: Timer, holding: Collection[PersonId]
) -> list[PersonId]:
    """Return whom the timer's rules find, less those ``holding`` it, who get their task again."""
    directory = transaction.directory
    found = (person.id for rule in timer.tell for person in found_by(rule, item.origin, directory))
    return [each for each in dict.fromkeys(found) if each not in holding]
