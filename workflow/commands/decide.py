"""Decide on items: the only way an item changes its state, whoever asks.

A set of decisions is one function in one transaction: load under lock, plan all, write all. A refused command has
written nothing; whatever unexpected happens breaks the set, and its commands run again one by one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from workflow.command import Command
from workflow.commands.decision_record import events_of, fact_of
from workflow.commands.dispatch import Dispatch, DispatchRequest, numbered, record_dispatch
from workflow.commands.execute import Transaction, entry_of
from workflow.commands.staleness import stale
from workflow.context import Context, SetBrokenError
from workflow.definition import Confirmation, State
from workflow.errors import (
    InvalidRefusal,
    KeyReusedRefusal,
    NotFoundRefusal,
    Refusal,
    StaleRefusal,
    VersionRequiredRefusal,
    reason,
)
from workflow.history import Entry
from workflow.links import Link, LinkStatus, refusal_of, status_of
from workflow.lookups.prior_decisions import pasts
from workflow.messages import lazy
from workflow.model import Content, Item, ItemId, Method, Via
from workflow.people import Directory, scope_of
from workflow.rules import (
    NOTHING,
    Past,
    Plan,
    Request,
    Rulebook,
    Surroundings,
    plan_decision,
    reads_content,
)
from workflow.rules.outcomes import After, Decided
from workflow.store import deadlines, history, items, links
from workflow.store.history import NewEntry, StoredEntry
from workflow.store.instants import written
from workflow.store.items import Move


@dataclass(frozen=True, slots=True, kw_only=True)
class Decide(Command[Decided]):
    """One decision on one item, by a person or (``actor`` None) by the clock. ``digest`` identifies the request's body for replays; ``link`` is the link used."""

    code: str
    transition: str
    version: int | None
    to: str | None = None
    comment: str = ""
    link: bytes | None = None
    dispatch: DispatchRequest = field(default_factory=DispatchRequest)
    mend: tuple[str, ...] = ()
    """What the author is to mend: ids of fields, or ``files``."""
    named: frozenset[str] = frozenset()
    """Which of the optional fields the caller named; a transition takes only its own."""
    confirmed: frozenset[Confirmation] | None = None
    """What the form confirms; None where deciding is itself the confirmation (API, clock)."""
    with_view: bool = False
    """Whether the caller will show the item: its content is then read with that of the whole set, and comes with the outcome."""

    @property
    def contends_for(self) -> str:
        """Return what this command contends for."""
        return self.code

    def proven_by(self, method: Method) -> "Decide":
        """Return the same decision with the factor that was proven."""
        return replace(self, cause=replace(self.cause, method=method))


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a decision would come to: the item as it is, and the refusal it would meet, or None."""

    item: Item | None
    refusal: Refusal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What a set of decisions is planned against."""

    items: Mapping[str, Item]
    contents: Mapping[ItemId, Content]
    links: Mapping[bytes, Link]
    pasts: Mapping[int, Past]
    around: Surroundings

    @property
    def directory(self) -> Directory:
        """Return who works here today."""
        return self.around.directory

    @property
    def now(self) -> datetime:
        """Return the one instant of the set."""
        return self.around.now


@dataclass(frozen=True, slots=True, kw_only=True)
class _Planned:
    command: Decide
    item: Item
    plan: Plan
    entry: Entry
    dispatch: Dispatch | None


def decide(transaction: Transaction, commands: Sequence[Decide]) -> list[Decided | Refusal]:
    """Run a set of decisions in the caller's transaction; one outcome each, in order. At most one per item."""
    context, connection = transaction.context, transaction.connection
    found = items.lock_items(connection, [command.code for command in commands])
    known = _load(context, connection, commands, found, transaction.now)
    outcomes: list[Decided | Refusal] = []
    planned: list[_Planned] = []
    for command in commands:
        result = _judge(context, connection, command, known)
        if isinstance(result, _Planned):
            planned.append(result)
            outcomes.append(_decided(result, known))
        else:
            outcomes.append(result)
    if planned:
        _write(transaction, planned, known)
    return outcomes


def _decided(planned: _Planned, known: _Known) -> Decided:
    entry = planned.entry
    return Decided(
        code=planned.item.code,
        seq=entry.seq,
        hash=entry.hash.hex(),
        after=_after(planned, known) if planned.command.with_view else None,
    )


def _after(planned: _Planned, known: _Known) -> After:
    entry, item = planned.entry, planned.item
    moved = replace(
        item,
        state=planned.plan.to,
        version=item.version + 1,
        step=_step_after(planned),
        due_at=planned.plan.due_at,
        since=entry.fact.at if planned.plan.moves else item.since,
        seq=entry.seq,
        head=entry.hash,
    )
    return After(
        entry=entry,
        item=moved,
        content=known.contents[item.id],
        holders=planned.plan.holders,
        directory=known.directory,
    )


def _step_after(planned: _Planned) -> int:
    return planned.item.step + 1 if planned.plan.moves else planned.item.step


def judge(context: Context, connection: Connection, commands: Sequence[Decide]) -> list[Judgement]:
    """Return what each of ``commands`` would come to now, in order; writes nothing."""
    found = {
        each.code: item
        for each in commands
        if (item := items.find_item(connection, each.code)) is not None
    }
    known = _load(context, connection, commands, found, context.clock())
    return [
        Judgement(
            item=known.items.get(command.code),
            refusal=_refusal(context, connection, command, known),
        )
        for command in commands
    ]


def _refusal(
    context: Context, connection: Connection, command: Decide, known: _Known
) -> Refusal | None:
    """Return what a decision would be refused by; one that was made before is answered as it was then."""
    try:
        if entry_of(connection, command.cause) is not None:
            return None
    except KeyReusedRefusal as refusal:
        return refusal
    result = _judge(context, connection, command, known)
    return result if isinstance(result, Refusal) else None


def _load(
    context: Context,
    connection: Connection,
    commands: Sequence[Decide],
    found: Mapping[str, Item],
    now: datetime,
) -> _Known:
    directory = context.directory(connection, now)
    wanted = [
        found[command.code]
        for command in commands
        if command.code in found
        and _needs_content(context, connection, found[command.code], command)
    ]
    return _Known(
        items=found,
        contents=context.contents.of(connection, wanted),
        links=links.find_links(
            connection, [command.link for command in commands if command.link is not None]
        ),
        pasts=pasts(
            connection,
            [
                (
                    item,
                    context.rulebooks.of(connection, item.definition_hash),
                    command.cause.actor,
                    command.transition,
                )
                for command in commands
                if command.cause.actor is not None and (item := found.get(command.code))
            ],
            directory,
        ),
        around=Surroundings(directory=directory, calendar=context.calendar, now=now),
    )


def _needs_content(context: Context, connection: Connection, item: Item, command: Decide) -> bool:
    alternatives = context.rulebooks.of(connection, item.definition_hash).alternatives(
        item.state, command.transition
    )
    return bool(alternatives) and (command.with_view or reads_content(alternatives))


def _judge(
    context: Context, connection: Connection, command: Decide, known: _Known
) -> _Planned | Decided | Refusal:
    item = known.items.get(command.code)
    rulebook = context.rulebooks.of(connection, item.definition_hash) if item is not None else None
    if item is None or rulebook is None or not _may_see(command, item, rulebook, known):
        return NotFoundRefusal(lazy("the item {code}", code=command.code))
    if malformed := _malformed(rulebook, command):
        return malformed
    if command.link is not None and (
        answered := _answered_by_link(connection, command, item, known)
    ):
        return answered
    if command.version is None and command.cause.via is not Via.CLOCK:
        return VersionRequiredRefusal()
    dispatch = _dispatch(context, connection, command, item, rulebook, known.now)
    request = Request(
        transition=command.transition,
        actor=command.cause.actor,
        version=command.version,
        to=command.to,
        comment=command.comment,
        method=command.cause.method,
        via=command.cause.via,
        confirmed=command.confirmed,
        faults=tuple(dispatch.reasons) if isinstance(dispatch, Refusal) else (),
    )
    plan = plan_decision(
        rulebook,
        item,
        known.contents.get(item.id),
        request,
        known.around,
        known.pasts.get(item.id, NOTHING),
    )
    if isinstance(plan, StaleRefusal):
        return stale(context, connection, item, known.directory, given=command.version)
    if isinstance(plan, Refusal):
        return plan
    return _prepared(
        context,
        connection,
        command,
        item,
        plan,
        dispatch if isinstance(dispatch, Dispatch) and plan.transition.numbered else None,
        known,
    )


def _dispatch(
    context: Context,
    connection: Connection,
    command: Decide,
    item: Item,
    rulebook: Rulebook,
    now: datetime,
) -> Dispatch | InvalidRefusal | None:
    """Return what the item would leave with, or what is wrong with what was asked for; None where it does not leave."""
    ways = rulebook.alternatives(item.state, command.transition)
    if not any(each.numbered for each in ways):
        return None
    return numbered(context, connection, command.dispatch, item, now)


def _may_see(command: Decide, item: Item, rulebook: Rulebook, known: _Known) -> bool:
    """Return whether the item exists for who decides: named by a link of theirs, in their scope, held by them as a stand-in say, or decided by this command before."""
    if command.cause.actor is None:
        return command.cause.via is Via.CLOCK
    if command.link is not None:
        link = known.links.get(command.link)
        return link is not None and (link.person, link.item) == (command.cause.actor, item.id)
    actor = known.directory.active(command.cause.actor)
    if actor is None:
        return False
    if scope_of(actor).covers(item.department):
        return True
    return any(
        each.person == actor.id for each in rulebook.holders(item.state, item, known.directory)
    )


def _malformed(rulebook: Rulebook, command: Decide) -> Refusal | None:
    """Refuse a transition that no state of the definition has, and fields that the transition does not take."""
    taken = rulebook.fields_taken.get(command.transition)
    if taken is None and command.cause.via is not Via.API:
        return InvalidRefusal(
            reason(
                "transition",
                "The process of this item has no such act. Reload the page and choose again.",
            )
        )
    if taken is None:
        allowed = ", ".join(rulebook.transition_ids)
        return InvalidRefusal(
            reason(
                "transition",
                "There is no transition “{given}”. Use one of: {allowed}.",
                given=command.transition,
                allowed=allowed,
            )
        )
    known = {*(field.id for field in rulebook.definition.fields), "files"}
    if unknown := sorted(set(command.mend) - known):
        return InvalidRefusal(
            reason(
                "mend",
                "The list of what to mend names unknown fields: {unknown}. Use the ids "
                "of the process's fields, or files.",
                unknown=", ".join(unknown),
            )
        )
    if command.named <= taken:
        return None
    return InvalidRefusal(
        *(
            reason(
                "field",
                "The transition “{id}” does not take the field “{name}”. Remove this field.",
                id=command.transition,
                name=name,
            )
            for name in sorted(command.named - taken)
        )
    )


def recall_decided(_connection: Connection, command: Decide, made: StoredEntry) -> Decided:
    """Return what a decision was answered when it was made."""
    return Decided(code=command.code, seq=made.seq, hash=made.hash.hex())


def _answered_by_link(
    connection: Connection, command: Decide, item: Item, known: _Known
) -> Decided | Refusal | None:
    """Return what a link that is no longer live answers, or None while it is live."""
    link = known.links[command.link or b""]
    status = status_of(link, step=item.step, content_hash=item.content_hash, now=known.now)
    if status is LinkStatus.USED:
        entry = history.entry_at(connection, item.subject, link.used_entry or 0)
        if entry is not None and entry.fact.transition == command.transition:
            return Decided(code=item.code, seq=entry.seq, hash=entry.hash.hex())
    return refusal_of(status)


def _prepared(
    context: Context,
    connection: Connection,
    command: Decide,
    item: Item,
    plan: Plan,
    dispatch: Dispatch | None,
    known: _Known,
) -> _Planned:
    fact = fact_of(
        command,
        item,
        plan,
        dispatch,
        known.directory,
        at=context.stamp(connection, item.subject, known.now),
    )
    return _Planned(
        command=command,
        item=item,
        plan=plan,
        entry=context.next_entry(item, fact),
        dispatch=dispatch,
    )


def _write(transaction: Transaction, planned: Sequence[_Planned], known: _Known) -> None:
    moves = [
        Move(
            item=each.item,
            state=each.plan.to,
            step=_step_after(each),
            due_at=each.plan.due_at,
            since=each.entry.fact.at if each.plan.moves else each.item.since,
            seq=each.entry.seq,
            head=each.entry.hash,
        )
        for each in planned
    ]
    if items.move_items(transaction.connection, moves) != len(moves):
        raise SetBrokenError
    transaction.write_last(lambda: _write_beside(transaction, planned, known))
    for each in planned:
        state = _state_after(transaction, each)
        transaction.emit(
            events_of(state, each.item, each.plan, each.entry, each.dispatch, known.directory)
        )


def _write_beside(transaction: Transaction, planned: Sequence[_Planned], known: _Known) -> None:
    """Write what goes with the moved rows; sent without waiting for each answer."""
    connection = transaction.connection
    history.append_entries(
        connection,
        [
            NewEntry(
                entry=each.entry, item_id=each.item.id, command_digest=each.command.cause.digest
            )
            for each in planned
        ],
    )
    links.spend_links(connection, [_spent(each, known.now) for each in planned])
    _write_holders(connection, planned, known.now)
    for each in planned:
        if each.dispatch is not None:
            record_dispatch(connection, each.item, each.dispatch)
    _supersede_met(transaction, planned)


def _write_holders(connection: Connection, planned: Sequence[_Planned], now: datetime) -> None:
    """Make the plans' holders the items'; where others are still to answer, only those drop out who no longer are."""
    moved = [each for each in planned if each.plan.moves]
    items.replace_holders(
        connection,
        [(each.item.id, each.plan.holders) for each in moved],
        dues=[each.plan.due_at for each in moved],
        since=now,
    )
    for each in planned:
        if not each.plan.moves:
            answered = () if each.command.cause.actor is None else (each.command.cause.actor,)
            asked = {holder.person for holder in each.plan.holders}
            for person in {*answered, *each.plan.released} - asked:
                items.drop_holder(connection, each.item.id, person)


def _spent(each: _Planned, now: datetime) -> dict[str, object]:
    """Return which links a decision uses up: all of that person for that step."""
    return {
        "of_item": each.item.id,
        "of_step": each.item.step,
        "of_person": each.command.cause.actor,
        "now": written(now),
        "entry": each.entry.seq,
    }


def _state_after(transaction: Transaction, each: _Planned) -> State:
    return transaction.context.rulebooks.of(
        transaction.connection, each.item.definition_hash
    ).states[each.plan.to]


def _hands_in(rulebook: Rulebook, each: _Planned) -> bool:
    """Return whether a decision makes an item meet its deadline that did not, and alone does."""
    is_alone = rulebook.definition.answers is None
    return (
        is_alone
        and rulebook.is_handed_in(each.plan.to)
        and not rulebook.is_handed_in(each.item.state)
    )


def _supersede_met(transaction: Transaction, planned: Sequence[_Planned]) -> None:
    """Stop the reminders of obligations that these decisions have met.

    One item of several that answer a deadline together does not meet it alone: what is still owed is asked when the mail is to leave.
    """
    met = [
        (each.item.campaign, each.item.period, each.item.department)
        for each in planned
        if each.item.period is not None
        and _hands_in(
            transaction.context.rulebooks.of(transaction.connection, each.item.definition_hash),
            each,
        )
    ]
    if met:
        deadlines.supersede_met(transaction.connection, met, "Phòng đã nộp báo cáo.")
