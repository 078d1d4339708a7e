"""Statements about the numbers that documents leave with (NĐ 30/2020, Điều 15: one a year)."""

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, insert, or_, select

from workflow.model import DispatchChannel
from workflow.store import schema
from workflow.store.mapping import Mapper
from workflow.store.prepared import Prepared, Values

_dispatches = schema.dispatches.c
_INSERT = Prepared(insert(schema.dispatches))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """What a dossier left with: number and symbol, day (ISO), channel."""

    notation: str
    issued_on: str
    channel: DispatchChannel


_SENDING = Mapper(Sending, schema.dispatches)
_CARRIER = schema.items.alias("carrier")
_OF_ITEM = Prepared(
    select(*_SENDING.columns)
    .where(
        or_(
            _dispatches.item_id == bindparam("item"),
            _dispatches.item_id
            == select(_CARRIER.c.id)
            .where(
                _CARRIER.c.code
                == select(schema.items.c.gathered_in)
                .where(schema.items.c.id == bindparam("item"))
                .scalar_subquery()
            )
            .scalar_subquery(),
        )
    )
    .order_by((_dispatches.item_id == bindparam("item")).desc(), _dispatches.version.desc())
    .limit(1)
)


def insert_dispatch(connection: Connection, values: Values) -> None:
    """Record number, date and channel of a sending."""
    _INSERT.run(connection, values)


def dispatch_of(connection: Connection, item_id: int) -> Sending | None:
    """Return what an item left with last, itself or with its consolidated report, or None."""
    return _SENDING.find(_OF_ITEM.one(connection, {"item": item_id}))
