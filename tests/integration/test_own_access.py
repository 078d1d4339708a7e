"""What one has open: listed for its owner alone, and ended by them."""

from datetime import timedelta

import httpx2
import pytest

from api.auth.factor_entries import BY_COMMAND_LINE
from workflow.store.history import last_entry

pytestmark = pytest.mark.one_database

HEAD, OTHER = "head.ls@so.example", "head.bg@so.example"
CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/126.0 Safari/537.36"


def last(running):
    """What history tells of the owner at the end: what, by whom, by which way."""
    subject = f"person:{running.person(HEAD).id}"
    found = running.parts.database.report_blocking(lambda each: last_entry(each, subject))
    return found.type, found.actor, found.fact.via


def sessions(browser):
    return browser.get("/api/v1/me/sessions").json()["data"]


def test_sessions_say_when_and_where_from_and_end_one_by_one_or_together(running):
    with (
        running.signed_in(HEAD) as here,
        running.browser() as there,
        running.browser() as third,
        running.signed_in(OTHER) as stranger,
    ):
        there.post("/demo/sign-in", data={"email": HEAD}, headers={"User-Agent": CHROME})
        third.post("/demo/sign-in", data={"email": HEAD})
        rows = sessions(here)
        assert len(rows) == 3
        assert [each["is_this"] for each in rows].count(True) == 1
        assert {each["address"] for each in rows} == {"127.0.0.1"}
        named = next(each for each in rows if each["agent"] == CHROME)
        assert named["opened_at"].startswith("2022-05-04")
        page = here.get("/security").text
        assert "Chrome, Windows" in page
        assert "127.0.0.1" in page
        path = f"/security/sessions/{named['id']}/end"
        assert stranger.post(path).status_code == 404
        assert stranger.post(f"/api/v1/me/sessions/{named['id']}/end").status_code == 404
        assert there.get("/api/v1/me").status_code == 200
        assert here.post(path).url.path == "/security"
        assert there.get("/api/v1/me").status_code == 401
        assert here.post("/security/sessions/end").status_code == 200
        assert third.get("/api/v1/me").status_code == 401
        (left,) = sessions(here)
        assert here.post(f"/api/v1/me/sessions/{left['id']}/end").status_code == 200
        assert here.get("/api/v1/me").status_code == 401
        assert len(sessions(stranger)) == 1


def test_tokens_say_when_they_were_used_and_end_at_once(running):
    ends = running.clock.now() + timedelta(days=2)
    identity, secret = running.token(HEAD, ends, by=BY_COMMAND_LINE)
    assert last(running) == ("token_made", None, "cli")
    with running.signed_in(HEAD) as here, running.signed_in(OTHER) as stranger:

        def row():
            rows = here.get("/api/v1/me/tokens").json()["data"]
            return next((each for each in rows if each["id"] == identity), None)

        assert (row()["seen_at"], row()["scopes"]) == (None, None)
        headers = {"Authorization": f"Bearer {secret}"}
        assert httpx2.get(running.base_url + "/api/v1/me", headers=headers).status_code == 200
        assert row()["seen_at"] is not None
        assert identity in here.get("/security").text
        assert identity not in stranger.get("/security").text
        assert stranger.post(f"/security/tokens/{identity}/end").status_code == 404
        assert stranger.post(f"/api/v1/me/tokens/{identity}/end").status_code == 404
        assert here.post(f"/security/tokens/{identity}/end").url.path == "/security"
        assert httpx2.get(running.base_url + "/api/v1/me", headers=headers).status_code == 401
        assert row() is None
    assert last(running) == ("token_ended", running.person(HEAD).id, "page")
