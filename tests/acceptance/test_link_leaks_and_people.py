"""Bad cases of links: where a token could leak, whom a mail could reach, what is around."""

import io
import json
import logging
import zipfile
from datetime import timedelta

import httpx2
import pyotp
import pytest
from sqlalchemy import select

from api.auth.credentials import PutSecret
from api.logs import configure_logs
from tests.acceptance.by_link import AUDITOR, CHIEF, DIRECTOR, HEAD, OFFICER, PIN, post, waiting_for
from tests.waiting import until
from workflow.command import Cause
from workflow.commands.people import ChangeAddress
from workflow.model import Method, Via
from workflow.store import schema

pytestmark = pytest.mark.one_database


@pytest.fixture
def waiting(running):
    return waiting_for(running)


@pytest.fixture
def signing(running):
    return waiting_for(running, DIRECTOR, "office_reviewed")


def secret_part(waiting):
    """Return what only the mail may hold: the code that proves the link."""
    return waiting.token.rsplit(".", 1)[1]


def test_no_log_at_any_level_holds_a_token(running):
    written = io.StringIO()
    engines, handler = logging.getLogger("sqlalchemy.engine"), logging.StreamHandler(written)
    configure_logs(logging.DEBUG, written)
    engines.addHandler(handler)
    engines.setLevel(logging.DEBUG)
    try:
        waiting = waiting_for(running)
        httpx2.get(waiting.link)
        waiting.post("nonsense")
        waiting.post()
        httpx2.get(waiting.link[:-3])
    finally:
        engines.setLevel(logging.WARNING)
        engines.removeHandler(handler)
        configure_logs(logging.CRITICAL)
    assert written.getvalue(), "something was logged"
    assert secret_part(waiting) not in written.getvalue()
    assert waiting.link[:-3] not in written.getvalue()


def test_no_page_with_a_token_leads_out_or_says_where_it_was(waiting):
    for page in (httpx2.get(waiting.link), waiting.post(), waiting.post()):
        assert page.headers["referrer-policy"] == "same-origin"
        outside = page.text.replace(waiting.running.base_url, "")
        assert "http://" not in outside
        assert "https://" not in outside


def test_no_row_of_any_table_opens_anything(running, waiting):
    token, proof = waiting.token, secret_part(waiting)
    with running.parts.engines.read.connect() as connection:
        rows = [
            (table.name, repr(tuple(row)))
            for table in schema.metadata.sorted_tables
            for row in connection.execute(select(table))
        ]
    assert {"items", "links", "outbox"} <= {table for table, _ in rows}
    assert [table for table, text in rows if token in text or proof in text] == []


def test_a_mail_that_bounced_with_its_text_is_made_useless_by_the_office(running, waiting):
    person = running.person(HEAD)

    def move_to(email, command_id):
        cause = Cause(
            actor=running.person(OFFICER).id,
            via=Via.API,
            method=Method.TOKEN,
            command_id=command_id,
        )
        running.run(
            running.parts.database.write(ChangeAddress(person=person.id, email=email, cause=cause))
        )
        running.confirm()

    move_to("head.moi@so.example", f"moved-{waiting.code}")
    try:
        assert waiting.post().status_code == 410
        assert "thu hồi" in httpx2.get(waiting.link).text
        fresh = running.link_for(waiting.code, "head.moi@so.example")
        assert post(fresh).status_code == 200
    finally:
        move_to(HEAD, f"back-{waiting.code}")


def test_on_a_shared_computer_the_history_shows_a_receipt_and_signing_wants_the_pin(
    waiting, signing
):
    assert waiting.post().status_code == 200
    again = httpx2.get(waiting.link)
    assert 'name="decision"' not in again.text
    assert again.headers["cache-control"] == "no-store"
    assert signing.post("sign_director").status_code == 403
    assert signing.state == "office_reviewed"


def test_no_export_or_list_holds_a_token(running, waiting):
    auditor = running.client(AUDITOR)
    packed = zipfile.ZipFile(io.BytesIO(auditor.get("/history/export").content))
    texts = [packed.read(name).decode("utf-8", "replace") for name in packed.namelist()]
    texts += [
        json.dumps(auditor.get(path).json())
        for path in (
            "/history",
            f"/items/{waiting.code}/history",
            f"/items/{waiting.code}",
            "/reminders",
        )
    ]
    assert all(secret_part(waiting) not in text for text in texts)


def test_a_forwarded_mail_names_whom_it_is_for_and_does_not_sign(waiting, signing):
    page = httpx2.get(waiting.link).text
    assert "Liên kết cấp cho Trưởng phòng Hợp tác quốc tế" in page
    assert signing.post("sign_director", pin="111111").status_code == 403
    assert signing.post("sign_director", pin=PIN).status_code == 200


def test_what_a_secretary_decides_is_seen_by_the_person_in_the_receipt_and_undone(running, waiting):
    assert waiting.post().status_code == 200
    assert waiting.entries()[-1]["method"] == "link", (
        "the history never claims more than that the link was used"
    )
    assert running.client(HEAD).post(f"/items/{waiting.code}/undo").status_code == 200
    assert waiting.state == "submitted"


def test_who_decides_behind_a_link_is_told_so_at_the_registered_address_once(running, waiting):
    assert waiting.post().status_code == 200
    (mail,) = until(
        lambda: [
            each
            for each in running.mails_about(waiting.code, HEAD)
            if "Đã ghi nhận" in each.subject
        ]
    )
    assert "Hợp tác quốc tế quyết định: báo ngay Văn phòng Sở" in " ".join(mail.text.split())
    assert mail.decision_links == []
    assert waiting.post().status_code == 200
    other = running.item_in("department_approved")
    assert [
        each for each in running.mails_about(other["code"], HEAD) if "Đã ghi nhận" in each.subject
    ] == [], "not after a decision by API"


@pytest.mark.parametrize(
    "address",
    [
        "all@so.example",
        "phong.list@so.example",
        "nhom-htqt@so.example",
        "no-reply@so.example",
        "a@so.example,b@so.example",
    ],
)
def test_a_mailbox_of_many_is_no_approver(running, address):
    body = {"email": address, "name": "Hộp thư chung", "position": "head", "department": "lanh-su"}
    refused = running.client(OFFICER).post("/people", json=body)
    assert refused.status_code == 422
    assert address.split(",")[0].split("@")[0] in refused.text


def test_who_says_this_is_not_me_ends_the_link_and_the_office_hears(running, waiting):
    assert httpx2.post(waiting.link + "/not-me", data={"confirm": "yes"}).status_code == 200
    assert waiting.post().status_code == 410
    until(
        lambda: [
            mail
            for mail in running.mails_about(waiting.code, CHIEF)
            if "nhầm người" in mail.subject
        ]
    )
    with running.parts.engines.read.connect() as connection:
        noted = connection.execute(
            select(schema.accesses.c.what).where(schema.accesses.c.what == "not_me")
        ).all()
    assert noted


def test_pins_tried_one_after_another_lock_the_right_one_too(running, signing, is_long):
    tries = 10_000 if is_long else 20
    statuses = [
        signing.post("sign_director", pin=f"{number:06d}").status_code for number in range(tries)
    ]
    assert statuses[:4] == [403] * 4
    assert set(statuses[5:]) == {429}
    assert signing.post("sign_director", pin=PIN).status_code == 429, (
        "the right one too, while locked"
    )
    assert signing.state == "office_reviewed"
    until(
        lambda: [
            mail
            for mail in running.mailbox.mails()
            if mail.recipient == DIRECTOR and "khóa" in mail.subject
        ]
    )
    running.clock._offset += timedelta(minutes=16)
    try:
        assert signing.post("sign_director", pin=PIN).status_code == 200
    finally:
        running.clock._offset -= timedelta(minutes=16)


def test_a_code_of_the_authenticator_serves_once(running, signing):
    secret = pyotp.random_base32()
    running.run(
        running.parts.database.write(
            PutSecret(person=running.person(DIRECTOR).id, name="totp_secret", value=secret)
        )
    )
    code = pyotp.TOTP(secret).at(running.clock.now())
    assert signing.post("sign_director", totp=code).status_code == 200
    other = waiting_for(running, DIRECTOR, "office_reviewed")
    assert other.post("sign_director", totp=code).status_code == 403
    later = pyotp.TOTP(secret).at(running.clock.now() + timedelta(seconds=30))
    assert other.post("sign_director", totp=later).status_code == 200


def test_a_lost_device_is_replaced_in_person_and_the_old_one_is_dead(running, signing):
    old, new = pyotp.random_base32(), pyotp.random_base32()
    person = running.person(DIRECTOR).id
    running.run(
        running.parts.database.write(PutSecret(person=person, name="totp_secret", value=old))
    )
    running.run(
        running.parts.database.write(PutSecret(person=person, name="totp_secret", value=new))
    )
    running.clock._offset += timedelta(minutes=2)
    try:
        assert (
            signing.post("sign_director", totp=pyotp.TOTP(old).at(running.clock.now())).status_code
            == 403
        )
        assert (
            signing.post("sign_director", totp=pyotp.TOTP(new).at(running.clock.now())).status_code
            == 200
        )
    finally:
        running.clock._offset -= timedelta(minutes=2)


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"X-Forwarded-Host": "evil.example"},
        {"Forwarded": "host=evil.example"},
    ],
)
def test_another_host_never_gets_into_a_mail(running, headers):
    item = running.draft()
    client = running.client("staff.htqt@so.example")
    answer = client.post(
        f"/items/{item['code']}/transitions",
        json={"transition": "submit", "version": 1},
        headers=headers,
    )
    assert answer.status_code in {200, 400, 421}
    if answer.status_code != 200:
        assert running.decide(item["code"], "submit", "staff.htqt@so.example").status_code == 200
    assert running.link_for(item["code"], HEAD).startswith(running.base_url + "/a/")
    assert all("evil" not in mail.text for mail in running.mails_about(item["code"], HEAD))


@pytest.mark.parametrize(
    ("jump", "status"), [(timedelta(hours=-1), 200), (timedelta(days=30), 410)]
)
def test_the_clock_may_jump_and_only_an_expired_link_ends(running, waiting, jump, status):
    running.clock._offset += jump
    try:
        assert waiting.post().status_code == status
    finally:
        running.clock._offset -= jump
    assert waiting.state == ("department_approved" if status == 200 else "submitted")
    stamps = [each["at"] for each in waiting.entries()]
    assert stamps == sorted(stamps)
