"""Commands that move a deployment: from SQLite to PostgreSQL, and to a new secret key."""

import argparse
import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import Connection, Table, inspect, make_url
from sqlalchemy.exc import SQLAlchemyError

from api.cli.context import settings_of
from api.cli.verifying import is_access_own
from api.clock import RunningClock
from api.database_url import parse_database_url
from api.initialise import keep_vault
from api.program_name import program
from api.server.run import lock_data_dir
from api.setting_values import WrongValueError
from api.settings import ensure_demo_keys
from notifications.translation import translate
from workflow.errors import InvalidInputError, UsageError
from workflow.links import Keys
from workflow.lookups.agency import DEPLOYMENT
from workflow.messages import lazy
from workflow.queries.audit import verify_database
from workflow.store import definitions, migrating, schema, upgrading, whole_tables
from workflow.store.engines import Engines, opened_engines
from workflow.store.guards import rounds_open

_KEY_BYTES = 32


def move_database(options: argparse.Namespace) -> int:
    """Copy a SQLite database into an empty PostgreSQL one; keep it if counts and proof agree.

    1 where somebody opened a session past the program: it was copied, and opens nothing.
    """
    if not options.origin.startswith("sqlite") or not options.target.startswith("postgresql"):
        raise UsageError(
            translate(
                "This command moves from SQLite to PostgreSQL: {command} move-database "
                "sqlite:///var/thidua.db postgresql://…",
                command=program(),
            )
        )
    try:
        parse_database_url(options.origin)
        parse_database_url(options.target)
    except WrongValueError as exc:
        raise UsageError(
            lazy("{command} move-database: {what}.", command=program(), what=exc.sentence)
        ) from None
    source = Path(make_url(options.origin).database or "")
    if not source.is_file():
        raise InvalidInputError(
            translate("There is no database at {source}. Check the source address.", source=source)
        )
    lock = lock_data_dir(source.parent)  # a server that goes on writing would be left behind
    try:
        rows = moved(options.origin, options.target)
    finally:
        lock.close()
    print(
        translate(
            "Moved {rows} rows and verified: row counts agree, the history is intact. "
            "Attachments stay in {folder}.",
            rows=rows,
            folder=source.parent / "files",
        )
    )
    print(translate("Point THIDUA_DATABASE_URL at the new database and restart."))
    return 0 if _is_access_own(options.target, source.parent) else 1


def _is_access_own(url: str, folder: Path) -> bool:
    """Return whether the program opened all that is open, as far as its keys are here."""
    by_kid = settings_of(argparse.Namespace(data=folder)).keys
    with opened_engines(url) as engines, engines.read.connect() as connection:
        keys = Keys(deployment=definitions.setting(connection, DEPLOYMENT) or "", by_kid=by_kid)
        return not by_kid or is_access_own(connection, keys, RunningClock().now())


def moved(from_url: str, to_url: str) -> int:
    """Copy every row of one database into an empty one; return how many rows.

    On any failure the target is empty again. Raises InvalidInputError.
    """
    try:
        with opened_engines(from_url) as origin, opened_engines(to_url) as target:
            return _moved(origin, target)
    except SQLAlchemyError as exc:
        raise InvalidInputError(
            translate(
                "Could not move ({name}). Nothing has changed in the target database. "
                "Check address and permissions.",
                name=type(exc).__name__,
            )
        ) from exc


def _moved(origin: Engines, target: Engines) -> int:
    with origin.read.connect() as source, source.begin():
        require_movable(source)
        with target.write.connect() as empty:
            if not _is_empty(empty):
                raise InvalidInputError(
                    translate("The target database already has data. Use an empty one.")
                )
        upgrading.upgrade(target.write)
        try:
            with target.write.connect() as destination, destination.begin():
                return copied(source, destination)
        except BaseException:
            upgrading.downgrade(target.write, "base")
            raise


def require_movable(source: Connection) -> None:
    """Raise InvalidInputError where a database is not at the newest revision."""
    migrating.refuse_unknown(source)
    if migrating.current_revision(source) != migrating.newest_revision():
        raise InvalidInputError(
            translate(
                "The database to move is not at the newest version. Back it up, then "
                "run: {command} upgrade.",
                command=program(),
            )
        )


def _is_empty(connection: Connection) -> bool:
    """Return whether a database has no rows; a copy ended by force leaves its schema."""
    if migrating.current_revision(connection) is None:
        return True
    known = set(inspect(connection).get_table_names()) & {
        each.name for each in schema.metadata.sorted_tables
    }
    return all(
        whole_tables.is_empty(connection, schema.metadata.tables[name]) for name in sorted(known)
    )


def copied(source: Connection, destination: Connection) -> int:
    """Copy every row of every table within the two transactions; return how many rows.

    Counts and proof must be equal.
    """
    with rounds_open(destination):
        total = sum(
            _copied_table(source, destination, each) for each in schema.metadata.sorted_tables
        )
    _tell("")
    proofs = [verify_database(source), verify_database(destination)]
    if any(each.status for each in proofs) or proofs[0].sentence != proofs[1].sentence:
        raise InvalidInputError(
            translate(
                "The history differs after the move: {before} / {after}",
                before=proofs[0].sentence,
                after=proofs[1].sentence,
            )
        )
    return total


def _copied_table(source: Connection, destination: Connection, table: Table) -> int:
    """Copy every row of a table; return how many."""
    count = 0
    for copied_rows in whole_tables.copy(source, destination, table):
        count += copied_rows
        _tell(
            translate("{name}: {count} row", "{name}: {count} rows", name=table.name, count=count)
        )
    if whole_tables.count(destination, table) != count:
        raise InvalidInputError(
            translate(
                "The row counts of the table {name} do not agree. Nothing was kept in the target.",
                name=table.name,
            )
        )
    whole_tables.continue_numbers(destination, table)
    return count


def _tell(progress: str) -> None:
    """Show how far it is to somebody who watches; a log or a nightly mail is spared."""
    if sys.stderr.isatty():
        print(f"\r{progress}\x1b[K", end="", file=sys.stderr, flush=True)


def rotate_keys(options: argparse.Namespace) -> int:
    """Print the settings line with a new key in front; keys in the data folder are rewritten there.

    Links and codes are made with the newest key and accepted under every key listed, so the older
    ones stay until whatever was made with them has expired; dropping one ends its links. PINs and
    TOTP secrets open under the old keys and the new one from now on, before and after the restart;
    once an old key is dropped, they are sealed anew.
    """
    settings = settings_of(options)
    new = f"k{secrets.token_hex(3)}"
    keys = {new: secrets.token_bytes(_KEY_BYTES), **settings.keys}
    if unopened := keep_vault(settings, keys):
        print(
            translate(
                "{count} PIN or TOTP secret is sealed under a key that is no longer in "
                "THIDUA_SECRET_KEYS. Enrol it again: {command} factor enrol.",
                "{count} PINs or TOTP secrets are sealed under a key that is no longer "
                "in THIDUA_SECRET_KEYS. Enrol them again: {command} factor enrol.",
                count=unopened,
                command=program(),
            ),
            file=sys.stderr,
        )
    path = settings.data_dir / "keys"  # of a trial, and in use where the settings name none
    if path.exists() and settings.secret_keys == ensure_demo_keys(settings.data_dir):
        _rewrite_keys(path, _written(keys))
        print(
            translate(
                "Wrote the new key {new} to {path}; {count} old key still serves. Restart "
                "to use it.",
                "Wrote the new key {new} to {path}; {count} old keys still serve. Restart "
                "to use it.",
                new=new,
                path=path,
                count=len(settings.keys),
            )
        )
        return 0
    print(f"THIDUA_SECRET_KEYS={_written(keys)}")
    print(
        translate(
            "Put the line above into the configuration and restart; {count} old key "
            "stays until the links that were sent have expired.",
            "Put the line above into the configuration and restart; {count} old keys "
            "stay until the links that were sent have expired.",
            count=len(settings.keys),
        ),
        file=sys.stderr,
    )
    return 0


def _written(keys: Mapping[str, bytes]) -> str:
    return ",".join(f"{kid}:{key.hex()}" for kid, key in keys.items())


def _rewrite_keys(path: Path, line: str) -> None:
    """Replace the file of keys, which nobody else may read, at once."""
    partial = path.with_name(f".keys.{secrets.token_hex(3)}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(line)
    partial.replace(path)
