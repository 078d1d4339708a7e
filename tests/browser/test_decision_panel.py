"""The decision beside an item's content: its answer comes without the page around it."""

import re

import pytest

from tests.browser.conftest import CHROMIUM

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine: the browser tests did not run"
)
HEAD = "head.htqt@so.example"


def test_a_decision_is_answered_where_it_was_taken(running, chromium):
    code = running.item_in("submitted")["code"]
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda told: complaints.append(told.text) if "CSP" in told.text else None)
    page.context.request.post(f"{running.base_url}/demo/sign-in", form={"email": HEAD})
    page.goto(f"{running.base_url}/items/{code}")
    page.evaluate("() => { window.isSame = true; }")
    before = waiting(page)
    page.locator("#decide summary", has_text="Trả lại để bổ sung").click()
    page.locator("#decide").get_by_role("button", name="Trả lại để bổ sung").click()
    page.locator(".error-summary").wait_for()
    assert page.locator("#comment").is_visible(), "the answer that was tried is open"
    assert running.client(HEAD).get(f"/items/{code}").json()["state"] == "submitted"
    page.locator("#decide").get_by_role("button", name="Duyệt, chuyển Văn phòng Sở").click()
    page.locator(".flash").wait_for()
    assert page.evaluate("() => window.isSame"), "nothing around the page was loaded again"
    assert page.url.partition("#")[0] == f"{running.base_url}/items/{code}"
    assert waiting(page) == before - 1, "the menu counts what waits now"
    assert running.client(HEAD).get(f"/items/{code}").json()["state"] == "department_approved"
    assert complaints == []
    context.close()


def waiting(page):
    """Return how many items the menu says wait; none is said as no number."""
    return int((re.findall(r"\d+", page.locator("#menu a").first.inner_text()) or ["0"])[0])
