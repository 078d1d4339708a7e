"""Statements about rows whose time is over: what they are, how many, and their end, in pieces."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, func, select, tuple_

from workflow.store import schema
from workflow.store.instants import written

PIECE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class OldRows:
    """Rows that go: of which table, and which of them, given an instant before which all is old."""

    table: Table
    gone: Callable[[str], ColumnElement[bool]]


_sessions, _codes, _outbox, _accesses = (
    schema.sessions.c,
    schema.setup_codes.c,
    schema.outbox.c,
    schema.accesses.c,
)
_typings, _links, _tokens = schema.typings.c, schema.links.c, schema.api_tokens.c
_changes = schema.account_changes.c
KINDS: Mapping[str, OldRows] = {
    "sessions": OldRows(table=schema.sessions, gone=lambda old: _sessions.expires_at < old),
    "setup_codes": OldRows(table=schema.setup_codes, gone=lambda old: _codes.expires_at < old),
    "tokens": OldRows(table=schema.api_tokens, gone=lambda old: _tokens.expires_at < old),
    # A letter that has not left is work, however old; one that a reminder's row points to is that
    # row's proof.
    "outbox": OldRows(
        table=schema.outbox,
        gone=lambda old: and_(
            _outbox.created_at < old,
            _outbox.state.not_in(("new", "leased")),
            ~select(schema.reminders.c.id)
            .where(schema.reminders.c.outbox_id == _outbox.id)
            .exists(),
        ),
    ),
    "accesses": OldRows(table=schema.accesses, gone=lambda old: _accesses.at < old),
    "drafts": OldRows(table=schema.typings, gone=lambda old: _typings.at < old),
    # It bears an address that its person may have no more; history tells that it was taken back.
    "changes": OldRows(table=schema.account_changes, gone=lambda old: _changes.until < old),
    # A used link shows its receipt and stands behind a decision of the history; only one that no
    # decision stands on goes.
    "links": OldRows(
        table=schema.links,
        gone=lambda old: and_(_links.expires_at < old, _links.used_entry.is_(None)),
    ),
}


def prune(connection: Connection, name: str, before: datetime) -> int:
    """Delete up to ``PIECE`` rows of a kind older than ``before``; return how many went."""
    kind = KINDS[name]
    keys = list(kind.table.primary_key)
    old = select(*keys).where(kind.gone(written(before) or "")).order_by(*keys).limit(PIECE)
    rows = [tuple(row) for row in connection.execute(old)]
    if not rows:
        return 0
    named = tuple_(*keys).in_(rows)
    return connection.execute(
        delete(kind.table).where(named, kind.gone(written(before) or ""))
    ).rowcount


def would_go(connection: Connection, now: datetime, days: Mapping[str, int]) -> dict[str, int]:
    """Return how many rows of each kind are older than they are kept."""
    return {
        name: connection.execute(
            select(func.count())
            .select_from(kind.table)
            .where(kind.gone(written(now - timedelta(days=days[name])) or ""))
        ).scalar_one()
        for name, kind in KINDS.items()
    }
