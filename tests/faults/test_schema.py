"""The schema changes under nobody: migrations and servers exclude each other, and both directions keep the data."""

import os
import subprocess
import sys
from contextlib import closing

import pytest
from sqlalchemy import Integer as IntegerType
from sqlalchemy import LargeBinary, func, insert, select, text

from api.bootstrap import ROOT
from api.composition import open_application
from api.initialise import SAMPLE, initialise
from api.server.run import lock_data_dir
from tests.conftest import KEYS, STARTS_AT, new_postgres_url, test_settings
from tests.refusals import refuses
from workflow.committer import StorageError
from workflow.errors import InvalidInputError, UnavailableError
from workflow.store import migrating
from workflow.store.engines import open_engines
from workflow.store.schema import metadata


@pytest.fixture
def settings(database_url, tmp_path_factory):
    """The settings of a deployment with the sample agency."""
    from api.clock import RunningClock

    folder = tmp_path_factory.mktemp("schema")
    found = test_settings(folder, database_url)
    initialise(found, organization=found.definitions / SAMPLE, clock=RunningClock(STARTS_AT))
    return found


@pytest.fixture
def engines(settings):
    found = open_engines(settings.url)
    yield found
    found.dispose()


def command(settings, *words, **environment):
    return subprocess.run(
        [sys.executable, "-m", "api", *words],
        cwd=ROOT,
        env={
            **os.environ,
            "THIDUA_DATA_DIR": str(settings.data_dir),
            "THIDUA_DATABASE_URL": settings.url,
            "THIDUA_SECRET_KEYS": KEYS,
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_a_newer_schema_asks_for_the_newer_program_and_is_left_alone(settings, engines):
    newest = migrating.newest_revision()
    with engines.write.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0999'"))
    for words in (("upgrade",), ("downgrade",), ("serve", "--port", "0"), ("init",)):
        done = command(settings, *words)
        assert done.returncode == 1, done.stderr
        assert "0999" in done.stderr
        assert "cài bản chương trình mới hơn" in done.stderr
        assert "Traceback" not in done.stderr
    with engines.write.begin() as connection:
        assert migrating.current_revision(connection) == "0999"
        connection.execute(
            text("UPDATE alembic_version SET version_num = :newest"), {"newest": newest}
        )


def test_a_running_server_keeps_migrations_out(settings, engines):
    parts = open_application(settings)
    lock = lock_data_dir(settings.lock_folder) if settings.is_sqlite else None
    parts.database.report_blocking(lambda connection: connection.execute(text("SELECT 1")).scalar())
    try:
        parts.database.write_blocking(probe())  # on PostgreSQL the committer has joined by now
        for verb in ("upgrade", "downgrade"):
            done = command(settings, verb)
            assert done.returncode == 1, done.stdout
            assert "tiến trình khác" in done.stderr
            assert "Traceback" not in done.stderr
        with engines.read.connect() as connection:
            assert migrating.current_revision(connection) == migrating.newest_revision()
    finally:
        parts.close()
        if lock is not None:
            lock.close()
    done = command(settings, "upgrade")
    assert done.returncode == 0, done.stderr


def probe():
    from api.auth.sessions import SeeSession

    return SeeSession(id_hash="nobody's")


def test_a_migration_keeps_servers_out_and_what_runs_does_not_write_meanwhile(postgres, tmp_path):
    from api.clock import RunningClock

    found = test_settings(tmp_path, new_postgres_url(postgres))
    initialise(found, organization=found.definitions / SAMPLE, clock=RunningClock(STARTS_AT))
    other = open_engines(found.url)
    with other.write.connect() as migration:
        migrating._hold_alone(migration)
        with refuses(InvalidInputError, "đang được nâng cấp"):
            open_application(found)
        with other.read.connect() as late, pytest.raises(UnavailableError):
            migrating.take_part(late)
        migrating._let_go(migration)
    parts = open_application(found)
    assert parts.database.write_blocking(probe()) is None
    parts.close()
    other.dispose()


def test_who_comes_back_to_another_schema_writes_nothing(settings, engines):
    parts = open_application(settings)
    with engines.write.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    parts.database._committer._drop_connection()
    try:
        with pytest.raises((StorageError, UnavailableError)):
            parts.database.write_blocking(probe())
    finally:
        parts.close()
        with engines.write.begin() as connection:
            connection.execute(
                text("UPDATE alembic_version SET version_num = :newest"),
                {"newest": migrating.newest_revision()},
            )


CHOSEN = {
    "extensions.state": "asked",
    "merits.standing": "noted",
    "merits.whose_kind": "individual",
}
"""Values of the columns that take only certain ones."""


def fill_every_table(connection):
    """Give each empty table a row that refers to rows there are."""
    for table in metadata.sorted_tables:
        if connection.execute(select(func.count()).select_from(table)).scalar():
            continue
        row = {}
        for column in table.columns:
            if str(column) in CHOSEN:
                row[column.name] = CHOSEN[str(column)]
            elif column.foreign_keys:
                referred = next(iter(column.foreign_keys)).column
                row[column.name] = connection.execute(
                    select(referred).order_by(referred).offset(len(row) % 2).limit(1)
                ).scalar()
                if row[column.name] is None:
                    row[column.name] = connection.execute(select(referred).limit(1)).scalar()
            elif isinstance(column.type, LargeBinary):
                row[column.name] = b"0123456789abcdef"
            elif isinstance(column.type, IntegerType):
                row[column.name] = 1
            else:
                row[column.name] = "2022-05-04"[: getattr(column.type, "length", None) or 10]
        connection.execute(insert(table), row)


def counts(connection):
    tables = (
        "people",
        "departments",
        "items",
        "history",
        "deadlines",
        "outbox",
        "delegations",
        "credentials",
    )
    return {
        name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar() for name in tables
    }


def test_every_step_back_and_forth_keeps_the_rows_of_every_table(settings, engines):
    with engines.write.begin() as connection:
        fill_every_table(connection)
        assert not [
            table.name
            for table in metadata.sorted_tables
            if not connection.execute(select(func.count()).select_from(table)).scalar()
        ]
        before = counts(connection)
    revision = migrating.newest_revision()
    while revision > "0001":
        migrating.downgrade(engines.write, "-1")
        with engines.read.connect() as connection:
            now = migrating.current_revision(connection)
            assert now < revision
            assert counts(connection) == before, f"the step down from {revision} lost rows"
            revision = now
    migrating.upgrade(engines.write)
    with engines.read.connect() as connection:
        assert counts(connection) == before
        if settings.is_sqlite:
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall() == []


def test_two_demos_do_not_share_a_folder(tmp_path):
    found = test_settings(tmp_path, "")
    with closing(lock_data_dir(tmp_path)):
        done = command(found, "demo", "--headless", "--data", str(tmp_path), THIDUA_DATABASE_URL="")
    assert done.returncode == 1
    assert "đang được một tiến trình khác phục vụ" in done.stderr
    assert "Traceback" not in done.stderr
