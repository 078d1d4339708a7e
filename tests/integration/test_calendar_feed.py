"""The private calendar: what it says, that it updates, that only its address opens it, and that it ends; and the day in reminders."""

from datetime import datetime, timedelta
from email import message_from_bytes

import icalendar
import pytest

from notifications.tick import tick
from tests.waiting import until

pytestmark = pytest.mark.one_database

OFFICER, STAFF, HEAD = "officer@so.example", "staff.ls@so.example", "head.ls@so.example"


def address(running, who, **form):
    with running.signed_in(who) as browser:
        page = browser.post("/deadlines/calendar/feed", data=form).text
        return (
            page.split(f"{running.base_url}/feeds/")[1].split(".ics")[0]
            if "/feeds/" in page
            else None
        )


def events(running, token):
    with running.browser() as stranger:
        answer = stranger.get(f"/feeds/{token}.ics")
    if answer.status_code != 200:
        return answer.status_code
    calendar = icalendar.Calendar.from_ical(answer.content)
    assert [each.get("tzid") for each in calendar.walk("VTIMEZONE")] == ["Asia/Ho_Chi_Minh"]
    return {str(each["uid"]).split("@")[0]: each for each in calendar.walk("VEVENT")}


def set_deadline(running):
    campaign = running.client(OFFICER).get("/campaigns").json()["data"][0]["id"]
    body = {
        "campaign": campaign,
        "kind": "interim",
        "departments": ["lanh-su"],
        "due_at": "2022-06-15T17:00:00+07:00",
    }
    return running.client(OFFICER).post("/deadlines", json=body).json()


def test_a_feed_says_deadlines_and_tasks_without_titles_and_follows_their_changes(running):
    found = set_deadline(running)
    item = running.draft(author=STAFF)
    assert running.decide(item["code"], "submit", STAFF).status_code == 200
    token = address(running, HEAD)
    first = events(running, token)
    assert set(first) == {f"deadline-{found['id']}", f"task-{item['code']}-2"}
    event = first[f"deadline-{found['id']}"]
    assert event.end.isoformat() == "2022-06-15T17:00:00+07:00"
    assert [each.get("trigger").dt for each in event.walk("VALARM")] == [timedelta(days=-1)]
    assert all(
        item["title"] not in str(each.get(name))
        for each in first.values()
        for name in ("summary", "description")
    )
    change = {"due_at": "2022-06-16T17:00:00+07:00"}
    assert (
        running.client(OFFICER)
        .patch(f"/deadlines/{found['id']}", json=change, headers={"If-Match": '"1"'})
        .status_code
        == 200
    )
    moved = events(running, token)[f"deadline-{found['id']}"]
    assert (moved.end.isoformat(), moved["sequence"]) == (
        "2022-06-16T17:00:00+07:00",
        event["sequence"] + 1,
    )


def test_an_address_ends_when_it_is_made_anew_or_ended_and_strangers_find_nothing(running):
    old = address(running, STAFF)
    new = address(running, STAFF)
    assert events(running, old) == 404
    assert isinstance(events(running, new), dict)
    assert address(running, STAFF, action="end") is None
    assert events(running, new) == 404
    assert [events(running, f"x{each}") for each in range(25)] == [404] * 25
    with running.browser() as stranger:
        assert str(stranger.post("/deadlines/calendar/feed").url).endswith("/sign-in")


def test_a_reminder_brings_its_day_as_an_alternative_and_no_attachment(running):
    found = set_deadline(running)
    running.clock.advance(datetime.fromisoformat("2022-06-08T08:01:00+07:00") - running.clock.now())
    running.run(tick(running.parts.database, running.parts.reminders))
    mail = until(
        lambda: [
            each
            for each in running.mailbox.mails()
            if each.recipient == STAFF and "sơ kết" in each.subject
        ]
    )[-1]
    raw = sorted(running.mailbox._folder.glob("[0-9]*.eml"))[mail.number - 1].read_bytes()
    parts = {
        part.get_content_type(): part
        for part in message_from_bytes(raw).walk()
        if not part.is_multipart()
    }
    assert list(parts) == ["text/plain", "text/html", "text/calendar"]
    assert all(part.get_content_disposition() is None for part in parts.values())
    (event, *_) = icalendar.Calendar.from_ical(
        parts["text/calendar"].get_payload(decode=True)
    ).walk("VEVENT")
    assert str(event["uid"]).startswith("deadline-")
    assert found["id"]
