"""Seal the history: give entries their places in the log, and keep signed checkpoints of it.

Owns what the log may hold: every committed entry once, in batches, never again elsewhere. No
history tells of it, for it is about all of it. A crash leaves whole batches only; whoever comes
next, in this process or another, goes on behind the last place.
"""

from dataclasses import dataclass, replace
from typing import ClassVar, Final

from workflow.command import MACHINE, Upkeep
from workflow.commands.execute import Transaction, UseCases, one_by_one
from workflow.commands.recording import record_by
from workflow.errors import InvalidInputError
from workflow.history.agency_payloads import CheckpointKeyAdded
from workflow.history.checkpoints import parse_note
from workflow.messages import lazy
from workflow.store import history, sealed_log, timestamps
from workflow.store.sealed_log import StoredCheckpoint
from workflow.store.timestamps import StoredTimestamp

BATCH: Final = 2000
"""Entries sealed in one transaction; about 20 ms, for which others' commands wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealEntries(Upkeep[int]):
    """Seal up to a batch of entries; answers how many. ``after``: an entry to look behind.

    ``looks_back``: also for what was committed after later entries had been sealed.
    """

    after: int | None = None
    looks_back: bool = True
    is_repeatable: ClassVar[bool] = True
    contends_for: ClassVar[str] = "log"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepCheckpoint(Upkeep[bool]):
    """Keep a signed checkpoint; False where one of its size or a larger one is there.

    ``key``: what its signature is checked with. Raises InvalidInputError where the root is another.
    """

    note: str
    key: str
    reason: str
    is_repeatable: ClassVar[bool] = True
    contends_for: ClassVar[str] = "log"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepTimestamp(Upkeep[bool]):
    """Keep an authority's answer about the checkpoint of a size; False where it has one.

    Whoever asked has judged the answer.
    """

    size: int
    answer: bytes
    is_repeatable: ClassVar[bool] = True
    contends_for: ClassVar[str] = "log"


def seal_entries(transaction: Transaction, command: SealEntries) -> int:
    """Seal; the log's order is kept by its guard, whoever else seals."""
    connection = transaction.connection
    return sealed_log.seal(connection, BATCH, after=command.after, looks_back=command.looks_back)


def keep_checkpoint(transaction: Transaction, command: KeepCheckpoint) -> bool:
    """Keep; the root is hashed again, so that a checkpoint of another log is never kept."""
    connection = transaction.connection
    checkpoint = parse_note(command.note).checkpoint
    newest = sealed_log.newest_checkpoint(connection)
    if newest is not None and newest.size >= checkpoint.size:
        return False
    is_there = checkpoint.size <= sealed_log.size(connection)
    if not is_there or sealed_log.root(connection, checkpoint.size) != checkpoint.root:
        raise InvalidInputError(
            lazy("The checkpoint is not of this log. Compare it with an earlier export.")
        )
    if command.key not in history.checkpoint_keys(connection):
        cause = replace(MACHINE, command_id=f"checkpoint-key:{command.key.split('+')[1]}")
        record_by(transaction, cause, "agency", CheckpointKeyAdded(key=command.key))
    sealed_log.keep_checkpoint(
        connection,
        StoredCheckpoint(
            size=checkpoint.size,
            note=command.note,
            reason=command.reason,
            made_at=transaction.now,
        ),
    )
    return True


def keep_timestamp(transaction: Transaction, command: KeepTimestamp) -> bool:
    """Keep the answer as it came."""
    stamp = StoredTimestamp(size=command.size, answer=command.answer, kept_at=transaction.now)
    return timestamps.keep_timestamp(transaction.connection, stamp)


USE_CASES: UseCases = {
    SealEntries: one_by_one(SealEntries, seal_entries),
    KeepCheckpoint: one_by_one(KeepCheckpoint, keep_checkpoint),
    KeepTimestamp: one_by_one(KeepTimestamp, keep_timestamp),
}
