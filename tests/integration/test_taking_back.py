"""For two days a person takes a change of their account back by the link in the mail that told of it."""

import re
import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from api.auth.credentials import PutSecret, find_secrets
from api.auth.passwords import hash_secret_blocking
from tests.conftest import running_at
from tests.guards import unguarded
from tests.waiting import until
from workflow.queries.audit import verify_database

OFFICER, DIRECTOR, AUDITOR = "officer@so.example", "director@so.example", "auditor@so.example"
ADMIN = "admin@so.example"
UNDO = {"confirm": "yes"}


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with running_at("127.0.0.1", tmp_path_factory.mktemp("data"), "") as product:
        yield product


def change(running, who, **what):
    """Change a person as the Office does, confirmed by the Director where that gives power."""
    answer = running.client(OFFICER).patch(f"/people/{who}", json=what)
    assert answer.status_code in {200, 202}, answer.text
    if answer.status_code == 202:
        number = answer.json()["proposal"]["id"]
        path = f"/proposals/{number}/confirm"
        confirmed = running.client(DIRECTOR).post(path, json={"pin": "246810"})
        assert confirmed.status_code == 200, confirmed.text


def added(running, position="head"):
    email = f"n{secrets.token_hex(4)}@so.example"
    body = {"email": email, "name": "Người mới", "position": position, "department": "lanh-su"}
    answer = running.client(OFFICER).post("/people", json=body)
    if answer.status_code == 202:
        running.confirm()
    return email


def mails_to(running, recipient):
    return [each for each in running.mailbox.mails() if each.recipient == recipient]


def undo_links(running, recipient, count=1):
    """The paths of the links to take something back that a person was mailed."""

    def found():
        links = [
            path
            for each in mails_to(running, recipient)
            for path in re.findall(r"/a/u1\.\S+", each.text)
        ]
        return links if len(links) >= count else None

    return until(found)


def entries(running, kind):
    shown = running.client(AUDITOR).get("/history").json()["data"]
    return [each for each in shown if each["type"] == kind]


def test_an_address_goes_back_with_all_that_the_other_one_opened(running):
    email = added(running)
    other = f"x{email}"
    change(running, email, email=other)
    (path,) = undo_links(running, email)
    assert len(running.base_url + path) < 200
    assert not any("/a/u1." in each.text for each in mails_to(running, other))
    person = running.person(other).id
    token = until(
        lambda: next(
            (
                found[1]
                for each in mails_to(running, other)
                if (found := re.search(r"/setup/(s1\.\S+)", each.text))
            ),
            None,
        )
    )
    with running.browser() as browser:
        password = "Mot mat khau that dai 2022"
        browser.post(f"/setup/{token}", data={"password": password, "again": password})
    kept = running.parts.database.report_blocking(lambda c: find_secrets(c, person))
    assert kept.password_hash is not None
    item = running.draft(author="staff.ls@so.example")["code"]
    running.decide(item, "submit", "staff.ls@so.example")
    stolen = running.client(other)
    version = stolen.get(f"/items/{item}").json()["version"]
    done = stolen.post(
        f"/items/{item}/transitions", json={"transition": "approve_department", "version": version}
    )
    assert done.status_code == 200, done.text
    with running.browser() as browser:
        shown = browser.get(path + "?confirm=yes")
        assert (shown.status_code, browser.head(path).status_code) == (200, 200)
        assert email in shown.text
        assert item in shown.text
        assert browser.post(path).status_code == 400
        assert running.person(other) is not None, "reading changes nothing"
        back = browser.post(path, data=UNDO)
        assert (back.status_code, "Biên nhận" in back.text) == (200, True)
        assert (running.person(email).id, running.person(other)) == (person, None)
        assert stolen.get("/me").status_code == 401, "tokens have ended"
        kept = running.parts.database.report_blocking(lambda c: find_secrets(c, person))
        assert kept.password_hash is None
        again = browser.post(path, data=UNDO)
        assert (again.status_code, "Biên nhận" in again.text) == (200, True)
    assert running.client(AUDITOR).get(f"/items/{item}").json()["state"] == "department_approved"
    (entry,) = entries(running, "change_undone")
    assert (entry["via"], entry["method"]) == ("link", "link")
    told = until(
        lambda: next((m for m in mails_to(running, AUDITOR) if "hoàn lại" in m.subject), None)
    )
    assert item in told.text
    assert "sửa thông tin" not in told.text, "going back is no decision made meanwhile"
    assert until(lambda: [m for m in mails_to(running, DIRECTOR) if "hoàn lại" in m.subject])
    with running.signed_in(AUDITOR) as browser:
        shown = browser.get("/history").text
        assert f"quyết định trong thời gian đó: {item}/" in shown
        assert f"Người mới (số {person})" in shown
        assert "person:" not in re.sub("<[^>]*>", "", shown)
    assert until(lambda: [m for m in mails_to(running, email) if "/setup/" in m.text])


def test_a_later_change_does_not_save_an_earlier_one_and_its_own_link_falls(running):
    email = added(running)
    first, second = f"a{email}", f"b{email}"
    until(lambda: mails_to(running, email))  # the invitation, before a change overtakes it
    change(running, email, email=first)
    change(running, first, email=second)
    assert until(lambda: len(mails_to(running, email)) >= 3), "the second is told there as well"
    (path,) = undo_links(running, email)
    (later,) = undo_links(running, first)
    with running.browser() as browser:
        assert browser.post(path, data=UNDO).status_code == 200
        assert running.person(email) is not None
        assert browser.post(later, data=UNDO).status_code == 409
    assert running.person(email) is not None
    assert running.person(first) is None


def test_a_position_goes_back_only_where_nobody_gains_by_it(running):
    staff = added(running, "staff")
    change(running, staff, position="head")
    (path,) = undo_links(running, staff)
    with running.browser() as browser:
        assert browser.post(path, data=UNDO).status_code == 200
    assert running.person(staff).position == "staff"
    head = added(running)
    change(running, head, position="staff")
    told = until(
        lambda: [m for m in mails_to(running, head) if "vị trí" in m.text or "chức" in m.text]
    )
    assert not any("/a/u1." in each.text for each in told), "who lost power does not take it back"
    deputy = added(running, "staff")
    change(running, deputy, position="head")
    (path,) = undo_links(running, deputy)
    change(running, deputy, position="staff")
    with running.browser() as browser:
        assert browser.post(path, data=UNDO).status_code == 409, "it is so already"
    change(running, deputy, is_active=False)
    with running.browser() as browser:
        assert browser.post(path, data=UNDO).status_code == 409, "they have left"


def test_a_delegation_a_factor_and_a_password_end(running):
    giver, taker = "head.bg@so.example", "deputy.bg@so.example"
    body = {"from": giver, "to": taker, "document": "12/UQ", "pin": "246810"}
    body |= {"starts_on": "2022-05-04", "ends_on": "2022-05-20"}
    made = running.client(giver).post("/delegations", json=body)
    assert made.status_code == 201, made.text
    (path,) = undo_links(running, giver)
    assert not any("/a/u1." in each.text for each in mails_to(running, taker))
    with running.browser() as browser:
        assert browser.post(path, data=UNDO).status_code == 200
    shown = running.client(AUDITOR).get("/delegations").json()["data"]
    (ended,) = (each for each in shown if each["from"] == giver)
    assert ended["ends_on"] < "2022-05-04"
    head = "head.ls@so.example"
    person = running.person(head).id
    for pin in ("135790", "864209"):
        secret = PutSecret(person=person, name="pin_hash", value=hash_secret_blocking(pin))
        running.run(running.parts.database.write(secret))
    first, second = undo_links(running, head, 2)
    assert until(lambda: [m for m in mails_to(running, AUDITOR) if "dòng lệnh" in m.text])
    with running.browser() as browser:
        assert browser.post(first, data=UNDO).status_code == 409, "another is in force"
        assert browser.post(second, data=UNDO).status_code == 200
    kept = running.parts.database.report_blocking(lambda c: find_secrets(c, person))
    assert kept.pin_hash is None


def test_forged_late_and_at_once(running):
    email = added(running)
    other = f"y{email}"
    change(running, email, email=other)
    (path,) = undo_links(running, email)
    with running.browser() as browser:
        for forged in (path[:-1] + ("A" if path[-1] != "A" else "B"), path.replace("u1.", "p1.")):
            assert browser.post(forged, data=UNDO).status_code == 404
        rewrite = "UPDATE account_changes SET before = :wrong WHERE before LIKE :as_is"
        with running.parts.engines.write.begin() as connection, unguarded(connection, rewrite):
            as_is = {"as_is": f"%{email}%"}
            connection.execute(text(rewrite), {"wrong": '{"email":"ke.gian@so.example"}', **as_is})
        assert browser.post(path, data=UNDO).status_code == 404, "its row was changed"
        with running.parts.engines.write.begin() as connection, unguarded(connection, rewrite):
            right = f'{{"email":"{email}"}}'
            connection.execute(text(rewrite), {"wrong": right, "as_is": "%ke.gian%"})

    def post(_):
        with running.browser() as browser:
            return browser.post(path, data=UNDO).status_code

    count = len(entries(running, "change_undone"))
    with ThreadPoolExecutor(3) as pool:
        assert set(pool.map(post, range(3))) == {200}
    assert len(entries(running, "change_undone")) == count + 1
    change(running, email, email=other)
    late = undo_links(running, email, 2)[-1]
    running.clock.advance(timedelta(hours=48))
    with running.browser() as browser:
        assert browser.post(late, data=UNDO).status_code == 410
    assert running.person(other) is not None
    assert running.parts.database.report_blocking(verify_database).status == 0


def test_whoever_had_an_address_in_between_takes_no_power_with_it(running):
    """An officer moves somebody's address to his own, back again, and lets them rise."""
    email = added(running, "staff")
    between = f"k{email}"
    change(running, email, email=between)
    change(running, between, email=email)
    (own,) = undo_links(running, email)
    (later,) = undo_links(running, between)
    change(running, email, position="head")
    with running.browser() as browser:
        assert browser.post(later, data=UNDO).status_code == 409
        assert running.person(email) is not None
        change(running, email, email=between)
        assert browser.post(own, data=UNDO).status_code == 200, "who was here before, does"
    assert running.person(email) is not None


def test_what_was_sent_to_the_other_address_takes_nothing_back(running):
    email = added(running)
    other = f"m{email}"
    change(running, email, email=other)
    (path,) = undo_links(running, email)
    person = running.person(other).id
    secret = PutSecret(person=person, name="pin_hash", value=hash_secret_blocking("135790"))
    running.run(running.parts.database.write(secret))
    (stray,) = undo_links(running, other)
    with running.browser() as browser:
        assert browser.post(path, data=UNDO).status_code == 200
        assert browser.post(stray, data=UNDO).status_code == 409
    kept = running.parts.database.report_blocking(lambda c: find_secrets(c, person))
    assert kept.pin_hash is not None, "handed over in person"


def test_an_absence_that_somebody_else_recorded_ends_by_the_link_of_whoever_is_said_to_be_away(
    running,
):
    away, stand_in = "head.ls@so.example", "staff.ls@so.example"
    body = {"person": away, "stand_in": None, "starts_on": "2022-05-04", "ends_on": "2022-06-20"}
    made = running.client("officer@so.example").post("/absences", json=body)
    assert made.status_code == 201, made.text
    with running.browser() as browser:

        def of_the_absence():
            for path in undo_links(running, away):
                if "vắng mặt" in browser.get(path).text:
                    return path
            return None

        path = until(of_the_absence)
        assert not any("/a/u1." in each.text for each in mails_to(running, stand_in))
        assert browser.post(path, data=UNDO).status_code == 200
        assert "Đã hoàn lại" in browser.post(path, data=UNDO).text, "used, it shows its receipt"
    (undone, *_) = entries(running, "change_undone")
    assert undone["data"]["what"] == "absence"
    assert running.client(away).get("/absences").json()["data"] == []
