"""Writing past the guards of a database, as whoever owns it can, with the guards back behind it."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, text

_SQLITE = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
_POSTGRES = text("SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE tgenabled = 'A'")


@contextmanager
def as_owner(engine: Engine) -> Iterator[Connection]:
    """Yield a connection in a transaction that no foreign key of SQLite stops.

    The pragma is none within a transaction. PostgreSQL's are no matter where ``unguarded`` is.
    """
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            driver = connection.connection.driver_connection
            assert driver is not None
            driver.execute("PRAGMA foreign_keys=OFF")
        with connection.begin():
            yield connection


@contextmanager
def unguarded(connection: Connection, statement: str) -> Iterator[None]:
    """Let the block run ``statement``, which guards refuse, in the caller's open transaction."""
    if connection.dialect.name == "sqlite":
        found = connection.execute(_SQLITE).all()
        for name, _ in found:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        yield
        for _, guard in found:
            connection.exec_driver_sql(guard)
        return
    # Of no other table, whose locks somebody may wait for who holds one that we need.
    words = set(statement.replace("(", " ").split())
    guards = [each for each in connection.execute(_POSTGRES) if each[0] in words]
    for table, name in guards:
        connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER {name}")
    # Nor does a foreign key stop an owner, whatever has been sealed meanwhile.
    connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
    yield
    connection.exec_driver_sql("SET LOCAL session_replication_role = DEFAULT")
    for table, name in guards:
        connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")
