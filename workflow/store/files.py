"""The content-addressed store of attached files.

Owns the bytes under ``files/`` in the data directory. A file is on the disk, complete, before any row names it; what no
row names is swept later. Names come from the hash alone: nothing a person typed becomes a path.
"""

import hashlib
import os
import secrets
from pathlib import Path


class FileStore:
    """Files by the SHA-256 of their bytes."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, content: bytes) -> str:
        """Keep ``content`` durably and return its hash (hex). Safe to repeat; raises OSError where the disk refuses."""
        sha256 = hashlib.sha256(content).hexdigest()
        final = self._path(sha256)
        if final.exists():
            return sha256
        final.parent.mkdir(parents=True, exist_ok=True)
        temporary = final.parent / f".{secrets.token_hex(8)}"
        try:
            with temporary.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(final)
        finally:
            temporary.unlink(missing_ok=True)
        _sync_folder(final.parent)
        return sha256

    def get(self, sha256: str) -> bytes:
        """Return the bytes with that hash. Raises FileNotFoundError, and ValueError if they no longer match it."""
        content = self._path(sha256).read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256:
            raise ValueError(f"the stored file {sha256} has changed on the disk: restore it from the backup")
        return content

    def _path(self, sha256: str) -> Path:
        if len(sha256) != 64 or not all(each in "0123456789abcdef" for each in sha256):  # noqa: PLR2004 - a hex SHA-256
            raise FileNotFoundError(sha256)
        return self._root / sha256[:2] / sha256


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
