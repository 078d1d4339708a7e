"""The Office sets a day of the calendar: it sees what would move, and what is due follows once it
confirms; the history has who set it, and by which notice."""

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from notifications.translation import translate
from tests.waiting import until
from workflow.commands.keep_calendar import is_calendar_recorded
from workflow.context import People
from workflow.deadlines import Roll, WorkingCalendar
from workflow.queries.audit import verify_database

pytestmark = pytest.mark.one_database

OFFICER, STAFF, AUDITOR = "officer@so.example", "staff.htqt@so.example", "auditor@so.example"
DAYS = "/deadlines/calendar/days"
NOTICE = "77/VPCP-KGVX ngày 04/05/2022"
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def day_of(instant):
    return datetime.fromisoformat(instant).astimezone(ZONE).date()


def written(day):
    return day.strftime("%d/%m/%Y")


def set_day(running, day, kind, notice=NOTICE, **more):
    with running.signed_in(OFFICER) as browser:
        shown = browser.get("/deadlines/calendar").text
        key = re.search(r'name="key" value="(\w+)"', shown)[1]
        sent = {"key": key, "day": written(day), "kind": kind, "notice": notice, **more}
        return browser.post(DAYS, data=sent)


@pytest.fixture(scope="module")
def item(running):
    return running.item_in("submitted")


@pytest.fixture(scope="module")
def deadline(running, item):
    """A deadline on the day on which the item is due."""
    body = {
        "campaign": item["campaign"],
        "kind": "interim",
        "departments": ["lanh-su"],
        "due_at": f"{day_of(item['due_at'])}T17:00:00+07:00",
    }
    made = running.client(OFFICER).post("/deadlines", json=body)
    assert made.status_code == 201, made.text
    return made.json()


def due_of(running, item):
    return running.client(AUDITOR).get(f"/items/{item['code']}").json()["due_at"]


def deadline_due(running, deadline):
    return running.client(OFFICER).get(f"/deadlines/{deadline['id']}").json()["due_at"]


def test_what_would_move_is_shown_and_nothing_is_written(running, item, deadline):
    day = day_of(item["due_at"])
    page = set_day(running, day, "rest")
    assert page.status_code == 200
    assert f"{written(day)} → " in page.text, "the item's due day"
    assert item["code"] in page.text
    assert "Báo cáo sơ kết: 17:00" in page.text
    assert NOTICE in page.text
    assert due_of(running, item) == item["due_at"]
    assert deadline_due(running, deadline) == deadline["due_at"]
    assert running.parts.context.calendar.is_working(day)


def test_confirmed_what_is_due_follows_and_the_history_has_who_and_why(running, item, deadline):
    day = day_of(item["due_at"])
    page = set_day(running, day, "rest", confirm="yes")
    assert page.status_code == 200
    assert "Đã ghi vào lịch" in page.text
    assert NOTICE in page.text
    calendar = running.parts.context.calendar
    assert not calendar.is_working(day)
    moved = day_of(due_of(running, item))
    assert moved == calendar.shift(day, 1), "a step that ended on it ends a working day later"
    before = datetime.fromisoformat(deadline["due_at"])
    assert datetime.fromisoformat(deadline_due(running, deadline)) == calendar.roll(
        before, Roll.PREVIOUS
    )
    with running.signed_in(AUDITOR) as browser:
        history = browser.get("/history").text
        assert "đặt lịch làm việc" in history
        assert NOTICE in history
        assert "chuyển hạn của hồ sơ" in history

    def letters():
        found = [each for each in running.mailbox.mails() if "Lịch làm việc đổi" in each.subject]
        concerned = {"head.htqt@so.example", "staff.ls@so.example"}
        return found if concerned <= {each.recipient for each in found} else None

    told = until(letters)
    said = {each.recipient: each.text for each in told}
    assert len(told) == len(said), "one mail to each"
    assert f"/items/{item['code']}" in said["head.htqt@so.example"]
    assert "sơ kết" in said["staff.ls@so.example"]
    assert OFFICER not in said, "whoever set it knows"
    report = running.parts.database.report_blocking
    verdict = report(verify_database)
    assert verdict.status == 0, translate(verdict.sentence)
    assert report(partial(is_calendar_recorded, running.parts.context)), "the clock adds nothing"


def test_another_process_follows(running, item):
    day = day_of(item["due_at"])
    known = running.parts.context.calendar
    other = WorkingCalendar(known.corrections, known.zone)
    assert other.is_working(day)
    context = replace(running.parts.context, calendar=other, people=People())
    running.parts.database.report_blocking(
        lambda connection: context.directory(connection, running.parts.clock.now())
    )
    assert not other.is_working(day)


def test_taken_back_the_items_are_due_as_before(running, item):
    day = day_of(item["due_at"])
    with running.signed_in(OFFICER) as browser:
        assert f'value="{written(day)}"' in browser.get("/deadlines/calendar").text
    assert set_day(running, day, "lift", "", confirm="yes").status_code == 200
    assert running.parts.context.calendar.is_working(day)
    assert due_of(running, item) == item["due_at"]


@pytest.mark.parametrize(
    ("day", "kind", "notice", "sentence"),
    [
        (date(2022, 5, 3), "work", NOTICE, "ngày đã qua"),
        (date(2024, 1, 1), "work", NOTICE, "hết năm sau"),
        (date(2022, 9, 2), "work", "", "số văn bản thông báo"),
        (date(2022, 9, 2), "work", "x" * 121, "tối đa 120"),
        (date(2022, 9, 2), "lift", "", "chưa đặt gì"),
        (date(2022, 9, 1), "rest", "245/VPCP-KGVX ngày 11/01/2022", "đã như vậy"),
        (date(2022, 9, 2), "holiday", NOTICE, "ngày nghỉ hay ngày làm việc"),
    ],
)
def test_what_cannot_be_set_is_refused_before_it_is_shown(running, day, kind, notice, sentence):
    for more in ({}, {"confirm": "yes"}):
        refused = set_day(running, day, kind, notice, **more)
        assert refused.status_code == 422
        assert sentence in refused.text
        assert f'value="{written(day)}"' in refused.text, "what was typed stays"


def test_only_the_office_sets_days(running):
    with running.signed_in(STAFF) as browser:
        assert DAYS not in browser.get("/deadlines/calendar").text
        sent = {"day": "02/09/2022", "kind": "work", "notice": NOTICE}
        assert browser.post(DAYS, data={**sent, "confirm": "yes"}).status_code == 403
    assert not running.parts.context.calendar.is_working(date(2022, 9, 2))


def test_a_day_that_would_make_something_late_at_once_is_refused(running, deadline):
    """On the eve, after the office has closed: a deadline of tomorrow would have been due today."""
    before = deadline_due(running, deadline)
    due = datetime.fromisoformat(before)
    eve = running.parts.context.calendar.roll(due - timedelta(days=1), Roll.PREVIOUS)
    running.clock.advance(eve.replace(hour=18) - running.clock.now())
    for more in ({}, {"confirm": "yes"}):
        refused = set_day(running, day_of(before), "rest", **more)
        assert refused.status_code == 422
        assert "trễ ngay" in refused.text
    assert deadline_due(running, deadline) == before
    assert running.parts.context.calendar.is_working(day_of(before))


def test_a_day_that_somebody_set_otherwise_meanwhile_is_looked_at_again(running):
    day = running.parts.context.calendar.local_day(running.clock.now()) + timedelta(days=90)
    looked = set_day(running, day, "rest")
    seen = re.search(r'name="seen" value="([^"]*)"', looked.text)[1]
    theirs = set_day(running, day, "work", "12/TB-SNV", confirm="yes")
    assert theirs.status_code == 200
    refused = set_day(running, day, "rest", confirm="yes", seen=seen)
    assert refused.status_code == 409
    assert NOTICE in refused.text, "what was typed stays"
    assert running.parts.context.calendar.day(day).is_working
    assert set_day(running, day, "lift", "", confirm="yes").status_code == 200
