"""Statements about changes of accounts that their person may take back."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

import orjson
from sqlalchemy import Connection, bindparam, insert, select, update

from workflow.canonical import instant
from workflow.events import AccountChange
from workflow.model import PersonId
from workflow.store import schema
from workflow.store.instants import written
from workflow.store.mapping import Mapper
from workflow.store.prepared import Prepared

_changes = schema.account_changes.c


class Before(TypedDict, total=False):
    """What a change would go back to: an address, a place in the agency; or what it would end."""

    email: str
    position: str
    department: str | None
    is_active: bool
    delegation: int
    absence: int
    factor: str
    passkey: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoableChange:
    """A change of a person's account, told by the entry ``seq`` of theirs.

    ``before``: JSON. ``undone_seq``: the entry that took it back. ``ended_at``: since
    when it can be taken back no more, though its time is not over.
    """

    id: bytes
    person: PersonId
    what: AccountChange
    seq: int
    before: str
    until: datetime
    undone_seq: int | None = None
    ended_at: datetime | None = None

    @property
    def bound(self) -> tuple[bytes, ...]:
        """Return all that the token of its link is bound to."""
        return (
            self.id,
            str(self.person).encode(),
            self.what.encode(),
            str(self.seq).encode(),
            self.before.encode(),
            instant(self.until).encode(),
        )

    @property
    def goes_back_to(self) -> Before:
        """Return what it would go back to."""
        found: Before = orjson.loads(self.before)
        return found


def as_json(before: Before) -> str:
    """Return what a change would go back to, as it is kept."""
    return orjson.dumps(before, option=orjson.OPT_SORT_KEYS).decode()


_CHANGE = Mapper(UndoableChange, schema.account_changes)
_BY_ID = Prepared(select(*_CHANGE.columns).where(_changes.id == bindparam("wanted")))
_LOCKED = Prepared(
    select(*_CHANGE.columns).where(_changes.id == bindparam("wanted")).with_for_update()
)
_LIVE = Prepared(
    select(*_CHANGE.columns)
    .where(
        _changes.person == bindparam("of_person"),
        _changes.undone_seq.is_(None),
        _changes.ended_at.is_(None),
        _changes.until > bindparam("now"),
    )
    .order_by(_changes.seq, _changes.id)
)
_BEFORE = Prepared(
    select(*_CHANGE.columns)
    .where(_changes.person == bindparam("of_person"), _changes.seq < bindparam("before_seq"))
    .order_by(_changes.seq, _changes.id)
)
_INSERT = Prepared(insert(schema.account_changes))
_UNDONE = Prepared(
    update(schema.account_changes)
    .where(_changes.id == bindparam("old_id"))
    .values(undone_seq=bindparam("by"))
)
_END = Prepared(
    update(schema.account_changes)
    .where(_changes.id == bindparam("old_id"))
    .values(ended_at=bindparam("at"))
)


def find_change(connection: Connection, identity: bytes) -> UndoableChange | None:
    """Return a change, or None."""
    return _CHANGE.find(_BY_ID.one(connection, {"wanted": identity}))


def lock_change(connection: Connection, identity: bytes) -> UndoableChange | None:
    """Return a change, which nobody else takes back until the transaction ends, or None."""
    return _CHANGE.find(_LOCKED.one(connection, {"wanted": identity}))


def live_changes(connection: Connection, person: PersonId, now: datetime) -> list[UndoableChange]:
    """Return what ``person`` may still take back, oldest first."""
    rows = _LIVE.rows(connection, {"of_person": person, "now": written(now)})
    return [_CHANGE.read(row) for row in rows]


def changes_before(connection: Connection, change: UndoableChange) -> list[UndoableChange]:
    """Return the earlier changes of the same person, whatever became of them, oldest first."""
    rows = _BEFORE.rows(connection, {"of_person": change.person, "before_seq": change.seq})
    return [_CHANGE.read(row) for row in rows]


def insert_change(connection: Connection, change: UndoableChange) -> None:
    """Insert a change."""
    _INSERT.run(connection, _CHANGE.write(change))


def note_undone(connection: Connection, change: UndoableChange, seq: int) -> None:
    """Record by which entry a change was taken back."""
    _UNDONE.run(connection, {"old_id": change.id, "by": seq})


def end_change(connection: Connection, change: UndoableChange, at: datetime) -> None:
    """Let a change be taken back no more."""
    _END.run(connection, {"old_id": change.id, "at": written(at)})
