"""The Office plans a visit, writes down what was found, and follows what is to be mended."""

import pytest

from tests.conftest import CAMPAIGN
from tests.consolidated import OFFICER, consolidated, handed_in
from tests.waiting import until
from workflow.queries.audit import verify_database

pytestmark = pytest.mark.one_database

AUDITOR, FOREIGN = "auditor@so.example", "head.bg@so.example"


@pytest.fixture(autouse=True)
def whole(running):
    yield
    verdict = running.parts.database.report_blocking(verify_database)
    assert verdict.status == 0, verdict.sentence


def deadline(running, kind):
    every = running.client(OFFICER).get("/deadlines").json()["data"]
    return next((each for each in every if each["kind"] == kind), None)


def reminded(running, which):
    rows = running.client(OFFICER).get("/reminders").json()["data"]
    return {
        each["email"]
        for each in rows
        if each["deadline"] == which["id"] and each["state"] == "planned"
    }


def visits_told(running):
    """The mails of the visit of the ninth: that it is planned, then that it is given up."""
    return [
        each
        for each in running.mailbox.mails()
        if "iểm tra" in each.subject and "09/06/2022" in each.subject
    ]


def test_a_visit_and_what_is_to_be_mended_are_reminded_of_as_deadlines_are(running):
    with running.signed_in(OFFICER) as office:
        form = {
            "campaign": CAMPAIGN,
            "department": "lanh-su",
            "on_day": "10/06/2022",
            "inspectors": [OFFICER, "chief@so.example"],
            "about": "Việc phổ biến Kế hoạch",
        }
        late = office.post("/inspections", data={**form, "on_day": "10/06/2023"})
        assert late.status_code == 422
        planned = office.post("/inspections", data=form)
        assert planned.status_code == 200
        page = planned.url.path
        number = page.rpartition("/")[2]
        assert "/help/office#inspection" in office.get(page).text
        visit = deadline(running, f"inspection-{number}")
        assert reminded(running, visit) >= {OFFICER, "chief@so.example"}
        found = {"words": "Chưa phổ biến đủ", "to_mend": "Phổ biến lại", "mend_by": "20/06/2022"}
        assert office.post(page, data={**found, "mend_by": ""}).status_code == 422
        never = office.post(page, data={**found, "mend_by": "31/12/2122"})
        assert never.status_code == 422  # and leaves no row: it can still be recorded
        assert office.post(page, data=found).status_code == 200
        assert office.post(page, data=found).status_code == 422
    mending = deadline(running, f"mending-{number}")
    assert mending["departments"] == ["lanh-su"]
    assert "head.ls@so.example" in reminded(running, mending)
    with running.signed_in("head.ls@so.example") as head:
        assert "/help/approver#inspection" in head.get(page).text
        assert "Phổ biến lại" in head.get(page).text
        assert head.post(page, data={"action": "mended", "words": "Xong"}).status_code == 403
    with running.signed_in(AUDITOR) as auditor:
        assert "Phổ biến lại" in auditor.get(page).text
    with running.signed_in(FOREIGN) as foreign:
        assert foreign.get(page).status_code == 404

    # It is in the agency's report, and what is mended is reminded of no more.
    handed_in(running, "htqt")
    made = running.client(OFFICER).post(
        "/deadlines",
        json={
            "campaign": CAMPAIGN,
            "kind": "interim",
            "departments": ["hop-tac-quoc-te"],
            "due_at": "2022-06-15T17:00:00+07:00",
        },
    )
    code = consolidated(running, str(made.json()["id"]))["consolidated"]
    fields = running.client(AUDITOR).get(f"/items/{code}").json()["fields"]
    assert fields["inspections"] == (
        "Phòng Lãnh sự, 10/06/2022: Chưa phổ biến đủ\n- Phổ biến lại (20/06/2022)"
    )
    with running.signed_in(OFFICER) as office:
        assert office.post(page, data={"action": "mended", "words": "Đã xong"}).status_code == 200
    assert not reminded(running, mending)

    # It is among what is held on who planned it and wrote of it, and on who went.
    number = int(number)
    held = {
        email: running.client(email).get("/me/data").json()["data"]
        for email in (OFFICER, "chief@so.example", "head.ls@so.example")
    }
    assert {
        email: (
            number in {each["id"] for each in data["inspections"]},
            [e["words"] for e in data["notes_on_inspections"] if e["inspection_id"] == number],
        )
        for email, data in held.items()
    } == {
        OFFICER: (True, ["Chưa phổ biến đủ", "Đã xong"]),
        "chief@so.example": (True, []),
        "head.ls@so.example": (False, []),
    }


def test_the_interface_plans_and_writes_down_as_the_pages_do(running):
    office, head = running.client(OFFICER), running.client("head.ls@so.example")
    body = {
        "campaign": CAMPAIGN,
        "department": "lanh-su",
        "on_day": "2022-06-10",
        "inspectors": [OFFICER],
        "about": "Việc phổ biến Kế hoạch",
    }
    assert head.post("/inspections", json=body).status_code == 403
    given_up = office.post("/inspections", json={**body, "on_day": "2022-06-09"}).json()
    note = {"outcome": "cancelled", "words": "Đoàn công tác đột xuất"}
    assert office.post(f"/inspections/{given_up['id']}/notes", json=note).status_code == 201
    told = until(lambda: len(found := visits_told(running)) == 2 and found)
    assert [each.recipient for each in told] == ["head.ls@so.example"] * 2
    assert f"/inspections/{given_up['id']}" in told[0].text
    assert "Đoàn công tác" not in told[1].text, "why stands behind the sign-in"
    assert office.post("/inspections", json={**body, "on_day": "2122-06-10"}).status_code == 422
    made = office.post("/inspections", json=body)
    assert (made.status_code, made.json()["inspectors"]) == (201, [OFFICER])
    notes = f"/inspections/{made.json()['id']}/notes"
    found = {
        "outcome": "recorded",
        "words": "Chưa đủ",
        "to_mend": "Bổ sung",
        "mend_by": "2022-06-20",
    }
    assert office.post(notes, json={**found, "mend_by": "2122-12-31"}).status_code == 422
    assert office.post(notes, json=found).status_code == 201
    seen = head.get("/inspections").json()["data"][0]
    assert seen["id"] == made.json()["id"]
    assert (seen["notes"][0]["mend_by"], seen["is_over"]) == ("2022-06-20", False)
    assert running.client(FOREIGN).get("/inspections").json()["data"] == []
    mended = office.post(notes, json={"outcome": "mended", "words": "Đã xong"})
    assert (mended.status_code, mended.json()["is_over"]) == (201, True)
