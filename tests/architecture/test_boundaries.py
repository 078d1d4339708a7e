"""What may stand in one place of the house only: the members of a body, SQL, columns by place."""

import ast
import re

from api.bootstrap import ROOT
from notifications.messages import Kind
from tests.architecture.measures import modules
from workflow.history import EntryType

HISTORY = "workflow.history"


def test_a_body_of_the_history_is_read_in_its_module_alone():
    found = [
        f"{module.path}:{node.lineno}"
        for module in modules()
        if not module.name.startswith(HISTORY)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Subscript)
        and isinstance(node.slice, ast.Constant)
        and isinstance(node.slice.value, str)
        and re.search(r"\bfacts?\b|\bdata\b\"", ast.unparse(node.value))
    ]
    assert found == []


def test_a_type_of_entry_is_named_by_its_member_alone():
    names = {each for each in EntryType if "_" in each}
    found = [
        f"{module.path}:{node.lineno} {node.value}"
        for module in modules()
        if not module.name.startswith((HISTORY, "workflow.events"))
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and node.value in names
    ]
    assert found == []


def test_a_column_of_a_row_is_read_by_its_name():
    found = [
        f"{module.path}:{node.lineno}"
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Subscript)
        and isinstance(node.value, ast.Name)
        and node.value.id == "row"
        and isinstance(node.slice, ast.Constant | ast.Slice)
        and not (isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str))
    ]
    assert found == []


def test_sql_is_written_in_its_rooms_alone():
    rooms = ("workflow.store", "notifications", "api.auth")
    verbs = {"select", "insert", "update", "delete", "text", "union_all", "exists"}
    found = [
        f"{module.path}: {sorted(written)}"
        for module in modules()
        if not module.name.startswith(rooms)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith("sqlalchemy")
        and (written := verbs & {each.name for each in node.names})
    ]
    assert found == []


def test_one_library_opens_a_database_within_one_process():
    """SQLite, How To Corrupt An SQLite Database File, section 2.2.1.

    What one copy of the library closes takes the locks of the other away: the file of shared
    memory is cut short under its readers, and a write ends the process by a bus error.
    """
    opening = {
        str(path.relative_to(ROOT))
        for folder in ("workflow", "notifications", "api", "tests")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"\bsqlite3\.connect\b|from sqlite3\s+import", path.read_text("utf-8"))
    }
    assert opening == {"tests/bench/peers/raw_rows.py"}  # in a process of its own


def test_a_kind_of_mail_is_told_apart_in_the_table_of_mails_alone():
    kinds = set(Kind.__members__)
    naming = {
        module.name
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "Kind"
        and node.attr in kinds
    }
    # The two others look for one kind in the outbox: waiting tasks, digests planned ahead of time.
    assert naming == {
        "notifications.mails",
        "notifications.coalescing",
        "notifications.clock_set_back",
    }
