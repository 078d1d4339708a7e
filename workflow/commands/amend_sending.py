"""What becomes of a document after it was issued: corrected, replaced, recalled; how it arrived.

The clerk's and the Office's. NĐ 30/2020/NĐ-CP, Điều 18: a wrong form or way of issuing is corrected
by a letter, wrong content is replaced by a document of the same kind (khoản 3), and a document is
recalled by a notice (khoản 4). Each is an entry of its own; what was issued stays as it was.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from workflow import values
from workflow.command import ItemCommand
from workflow.commands.execute import Transaction
from workflow.commands.item_access import locked_item
from workflow.commands.numbering import (
    NO_ISSUING_DAY,
    GivenNumber,
    issuing_day,
    record_number,
    take_number,
)
from workflow.commands.recording import append_in_place, fact_in_place
from workflow.definition import LETTER
from workflow.errors import InvalidRefusal, Reason, reason
from workflow.history import Entry
from workflow.history.payloads import (
    Amendment,
    DeliveryRecorded,
    IssueAmended,
    RecipientLinkRevoked,
    Registered,
)
from workflow.model import Item, Person
from workflow.people import require_registrar
from workflow.recipient_events import SendingAmended
from workflow.rules.register import wrong_unit
from workflow.store import dispatches, recipient_links
from workflow.store.dispatches import Sending

_WORDS, _REFERENCE = 4000, 60
_RECALL: Final = "TB"
"""The kind of document by which another is recalled: a notice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendSending(ItemCommand[Registered]):
    """Correct, replace or recall what an item left with; answers the number of that document.

    ``number`` None: the next one; ``issued_on`` None: today. ``unit``: of a letter, the
    abbreviation of who drafted it.
    """

    how: str
    why: str
    unit: str = ""
    number: int | None = None
    issued_on: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDelivery(ItemCommand[int]):
    """Record that what left arrived: by which code or receipt (``reference``), on which day."""

    reference: str
    delivered_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeRecipientLink(ItemCommand[int]):
    """Take back the links by which whom an item was sent to fetches and answers it."""


def amend_sending(transaction: Transaction, command: AmendSending) -> Registered:
    """Record the amendment with its number; return that."""
    item, person, sending = _issued(transaction, command)
    problems = list(_problems(command))
    day = issuing_day(transaction, command.issued_on)
    if day is None:
        problems.append(NO_ISSUING_DAY)
    if problems or day is None:
        raise InvalidRefusal(*problems)
    how = Amendment(command.how)
    given = _take_number(transaction, command, item, day)
    registered = Registered(number=given.notation, issued_on=given.issued_on)
    payload = IssueAmended(
        how=how, of=sending.notation, of_day=sending.issued_on, registered=registered
    )
    fact = fact_in_place(transaction, command.cause, item, person, payload)
    fact = replace(fact, texts={"comment": values.lines(command.why)})
    entry = append_in_place(transaction, item, fact, digest=command.cause.digest)
    record_number(transaction.connection, given, entry, item_id=item.id)
    if how is Amendment.RECALL:
        _end_links(transaction, item)
    transaction.emit([_amended(item, entry, payload)])
    return registered


def _amended(item: Item, entry: Entry, payload: IssueAmended) -> SendingAmended:
    return SendingAmended(
        item=item.id,
        code=item.code,
        seq=entry.seq,
        how=payload.how,
        of=payload.of,
        of_day=payload.of_day,
        number=payload.registered.number,
        issued_on=payload.registered.issued_on,
    )


def _issued(
    transaction: Transaction, command: AmendSending | RecordDelivery | RevokeRecipientLink
) -> tuple[Item, Person, Sending]:
    """Return the item, locked, who asks, and what it left with. Raises the refusals."""
    item, person = locked_item(transaction, command.cause, command.code)
    require_registrar(person)
    sending = dispatches.dispatch_of(transaction.connection, item.id)
    if sending is None:
        raise InvalidRefusal(
            reason("state", "The item has not left yet, so nothing was issued. Reload the page.")
        )
    return item, person, sending


def _take_number(
    transaction: Transaction, command: AmendSending, item: Item, day: date
) -> GivenNumber:
    """Return the number of the document that amends. Raises InvalidRefusal."""
    book = transaction.context.rulebooks.of(transaction.connection, item.definition_hash)
    kinds = {
        Amendment.CORRECTION: LETTER,
        Amendment.REPLACEMENT: book.definition.document.kind,
        Amendment.RECALL: _RECALL,
    }
    how = Amendment(command.how)
    unit = values.line(command.unit) if how is Amendment.CORRECTION else ""
    return take_number(transaction, kinds[how], number=command.number, day=day, unit=unit)


def _problems(command: AmendSending) -> Iterator[Reason]:
    if command.how not in set(Amendment):
        yield reason("how", "Say what was done: corrected, replaced or recalled.")
    if wrong := values.lines_fault(command.why, _WORDS):
        yield reason("why", "Say why. It {wrong}", wrong=wrong)
    if command.how == Amendment.CORRECTION:
        yield from wrong_unit(values.line(command.unit))


def record_delivery(transaction: Transaction, command: RecordDelivery) -> int:
    """Record it; answer the number of the entry."""
    item, person, sending = _issued(transaction, command)
    day, today = (
        values.day(command.delivered_on),
        transaction.context.calendar.local_day(transaction.now),
    )
    problems = []
    if wrong := values.line_fault(command.reference, _REFERENCE):
        problems.append(
            reason("reference", "The code or number of the receipt {wrong}", wrong=wrong)
        )
    if day is None or not sending.issued_on <= day.isoformat() <= today.isoformat():
        problems.append(
            reason(
                "delivered_on",
                "The day of delivery must be real, not before the document's and not in the "
                "future.",
            )
        )
    if problems or day is None:
        raise InvalidRefusal(*problems)
    payload = DeliveryRecorded(
        of=sending.notation,
        channel=sending.channel,
        reference=values.line(command.reference),
        delivered_on=day.isoformat(),
    )
    fact = fact_in_place(transaction, command.cause, item, person, payload)
    return append_in_place(transaction, item, fact, digest=command.cause.digest).seq


def revoke_recipient_link(transaction: Transaction, command: RevokeRecipientLink) -> int:
    """Take the links back; answer the number of the entry."""
    item, person, sending = _issued(transaction, command)
    if not any(
        each.revoked_at is None
        for each in recipient_links.links_of(transaction.connection, item.id)
    ):
        raise InvalidRefusal(reason("link", "There is no link that still serves. Reload the page."))
    payload = RecipientLinkRevoked(of=sending.notation)
    fact = fact_in_place(transaction, command.cause, item, person, payload)
    seq = append_in_place(transaction, item, fact, digest=command.cause.digest).seq
    _end_links(transaction, item)
    return seq


def _end_links(transaction: Transaction, item: Item) -> None:
    connection = transaction.connection
    for each in recipient_links.links_of(connection, item.id):
        if each.revoked_at is None:
            recipient_links.revoke_link(connection, each.id, transaction.now)
