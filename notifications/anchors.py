"""Anchors: checkpoints of the history that leave the house, by mail and into a file elsewhere.

Owns which checkpoint goes out when: one a day at most, and besides each that was made at a sending
to the board or on demand. What went is in the outbox, and the file is only ever added to, so any
number of processes may look, and none lets one out twice or forgets one.
"""

import contextlib
import os
import re
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, ClassVar, Final

import orjson
import structlog
from sqlalchemy import Connection, desc, select

from notifications.occasions import AnchorDue
from notifications.outbox import Outbox
from notifications.outbox_states import IS_ANCHOR, OutboxState
from workflow.command import Upkeep
from workflow.commands.execute import Transaction, UseCases, one_by_one
from workflow.context import Context
from workflow.database import Database
from workflow.history.checkpoints import parse_note
from workflow.model import Position
from workflow.sealer import EVERY, CheckpointReason
from workflow.store import schema, sealed_log
from workflow.store.instants import read_required
from workflow.store.prepared import Prepared
from workflow.store.sealed_log import StoredCheckpoint

SEALED_WITHIN: Final = timedelta(minutes=1)
COVERED_WITHIN: Final = timedelta(hours=26)
_WRITTEN_WITHIN: Final = timedelta(minutes=5)
_AT_ONCE = {CheckpointReason.DISPATCH.value, CheckpointReason.DEMAND.value}
_TAIL_BYTES = 4096
_NOTE = re.compile(r"^(\S+)\n(\d{1,18})\n[\w+/=]{44}\n\n\N{EM DASH} \S+ [\w+/=]+\n", re.MULTILINE)
_outbox = schema.outbox.c
_MAILED = select(_outbox.params, _outbox.created_at).where(IS_ANCHOR)
_LAST_MAILED = Prepared(_MAILED.order_by(desc(_outbox.id)).limit(1))
_LAST_DELIVERED = Prepared(
    _MAILED.where(_outbox.state == OutboxState.SENT.value).order_by(desc(_outbox.id)).limit(1)
)

if sys.platform != "win32":
    import fcntl

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class MailAnchors(Upkeep[int]):
    """Write the mails of the newest checkpoint, if it is to go out; answers how many."""

    contends_for: ClassVar[str] = "outbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class SealingHealth:
    """How far the history is sealed, covered by checkpoints, and known outside the house.

    ``unsealed_since``: of what should be sealed by now. ``uncovered_since``: when the last
    checkpoint was made, where entries have waited too long for the next. ``anchored_at``: when the
    last checkpoint that was delivered was made.
    """

    unsealed_since: datetime | None
    uncovered_since: datetime | None
    anchored_at: datetime | None
    file_is_behind: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchors:
    """Lets the checkpoints of one deployment out: to auditors, addresses outside, and a file."""

    context: Context
    outbox: Outbox
    addresses: tuple[str, ...] = ()
    file: Path | None = None

    def use_cases(self) -> UseCases:
        """Return how the command is run."""
        return {MailAnchors: one_by_one(MailAnchors, self._mail)}

    async def let_out(self, database: Database) -> None:
        """Do what is due: add to the file what it lacks, and write the mails."""
        await database.report(self._append)
        if await database.report(self._due):
            await database.write(MailAnchors())

    def health(self, connection: Connection) -> SealingHealth:
        """Return how far the history is sealed, covered and known outside."""
        now = self.context.clock()
        waiting = sealed_log.oldest_unsealed_at(connection)
        newest = sealed_log.newest_checkpoint(connection)
        is_covered = newest is None or (
            waiting is None and newest.size == sealed_log.size(connection)
        )
        is_late = newest is not None and now - newest.made_at > COVERED_WITHIN
        was_written = newest is None or now - newest.made_at < _WRITTEN_WITHIN
        return SealingHealth(
            unsealed_since=waiting if waiting and now - waiting > SEALED_WITHIN else None,
            uncovered_since=newest.made_at if newest and is_late and not is_covered else None,
            anchored_at=self._anchored_at(connection),
            file_is_behind=bool(self.file)
            and newest is not None
            and not was_written
            and self._last_in_file(newest) != newest.size,
        )

    def _anchored_at(self, connection: Connection) -> datetime | None:
        newest = sealed_log.newest_checkpoint(connection)
        if newest is None:
            return None
        mailed = _LAST_DELIVERED.one(connection, {})
        size = max(_size(mailed.params) if mailed else 0, self._last_in_file(newest))
        found = sealed_log.checkpoint_of(connection, size) if size else None
        return found.made_at if found else None

    def _mail(self, transaction: Transaction, _command: MailAnchors) -> int:
        due = self._due(transaction.connection)
        self.outbox.add(transaction.connection, due)
        return len(due)

    def _due(self, connection: Connection) -> list[AnchorDue]:
        """Return the mails of the newest checkpoint, or none where it is not to go out now."""
        now = self.context.clock()
        auditors = self.context.directory(connection, now).in_positions((Position.AUDITOR,))
        if not auditors and not self.addresses:
            return []
        last = _LAST_MAILED.one(connection, {})
        new = sealed_log.checkpoints(connection, after=_size(last.params) if last else 0)
        if not new or not goes_out(new, read_required(last.created_at) if last else None, now):
            return []
        size, is_urgent = new[-1].size, any(each.reason in _AT_ONCE for each in new)
        # Written when it may leave, not before: what waits in the outbox is what is held up.
        if not is_urgent and self.context.calendar.next_opening(now) > now:
            return []
        return [
            *(AnchorDue(person=each.id, reader=str(each.id), size=size) for each in auditors),
            *(AnchorDue(address=each, reader=each, size=size) for each in self.addresses),
        ]

    def _append(self, connection: Connection) -> None:
        """Add to the file every checkpoint beyond its last; what it holds is never touched.

        Other processes and other deployments may share it: it is looked through and added to under
        its lock.
        """
        newest = sealed_log.newest_checkpoint(connection)
        if self.file is None or newest is None:
            return
        try:
            with self.file.open("ab") as file:
                if not _is_ours(file):
                    return  # whoever adds to it now is done before we look again
                after = self._last_in_file(newest)
                notes = [each.note for each in sealed_log.checkpoints(connection, after=after)]
                if notes:
                    _add_to(file, self.file, "\n".join(notes))
        except OSError as exc:
            log.warning("a checkpoint could not be added to the file", reason=exc.strerror)

    def _last_in_file(self, newest: StoredCheckpoint) -> int:
        """Return the size of this log's last whole note in the file; 0 where there is none."""
        if self.file is None:
            return 0
        origin = parse_note(newest.note).checkpoint.origin
        # Where only others' notes stand at the end, ours is further up.
        for length in (_TAIL_BYTES, None):
            found = [
                int(size)
                for name, size in _NOTE.findall(_tail(self.file, length))
                if name == origin
            ]
            if found:
                return max(found)
        return 0


def goes_out(new: list[StoredCheckpoint], last: datetime | None, now: datetime) -> bool:
    """Return whether the newest of checkpoints that nobody was mailed is to be mailed now."""
    if any(each.reason in _AT_ONCE for each in new):
        return True
    if last is None:
        return new[-1].reason != CheckpointReason.FIRST or now - new[-1].made_at >= EVERY
    return now - last >= EVERY


def _size(params: str) -> int:
    return int(orjson.loads(params)["size"])


def _tail(path: Path, length: int | None = _TAIL_BYTES) -> str:
    """Return the last bytes of a file as text; None: all of them."""
    with contextlib.suppress(OSError), path.open("rb") as file:
        if length is not None:
            file.seek(max(0, file.seek(0, os.SEEK_END) - length))
        return file.read().decode("utf-8", "replace")
    return ""


def _is_ours(file: BinaryIO) -> bool:
    """Return whether nobody else adds to a file until it is closed.

    Where it lies, or its system, may know no locks.
    """
    if sys.platform != "win32":
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return True
    return True


def _add_to(file: BinaryIO, path: Path, text: str) -> None:
    """Add a text behind a blank line, and see it on the disk."""
    start = "\n" if file.seek(0, os.SEEK_END) else ""
    if start and not _tail(path).endswith("\n"):
        start = "\n\n"  # a note that a crash cut short stays as it is
    file.write((start + text).encode())
    file.flush()
    os.fsync(file.fileno())
