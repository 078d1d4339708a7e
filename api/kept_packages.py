"""Packages that are made, and those just made: each once, whoever asks, one after another.

Owns the folder where a package lies for the minutes in which its askers fetch it. One thread makes
it, into a file that gets its name when it is whole; of processes on one folder one makes it and the
others wait for that. What a process that died left is nobody's, and swept. One that was made before
something was erased is handed out no more.
"""

import asyncio
import contextlib
import os
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypeAlias

from api.file_lock import lock_file

KEPT_SECONDS = 600
"""So long a package is handed out as it was made."""
_SWEPT_SECONDS = 2 * KEPT_SECONDS
_SILENT_SECONDS = 60
"""Who has told nothing for so long has died: no part takes as long."""
_Told: TypeAlias = Callable[[int, int], None]
WriteTo: TypeAlias = Callable[[IO[bytes], _Told], None]
"""Writes a package, in a thread, and tells after each part how many of how many are written."""


@dataclass(frozen=True, slots=True)
class PackageProgress:
    """How many parts of a package are written, of how many; 0 of 0 before that is known."""

    written: int = 0
    parts: int = 0


@dataclass(frozen=True, slots=True)
class PackageKey:
    """A package: of which dossier, made after how many erasures."""

    dossier: int
    erasures: int = 0


class KeptPackages:
    """The packages of one folder; of each dossier one is made at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._turn = asyncio.Lock()

    async def make(self, key: PackageKey, write: WriteTo, seconds: float) -> Path | None:
        """Return a package that is kept, else made now; None where it takes ``seconds`` and longer.

        It is made to its end, also where whoever asked waits no longer. Raises what ``write`` does.
        """
        while not self._is_kept(key):
            work = self._under_way.get(key.dossier)
            if work is None:
                work = asyncio.create_task(self._make(key, write))
                self._under_way[key.dossier] = work
            done, _ = await asyncio.wait({work}, timeout=seconds)
            if not done:
                return None
            if self._under_way.get(key.dossier) is work:
                del self._under_way[key.dossier]
            await work
        return self._zip(key)

    def progress(self, number: int) -> PackageProgress | None:
        """Return how far a package is that is being made, by whichever process; None: it is not."""
        work, noted = self._under_way.get(number), self._path(number, "progress")
        is_own = work is not None and not work.done()
        try:
            if not is_own and time.time() - noted.stat().st_mtime > _SILENT_SECONDS:
                return None
            written, parts = noted.read_text("ascii").split()
        except (OSError, ValueError):
            return PackageProgress() if is_own else None
        return PackageProgress(int(written), int(parts))

    def sweep(self) -> None:
        """Remove what is handed out no longer, and what a process that died has left."""
        for each in self._folder.glob("*.*"):
            with contextlib.suppress(OSError):
                if each.suffix != ".lock" and time.time() - each.stat().st_mtime > _SWEPT_SECONDS:
                    each.unlink()

    def _path(self, number: int, ending: str) -> Path:
        return self._folder / f"{number}.{ending}"

    def _zip(self, key: PackageKey) -> Path:
        return self._path(key.dossier, f"{key.erasures}.zip")

    def _is_kept(self, key: PackageKey) -> bool:
        with contextlib.suppress(OSError):
            return time.time() - self._zip(key).stat().st_mtime < KEPT_SECONDS
        return False

    async def _make(self, key: PackageKey, write: WriteTo) -> None:
        async with self._turn:
            await asyncio.to_thread(self._written, key, write)

    def _written(self, key: PackageKey, write: WriteTo) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        number = key.dossier
        progress, part = self._path(number, "progress"), f"{number}.{secrets.token_hex(8)}.part"
        temporary = self._folder / part
        with self._path(number, "lock").open("a+") as lock:
            lock_file(lock, waits=True)
            if self._is_kept(key):
                return
            try:
                descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(descriptor, "wb") as target:
                    write(target, lambda *done: _note(progress, *done))
                temporary.replace(self._zip(key))
            finally:
                progress.unlink(missing_ok=True)
                temporary.unlink(missing_ok=True)


def _note(file: Path, written: int, parts: int) -> None:
    file.write_text(f"{written} {parts}", "ascii")
