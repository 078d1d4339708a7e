"""The file of a backup: a tar of the database as SQLite, attached files, own definitions, hashes.

Owns its format, the same for both databases, and how it is checked: member by member, by name,
kind, size and hash. It never trusts what an archive says of itself, and needs nothing newer than
Python 3.11.0.
"""

import hashlib
import io
import json
import os
import re
import shutil
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from api import VERSION
from notifications.mail_health import count_unsent
from notifications.translation import translate
from workflow.errors import InvalidInputError
from workflow.queries.audit import verify_database
from workflow.store import item_contents, migrating, upgrading
from workflow.store.engines import opened_engines, sqlite_driver

DATABASE = "thidua.db"
STAGING = ".restore-"
_MANIFEST = "manifest.json"
_MEMBER = re.compile(r"thidua\.db|files/[0-9a-f]{2}/[0-9a-f]{64}|definitions(/[\w][\w .-]*){1,6}")
_MANIFEST_BYTES = 200_000_000
_SPARE_BYTES = 50 * 1024 * 1024
_PIECE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpacked:
    """A backup that was unpacked and checked: what it holds, by name, where it lies now."""

    database: Path
    members: Mapping[str, Path]
    unsent: int
    """Letters that had not left when the backup was made."""
    missing: tuple[str, ...]
    """Attached files that were missing or damaged already then."""


def attached(database: Path) -> list[str]:
    """Return the hashes of every file that a copy of the database names."""
    with opened_engines(f"sqlite:///{database}") as engines, engines.read.connect() as connection:
        return item_contents.file_hashes(connection)


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file (hex)."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_archive(target: Path, members: Mapping[str, Path], missing: list[str]) -> None:
    """Write a backup durably, readable by its owner alone."""
    manifest = {
        "version": VERSION,
        "made_at": datetime.now(UTC).isoformat(),
        "missing": missing,
        "sha256": {name: file_hash(path) for name, path in members.items()},
    }
    text = json.dumps(manifest, indent=1).encode()
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as raw:
        with tarfile.open(fileobj=raw, mode="w:gz", compresslevel=6) as archive:
            entry = tarfile.TarInfo(_MANIFEST)
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text))
            for name, path in members.items():
                entry = tarfile.TarInfo(name)
                entry.size, entry.mode = path.stat().st_size, 0o600
                with path.open("rb") as content:
                    archive.addfile(entry, content)
        raw.flush()
        os.fsync(raw.fileno())


@contextmanager
def unpacked(file: Path, beside: Path | None = None) -> Iterator[Unpacked]:
    """Unpack a backup into a folder that goes away, check it, migrate it, and yield it.

    ``beside``: where that folder lies, so that what is taken out of it need not be copied.
    Raises InvalidInputError.
    """
    with TemporaryDirectory(dir=beside, prefix=STAGING) as folder:
        try:
            missing, found = _extracted(file, Path(folder))
        except (
            OSError,
            tarfile.TarError,
            zlib.error,
            EOFError,
            KeyError,
            ValueError,
            TypeError,
            AttributeError,
        ) as exc:
            if isinstance(exc, OSError) and exc.filename == str(file):
                raise InvalidInputError(
                    translate(
                        "{file} cannot be opened: {exc}. Check the path.",
                        file=file,
                        exc=exc.strerror,
                    )
                ) from exc
            raise InvalidInputError(
                translate(
                    "{file}: the backup cannot be read ({name}). It is cut off, "
                    "damaged, or no backup; use another one.",
                    file=file,
                    name=type(exc).__name__,
                )
            ) from exc
        unsent = _check_database(found, file, missing)
        yield Unpacked(database=found[DATABASE], members=found, unsent=unsent, missing=missing)


def _extracted(file: Path, folder: Path) -> tuple[tuple[str, ...], dict[str, Path]]:
    """Unpack the members one by one and compare every hash.

    Each is a plain file under a name that a backup may have.
    """
    found: dict[str, Path] = {}
    hashes: dict[str, str] = {}
    with tarfile.open(file) as archive:
        wanted, missing = _manifest(archive, file)
        while (member := archive.next()) is not None:
            if member.name in found or member.name not in wanted or not _may_be(member):
                raise InvalidInputError(
                    translate(
                        "{file}: there is a strange part “{name}”. Use another backup.",
                        file=file,
                        name=member.name[:100],
                    )
                )
            if member.size > shutil.disk_usage(folder).free - _SPARE_BYTES:
                raise InvalidInputError(
                    translate(
                        "{file}: the disk has no room to unpack the backup. Free some "
                        "space and run it again.",
                        file=file,
                    )
                )
            found[member.name] = folder / member.name
            hashes[member.name] = _copied_out(archive, member, found[member.name])
        # To the very end, where the checksum of the whole stands.
        while archive.fileobj is not None and archive.fileobj.read(_PIECE):
            pass
    for name, sha256 in {**wanted, DATABASE: wanted.get(DATABASE, "")}.items():
        if hashes.get(name) != sha256:
            raise _damaged(file, name)
    return missing, found


def _manifest(archive: tarfile.TarFile, file: Path) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return what the first member says: the hash of each part, and which files were missing."""
    first = archive.next()
    if (
        first is None
        or first.name != _MANIFEST
        or not first.isreg()
        or first.size > _MANIFEST_BYTES
    ):
        raise InvalidInputError(
            translate(
                "{file} is no backup of thidua. Choose a file that the command backup made.",
                file=file,
            )
        )
    content = archive.extractfile(first)
    manifest = json.loads(content.read() if content else b"")
    return dict(manifest["sha256"]), tuple(str(each) for each in manifest.get("missing", ()))


def _may_be(member: tarfile.TarInfo) -> bool:
    """Return whether a member is a plain file under a name that a backup may have."""
    return member.isreg() and bool(_MEMBER.fullmatch(member.name)) and ".." not in member.name


def _damaged(file: Path, name: str) -> InvalidInputError:
    return InvalidInputError(
        translate("{file}: the part {name} is damaged. Use another backup.", file=file, name=name)
    )


def _copied_out(archive: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> str:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    content = archive.extractfile(member)
    if content is None:
        raise EOFError
    digest, size = hashlib.sha256(), 0
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        while piece := content.read(_PIECE):
            out.write(piece)
            digest.update(piece)
            size += len(piece)
        out.flush()
        os.fsync(out.fileno())
    if size != member.size:
        raise EOFError
    return digest.hexdigest()


def _check_database(found: Mapping[str, Path], file: Path, missing: tuple[str, ...]) -> int:
    """Check the database, its history and that every file it names is there.

    Returns how many letters had not left.
    """
    path = found[DATABASE]
    try:
        with opened_engines(f"sqlite:///{path}") as engines:
            with engines.read.connect() as connection:
                _require_known(connection, file)
            upgrading.upgrade(engines.write)
            with engines.read.connect() as connection:
                _require_intact(connection, file)
                named = item_contents.file_hashes(connection)
                unsent = count_unsent(connection)
    except (SQLAlchemyError, sqlite_driver().DatabaseError) as exc:
        raise _not_intact(file, type(exc).__name__) from exc
    lacking = [
        each for each in named if f"files/{each[:2]}/{each}" not in found and each not in missing
    ]
    if lacking:
        raise InvalidInputError(
            translate(
                "{file}: {count} attached file is missing. Use another backup.",
                "{file}: {count} attached files are missing. Use another backup.",
                file=file,
                count=len(lacking),
            )
        )
    for name, each in found.items():
        if name.startswith("files/") and file_hash(each) != each.name:
            raise _damaged(file, name)
    settle(path)
    return unsent


def _require_known(connection: Connection, file: Path) -> None:
    revision = migrating.current_revision(connection)
    if revision is None:
        raise InvalidInputError(
            translate("{file}: the database is empty. Use another backup.", file=file)
        )
    if migrating.is_newer(revision):
        raise InvalidInputError(
            translate(
                "{file}: the backup was made by a newer version ({revision}). "
                "Install the newer program, then restore.",
                file=file,
                revision=revision,
            )
        )


def _require_intact(connection: Connection, file: Path) -> None:
    sound = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
    orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    verdict = verify_database(connection)
    if sound != "ok" or orphans or verdict.status:
        raise _not_intact(file, verdict.sentence)


def _not_intact(file: Path, why: object) -> InvalidInputError:
    return InvalidInputError(
        translate(
            "{file}: the database is not intact ({sentence}). Use another backup.",
            file=file,
            sentence=why,
        )
    )


def settle(database: Path) -> None:
    """Make a SQLite database one file that stands alone: no journal beside it."""
    connection = sqlite_driver().connect(str(database))
    try:
        connection.execute("PRAGMA journal_mode=DELETE")
    finally:
        connection.close()
