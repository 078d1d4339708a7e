"""The board of obligations: who has delivered what, who has it now, and the same as a sheet."""

import io

import pytest
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

pytestmark = pytest.mark.one_database

STAFF, HEAD, OFFICER = "staff.htqt@so.example", "head.htqt@so.example", "officer@so.example"


@pytest.fixture(scope="module")
def reports(running):
    """A deadline for two departments; one has handed in a report, once returned."""
    campaign = running.client(OFFICER).get("/campaigns").json()["data"][0]["id"]
    body = {
        "campaign": campaign,
        "kind": "interim",
        "departments": ["hop-tac-quoc-te", "lanh-su"],
        "due_at": "2022-06-15T17:00:00+07:00",
    }
    assert running.client(OFFICER).post("/deadlines", json=body).status_code == 201
    example = running.client(STAFF).get("/definitions/department_report/example").json()
    example["fields"]["period"] = "interim"
    item = running.client(STAFF).post("/items", json=example).json()
    for transition, who, more in (
        ("submit", STAFF, {}),
        ("return", HEAD, {"comment": "Bổ sung"}),
        ("submit", STAFF, {}),
    ):
        assert running.decide(item["code"], transition, who, **more).status_code == 200
    return running, item["code"]


def test_the_office_sees_who_has_delivered_and_who_has_it_now(reports):
    running, code = reports
    with running.signed_in(OFFICER) as browser:
        page = browser.get("/deadlines/board").text
    assert "0 đã nộp · 2 chưa nộp" in page, "handed in means approved by the head"
    assert "Chờ lãnh đạo phòng duyệt" in page
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
    rows = (
        CalamineWorkbook.from_filelike(io.BytesIO(sheet.content)).get_sheet_by_index(0).to_python()
    )
    assert [row[0] for row in rows[2:]] == ["Phòng", "Phòng Lãnh sự"]


def test_the_sheet_says_what_the_page_says(reports):
    running, code = reports
    with running.signed_in("director@so.example") as browser:
        answer = browser.get("/deadlines/board.xlsx")
    assert answer.headers["content-type"].endswith("spreadsheetml.sheet")
    rows = (
        CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    )
    line = next(row for row in rows if row[0] == "Phòng Hợp tác quốc tế")
    assert line[3] == "Chờ lãnh đạo phòng duyệt"
    assert line[5] == code
    assert line[9] == 1


def test_nobody_unknown_sees_it(reports):
    running, _ = reports
    with running.browser() as browser:
        assert "/sign-in" in str(browser.get("/deadlines/board").url)
        assert "/sign-in" in str(browser.get("/deadlines/board.xlsx").url)


def test_the_board_is_printed_with_every_line_and_its_letters_whole(reports):
    running, _ = reports
    with running.signed_in("officer@so.example") as browser:
        answer = browser.get("/deadlines/board.pdf")
        sheet = browser.get("/deadlines/board.xlsx")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    document = PdfReader(io.BytesIO(answer.content))
    words = " ".join(" ".join(page.extract_text() for page in document.pages).split())
    lines = (
        CalamineWorkbook.from_filelike(io.BytesIO(sheet.content))
        .get_sheet_by_index(0)
        .to_python()[3:]
    )
    assert lines
    assert all(str(line[0]) in words for line in lines)
    assert "TÌNH HÌNH THỰC HIỆN BÁO CÁO" in words
    fonts = {
        str(font["/BaseFont"])
        for page in document.pages
        for font in (each.get_object() for each in page["/Resources"]["/Font"].values())
    }
    assert fonts
    assert all("Tinos" in font for font in fonts), fonts


def test_a_department_prints_its_own_lines_only(reports):
    running, _ = reports
    with running.signed_in("staff.ls@so.example") as browser:
        words = "".join(
            page.extract_text()
            for page in PdfReader(io.BytesIO(browser.get("/deadlines/board.pdf").content)).pages
        )
    assert "Lãnh sự" in words
    assert "Hợp tác quốc tế" not in words
