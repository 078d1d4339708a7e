"""Extensions: asked with a reason, decided by the Office, in the history, and a deadline of one's own afterwards."""

import pytest

from tests.waiting import until
from workflow.queries.audit import verify_database

pytestmark = pytest.mark.one_database

OFFICER, STAFF, OTHER, AUDITOR = (
    "officer@so.example",
    "staff.ls@so.example",
    "staff.htqt@so.example",
    "auditor@so.example",
)


def deadline(running, kind, departments=("lanh-su", "hop-tac-quoc-te")):
    campaign = running.client(OFFICER).get("/campaigns").json()["data"][0]["id"]
    body = {
        "campaign": campaign,
        "kind": kind,
        "departments": list(departments),
        "due_at": "2022-06-15T17:00:00+07:00",
    }
    made = running.client(OFFICER).post("/deadlines", json=body)
    assert made.status_code == 201, made.text
    return made.json()


def ask(running, found, by=STAFF, **more):
    body = {"wanted_at": "2022-06-25T17:00:00+07:00", "why": "Đoàn công tác về muộn", **more}
    return running.client(by).post(f"/deadlines/{found['id']}/extensions", json=body)


def decide(running, extension, by=OFFICER, key=None, **body):
    headers = {"Idempotency-Key": key} if key else {}
    return running.client(by).post(f"/extensions/{extension}", json=body, headers=headers)


def test_a_granted_extension_gives_the_department_its_own_deadline_and_leaves_the_others(running):
    found = deadline(running, "interim")
    asked = ask(running, found)
    assert asked.status_code == 201, asked.text
    until(
        lambda: [
            each
            for each in running.mailbox.mails()
            if each.recipient == OFFICER and "[Xin gia hạn]" in each.subject
        ]
    )
    granted = decide(running, asked.json()["id"], granted=True, key="grant")
    assert granted.status_code == 200, granted.text
    own = granted.json()
    assert (own["departments"], own["due_at"]) == (["lanh-su"], "2022-06-24T10:00:00.000000Z"), (
        "25 June was a Saturday"
    )
    assert own["ladder"] == found["ladder"]
    rest = running.client(OFFICER).get(f"/deadlines/{found['id']}").json()
    assert (rest["departments"], rest["due_at"]) == (["hop-tac-quoc-te"], found["due_at"])
    assert decide(running, asked.json()["id"], granted=True, key="grant").json() == own
    assert decide(running, asked.json()["id"], granted=False, answer="Không").status_code == 422
    rows = running.client(OFFICER).get("/reminders").json()["data"]
    assert {row["deadline"] for row in rows if row["email"] == STAFF} == {own["id"]}
    until(
        lambda: [
            each
            for each in running.mailbox.mails()
            if each.recipient == STAFF and "Đã gia hạn" in each.subject
        ]
    )
    entries = running.client(AUDITOR).get("/history").json()["data"]
    assert {"extension_asked", "extension_granted"} <= {
        each["type"] for each in entries if each["subject"] == f"deadline:{found['id']}"
    }
    assert running.parts.database.report_blocking(verify_database).status == 0


def test_a_refusal_needs_words_and_changes_nothing(running):
    found = deadline(running, "final")
    asked = ask(running, found).json()
    assert decide(running, asked["id"], granted=False).status_code == 422
    assert decide(running, asked["id"], by=STAFF, granted=True).status_code == 403
    refused = decide(running, asked["id"], granted=False, answer="Tỉnh đã ấn định hạn")
    assert refused.status_code == 200
    assert refused.json()["departments"] == found["departments"]
    mail = until(
        lambda: [
            each
            for each in running.mailbox.mails()
            if each.recipient == STAFF and "Không gia hạn" in each.subject
        ]
    )[0]
    assert "Tỉnh đã ấn định hạn" in mail.text
    again = ask(running, found)
    assert again.status_code == 201, "a department may ask again"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"why": " "}, 422),
        ({"wanted_at": "2022-06-10T17:00:00+07:00"}, 422),
        ({"wanted_at": "2022-06-25T17:00:00"}, 422),
        ({"department": "quan-ly-bien-gioi"}, 404),
        ({"department": "hop-tac-quoc-te"}, 403),
    ],
)
def test_what_cannot_be_asked_is_refused(running, change, status):
    found = deadline(running, "nominations")
    assert ask(running, found, **change).status_code == status


def test_on_the_page_a_department_asks_and_the_office_answers(running):
    found = deadline(running, "quarterly", ["lanh-su"])
    with running.signed_in(STAFF) as browser:
        assert f"/deadlines/{found['id']}/extension" in browser.get("/deadlines").text
        wrong = browser.post(
            f"/deadlines/{found['id']}/extension", data={"day": "2022-06-01", "why": "Đi công tác"}
        )
        assert wrong.status_code == 422
        assert "Đi công tác" in wrong.text
        sent = browser.post(
            f"/deadlines/{found['id']}/extension",
            data={"day": "2022-06-30", "why": "Đi công tác"},
            follow_redirects=True,
        )
        assert "Đang chờ Văn phòng Sở trả lời" in sent.text
        assert (
            browser.post(
                f"/deadlines/{found['id']}/extension", data={"day": "2022-06-30", "why": "Nữa"}
            ).status_code
            == 422
        )
    with running.signed_in(OTHER) as browser:
        assert browser.get(f"/deadlines/{found['id']}/extension").status_code == 404
    with running.signed_in(OFFICER) as browser:
        assert "xin gia hạn báo cáo" in browser.get("/office").text
        page = browser.get("/deadlines").text
        extension = page.split("/deadlines/extensions/")[-1].split('"')[0]
        assert (
            browser.post(f"/deadlines/extensions/{extension}", data={"answer": ""}).status_code
            == 422
        )
        assert (
            browser.post(
                f"/deadlines/extensions/{extension}", data={"decision": "refuse"}
            ).status_code
            == 422
        )
        browser.post(f"/deadlines/extensions/{extension}", data={"decision": "grant"})
    assert (
        running.client(OFFICER).get(f"/deadlines/{found['id']}").json()["due_at"]
        == "2022-06-30T10:00:00.000000Z"
    )
