"""Number, date and channel that a dossier leaves with (NĐ 30/2020/NĐ-CP, Điều 14 to 18).

Owns what may be asked of a sending; the number itself is given by ``numbering``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from workflow import values
from workflow.commands.numbering import NO_ISSUING_DAY, GivenNumber, Numbers, given_number
from workflow.context import Context
from workflow.errors import InvalidRefusal, Reason, reason
from workflow.history import Entry
from workflow.history.payloads import SignatureForm
from workflow.lookups.signatures import signature_on, signed_on
from workflow.model import DispatchChannel, Item
from workflow.rules import demand_problems
from workflow.rules.register import AskedNumber
from workflow.store import dispatches, dossiers
from workflow.store.dossiers import Member

CHANNELS = tuple(DispatchChannel)
"""How a dossier leaves: by email, post, hand, or the national document axis."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchRequest:
    """Number, date and channel of a sending as asked for.

    None: the next number, today, the agency's usual channel.
    """

    number: int | None = None
    issued_on: str | None = None
    channel: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """What a dossier leaves with."""

    given: GivenNumber
    channel: DispatchChannel

    @property
    def notation(self) -> str:
        """Return number and symbol."""
        return self.given.notation

    @property
    def issued_on(self) -> str:
        """Return the day (ISO)."""
        return self.given.issued_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The item that is sent, and the instant; ``under``: what it goes with, where that is given."""

    item: Item
    now: datetime
    under: Dispatch | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingPaper:
    """A document that gets a number: its kind, and the day before which it cannot be issued."""

    kind: str
    signed_on: date | None
    now: datetime


def item_dispatch(
    context: Context,
    connection: Connection,
    asked: DispatchRequest,
    sent: Sent,
    numbers: Numbers,
) -> Dispatch | InvalidRefusal:
    """Return what a dossier leaves with (NĐ 30/2020/NĐ-CP, Điều 15: unique in the year)."""
    item = sent.item
    missing = _signature_problems(context, connection, item)
    if sent.under is not None:
        return InvalidRefusal(*missing) if missing else sent.under
    kind = context.rulebooks.of(connection, item.definition_hash).definition.document.kind
    signed = signed_on(context, connection, item) if asked.issued_on is not None else None
    paper = OutgoingPaper(kind=kind, signed_on=signed, now=sent.now)
    found = dispatch_for(context, connection, asked, paper, numbers)
    wrong = found.reasons if isinstance(found, InvalidRefusal) else ()
    return InvalidRefusal(*wrong, *missing) if wrong or missing else found


def dispatch_for(
    context: Context,
    connection: Connection,
    asked: DispatchRequest,
    paper: OutgoingPaper,
    numbers: Numbers,
) -> Dispatch | InvalidRefusal:
    """Return number, day and way of a document, or everything that speaks against them."""
    if asked.channel is not None and asked.channel not in CHANNELS:
        return InvalidRefusal(
            reason(
                "channel",
                "The way of sending must be one of: {channels}.",
                channels=", ".join(CHANNELS),
            )
        )
    today = context.calendar.local_day(paper.now)
    day = today if asked.issued_on is None else values.day(asked.issued_on)
    if day is None:
        return InvalidRefusal(NO_ISSUING_DAY)
    wanted = AskedNumber(
        kind=paper.kind,
        number=asked.number,
        issued_on=day,
        today=today,
        signed_on=paper.signed_on,
    )
    given = given_number(context, connection, numbers, wanted)
    if isinstance(given, InvalidRefusal):
        return given
    channel = DispatchChannel(asked.channel or context.outgoing.channel)
    return Dispatch(given=given, channel=channel)


def _signature_problems(context: Context, connection: Connection, item: Item) -> list[Reason]:
    """Return what the signed document lacks of what the agency asks for before sending."""
    book, rules = context.rulebooks.of(connection, item.definition_hash), context.outgoing
    asks = rules.asks_signed_copy or rules.signature is not None
    if not asks or item.state not in book.signed_states:
        return []
    signature = signature_on(context, connection, item)
    copy = signature.copy if signature is not None else None
    if copy is not None:
        is_digital = copy.form is SignatureForm.DIGITAL
        demand = rules.signature if is_digital else None
        return demand_problems(copy.verdict, demand) if demand is not None else []
    if not rules.asks_signed_copy:
        return []
    return [
        reason(
            "signed_copy",
            "The signed document is missing: have it signed, upload the scan or the digitally "
            "signed file, then number and send it. Nothing unsigned is sealed or sent.",
        )
    ]


def record_dossier(
    connection: Connection,
    dispatch: Dispatch,
    lead: Entry,
    members: Sequence[Item],
) -> int:
    """Record what leaves under one number, in each item's next version; return the dossier's id.

    ``members``: the items, what gives the number first; ``lead``: that one's entry.
    """
    item = members[0]
    dispatches.insert_dispatch(
        connection,
        {
            "item_id": item.id,
            "version": item.version + 1,
            "year": dispatch.given.year,
            "series": dispatch.given.kind,
            "number": dispatch.given.number,
            "notation": dispatch.given.notation,
            "issued_on": dispatch.given.issued_on,
            "channel": dispatch.channel.value,
        },
    )
    first, *others = (Member(item_id=each.id, version=each.version + 1) for each in members)
    return dossiers.insert_dossier(connection, first, others, at=lead.fact.at, by=lead.fact.actor)
