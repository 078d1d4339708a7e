"""How often one request goes through the doors to the database."""

import re
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx2
import pytest
import structlog

from tests.waiting import until
from workflow import database
from workflow.store import people

HEAD, DEPUTY, DIRECTOR = "head.htqt@so.example", "deputy.htqt@so.example", "director@so.example"
PIN = "246810"


@pytest.fixture
def doors(running, monkeypatch):
    """Count by door what requests ask for; what the clock and the delivery ask for beside them is not counted."""
    used = Counter()
    database = running.parts.database

    def counted(name):
        door = getattr(database, name)

        async def through(asked):
            if "request_id" in structlog.contextvars.get_contextvars():
                used[name] += 1
            return await door(asked)

        monkeypatch.setattr(database, name, through)

    for name in ("read", "report", "write"):
        counted(name)

    @contextmanager
    def asked_of(**most):
        used.clear()
        yield
        assert used, "something was counted"
        assert {**used} == most

    return asked_of


def choose(link, decision, version, **more):
    return httpx2.post(link, data={"decision": decision, "version": version, **more}, timeout=60)


def entries(running, code):
    return running.client("auditor@so.example").get(f"/items/{code}/history").json()["data"]


def test_a_link_decides_in_one_read_and_one_write_and_a_replay_writes_nothing(running, doors):
    item = running.item_in("submitted")
    link, other = running.link_for(item["code"], HEAD), running.link_for(item["code"], DEPUTY)
    with doors(read=1, write=1):
        first = choose(link, "approve_department", item["version"], comment="Đồng ý")
    assert first.status_code == 200
    made = len(entries(running, item["code"]))
    with doors(read=2):
        again = choose(link, "approve_department", item["version"], comment="Đồng ý")
    assert again.status_code == 200
    with doors(read=2):
        late = choose(other, "approve_department", item["version"])
    assert late.status_code == 409
    assert len(entries(running, item["code"])) == made


def test_a_refusal_by_link_is_shown_after_one_write_that_recorded_nothing(running, doors):
    item = running.item_in("submitted")
    link = running.link_for(item["code"], HEAD)
    with doors(read=2, write=1):
        assert choose(link, "return", item["version"]).status_code == 422
    with doors(read=2, write=1):
        assert choose(link, "approve_department", item["version"] - 1).status_code == 409
    with doors(read=2):
        assert choose(link, "", item["version"]).status_code == 400
    assert running.state_of(item["code"]) == "submitted"


def test_a_signature_by_link_is_planned_proven_and_written_once(running, doors):
    item = running.item_in("office_reviewed")
    link = running.link_for(item["code"], DIRECTOR)
    with doors(read=2, write=1):
        assert choose(link, "sign_director", item["version"]).status_code == 403
    with doors(read=3, write=2):  # the attempt counted before it is judged, and its access logged
        assert choose(link, "sign_director", item["version"], pin="111111").status_code == 403
    with doors(read=2, write=3):  # the attempt counted, cleared, and the decision
        signed = choose(link, "sign_director", item["version"], pin=PIN)
    assert signed.status_code == 200
    assert running.state_of(item["code"]) == "director_signed"


def test_a_pin_typed_where_none_is_asked_costs_one_read_and_no_attempt(running, doors):
    item = running.item_in("office_reviewed")
    link = running.link_for(item["code"], DIRECTOR)
    with doors(read=3):
        assert choose(link, "return", item["version"], pin=PIN).status_code == 422
    with doors(read=2, write=1):
        returned = choose(link, "return", item["version"], pin=PIN, comment="Bổ sung")
    assert returned.status_code == 200


def test_a_decision_by_api_is_one_write(running, doors):
    item = running.item_in("submitted")
    head = running.client(HEAD)
    head.get(f"/items/{item['code']}")  # whose token it is is remembered from here on
    sent = {"transition": "approve_department", "version": item["version"]}
    with doors(write=1):
        decided = head.post(f"/items/{item['code']}/transitions", json=sent)
    assert decided.status_code == 200


def test_a_signature_by_api_is_planned_proven_and_written_once(running, doors):
    item = running.item_in("office_reviewed")
    director = running.client(DIRECTOR)
    sent = {"transition": "sign_director", "version": item["version"]}
    path = f"/items/{item['code']}/transitions"
    director.get(f"/items/{item['code']}")
    with doors(write=1):
        assert director.post(path, json=sent).status_code == 403
    with doors(read=1, write=3):
        assert director.post(path, json={**sent, "pin": PIN}).status_code == 200


@pytest.mark.parametrize("comment", ["", "Đồng ý, đề nghị làm nhanh"])
def test_the_receipt_from_the_outcome_is_the_page_that_is_read_afterwards(running, comment):
    item = running.item_in("submitted")
    link = running.link_for(item["code"], HEAD)
    told = choose(link, "approve_department", item["version"], comment=comment).text
    read = httpx2.get(link).text

    def without_undoing(page):
        return re.sub(r'<form[^>]*/undo".*?</form>', "", page, flags=re.DOTALL)

    assert without_undoing(told) == without_undoing(read)
    # Who has just decided takes it back by one press; a page that is opened again asks once more.
    assert 'name="key"' in told
    assert '<input type="hidden" name="confirm"' in told
    assert '<input type="checkbox" id="undo" name="confirm"' in read
    assert 'name="key"' in read


@pytest.mark.one_database
def test_reads_that_are_always_late_leave_no_transaction_open(running, monkeypatch):
    """A statement's steps are counted over all its runs: each is late now and then, BEGIN too."""
    monkeypatch.setattr(database, "_ON_LOOP_SECONDS", 0.0)
    read = running.parts.database.read
    found = {len(running.run(read(people.all_people))) for _ in range(400)}
    assert found == {len(running.parts.database.report_blocking(people.all_people))}


@pytest.mark.one_database
def test_a_read_is_not_late_for_what_it_waits(running):
    """Another thread may have the interpreter meanwhile; in a thread the same read would wait no less."""
    began, threads = time.perf_counter(), []

    def read(connection):
        threads.append(threading.current_thread())
        until(lambda: time.perf_counter() > began + 5 * database._ON_LOOP_SECONDS)
        return people.all_people(connection)

    assert running.run(running.parts.database.read(read))
    assert len(threads) == 1


@pytest.mark.one_database
def test_one_client_makes_two_reports_at_a_time_and_another_does_not_wait_for_them(
    running, monkeypatch
):
    doors, may_end, at_work = running.parts.database, threading.Event(), []
    report = doors.report_blocking

    def held(fn):
        if "request_id" in structlog.contextvars.get_contextvars():
            at_work.append(fn.__module__)
            may_end.wait(60)
        return report(fn)

    def ask(source, path):
        transport = httpx2.HTTPTransport(local_address=source)
        with httpx2.Client(transport=transport, cookies=cookies, timeout=60) as client:
            return client.get(running.base_url + path).status_code

    with running.signed_in("officer@so.example") as browser, ThreadPoolExecutor() as threads:
        browser.get("/office")  # what the menu counts is kept from here on
        cookies = browser.cookies
        monkeypatch.setattr(doors, "report_blocking", held)
        sheets = [threads.submit(ask, "127.0.0.2", "/items.xlsx") for _ in range(4)]
        try:
            until(lambda: len(at_work) == 2)
            boards = threads.submit(ask, "127.0.0.3", "/deadlines/board.xlsx")
            until(lambda: len(set(at_work)) == 2)
            assert len(at_work) == 3
        finally:
            may_end.set()
        assert [each.result() for each in [*sheets, boards]] == [200] * 5
