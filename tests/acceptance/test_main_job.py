import subprocess
import sys

import pytest

from tests.conftest import new_postgres_url
from workflow.starter import ROOT


def headless(folder, url=""):
    import os

    environment = {**os.environ, "THIDUA_DATABASE_URL": url}
    return subprocess.run(
        [sys.executable, "-m", "api", "demo", "--headless", "--data", str(folder)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_main_job_runs_from_draft_to_the_board_and_a_second_run_is_clean(kind, tmp_path, request):
    url = "" if kind == "sqlite" else new_postgres_url(request.getfixturevalue("postgres"))
    first = headless(tmp_path, url)
    assert first.returncode == 0, first.stderr + first.stdout
    assert first.stdout.count("qua liên kết trong thư") == 8
    assert first.stdout.count("đúng người đúng ngày") == 10
    assert "Lịch sử nguyên vẹn" in first.stdout
    second = headless(tmp_path, url)
    assert second.returncode == 0, second.stderr + second.stdout
    assert "qua liên kết trong thư" not in second.stdout
