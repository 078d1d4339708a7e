"""Every prepared statement finds its rows by an index, so that a decision costs the same at a million entries."""

import importlib
import pkgutil
import re
from types import ModuleType

import pytest
from sqlalchemy import Connection, Insert

import api
import notifications
import workflow.store
from workflow.store.engines import open_engines
from workflow.store.migrating import upgrade
from workflow.store.prepared import ByKeys, Prepared

SMALL = {
    "api_tokens",
    "campaigns",
    "credentials",
    "deadline_departments",
    "deadlines",
    "definitions",
    "delegations",
    "departments",
    "people",
    "preferences",
    "snoozes",
}
"""Tables with tens of rows in any agency, which may be read whole; of tokens, those that an administrator made and that
were not pruned, of snoozes, those that have not ended."""
IN_ORDER = {("workflow.store.history", "_LATEST"), ("notifications.mail_health", "_DEAD")}
"""Statements that walk an index from its end: to the first row, or one that holds nothing but what they look for."""

NOT_SERVED = {("workflow.store.history", "_LOCK"), ("api.auth.sessions", "_EVERY")}
"""A lock of PostgreSQL that reads no table; the step of the demo's clock, over the demo's own sessions."""


def modules() -> list[ModuleType]:
    names = [
        found.name
        for package in (workflow.store, notifications, api)
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        if "migrations" not in found.name and "__main__" not in found.name
    ]
    return [importlib.import_module(name) for name in names]


def statements() -> list[tuple[str, str, Prepared | ByKeys]]:
    found = [
        (module.__name__, name, value)
        for module in modules()
        for name, value in vars(module).items()
        if isinstance(value, Prepared | ByKeys)
    ]
    assert len(found) > 80
    return found


@pytest.fixture(scope="module")
def connection(tmp_path_factory):
    engines = open_engines(f"sqlite:///{tmp_path_factory.mktemp('plans')}/plans.db")
    upgrade(engines.write)
    with engines.write.connect() as connection:
        yield connection
    engines.dispose()


def scanned(connection: Connection, statement: Prepared | ByKeys) -> set[str]:
    """Return the tables that a statement reads whole."""
    if isinstance(statement, Prepared) and isinstance(statement._statement, Insert):
        return set()  # whatever it reads, it reads for its foreign keys
    text, constants = (
        statement._text(connection, {})
        if isinstance(statement, Prepared)
        else statement._text(connection.dialect, 2)
    )
    values = {name: constants.get(name) for name in re.findall(r":(\w+)", text)}
    plan = connection.connection.cursor().execute(f"EXPLAIN QUERY PLAN {text}", values).fetchall()
    return {
        found.group(1)
        for row in plan
        if (found := re.match(r"SCAN (\w+)\b(?! USING INDEX ix_outbox_unsent)", row[3]))
    }


@pytest.mark.parametrize(
    ("module", "name", "statement"),
    statements(),
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_statement_reads_no_growing_table_whole(connection, module, name, statement):
    if (module, name) not in IN_ORDER | NOT_SERVED:
        assert scanned(connection, statement) <= SMALL
