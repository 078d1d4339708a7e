"""Mail and its links over time: clocks set right, letters sent again, edits one after another, the very instant of an expiry."""

import re
import threading
from datetime import date, datetime, timedelta

import httpx2
import pytest
from sqlalchemy import text

from notifications import claims, coalescing, delivery, settlement, smtp
from notifications.capabilities import link_ends_at
from notifications.messages import LEASE
from notifications.tick import tick
from tests.relay import change, mail_held, outbox, product_at, relaying, serving
from tests.waiting import until

HEAD, DEPUTY, OFFICER, STAFF, DIRECTOR = (
    f"{each}@so.example"
    for each in ("head.htqt", "deputy.htqt", "officer", "staff.htqt", "director")
)
CHANNEL_DOWN = "421 4.3.2 later"


@pytest.fixture
def relay():
    with relaying() as found:
        yield found


@pytest.fixture
def product(relay, tmp_path):
    with product_at(relay, tmp_path) as running:
        yield running


def links_of(product, where="1 = 1"):
    with product.parts.engines.read.connect() as connection:
        return [
            tuple(row)
            for row in connection.execute(
                text(f"SELECT created_at, expires_at FROM links WHERE {where}")
            )
        ]


def ticking(product):
    return product.run(tick(product.parts.database, product.parts.reminders))


def tried_now(product):
    """Let delivery try at once, whatever the relay did before."""
    product.parts.delivery._closed_until = 0.0
    product.parts.delivery.wake()


def states(product):
    """Return the states of the letters that ask for a decision.

    Not those of reminders, which the minute adds once days have passed.
    """
    return {row[0] for row in outbox(product, "state", "kind = 'task'")}


def waits_after(product, tries):
    """Whether each letter that asks was tried so often, and none is under way."""
    return set(outbox(product, "state, attempts", "kind = 'task'")) == {("new", tries)}


def edit(product, code, title, author=STAFF):
    version = product.client("auditor@so.example").get(f"/items/{code}").json()["version"]
    answer = product.client(author).patch(
        f"/items/{code}", json={"title": title}, headers={"If-Match": f'"{version}"'}
    )
    assert answer.status_code == 200, answer.text


def deadline(product, *days, due="2022-05-20T17:00:00+07:00", to=("drafter",)):
    campaign = product.client(OFFICER).get("/campaigns").json()["data"][0]["id"]
    ladder = [{"days": each, "to": list(to)} for each in days]
    body = {
        "campaign": campaign,
        "kind": "interim",
        "departments": ["lanh-su"],
        "due_at": due,
        "ladder": ladder,
    }
    made = product.client(OFFICER).post("/deadlines", json=body)
    assert made.status_code == 201, made.text


def register(product):
    return {
        (row["rung"], row["email"]): (row["state"], row["reason"])
        for row in product.client(OFFICER).get("/reminders").json()["data"]
    }


def send_again(product):
    with product.signed_in(OFFICER) as browser:
        letters = re.findall(r"/office/letters/(\d+)/again", browser.get("/office").text)
        assert letters
        for each in letters:
            assert (
                browser.post(f"/office/letters/{each}/again", data={"key": "0" * 32}).status_code
                == 200
            )


@pytest.mark.parametrize("ahead", [timedelta(days=180), timedelta(hours=3)])
def test_a_clock_that_ran_ahead_strands_no_mail_once_it_is_set_right(relay, tmp_path, ahead):
    with product_at(relay, tmp_path) as product:
        settings, right = product.parts.settings, product.clock.now()
        relay.at_mail = CHANNEL_DOWN
    with serving(settings, right + ahead) as product:
        product.item_in("submitted")
        until(lambda: outbox(product, "id", "last_code LIKE '421%'"))
        relay.at_rcpt = "450 4.7.1 greylisted"
        relay.at_mail = "250 OK"
        product.clock.advance(timedelta(minutes=2))
        until(lambda: tried_now(product) or outbox(product, "id", "attempts = 1"))
        change(
            product,
            "UPDATE outbox SET state = 'leased', lease_token = 'gone', lease_until = next_at WHERE id = (SELECT max(id) FROM outbox)",
        )
    relay.at_rcpt = "250 OK"
    with serving(settings, right) as product:
        until(lambda: relay.links_to(HEAD) and relay.links_to(DEPUTY))
        until(lambda: outbox(product, "id", "state IN ('new', 'leased')") == [])


def test_a_clock_that_was_set_back_while_it_serves_strands_no_mail(relay, product):
    product.clock._offset += timedelta(days=400)
    relay.at_mail = CHANNEL_DOWN
    product.item_in("submitted")
    until(lambda: outbox(product, "id", "last_code LIKE '421%'"))
    product.clock._offset -= timedelta(days=400)
    relay.at_mail = "250 OK"
    ticking(product)
    until(lambda: tried_now(product) or relay.links_to(HEAD))


def test_what_a_fast_clock_planned_ahead_is_planned_again_when_its_time_comes(relay, product):
    deadline(product, -5, due="2022-06-15T17:00:00+07:00")
    with mail_held(product):
        ahead = datetime.fromisoformat("2022-06-08T09:00:00+07:00") - product.clock.now()
        product.clock._offset += ahead
        ticking(product)
        assert register(product)[-5, "staff.ls@so.example"][0] == "planned"
        assert outbox(product, "id", "kind = 'reminder'")
        product.clock._offset -= ahead
        ticking(product)
        assert outbox(product, "id", "kind = 'reminder'") == []
    product.clock._offset += ahead
    ticking(product)
    until(lambda: relay.to("staff.ls@so.example"))
    until(lambda: register(product)[-5, "staff.ls@so.example"][0] == "sent")


def test_a_clock_that_is_set_forward_gives_up_nothing_that_was_hardly_tried(relay, product):
    relay.at_rcpt = "450 4.7.1 greylisted"
    product.item_in("submitted")
    until(lambda: outbox(product, "id", "attempts = 1"))
    product.clock._offset += timedelta(days=3650)
    until(lambda: outbox(product, "id", "attempts = 2"))


def test_a_lock_of_a_pin_set_by_a_fast_clock_ends_with_it(product):
    item = product.item_in("office_reviewed")
    for wrong in ("000001", "000002", "000003", "000004", "000005"):
        assert product.decide(item["code"], "sign_director", DIRECTOR, pin=wrong).status_code == 403
    assert "khóa" in product.decide(item["code"], "sign_director", DIRECTOR, pin="246810").text
    change(
        product,
        "UPDATE credentials SET locked_until = '2022-11-04T01:00:00.000000Z' WHERE locked_until IS NOT NULL",
    )
    assert product.decide(item["code"], "sign_director", DIRECTOR, pin="246810").status_code == 200


def test_a_temporary_refusal_is_tried_for_days_and_given_up_in_the_end(relay, product):
    relay.at_rcpt = "451 4.7.1 greylisted"
    product.item_in("submitted")
    until(lambda: waits_after(product, 1))
    began = product.clock.now()
    for tries in range(2, settlement.TRIES):
        product.clock.advance(timedelta(hours=5))
        product.parts.delivery.wake()
        until(lambda tries=tries: waits_after(product, tries))
    assert product.clock.now() - began > timedelta(days=4)
    product.clock.advance(timedelta(hours=5))
    product.parts.delivery.wake()
    until(lambda: states(product) == {"dead"})


@pytest.mark.parametrize(
    ("at_auth", "at_mail", "at_rcpt"),
    [
        ("535 5.7.8 wrong password", "250 OK", "250 OK"),
        ("454 4.7.0 temporary", "250 OK", "250 OK"),
        ("235 OK", "530 5.7.0 authentication required", "250 OK"),
        ("235 OK", "250 OK", "530 5.7.0 authentication required"),
        ("235 OK", "250 OK", "550 5.7.8 credentials"),
    ],
)
def test_a_relay_that_does_not_know_us_buries_nothing_and_the_office_hears_that_mail_waits(
    relay, tmp_path, at_auth, at_mail, at_rcpt
):
    relay.offers = ("AUTH PLAIN LOGIN",)
    relay.at_auth, relay.at_mail, relay.at_rcpt = at_auth, at_mail, at_rcpt
    with product_at(relay, tmp_path, user="thidua:secret@") as product:
        product.item_in("submitted")
        until(lambda: outbox(product, "id", "last_code IS NOT NULL"))
        assert set(outbox(product, "state, attempts")) <= {("new", 0), ("leased", 0)}
        for _ in range(9):
            product.clock.advance(timedelta(minutes=2))
            since = f"{product.clock.now() - timedelta(seconds=30):%Y-%m-%dT%H:%M:%S}"
            until(
                lambda since=since: (
                    tried_now(product) or outbox(product, "id", f"scheduled_at > '{since}'")
                )
            )
        with product.signed_in(OFFICER) as browser:
            assert "Thư chờ gửi từ" in browser.get("/office").text
        relay.at_auth, relay.at_mail, relay.at_rcpt = "235 OK", "250 OK", "250 OK"
        product.clock.advance(timedelta(minutes=2))
        until(lambda: tried_now(product) or relay.links_to(HEAD))
        with product.signed_in(OFFICER) as browser:
            until(lambda: "Thư chờ gửi từ" not in browser.get("/office").text)


def test_a_failed_reminder_sent_again_leaves_and_its_row_is_sent(relay, product):
    deadline(product, -10)
    relay.at_rcpt = "550 5.1.1 no such user"
    product.clock.advance(datetime.fromisoformat("2022-05-06T09:00:00+07:00") - product.clock.now())
    ticking(product)
    until(lambda: register(product)[-10, "staff.ls@so.example"][0] == "failed")
    with product.signed_in(OFFICER) as browser:
        assert "từ chối hẳn (550 5.1.1)" in browser.get("/office").text
    relay.at_rcpt = "250 OK"
    send_again(product)
    until(lambda: relay.to("staff.ls@so.example"))
    until(
        lambda: register(product)[-10, "staff.ls@so.example"] == ("sent", "Văn phòng Sở gửi lại.")
    )


def test_an_old_letter_sent_again_has_a_fresh_link_and_is_tried_like_a_new_one(relay, product):
    relay.at_rcpt = "550 5.1.1 no such user"
    product.item_in("submitted")
    until(lambda: states(product) == {"dead"})
    product.clock.advance(timedelta(days=20))
    relay.at_rcpt = "451 4.7.1 greylisted"
    send_again(product)
    until(lambda: waits_after(product, 1))
    relay.at_rcpt = "250 OK"
    product.clock.advance(timedelta(minutes=7))
    product.parts.delivery.wake()
    until(lambda: relay.links_to(HEAD))
    page = httpx2.get(relay.links_to(HEAD)[0])
    assert "Ghi nhận quyết định đã chọn" in page.text


def test_a_retry_of_a_revoked_link_carries_one_that_opens(relay, product):
    relay.at_rcpt = "451 4.7.1 greylisted"
    product.item_in("submitted")
    until(lambda: waits_after(product, 1))
    change(product, "UPDATE links SET revoked_at = created_at, revoke_reason = 'address-changed'")
    relay.at_rcpt = "250 OK"
    product.clock.advance(timedelta(minutes=7))
    product.parts.delivery.wake()
    until(lambda: relay.links_to(HEAD))
    assert "Ghi nhận quyết định đã chọn" in httpx2.get(relay.links_to(HEAD)[0]).text


def test_edits_one_after_another_make_one_mail_to_each_holder_and_its_link_opens_the_newest(
    relay, product
):
    code = product.item_in("submitted")["code"]
    until(lambda: relay.links_to(HEAD) and relay.links_to(DEPUTY))
    for count in range(40):
        edit(product, code, f"Sửa lần {count}")
    until(lambda: len(relay.links_to(HEAD)) == 2 and len(relay.links_to(DEPUTY)) == 2)
    assert "Sửa lần 39" in httpx2.get(relay.links_to(HEAD)[1]).text
    assert outbox(product, "count(*)", "kind = 'task'") == [(4,)]


def test_an_author_who_goes_on_typing_writes_again_after_a_while_and_the_older_link_says_so(
    relay, product
):
    code = product.item_in("submitted")["code"]
    until(lambda: relay.links_to(HEAD))
    edit(product, code, "Lần một")
    until(lambda: len(relay.links_to(HEAD)) == 2)
    product.clock.advance(timedelta(minutes=1))
    edit(product, code, "Lần hai")
    edit(product, code, "Lần ba")
    page = httpx2.get(relay.links_to(HEAD)[1]).text
    assert "Nội dung hồ sơ đã thay đổi" in page
    assert "mười phút" in page
    assert f'href="/items/{code}"' in page
    assert "/fresh" in page
    waiting = outbox(product, "next_at", "state = 'new' AND kind = 'task'")
    assert len(waiting) == 2
    product.clock.advance(coalescing.BETWEEN)
    product.parts.delivery.wake()
    until(lambda: len(relay.links_to(HEAD)) == 3)
    assert "Lần ba" in httpx2.get(relay.links_to(HEAD)[2]).text


def test_a_fresh_link_asked_for_takes_the_place_of_the_one_that_waits(relay, product):
    code = product.item_in("submitted")["code"]
    until(lambda: relay.links_to(HEAD))
    edit(product, code, "Lần một")
    until(lambda: len(relay.links_to(HEAD)) == 2)
    edit(product, code, "Lần hai")
    httpx2.post(relay.links_to(HEAD)[1] + "/fresh")
    until(lambda: len(relay.links_to(HEAD)) == 3)
    assert "Lần hai" in httpx2.get(relay.links_to(HEAD)[2]).text
    product.clock.advance(coalescing.BETWEEN * 2)
    product.parts.delivery.wake()
    until(lambda: not outbox(product, "id", "state = 'new'"))
    assert len(relay.links_to(HEAD)) == 3


def test_content_edited_back_to_what_it_was_is_mailed_again(relay, product):
    item = product.item_in("submitted")
    until(lambda: relay.links_to(HEAD))
    edit(product, item["code"], "Khác")
    until(lambda: len(relay.links_to(HEAD)) == 2)
    edit(product, item["code"], item["title"])
    product.clock.advance(coalescing.BETWEEN)
    product.parts.delivery.wake()
    until(lambda: len(relay.links_to(HEAD)) == 3)
    assert "Ghi nhận quyết định đã chọn" in httpx2.get(relay.links_to(HEAD)[2]).text


@pytest.mark.parametrize("what", ["moved", "left"])
def test_what_is_no_longer_relevant_when_it_is_to_leave_does_not(relay, product, what):
    with mail_held(product):
        code = product.item_in("submitted")["code"]
        if what == "moved":
            assert product.decide(code, "approve_department", HEAD).status_code == 200
        else:
            change(
                product,
                "UPDATE people SET is_active = false WHERE email IN (:head, :deputy)",
                head=HEAD,
                deputy=DEPUTY,
            )
            change(product, "UPDATE settings SET value = 'other' WHERE name = 'directory_version'")
    until(lambda: not outbox(product, "id", "state IN ('new', 'leased')"))
    assert relay.to(HEAD) == relay.to(DEPUTY) == []
    assert {row[0] for row in outbox(product, "state", "kind = 'task'")} == {
        "superseded",
        *({"sent"} if what == "moved" else set()),
    }


DEPUTY_DIRECTOR = "deputy.director@so.example"


def submitted_report(product, author="staff.ls@so.example"):
    """Let a department submit what it owes and return its code; its head has not approved it."""
    client = product.client(author)
    body = client.get("/definitions/department_report/example").json()
    fields = {**body["fields"], "period": "interim"}
    made = client.post("/items", json={**body, "department": "lanh-su", "fields": fields})
    code = made.json()["code"]
    assert product.decide(code, "submit", author).status_code == 200
    return code


def test_a_reminder_that_leaves_after_the_report_was_submitted_asks_only_the_head_to_approve(
    relay, product
):
    deadline(product, -10, to=("drafter", "head", "office"))
    with mail_held(product):
        product.clock.advance(
            datetime.fromisoformat("2022-05-06T09:00:00+07:00") - product.clock.now()
        )
        ticking(product)
        submitted_report(product)
    until(lambda: not outbox(product, "id", "state IN ('new', 'leased')"))

    def urged(address):
        (letter,) = [each for each in relay.to(address) if "Đôn đốc" in each["Subject"]]
        return letter.get_body(("plain",)).get_content()

    assert "Đề nghị duyệt báo cáo sơ kết, hạn 20/5." in urged("head.ls@so.example")
    for address in ("staff.ls@so.example", OFFICER):
        text = urged(address)
        assert "Đang chờ lãnh đạo phòng duyệt: báo cáo sơ kết, hạn 20/5." in text
        assert "Đề nghị" not in text


def test_what_a_head_wrote_is_asked_of_the_deputy_director_and_not_of_the_head(relay, product):
    deadline(product, -10, to=("drafter", "head", "office"))
    code = submitted_report(product, "head.ls@so.example")
    product.clock.advance(datetime.fromisoformat("2022-05-06T09:00:00+07:00") - product.clock.now())
    ticking(product)
    until(lambda: not outbox(product, "id", "state IN ('new', 'leased')"))
    urged = {
        address: letter.get_body(("plain",)).get_content()
        for address in (DEPUTY_DIRECTOR, "head.ls@so.example", OFFICER)
        for letter in relay.to(address)
        if "Đôn đốc" in letter["Subject"]
    }
    assert set(urged) == {DEPUTY_DIRECTOR, OFFICER}
    assert "Đề nghị duyệt báo cáo sơ kết, hạn 20/5." in urged[DEPUTY_DIRECTOR]
    assert f"/items/{code}" in urged[DEPUTY_DIRECTOR]
    assert "Đang chờ Phó Giám đốc Sở duyệt: báo cáo sơ kết, hạn 20/5." in urged[OFFICER]
    with product.signed_in(OFFICER) as browser:
        assert "Chờ Phó Giám đốc Sở duyệt" in browser.get("/deadlines/board").text
        assert "Chờ Ban Giám đốc" in browser.get(f"/items/{code}").text


def test_a_reminder_that_waits_is_overtaken_by_the_report_in_the_transaction_that_hands_it_in(
    relay, product
):
    deadline(product, -10)
    with mail_held(product):
        product.clock.advance(
            datetime.fromisoformat("2022-05-06T09:00:00+07:00") - product.clock.now()
        )
        ticking(product)
        assert register(product)[-10, "staff.ls@so.example"][0] == "planned"
        code = submitted_report(product)
        assert register(product)[-10, "staff.ls@so.example"][0] == "planned", "not approved yet"
        approved = product.decide(code, "approve_department", "head.ls@so.example")
        assert approved.status_code == 200
        assert register(product)[-10, "staff.ls@so.example"] == (
            "superseded",
            "Phòng đã nộp báo cáo.",
        )
    until(lambda: not outbox(product, "id", "state IN ('new', 'leased')"))
    assert [each for each in relay.to("staff.ls@so.example") if "Đôn đốc" in each["Subject"]] == []


def test_a_link_lives_fourteen_days_seven_for_signing_and_not_a_moment_more(relay, product):
    with mail_held(product):
        item = product.item_in("submitted")
        change(product, "UPDATE items SET due_at = NULL")
    until(lambda: len(links_of(product)) == 2)
    for created, expires in links_of(product):
        assert datetime.fromisoformat(expires) - datetime.fromisoformat(created) == timedelta(
            days=14
        )
    with mail_held(product):
        for transition, by in (("approve_department", HEAD), ("review_office", OFFICER)):
            assert product.decide(item["code"], transition, by).status_code == 200
        change(product, "UPDATE items SET due_at = NULL")
    until(lambda: links_of(product, f"person = {product.person(DIRECTOR).id}"))
    ((created, expires),) = links_of(product, f"person = {product.person(DIRECTOR).id}")
    assert datetime.fromisoformat(expires) - datetime.fromisoformat(created) == timedelta(days=7)


@pytest.mark.parametrize(
    ("due", "ends"),
    [
        (None, "2022-05-18T01:00:00+00:00"),
        ("2022-05-06T17:00:00+07:00", "2022-05-18T01:00:00+00:00"),
        # Due on Thursday the 12th, five working days beyond are the 19th, whole.
        ("2022-05-12T17:00:00+07:00", "2022-05-20T00:00:00+07:00"),
        # Over the second of September, which brings two days of rest.
        ("2022-08-31T17:00:00+07:00", "2022-09-10T00:00:00+07:00"),
    ],
)
def test_a_link_lives_at_least_to_the_end_of_the_fifth_working_day_after_its_due_day(
    product, due, ends
):
    now = datetime.fromisoformat("2022-05-04T01:00:00+00:00")
    due_at = None if due is None else datetime.fromisoformat(due)
    assert link_ends_at(product.parts.context.calendar, now, 14, due_at) == datetime.fromisoformat(
        ends
    )


def test_a_link_ends_with_the_very_instant_of_its_expiry_and_a_due_day_ends_none(relay, product):
    item = product.item_in("submitted")
    until(lambda: relay.links_to(HEAD))
    link = relay.links_to(HEAD)[0]
    ends = datetime.fromisoformat(links_of(product, f"person = {product.person(HEAD).id}")[0][1])
    context, real = product.parts.context, product.parts.context.clock
    try:
        for now, is_offered in ((ends - timedelta(microseconds=1), True), (ends, False)):
            object.__setattr__(context, "clock", lambda now=now: now)
            offered = "Ghi nhận quyết định đã chọn" in httpx2.get(link).text
            assert offered is is_offered
    finally:
        object.__setattr__(context, "clock", real)
    assert datetime.fromisoformat(item["due_at"]) < ends - timedelta(days=5)
    assert date.fromisoformat("2022-05-18") <= ends.date()


def test_nobody_else_takes_a_letter_while_the_relay_is_waited_for(relay, product):
    """A lease outlives the longest wait for one answer; and while that is awaited it is renewed."""
    assert timedelta(seconds=smtp.TIMEOUT_SECONDS) < LEASE
    assert timedelta(seconds=2 * delivery.RENEW_SECONDS) < LEASE
    asked, answer = threading.Event(), threading.Event()

    def slow(_line):
        asked.set()
        answer.wait(60)
        return "250 OK"

    relay.at_rcpt = slow
    product.item_in("submitted")
    assert asked.wait(30)
    product.clock.advance(timedelta(seconds=smtp.TIMEOUT_SECONDS))
    claimed = product.run(product.parts.database.write(claims.ClaimMessages()))
    assert claimed.messages == ()
    answer.set()
    until(lambda: relay.links_to(HEAD) and relay.links_to(DEPUTY))
    until(lambda: not outbox(product, "id", "state <> 'sent'"))
    assert len(relay.received) == 2


def test_the_address_in_a_mail_is_the_agencys_whatever_host_a_request_names(relay, tmp_path):
    with product_at(relay, tmp_path, trusted_hosts="127.0.0.1,other.example") as product:
        item = product.draft()
        body = {"transition": "submit", "version": item["version"]}
        answer = product.client(STAFF).post(
            f"/items/{item['code']}/transitions", json=body, headers={"Host": "other.example"}
        )
        assert answer.status_code == 200, answer.text
        until(lambda: relay.links_to(HEAD))
        (mail,) = relay.to(HEAD)
        for kind in ("plain", "html"):
            words = mail.get_body((kind,)).get_content()
            assert "other.example" not in words
            assert f"{product.base_url}/a/a1." in words


def test_replies_reach_the_office_and_the_mail_says_so(relay, tmp_path):
    with product_at(relay, tmp_path) as product:
        product.item_in("submitted")
        until(lambda: relay.to(HEAD))
        (mail,) = relay.to(HEAD)
        assert "officer@so.example" in mail["Reply-To"]
        assert mail["From"].addresses[0].addr_spec == "thidua@so.example"
        assert mail["From"].addresses[0].display_name == product.parts.agency.name
        for kind in ("plain", "html"):
            assert "Trả lời thư này sẽ tới Văn phòng Sở." in mail.get_body((kind,)).get_content()


def test_replies_go_where_a_setting_says(relay, tmp_path):
    with product_at(relay, tmp_path, mail_reply_to="van-phong@tỉnh.example") as product:
        product.item_in("submitted")
        until(lambda: relay.to(HEAD))
        assert relay.to(HEAD)[0]["Reply-To"] == "van-phong@xn--tnh-dlz.example"


def test_an_old_link_whose_item_waits_again_for_its_reader_says_so_and_leads_there(relay, product):
    code = product.item_in("submitted")["code"]
    until(lambda: relay.links_to(HEAD) and relay.links_to(DEPUTY))
    used, unused = relay.links_to(HEAD)[0], relay.links_to(DEPUTY)[0]
    answer = httpx2.post(used, data={"decision": "return", "version": "2", "comment": "Bổ sung"})
    assert answer.status_code == 200
    assert "Không cần làm gì thêm" in httpx2.get(used).text
    assert product.decide(code, "submit", STAFF).status_code == 200
    for link in (used, unused):
        page = httpx2.get(link).text
        assert "đang chờ xử lý" in page
        assert "Không cần làm gì thêm" not in page
        assert f'href="/items/{code}"' in page
        assert "/fresh" in page
    until(lambda: len(relay.links_to(HEAD)) == 2)
    product.clock.advance(timedelta(minutes=2))
    assert httpx2.post(used + "/fresh").status_code == 200
    until(lambda: len(relay.links_to(HEAD)) == 3)
    assert "Ghi nhận quyết định đã chọn" in httpx2.get(relay.links_to(HEAD)[2]).text
