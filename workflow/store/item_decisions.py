"""Statements that read what was decided on one item, without the rest of its history.

What was said about the item besides, however often, is not read.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Connection, bindparam, case, select

from workflow.history import EntryType, fact_in
from workflow.history.payloads import Payload
from workflow.model import PersonId
from workflow.store import schema
from workflow.store.history import ENTRY, StoredEntry
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


_PAGE = 20
"""Entries that are read at once; most items have fewer that decided on them."""
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


_ENTRIES = Prepared(
    select(*ENTRY.columns)
    .where(_history.item_id == bindparam("item"), _history.decided_version > bindparam("after"))
    .order_by(_history.decided_version)
    .limit(_PAGE)
)


def decisions_of(connection: Connection, item_id: int) -> list[StoredDecision]:
    """Return what was decided on an item and how it was edited, oldest first."""
    return [_DECISION.read(row) for row in _DECISIONS.rows(connection, {"item": item_id})]


def entries_deciding(connection: Connection, item_id: int) -> Iterator[StoredEntry]:
    """Yield the entries that decided on an item or edited it, oldest first, in pages."""
    after = 0
    while rows := _ENTRIES.rows(connection, {"item": item_id, "after": after}):
        yield from map(ENTRY.read, rows)
        after = rows[-1].decided_version
