import os
import re
import subprocess
import sys
from email import message_from_bytes
from email.policy import default

import pytest

from api.bootstrap import ROOT
from tests.commands import run_command
from tests.conftest import new_postgres_url

WORDS = ("demo", "--headless", "--data")


def headless(folder, url="", **settings):
    return run_command(*WORDS, str(folder), THIDUA_DATABASE_URL=url, **settings)


def headless_from_nothing(folder):
    return subprocess.run(
        [sys.executable, "-m", "api", *WORDS, str(folder)],
        cwd=ROOT,
        env={**os.environ, "THIDUA_DATABASE_URL": ""},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_main_job_runs_from_draft_to_the_board_and_a_second_run_is_clean(
    kind, tmp_path, request
):
    url = "" if kind == "sqlite" else new_postgres_url(request.getfixturevalue("postgres"))
    first = headless(tmp_path, url) if url else headless_from_nothing(tmp_path)
    assert first.returncode == 0, first.stderr + first.stdout
    assert first.stdout.count("qua liên kết trong thư") == 12
    assert first.stdout.count("đúng người đúng ngày") == 10
    assert "5/5 thành viên Hội đồng thông qua" in first.stdout
    assert "Lịch sử nguyên vẹn" in first.stdout
    second = headless(tmp_path, url)
    assert second.returncode == 0, second.stderr + second.stdout
    assert "qua liên kết trong thư" not in second.stdout


def test_an_agency_that_speaks_english_is_written_to_in_english_and_the_board_in_vietnamese(
    tmp_path,
):
    done = headless(tmp_path, THIDUA_LOCALE="en")
    assert done.returncode == 0, done.stderr + done.stdout
    assert "Done: every step is right." in done.stdout
    letters = [
        message_from_bytes(path.read_bytes(), policy=default)
        for path in (tmp_path / "mail").glob("[0-9]*.eml")
    ]
    subjects = {str(each["Subject"]) for each in letters}
    assert any(each.startswith("[To approve]") for each in subjects)
    assert any(each.startswith("[Urging] Interim report") for each in subjects)
    asked = {each.partition("]")[0] for each in subjects}
    vietnamese = {each for each in asked if re.search("[à-ỹđĐ]", each)}
    to_the_board = {"[Thông báo gửi hồ sơ", "[Đề nghị xác nhận"}
    assert vietnamese == to_the_board, "what is asked, in the reader's language"
