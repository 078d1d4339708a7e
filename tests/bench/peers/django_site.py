"""Django as a site at its best here: kept connections, no debug, statements prepared by the server."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import django
from django.conf import settings

from tests.bench.peers.child import PG_OPTIONS, PRAGMAS


def _database(url: str, folder: Path) -> dict[str, Any]:
    if not url:
        options = {"transaction_mode": "IMMEDIATE", "init_command": PRAGMAS, "timeout": 30}
        return {
            "ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "peer.db"),
            "OPTIONS": options, "CONN_MAX_AGE": None,
        }  # fmt: skip
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql", "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""), "PASSWORD": unquote(parts.password or ""),
        "HOST": parse_qs(parts.query).get("host", [parts.hostname])[0], "PORT": parts.port or "",
        "OPTIONS": {"options": PG_OPTIONS, "server_side_binding": True, "prepare_threshold": 5},
        "CONN_MAX_AGE": None,
    }  # fmt: skip


def set_up(url: str, folder: Path, *apps: str) -> None:
    """Set Django up on one database, with ``apps``."""
    settings.configure(
        DATABASES={"default": _database(url, folder)},
        INSTALLED_APPS=apps,
        DEBUG=False,
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        LOGGING_CONFIG=None,
        SECRET_KEY="bench",
    )
    django.setup()


def create(*models: Any) -> None:
    """Make the tables of models that have no migrations."""
    from django.db import connection

    with connection.schema_editor() as editor:
        for each in models:
            editor.create_model(each)
