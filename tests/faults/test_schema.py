"""The schema changes under nobody: migrations and servers exclude each other, and both directions keep the data."""

from contextlib import closing

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Integer as IntegerType
from sqlalchemy import LargeBinary, func, insert, inspect, select, text

from api.cli.demo.demo import open_demo
from api.clock import RunningClock
from api.composition import open_application
from api.initialise import SAMPLE, initialise
from api.server.run import free_port, lock_data_dir
from tests.commands import run_command
from tests.conftest import KEYS, STARTS_AT, new_postgres_url, test_settings
from tests.founded import found_sample
from tests.refusals import refuses
from workflow.committer import StorageError
from workflow.errors import InvalidInputError, UnavailableError
from workflow.store import migrating, upgrading
from workflow.store.engines import open_engines, sqlite_driver
from workflow.store.guards import guards, missing_guards
from workflow.store.schema import metadata


@pytest.fixture
def settings(database_url, tmp_path_factory):
    """The settings of a deployment with the sample agency."""
    found = test_settings(tmp_path_factory.mktemp("schema"), database_url)
    found_sample(found, RunningClock(STARTS_AT))
    return found


@pytest.fixture
def engines(settings):
    found = open_engines(settings.url)
    yield found
    found.dispose()


def command(settings, *words, **environment):
    given = {
        "THIDUA_DATA_DIR": str(settings.data_dir),
        "THIDUA_DATABASE_URL": settings.url,
        "THIDUA_SECRET_KEYS": KEYS,
    }
    return run_command(*words, **given | environment)


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


@pytest.mark.parametrize(
    ("revision", "commands"),
    [
        ("0001", [("upgrade",)]),
        ("0023", [("upgrade",), ("downgrade",), ("serve", "--port", "0"), ("init",)]),
    ],
)
def test_a_database_from_before_the_first_release_is_named_and_left_alone(
    settings, engines, revision, commands
):
    newest = migrating.newest_revision()
    rename = text("UPDATE alembic_version SET version_num = :now_is")
    with engines.write.begin() as connection:
        connection.execute(rename, {"now_is": revision})
    for words in commands:
        done = command(settings, *words)
        assert done.returncode == 2, done.stderr
        assert f"trước bản phát hành đầu tiên (phiên bản {revision})" in done.stderr
        assert len(done.stderr.splitlines()) == 1
    with engines.write.begin() as connection:
        assert migrating.current_revision(connection) == revision
        connection.execute(rename, {"now_is": newest})


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
    found = test_settings(tmp_path, new_postgres_url(postgres))
    found_sample(found, RunningClock(STARTS_AT))
    other = open_engines(found.url)
    with other.write.connect() as migration:
        upgrading._hold_alone(migration)
        with refuses(InvalidInputError, "đang được nâng cấp"):
            open_application(found)
        with other.read.connect() as late, pytest.raises(UnavailableError):
            migrating.take_part(late)
        upgrading._let_go(migration)
    parts = open_application(found)
    assert parts.database.write_blocking(probe()) is None
    parts.close()
    other.dispose()


def test_who_comes_back_to_another_schema_writes_nothing(settings, engines):
    parts = open_application(settings)
    parts.database.write_blocking(probe())  # the committer has its connection, which is cut below
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
    "history_log.position": 0,
    "history_log_nodes.place": 0,
    "items.erasures": 0,
    "extensions.state": "asked",
    "merits.standing": "noted",
    "proposals.state": "open",
    "privacy_requests.kind": "access",
    "privacy_requests.state": "received",
    "merits.whose_kind": "individual",
    "past_awards.kind": "individual",
    "rounds.state": "voting",
    "rounds.run": 0,
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


def rows_of(engines):
    """How many rows each table of the product holds, of those that are there."""
    with engines.write.connect() as connection:
        names = inspect(connection).get_table_names()
        return {
            name: connection.execute(select(func.count()).select_from(table)).scalar()
            for name, table in metadata.tables.items()
            if name in names
        }


def step(engines, verb, revision):
    """Run a migration as ``migrating`` does, but with SQLite's references watched all the while."""
    with engines.write.connect() as connection:
        if connection.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
            connection.rollback()
        upgrading.run_alembic(connection, verb, revision)


@pytest.mark.parametrize("is_watched", [pytest.param(True, marks=pytest.mark.one_database), False])
def test_every_step_back_and_forth_keeps_the_rows_of_every_table(
    database_url, tmp_path, is_watched
):
    """The tables that a step makes go when it is taken back; whatever stands before it stays."""
    found = test_settings(tmp_path, database_url)
    sample = found.definitions / SAMPLE
    engines = open_engines(found.url)
    migrate = (
        step if is_watched else (lambda _, verb, to: getattr(upgrading, verb)(engines.write, to))
    )
    initialise(found, organization=sample, clock=RunningClock(STARTS_AT))
    with engines.write.begin() as connection:
        fill_every_table(connection)
    before = rows_of(engines)
    assert before.keys() == metadata.tables.keys()
    assert all(before.values())
    for revision in sorted(migrating._revisions(), reverse=True):
        migrate(engines, "downgrade", "-1")
        left = rows_of(engines)
        assert left.items() <= before.items(), f"the step down from {revision} lost rows"
    assert left == {}
    for _revision in migrating._revisions():
        migrate(engines, "upgrade", "+1")
        if found.is_sqlite:
            with engines.write.connect() as connection:
                assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    assert set(rows_of(engines).values()) == {0}
    migrate(engines, "downgrade", "base")
    # What a way down left behind would stand in the way of the next founding.
    initialise(found, organization=sample, clock=RunningClock(STARTS_AT))
    engines.dispose()


def test_what_waits_for_nobody_is_written_down_by_the_way_up(settings, engines):
    """As those who come from an earlier version have it, whose items nothing was written down about."""
    with engines.write.begin() as connection:
        person = connection.execute(text("SELECT min(id) FROM people")).scalar()
        values = {
            "campaign": connection.execute(text("SELECT min(id) FROM campaigns")).scalar(),
            "department": connection.execute(text("SELECT min(id) FROM departments")).scalar(),
            "definition_hash": connection.execute(
                text("SELECT min(hash) FROM definitions WHERE id = 'nomination'")
            ).scalar(),
            "author": person,
            "version": 2,
            "step": 2,
            "seq": 2,
            "head": b"0" * 32,
            "type": "nomination",
            "title": "x",
            "search": "x",
            "content_hash": "x",
            "since": "2022-05-04T01:00:00.000000Z",
        }
        states = ("submitted", "office_reviewed", "rejected")
        rows = [{**values, "code": each, "state": each} for each in states]
        connection.execute(insert(metadata.tables["items"]), rows)
        (_, held, _) = connection.execute(text("SELECT id FROM items ORDER BY id")).scalars()
        row = {"item_id": held, "person": person, "since": values["since"]}
        connection.execute(insert(metadata.tables["holders"]), row)
    step(engines, "downgrade", "r0045")
    step(engines, "upgrade", "head")
    with engines.read.connect() as connection:
        found = "SELECT code FROM items JOIN stuck_items ON item_id = items.id"
        assert connection.execute(text(found)).scalars().all() == ["submitted"]


def test_what_was_opened_before_there_were_seals_has_ended(settings, engines):
    step(engines, "downgrade", "r0045")
    times = "'2022-05-04T01:00:00.000000Z', '2024-05-04T01:00:00.000000Z'"
    with engines.write.begin() as connection:
        for into in (
            "sessions (id_hash, seen_at, person, created_at, expires_at)",
            "api_tokens (id, token_hash, person, created_at, expires_at)",
        ):
            found = f"INSERT INTO {into} SELECT 'x', 'x', min(id), {times} FROM people"
            connection.execute(text(found))
    step(engines, "upgrade", "head")
    with engines.read.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM sessions")).scalar() == 0
        (ended,) = connection.execute(text("SELECT revoked_at FROM api_tokens")).scalars()
        assert ended == "2022-05-04T01:00:00.000000Z"


PARTIAL = {
    "ix_outbox_unsent_next_at_id": "state",
    "ix_outbox_dead_id": "dead",
    "ix_outbox_anchor_id": "anchor",
    "uq_past_awards_given_once": "withdrawn_at",
    "ix_history_on_behalf_of_id": "on_behalf_of",
    "ix_items_gathered_in": "gathered_in",
}
"""Indexes over some rows only, which the tables in code do not say, and a word of their condition."""


INDEX_OF_WORDS = ("item_search", "search_words")
"""Tables of one database only, which the tables in code do not say either: triggers keep them."""


def catalogue(connection):
    """What a database says of its tables, in words that two databases can be compared by."""
    found = inspect(connection)
    parts = {
        kind: getattr(found, f"get_multi_{kind}")()
        for kind in (
            "columns",
            "pk_constraint",
            "foreign_keys",
            "unique_constraints",
            "check_constraints",
            "indexes",
        )
    }
    return {
        (kind, table): sorted(map(described, rows if isinstance(rows, list) else [rows]))
        for kind, tables in parts.items()
        for (_, table), rows in tables.items()
        if table != "alembic_version" and not table.startswith(INDEX_OF_WORDS)
    }


def described(row):
    whole = {key: value for key, value in row.items() if key != "dialect_options"}
    return str(sorted((key, str(value)) for key, value in whole.items()))


def test_the_revision_of_a_migration_is_the_number_of_its_file():
    files = sorted((migrating.SCRIPTS / "versions").glob("*.py"))
    assert [f'revision = "r{path.name[:4]}"' in path.read_text("utf-8") for path in files] == [
        True for _ in migrating._revisions()
    ]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_migrations_make_the_schema_that_the_tables_describe(kind, request, tmp_path):
    def empty(name):
        if kind == "sqlite":
            return open_engines(f"sqlite:///{tmp_path / name}")
        return open_engines(new_postgres_url(request.getfixturevalue("postgres")))

    migrated, made = empty("migrated.db"), empty("made.db")
    upgrading.upgrade(migrated.write)
    with made.write.begin() as connection:
        metadata.create_all(connection)
        wanted = catalogue(connection)
    with migrated.write.connect() as connection:
        present = catalogue(connection)
        assert present.keys() == wanted.keys()
        for part, rows in wanted.items():
            assert present[part] == rows, part
        told = {
            "include_name": lambda name, kind, _: (
                kind != "table" or not name.startswith(INDEX_OF_WORDS)
            )
        }
        assert compare_metadata(MigrationContext.configure(connection, opts=told), metadata) == []
        partial = {
            index["name"]: str(index["dialect_options"][f"{kind}_where"])
            for rows in inspect(connection).get_multi_indexes().values()
            for index in rows
            if f"{kind}_where" in index.get("dialect_options", {})
        }
        assert partial.keys() == PARTIAL.keys()
        assert all(word in partial[name] for name, word in PARTIAL.items())
        triggers = {
            "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
            "postgresql": "SELECT tgname FROM pg_trigger WHERE tgenabled = 'A'",
        }
        expected = {name for names in guards(kind).values() for name in names}
        assert set(connection.execute(text(triggers[kind])).scalars()) == expected
        assert missing_guards(connection) == {}
    upgrading.downgrade(migrated.write, "base")
    with migrated.write.connect() as connection:
        assert catalogue(connection) == {}
        if kind == "postgresql":
            functions = "SELECT count(*) FROM pg_proc WHERE proname LIKE 'thidua%'"
            assert connection.execute(text(functions)).scalar() == 0
    migrated.dispose()
    made.dispose()


def test_the_demo_sets_a_folder_from_before_the_first_release_aside(tmp_path):
    folder = tmp_path / "demo"
    folder.mkdir()
    with closing(sqlite_driver().connect(str(folder / "thidua.db"))) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")
        connection.execute("INSERT INTO alembic_version VALUES ('0023')")
        connection.commit()
    kept = (folder / "thidua.db").read_bytes()
    for _ in range(2):
        with open_demo(folder, free_port(None)) as demo:
            revision = demo.parts.database.report_blocking(migrating.current_revision)
            assert revision == migrating.newest_revision()
    assert {each.name for each in tmp_path.iterdir()} == {"demo", "demo-before-1"}
    assert (tmp_path / "demo-before-1" / "thidua.db").read_bytes() == kept


def test_two_demos_do_not_share_a_folder(tmp_path):
    found = test_settings(tmp_path, "")
    with closing(lock_data_dir(tmp_path)):
        done = command(found, "demo", "--headless", "--data", str(tmp_path), THIDUA_DATABASE_URL="")
    assert done.returncode == 1
    assert "đang được một tiến trình khác phục vụ" in done.stderr
    assert "Traceback" not in done.stderr
