"""Recusal: a holder who is concerned says so; the item goes to the next person by rule, and never back to them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from workflow import values
from workflow.commands.refresh_holders import changed_holders, stuck_events
from workflow.commands.replays import made_by
from workflow.context import Context, SetBrokenError, fact_in_place
from workflow.errors import InvalidRefusal, NotFoundRefusal, NotPermittedRefusal, Refusal, reason
from workflow.events import Event, HolderReleased
from workflow.history import payloads
from workflow.history.payloads import seats_of
from workflow.lookups.prior_decisions import still_asked
from workflow.messages import lazy
from workflow.model import Item, Method, PersonId, Via
from workflow.people import scope_of
from workflow.store import history, items
from workflow.store.history import NewEntry

_REASON_LIMIT = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Recuse:
    """Say that ``actor`` is concerned by an item that waits for them, and why."""

    code: str
    actor: PersonId
    why: str
    via: Via
    method: Method
    command_id: str
    digest: str = ""

    @property
    def key(self) -> str:
        """Return what this command contends for."""
        return self.code


def recuse(
    context: Context, connection: Connection, commands: Sequence[Recuse]
) -> list[int | Refusal]:
    """Record recusals; answer the number of the entry."""
    found = items.lock_items(connection, [command.code for command in commands])
    events: list[Event] = []
    outcomes = [
        _recuse(context, connection, found.get(command.code), command, events)
        for command in commands
    ]
    context.publish(connection, events)
    return outcomes


def _recuse(
    context: Context,
    connection: Connection,
    item: Item | None,
    command: Recuse,
    events: list[Event],
) -> int | Refusal:
    now = context.clock()
    directory = context.directory(connection, now)
    person = directory.active(command.actor)
    held = items.holders_by_item(connection, [item.id]).get(item.id, []) if item is not None else []
    if (
        item is None
        or person is None
        or not (
            scope_of(person).covers(item.department)
            or any(each.person == person.id for each in held)
        )
    ):
        return NotFoundRefusal(lazy("the item {code}", code=command.code))
    made = made_by(connection, command)
    if made is not None:
        return made if isinstance(made, Refusal) else made.seq
    rulebook = context.rulebooks.of(connection, item.definition_hash)
    if rulebook.states[item.state].held_by_author or all(each.person != person.id for each in held):
        return NotPermittedRefusal(
            reason(
                "holder",
                "The item does not wait for you at this step, so you need not stand aside.",
            )
        )
    if wrong := values.lines_fault(command.why, _REASON_LIMIT):
        return InvalidRefusal(
            reason("reason", "Say how you are concerned. The reason {wrong}", wrong=wrong)
        )
    without = replace(item, recused=(*item.recused, person.id))
    holders = still_asked(connection, without, rulebook, directory)
    payload = payloads.Recused(holders=seats_of(holders))
    fact = replace(
        fact_in_place(context, connection, command, item, person, payload),
        texts={"comment": values.lines(command.why)},
    )
    entry = context.next_entry(item, fact)
    if not items.recuse_from_item(
        connection, item, without.recused, seq=entry.seq, head=entry.hash
    ):
        raise SetBrokenError
    history.append_entries(
        connection, [NewEntry(entry=entry, item_id=item.id, command_digest=command.digest)]
    )
    gained_and_lost = changed_holders(connection, item, holders, now, occurrence=f"r{entry.seq}")
    events += [
        each
        for each in gained_and_lost
        if not (isinstance(each, HolderReleased) and each.person == person.id)
    ]
    events += stuck_events(
        item, rulebook.states[item.state], holders, directory, occurrence=f"r{entry.seq}"
    )
    return entry.seq
