"""Statements that read what was decided on one item, without the rest of its history.

Owns what the next decision is judged by; what was said about the item besides, however often, is
not read.
"""

from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Connection, bindparam, case, select

from workflow.history import EntryType, fact_in
from workflow.history.payloads import Payload
from workflow.model import PersonId
from workflow.store import schema
from workflow.store.mapping import Mapper
from workflow.store.prepared import Prepared


@dataclass(frozen=True, kw_only=True)  # no slots: the parsed payload is kept beside the fields
class StoredDecision:
    """What of an entry that decided on an item, or edited it, the next decision is judged by.

    ``told``: the body of an answer of several and of what was undone, which say more than this.
    """

    seq: int
    type: str
    actor: PersonId | None
    on_behalf_of: PersonId | None
    transition: str | None
    told: str | None

    @cached_property
    def payload(self) -> Payload | None:
        """Return what the body says, where there is one."""
        return fact_in(self.told).payload if self.told is not None else None


_history = schema.history.c
_TOLD = case(
    (_history.type == EntryType.SIGNED_OFF.value, _history.body),
    (_history.type == EntryType.UNDONE.value, _history.body),
)
_DECISION = Mapper(StoredDecision, schema.history, named={"told": _TOLD.label("told")})
_DECISIONS = Prepared(
    select(*_DECISION.columns)
    .where(_history.item_id == bindparam("item"), _history.decided_version.is_not(None))
    .order_by(_history.decided_version)
)


def decisions_of(connection: Connection, item_id: int) -> list[StoredDecision]:
    """Return what was decided on an item and how it was edited, oldest first."""
    return [_DECISION.read(row) for row in _DECISIONS.rows(connection, {"item": item_id})]
