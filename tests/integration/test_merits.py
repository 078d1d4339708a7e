"""Good people and deeds: noted by a department, followed by the Office, drafted into a nomination, exported."""

import io
import re

import pytest
from python_calamine import CalamineWorkbook

from tests.conftest import CAMPAIGN
from workflow.queries.audit import verify_database

pytestmark = pytest.mark.one_database

STAFF, OTHER, OFFICER, AUDITOR = (
    "staff.htqt@so.example",
    "staff.ls@so.example",
    "officer@so.example",
    "auditor@so.example",
)
MERIT = {
    "campaign": CAMPAIGN,
    "recognition": "good_deed",
    "whose_kind": "individual",
    "whose": "Chuyên viên Phòng Hợp tác quốc tế",
    "what": "Trả lại ví cho đoàn khách đánh rơi",
    "story": "Ví có giấy tờ và tiền của trưởng đoàn.",
    "happened_on": "2022-05-03",
}


def note(running, by=STAFF, key=None, **more):
    headers = {"Idempotency-Key": key} if key else {}
    return running.client(by).post("/merits", json={**MERIT, **more}, headers=headers)


def test_a_merit_is_noted_for_ones_own_department_and_read_there_and_by_the_office(running):
    made = note(running, key="a-merit")
    assert made.status_code == 201, made.text
    assert (made.json()["department"], made.json()["standing"]) == ("hop-tac-quoc-te", "noted")
    assert note(running, key="a-merit").json() == made.json()
    assert note(running, key="a-merit", what="Việc khác").status_code == 422
    identity = made.json()["id"]
    seen = {
        by: identity in [each["id"] for each in running.client(by).get("/merits").json()["data"]]
        for by in (STAFF, OTHER, OFFICER, AUDITOR)
    }
    assert seen == {STAFF: True, OTHER: False, OFFICER: True, AUDITOR: True}
    assert running.client(OTHER).get(f"/merits/{identity}").status_code == 404
    assert running.client(AUDITOR).post("/merits", json=MERIT).status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [
        {"campaign": "khong-co"},
        {"recognition": "khong-co"},
        {"whose": "  "},
        {"whose": "x" * 201},
        {"what": "hai\ndòng"},
        {"story": "x" * 4001},
        {"happened_on": "2022-05-05"},
        {"happened_on": "2022-02-30"},
        {"whose_kind": "company"},
        {"what": "\u0000"},
    ],
)
def test_a_merit_that_makes_no_sense_is_refused_and_nothing_is_noted(running, wrong):
    before = len(running.client(OFFICER).get("/merits").json()["data"])
    refused = note(running, **wrong)
    assert refused.status_code == 422
    assert refused.json()["detail"]
    assert len(running.client(OFFICER).get("/merits").json()["data"]) == before


def test_the_office_follows_and_says_what_it_thinks_and_history_has_it(running):
    identity = note(running).json()["id"]
    assert (
        running.client(STAFF)
        .post(f"/merits/{identity}/notes", json={"standing": "followed", "words": "Hay"})
        .status_code
        == 403
    )
    noted = running.client(OFFICER).post(
        f"/merits/{identity}/notes", json={"standing": "followed", "words": "Đã hỏi lại đoàn khách"}
    )
    assert noted.status_code == 201
    assert (noted.json()["standing"], noted.json()["notes"][0]["words"]) == (
        "followed",
        "Đã hỏi lại đoàn khách",
    )
    assert (
        running.client(OFFICER)
        .post(f"/merits/{identity}/notes", json={"standing": "followed"})
        .status_code
        == 422
    )
    assert (
        running.client(OFFICER)
        .post("/merits/99999/notes", json={"standing": "followed", "words": "x"})
        .status_code
        == 404
    )
    entries = running.client(AUDITOR).get("/history").json()["data"]
    assert {"merit_recorded", "merit_noted"} <= {
        each["type"] for each in entries if each["subject"] == f"merit:{identity}"
    }
    assert running.parts.database.report_blocking(verify_database).status == 0


def test_a_nomination_drafted_from_a_merit_begins_with_it_and_is_tied_to_it(running):
    identity = note(running).json()["id"]
    with running.signed_in(STAFF) as browser:
        shown = browser.get("/items/new", params={"type": "nomination", "merit": identity}).text
        assert MERIT["what"] in shown
        assert f'value="{STAFF}" selected' in shown, "found among the people by name"
        assert 'value="good_deed" selected' in shown
        key = re.search(r'name="key" value="(\w+)"', shown).group(1)
        data = {
            "key": key,
            "merit": str(identity),
            "campaign": CAMPAIGN,
            "title": "Đề nghị từ gương tốt",
            "f-nominee_kind": "individual",
            "f-nominee_person": STAFF,
        }
        wrong = browser.post("/items/new?type=nomination", data={**data, "title": " "})
        assert f'name="merit" value="{identity}"' in wrong.text, (
            "a refused form keeps what it began with"
        )
        done = browser.post("/items/new?type=nomination", data=data)
        code = str(done.url).rsplit("/", 1)[1]
    found = running.client(OFFICER).get(f"/merits/{identity}").json()
    assert (found["standing"], found["code"]) == ("nominated", code)
    with running.signed_in(OTHER) as browser:
        assert (
            browser.get("/items/new", params={"type": "nomination", "merit": identity}).status_code
            == 404
        )
        foreign = browser.post("/items/new?type=nomination", data={**data, "key": "c" * 32})
        assert foreign.status_code in {404, 422}
    assert running.client(OFFICER).get(f"/merits/{identity}").json()["code"] == code


def test_it_is_noted_on_the_page_and_exported_as_it_is_shown(running):
    with running.signed_in(STAFF) as browser:
        key = re.search(r'name="key" value="(\w+)"', browser.get("/merits").text).group(1)
        refused = browser.post("/merits", data={**MERIT, "key": key, "what": ""})
        assert refused.status_code == 422
        assert MERIT["story"] in refused.text, "what was typed stays"
        done = browser.post("/merits", data={**MERIT, "key": key, "whose": "=HYPERLINK(1)"})
        assert done.status_code == 200
        assert "=HYPERLINK(1)" in done.text
    with running.signed_in(OFFICER) as browser:
        answer = browser.get("/merits.xlsx", params={"recognition": "good_deed"})
        none = browser.get("/merits.xlsx", params={"recognition": "initiative"})
        posted = browser.post(
            f"{done.url.path}/notes", data={"key": "d" * 32, "standing": "closed", "words": ""}
        )
        assert "Kết thúc theo dõi" in posted.text
    rows = (
        CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    )
    noted = next((row for row in rows if row[3] == "=HYPERLINK(1)"), None)
    assert noted is not None, "text, not a formula"
    assert (noted[2], noted[7]) == ("Cá nhân", "Mới ghi nhận"), "codes are said as on the page"
    assert (
        len(
            CalamineWorkbook.from_filelike(io.BytesIO(none.content))
            .get_sheet_by_index(0)
            .to_python()
        )
        == 3
    )


def test_a_merit_that_is_not_ones_own_to_use_stops_the_form_before_anything_is_drafted(running):
    identity = note(running).json()["id"]
    before = len(running.client(OTHER).get("/items").json()["data"])
    with running.signed_in(OTHER) as browser:
        refused = browser.post(
            "/items/new?type=nomination",
            data={"key": "f" * 32, "merit": str(identity), "campaign": CAMPAIGN, "title": "Mượn"},
        )
    assert refused.status_code in {404, 422}
    assert len(running.client(OTHER).get("/items").json()["data"]) == before
