"""The sample agency as ``init`` leaves it: made once for each kind of database, then copied.

Owns the copies. A test of ``init`` itself calls ``initialise``.
"""

import shutil

import psycopg
from psycopg.sql import SQL, Identifier
from sqlalchemy import make_url

from api.clock import RunningClock
from api.initialise import SAMPLE, initialise
from api.settings import Settings

_MADE = "thidua_founded"


def found_sample(settings: Settings, clock: RunningClock) -> None:
    """Give the folder and the empty database of ``settings`` the sample agency."""
    if settings.is_sqlite:
        made = settings.data_dir.parent / _MADE
        if not made.exists():
            _initialise(settings.model_copy(update={"data_dir": made}), clock)
        shutil.copytree(made, settings.data_dir, dirs_exist_ok=True)
        return
    given = make_url(settings.database_url)
    _make_once(settings, clock, str(given.query["host"]))
    with psycopg.connect(_address(settings, "postgres"), autocommit=True) as connection:
        name, made_name = Identifier(str(given.database)), Identifier(_MADE)
        connection.execute(SQL("DROP DATABASE {}").format(name))
        connection.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(name, made_name))


_servers: set[str] = set()


def _make_once(settings: Settings, clock: RunningClock, server: str) -> None:
    if server in _servers:
        return
    with psycopg.connect(_address(settings, "postgres"), autocommit=True) as connection:
        connection.execute(SQL("CREATE DATABASE {}").format(Identifier(_MADE)))
    _initialise(settings.model_copy(update={"database_url": _address(settings, _MADE)}), clock)
    _servers.add(server)


def _address(settings: Settings, name: str) -> str:
    url = make_url(settings.database_url).set(database=name)
    return url.render_as_string(hide_password=False)


def _initialise(settings: Settings, clock: RunningClock) -> None:
    initialise(settings, organization=settings.definitions / SAMPLE, clock=clock)
