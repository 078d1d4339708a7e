"""The database itself refuses to change what is only added to, and on PostgreSQL the server's role may not even try."""

import re
from argparse import Namespace
from contextlib import closing

import pytest
from sqlalchemy import Boolean as BooleanType
from sqlalchemy import Integer as IntegerType
from sqlalchemy import LargeBinary, make_url, text
from sqlalchemy.exc import DBAPIError

from api.cli import backups, data
from api.clock import RunningClock
from api.composition import open_application
from api.database_roles import missing_guards_in_words, role_in_words
from api.initialise import SAMPLE, initialise
from notifications.translation import translate
from tests.conftest import STARTS_AT, separate_roles, test_settings
from tests.faults.test_schema import fill_every_table
from tests.founded import found_sample
from tests.refusals import refuses
from workflow.command import Upkeep
from workflow.commands.execute import one_by_one
from workflow.errors import GuardedError, InvalidInputError, UsageError
from workflow.store import roles, upgrading
from workflow.store.changing_columns import CHANGING
from workflow.store.engines import open_engines, opened_engines
from workflow.store.guards import KEPT, ROUNDS, STAYING, guards
from workflow.store.outages import refusal_of_guard
from workflow.store.schema import metadata

GUARDED = (*STAYING, *ROUNDS, *KEPT)


@pytest.fixture(scope="module")
def settings(database_url, tmp_path_factory):
    found = test_settings(tmp_path_factory.mktemp("guards"), database_url)
    found_sample(found, RunningClock(STARTS_AT))
    engines = open_engines(found.url)
    with engines.write.begin() as connection:
        fill_every_table(connection)
        connection.execute(text("UPDATE reminders SET state = 'sent'"))
    engines.dispose()
    return found


@pytest.fixture(scope="module")
def engine(settings):
    engines = open_engines(settings.url)
    yield engines.write
    engines.dispose()


def said(engine, *statements):
    """What a guard says of the last statement; those before it pass, and all are taken back."""
    with engine.connect() as connection:
        transaction = connection.begin()
        try:
            for each in statements[:-1]:
                assert connection.execute(text(each)).rowcount
            with pytest.raises(DBAPIError) as refused:
                connection.execute(text(statements[-1]))
        finally:
            transaction.rollback()
    refusal = refusal_of_guard(refused.value)
    assert refusal is not None, refused.value
    return str(refusal.what)


def other(column):
    """SQL for a value that a column does not have."""
    if isinstance(column.type, BooleanType):
        return f"NOT {column.name}"
    if isinstance(column.type, IntegerType):
        return f"coalesce({column.name}, 0) + 7"
    return "'\\x00'" if isinstance(column.type, LargeBinary) else "'z'"


def fixed_columns():
    for name in GUARDED:
        changing = CHANGING.get(name, ())
        if changing or name in roles._UNCHANGED:
            for column in metadata.tables[name].c:
                if column.name not in changing:
                    yield name, column


@pytest.mark.parametrize("name", GUARDED)
def test_no_column_changes_that_the_servers_role_may_not_change(engine, name):
    columns = [column for table, column in fixed_columns() if table == name]
    assert columns
    for column in columns:
        said(engine, f"UPDATE {name} SET {column.name} = {other(column)}")


@pytest.mark.parametrize("name", [*STAYING, *ROUNDS])
def test_a_row_that_stays_is_neither_deleted_nor_replaced(engine, name):
    said(engine, f"DELETE FROM {name}")
    assert name not in roles._DELETED or name in {
        "links",
        "reminders",
        "round_cases",
        "round_seats",
    }
    if engine.dialect.name == "sqlite":
        one = f"SELECT * FROM {name} LIMIT 1"
        if name == "settings":
            one = "SELECT name, 'z' FROM settings WHERE name = 'deployment'"
        said(engine, f"INSERT OR REPLACE INTO {name} {one}")


@pytest.mark.parametrize(
    "name", [*GUARDED, "history", "history_texts", "history_log", "definitions"]
)
def test_no_table_is_emptied_at_once(engine, name):
    if engine.dialect.name == "postgresql":
        said(engine, f"TRUNCATE {name} CASCADE")


BACK = {
    "a number is given again": ["UPDATE counters SET value = value - 1"],
    "a number is left out": ["UPDATE counters SET value = value + 2"],
    "a deployment becomes another": ["UPDATE settings SET value = 'x' WHERE name = 'deployment'"],
    "a delegation lasts longer": ["UPDATE delegations SET ends_on = '2099-01-01'"],
    "a delegation begins later": ["UPDATE delegations SET starts_on = '2022-05-05', ends_on = '2022-05-04'"],
    "an absence lasts longer": ["UPDATE absences SET ends_on = '2099-01-01'"],
    "an item goes on without an entry": ["UPDATE items SET state = 'x'"],
    "an item goes back": ["UPDATE items SET seq = seq + 1, version = version - 1"],
    "an opinion is given twice": ["UPDATE opinions SET answered_at = 'x'"],
    "a link is used again": ["UPDATE links SET used_at = NULL"],
    "a link was never revoked": ["UPDATE links SET revoked_at = NULL"],
    "a deadline moves unseen": ["UPDATE deadlines SET due_at = '2030'"],
    "an extension is decided again": ["UPDATE extensions SET state = 'refused'", "UPDATE extensions SET state = 'granted'"],
    "a proposal is answered again": ["UPDATE proposals SET state = 'rejected'", "UPDATE proposals SET state = 'open'"],
    "a reminder was never sent": ["UPDATE reminders SET state = 'planned'"],
    "a letter was never sent": ["UPDATE outbox SET state = 'sent'", "UPDATE outbox SET state = 'new'"],
    "a proposal says something else": ["UPDATE proposals SET parameters = 'z'"],
    "a sent letter went elsewhere": ["UPDATE outbox SET state = 'sent'", "UPDATE outbox SET address = 'z'"],
    "an access says something else": ["UPDATE accesses SET note = ''", "UPDATE accesses SET note = 'z'"],
    "a content is rewritten": ["UPDATE contents SET body = 'z'"],
    "what is left of a content gets another hash": ["UPDATE items SET erasures = 1, seq = seq + 1", "UPDATE contents SET body = 'z'", "UPDATE contents SET hash = 'z'"],
    "a merit is rewritten": ["UPDATE merits SET whose = 'z'"],
    "a note on a merit is rewritten": ["UPDATE merit_notes SET words = ''", "UPDATE merit_notes SET words = 'z'"],
    "a request is answered again": ["UPDATE privacy_requests SET state = 'granted'", "UPDATE privacy_requests SET state = 'refused'"],
    "a hold is lifted again": ["UPDATE legal_holds SET lift_reason = 'z'"],
    "a token is no longer revoked": ["UPDATE api_tokens SET revoked_at = NULL"],
    "a vote is taken back": ["UPDATE round_seats SET voted_run = 0"],
    "a round goes back": ["UPDATE rounds SET run = 2", "UPDATE rounds SET run = 1"],
    "a quorum is lowered after the first vote": ["UPDATE rounds SET run = 1", "UPDATE rounds SET quorum = '1/9'"],
    "a share is lowered after the first vote": ["UPDATE rounds SET run = 1", "UPDATE round_cases SET threshold = '1/9'"],
    "a member leaves after the first vote": ["UPDATE round_seats SET voted_run = 3", "DELETE FROM round_seats"],
    "a member joins after the first vote": [
        "UPDATE rounds SET run = 1",
        "INSERT INTO round_seats (round_id, person, role, attendance, voted_run) SELECT id, 3, 'member', 'present', 0 FROM rounds",
    ],
    "a closed round is opened": ["UPDATE rounds SET state = 'cancelled'", "UPDATE rounds SET state = 'prepared'"],
    "a member of a closed round changes": ["UPDATE rounds SET state = 'cancelled'", "UPDATE round_seats SET role = 'chair'"],
    "a count of a closed round changes": ["UPDATE rounds SET state = 'cancelled'", "UPDATE round_cases SET agree = 9"],
    "a challenge is answered again": ["UPDATE round_challenges SET answer = 'z'"],
    "a code is good again": ["UPDATE setup_codes SET used_at = NULL"],
}  # fmt: skip


@pytest.mark.parametrize("how", BACK)
def test_nothing_goes_back(engine, how):
    _, table = re.match(r"(UPDATE|DELETE FROM|INSERT INTO) (\w+)", BACK[how][-1]).groups()
    assert said(engine, *BACK[how]).startswith(f"{table}: ")


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO history_log_nodes SELECT 1, 9, hash FROM history_log_nodes",
        "INSERT INTO history_log_nodes SELECT 2, 1, hash FROM history_log_nodes",
        "INSERT INTO checkpoints SELECT size - 1, note, reason, made_at FROM checkpoints",
        "INSERT INTO checkpoints SELECT size, note, reason, made_at FROM checkpoints",
    ],
)
def test_subtrees_and_checkpoints_come_in_order(engine, statement):
    with engine.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.execute(text(statement))


class Rewrite(Upkeep[None]):
    """What no command of the product does."""


def test_whoever_meets_a_guard_is_told_so_in_one_sentence(settings):
    def rewrite(transaction, _command):
        transaction.connection.execute(text("UPDATE campaign_reads SET at = 'x'"))

    parts = open_application(settings, further={Rewrite: one_by_one(Rewrite, rewrite)})
    with closing(parts), pytest.raises(GuardedError) as refused:
        parts.database.write_blocking(Rewrite())
    sentence = translate(refused.value)
    assert "campaign_reads: it is append-only" in sentence
    assert "người quản trị" in sentence


@pytest.fixture(scope="module")
def separate(postgres, tmp_path_factory):
    """A database whose owner may create roles, and a server that is another role."""
    found = separate_roles(postgres, tmp_path_factory.mktemp("roles"))
    begin(found)
    return found


def begin(settings):
    organization = settings.definitions / SAMPLE
    initialise(settings, organization=organization, clock=RunningClock(STARTS_AT))


def run(settings, patch, verb, **options):
    """Run a verb of the command line with these settings, here."""
    for name in ("data_dir", "database_url", "database_owner_url", "secret_keys"):
        patch.setenv(f"THIDUA_{name.upper()}", str(getattr(settings, name)))
    return verb(Namespace(data=None, **options))


@pytest.fixture
def server(separate):
    with opened_engines(separate.url) as engines, engines.write.connect() as connection:
        yield connection


def denied(connection, statement):
    """Whether a statement is refused for want of a right."""
    with pytest.raises(DBAPIError) as refused, connection.begin_nested():
        connection.exec_driver_sql(statement)
    return refused.value.orig.sqlstate == "42501"


DENIED = [
    "UPDATE history SET body = 'x'",
    "DELETE FROM history",
    "TRUNCATE history",
    "DELETE FROM history_log",
    "UPDATE history_texts SET text = 'x'",
    "UPDATE definitions SET body = 'x'",
    "UPDATE checkpoints SET note = 'x'",
    "UPDATE accesses SET at = 'x'",
    "UPDATE contents SET hash = 'x'",
    "UPDATE items SET author = 1",
    "DELETE FROM items",
    "DELETE FROM people",
    "UPDATE proposals SET gainers = '[]'",
    "UPDATE alembic_version SET version_num = 'r0001'",
    "DROP TABLE history",
    "ALTER TABLE history DISABLE TRIGGER ALL",
    "DROP TRIGGER history_no_change ON history",
    "DROP FUNCTION thidua_guard CASCADE",
    "CREATE OR REPLACE FUNCTION thidua_refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "SET session_replication_role = replica",
    "CREATE TABLE public.mine (a integer)",
    "CREATE ROLE another",
]  # fmt: skip


def test_the_servers_role_can_take_no_guard_away(server):
    for statement in DENIED:
        assert denied(server, statement), statement


def test_what_the_servers_role_may_do_is_what_changes(server):
    may = text("SELECT has_table_privilege(:table, :right)")
    for table in metadata.tables:
        rights = {
            right
            for right in ("SELECT", "INSERT", "DELETE", "TRUNCATE", "TRIGGER", "REFERENCES")
            if server.execute(may, {"table": table, "right": right}).scalar()
        }
        goes = {"DELETE"} if table in roles._DELETED else set()
        assert rights == {"SELECT", "INSERT", *goes}, table


def test_the_reading_role_reads_everything_and_writes_nothing(separate):
    superuser = make_url(separate.url).set(username="postgres", password=None)
    url = superuser.render_as_string(hide_password=False)
    with opened_engines(url) as engines, engines.write.connect() as connection:
        reader = roles.reader_of(make_url(separate.url).database)
        connection.exec_driver_sql(f"SET ROLE {reader}")
        for name in metadata.tables:
            connection.exec_driver_sql(f"SELECT * FROM {name} LIMIT 1")
        assert denied(connection, "INSERT INTO settings VALUES ('a', 'b')")
        assert denied(connection, "UPDATE people SET name = 'x'")


def test_roles_stay_through_upgrade_and_downgrade(separate, monkeypatch):
    assert run(separate, monkeypatch, data.downgrade, revision="r0003") == 0
    with opened_engines(separate.url) as engines, pytest.raises(DBAPIError):
        upgrading.upgrade(engines.write)
    assert run(separate, monkeypatch, data.upgrade, revision="head") == 0
    begin(separate)
    with opened_engines(separate.url) as engines, engines.write.connect() as connection:
        connection.exec_driver_sql("UPDATE proposals SET comment = 'x'")
        assert denied(connection, "DELETE FROM proposals")


def test_an_owner_who_may_create_no_role_is_told_what_to_do(
    postgres, tmp_path, monkeypatch, capsys
):
    settings = separate_roles(postgres, tmp_path, "NOCREATEROLE")
    with refuses(InvalidInputError, "init --roles-sql"):
        begin(settings)
    assert run(settings, monkeypatch, data.init, roles_sql=True) == 0
    postgres.psql(capsys.readouterr().out)
    begin(settings)
    with opened_engines(settings.url) as engines, engines.write.connect() as connection:
        assert denied(connection, "DELETE FROM history")


def test_doctor_says_whom_the_server_is_connected_as(separate):
    said = []
    for url in (separate.url, separate.owner_url):
        with opened_engines(url) as engines, engines.read.connect() as connection:
            said.append(role_in_words(connection))
    assert [is_well for _, is_well in said] == [True, False]
    names = [make_url(each).username for each in (separate.url, separate.owner_url)]
    assert all(name in sentence for name, (sentence, _) in zip(names, said, strict=True))


def test_doctor_names_each_table_that_lost_a_guard(engine):
    with engine.connect() as connection:
        assert list(missing_guards_in_words(connection)) == []
        kind = connection.dialect.name
        on = "" if kind == "sqlite" else " ON history"
        name = guards(kind)["history"][1]
        connection.exec_driver_sql(f"DROP TRIGGER {name}{on}")
        gone = "findings_only_close"
        connection.exec_driver_sql(
            f"DROP TRIGGER {gone}"
            if kind == "sqlite"
            else f"ALTER TABLE findings DISABLE TRIGGER {gone}"
        )
        told = list(missing_guards_in_words(connection))
        connection.rollback()
        assert list(missing_guards_in_words(connection)) == []
    assert len(told) == 2
    assert [gone in told[0], name in told[1]] == [True, True]
    assert all("history verify" in each for each in told)


def test_doctor_names_rights_that_the_servers_role_was_given(separate):
    server = make_url(separate.url).username
    with opened_engines(separate.owner_url) as engines, engines.write.begin() as connection:
        connection.exec_driver_sql(f'GRANT DELETE, UPDATE (body) ON history TO "{server}"')
    try:
        with opened_engines(separate.url) as engines, engines.read.connect() as connection:
            (told,) = missing_guards_in_words(connection)
    finally:
        begin(separate)
    assert " history " in told
    assert "(UPDATE (body), DELETE)" in told
    with opened_engines(separate.url) as engines, engines.read.connect() as connection:
        assert list(missing_guards_in_words(connection)) == [], "init takes them back"


def test_a_finding_is_closed_once(engine):
    with engine.connect() as connection:
        closed = "SELECT count(*) FROM findings WHERE closed_at IS NOT NULL"
        assert connection.exec_driver_sql(closed).scalar() > 0
    said(engine, "UPDATE findings SET closed_at = '2022-05-06T01:00:00.000000Z'")


@pytest.mark.parametrize(
    "owner", ["sqlite:////tmp/x.db", "postgresql://a@h/other", "postgresql://server@h/data"]
)
def test_owner_and_server_are_two_roles_of_one_database(tmp_path, owner):
    settings = test_settings(tmp_path, "postgresql://server@h/data", database_owner_url=owner)
    with refuses(UsageError, "THIDUA_DATABASE_OWNER_URL"):
        begin(settings)


def test_a_backup_comes_back_under_separate_roles(postgres, separate, tmp_path, monkeypatch):
    file = tmp_path / "backup.tar.gz"
    assert run(separate, monkeypatch, backups.backup, file=file) == 0
    empty = separate_roles(postgres, tmp_path / "drill")
    assert run(empty, monkeypatch, backups.restore, file=file, verify_only=False) == 0
    with opened_engines(empty.url) as engines, engines.write.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM checkpoints").scalar() > 0
        assert denied(connection, "DELETE FROM history")
