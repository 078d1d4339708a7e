"""Statements about opinions asked on items."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from workflow.model import ItemId, PersonId
from workflow.store import schema
from workflow.store.instants import written
from workflow.store.mapping import Mapper
from workflow.store.prepared import Prepared

_opinions = schema.opinions.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """Who was asked by whom, and when they answered (None: not yet)."""

    id: int
    asked_of: PersonId
    asked_by: PersonId
    asked_at: datetime
    answered_at: datetime | None


_OPINION = Mapper(Opinion, schema.opinions)
_OF_ITEM = Prepared(
    select(*_OPINION.columns)
    .where(_opinions.item_id == bindparam("of_item"))
    .order_by(_opinions.id)
)
_ASK = Prepared(insert(schema.opinions).returning(_opinions.id))
_ANSWER = Prepared(
    update(schema.opinions)
    .where(_opinions.id == bindparam("old_id"), _opinions.answered_at.is_(None))
    .values(answered_at=bindparam("at"))
)


def opinions_of(connection: Connection, item: ItemId) -> list[Opinion]:
    """Return every opinion asked on an item, oldest first."""
    return list(map(_OPINION.read, _OF_ITEM.rows(connection, {"of_item": item})))


def ask_opinion(
    connection: Connection, item: ItemId, *, asked_of: PersonId, asked_by: PersonId, at: datetime
) -> int:
    """Note that somebody is asked and return the id."""
    return int(
        _ASK.scalar(
            connection,
            {"item_id": item, "asked_of": asked_of, "asked_by": asked_by, "asked_at": written(at)},
        )
    )


def answer_opinion(connection: Connection, opinion: int, at: datetime) -> bool:
    """Note that somebody answered; return whether it was still open."""
    return _ANSWER.run(connection, {"old_id": opinion, "at": written(at)}) == 1
