"""Back up and restore: one file, consistent while running, verified at once.

A backup is a tar with the database (by SQLite's own backup, never a file copy), the attached files, and a manifest of
SHA-256 hashes. On PostgreSQL ``pg_dump`` is the tool; this command says so.
"""

import argparse
import hashlib
import io
import json
import os
import tarfile
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from api import VERSION
from api.cli.opening import settings_of
from api.serving import lock_data_dir
from api.settings import Settings
from workflow.errors import InvalidInputError
from workflow.service.auditing import verify_database
from workflow.speech import say
from workflow.store.engines import open_engines, sqlite_driver

_DATABASE = "thidua.db"
_MANIFEST = "manifest.json"


def backup(options: argparse.Namespace) -> int:
    """Write a backup and verify it."""
    settings = _sqlite_settings(options)
    target: Path = options.file
    partial = target.with_name(f".{target.name}.partial")
    with TemporaryDirectory(dir=target.parent if target.parent.is_dir() else None) as folder:
        copy = Path(folder) / _DATABASE
        _copy_database(settings.data_dir / _DATABASE, copy)
        members = {_DATABASE: copy, **_attached(settings.data_dir / "files")}
        manifest: dict[str, object] = {
            "version": VERSION,
            "made_at": datetime.now(UTC).isoformat(),
            "sha256": {name: _hash(path) for name, path in members.items()},
        }
        _write(partial, members, manifest)
        _verified(partial)
    partial.replace(target)
    print(say("Đã sao lưu vào {target} và kiểm tra: nguyên vẹn.", target=target))
    return 0


def _sqlite_settings(options: argparse.Namespace) -> Settings:
    settings = settings_of(options)
    if not settings.is_sqlite:
        raise InvalidInputError(say("Lệnh này dành cho SQLite. Với PostgreSQL hãy dùng pg_dump và pg_restore, rồi chạy: thidua history verify."))
    return settings


def _copy_database(source: Path, target: Path) -> None:
    if not source.exists():
        raise InvalidInputError(say("Không có cơ sở dữ liệu tại {source}. Kiểm tra --data.", source=source))
    driver = sqlite_driver()
    origin, copy = driver.connect(str(source)), driver.connect(str(target))
    try:
        origin.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
    finally:
        copy.close()
        origin.close()


def _attached(folder: Path) -> dict[str, Path]:
    return {
        f"files/{path.relative_to(folder).as_posix()}": path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith(".")
    }


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(target: Path, members: dict[str, Path], manifest: dict[str, object]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as raw:
        with tarfile.open(fileobj=raw, mode="w:gz") as archive:
            text = json.dumps(manifest, indent=1).encode()
            entry = tarfile.TarInfo(_MANIFEST)
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text))
            for name, path in members.items():
                archive.add(path, name)
        raw.flush()
        os.fsync(raw.fileno())
    target.chmod(0o600)


def restore(options: argparse.Namespace) -> int:
    """Verify a backup and, unless only that is asked, put it in the place of the data directory's contents."""
    if options.verify_only:
        _verified(options.file)
        print(say("{file}: nguyên vẹn.", file=options.file))
        return 0
    settings = _sqlite_settings(options)
    lock = lock_data_dir(settings.data_dir)
    try:
        if (settings.data_dir / _DATABASE).exists():
            raise InvalidInputError(
                say(
                    "{data_dir} đã có dữ liệu. Hãy chuyển dữ liệu cũ đi nơi khác, hoặc phục hồi vào thư mục trống bằng --data.",
                    data_dir=settings.data_dir,
                )
            )
        _verified(options.file, settings.data_dir)
    finally:
        lock.close()
    print(say("Đã phục hồi vào {data_dir} và kiểm tra: nguyên vẹn.", data_dir=settings.data_dir))
    return 0


def _verified(file: Path, target: Path | None = None) -> None:
    """Unpack a backup, compare every hash, check the database and its history; move it to ``target`` if given."""
    try:
        with TemporaryDirectory(dir=target) as folder, tarfile.open(file) as archive:
            archive.extractall(folder, filter="data")
            unpacked = Path(folder)
            manifest = json.loads((unpacked / _MANIFEST).read_bytes())
            for name, wanted in manifest["sha256"].items():
                if _hash(unpacked / name) != wanted:
                    raise InvalidInputError(say("{file}: phần {name} bị hỏng. Hãy dùng bản sao lưu khác.", file=file, name=name))
            _check_database(unpacked / _DATABASE, file)
            if target is not None:
                for name in manifest["sha256"]:
                    (target / name).parent.mkdir(parents=True, exist_ok=True)
                    (unpacked / name).replace(target / name)
                (target / _DATABASE).chmod(0o600)
    except (OSError, tarfile.TarError, KeyError, ValueError) as exc:
        raise InvalidInputError(say("{file}: không đọc được bản sao lưu ({name}). Hãy dùng bản khác.", file=file, name=type(exc).__name__)) from exc


def _check_database(path: Path, file: Path) -> None:
    engines = open_engines(f"sqlite:///{path}")
    try:
        with engines.read.connect() as connection:
            sound = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
            orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
            verdict = verify_database(connection)
    finally:
        engines.dispose()
    if sound != "ok" or orphans or verdict.status:
        raise InvalidInputError(say("{file}: cơ sở dữ liệu không nguyên vẹn. {sentence}", file=file, sentence=verdict.sentence))
