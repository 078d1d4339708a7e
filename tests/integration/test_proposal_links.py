"""A proposal is answered by a link like an approver's: without signing in, with a factor, once."""

import re
import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from tests.conftest import running_at
from tests.waiting import until
from workflow.queries.audit import verify_database

OFFICER, DIRECTOR, DEPUTY = (
    "officer@so.example",
    "director@so.example",
    "deputy.director@so.example",
)
AUDITOR = "auditor@so.example"
CONFIRM = {"decision": "confirm", "pin": "246810"}


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with running_at("127.0.0.1", tmp_path_factory.mktemp("data"), "") as product:
        yield product


def propose(running, **more):
    body = {
        "email": f"moi.{secrets.token_hex(4)}@so.example",
        "name": "Người mới",
        "position": "head",
        "department": "lanh-su",
        **more,
    }
    made = running.client(OFFICER).post("/people", json=body).json()["proposal"]
    return made["id"], body["email"]


def link_of(running, proposal, recipient=DIRECTOR, nth=0):
    """The path of the link in the ``nth`` mail about a proposal."""

    def found():
        mails = [
            each
            for each in running.mailbox.mails()
            if each.recipient == recipient and each.subject.endswith(f" {proposal}")
        ]
        return re.search(r"/a/p1\.\S+", mails[nth].text)[0] if len(mails) > nth else None

    return until(found)


def is_there(running, email):
    return running.person(email) is not None


def test_what_a_process_guarantees_no_more_is_named_to_whoever_confirms(running):
    source = running.parts.settings.definition_file("nomination.yaml").read_text("utf-8")
    with running.signed_in("admin@so.example") as browser:
        page = browser.get("/definitions/nomination/edit").text
        version = int(re.search(r"^version: (\d+)", source, re.MULTILINE)[1])
        pair = "    - [approve_department, review_office]\n"
        weaker = source.replace(f"version: {version}", f"version: {version + 1}").replace(pair, "")
        assert pair in source
        key = re.search(r'name="key" value="(\w+)"', page)[1]
        told = browser.post(
            "/definitions/nomination/edit",
            data={"text": weaker, "action": "publish", "confirmed": "1", "key": key},
        )
        assert "/proposals/" in str(told.url), re.findall(r"<li>(.*?)</li>", told.text, re.DOTALL)
        proposal = int(told.url.path.rpartition("/")[2])
    chief = "chief@so.example"
    path = link_of(running, proposal, chief)
    (mail,) = (
        each
        for each in running.mailbox.mails()
        if each.recipient == chief and each.subject.endswith(f" {proposal}")
    )
    words = "một người có thể làm cả"
    with running.browser() as browser, running.signed_in(chief) as signed_in:
        for text in (
            mail.text,
            browser.get(path).text,
            signed_in.get(f"/proposals/{proposal}").text,
        ):
            assert words in text, text
    shown = running.client(chief).get("/proposals").json()["data"][0]
    assert any(words in each for each in shown["weakened"])


def test_the_mail_shows_the_addresses_that_are_to_be_confirmed_and_parts_what_was_typed(running):
    proposal, email = propose(running, name="Người evil.example")
    link_of(running, proposal)
    (mail,) = (
        each
        for each in running.mailbox.mails()
        if each.recipient == DIRECTOR and each.subject.endswith(f" {proposal}")
    )
    for address in (email, OFFICER):
        assert f"({address})" in mail.text, mail.text
    assert "Người evil. example" in mail.text


def test_the_link_asks_and_confirms_once_without_signing_in(running):
    proposal, email = propose(running)
    path = link_of(running, proposal)
    assert len(running.base_url + path) < 200
    with running.browser() as browser:
        for _ in range(2):
            shown = browser.get(path + "?decision=confirm&confirm=1")
            assert shown.status_code == 200
            assert email in shown.text
            assert "checked" not in shown.text
        assert browser.head(path).status_code == 200
        assert not is_there(running, email), "reading changes nothing"
        assert browser.post(path, data={}).status_code == 400
        assert browser.post(path, data={"decision": "confirm"}).status_code == 403
        assert browser.post(path, data={**CONFIRM, "pin": "111111"}).status_code == 403
        assert browser.post(path, data={"decision": "reject", "comment": ""}).status_code == 422
        assert not is_there(running, email)
        done = browser.post(path, data=CONFIRM)
        assert done.status_code == 200
        assert is_there(running, email)
        assert "Biên nhận" in done.text
        again = browser.post(path, data=CONFIRM)
        assert (again.status_code, "Biên nhận" in again.text) == (200, True)
        assert browser.post(path, data={"decision": "reject", "comment": "x"}).status_code == 409
        assert 'name="pin"' not in browser.get(path).text
        other = link_of(running, proposal, DEPUTY)
        late = browser.post(other, data=CONFIRM)
        assert late.status_code == 409
        assert "Giám đốc" in browser.get(other).text
        assert browser.get("/proposals").url.path == "/sign-in", "the link opened no session"
    entries = running.client(AUDITOR).get("/history").json()["data"]
    made = next(each for each in entries if each["type"] == "proposal_confirmed")
    assert (made["via"], made["method"]) == ("link", "pin")


def test_the_link_rejects_and_what_was_forged_or_is_anothers_does_not_exist(running):
    proposal, email = propose(running)
    path = link_of(running, proposal)
    with running.browser() as browser:
        for forged in (path[:-1] + ("A" if path[-1] != "A" else "B"), path.replace("p1.", "a1.")):
            assert browser.get(forged).status_code == 404
            assert browser.post(forged, data=CONFIRM).status_code == 404
        rejected = browser.post(path, data={"decision": "reject", "comment": "Không đúng người"})
        assert rejected.status_code == 200
        assert browser.post(path, data=CONFIRM).status_code == 409
    assert not is_there(running, email)
    shown = running.client(OFFICER).get("/proposals").json()["data"][0]
    assert (shown["state"], shown["comment"]) == ("rejected", "Không đúng người")


def test_of_two_at_once_one_is_recorded_and_a_guess_locks(running):
    proposal, email = propose(running)
    path = link_of(running, proposal)

    def post(path):
        with running.browser() as browser:
            return browser.post(path, data=CONFIRM).status_code

    with ThreadPoolExecutor(3) as pool:
        paths = [path, path, link_of(running, proposal, DEPUTY)]
        statuses = sorted(pool.map(post, paths))
    assert set(statuses) <= {200, 409}
    assert 200 in statuses
    assert is_there(running, email)
    proposal, email = propose(running)
    path = link_of(running, proposal)
    with running.browser() as browser:
        for _ in range(5):
            assert browser.post(path, data={**CONFIRM, "pin": "000000"}).status_code == 403
        assert browser.post(path, data=CONFIRM).status_code == 429
    assert not is_there(running, email)
    running.clock.advance(timedelta(minutes=16))


def test_a_link_ends_with_the_proposal_with_its_person_and_with_their_address(running):
    proposal, email = propose(running)
    path = link_of(running, proposal)
    moved = running.client(OFFICER).patch(f"/people/{DIRECTOR}", json={"email": "gd@so.example"})
    deputys = link_of(running, moved.json()["proposal"]["id"], DEPUTY)
    with running.browser() as browser:
        assert browser.post(deputys, data=CONFIRM).status_code == 200
        assert browser.get(path).status_code == 200
        assert browser.post(path, data=CONFIRM).status_code == 410, "mailed to another address"
        fresh = link_of(running, proposal, "gd@so.example")
        assert fresh != path
        assert browser.post(fresh, data=CONFIRM).status_code == 200
        assert is_there(running, email)
        proposal, email = propose(running)
        path = link_of(running, proposal, "gd@so.example")
        running.clock.advance(timedelta(days=14, seconds=1))
        assert browser.post(path, data=CONFIRM).status_code == 410, "it has lapsed"
        proposal, email = propose(running)
        path = link_of(running, proposal, DEPUTY)
        left = running.client(OFFICER).patch(f"/people/{DEPUTY}", json={"is_active": False})
        assert left.status_code == 200
        assert browser.post(path, data=CONFIRM).status_code == 410, "its person has left"
        assert not is_there(running, email)
    assert running.parts.database.report_blocking(verify_database).status == 0
