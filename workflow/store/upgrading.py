"""Bring a database to another schema: the only use of Alembic.

Serving processes never load this: they only ask ``migrating`` which revision a database has, and
Alembic takes 100 ms to load.
"""

from alembic import command, config
from sqlalchemy import Connection, Engine

from workflow.errors import InvalidInputError
from workflow.messages import lazy
from workflow.store.migrating import LOCK, SCRIPTS, refuse_unknown


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
    configuration = config.Config()
    configuration.set_main_option("script_location", str(SCRIPTS))
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
    is_held = connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({LOCK})").scalar()
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
        connection.exec_driver_sql(f"SELECT pg_advisory_unlock({LOCK})")
        connection.commit()


def _watch_references(connection: Connection, *, is_on: bool) -> None:
    """Switch SQLite's check of references, on the driver: in a transaction it does nothing."""
    cursor = connection.connection.cursor()
    cursor.execute(f"PRAGMA foreign_keys={'ON' if is_on else 'OFF'}")
    cursor.close()
