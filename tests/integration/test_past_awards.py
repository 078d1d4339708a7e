"""Awards of earlier years: imported by two people, they count as recorded ones; withdrawn, no more."""

import io
import secrets
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from python_calamine import CalamineWorkbook

from api.cli.context import operator_cause
from api.composition import open_application
from tests.councils import DIRECTOR, HEAD, OFFICER, STAFF
from tests.integration.test_nominee_lists import person
from tests.maker import Maker
from workflow.commands.past_awards import ImportAwards
from workflow.model import Via
from workflow.queries.audit import verify_database
from workflow.rules import PastAwardRow

HEADS = "Tên cá nhân hoặc tập thể,Đối tượng,Thư điện tử,Phòng,Danh hiệu hoặc hình thức khen thưởng,Số quyết định,Ngày quyết định,Thành tích,Thành tích từ ngày,Thành tích đến ngày"
DEPUTY, FOREIGN = "deputy.director@so.example", "staff.ls@so.example"


@pytest.fixture(autouse=True)
def whole(running):
    yield
    verdict = running.parts.database.report_blocking(verify_database)
    assert verdict.status == 0, verdict.sentence


def sheet(*rows):
    return "\n".join([HEADS, *rows]).encode("utf-8-sig")


def sent(running, content, name="cu.csv", by=OFFICER):
    with running.signed_in(by) as browser:
        return browser.post("/awards/imported", files={"file": (name, content)})


def confirmed(running, answer, by=DIRECTOR):
    proposal = answer.url.path.rpartition("/")[2]
    done = running.client(by).post(f"/proposals/{proposal}/confirm", json={"pin": "246810"})
    assert done.status_code == 200, done.text


def kept_proposal(running, proposal):
    found = running.client(OFFICER).get("/proposals").json()["data"]
    return next(each for each in found if each["id"] == int(proposal))


def test_what_two_people_imported_counts_as_what_was_recorded(running):
    code = Maker(running).item("nomination", "hop-tac-quoc-te", "drafted", nominee="Phòng Đối Nội")
    fields = running.client(STAFF).get(f"/items/{code}").json()["fields"]
    days = f"{fields['period_from']},{fields['period_to']}"
    row = f"PHONG DOI NOI,Tập thể,,hop-tac-quoc-te,Giấy khen của Giám đốc Sở,31/QĐ-SNgV,04/05/2022,Đón đoàn,{days}"
    waits = sent(running, sheet(row))
    assert "/proposals/" in waits.url.path, waits.text
    assert "PHONG DOI NOI" in waits.text
    assert "31/QĐ-SNgV" in waits.text
    assert running.client(OFFICER).get("/past-awards").json()["data"] == []
    confirmed(running, waits)
    (kept,) = running.client(OFFICER).get("/past-awards").json()["data"]
    assert (kept["imported_by"], kept["confirmed_by"]) == (OFFICER, DIRECTOR)
    # Found with diacritics, and the same merit is not awarded twice.
    refused = running.decide(code, "submit", STAFF)
    assert refused.status_code == 422
    assert "Điều 6 Luật" in refused.json()["reasons"][0]["message"]
    again = sent(running, sheet(row))
    assert (again.url.path, "đều đã có" in again.text) == ("/awards/imported", True)
    with running.signed_in(STAFF) as browser:
        assert "(nhập từ các năm trước)" in browser.get(f"/items/{code}").text
        assert "31/QĐ-SNgV" in browser.get("/awards/imported").text
    with running.signed_in(FOREIGN) as browser:
        assert "31/QĐ-SNgV" not in browser.get("/awards/imported").text
    with running.signed_in(OFFICER) as browser:
        book = CalamineWorkbook.from_filelike(io.BytesIO(browser.get("/awards.xlsx").content))
        rows = book.get_sheet_by_index(0).to_python()
        assert "(nhập từ các năm trước)" in next(each for each in rows if "31/QĐ-SNgV" in each)
        asked = {"first": "04/05/2022", "last": "04/05/2022"}
        assert "nhập từ các năm trước" in browser.get("/awards/statistics", params=asked).text
        gone = browser.post(
            "/awards/imported/withdraw",
            data={"award": kept["id"], "reach": "whole", "why": "Nhập nhầm phòng"},
        )
    assert "/proposals/" in gone.url.path, gone.text
    assert "31/QĐ-SNgV" in gone.text
    confirmed(running, gone)
    kept = running.client(STAFF).get(f"/past-awards/{kept['id']}").json()
    assert (kept["withdrawn_by"], kept["withdrawn_why"]) == (OFFICER, "Nhập nhầm phòng")
    assert running.decide(code, "submit", STAFF).status_code == 200
    assert "/proposals/" in sent(running, sheet(row)).url.path, "withdrawn, it may come again"


def test_of_two_processes_that_import_one_award_at_once_one_adds_it(running):
    parts = running.parts
    other = None if parts.settings.is_sqlite else open_application(parts.settings)
    databases = [parts.database, (other or parts).database]
    for attempt in range(6):
        rows = tuple(
            PastAwardRow(
                row=place,
                nominee=f"Tổ nhập cùng lúc {attempt} {place}",
                kind="collective",
                award="giay_khen",
                number=f"{place + 1}/QĐ-SNgV",
                decided_on="2021-12-20",
            )
            for place in range(12)
        )
        starts = threading.Barrier(2)

        def bring_in(database, rows=rows, starts=starts):
            cause = operator_cause(f"import:{secrets.token_hex(8)}", via=Via.IMPORT)
            starts.wait(10)
            return database.write_blocking(ImportAwards(rows=rows, cause=cause))

        with ThreadPoolExecutor(2) as pool:
            told = list(pool.map(bring_in, databases))
        assert sorted(each.added for each in told) == [0, 12]
        assert sorted(each.known for each in told) == [0, 12]
    if other is not None:
        other.close()


@pytest.mark.one_database
def test_an_award_under_a_name_becomes_the_newcomers_when_two_people_say_so(running):
    row = "Nguyễn Văn Mới,Cá nhân,,,Lao động tiên tiến,17/QĐ-SNgV,20/12/2020,,,"
    confirmed(running, sent(running, sheet(row)))
    for place, department in enumerate(("lanh-su", "hop-tac-quoc-te")):
        body = {"email": f"moi.{place}@so.example", "name": "Nguyễn Văn Mới"}
        body |= {"position": "staff", "department": department}
        assert running.client(OFFICER).post("/people", json=body).status_code == 201
    (kept,) = (e for e in past_awards(running) if e["number"] == "17/QĐ-SNgV")
    assert kept["email"] is None, "never silently to a namesake"
    whose = [f"{kept['id']}:{running.person(f'moi.{place}@so.example').id}" for place in (0, 1)]
    stranger = f"{kept['id']}:{running.person(STAFF).id}"
    address = "/awards/imported/awardee"
    with running.signed_in(OFFICER) as office:
        asked = office.get("/people/moi.1@so.example").text
        assert "1 khen thưởng đã nhập theo tên này" in asked
        page = office.get("/awards/imported").text
        assert all(f'value="{each}"' in page for each in whose)
        assert f'value="{stranger}"' not in page
        for wrong in ({"whose": stranger, "same": "Cùng"}, {"whose": whose[1], "same": ""}):
            assert office.post(address, data=wrong).status_code == 422
        why = "Sinh năm 1990, phòng Hợp tác quốc tế"
        waits = office.post(address, data={"whose": whose[1], "same": why})
        assert why in waits.text
        assert "moi.1@so.example" in waits.text
    confirmed(running, waits)
    found = [e for e in past_awards(running) if e["number"] == "17/QĐ-SNgV"]
    assert [(e["email"], e["withdrawn_why"]) for e in found] == [
        ("moi.1@so.example", None),
        (None, why),
    ]
    with running.signed_in(OFFICER) as office:
        assert f'value="{whose[0]}"' not in office.get("/awards/imported").text
        assert office.post(address, data={"whose": whose[0], "same": why}).status_code == 422


def past_awards(running):
    return running.client(OFFICER).get("/past-awards").json()["data"]


@pytest.mark.one_database
def test_years_of_a_person_build_a_basis_and_nobody_confirms_their_own(running):
    rows = [
        f"Chuyên viên,Cá nhân,{STAFF},hop-tac-quoc-te,Chiến sĩ thi đua cơ sở,{year}/QĐ-SNgV,20/12/{year},,,"
        for year in (2019, 2020, 2021)
    ]
    own = f"Giám đốc,Cá nhân,{DIRECTOR},,Lao động tiên tiến,9/QĐ-SNgV,20/12/2021,,,"
    waits = sent(running, sheet(*rows, own))
    assert "/proposals/" in waits.url.path, waits.text
    proposal = waits.url.path.rpartition("/")[2]
    for by in (OFFICER, DIRECTOR):
        told = running.client(by).post(f"/proposals/{proposal}/confirm", json={"pin": "246810"})
        assert told.status_code in {403, 404}, told.text
    assert kept_proposal(running, proposal)["confirmers"] == [DEPUTY]
    confirmed(running, waits, by=DEPUTY)
    one = {name: value for name, value in person(STAFF).items() if name != "nominee"}
    code = Maker(running).item(
        "nomination",
        "hop-tac-quoc-te",
        "department_approved",
        **{**one, "nominee": "", "award": "cstd_tinh"},
    )
    with running.signed_in(OFFICER) as browser:
        page = browser.get(f"/items/{code}").text
        assert page.count("(nhập từ các năm trước)") == 3
        assert "Đã có 03 lần liên tục" not in page, "three years running are a basis"
        year = browser.get("/evaluation", params={"person": STAFF, "year": "2020"}).text
    assert "Chiến sĩ thi đua cơ sở (nhập từ các năm trước)" in year
    told = running.client(STAFF).get("/me/data").json()["data"]
    assert {each["number"] for each in told["past_awards"]} == {
        "2019/QĐ-SNgV",
        "2020/QĐ-SNgV",
        "2021/QĐ-SNgV",
    }
    officer = running.client(OFFICER).get("/me/data").json()["data"]
    assert "2019/QĐ" not in str(officer["past_awards_recorded"])


@pytest.mark.one_database
def test_a_sheet_with_faults_adds_nothing_and_tells_each_by_its_row(running):
    before = running.client(OFFICER).get("/proposals").json()["data"]
    wrong = sheet(
        "Phòng X,Tập thể,,,Giấy khen của Giám đốc Sở,1/QĐ,20/12/2019,,,",
        "Phòng X,Tập thể,,,Bằng khen của ai đó,1/QĐ,20/12/2019,,,",
        "Phòng X,Tập thể,,Phòng không có,Giấy khen của Giám đốc Sở,,20/12/2019,,,",
    )
    told = sent(running, wrong)
    assert told.status_code == 422
    assert "Dòng 3: " in told.text
    assert told.text.count("Dòng 4: ") >= 2
    assert "Dòng 2: " not in told.text
    assert sent(running, b"", "trong.csv").status_code == 422
    assert sent(running, wrong, by=HEAD).status_code == 403
    assert running.client(OFFICER).get("/proposals").json()["data"] == before
    with running.signed_in(OFFICER) as browser:
        template = browser.get("/awards/imported/template.xlsx").content
    told = sent(running, template, "mau.xlsx")
    assert (told.status_code, "không có dòng khen thưởng nào" in told.text) == (422, True)


@pytest.mark.one_database
def test_a_program_imports_and_what_is_erased_is_nobody_s(running):
    body = {
        "awards": [
            {
                "nominee": "Người đã nghỉ",
                "kind": "individual",
                "award": "ldtt",
                "number": "77/QĐ-SNgV",
                "decided_on": "2018-12-20",
            }
        ]
    }
    assert running.client(HEAD).post("/past-awards", json=body).status_code == 403
    waits = running.client(OFFICER).post("/past-awards", json=body)
    assert waits.status_code == 202, waits.text
    proposal = waits.json()["proposal"]["id"]
    done = running.client(DIRECTOR).post(f"/proposals/{proposal}/confirm", json={"pin": "246810"})
    assert done.status_code == 200, done.text
    again = running.client(OFFICER).post("/past-awards", json=body)
    assert (again.status_code, again.json()) == (201, {"added": 0, "known": 1})
    found = next(
        each
        for each in running.client(OFFICER).get("/past-awards").json()["data"]
        if each["number"] == "77/QĐ-SNgV"
    )
    erase = {"of": f"past_award:{found['id']}", "reason": "Theo yêu cầu của người đã nghỉ"}
    waits = running.client(OFFICER).post("/privacy/erasures", json=erase)
    assert waits.status_code == 202, waits.text
    gone = waits.json()["proposal"]["id"]
    done = running.client(DIRECTOR).post(f"/proposals/{gone}/confirm", json={"pin": "246810"})
    assert done.status_code == 200, done.text
    kept = running.client(OFFICER).get(f"/past-awards/{found['id']}").json()
    assert (kept["nominee"], kept["award"]) == ("", "ldtt")
    assert "xóa" in str(kept_proposal(running, proposal)["what"])
