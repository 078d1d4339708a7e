"""Bad input gets one clear sentence: what happened, why, what to do; and nothing is lost."""

import stat

import pytest
from sqlalchemy import event

from api.clock import RunningClock
from api.composition import open_application
from tests.commands import run_command
from tests.conftest import KEYS, STARTS_AT, test_settings
from tests.founded import found_sample
from tests.refusals import refuses
from workflow.command import Cause
from workflow.commands.create_item import CreateItem
from workflow.committer import StorageError
from workflow.model import Method, Via
from workflow.store import people


def thidua(folder, *arguments, **environment):
    given = {
        "THIDUA_DATABASE_URL": "",
        "THIDUA_SECRET_KEYS": KEYS,
        "THIDUA_DATA_DIR": str(folder),
    }
    return run_command(*arguments, **given | environment)


@pytest.fixture(scope="module")
def agency(tmp_path_factory):
    folder = tmp_path_factory.mktemp("agency")
    assert thidua(folder, "init", "--sample").returncode == 0
    return folder


def test_a_broken_definition_is_checked_with_its_place(agency, tmp_path):
    bad = tmp_path / "bad.yaml"
    bad.write_text("id: x\nstates: [", "utf-8")
    result = thidua(agency, "check", str(bad))
    assert result.returncode == 1
    assert f"{bad}:2:" in result.stdout or f"{bad}:1:" in result.stdout


def test_a_file_of_people_with_a_bad_address_in_row_17_adds_nobody(agency, tmp_path):
    lines = ["email,name,position,department,active"]
    lines += [
        f"p{number}@so.example,Chuyên viên {number},staff,lanh-su,1" for number in range(2, 30)
    ]
    lines[16] = "không phải địa chỉ,Chuyên viên,staff,lanh-su,1"
    file = tmp_path / "people.csv"
    file.write_text("\n".join(lines), "utf-8")
    result = thidua(agency, "people", "import", str(file))
    assert result.returncode == 1
    assert "Dòng 17:" in result.stderr
    assert "p2@so.example" not in thidua(agency, "people", "export").stdout
    lines[16] = "p17@so.example,Chuyên viên,staff,lanh-su,1"
    file.write_text("\n".join(lines), "utf-8")
    assert thidua(agency, "people", "import", str(file)).returncode == 0
    assert "p17@so.example" in thidua(agency, "people", "export").stdout


def test_a_file_that_is_no_sheet_is_refused_with_what_is_needed(agency, tmp_path):
    file = tmp_path / "people.xlsx"
    file.write_bytes(b"nothing")
    result = thidua(agency, "people", "import", str(file))
    assert result.returncode == 1
    assert "xlsx, ods" in result.stderr


@pytest.mark.parametrize(
    "environment, word",
    [
        ({"THIDUA_SECRET_KEYS": ""}, "THIDUA_SECRET_KEYS"),
        ({"THIDUA_SECRET_KEYS": "k:abcd"}, "quá yếu"),
        ({"THIDUA_SECRET_KEYS": "k:" + "00" * 32}, "quá yếu"),
        ({"THIDUA_DEBUG": "1"}, "THIDUA_DEBUG"),
        ({"THIDUA_BASE_URL": "http://so.example"}, "https"),
        ({"THIDUA_SMTP_URL": "smtp://mail.example:25?tls=none"}, "tls"),
        ({"THIDUA_TIMESTAMP_URL": "https://user:secret@tsa.example/"}, "TIMESTAMP_URL"),
        ({"THIDUA_TIMESTAMP_URL": "file:///etc/passwd"}, "TIMESTAMP_URL"),
        ({"THIDUA_TIMESTAMP_CERTIFICATE": "/etc/hostname"}, "TIMESTAMP_CERTIFICATE"),
        ({"THIDUA_DEBUG": "maybe"}, "THIDUA_DEBUG"),
    ],
)
def test_serve_refuses_an_unsafe_setting_and_says_which(agency, environment, word):
    result = thidua(agency, "serve", "--port", "0", **environment)
    assert result.returncode == 2
    assert word in result.stderr
    assert "Traceback" not in result.stderr


def test_serve_refuses_secrets_that_everybody_can_read(tmp_path):
    found_sample(test_settings(tmp_path, ""), RunningClock(STARTS_AT))
    (tmp_path / "thidua.db").chmod(0o644)
    result = thidua(tmp_path, "serve")
    assert (result.returncode, "thidua.db" in result.stderr) == (1, True)
    assert not (tmp_path / "thidua.db").stat().st_mode & stat.S_IXUSR


def test_a_worker_or_a_second_server_on_sqlite_is_refused(agency):
    from api.server.run import lock_data_dir

    assert "PostgreSQL" in thidua(agency, "worker").stderr
    lock = lock_data_dir(agency)
    try:
        result = thidua(agency, "serve")
        assert (result.returncode, "tiến trình khác" in result.stderr) == (1, True)
    finally:
        lock.close()


def test_an_empty_database_says_what_to_run(tmp_path):
    result = thidua(tmp_path, "reminders")
    assert result.returncode == 1
    assert "python3 -m api init" in result.stderr


def test_an_older_schema_is_refused_and_upgrade_mends_it(tmp_path):
    found_sample(test_settings(tmp_path, ""), RunningClock(STARTS_AT))
    assert thidua(tmp_path, "downgrade").returncode == 0
    assert "python3 -m api upgrade" in thidua(tmp_path, "reminders").stderr
    assert thidua(tmp_path, "upgrade").returncode == 0
    assert thidua(tmp_path, "history", "verify").returncode == 0


def test_no_step_back_empties_the_database_unless_it_is_said(tmp_path):
    agency = tmp_path
    found_sample(test_settings(agency, ""), RunningClock(STARTS_AT))
    while thidua(agency, "downgrade").returncode == 0:
        pass
    refused = thidua(agency, "downgrade")
    assert refused.returncode == 2
    assert "downgrade base" in refused.stderr
    assert thidua(agency, "upgrade").returncode == 0
    assert "staff.htqt@so.example" in thidua(agency, "people", "export").stdout


def test_the_sample_with_its_known_pin_is_refused_outside_this_machine(tmp_path):
    result = thidua(tmp_path, "init", "--sample", THIDUA_BASE_URL="https://thidua.so.example")
    assert (result.returncode, "127.0.0.1" in result.stderr) == (1, True)


def test_a_backup_is_whole_and_a_damaged_one_is_refused(agency, tmp_path):
    file = tmp_path / "backup.tar.gz"
    assert thidua(agency, "backup", str(file)).returncode == 0
    assert thidua(agency, "restore", str(file), "--verify-only").returncode == 0
    assert thidua(tmp_path / "elsewhere", "restore", str(file)).returncode == 0
    assert thidua(tmp_path / "elsewhere", "history", "verify").returncode == 0
    assert thidua(agency, "restore", str(file)).returncode == 1
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2] ^= 0xFF
    file.write_bytes(raw)
    assert thidua(agency, "restore", str(file), "--verify-only").returncode == 1


def test_wrong_usage_exits_two_and_for_verify_three(agency):
    assert thidua(agency, "nonsense").returncode == 2
    assert thidua(agency, "tick", "--now", "yesterday").returncode == 2
    assert thidua(agency, "history", "verify", "/nowhere").returncode == 3


def test_a_full_disk_is_one_sentence_and_the_database_is_whole_afterwards(tmp_path):
    settings = test_settings(tmp_path, "")
    found_sample(settings, RunningClock(STARTS_AT))
    parts = open_application(settings, clock=RunningClock(STARTS_AT))
    try:
        author = parts.database.report_blocking(
            lambda connection: people.person_by_email(connection, "staff.ls@so.example")
        )

        def create(number, text):
            fields = {"achievements": text}
            return CreateItem(
                cause=Cause(
                    actor=author.id,
                    via=Via.API,
                    method=Method.TOKEN,
                    command_id=f"c{number}",
                    digest="",
                ),
                type="nomination",
                campaign="toan-dan-bao-ve-antq-2022",
                department=None,
                title="Đề nghị",
                fields=fields,
            )

        parts.database.write_blocking(create(0, "x"))
        committer = parts.database._committer
        with parts.engines.read.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()

        def fill(connection, _record):
            connection.execute(f"PRAGMA max_page_count={pages + 1}")

        event.listen(parts.engines.write, "connect", fill)
        committer._drop_connection()
        with refuses(StorageError, "đĩa"):
            for number in range(1, 200):
                parts.database.write_blocking(create(number, "y" * 9000))
        event.remove(parts.engines.write, "connect", fill)
        committer._drop_connection()
        parts.database.write_blocking(create(999, "sau khi có chỗ"))
    finally:
        parts.close()
    assert thidua(tmp_path, "history", "verify").returncode == 0
