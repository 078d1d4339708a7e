"""Timers of a state: told once, in time, never after the item went on; the clock takes only what is the clock's."""

from datetime import timedelta

import pytest

from notifications.tick import tick
from notifications.translation import translate
from tests.unit.test_definitions import own_process
from tests.waiting import until
from workflow.checking import check_definition
from workflow.commands.setup import SetUp
from workflow.definition import load_definition
from workflow.errors import InvalidInputError
from workflow.queries.audit import verify_database
from workflow.rules import vocabulary

STAFF, HEAD, CHIEF = "staff.htqt@so.example", "head.htqt@so.example", "chief@so.example"
TIMERS = """    timers:
      - {days: 2, tell: [{positions: [chief]}]}
      - {days: 4, take: lapse}
"""
LAPSE = """  - id: lapse
    label: {vi: Hết thời gian chờ, en: Lapsed}
    outcome: {vi: Đơn kết thúc vì không ai xử lý., en: Nobody answered.}
    from: [submitted]
    to: [refused]
    by: clock
    tells_author: true

guarantees:
"""
LAPSES = """scenarios:
  - name: Không ai xử lý
    department: hop-tac-quoc-te
    on: 2022-07-01
    steps:
      - {do: submit, by: author, then: submitted}
      - {do: lapse, by: clock, on: 2022-07-06, refused: timer}
      - {do: lapse, by: head, refused: clock}
      - {do: lapse, by: clock, on: 2022-07-08, then: refused}
"""


def timed(*replacements):
    text = (
        own_process()
        .replace("    working_days: 1\n", f"    working_days: 1\n{TIMERS}")
        .replace("\nguarantees:\n", f"\n{LAPSE}")
        .replace("scenarios:\n", LAPSES)
    )
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new, 1)
    return load_definition(text, "timed.yaml", vocabulary())


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


def test_it_is_checked_and_played(running):
    from api.cli.definitions import load_calendar

    assert [
        str(each)
        for each in check_definition(timed(), load_calendar(running.parts.settings)).problems
    ] == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("take: lapse", "take: refuse"), "không phải là bước chuyển của đồng hồ"),
        (("{days: 4, take: lapse}", "{days: 2, take: lapse}"), "hai hẹn giờ cùng 2 ngày"),
        (("      - {days: 4, take: lapse}\n", ""), "không hẹn giờ nào thực hiện 'lapse'"),
        (("{days: 4, take: lapse}", "{days: 4}"), "ghi một trong hai"),
        (("days: 2,", "days: 0,"), "timed.yaml:"),
    ],
)
def test_a_timer_that_cannot_work_is_refused_at_load(change, sentence):
    with pytest.raises(InvalidInputError) as caught:
        timed(change)
    assert sentence in translate(caught.value)


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
