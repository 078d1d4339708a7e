"""The ledger: the Office's own words in a rung, why a mail went, and what is wrong with a deadline said at its field."""

import re
from datetime import datetime, timedelta

import pytest

from notifications.tick import tick
from tests.waiting import until

pytestmark = pytest.mark.one_database

OFFICER, STAFF, OTHER = "officer@so.example", "staff.ls@so.example", "staff.htqt@so.example"


def terms(running, **more):
    campaign = running.client(OFFICER).get("/campaigns").json()["data"][0]["id"]
    body = {
        "campaign": campaign,
        "kind": "interim",
        "departments": ["lanh-su"],
        "due_at": "2022-06-15T17:00:00+07:00",
    }
    return {**body, "ladder": [{"days": -5, "to": ["drafter"]}], **more}


def test_a_rung_speaks_in_the_offices_words_and_each_mail_leads_to_its_entry(running):
    words = "Báo cáo {kind} của {departments} hạn {due} ({left}). Mẫu ở văn bản 15/VP."
    made = running.client(OFFICER).post(
        "/deadlines", json=terms(running, ladder=[{"days": -5, "to": ["drafter"], "words": words}])
    )
    assert made.status_code == 201, made.text
    assert made.json()["ladder"] == [{"days": -5, "to": ["drafter"], "words": words}]
    running.clock.advance(
        datetime.fromisoformat("2022-06-08T08:00:00+07:00")
        - running.clock.now()
        + timedelta(minutes=1)
    )
    running.run(tick(running.parts.database, running.parts.reminders))
    (mail,) = until(
        lambda: [
            each
            for each in running.mailbox.mails()
            if each.recipient == STAFF and "sơ kết" in each.subject
        ]
    )
    assert (
        "Báo cáo sơ kết của Phòng Lãnh sự hạn 15/06/2022 (còn 5 ngày làm việc). Mẫu ở văn bản 15/VP."
        in " ".join(mail.text.split())
    )
    (entry,) = re.findall(r"/reminders/\d+", mail.text)
    with running.signed_in(STAFF) as browser:
        page = browser.get(entry)
        assert "Còn 5 ngày làm việc đến hạn." in page.text
        assert "15/06/2022" in page.text
        assert browser.get("/reminders").status_code == 403
    with running.signed_in(OTHER) as browser:
        assert browser.get(entry).status_code == 404
    with running.signed_in(OFFICER) as browser:
        assert browser.get(entry).status_code == 200
        ledger = browser.get("/reminders", params={"state": "sent"}).text
        assert "Chuyên viên Phòng Lãnh sự" in ledger
        assert "Chưa có lần nhắc nào" in browser.get("/reminders", params={"state": "failed"}).text


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"ladder": [{"days": -5, "to": ["drafter"], "words": "{person}"}]},
            "chỗ điền không có: person",
        ),
        ({"ladder": [{"days": -5, "to": ["drafter"], "words": "{due"}]}, "không khép"),
        (
            {"ladder": [{"days": -5, "to": ["drafter"], "words": "{due.year}"}]},
            "chỗ điền không có: due.year",
        ),
        (
            {"ladder": [{"days": -5, "to": ["drafter"], "words": "x" * 601}]},
            "dài 601 ký tự, tối đa 600",
        ),
        (
            {"ladder": [{"days": -5, "to": ["drafter"]}, {"days": -5, "to": ["head"]}]},
            "mỗi mốc một ngày riêng",
        ),
        (
            {"due_at": "2022-04-01T17:00:00+07:00", "confirm": True},
            "trước ngày bắt đầu phong trào (28/04/2022)",
        ),
        ({"due_at": "2022-05-04T07:00:00+07:00"}, "đã qua"),
        ({"departments": ["nowhere"]}, "Không có phòng: nowhere"),
    ],
)
def test_what_is_wrong_with_a_deadline_is_one_sentence(running, change, sentence):
    refused = running.client(OFFICER).post("/deadlines", json=terms(running, **change))
    assert refused.status_code == 422
    assert sentence in refused.text


def test_the_form_keeps_the_words_that_were_typed(running):
    form = {
        "campaign": terms(running)["campaign"],
        "kind": "final",
        "departments": ["lanh-su"],
        "due_day": "2022-12-01",
        "due_time": "17:00",
    }
    rung = {"rung-0": "-3", "rung-0-to": ["drafter"], "rung-0-words": "Nhớ {kind} trước {due}"}
    with running.signed_in(OFFICER) as browser:
        refused = browser.post("/deadlines/new", data={**form, **rung, "rung-0-words": "Nhớ {who}"})
        assert refused.status_code == 422
        assert 'value="Nhớ {who}"' in refused.text
        assert (
            browser.post(
                "/deadlines/new", data={**form, **rung}, follow_redirects=False
            ).status_code
            == 303
        )
    assert "Nhớ {kind} trước {due}" in running.client(OFFICER).get("/deadlines").text
