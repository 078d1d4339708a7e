"""What the Office has to see to: each concern with its repair, and the digest of the week, once, only when there is something."""

import re
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from notifications.tick import tick
from tests.guards import unguarded
from tests.waiting import until
from workflow.queries.attention import Worry, concerns
from workflow.queries.audit import verify_database
from workflow.store.people import load_directory

pytestmark = pytest.mark.one_database

OFFICER, CHIEF, STAFF = "officer@so.example", "chief@so.example", "staff.htqt@so.example"


def found(running):
    return running.parts.database.report_blocking(
        lambda connection: concerns(running.parts.context, connection)
    )


def move_to(running, instant):
    running.clock.advance(max(datetime.fromisoformat(instant) - running.clock.now(), timedelta(0)))


def ticked(running):
    return running.run(tick(running.parts.database, running.parts.reminders))


def weekly(running, who):
    return [
        each
        for each in running.mailbox.mails()
        if each.recipient == who and "[Vướng mắc]" in each.subject
    ]


def present_head(running, department):
    """The address of who heads a department by now: a letter may have been put right before."""
    today = running.clock.now().date().isoformat()
    (head,) = running.parts.database.report_blocking(
        lambda connection: [
            each.email
            for each in load_directory(connection, today).people.values()
            if each.is_active and each.department == department and each.position == "head"
        ]
    )
    return head


def test_nothing_amiss_is_said_so_and_no_digest_goes(running):
    assert found(running) == []
    move_to(running, "2022-05-09T08:00:00+07:00")
    ticked(running)
    with running.signed_in(OFFICER) as browser:
        page = browser.get("/office")
        assert "Không có gì vướng" in page.text
    assert weekly(running, OFFICER) == []


def test_late_items_and_reports_are_named_with_who_holds_them_and_the_week_is_told_once(running):
    item = running.item_in("submitted")
    body = {
        "campaign": item["campaign"],
        "kind": "interim",
        "departments": ["lanh-su", "hop-tac-quoc-te"],
        "due_at": "2022-05-20T17:00:00+07:00",
        "ladder": [{"days": -1, "to": ["drafter"]}],
    }
    assert running.client(OFFICER).post("/deadlines", json=body).status_code == 201
    move_to(running, "2022-05-18T09:00:00+07:00")
    assert [each.worry for each in found(running)] == [
        Worry.LATE_ITEM,
        Worry.DUE_SOON,
        Worry.DUE_SOON,
    ]
    move_to(running, "2022-05-23T07:59:00+07:00")
    ticked(running)
    assert weekly(running, OFFICER) == []
    move_to(running, "2022-05-23T08:01:00+07:00")
    for _ in range(3):
        ticked(running)
    (mail,) = until(lambda: weekly(running, OFFICER))
    assert item["code"] in mail.text
    assert "Trưởng phòng Hợp tác quốc tế" in mail.text
    assert "Phòng Lãnh sự quá hạn 1 ngày làm việc: Báo cáo sơ kết" in " ".join(mail.text.split())
    assert len(until(lambda: weekly(running, CHIEF))) == 1
    assert weekly(running, STAFF) == []
    with running.signed_in(OFFICER) as browser:
        page = browser.get("/office").text
        assert "Báo cáo quá hạn (2)" in page
        assert item["code"] in page
    with running.signed_in(STAFF) as browser:
        assert browser.get("/office").status_code == 403


def test_a_deadline_that_reminds_nobody_is_named(running):
    item = running.draft()
    body = {
        "campaign": item["campaign"],
        "kind": "final",
        "departments": ["quan-ly-bien-gioi"],
        "due_at": "2022-12-20T17:00:00+07:00",
        "ladder": [{"days": 1, "to": ["head"]}],
    }
    assert running.client(OFFICER).post("/deadlines", json=body).status_code == 201
    assert Worry.NOBODY_REMINDED in {each.worry for each in found(running)}


def test_an_undeliverable_letter_is_a_task_and_goes_to_the_corrected_address(running):
    item = running.item_in("submitted")
    head = "head.htqt@so.example"
    until(lambda: running.mails_about(item["code"], head))
    with running.parts.engines.write.connect() as connection, connection.begin():
        key = connection.execute(
            text("SELECT id FROM people WHERE email = :email"), {"email": head}
        ).scalar()
        dead = "UPDATE outbox SET state = 'dead', last_code = '550 5.1.1' WHERE person = :person AND kind = 'task' AND item_id = (SELECT id FROM items WHERE code = :code)"
        with unguarded(connection, dead):
            connection.execute(text(dead), {"person": key, "code": item["code"]})
    with running.signed_in(OFFICER) as browser:
        page = browser.get("/office").text
        assert "Thư không gửi được" in page
        assert "550 5.1.1" in page
        letter = page.split("/office/letters/")[1].split("/")[0]
        wrong = browser.post(
            f"/office/letters/{letter}/again", data={"address": "two@so.example, three@so.example"}
        )
        assert wrong.status_code == 422
        right = browser.post(
            f"/office/letters/{letter}/again",
            data={"address": "head.moi@so.example"},
            follow_redirects=True,
        )
        assert right.status_code == 200
    # The head's address is changed by two: the Office proposes, the Director confirms.
    (proposal,) = running.client("director@so.example").get("/proposals").json()["data"]
    confirmed = running.client("director@so.example").post(
        f"/proposals/{proposal['id']}/confirm", json={"pin": "246810"}
    )
    assert confirmed.status_code == 200, confirmed.text
    until(lambda: running.mails_about(item["code"], "head.moi@so.example"))


def test_a_group_is_reminded_by_one_form_that_says_whom(running):
    item = running.draft()
    terms = {"campaign": item["campaign"], "ladder": [{"days": -1, "to": ["drafter"]}]}
    due = running.clock.now() + timedelta(days=1)
    for kind in ("interim", "final"):
        departments = ["lanh-su", "hop-tac-quoc-te"]
        body = {**terms, "kind": kind, "departments": departments, "due_at": due.isoformat()}
        assert running.client(OFFICER).post("/deadlines", json=body).status_code == 201
    running.clock.advance(timedelta(days=5))
    with running.signed_in(OFFICER) as browser:
        assert 'href="/office/remind/late_report"' in browser.get("/office").text
        form = browser.get("/office/remind/late_report").text
        assert "Trưởng phòng Lãnh sự" in form
        named = re.findall(r'name="owing"\s+value="([^"]+)"', form)
        assert len(named) >= 4
        sent = {"key": re.search(r'name="key" value="(\w+)"', form)[1], "owing": named}
        empty = browser.post("/office/remind/late_report", data={**sent, "message": " "})
        assert empty.status_code == 422
        sent["message"] = "Đề nghị nộp ngay."
        nobody = browser.post("/office/remind/late_report", data={**sent, "owing": []})
        assert nobody.status_code == 422
        some = browser.post(
            "/office/remind/late_report", data={**sent, "owing": named[:1], "message": "x" * 2001}
        )
        assert len(re.findall(r"\bchecked\b", some.text)) == 1, "who was chosen stays chosen"
        for _ in range(2):
            done = browser.post("/office/remind/late_report", data=sent)
            assert f"Đã đôn đốc {len(named)} báo cáo." in done.text
        other = browser.post("/office/remind/late_report", data={**sent, "message": "Khác"})
        assert other.status_code == 422, "one form is one act: sent otherwise, it is refused"
        assert browser.get("/office/remind/stuck").status_code == 404
    with running.signed_in(STAFF) as browser:
        assert browser.get("/office/remind/late_report").status_code == 403
    entries = (
        running.client("auditor@so.example").get("/history", params={"limit": 200}).json()["data"]
    )
    assert [each["type"] for each in entries].count("reminded") == len(named), "one for each report"
    mails = until(
        lambda: (
            (found := [each for each in running.mailbox.mails() if sent["message"] in each.text])
            and len(found) >= 2 * len(named)
            and found
        )
    )
    to_head = [each.recipient for each in mails].count("head.ls@so.example")
    assert to_head == sum("lanh-su" in each for each in named)


def test_whoever_holds_late_items_is_urged_by_one_form_in_one_mail_each(running):
    late = [running.item_in("submitted")["code"] for _ in range(2)]
    moved = running.item_in("submitted")["code"]
    head = present_head(running, "hop-tac-quoc-te")
    running.clock.advance(timedelta(days=30))
    address = "/office/remind/late_item"
    with running.signed_in(OFFICER) as browser:
        assert f'href="{address}"' in browser.get("/office").text
        form = browser.get(address).text
        assert "Trưởng phòng Hợp tác quốc tế" in form
        assert {*late, moved} <= {*re.findall(r'name="owing"\s+value="([^"]+)"', form)}
        assert running.decide(moved, "approve_department", head).is_success
        sent = {
            "key": re.search(r'name="key" value="(\w+)"', form)[1],
            "owing": [*late, *late, moved, "DN-2022-9999"],
            "message": "Đề nghị xử lý trong ngày.",
        }
        for wrong in ({"message": " "}, {"owing": []}, {"owing": ["x"] * 101}):
            assert browser.post(address, data={**sent, **wrong}).status_code == 422, wrong
        for _ in range(2):
            assert "Đã đôn đốc 2 hồ sơ." in browser.post(address, data=sent).text
        assert browser.post(address, data={**sent, "message": "Khác"}).status_code == 422
    with running.signed_in(STAFF) as browser:
        assert browser.post(address, data=sent).status_code == 403
    for code in late:
        entries = running.client("auditor@so.example").get(f"/items/{code}/history").json()["data"]
        assert [each["type"] for each in entries].count("holders_urged") == 1
    mails = until(
        lambda: (
            (got := [each for each in running.mailbox.mails() if sent["message"] in each.text])
            and len(got) >= 2
            and got
        )
    )
    assert sorted(each.recipient for each in mails) == ["deputy.htqt@so.example", head]
    assert all(mail.html.count(f"/items/{code}") == 1 for mail in mails for code in late)
    assert running.parts.database.report_blocking(verify_database).status == 0
