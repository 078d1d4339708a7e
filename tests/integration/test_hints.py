"""Hints for a first visit: each page has its own, in the reader's role, and one that was read does not come back."""

import re

import pytest

pytestmark = pytest.mark.one_database

PAGES = {"/": "work", "/items": "items", "/deadlines": "deadlines"}
HINT = "hint wide-only"


@pytest.mark.parametrize("address", PAGES)
def test_a_hint_is_shown_until_it_is_read(running, address):
    with running.signed_in("staff.ls@so.example") as browser:
        assert HINT in browser.get(address).text
        back = browser.post(
            f"/hints/{PAGES[address]}", headers={"Referer": running.base_url + address}
        )
        assert str(back.url) == running.base_url + address
        assert HINT not in back.text
    with running.signed_in("staff.ls@so.example") as again:
        assert HINT not in again.get(address).text
    with running.signed_in("head.ls@so.example") as other:
        assert HINT in other.get(address).text, "each person reads for themselves"


def test_a_hint_knows_its_reader(running):
    with running.signed_in("officer@so.example") as browser:
        page = browser.get("/deadlines").text
        assert "xem trước các thư nhắc" in page
        assert 'href="/help/office"' in page
    code = running.draft()["code"]
    with running.signed_in("auditor@so.example") as browser:
        assert HINT in browser.get(f"/items/{code}").text


def test_a_hint_that_is_none_is_not_found(running):
    with running.signed_in("officer@so.example") as browser:
        assert browser.post("/hints/nothing").status_code == 404
    with running.browser() as stranger:
        assert "/sign-in" in str(stranger.post("/hints/work").url)


def test_first_steps_stand_where_nothing_waits_and_are_ticked_off(running):
    with running.signed_in("deputy.ls@so.example") as browser:
        page = browser.get("/").text
        steps = re.findall(r'action="(/hints/first-[a-z-]+)"', page)
        assert len(steps) == 3
        browser.post(steps[0], headers={"Referer": running.base_url + "/"})
        page = browser.get("/").text
        assert re.findall(r'action="(/hints/first-[a-z-]+)"', page) == steps[1:]
        assert page.count("#circle-check") == 1
        assert browser.post("/hints/first-edit").status_code == 404, "a step of others"
        browser.post("/hints/steps")
        assert "/hints/first-" not in browser.get("/").text, "no newcomer any more"


def test_a_first_step_is_seen_to_be_done_by_what_the_history_holds(running):
    with running.signed_in("staff.bg@so.example") as browser:
        before = browser.get("/help").text
        running.draft(author="staff.bg@so.example")
        after = browser.get("/help").text
    assert (before.count("#circle-check"), after.count("#circle-check")) == (0, 1)
    assert "Đã xong" in after
