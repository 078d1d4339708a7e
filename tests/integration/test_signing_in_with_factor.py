"""Sessions of whoever has wide power: a password alone opens nothing, whenever that power was gained."""

import dataclasses
import re
from datetime import timedelta

import httpx2
import pyotp
import pytest

from api.auth.callers import _is_whole
from api.auth.credentials import PutSecret
from api.auth.factor_attempts import ATTEMPTS
from api.auth.passwords import hash_secret_blocking
from api.auth.sessions import AWAITING, CONCURRENT, Caller
from api.auth.setup_codes import IssueCode, without_first_factor
from api.cli.context import operator_cause
from tests.conftest import running_at
from workflow.commands.people import ImportPeople
from workflow.model import Method, Position
from workflow.people import has_wide_power
from workflow.people.staff_rows import PersonRow
from workflow.store import people
from workflow.store.history import last_entry

pytestmark = pytest.mark.one_database

PASSWORD, PIN = "đường về nhà qua cánh đồng", "246810"
WIDE = ("chief", "officer", "director", "deputy.director", "auditor", "admin")
OTHERS = ("staff.htqt", "head.htqt", "deputy.htqt", "clerk")
HASHED = hash_secret_blocking(PASSWORD)


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """One database suffices: the statements run on both elsewhere."""
    with running_at("127.0.0.1", tmp_path_factory.mktemp("factor"), "") as product:
        yield product


def write(running, command):
    return running.run(running.parts.database.write(command))


def put(running, who, **secrets):
    person = running.person(f"{who}@so.example").id
    for name, value in secrets.items():
        write(running, PutSecret(person=person, name=name, value=value))


def with_password(running, who, browser, **more):
    """Send address and password as the form does; the answer, not yet followed."""
    put(running, who, password_hash=HASHED)
    data = {"email": f"{who}@so.example", "password": PASSWORD, "next": "/items", **more}
    return browser.post("/sign-in", data=data, follow_redirects=False)


def is_in(browser):
    return browser.get("/items", follow_redirects=False).status_code == 200


def is_asked(browser):
    """Whether pages lead to the factor, and the interface says that it is missing."""
    page = browser.get("/items?q=khen", follow_redirects=False)
    program = browser.get("/api/v1/me")
    assert program.status_code in {200, 403}
    if program.status_code == 403:
        assert program.json()["reasons"][0]["rule"] == "session-factor"
        assert page.headers["location"] == "/sign-in/code?next=/items%3Fq%3Dkhen"
    return page.status_code == 303


def test_a_password_alone_opens_nothing_where_power_is_wide(running):
    for who in WIDE:
        with running.browser() as browser:
            sent = with_password(running, who, browser)
            assert sent.headers["location"] == "/sign-in/code?next=/items", who
            half = browser.cookies["thidua"]
            assert is_asked(browser), who
            assert browser.post("/security/sessions/end").url.path == "/sign-in/code"
            wrong = browser.post("/sign-in/code", data={"pin": "000000", "next": "/items"})
            assert (wrong.status_code, is_asked(browser)) == (403, True), who
            right = browser.post("/sign-in/code", data={"pin": PIN, "next": "/items"})
            assert right.url.path == "/items"
            assert is_in(browser)
            assert browser.cookies["thidua"] != half, "a whole session has a secret of its own"
            gone = {"Cookie": f"thidua={half}"}
            assert httpx2.get(running.base_url + "/api/v1/me", headers=gone).status_code == 401
    for who in OTHERS:
        with running.browser() as browser:
            assert with_password(running, who, browser).headers["location"] == "/items", who
            assert is_in(browser)


def test_what_is_asked_for_tells_nobody_who_has_power(running):
    """Only a right password leads on: before it, every account answers alike."""
    put(running, "director", password_hash=HASHED)
    put(running, "head.ls", password_hash=HASHED)
    answers = []
    for who in ("director", "head.ls", "nobody.there"):
        with running.browser() as browser:
            email = f"{who}@so.example"
            sent = browser.post("/sign-in", data={"email": email, "password": "x" * 12, "pin": PIN})
            answers.append(
                (sent.status_code, sent.text.partition("<details")[0].replace(email, ""))
            )
            assert browser.get("/sign-in/code").url.path == "/sign-in"
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][0] == 401


def test_guesses_at_sign_in_and_at_decisions_have_one_count_and_one_lock(running):
    who = "deputy.director"
    with running.browser() as browser:
        with_password(running, who, browser)
        for number in range(ATTEMPTS):
            if number % 2:
                sent = browser.post("/sign-in/code", data={"pin": f"00000{number}"})
            else:  # all at once, in a browser that has no session yet
                with running.browser() as other:
                    sent = with_password(running, who, other, pin=f"00000{number}")
            assert sent.status_code == 403
        assert browser.post("/sign-in/code", data={"pin": PIN}).status_code == 429
        with running.browser() as other:
            assert with_password(running, who, other, pin=PIN).status_code == 429
        assert is_asked(browser)
    body = {"pin": PIN, "from": f"{who}@so.example", "to": "chief@so.example", "document": "1/UQ"}
    days = {"starts_on": "2022-05-10", "ends_on": "2022-05-11", "form": "TL.", "terms": "Ký"}
    refused = running.client(f"{who}@so.example").post("/delegations", json={**body, **days})
    assert refused.json()["reasons"][0]["rule"] == "second-factor-locked"


def test_an_authenticators_code_serves_once(running):
    secret = pyotp.random_base32()
    put(running, "chief", totp_secret=secret)
    code = pyotp.TOTP(secret).at(running.clock.now())
    with running.browser() as first, running.browser() as second:
        with_password(running, "chief", first)
        with_password(running, "chief", second)
        assert first.post("/sign-in/code", data={"totp": code, "next": "/items"}).status_code == 200
        assert is_in(first)
        assert second.post("/sign-in/code", data={"totp": code}).status_code == 403
        assert is_asked(second)
    with running.browser() as third:
        assert with_password(running, "chief", third, totp=code).status_code == 403


def test_a_session_of_before_the_position_does_not_go_on_with_it(running):
    who, office = "staff.bg", running.client("officer@so.example")
    email = f"{who}@so.example"
    row = {"name": "Chuyên viên", "department": "quan-ly-bien-gioi"}
    with running.browser() as browser:
        with_password(running, who, browser)
        program = running.client(email)
        assert is_in(browser)
        assert program.get("/me").status_code == 200
        changed = office.patch(
            f"/people/{email}", json={"position": "officer", "department": "van-phong"}
        )
        assert changed.status_code == 202
        assert is_in(browser), "a proposal gives nothing yet"
        running.confirm()
        assert is_asked(browser)
        assert program.get("/me").status_code == 401, "no factor stands behind that token"
        none = browser.get("/sign-in/code")
        assert 'name="pin"' not in none.text
        assert "Chưa có phương thức xác thực" in none.text
        put(running, who, pin_hash=hash_secret_blocking("730519"))
        browser.post("/sign-in/code", data={"pin": "730519"})
        assert is_in(browser)
        office.patch(f"/people/{email}", json={**row, "position": "staff"})
    running.clients.pop(email).close()


def test_who_stands_in_for_wide_power_gives_a_factor_while_they_do(running):
    with running.browser() as browser:
        with_password(running, "head.bg", browser)
        assert is_in(browser)
        absence = {
            "stand_in": "head.bg@so.example",
            "starts_on": "2022-05-04",
            "ends_on": "2022-05-05",
            "pin": PIN,
        }
        made = running.client("chief@so.example").post("/absences", json=absence)
        assert made.status_code == 201, made.text
        assert is_asked(browser)
        running.client("chief@so.example").post(f"/absences/{made.json()['id']}/end")
        assert is_in(browser)


def test_a_password_ends_no_proven_session_and_awaits_for_minutes_only(running):
    with running.browser() as owner:
        with_password(running, "officer", owner, pin=PIN)
        assert is_in(owner), "whoever sends all at once is in"
        guests = [running.browser() for _ in range(CONCURRENT + 1)]
        for each in guests:
            with_password(running, "officer", each)
        assert is_in(owner)
        assert guests[0].get("/api/v1/me").status_code == 401, "the oldest of its kind"
        running.clock.advance(AWAITING + timedelta(seconds=1))
        assert guests[-1].get("/api/v1/me").status_code == 401
        for each in guests:
            each.close()


def test_a_factor_that_is_replaced_proves_no_session_any_more(running):
    with running.browser() as browser:
        with_password(running, "auditor", browser, pin=PIN)
        assert is_in(browser)
        put(running, "auditor", pin_hash=hash_secret_blocking("730519"))
        assert is_asked(browser)


def test_a_trials_session_is_worth_nothing_elsewhere(running):
    parts = running.parts
    caller = Caller(
        person=running.person("director@so.example"),
        method=Method.SESSION,
        factor=Method.NONE,
        needs_factor=True,
    )
    assert _is_whole(parts, caller)
    assert not _is_whole(dataclasses.replace(parts, is_demo=False), caller)
    outside = parts.settings.model_copy(update={"base_url": "https://thidua.so.example"})
    assert not _is_whole(dataclasses.replace(parts, settings=outside), caller)


def test_power_is_read_from_what_a_position_may_do(running):
    everybody = running.parts.database.report_blocking(people.all_people)
    wide = {each.position for each in everybody if has_wide_power(each)}
    narrow = {Position.STAFF, Position.HEAD, Position.DEPUTY, Position.CLERK}
    assert wide == set(Position) - narrow


def printed(running, person, purpose="admin"):
    issue = IssueCode(person=person, purpose=purpose, seed=f"{purpose}:{person}")
    return "/setup/" + write(running, issue)


def newcomer(running, who, position="admin", department=None):
    """Somebody whom the command line brought in, with neither password nor factor."""
    email = f"{who}@so.example"
    row = PersonRow(row=1, email=email, name="Người mới", position=position, department=department)
    write(running, ImportPeople(rows=(row,), cause=operator_cause(f"admin:{who}"), invites=False))
    return running.person(email).id


@pytest.mark.parametrize("way", ["pin", "totp"])
def test_the_link_of_the_command_line_sets_a_first_factor(running, way):
    who = f"admin.{way}"
    person = newcomer(running, who)
    words = {"password": PASSWORD, "again": PASSWORD}
    with running.browser() as browser:
        link = "/setup/" + write(running, IssueCode(person=person, purpose="admin", seed=way))
        page = browser.post(link, data=words)
        assert browser.get(link).status_code == 410, "it sets a password once"
        further = re.search(r'action="(/setup/[^"]+)"', page.text)[1]
        assert browser.get(further).text == page.text, "the same key, however often it is opened"
        for weak in ("12345", "123456", "987654", "777777", PIN, "12345a"):
            refused = browser.post(further, data={"pin": weak, "again": weak})
            assert refused.status_code == 422, weak
        secret = re.search(r'<p class="hash">(\w+)</p>', page.text)[1]
        code = pyotp.TOTP(secret).at(running.clock.now())
        assert browser.post(further, data={"totp": "000000"}).status_code == 422
        given = {"totp": code} if way == "totp" else {"pin": "730519", "again": "730519"}
        assert browser.post(further, data=given).status_code == 200
        assert browser.post(further, data=given).status_code == 410
        last = running.parts.database.report_blocking(
            lambda connection: last_entry(connection, f"person:{person}")
        )
        assert (last.type, last.fact.method) == ("factor_set", "link")
        with_password(running, who, browser)
        if way == "totp":
            assert browser.post("/sign-in/code", data=given).status_code == 403, "used up there"
            running.clock.advance(timedelta(seconds=30))
            given = {"totp": pyotp.TOTP(secret).at(running.clock.now())}
        browser.post("/sign-in/code", data=given)
        assert is_in(browser)


def named_without_a_factor(running):
    """Whom ``doctor`` names."""
    context, now = running.parts.context, running.clock.now()
    found = running.parts.database.report_blocking(
        lambda each: without_first_factor(each, context.directory(each, now))
    )
    return {each.email for each in found}


def test_who_stands_in_without_a_factor_is_named_and_sets_one_by_the_printed_link(running):
    owner = newcomer(running, "deputy.new", "deputy", "lanh-su")
    who, chief = "deputy.new@so.example", running.client("chief@so.example")
    days = {"starts_on": "2022-05-04", "ends_on": "2022-05-05"}
    assert who not in named_without_a_factor(running)
    made = chief.post("/absences", json={"stand_in": who, "pin": PIN, **days})
    assert made.status_code == 201, made.text
    assert who in named_without_a_factor(running)
    with running.browser() as browser:
        words = {"password": PASSWORD, "again": PASSWORD}
        page = browser.post(printed(running, owner), data=words)
        further = re.search(r'action="(/setup/[^"]+)"', page.text)[1]
        given = {"pin": "730519", "again": "730519"}
        assert browser.post(further, data=given).status_code == 200
        with_password(running, "deputy.new", browser)
        browser.post("/sign-in/code", data={"pin": "730519"})
        assert is_in(browser)
    assert who not in named_without_a_factor(running)
    chief.post(f"/absences/{made.json()['id']}/end")


def test_a_link_replaces_no_factor_and_one_that_was_mailed_sets_none(running):
    words = {"password": PASSWORD, "again": PASSWORD}
    owner = running.person("auditor@so.example").id
    with running.browser() as browser:
        done = browser.post(printed(running, owner), data=words)
        assert "đã kết thúc" in done.text
        assert "/setup/" not in done.text
        stale = printed(running, owner, "factor")
        assert browser.post(stale, data={"pin": "730519", "again": "730519"}).status_code == 410
        person = newcomer(running, "admin.mailed")
        mailed = printed(running, person, "reset")
        assert 'action="/setup/' not in browser.post(mailed, data=words).text
