"""The agency's file and the first accounts, by commands: nobody is changed silently, and nothing foreign is brought in."""

import json
import subprocess

import pytest

from api.settings import shipped_definitions
from tests.commands import run_command
from tests.conftest import KEYS

CLERK = "clerk@so.example"


def thidua(folder, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "THIDUA_DATA_DIR": str(folder),
        "THIDUA_SECRET_KEYS": KEYS,
        "THIDUA_LOCALE": "vi",
    }
    return run_command(*arguments, **environment)


@pytest.fixture(scope="module")
def agency(tmp_path_factory):
    folder = tmp_path_factory.mktemp("agency")
    text = (shipped_definitions() / "organization" / "sample.yaml").read_text("utf-8")
    file = folder / "agency.yaml"
    file.write_text(text, "utf-8")
    first = thidua(folder / "data", "init", "--organization", str(file))
    assert first.returncode == 0, first.stderr
    return folder / "data", file, text, first.stdout


def test_a_real_agency_gets_no_campaign_of_the_sample_and_is_told_how_to_get_its_first(agency):
    assert "Chưa có phong trào nào" in agency[3]


def test_a_changed_file_is_applied_or_each_difference_is_named(agency):
    data, file, text, _ = agency
    changed = text.replace("name: Phòng Lãnh sự}", "name: Phòng Lãnh sự và Kiều bào}").replace(
        "name: Văn thư Sở,", "name: Văn thư mới,"
    )
    lines = [line for line in changed.splitlines(keepends=True) if "auditor@so.example" not in line]
    file.write_text("".join(lines), "utf-8")
    again = thidua(data, "init", "--organization", str(file))
    assert again.returncode == 0, again.stderr
    assert "lanh-su được đổi tên: “Phòng Lãnh sự” thành “Phòng Lãnh sự và Kiều bào”" in again.stdout
    assert f"{CLERK} trong tệp khác với dữ liệu và được giữ nguyên" in again.stdout
    assert "auditor@so.example không có trong tệp" in again.stdout
    assert "Văn thư mới" not in thidua(data, "people", "export").stdout
    once_more = thidua(data, "init", "--organization", str(file)).stdout
    assert "đổi tên" not in once_more, "what was applied is the same now"
    assert thidua(data, "history", "verify").returncode == 0


def test_admin_create_changes_nobody_who_is_there(agency):
    data = agency[0]
    before = thidua(data, "people", "export").stdout
    refused = thidua(data, "admin", "create", "Director@so.example")
    assert refused.returncode != 0
    assert "--promote" in refused.stderr
    assert "/setup/" in thidua(data, "admin", "create", "admin@so.example").stdout, (
        "an administrator gets a new link"
    )
    assert thidua(data, "people", "export").stdout == before
    assert "/setup/" in thidua(data, "people", "setup-link", "director@so.example").stdout
    assert thidua(data, "people", "export").stdout == before
    assert "/setup/" in thidua(data, "admin", "create", CLERK, "--promote").stdout
    row = next(
        line
        for line in thidua(data, "people", "export").stdout.splitlines()
        if line.startswith(CLERK)
    )
    assert "admin" in row
    assert "Văn thư Sở" in row, "nobody is renamed"


def test_tokens_are_listed_without_themselves(agency):
    data = agency[0]
    made = json.loads(thidua(data, "token", "create", "auditor@so.example", "--json").stdout)
    listed = thidua(data, "token", "list", "--json")
    assert made["token"] not in listed.stdout
    rows = json.loads(listed.stdout)
    assert [(each["id"], each["email"], each["revoked_at"]) for each in rows] == [
        (made["id"], "auditor@so.example", None)
    ]
    thidua(data, "token", "revoke", made["id"])
    assert json.loads(thidua(data, "token", "list", "--json").stdout)[0]["revoked_at"] is not None
    assert made["id"] in thidua(data, "token", "list").stdout
