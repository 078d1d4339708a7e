"""The board of obligations: who has delivered what, who has it now, and the same as a sheet."""

import io

import pytest
from python_calamine import CalamineWorkbook

STAFF, HEAD, OFFICER = "staff.htqt@so.example", "head.htqt@so.example", "officer@so.example"


@pytest.fixture(scope="module")
def reports(running):
    """A deadline for two departments; one has handed in a report, once returned."""
    campaign = running.client(OFFICER).get("/campaigns").json()["data"][0]["id"]
    body = {"campaign": campaign, "kind": "interim", "departments": ["hop-tac-quoc-te", "lanh-su"], "due_at": "2022-06-15T17:00:00+07:00"}
    assert running.client(OFFICER).post("/deadlines", json=body).status_code == 201
    example = running.client(STAFF).get("/definitions/department_report/example").json()
    example["fields"]["period"] = "interim"
    item = running.client(STAFF).post("/items", json=example).json()
    for transition, who, more in (("submit", STAFF, {}), ("return", HEAD, {"comment": "Bổ sung"}), ("submit", STAFF, {})):
        assert running.decide(item["code"], transition, who, **more).status_code == 200
    return running, item["code"]


def test_the_office_sees_who_has_delivered_and_who_has_it_now(reports):
    running, code = reports
    with running.signed_in(OFFICER) as browser:
        page = browser.get("/deadlines/board").text
    assert "1 đã nộp · 1 chưa nộp" in page
    assert code in page
    assert "Đang chờ: Trưởng phòng Hợp tác quốc tế, Phó Trưởng phòng Hợp tác quốc tế" in page
    assert "Trả lại 1 lần" in page
    assert "Chưa có báo cáo" in page
    assert "Phòng Quản lý biên giới" not in page, "who owes nothing has no line"


def test_a_department_sees_its_own_line_only(reports):
    running, _ = reports
    with running.signed_in("head.ls@so.example") as browser:
        page = browser.get("/deadlines/board").text
        assert "Phòng Lãnh sự" in page
        assert "Phòng Hợp tác quốc tế" not in page
        sheet = browser.get("/deadlines/board.xlsx")
    assert sheet.status_code == 200
    rows = CalamineWorkbook.from_filelike(io.BytesIO(sheet.content)).get_sheet_by_index(0).to_python()
    assert [row[0] for row in rows[2:]] == ["Phòng", "Phòng Lãnh sự"]


def test_the_sheet_says_what_the_page_says(reports):
    running, code = reports
    with running.signed_in("director@so.example") as browser:
        answer = browser.get("/deadlines/board.xlsx")
    assert answer.headers["content-type"].endswith("spreadsheetml.sheet")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    line = next(row for row in rows if row[0] == "Phòng Hợp tác quốc tế")
    assert line[3] == "Đã nộp, đang duyệt"
    assert line[5] == code
    assert line[9] == 1


def test_nobody_unknown_sees_it(reports):
    running, _ = reports
    with running.browser() as browser:
        assert "/sign-in" in str(browser.get("/deadlines/board").url)
        assert "/sign-in" in str(browser.get("/deadlines/board.xlsx").url)
