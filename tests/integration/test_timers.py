"""Timers of a state: told once, in time, never after the item went on; the clock takes only what is the clock's."""

from datetime import timedelta

import pytest

from notifications.tick import tick
from tests.unit.test_references import timed
from tests.waiting import until
from workflow.commands.setup import SetUp
from workflow.queries.audit import verify_database

STAFF, HEAD, CHIEF = "staff.htqt@so.example", "head.htqt@so.example", "chief@so.example"


@pytest.fixture(scope="module")
def office(running):
    running.run(
        running.parts.database.write(
            SetUp(definitions=(timed(),), campaigns=(), organization=None, software="test")
        )
    )
    return running


def pass_days(running, days):
    running.clock._offset += timedelta(days=days)
    running.run(tick(running.parts.database, running.parts.reminders))


def entries(running, code):
    return running.client("auditor@so.example").get(f"/items/{code}/history").json()["data"]


def test_who_waits_too_long_is_told_about_once_then_the_clock_ends_it(office):
    item = office.draft("leave_request", STAFF)
    quick = office.draft("leave_request", STAFF)
    for each in (item, quick):
        assert office.decide(each["code"], "submit", STAFF).status_code == 200
    assert office.decide(quick["code"], "approve", HEAD).status_code == 200
    refused = office.decide(item["code"], "lapse", HEAD)
    assert refused.status_code == 403
    assert "clock" in [each["rule"] for each in refused.json()["reasons"]]
    before = len(office.mails_about(item["code"], HEAD))

    pass_days(office, 5)
    for _ in range(3):
        office.run(tick(office.parts.database, office.parts.reminders))
    until(lambda: office.mails_about(item["code"], CHIEF))
    until(lambda: len(office.mails_about(item["code"], HEAD)) > before)
    assert [each["type"] for each in entries(office, item["code"])] == [
        "created",
        "transition",
        "escalated",
    ]
    assert "đã chờ 2 ngày làm việc" in office.mails_about(item["code"], CHIEF)[0].subject
    assert office.mails_about(quick["code"], CHIEF) == []
    assert office.mails_about(item["code"], HEAD)[-1].decision_links, (
        "the holder is asked again, with a link"
    )

    pass_days(office, 7)
    office.run(tick(office.parts.database, office.parts.reminders))
    assert office.state_of(item["code"]) == "refused"
    last = entries(office, item["code"])[-1]
    assert (last["type"], last["actor"], last["via"]) == ("transition", None, "clock")
    until(
        lambda: [
            mail
            for mail in office.mails_about(item["code"], STAFF)
            if "Hết thời gian chờ" in mail.text
        ]
    )
    with office.signed_in(STAFF) as browser:
        assert "Hệ thống" in browser.get(f"/items/{item['code']}").text
    assert office.parts.database.report_blocking(verify_database).status == 0
    assert len(office.mails_about(item["code"], CHIEF)) == 1
