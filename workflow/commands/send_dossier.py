"""Send several items as one dossier: one letter, one number in the register, one notice.

Owns what may go together, and which of the items gives the number: the others go along with it, and
say so in their own histories. One that may not leave stops them all, and is named.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import ClassVar

from sqlalchemy import Connection

from workflow.command import Cause, Command
from workflow.commands.carrying import lock_with_gathered, plan_with_gathered
from workflow.commands.decision import Decide, PlannedDecision
from workflow.commands.decision_events import events_of
from workflow.commands.decision_inputs import Known, Leaving, load_known
from workflow.commands.decision_record import move_items, record_dossiers, write_beside
from workflow.commands.dispatch import Dispatch, DispatchRequest, OutgoingPaper, dispatch_for
from workflow.commands.execute import Transaction
from workflow.commands.invite_recipient import invite_recipient
from workflow.commands.numbering import Numbers
from workflow.errors import (
    InvalidRefusal,
    NotPermittedRefusal,
    Reason,
    Refusal,
    SecondFactorRefusal,
    reason,
)
from workflow.lookups.items import visible_item
from workflow.lookups.signatures import signed_on
from workflow.model import Item, ItemId
from workflow.people import may_read_register
from workflow.store import dossiers, register
from workflow.store.history import StoredEntry

MOST_ITEMS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedItem:
    """An item as it was seen."""

    code: str
    version: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SendDossier(Command[int]):
    """Send items of one movement under one number; answers the dossier's id."""

    items: tuple[NamedItem, ...]
    dispatch: DispatchRequest = field(default_factory=DispatchRequest)
    contends_for: ClassVar[str] = "register"


def send_dossier(transaction: Transaction, command: SendDossier) -> int:
    """Send all, or none: each by its own process and rules, whoever sends being judged by each."""
    context, connection = transaction.context, transaction.connection
    commands = _decisions(transaction, command)
    # As in a set of decisions: rows first, in the order of their ids, then the register.
    found = lock_with_gathered(context, connection, commands)
    register.lock_register(connection)
    known = load_known(context, connection, commands, found, transaction.now)
    first = min(commands, key=lambda each: found[each.code].id)
    dispatch = _dispatch(transaction, command, [found[each.code] for each in commands])
    known = replace(known, under=Leaving(dispatch=dispatch, lead=first.code))
    lead, *others = _plan_all(
        transaction, [first, *(each for each in commands if each != first)], known
    )
    sent = replace(lead, carried=(*lead.carried, *others))
    planned = (sent, *sent.carried)
    transaction.write_last(lambda: move_items(connection, planned))
    (made,) = record_dossiers(connection, [sent])
    transaction.write_last(lambda: write_beside(connection, planned, known.now))
    plan_names = partial(context.campaigns.names, connection)
    for each in planned:
        transaction.emit(events_of(each, known.directory, plan_names))
    invite_recipient(transaction, sent)
    return made


def recall_sent(connection: Connection, _command: SendDossier, made: StoredEntry) -> int:
    """Return the id of a dossier that was sent before."""
    item, version = ItemId(made.item_id or 0), (made.decided_version or 0) + 1
    found = dossiers.led_by(connection, item, version)
    return found.id if found else 0


def _decisions(transaction: Transaction, command: SendDossier) -> list[Decide]:
    """Return the decision on each item. Raises a refusal where they cannot go together at all."""
    connection = transaction.connection
    person = transaction.directory.active(command.cause.actor)
    if person is None or not may_read_register(person):
        raise NotPermittedRefusal(reason("clerk", "Only the clerk and the Office may do this."))
    if not 0 < len(command.items) <= MOST_ITEMS:
        raise InvalidRefusal(
            reason("items", "Choose 1 to {most} items that leave together.", most=MOST_ITEMS)
        )
    seen = {each.code: each.version for each in command.items}
    found = [visible_item(connection, each, person) for each in seen]
    ways = _sending_transitions(transaction, found)
    lead = min(found, key=lambda each: each.id)
    return [
        Decide(
            cause=_cause_for(command.cause, each, lead),
            code=each.code,
            transition=ways[each.code],
            version=seen[each.code],
            dispatch=command.dispatch,
        )
        for each in found
    ]


def _sending_transitions(transaction: Transaction, found: Sequence[Item]) -> dict[str, str]:
    """Return by which transition each item leaves. Raises InvalidRefusal where not together."""
    context, connection = transaction.context, transaction.connection
    books = {each.code: context.rulebooks.of(connection, each.definition_hash) for each in found}
    ways = {each.code: books[each.code].sending(each.state) for each in found}
    faults = [
        _cannot_go(each, reason("state", "It does not wait to be sent."))
        for each in found
        if ways[each.code] is None
    ]
    definitions = [books[each.code].definition for each in found]
    same = {
        (each.campaign, definition.document.kind)
        for each, definition in zip(found, definitions, strict=True)
    }
    if len(found) > 1 and (len(same) > 1 or not all(each.nominates for each in definitions)):
        faults.append(
            reason(
                "items",
                "Only nominations of one movement leave together under one number. Send the "
                "others by themselves.",
            )
        )
    if faults:
        raise InvalidRefusal(*faults)
    return {code: way.id for code, way in ways.items() if way is not None}


def _cause_for(cause: Cause, item: Item, lead: Item) -> Cause:
    """Return the cause of one of the decisions; that of the lead has the command's own id."""
    own = cause.command_id if item.id == lead.id else f"{cause.command_id}:{item.code}"
    return replace(cause, command_id=own)


def _dispatch(transaction: Transaction, command: SendDossier, found: Sequence[Item]) -> Dispatch:
    """Return the one number, day and way. Raises InvalidRefusal."""
    context, connection = transaction.context, transaction.connection
    book = context.rulebooks.of(connection, found[0].definition_hash)
    signed = [day for each in found if (day := signed_on(context, connection, each))]
    paper = OutgoingPaper(
        kind=book.definition.document.kind,
        signed_on=max(signed, default=None) if command.dispatch.issued_on else None,
        now=transaction.now,
    )
    given = dispatch_for(context, connection, command.dispatch, paper, Numbers())
    if isinstance(given, InvalidRefusal):
        raise given
    return given


def _plan_all(
    transaction: Transaction, commands: Sequence[Decide], known: Known
) -> list[PlannedDecision]:
    """Return the plan of each. Raises a refusal that names each item that may not leave."""
    planned: list[PlannedDecision] = []
    faults: list[Reason] = []
    refused: list[Refusal] = []
    for command in commands:
        result = plan_with_gathered(transaction.context, transaction.connection, command, known)
        if isinstance(result, PlannedDecision):
            planned.append(result)
        elif isinstance(result, Refusal):
            refused.append(result)
            why = result.incomplete if isinstance(result, SecondFactorRefusal) else result.reasons
            faults += [_cannot_go(known.items[command.code], each) for each in why]
    unproven = [each for each in refused if isinstance(each, SecondFactorRefusal)]
    if unproven and len(unproven) == len(refused):
        raise SecondFactorRefusal(unproven[0].reasons[0], incomplete=faults)
    if refused and all(isinstance(each, NotPermittedRefusal) for each in refused):
        raise NotPermittedRefusal(*faults)
    if refused:
        raise InvalidRefusal(*faults)
    return planned


def _cannot_go(item: Item, why: Reason) -> Reason:
    """Return that ``item`` cannot leave with the others, and why."""
    return reason(
        why.rule,
        "{code} cannot leave, so nothing was sent: {why}",
        code=item.code,
        why=why.message,
    )
