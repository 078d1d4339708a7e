"""What is kept for how long, and the pruning of what nobody needs any more.

Owns one table: each kind of row that may go, its age by which instant, and which rows never go. History, contents, files, reminders
and people are not in it. Pruned in small pieces through the one write path, so that nobody waits behind it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, func, select, tuple_

from workflow.command import Upkeep
from workflow.commands.execute import Transaction, UseCases, one_by_one
from workflow.store import definitions, schema
from workflow.store.instants import written

if TYPE_CHECKING:
    from api.composition import Application

PIECE = 500
_LAST = "last_pruned"
_EVERY = timedelta(hours=20)
_PIECES = 200
"""Pieces in one run; what is left waits for the next day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
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
KINDS: Mapping[str, Kind] = {
    "sessions": Kind(table=schema.sessions, gone=lambda old: _sessions.expires_at < old),
    "setup_codes": Kind(table=schema.setup_codes, gone=lambda old: _codes.expires_at < old),
    "tokens": Kind(table=schema.api_tokens, gone=lambda old: _tokens.expires_at < old),
    # A letter that has not left is work, however old; one that a reminder's row points to is that row's proof.
    "outbox": Kind(
        table=schema.outbox,
        gone=lambda old: and_(
            _outbox.created_at < old,
            _outbox.state.not_in(("new", "leased")),
            ~select(schema.reminders.c.id)
            .where(schema.reminders.c.outbox_id == _outbox.id)
            .exists(),
        ),
    ),
    "accesses": Kind(table=schema.accesses, gone=lambda old: _accesses.at < old),
    "drafts": Kind(table=schema.typings, gone=lambda old: _typings.at < old),
    # A used link shows its receipt and stands behind a decision of the history; only one that no decision stands on goes.
    "links": Kind(
        table=schema.links,
        gone=lambda old: and_(_links.expires_at < old, _links.used_entry.is_(None)),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Prune(Upkeep[int]):
    """Delete at most ``PIECE`` rows of a kind that are older than ``before``; answers how many went."""

    kind: str
    before: datetime
    contends_for: ClassVar[str] = "retention"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotePruned(Upkeep[None]):
    """Remember when it was last looked what may go."""

    is_repeatable: ClassVar[bool] = True
    at: datetime
    contends_for: ClassVar[str] = "retention"


def _note(transaction: Transaction, command: NotePruned) -> None:
    definitions.put_setting(transaction.connection, _LAST, written(command.at) or "")


def _prune(transaction: Transaction, command: Prune) -> int:
    connection = transaction.connection
    kind = KINDS[command.kind]
    keys = list(kind.table.primary_key)
    old = select(*keys).where(kind.gone(written(command.before) or "")).order_by(*keys).limit(PIECE)
    rows = [tuple(row) for row in connection.execute(old)]
    if not rows:
        return 0
    named = tuple_(*keys).in_(rows)
    return connection.execute(
        delete(kind.table).where(named, kind.gone(written(command.before) or ""))
    ).rowcount


USE_CASES: UseCases = {
    Prune: one_by_one(Prune, _prune),
    NotePruned: one_by_one(NotePruned, _note),
}


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


async def prune_when_due(parts: "Application") -> dict[str, int]:
    """Prune once a day, in pieces, each a write of its own; and sweep files that no row names. Return how many went."""
    now = parts.context.clock()
    last = await parts.database.report(lambda connection: definitions.setting(connection, _LAST))
    if last and last > (written(now - _EVERY) or ""):
        return {}
    # Said first: should a piece fail, the next try is tomorrow's, and no tick fails because of it.
    await parts.database.write(NotePruned(at=now))
    gone: dict[str, int] = {}
    for name in KINDS:
        before = now - timedelta(days=parts.settings.retention[name])
        for _ in range(_PIECES):
            count = await parts.database.write(Prune(kind=name, before=before))
            gone[name] = gone.get(name, 0) + count
            if count < PIECE:
                break
    gone["files"] = await parts.database.report(
        lambda connection: parts.files.sweep(lambda sha256: is_named(connection, sha256))
    )
    return gone


def is_named(connection: Connection, sha256: str) -> bool:
    """Return whether any item names a file, now or in its past."""
    return (
        connection.execute(
            select(schema.files.c.sha256).where(schema.files.c.sha256 == sha256).limit(1)
        ).first()
        is not None
    )
