"""Mails gathered at hours of one's choice: nobody's by default, one link an item, nothing lost when the server refuses, single mails again when that is chosen."""

import re
from datetime import datetime, timedelta

import httpx2
import pytest
from sqlalchemy import select, text

from notifications import claims
from notifications.outbox import next_digest
from notifications.tick import tick
from tests.integration.test_letters import NOMINEE, buttons, nominated
from tests.waiting import until
from workflow.store import schema

pytestmark = pytest.mark.one_database

HEAD, DEPUTY, STAFF = "head.htqt@so.example", "deputy.htqt@so.example", "staff.htqt@so.example"


def choose(running, email, *hours):
    with running.signed_in(email) as browser:
        page = browser.post("/security/mails", data={"hour": [str(each) for each in hours]})
        assert page.status_code == 200
        assert "Đã lưu" in page.text
        return page.text


def move_to(running, instant):
    running.clock.advance(datetime.fromisoformat(instant) - running.clock.now())
    running.run(tick(running.parts.database, running.parts.reminders))
    running.parts.delivery.wake()


def mails_to(running, email):
    return [each for each in running.mailbox.mails() if each.recipient == email]


def test_what_waits_comes_once_at_the_hour_with_a_link_for_each_item_and_others_get_theirs_at_once(
    running,
):
    page = choose(running, HEAD, 10, 14)
    assert len(re.findall(r"\bchecked\b", page)) == 2
    first, second = nominated(running), nominated(running)
    for code in (first, second):
        until(lambda code=code: running.mails_about(code, DEPUTY))
    assert mails_to(running, HEAD) == [], "not before the hour"
    version = running.client(STAFF).get(f"/items/{second}").json()["version"]
    edited = running.client(STAFF).patch(
        f"/items/{second}",
        json={"fields": {"unit_vote": "5/6 người nhất trí"}},
        headers={"If-Match": f'"{version}"'},
    )
    assert edited.status_code == 200, edited.text
    withdrawn = nominated(running)
    assert running.decide(withdrawn, "withdraw", STAFF, to="drafted").status_code == 200
    move_to(running, "2022-05-04T10:00:30+07:00")
    (mail,) = until(lambda: mails_to(running, HEAD))
    assert mail.subject == "[Thư gộp] 2 hồ sơ chờ xử lý"
    assert len(mail.decision_links) == 2
    assert set(re.findall(r"DN-\d+-\d+", mail.subject + mail.html)) == {first, second}, (
        "what was withdrawn meanwhile is left out"
    )
    assert NOMINEE not in mail.html + mail.text + mail.subject
    assert [label for label, _ in buttons(mail)] == ["Đăng nhập, quyết định cùng lúc"]
    with running.browser() as anybody:
        asked = anybody.get(buttons(mail)[0][1])
        assert "/sign-in" in str(asked.url), "deciding on several takes a session"
    with running.signed_in(HEAD) as browser:
        together = browser.get(buttons(mail)[0][1]).text
        assert first in together
        assert second in together
    answers = [
        httpx2.post(link, data={"decision": "approve_department", "version": shown(link)})
        for link in mail.decision_links
    ]
    assert [each.status_code for each in answers] == [200, 200]
    assert {running.state_of(code) for code in (first, second)} == {"department_approved"}


def shown(link):
    return re.search(r'name="version" value="(\d+)"', httpx2.get(link).text)[1]


def test_a_digest_with_nothing_left_does_not_go_and_single_mails_come_when_chosen_again(running):
    before = len(mails_to(running, HEAD))
    code = nominated(running)
    until(lambda: running.mails_about(code, DEPUTY))
    assert running.decide(code, "approve_department", DEPUTY).status_code == 200
    move_to(running, "2022-05-04T14:00:30+07:00")
    choose(running, HEAD)
    code = nominated(running)
    mail = until(lambda: running.mails_about(code, HEAD))[0]
    assert mail.subject.startswith("[Trình duyệt]")
    gathered = [each for each in mails_to(running, HEAD)[before:] if "Thư gộp" in each.subject]
    assert not [link for each in gathered for link in each.decision_links]


def test_an_author_reads_in_one_mail_what_happened_with_the_reason(running):
    choose(running, STAFF, 15)
    code = nominated(running)
    done = running.decide(code, "return", HEAD, comment="Bổ sung số liệu", mend=["achievements"])
    assert done.status_code == 200, done.text
    move_to(running, "2022-05-04T15:00:30+07:00")
    mail = until(
        lambda: [each for each in mails_to(running, STAFF) if "[Thư gộp]" in each.subject]
    )[-1]
    assert "hồ sơ có tin mới" in mail.subject
    assert "1 mục cần sửa" in mail.text
    assert "“Bổ sung số liệu”" in mail.text
    assert f"{running.base_url}/items/{code}/edit" in mail.urls
    choose(running, STAFF)


def test_a_fresh_link_that_is_asked_for_comes_at_once_and_nothing_is_left_behind(running):
    choose(running, DEPUTY, 16)
    code = nominated(running)
    move_to(running, "2022-05-04T16:00:30+07:00")
    (link,) = until(
        lambda: [
            each
            for mail in mails_to(running, DEPUTY)
            for each in mail.decision_links
            if "Thư gộp" in mail.subject
        ]
    )
    version = running.client(STAFF).get(f"/items/{code}").json()["version"]
    running.client(STAFF).patch(
        f"/items/{code}",
        json={"fields": {"unit_vote": "4/6"}},
        headers={"If-Match": f'"{version}"'},
    )
    assert httpx2.post(f"{link}/fresh").status_code == 200
    until(lambda: running.mails_about(code, DEPUTY))
    with running.parts.engines.read.connect() as connection:
        held = connection.execute(
            select(schema.outbox.c.kind, schema.outbox.c.due_at).where(
                schema.outbox.c.next_at >= "9999", schema.outbox.c.state == "new"
            )
        ).all()
    assert all(each.due_at > "2022-05-04T09:00:30" for each in held), "only for a time to come"


def returned(running, count):
    """Return the codes of items that came back to their author, who is told by one mail each."""
    codes = [nominated(running) for _ in range(count)]
    for code in codes:
        done = running.decide(code, "return", HEAD, comment="Bổ sung", mend=["achievements"])
        assert done.status_code == 200, done.text
    return codes


def gathered_after(running, before, count):
    return until(
        lambda: (
            found
            if len(
                found := [
                    each for each in mails_to(running, STAFF)[before:] if "Thư gộp" in each.subject
                ]
            )
            >= count
            else None
        )
    )


def items_in(mail):
    return set(re.findall(r"DN-\d+-\d+", mail.text))


def test_a_part_that_cannot_be_written_fails_alone_and_the_office_sees_it(running):
    choose(running, STAFF, 9, 11)
    before = len(mails_to(running, STAFF))
    good, bad = returned(running, 2)
    with running.parts.engines.write.begin() as connection:
        connection.execute(
            text(
                "UPDATE outbox SET params = replace(params, '\"return\"', '\"nothing\"') "
                "WHERE kind = 'informed' AND item_id = (SELECT id FROM items WHERE code = :code)"
            ),
            {"code": bad},
        )
    move_to(running, "2022-05-05T09:00:30+07:00")
    (mail,) = gathered_after(running, before, 1)
    assert items_in(mail) == {good}
    with running.signed_in("officer@so.example") as browser:
        assert "Không viết được thư này" in browser.get("/office").text
    (later,) = returned(running, 1)
    move_to(running, "2022-05-05T11:00:30+07:00")
    mail = gathered_after(running, before, 2)[-1]
    assert items_in(mail) == {later}, "the next digest goes, without what could not be written"


def test_what_one_digest_has_no_room_for_follows_in_the_next_by_itself(running, monkeypatch):
    monkeypatch.setattr(claims, "_MOST_GATHERED", 2)
    before = len(mails_to(running, STAFF))
    codes = returned(running, 5)
    move_to(running, "2022-05-06T09:00:30+07:00")
    mails = gathered_after(running, before, 3)
    assert [len(items_in(each)) for each in mails] == [2, 2, 1]
    assert set().union(*map(items_in, mails)) == set(codes), "each of them once"
    choose(running, STAFF)


@pytest.mark.parametrize(
    ("now", "hours", "then"),
    [
        ("2022-05-04T09:00:00+07:00", (14, 8), "2022-05-04T14:00:00+07:00"),
        ("2022-05-04T13:59:30+07:00", (8, 14), "2022-05-05T08:00:00+07:00"),
        ("2022-05-06T15:00:00+07:00", (8,), "2022-05-09T08:00:00+07:00"),
    ],
)
def test_the_next_hour_is_one_of_a_working_day_and_not_just_now(running, now, hours, then):
    found = next_digest(running.parts.context.calendar, hours, datetime.fromisoformat(now))
    assert found == datetime.fromisoformat(then)
    assert found - datetime.fromisoformat(now) > timedelta(minutes=1)
