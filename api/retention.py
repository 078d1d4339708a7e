"""What is kept for how long, and the pruning of what nobody needs any more.

Owns when rows go that ``old_rows`` says may go: in small pieces through the one write path, so that
nobody waits behind it. It must never touch history, contents, reminders or people.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from workflow.command import Upkeep
from workflow.commands.execute import Transaction, UseCases, one_by_one
from workflow.database import Database
from workflow.store import definitions, item_contents, old_rows
from workflow.store.files import FileStore
from workflow.store.instants import written
from workflow.store.old_rows import KINDS, PIECE

_LAST = "last_pruned"
_EVERY = timedelta(hours=20)
_PIECES = 200
"""Pieces in one run; what is left waits for the next day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prune(Upkeep[int]):
    """Delete at most ``PIECE`` rows of a kind older than ``before``; answers how many went."""

    kind: str
    before: datetime
    contends_for: ClassVar[str] = "retention"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotePruned(Upkeep[None]):
    """Remember when it was last looked what may go."""

    at: datetime
    contends_for: ClassVar[str] = "retention"


def _note(transaction: Transaction, command: NotePruned) -> None:
    definitions.put_setting(transaction.connection, _LAST, written(command.at) or "")


def _prune(transaction: Transaction, command: Prune) -> int:
    return old_rows.prune(transaction.connection, command.kind, command.before)


USE_CASES: UseCases = {
    Prune: one_by_one(Prune, _prune),
    NotePruned: one_by_one(NotePruned, _note),
}


async def prune_when_due(
    database: Database, files: FileStore, *, now: datetime, days_kept: Mapping[str, int]
) -> dict[str, int]:
    """Prune once a day and sweep files that no row names; return how many went of each kind.

    ``days_kept``: how long each of ``KINDS`` is kept. Each piece is a write of its own.
    """
    last = await database.report(lambda connection: definitions.setting(connection, _LAST))
    if last and last > (written(now - _EVERY) or ""):
        return {}
    # Said first: should a piece fail, the next try is tomorrow's, and no tick fails because of it.
    await database.write(NotePruned(at=now))
    gone: dict[str, int] = {}
    for name in KINDS:
        before = now - timedelta(days=days_kept[name])
        for _ in range(_PIECES):
            count = await database.write(Prune(kind=name, before=before))
            gone[name] = gone.get(name, 0) + count
            if count < PIECE:
                break
    gone["files"] = await database.report(
        lambda connection: files.sweep(lambda sha256: item_contents.is_named(connection, sha256))
    )
    return gone
