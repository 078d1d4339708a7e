"""Number, date and channel that a dossier leaves with (NĐ 30/2020/NĐ-CP, Điều 14 to 18).

Owns what may be asked of a sending; the number itself is given by ``numbering``.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from workflow import values
from workflow.commands.numbering import GivenNumber, Numbers, given_number
from workflow.context import Context
from workflow.errors import InvalidRefusal, Reason, reason
from workflow.lookups.signatures import signature_on, signed_on
from workflow.model import DispatchChannel, Item
from workflow.rules.register import AskedNumber
from workflow.store import dispatches

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
    """The item that is sent, and the instant."""

    item: Item
    now: datetime


def numbered(
    context: Context,
    connection: Connection,
    asked: DispatchRequest,
    sent: Sent,
    numbers: Numbers,
) -> Dispatch | InvalidRefusal:
    """Return what a dossier leaves with (NĐ 30/2020/NĐ-CP, Điều 15: unique in the year)."""
    if asked.channel is not None and asked.channel not in CHANNELS:
        return InvalidRefusal(
            reason(
                "channel",
                "The way of sending must be one of: {channels}.",
                channels=", ".join(CHANNELS),
            )
        )
    item, today = sent.item, context.calendar.local_day(sent.now)
    day = today if asked.issued_on is None else values.day(asked.issued_on)
    if day is None:
        return InvalidRefusal(
            reason("issued_on", "The issuing day must be a real day, for example 15/06/2022.")
        )
    kind = context.rulebooks.of(connection, item.definition_hash).definition.document.kind
    signed = signed_on(context, connection, item) if asked.issued_on is not None else None
    wanted = AskedNumber(
        kind=kind, number=asked.number, issued_on=day, today=today, signed_on=signed
    )
    given = given_number(context, connection, numbers, wanted)
    missing = _no_copy(context, connection, item)
    if isinstance(given, InvalidRefusal):
        return InvalidRefusal(*given.reasons, *missing)
    if missing:
        return InvalidRefusal(*missing)
    channel = DispatchChannel(asked.channel or context.outgoing.channel)
    return Dispatch(given=given, channel=channel)


def _no_copy(context: Context, connection: Connection, item: Item) -> list[Reason]:
    """Return that the signed document is missing, where the agency asks for it before sending."""
    book = context.rulebooks.of(connection, item.definition_hash)
    if not context.outgoing.asks_signed_copy or item.state not in book.signed_states:
        return []
    signature = signature_on(context, connection, item)
    if signature is not None and signature.copy is not None:
        return []
    return [
        reason(
            "signed_copy",
            "The signed document is missing: have it signed, upload the scan or the digitally "
            "signed file, then number and send it. Nothing unsigned is sealed or sent.",
        )
    ]


def record_dispatch(connection: Connection, item: Item, dispatch: Dispatch) -> None:
    """Record what ``item`` leaves with, in its next version."""
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
