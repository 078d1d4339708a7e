"""Commands and routes that others hold on to: moving the database, keys, the past, figures for a monitor."""

import json
from xml.etree import ElementTree as ET

import httpx2
import pytest
from sqlalchemy import func, select, text

from tests.commands import run_command
from tests.conftest import new_postgres_url
from workflow.queries.audit import verify_database
from workflow.store import schema
from workflow.store.engines import open_engines

HEAD = "head.htqt@so.example"


def thidua(folder, *arguments, **settings):
    given = {"THIDUA_DATABASE_URL": ""}
    return run_command("--data", str(folder), *arguments, **given | settings)


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """A data folder in which the demo has played the main job."""
    folder = tmp_path_factory.mktemp("played")
    done = thidua(folder, "demo", "--headless")
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def counts(url):
    engines = open_engines(url)
    try:
        with engines.read.connect() as connection:
            assert verify_database(connection).status == 0
            return {
                table.name: connection.execute(select(func.count()).select_from(table)).scalar()
                for table in schema.metadata.sorted_tables
            }
    finally:
        engines.dispose()


def test_the_campaign_of_the_demo_meets_no_proposal(played):
    """From draft to the board, with its deadlines and reminders: nobody gains power by it."""
    assert counts(f"sqlite:///{played / 'thidua.db'}")["proposals"] == 0


def test_a_database_moves_to_postgresql_whole_and_goes_on_there(played, postgres):
    origin, target = f"sqlite:///{played / 'thidua.db'}", new_postgres_url(postgres)
    done = thidua(played, "move-database", origin, target)
    assert done.returncode == 0, done.stderr
    assert counts(origin) == counts(target)
    assert counts(target)["items"] >= 2
    again = thidua(played, "move-database", origin, target)
    assert again.returncode == 1
    assert "đã có dữ liệu" in again.stderr
    # Numbers go on after the copied ones: a new person and a new history entry get ids of their own.
    sheet = played / "new.csv"
    sheet.write_text(
        "email,name,position,department\nmoi@so.example,Chuyên viên mới,staff,lanh-su\n", "utf-8"
    )
    added = thidua(played, "people", "import", str(sheet), THIDUA_DATABASE_URL=target)
    assert added.returncode == 0, added.stderr
    assert thidua(played, "history", "verify", THIDUA_DATABASE_URL=target).returncode == 0


def test_a_move_tells_of_a_session_that_was_slipped_in(played, postgres):
    origin, at = f"sqlite:///{played / 'thidua.db'}", "'2999-05-04T00:00:00.000000Z'"
    columns = "id_hash, person, created_at, seen_at, expires_at"
    engine = open_engines(origin).write
    with engine.begin() as connection:
        connection.execute(
            text(f"INSERT INTO sessions ({columns}) VALUES ('x', 1, {at}, {at}, {at})")
        )
    try:
        done = thidua(played, "move-database", origin, new_postgres_url(postgres))
    finally:
        with engine.begin() as connection:
            connection.execute(text("DELETE FROM sessions WHERE id_hash = 'x'"))
    assert done.returncode == 1
    assert "person:1 session x was opened past the program" in done.stderr


@pytest.mark.parametrize(
    "pair", [("sqlite:///a", "sqlite:///b"), ("postgresql://a/b", "sqlite:///b"), ("x", "y")]
)
def test_other_directions_are_refused(played, pair):
    refused = thidua(played, "move-database", *pair)
    assert refused.returncode == 2
    assert "SQLite sang PostgreSQL" in refused.stderr


def test_a_target_that_does_not_answer_is_one_sentence(played):
    refused = thidua(
        played,
        "move-database",
        f"sqlite:///{played / 'thidua.db'}",
        "postgresql://nobody@127.0.0.1:1/none",
    )
    assert refused.returncode == 1
    assert refused.stderr.strip().splitlines()[-1].startswith("Không chuyển được")


def test_a_new_key_comes_in_front_and_the_old_ones_stay(played, tmp_path):
    before = (played / "keys").read_text()
    done = thidua(played, "rotate-keys")
    assert done.returncode == 0, done.stderr
    after = (played / "keys").read_text()
    assert after.endswith("," + before)
    assert (played / "keys").stat().st_mode & 0o077 == 0
    assert thidua(played, "demo", "--headless").returncode == 0, (
        "links made with the older key still verify"
    )
    line = thidua(tmp_path, "rotate-keys", THIDUA_SECRET_KEYS="a:" + "0123456789abcdef" * 4).stdout
    assert line.startswith("THIDUA_SECRET_KEYS=k")
    assert line.strip().endswith(",a:" + "0123456789abcdef" * 4)


def test_the_past_is_read_as_it_was(played):
    then = json.loads(
        thidua(played, "history", "as-of", "2022-05-04T08:00:00+07:00", "--json").stdout
    )
    now = json.loads(thidua(played, "history", "as-of", "2030-01-01T00:00:00Z", "--json").stdout)
    assert len(now) >= 2
    assert len(then) <= len(now)
    one = json.loads(
        thidua(played, "history", "as-of", "2030-01-01T00:00:00Z", now[0]["code"], "--json").stdout
    )
    assert (one["code"], one["state"], one["version"]) == (
        now[0]["code"],
        now[0]["state"],
        now[0]["version"],
    )
    agency = json.loads(
        thidua(played, "history", "as-of", "2030-01-01T00:00:00Z", "--agency", "--json").stdout
    )
    assert {each["code"] for each in agency["items"]} <= {each["code"] for each in now}
    assert {each["id"] for each in agency["definitions"]} == {
        "consolidated_report",
        "nomination",
        "department_report",
        "nothing_to_nominate",
    }
    lines = thidua(played, "history", "as-of", "2030-01-01T00:00:00Z", "--agency").stdout
    assert all(each["email"] in lines for each in agency["people"] if each["is_active"])
    assert thidua(played, "history", "as-of", "yesterday").returncode == 2
    assert thidua(played, "history", "as-of", "2022-05-04").returncode == 2
    gone = thidua(played, "history", "as-of", "2022-05-04T08:00:00Z", "DN-0000-0000")
    assert gone.returncode == 1
    assert gone.stderr.strip()


def test_the_event_log_holds_every_step_and_nobodys_name(played, tmp_path):
    file = tmp_path / "log.xes"
    assert thidua(played, "history", "xes", str(file)).returncode == 0
    space = "{http://www.xes-standard.org/}"
    log = ET.parse(file).getroot()  # noqa: S314 - our own file
    assert log.tag == f"{space}log"
    traces = log.findall(f"{space}trace")
    assert len(traces) >= 2
    for trace in traces:
        stamps = [each.get("value") for each in trace.iter(f"{space}date")]
        assert stamps == sorted(stamps)
        names = [
            each.get("value")
            for event in trace.findall(f"{space}event")
            for each in event
            if each.get("key") == "concept:name"
        ]
        assert names[:2] == ["created", "submit"]
    assert "@so.example" not in file.read_text("utf-8")
    assert "Trưởng phòng" not in file.read_text("utf-8")


def test_figures_for_a_monitor_with_a_token(running):
    running.item_in("submitted")
    token = running.client(HEAD).headers["Authorization"]
    known = httpx2.get(running.base_url + "/metrics", headers={"Authorization": token})
    assert known.status_code == 200
    assert known.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = known.text.splitlines()
    assert any(
        line.startswith('thidua_items{state="submitted"} ') and float(line.rsplit(" ", 1)[1]) >= 1
        for line in lines
    )
    assert any(line.startswith("thidua_check_ok{") for line in lines)
    assert all(line.startswith("#") or len(line.rsplit(" ", 1)) == 2 for line in lines)
    assert httpx2.get(running.base_url + "/metrics").status_code == 401, (
        "behind a proxy everybody comes from this machine"
    )
    through_a_proxy = httpx2.get(
        running.base_url + "/metrics", headers={"X-Forwarded-For": "203.0.113.9"}
    )
    assert through_a_proxy.status_code == 401
    assert (
        httpx2.get(
            running.base_url + "/metrics",
            headers={"X-Forwarded-For": "203.0.113.9", "Authorization": token},
        ).status_code
        == 200
    )


def test_moving_locks_the_folder_it_moves_from_and_makes_no_file_where_there_is_none(
    played, tmp_path, postgres
):
    from api.server.run import lock_data_dir

    nowhere = tmp_path / "none" / "thidua.db"
    refused = thidua(tmp_path, "move-database", f"sqlite:///{nowhere}", new_postgres_url(postgres))
    assert refused.returncode == 1
    assert not nowhere.parent.exists()
    lock = lock_data_dir(played)
    try:
        busy = thidua(
            tmp_path,
            "move-database",
            f"sqlite:///{played / 'thidua.db'}",
            new_postgres_url(postgres),
        )
    finally:
        lock.close()
    assert busy.returncode == 1, "a server that goes on writing would be left behind"
