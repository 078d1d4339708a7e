"""The content-addressed store of attached files.

Owns the bytes under ``files/`` in the data directory. A file is on the disk, complete, before any
row names it; what no row names is swept later. Names come from the hash alone: nothing a person
typed becomes a path.
"""

import hashlib
import os
import re
import secrets
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from workflow.errors import AlteredError

GRACE_SECONDS = 24 * 3600
"""So long nobody needs to have written the row of a file that was put; an upload takes seconds."""
_TAKEN = ".taken-"


class FileStore:
    """Files by the SHA-256 of their bytes."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, content: bytes) -> str:
        """Keep ``content`` durably and return its hash (hex).

        Safe to repeat; raises OSError where the disk refuses.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        final = self._path(sha256)
        try:
            # Young again: a sweep that is looking at it right now leaves it, for a row is about to
            # name it.
            os.utime(final)
            return sha256
        except FileNotFoundError:
            self._write(final, content)
        return sha256

    def _write(self, final: Path, content: bytes) -> None:
        _private_folder(self._root)
        _private_folder(final.parent)
        temporary = final.parent / f".{secrets.token_hex(8)}"
        try:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(final)
        finally:
            temporary.unlink(missing_ok=True)
        _sync_folder(final.parent)

    def get(self, sha256: str) -> bytes:
        """Return the bytes with that hash. Raises AlteredError where there are none or others."""
        try:
            content = self._path(sha256).read_bytes()
        except FileNotFoundError as exc:
            raise AlteredError(f"file {sha256[:12]}") from exc
        if hashlib.sha256(content).hexdigest() != sha256:
            raise AlteredError(f"file {sha256[:12]}")
        return content

    def is_whole(self, sha256: str) -> bool | None:
        """Return whether the bytes kept under a hash have it; None where there are none."""
        try:
            with self._path(sha256).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == sha256
        except FileNotFoundError:
            return None

    def copy(self, sha256: str, target: Path) -> None:
        """Copy a file to ``target``, as it is. Raises FileNotFoundError where there is none."""
        shutil.copyfile(self._path(sha256), target)

    def sweep(
        self, is_named: Callable[[str], bool], *, older_than_seconds: float = GRACE_SECONDS
    ) -> int:
        """Remove files that no row names and nobody has put for a day; return how many went.

        It never races with an upload: ``put`` makes a file young before its row is written, and age
        is judged once more after the file was taken out of the way, where no ``put`` can reach it.
        One that is young or named after all goes back.
        """
        gone = 0
        old = time.time() - older_than_seconds
        for path in sorted(self._root.glob("[0-9a-f][0-9a-f]/*")):
            sha256 = path.name.removeprefix(_TAKEN)
            try:
                if path.stat().st_mtime >= old or (sha256 == path.name and is_named(sha256)):
                    continue
                gone += self._remove(path, sha256, is_named, old)
            except FileNotFoundError:  # another sweep, or an upload that has just ended
                continue
        return gone

    def _remove(self, path: Path, sha256: str, is_named: Callable[[str], bool], old: float) -> bool:
        taken = path.with_name(f"{_TAKEN}{sha256}")
        path.replace(taken)
        # Should the process die here, the next sweep finds the file under this name and decides
        # anew.
        if taken.stat().st_mtime >= old or is_named(sha256):
            taken.replace(path.with_name(sha256))
            return False
        taken.unlink()
        return True

    def _path(self, sha256: str) -> Path:
        if re.fullmatch("[0-9a-f]{64}", sha256) is None:
            raise FileNotFoundError(sha256)
        return self._root / sha256[:2] / sha256


def _private_folder(folder: Path) -> None:
    """Make a folder that its owner alone may enter, and close one that others could."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_mode & 0o077:
        folder.chmod(0o700)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
