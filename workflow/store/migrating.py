"""Say which schema a database has and which this program needs, and who may work on it.

Owns the revisions' names, and that nobody works on a schema while it is migrated: on PostgreSQL by
an advisory lock, which writers share and a migration holds alone; on SQLite the caller holds the
lock of the data folder. It changes no schema: ``upgrading`` does, and loads Alembic for it.
"""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from workflow.errors import InvalidInputError, UnavailableError, UsageError
from workflow.messages import lazy

LOCK = 0x7468696475610001
"""The advisory lock of this program's schema: "thidua" and a number."""
SCRIPTS = Path(__file__).parent / "migrations"
_BEFORE_RELEASE = frozenset(f"{number:04}" for number in range(1, 24))
"""Revisions of before the first release, whose steps are no longer kept."""


def take_part(connection: Connection) -> None:
    """Join those that work on the present schema, for as long as ``connection`` lives.

    Raises UnavailableError while somebody migrates, or where the schema has become another one.
    """
    if connection.dialect.name != "sqlite":
        is_free = connection.exec_driver_sql(f"SELECT pg_try_advisory_lock_shared({LOCK})").scalar()
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
    is_free = connection.exec_driver_sql(f"SELECT pg_try_advisory_lock_shared({LOCK})").scalar()
    if is_free:
        connection.exec_driver_sql(f"SELECT pg_advisory_unlock_shared({LOCK})")
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
    return [f"r{path.name[:4]}" for path in (SCRIPTS / "versions").glob("[0-9]*.py")]
