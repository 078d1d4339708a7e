"""Campaign pages: launched from a form or a file, read by everyone, with the figures of every department."""

import re
from pathlib import Path

import pytest

from tests.conftest import CAMPAIGN
from workflow.queries.audit import verify_database

pytestmark = pytest.mark.one_database

STAFF, OFFICER, DIRECTOR, AUDITOR = (
    "staff.htqt@so.example",
    "officer@so.example",
    "director@so.example",
    "auditor@so.example",
)
SHIPPED = Path(__file__).parents[2] / "definitions/campaigns/toan-dan-bao-ve-antq-2022.yaml"
FORM = {
    "name": "Phong trào thi đua cải cách hành chính năm 2023",
    "starts_on": "2023-01-03",
    "ends_on": "2023-12-29",
    "form": "themed",
    "purpose": "Nâng cao chất lượng phục vụ.",
    "requirements": "- Thiết thực\n- Thường xuyên\n",
    "criteria": "Trả kết quả đúng hạn\nGiảm thủ tục",
    "plan_number": "12/KH-UBND",
    "plan_issued_on": "2022-12-20",
    "plan_issuer": "Ủy ban nhân dân tỉnh",
    "linked": "yes",
}


def key_of(text):
    return re.search(r'name="key" value="(\w+)"', text).group(1)


def test_the_directorate_sees_every_department_with_figures_in_the_bars(running):
    running.item_in("submitted")
    running.item_in("department_approved")
    running.draft()
    with running.signed_in(DIRECTOR) as browser:
        listed = browser.get("/campaigns").text
        shown = browser.get(f"/campaigns/{CAMPAIGN}").text
    assert f'href="/campaigns/{CAMPAIGN}"' in listed
    line = re.search(r"Phòng Hợp tác quốc tế</a></th>(.*?)</tr>", shown, re.DOTALL).group(1)
    assert 'aria-label="Đang soạn: 1; đang xử lý: 2; đã gửi: 0"' in line
    awarded, late, merits = (int(each) for each in re.findall(r">(\d+)</td>", line))
    assert (awarded, late, merits) == (0, 0, 0)
    assert "Cơ cấu đề nghị khen thưởng" in shown
    assert re.search(r"Tập thể\s*<svg.*?</svg></th>\s*<td class=\"number\">2<", shown, re.DOTALL), (
        "two collectives are nominated; the draft is not handed in"
    )


def test_a_department_sees_its_own_line(running):
    with running.signed_in("staff.ls@so.example") as browser:
        shown = browser.get(f"/campaigns/{CAMPAIGN}").text
        plan = browser.get(f"/campaigns/{CAMPAIGN}?part=plan").text
    assert "Phòng Lãnh sự</a></th>" in shown
    assert "Phòng Hợp tác quốc tế</a></th>" not in shown
    assert "người đã đọc kế hoạch" in plan
    assert "Chưa đọc (" not in plan, (
        "who has not read it is for the Office, the Directorate and auditors"
    )


READ = "Đã đọc kế hoạch lúc"


def test_whoever_reads_the_plan_says_so_once_and_the_office_sees_who_has_not(running):
    with running.signed_in(STAFF) as browser:
        shown = browser.get(f"/campaigns/{CAMPAIGN}?part=plan").text
        key = key_of(shown)
        assert READ not in shown
        for _ in range(2):
            done = browser.post(f"/campaigns/{CAMPAIGN}/read", data={"key": key})
        assert READ in done.text
        assert browser.post("/campaigns/khong-co/read", data={"key": key}).status_code == 404
    with running.signed_in(OFFICER) as browser:
        shown = browser.get(f"/campaigns/{CAMPAIGN}?part=plan").text
    unread = re.search(r"Chưa đọc \(\d+\)</summary><p>(.*?)</p>", shown).group(1)
    assert "Chuyên viên Phòng Hợp tác quốc tế" not in unread
    assert "Chuyên viên Phòng Lãnh sự" in unread
    entries = running.client(AUDITOR).get("/history").json()["data"]
    assert [each["type"] for each in entries].count("campaign_read") == 1
    assert running.parts.database.report_blocking(verify_database).status == 0


def test_the_office_launches_from_a_form_and_keeps_what_was_typed_when_it_is_wrong(running):
    with running.signed_in(OFFICER) as browser:
        key = key_of(browser.get("/campaigns/new").text)
        wrong = browser.post("/campaigns/new", data={**FORM, "key": key, "ends_on": "2022-01-01"})
        assert wrong.status_code == 422
        assert FORM["purpose"] in wrong.text
        assert browser.post("/campaigns/new", data={"key": key, "name": "x"}).status_code == 422
        done = browser.post("/campaigns/new", data={**FORM, "key": key})
        assert done.status_code == 200
        assert FORM["name"] in done.text
        assert "Gắn với" in done.text
        twice = browser.post("/campaigns/new", data={**FORM, "key": key})
        assert twice.status_code == 200
    made = [
        each
        for each in running.client(OFFICER).get("/campaigns").json()["data"]
        if each["year"] == 2023
    ]
    assert [each["id"] for each in made] == ["phong-trao-thi-dua-cai-cach-hanh-chinh-nam-2023"]
    assert made[0]["requirements"] == ["Thiết thực", "Thường xuyên"]
    assert made[0]["recipients"], "as in the latest campaign"


def test_the_agency_launches_by_its_own_plan_where_none_stands_above_it(running):
    above = {"plan_number": "", "plan_issued_on": "", "plan_issuer": "", "linked": ""}
    own = {"own_number": "8/KH-SNgV", "own_issued_on": "2023-01-02"}
    form = {**FORM, **above, **own, "name": "Phong trào học ngoại ngữ năm 2023"}
    with running.signed_in(OFFICER) as browser:
        for half in ({"own_issued_on": ""}, {"plan_issuer": "Ủy ban nhân dân tỉnh"}):
            assert browser.post("/campaigns/new", data=form | half).status_code == 422, half
        done = browser.post("/campaigns/new", data=form)
        assert done.status_code == 200, done.text
    assert "Phát động theo Kế hoạch số 8/KH-SNgV ngày 02/01/2023." in done.text
    assert "Thực hiện" not in done.text.partition("8/KH-SNgV")[2].partition("</p>")[0]
    made = running.client(OFFICER).get("/campaigns/phong-trao-hoc-ngoai-ngu-nam-2023").json()
    assert made["parent_plan"] is None
    assert "phong trào học ngoại ngữ" in made["launch_document"]["title"]


def test_a_campaign_is_launched_from_a_file_and_a_wrong_file_is_told_where(running):
    text = (
        SHIPPED.read_text("utf-8")
        .replace("id: toan-dan-bao-ve-antq-2022", "id: tu-tep-2024", 1)
        .replace("year: 2022", "year: 2024", 1)
    )
    with running.signed_in(OFFICER) as browser:
        key = key_of(browser.get("/campaigns/new").text)
        wrong = browser.post(
            "/campaigns/new",
            data={"key": key},
            files={"file": ("kh.yaml", text.replace("form: themed", "form: themes").encode())},
        )
        assert wrong.status_code == 422
        assert "kh.yaml:6" in wrong.text, "the line is named"
        binary = browser.post(
            "/campaigns/new", data={"key": key}, files={"file": ("kh.yaml", b"\xff\xfe\x00")}
        )
        assert binary.status_code == 422
        huge = browser.post(
            "/campaigns/new", data={"key": key}, files={"file": ("kh.yaml", b"a" * 200_001)}
        )
        assert huge.status_code == 422
        done = browser.post(
            "/campaigns/new", data={"key": key}, files={"file": ("kh.yaml", text.encode())}
        )
        assert done.url.path == "/campaigns/tu-tep-2024"


@pytest.mark.parametrize("by", [STAFF, DIRECTOR, AUDITOR])
def test_nobody_else_launches(running, by):
    with running.signed_in(by) as browser:
        assert browser.get("/campaigns/new").status_code == 403
        assert browser.post("/campaigns/new", data=FORM).status_code == 403
