"""Signing in, staying signed in, signing out."""

from datetime import timedelta

import httpx2
import pytest

from api.auth.sessions import IDLE

pytestmark = pytest.mark.one_database

STAFF, OFFICE = "staff.htqt@so.example", "officer@so.example"


def form_of(page: httpx2.Response) -> dict[str, str]:
    """What the page's form carries unseen."""
    import re

    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))


def test_signing_in_leads_to_the_page_asked_for(running):
    with running.browser() as browser:
        page = browser.get("/items?state=drafted&q=khen")
        assert "Đăng nhập" in page.text
        hidden = {name: value.replace("&amp;", "&") for name, value in form_of(page).items()}
        after = browser.post("/demo/sign-in", data={**hidden, "email": STAFF})
        assert str(after.url) == running.base_url + "/items?state=drafted&q=khen"
        assert str(browser.get("/sign-in?next=/deadlines").url).endswith("/deadlines"), (
            "who is signed in goes there at once"
        )


def test_a_form_sent_after_the_session_ended_leads_back_to_its_page(running):
    with running.browser() as browser:
        sent = browser.post(
            "/hints/work",
            headers={"Referer": running.base_url + "/deadlines?kind=interim"},
            follow_redirects=False,
        )
        assert sent.headers["location"] == "/sign-in?next=/deadlines%3Fkind%3Dinterim"
        strange = browser.post(
            "/hints/work", headers={"Referer": "http://[evil/"}, follow_redirects=False
        )
        assert strange.headers["location"] == "/sign-in"


@pytest.mark.parametrize(
    "harm", ["//evil.example", "/\\evil.example", "https://evil.example", "/%2f/evil.example"]
)
def test_the_way_back_never_leads_outside(running, harm):
    with running.browser() as browser:
        for address in ("/sign-in", "/demo/sign-in"):
            answer = browser.post(
                address,
                data={"email": STAFF, "password": "x", "next": harm},
                follow_redirects=False,
            )
            assert "evil" not in answer.headers.get("location", "") + answer.text
        assert "evil" not in browser.get("/sign-in", params={"next": harm}).text


def test_a_session_gets_a_new_secret_at_sign_in_and_the_one_before_ends_on_the_server(running):
    with running.browser() as browser:
        browser.cookies.set("thidua", "a-secret-that-a-stranger-chose")
        browser.post("/demo/sign-in", data={"email": STAFF})
        first = browser.cookies.get("thidua", domain="127.0.0.1")
        assert first is not None
        assert first != "a-secret-that-a-stranger-chose"
        answer = browser.post("/demo/sign-in", data={"email": OFFICE}, follow_redirects=False)
        flags = answer.headers["set-cookie"].lower()
        assert "httponly" in flags
        assert "samesite=lax" in flags
        second = answer.cookies["thidua"]
    assert second != first
    assert opens(running, second)
    assert not opens(running, first)


def test_signing_out_ends_the_session_on_the_server(running):
    with running.signed_in(STAFF) as browser:
        kept = browser.cookies["thidua"]
        assert opens(running, kept)
        browser.post("/sign-out")
    assert not opens(running, kept)


def opens(running, secret: str) -> bool:
    return (
        httpx2.get(
            running.base_url + "/api/v1/me", headers={"Cookie": f"thidua={secret}"}
        ).status_code
        == 200
    )


def test_moving_the_demos_clock_leaves_one_signed_in(running):
    with running.signed_in(STAFF) as browser:
        for days in ("7", "1", "7"):
            assert 'action="/demo/advance"' in browser.get("/more").text, (
                "a narrow screen has the clock there"
            )
            assert "Việc của tôi" in browser.post("/demo/advance", data={"days": days}).text
        assert browser.get("/items", follow_redirects=False).status_code == 200
        running.clock.advance(IDLE + timedelta(seconds=1))
        assert browser.get("/items", follow_redirects=False).status_code == 303, (
            "rest ends it all the same"
        )


def test_choosing_a_role_in_the_demo_proves_no_browser_to_be_anybodys(running):
    with running.browser() as browser:
        answer = browser.post("/demo/sign-in", data={"email": STAFF}, follow_redirects=False)
        cookies = answer.headers.get_list("set-cookie")
        assert [each.partition("=")[0] for each in cookies] == ["thidua"]
