"""The sealer: seals what was committed, and signs a checkpoint when one is due.

Owns when: entries within seconds; a checkpoint after a day, after a hundred entries, when an item
was sent to the board, before a backup, at the end of a server, and whenever somebody asks. Signs
outside the write path; the private key is made of the secret keys, is in no database, and goes with
the process.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Final

from sqlalchemy import Connection

from workflow.commands.seal_log import BATCH, KeepCheckpoint, SealEntries
from workflow.database import Database
from workflow.errors import InvalidInputError
from workflow.history import checkpoints
from workflow.history.checkpoints import Checkpoint, VerifierKey
from workflow.links import Keys
from workflow.messages import lazy
from workflow.store import sealed_log

EVERY: Final = timedelta(days=1)
ENTRIES: Final = 100
LOOKS_BACK_AFTER: Final = timedelta(seconds=15)
"""A transaction may end after later ones were sealed; how often those are looked for."""


class CheckpointReason(StrEnum):
    """Why a checkpoint was made, as it is kept beside it."""

    FIRST = "first"
    DAILY = "daily"
    ENTRIES = "entries"
    DISPATCH = "dispatch"
    BACKUP = "backup"
    DEMAND = "demand"
    SHUTDOWN = "shutdown"


class Sealer:
    """Seals the log of one deployment."""

    def __init__(self, database: Database, keys: Keys, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock
        self._is_first = True
        self._looked_back_at: datetime | None = None

    @property
    def origin(self) -> str:
        """Return the name of the log."""
        return checkpoints.origin_of(self._keys.deployment)

    @cached_property
    def verifier_keys(self) -> tuple[VerifierKey, ...]:
        """Return the public keys of the present secret keys, newest first."""
        return tuple(
            checkpoints.verifier_key(self.origin, checkpoints.signing_key(each))
            for each in self._keys.by_kid.values()
        )

    async def seal(self) -> int:
        """Seal everything that is committed; the first time, what was left behind as well."""
        # Looked for in a read: nobody's command waits while the whole log is gone through.
        after = await self._database.report(sealed_log.left_behind) if self._is_first else None
        now, looked, sealed = self._clock(), self._looked_back_at, 0
        looks_back = looked is None or abs(now - looked) >= LOOKS_BACK_AFTER
        while True:
            command = SealEntries(after=after, looks_back=looks_back)
            found = await self._database.write(command)
            if looks_back:
                self._looked_back_at = now
            self._is_first, after, looks_back = False, None, False
            sealed += found
            if found < BATCH:
                return sealed

    async def seal_and_check(self) -> None:
        """Seal, and make a checkpoint where one is due."""
        await self.seal()
        if reason := await self._database.report(self._due):
            await self._keep(reason)

    async def checkpoint(self, reason: CheckpointReason) -> bool:
        """Seal, and make a checkpoint now; False where nothing came since the last one."""
        await self.seal()
        return await self._keep(reason)

    async def _keep(self, reason: CheckpointReason) -> bool:
        found = await self._database.report(self._present)
        if found is None:
            return False
        key = next(iter(self._keys.by_kid.values()), None)
        if key is None:
            raise InvalidInputError(
                lazy("Without THIDUA_SECRET_KEYS no checkpoint can be signed. Set the keys.")
            )
        note = checkpoints.sign(found, checkpoints.signing_key(key))
        return await self._database.write(
            KeepCheckpoint(note=note, key=str(self.verifier_keys[0]), reason=reason.value)
        )

    def _present(self, connection: Connection) -> Checkpoint | None:
        size = sealed_log.size(connection)
        newest = sealed_log.newest_checkpoint(connection)
        if not size or (newest is not None and newest.size >= size):
            return None
        return Checkpoint(origin=self.origin, size=size, root=sealed_log.root(connection, size))

    def _due(self, connection: Connection) -> CheckpointReason | None:
        """Return why a checkpoint is due, if one is."""
        size = sealed_log.size(connection)
        newest = sealed_log.newest_checkpoint(connection)
        if newest is None:
            return CheckpointReason.FIRST if size else None
        if sealed_log.has_sent_since(connection, newest.size):
            return CheckpointReason.DISPATCH
        if size - newest.size >= ENTRIES:
            return CheckpointReason.ENTRIES
        is_old = self._clock() - newest.made_at >= EVERY
        return CheckpointReason.DAILY if size > newest.size and is_old else None
