"""Number, date and channel that a dossier leaves with (NĐ 30/2020/NĐ-CP, Điều 14 to 18).

Owns how a number is given: the next of its year and series, or one asked for that nobody has. The
unique key of the table decides where two ask at once.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from workflow import values
from workflow.context import Context
from workflow.errors import InvalidRefusal, reason
from workflow.model import DispatchChannel, Item
from workflow.store import dispatches

CHANNELS = tuple(DispatchChannel)
"""How a dossier leaves: by email, post, hand, or the national document axis."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchRequest:
    """Number, date and channel of a sending as asked for.

    None: the next number, today, ``mail``.
    """

    number: int | None = None
    issued_on: str | None = None
    channel: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """What a dossier leaves with."""

    year: int
    series: str
    number: int
    notation: str
    issued_on: str
    channel: DispatchChannel


def numbered(
    context: Context, connection: Connection, asked: DispatchRequest, item: Item, now: datetime
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
    if asked.issued_on is not None and values.day(asked.issued_on) is None:
        return InvalidRefusal(
            reason("issued_on", "The issuing day must be a real day, for example 15/06/2022.")
        )
    issued_on = asked.issued_on or context.calendar.local_day(now).isoformat()
    year = int(issued_on[:4])
    series = context.rulebooks.of(connection, item.definition_hash).definition.document.kind
    number = asked.number or dispatches.highest_number(connection, year, series) + 1
    if dispatches.is_taken(connection, year, series, number):
        return InvalidRefusal(
            reason(
                "number",
                "Number {number}/{series} of the year {year} was given to another "
                "document. Choose another number or leave it empty.",
                number=number,
                series=series,
                year=year,
            )
        )
    return Dispatch(
        year=year,
        series=series,
        number=number,
        notation=f"{number:02d}/{series}-{context.symbol}",
        issued_on=issued_on,
        channel=DispatchChannel(asked.channel or DispatchChannel.MAIL),
    )


def record_dispatch(connection: Connection, item: Item, dispatch: Dispatch) -> None:
    """Record what ``item`` leaves with, in its next version."""
    dispatches.insert_dispatch(
        connection,
        {
            "item_id": item.id,
            "version": item.version + 1,
            "year": dispatch.year,
            "series": dispatch.series,
            "number": dispatch.number,
            "notation": dispatch.notation,
            "issued_on": dispatch.issued_on,
            "channel": dispatch.channel.value,
        },
    )
