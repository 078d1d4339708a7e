"""Bring a database to the schema this program needs, and say which it has.

Owns the use of Alembic, and that nobody works on a schema while it is migrated: on PostgreSQL by an
advisory lock, which writers share and a migration holds alone; on SQLite the caller holds the lock
of the data folder.
"""

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from workflow.errors import InvalidInputError, UnavailableError, UsageError
from workflow.messages import lazy

_LOCK = 0x7468696475610001
"""The advisory lock of this program's schema: "thidua" and a number."""
_SCRIPTS = Path(__file__).parent / "migrations"
_BEFORE_RELEASE = frozenset(f"{number:04}" for number in range(1, 24))
"""Revisions of before the first release, whose steps are no longer kept."""


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Run every migration up to ``revision``.

    Raises InvalidInputError, and Alembic's CommandError for a revision that there is not.
    """
    _migrate(engine, "upgrade", revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take the schema back to ``revision`` (``-1``: one step, ``base``: empty).

    Raises as ``upgrade``.
    """
    _migrate(engine, "downgrade", revision)


def _migrate(engine: Engine, verb: str, revision: str) -> None:
    with engine.connect() as connection:
        _hold_alone(connection)
        try:
            refuse_unknown(connection)
            connection.rollback()
            run_alembic(connection, verb, revision)
        finally:
            _let_go(connection)


def run_alembic(connection: Connection, verb: str, revision: str) -> None:
    """Run Alembic's ``upgrade`` or ``downgrade`` as the connection is, holding nobody out."""
    # 100 ms, which a serving process saves: it only asks which revision the database has.
    from alembic import command, config  # noqa: PLC0415 - see above

    configuration = config.Config()
    configuration.set_main_option("script_location", str(_SCRIPTS))
    configuration.attributes["connection"] = connection
    getattr(command, verb)(configuration, revision)


def _hold_alone(connection: Connection) -> None:
    """Keep every other process of this program out of the database.

    Every process that writes holds the same lock together with the others (``take_part``). On
    SQLite the caller holds the folder's lock.
    """
    if connection.dialect.name == "sqlite":
        # SQLite rebuilds a table to change it, and what refers to it would be in the way.
        # The migration's end checks every reference (migrations/env.py).
        _watch_references(connection, is_on=False)
        return
    is_held = connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({_LOCK})").scalar()
    connection.commit()
    if not is_held:
        raise InvalidInputError(
            lazy(
                "Another process is using the database. Stop every server (serve, worker, "
                "demo), then run this again."
            )
        )


def _let_go(connection: Connection) -> None:
    connection.rollback()
    if connection.dialect.name == "sqlite":
        _watch_references(connection, is_on=True)
    else:
        connection.exec_driver_sql(f"SELECT pg_advisory_unlock({_LOCK})")
        connection.commit()


def _watch_references(connection: Connection, *, is_on: bool) -> None:
    """Switch SQLite's check of references, on the driver: in a transaction it does nothing."""
    cursor = connection.connection.cursor()
    cursor.execute(f"PRAGMA foreign_keys={'ON' if is_on else 'OFF'}")
    cursor.close()


def take_part(connection: Connection) -> None:
    """Join those that work on the present schema, for as long as ``connection`` lives.

    Raises UnavailableError while somebody migrates, or where the schema has become another one.
    """
    if connection.dialect.name != "sqlite":
        is_free = connection.exec_driver_sql(
            f"SELECT pg_try_advisory_lock_shared({_LOCK})"
        ).scalar()
        connection.commit()
        if not is_free:
            raise UnavailableError
    if current_revision(connection) != newest_revision():
        raise UnavailableError
    connection.rollback()


def is_being_migrated(connection: Connection) -> bool:
    """Return whether somebody migrates a PostgreSQL database just now."""
    if connection.dialect.name == "sqlite":
        return False
    is_free = connection.exec_driver_sql(f"SELECT pg_try_advisory_lock_shared({_LOCK})").scalar()
    if is_free:
        connection.exec_driver_sql(f"SELECT pg_advisory_unlock_shared({_LOCK})")
    return not is_free


def is_from_before_release(revision: str | None) -> bool:
    """Return whether a database of that revision was made before the first release."""
    return revision in _BEFORE_RELEASE


def is_newer(revision: str | None) -> bool:
    """Return whether only a newer program can have made a database of that revision."""
    return not (revision is None or revision in _BEFORE_RELEASE or revision in _revisions())


def refuse_unknown(connection: Connection) -> None:
    """Let pass an empty database and one of this program's revisions.

    Raises UsageError for one from before the first release, InvalidInputError for one that a newer
    program has upgraded.
    """
    revision = current_revision(connection)
    if is_from_before_release(revision):
        raise UsageError(
            lazy(
                "The database is from before the first release (version {revision}), and no "
                "upgrade leads from there: keep it with the program that made it, and begin "
                "with an empty data folder or database.",
                revision=revision,
            )
        )
    if is_newer(revision):
        raise InvalidInputError(
            lazy(
                "The database has version {revision}, newer than this program (up to "
                "{newest}). Install the newer program; the data has not been changed.",
                revision=revision,
                newest=newest_revision(),
            )
        )


def current_revision(connection: Connection) -> str | None:
    """Return the revision of the database, or None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def newest_revision() -> str:
    """Return the revision that this program needs."""
    return max(_revisions())


def first_revision() -> str:
    """Return the revision below which there is nothing."""
    return min(_revisions())


def _revisions() -> list[str]:
    """Return every revision there is: "r" and the number that the file's name begins with."""
    return [f"r{path.name[:4]}" for path in (_SCRIPTS / "versions").glob("[0-9]*.py")]
