"""Every prepared statement finds its rows by an index, so that a decision costs the same at a million entries."""

import importlib
import pkgutil
import re
from datetime import UTC, datetime
from types import ModuleType

import pytest
from sqlalchemy import Connection, Insert, event

import api
import notifications
import workflow.store
from tests.bench.decisions import log_pages
from tests.bench.product import open_product
from workflow.people import Scope
from workflow.store import listing
from workflow.store.engines import open_engines
from workflow.store.listing import ItemFilter, item_ids
from workflow.store.prepared import ByKeys, Prepared
from workflow.store.upgrading import upgrade

SMALL = {
    "campaigns",
    "checkpoints",
    "credentials",
    "deadline_departments",
    "deadlines",
    "definitions",
    "delegations",
    "departments",
    "latest_items",
    "legal_holds",
    "newest_items",
    "people",
    "preferences",
    "proposals",
    "snoozes",
}
"""Tables with tens of rows in any agency, which may be read whole; of snoozes, those not ended.

Among them what a statement has chosen within itself, up to a number.

Checkpoints are a hundredth of the entries, and what reads them reads all entries too.
"""
WHOLE = {
    ("api.auth.tokens", "_ALL_TOKENS"): {"api_tokens"},
    ("api.auth.sessions", "_EVERY"): {"sessions"},
    ("api.auth.access_seals", "_LIVE_SESSIONS"): {"sessions"},
    ("api.auth.access_seals", "_LIVE_TOKENS"): {"api_tokens"},
    ("workflow.store.calendar_feeds", "_ALL"): {"calendar_feeds"},
    ("workflow.store.history", "_LAST_BESIDE_ITEMS"): {"history", "anon_1"},
    ("workflow.store.history", "_LAST_THEN"): {"history", "anon_1"},
    ("workflow.store.timestamps", "_ALL"): {"timestamps"},
}
"""The administrator's list of tokens, of which a few are made by hand and pruned when they end; the
sessions of the demo, when its clock is moved; a calendar's address for each person, in verification.

Verification reads every entry; so does the auditor who asks how the whole agency stood once.
Verification and the export read every time-stamp, of which a checkpoint has one at most.
"""
SORTED = {
    ("workflow.store.attention", "_STUCK"),
    ("workflow.store.recipient_links", "_OF_ITEM"),
}
"""Statements that sort what they read before they take some of it: a few rows in any agency."""
BY_DUE, BY_STATE = "ix_items_due_at_id_state_type_department", "ix_items_state_id_type_due_at"
NOW = datetime(2022, 5, 4, tzinfo=UTC)
EVERYTHING = Scope(is_everything=True, department=None)
PARTIAL = ("ix_outbox_anchor", "ix_outbox_dead", "ix_outbox_unsent")
"""Indexes that hold nothing but the rows that a statement looks for."""
SCAN = re.compile(r"SCAN (?!CONSTANT)(?P<table>\w+)(?: USING (?:COVERING )?INDEX (?P<index>\w+))?")


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
        # PostgreSQL's own, so that what is said only there is planned too.
        connection.connection.driver_connection.create_function("hashtext", 1, len)
        connection.connection.driver_connection.create_function("pg_advisory_xact_lock", 2, max)
        yield connection
    engines.dispose()


def planned(connection: Connection, statement: Prepared | ByKeys) -> tuple[str, list[str]]:
    """Return the text of a statement, and the steps by which SQLite runs it."""
    text, constants = (
        statement._text(connection, {})
        if isinstance(statement, Prepared)
        else statement._text(connection.dialect, 2)
    )
    values = {name: constants.get(name) for name in re.findall(r":(\w+)", text)}
    plan = connection.connection.cursor().execute(f"EXPLAIN QUERY PLAN {text}", values).fetchall()
    return text, [row[3] for row in plan]


def scanned(connection: Connection, statement: Prepared | ByKeys) -> set[str]:
    """Return the tables that a statement reads whole."""
    if isinstance(statement, Prepared) and isinstance(statement._statement, Insert):
        return set()  # whatever it reads, it reads for its foreign keys
    text, plan = planned(connection, statement)
    steps = [SCAN.match(each) for each in plan]
    has_end = "LIMIT" in text and "WHERE" not in text
    is_in_order = len(plan) == 1  # of one table, unsorted: by its key, whose index SQLite names not
    return {
        step["table"]
        for step in steps
        if step
        and not (step["index"] or "").startswith(PARTIAL)
        and not (has_end and (step["index"] or is_in_order))
    }


@pytest.mark.parametrize(
    ("module", "name", "statement"),
    statements(),
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_statement_reads_no_growing_table_whole(connection, module, name, statement):
    assert scanned(connection, statement) <= SMALL | WHOLE.get((module, name), set())


def test_each_exception_is_needed(connection):
    found = {(module, name): scanned(connection, each) for module, name, each in statements()}
    assert {name: found[name] for name in WHOLE} == WHOLE


def test_what_is_read_up_to_a_number_is_not_sorted_first(connection):
    """SQLite plans by the query alone: no figures of what the tables hold are ever made."""
    sorting = set()
    for module, name, statement in statements():
        text, plan = planned(connection, statement)
        if "LIMIT" in text and "USE TEMP B-TREE FOR ORDER BY" in plan:
            sorting.add((module, name))
    assert sorting == SORTED


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        ({"is_by_due": True}, BY_DUE),
        ({"is_by_due": True, "state": "submitted", "type": "report"}, BY_DUE),
        ({"is_by_due": True, "department": "van-phong"}, BY_DUE),
        ({"state": "submitted", "type": "report"}, BY_STATE),
        ({"state": "submitted"}, BY_STATE),
        ({"type": "report"}, "ix_items_type_id"),
        ({"type": "report", "campaign": "2022"}, "ix_items_campaign_id"),
        (
            {"states": {("a1", "drafted"), ("a1", "sent")}, "campaign": "2022"},
            "ix_items_campaign_id",
        ),
        ({"type": "report", "author": 1}, "ix_items_author_id"),
        ({"overdue_at": NOW, "type": "report"}, BY_DUE),
    ],
)
def test_a_list_goes_by_the_index_made_for_it(connection, monkeypatch, wanted, index):
    monkeypatch.setattr(listing, "_LOOKED_THROUGH_FOR_LESS", 0)
    asked = []

    def note(_connection, _cursor, statement, values, *_):
        asked.append((statement, values))

    event.listen(connection, "before_cursor_execute", note)
    item_ids(connection, EVERYTHING, ItemFilter(**wanted), before=None, count=50)
    event.remove(connection, "before_cursor_execute", note)
    statement, values = asked[-1 if "overdue_at" in wanted else 0]
    plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
    first, *further = [row[3] for row in plan]
    assert index in first
    if "states" in wanted:  # a list of pairs is itself looked through
        own = ("LIST SUBQUERY", "SCAN 2-ROW VALUES", "CREATE BLOOM")
        further = [each for each in further if not each.startswith(own)]
    assert not further or "overdue_at" in wanted, "sorted, which only what is late may be"


def test_a_decision_writes_few_pages_of_the_log(tmp_path):
    """Each index that moves with every decision is a page more, and a hundredth of its time."""
    product = open_product(tmp_path)
    try:
        assert log_pages(product, 20) < 20
    finally:
        product.parts.close()
