"""Statements about the numbers that documents leave with (NĐ 30/2020, Điều 15: one a year)."""

from dataclasses import dataclass

from sqlalchemy import Connection, and_, bindparam, insert, select

from workflow.model import DispatchChannel
from workflow.store import schema
from workflow.store.mapping import Mapper
from workflow.store.prepared import Prepared, Values

_dispatches = schema.dispatches.c
_INSERT = Prepared(insert(schema.dispatches))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """What an item left with: number and symbol, day (ISO), channel, and the dossier's id."""

    notation: str
    issued_on: str
    channel: DispatchChannel
    dossier: int


_SENDING = Mapper(Sending, schema.dispatches, named={"dossier": schema.dossiers.c.id})
_LEAD, _MEMBERS = schema.dossiers.c, schema.dossier_items.c
_OF_ITEM = Prepared(
    select(*_SENDING.columns)
    .join(
        schema.dossiers,
        and_(_LEAD.item_id == _dispatches.item_id, _LEAD.version == _dispatches.version),
    )
    .join(schema.dossier_items, _MEMBERS.dossier_id == _LEAD.id)
    .where(_MEMBERS.item_id == bindparam("item"))
    .order_by(_MEMBERS.version.desc())
    .limit(1)
)


def insert_dispatch(connection: Connection, values: Values) -> None:
    """Record number, date and channel of a sending."""
    _INSERT.run(connection, values)


def dispatch_of(connection: Connection, item_id: int) -> Sending | None:
    """Return what an item left with last, alone or with others, or None."""
    return _SENDING.find(_OF_ITEM.one(connection, {"item": item_id}))
