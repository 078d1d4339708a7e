"""Decide on items: the only way an item changes its state, whoever asks.

A set of decisions is one function in one transaction: load under lock, plan all, write all. A
refused command has written nothing. Whatever unexpected happens breaks the set, and its commands
run again one by one. Never commits: the committer does, after ``publish`` has put the mails in.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from sqlalchemy import Connection

from workflow.commands.carrying import (
    lock_with_gathered,
    plan_with_gathered,
    release_given_up,
)
from workflow.commands.decision import Decide, PlannedDecision
from workflow.commands.decision_events import events_of
from workflow.commands.decision_inputs import Known, gives_number, load_known
from workflow.commands.decision_record import move_items, record_dossiers, write_beside
from workflow.commands.execute import Transaction, entry_of
from workflow.commands.invite_recipient import invite_recipient
from workflow.context import Context
from workflow.errors import KeyReusedRefusal, Refusal
from workflow.model import Item
from workflow.rules.outcomes import After, Decided
from workflow.store import items, register
from workflow.store.history import StoredEntry

__all__ = ["Decide", "Judgement", "decide", "judge", "recall_decided"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a decision would come to: the item as it is, and the refusal it would meet, or None."""

    item: Item | None
    refusal: Refusal | None


def decide(transaction: Transaction, commands: Sequence[Decide]) -> list[Decided | Refusal]:
    """Run a set of decisions in the caller's transaction; at most one an item, one outcome each."""
    context, connection = transaction.context, transaction.connection
    # 1. Rows are locked in the order of their ids, so that sets of several processes never wait for
    #    each other in a ring. A crash from here on to COMMIT ends the transaction: locks go, and
    #    nothing is kept. Whoever gives a number then has the register until the end, so that the
    #    next one is read after the one before it was kept.
    found = lock_with_gathered(context, connection, commands)
    if gives_number(context, connection, commands, found):
        register.lock_register(connection)
    known = load_known(context, connection, commands, found, transaction.now)
    # 2. All is planned before anything is written: a refused command has written nothing.
    results = [_planned(context, connection, command, known) for command in commands]
    asked = [each for each in results if isinstance(each, PlannedDecision)]
    # What goes along with another is written with it: one more row of the same set.
    planned = [each for one in asked for each in (one, *one.carried)]
    if planned:
        # What leaves under one number is one dossier; its unique keys stop a second one.
        record_dossiers(connection, asked)
        # 3. Guarded by state and version; one row fewer than planned breaks the set, which is then
        #    rolled back and run one by one. Nothing is durable yet.
        transaction.write_last(lambda: move_items(connection, planned))
        # 4. History, the link's use, holders, number and superseded reminders go out with the mails
        #    that ``publish`` adds. All or none is kept: no decision without its entry and mails,
        #    no link spent on a decision that was lost.
        transaction.write_last(lambda: write_beside(connection, planned, known.now))
        plan_names = partial(context.campaigns.names, connection)
        for each in planned:
            transaction.emit(events_of(each, known.directory, plan_names))
        for each in asked:
            release_given_up(transaction, each, known)
            invite_recipient(transaction, each)
    # 5. COMMIT is the committer's, and only then is anybody answered. Whoever lost the answer gives
    #    the command again and is answered from its entry; mails leave later, from the outbox.
    return [
        _decided(each, known) if isinstance(each, PlannedDecision) else each for each in results
    ]


def _planned(
    context: Context, connection: Connection, command: Decide, known: Known
) -> PlannedDecision | Decided | Refusal:
    """Plan one of a set: what is refused takes no number, and the next one gets it."""
    result = plan_with_gathered(context, connection, command, known)
    for number in result.numbers if isinstance(result, PlannedDecision) else ():
        known.numbers.take(number)
    return result


def _decided(planned: PlannedDecision, known: Known) -> Decided:
    entry = planned.entry
    return Decided(
        code=planned.item.code,
        seq=entry.seq,
        hash=entry.hash.hex(),
        after=_after(planned, known) if planned.command.with_view else None,
    )


def _after(planned: PlannedDecision, known: Known) -> After:
    item = replace(
        planned.item,
        state=planned.plan.to,
        version=planned.item.version + 1,
        step=planned.step,
        due_at=planned.plan.due_at,
        since=planned.since,
        seq=planned.entry.seq,
        head=planned.entry.hash,
    )
    return After(
        entry=planned.entry,
        item=item,
        content=known.contents[item.id],
        holders=planned.plan.holders,
        directory=known.directory,
    )


def judge(context: Context, connection: Connection, commands: Sequence[Decide]) -> list[Judgement]:
    """Return what each of ``commands`` would come to now, in order; writes nothing."""
    found = {
        each.code: item
        for each in commands
        if (item := items.find_item(connection, each.code)) is not None
    }
    found |= {each.code: each for each in items.items_gathered_in(connection, found)}
    known = load_known(context, connection, commands, found, context.clock())
    return [
        Judgement(
            item=known.items.get(command.code),
            refusal=_refusal(context, connection, command, known),
        )
        for command in commands
    ]


def _refusal(
    context: Context, connection: Connection, command: Decide, known: Known
) -> Refusal | None:
    """Return what a decision would be refused by; one made before is answered as it was then."""
    try:
        if entry_of(connection, command.cause) is not None:
            return None
    except KeyReusedRefusal as refusal:
        return refusal
    result = plan_with_gathered(context, connection, command, known)
    return result if isinstance(result, Refusal) else None


def recall_decided(_connection: Connection, command: Decide, made: StoredEntry) -> Decided:
    """Return what a decision was answered when it was made."""
    return Decided(code=command.code, seq=made.seq, hash=made.hash.hex())
