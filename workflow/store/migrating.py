"""Bring a database to the schema this program needs, and say which it has.

Owns the use of Alembic. The caller holds the database alone while migrating.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

if TYPE_CHECKING:
    from alembic.config import Config

_SCRIPTS = Path(__file__).parent / "migrations"


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Run every migration up to ``revision``."""
    from alembic import command  # noqa: PLC0415 - a serving process only asks which revision it has

    with engine.connect() as connection:
        command.upgrade(_config(connection), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take the schema back to ``revision`` (``-1``: one step, ``base``: empty)."""
    from alembic import command  # noqa: PLC0415 - a serving process only asks which revision it has

    with engine.connect() as connection:
        command.downgrade(_config(connection), revision)


def current_revision(connection: Connection) -> str | None:
    """Return the revision of the database, or None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def newest_revision() -> str:
    """Return the revision that this program needs: revisions are numbered, and files begin with the number."""
    return max(path.name.split("_", 1)[0] for path in (_SCRIPTS / "versions").glob("[0-9]*.py"))


def _config(connection: Connection) -> "Config":
    from alembic.config import Config  # noqa: PLC0415 - a serving process only asks which revision it has

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["connection"] = connection
    return config
