"""Back up and restore: one file for either database, consistent while running, verified at once.

A backup holds the rows of one instant (SQLite's own backup, never a file copy; on PostgreSQL one
snapshot copied row by row), the attached files those rows name, and definitions of the agency's
own. A restore is all or nothing and can be run again. Neither sends mail; secret keys are in
neither.
"""

import argparse
import asyncio
import contextlib
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.exc import SQLAlchemyError

from api.cli.backup_archive import (
    DATABASE,
    STAGING,
    Unpacked,
    attached,
    file_hash,
    settle,
    unpacked,
    write_archive,
)
from api.cli.context import opened, settings_of
from api.cli.deployment import copied, moved, require_movable
from api.cli.verifying import is_access_own
from api.composition import opening_database
from api.database_roles import grant_roles, prepare_roles, require_two_roles
from api.program_name import program
from api.server.run import lock_data_dir
from api.settings import Settings
from notifications.translation import translate
from workflow.errors import InvalidInputError, ThiduaError
from workflow.sealer import CheckpointReason
from workflow.store import upgrading
from workflow.store.engines import opened_engines, sqlite_driver


def backup(options: argparse.Namespace) -> int:
    """Write a backup and verify it; 1 where an attached file was missing or damaged.

    The backup says then which. 1 also where somebody opened a session past the program.
    """
    settings = settings_of(options)
    is_own = _make_checkpoint(options, settings)
    target: Path = options.file
    partial = target.with_name(f".{target.name}.partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=target.parent, prefix=".backup-") as folder:
            copy = Path(folder) / DATABASE
            # The rows first: a file is on the disk before any row names it.
            _snapshot(settings, copy)
            files, missing = _files(settings, copy)
            write_archive(partial, {DATABASE: copy, **files, **_definitions(settings)}, missing)
        with unpacked(partial, target.parent):
            partial.replace(target)
    except OSError as exc:
        raise InvalidInputError(
            translate(
                "{target} cannot be written: {exc}. Check path, permissions and free space.",
                target=target,
                exc=exc.strerror,
            )
        ) from exc
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
    _say_missing(missing)
    print(translate("Backed up to {target} and verified: intact.", target=target))
    return 1 if missing or not is_own else 0


def _make_checkpoint(options: argparse.Namespace, settings: Settings) -> bool:
    """Seal the history before it is copied; where that cannot be, say so: a copy is still made.

    Returns whether the program opened all that is open, as far as it could look.
    """
    if settings.database_file is not None and not settings.database_file.exists():
        return True
    try:
        with opened(options) as parts:
            asyncio.run(parts.sealer.checkpoint(CheckpointReason.BACKUP))
            return parts.database.report_blocking(
                lambda connection: is_access_own(connection, parts.keys, parts.clock.now())
            )
    except (ThiduaError, SQLAlchemyError) as exc:
        print(
            translate(
                "No checkpoint of the history could be made before this backup ({why}) "
                "The backup is made without it.",
                why=translate(exc) if isinstance(exc, ThiduaError) else f"{type(exc).__name__}.",
            ),
            file=sys.stderr,
        )
        return True


def _say_missing(missing: list[str] | tuple[str, ...]) -> None:
    for sha256 in missing:
        print(
            translate(
                "The attached file {sha256} is missing or damaged. Take it from an older backup.",
                sha256=sha256,
            ),
            file=sys.stderr,
        )


def _snapshot(settings: Settings, copy: Path) -> None:
    """Put the rows of one instant into a SQLite database at ``copy``."""
    if settings.database_file is not None:
        copy_database(settings.database_file, copy)
        return
    with (
        opened_engines(settings.url) as origin,
        opened_engines(f"sqlite:///{copy}") as target,
        opening_database(),
        origin.read.connect() as source,
        source.begin(),
    ):
        require_movable(source)
        upgrading.upgrade(target.write)
        with target.write.connect() as destination, destination.begin():
            copied(source, destination)
    settle(copy)


def copy_database(source: Path, target: Path) -> None:
    """Copy a SQLite database as it is at one instant, by SQLite's online backup."""
    if not source.exists():
        raise InvalidInputError(
            translate("There is no database at {source}. Check --data.", source=source)
        )
    driver = sqlite_driver()
    origin, copy = driver.connect(str(source)), driver.connect(str(target))
    try:
        origin.backup(copy)
    except driver.DatabaseError as exc:
        raise InvalidInputError(
            translate(
                "{source}: the database cannot be read ({exc}). Restore it from a backup.",
                source=source,
                exc=exc,
            )
        ) from exc
    finally:
        copy.close()
        origin.close()
    settle(target)


def _files(settings: Settings, copy: Path) -> tuple[dict[str, Path], list[str]]:
    """Return the attached files that the rows name, and the hashes of those missing or damaged."""
    found, missing = {}, []
    for sha256 in attached(copy):
        path = settings.data_dir / "files" / sha256[:2] / sha256
        if path.is_file() and file_hash(path) == sha256:
            found[f"files/{sha256[:2]}/{sha256}"] = path
        else:
            missing.append(sha256)
    return found, missing


def _definitions(settings: Settings) -> dict[str, Path]:
    """Return the files of a definitions folder of the agency's own."""
    folder = settings.definitions
    if folder == Settings.model_fields["definitions"].default or not folder.is_dir():
        return {}
    files = sorted(
        each for each in folder.rglob("*") if each.is_file() and each.suffix in {".yaml", ".yml"}
    )
    return {f"definitions/{each.relative_to(folder).as_posix()}": each for each in files}


def restore(options: argparse.Namespace) -> int:
    """Verify a backup and, unless only that is asked, put it in the data directory."""
    if options.verify_only:
        settings_of(options)
        with unpacked(options.file) as found:
            _say_missing(found.missing)
        print(translate("{file}: intact.", file=options.file))
        return 0
    settings = settings_of(options)
    require_two_roles(settings)
    lock = lock_data_dir(settings.data_dir)
    try:
        _clear_staging(settings.data_dir)
        if settings.database_file is not None and settings.database_file.exists():
            raise InvalidInputError(
                translate(
                    "{data_dir} already has data. Move the old data away, or restore "
                    "into an empty folder with --data.",
                    data_dir=settings.data_dir,
                )
            )
        with unpacked(options.file, settings.data_dir) as found:
            _put_in_place(settings, found)
            unsent = found.unsent
            _say_missing(found.missing)
    except OSError as exc:
        raise InvalidInputError(
            translate(
                "Nothing could be restored into {target}: {exc}. Nothing has changed. "
                "Check permissions and free space, then run it again.",
                target=settings.data_dir,
                exc=exc.strerror,
            )
        ) from exc
    finally:
        lock.close()
    print(translate("Restored to {data_dir} and verified: intact.", data_dir=settings.data_dir))
    if unsent:
        print(
            translate(
                "{count} letter had not left when the backup was made. A server sends "
                "it as soon as it runs; for a drill, run: {command} serve --no-clock.",
                "{count} letters had not left when the backup was made. A server sends "
                "them as soon as it runs; for a drill, run: {command} serve --no-clock.",
                count=unsent,
                command=program(),
            )
        )
    return 0


def _clear_staging(folder: Path) -> None:
    """Take away what a restore left that was ended by force; the lock says that none is running."""
    for each in folder.glob(f"{STAGING}*"):
        shutil.rmtree(each, ignore_errors=True)


def _put_in_place(settings: Settings, found: Unpacked) -> None:
    """Put files in place, then the database, whose presence says that all is there.

    On any failure take away what was put.
    """
    placed: list[Path] = []
    try:
        _place(settings.data_dir, found.members, placed)
        if settings.database_file is not None:
            found.database.replace(settings.database_file)
        else:
            prepare_roles(settings)
            moved(f"sqlite:///{found.database}", settings.owner_url)
            grant_roles(settings)
    except BaseException:
        for path in placed:
            path.unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # a folder that holds something else stays
                path.parent.rmdir()
        raise


def _place(folder: Path, members: Mapping[str, Path], placed: list[Path]) -> None:
    for name, path in members.items():
        target = folder / name
        if name == DATABASE or target.exists():
            continue
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.replace(target)
        placed.append(target)
