"""Who writes sessions, tokens and calendars into the database opens nothing by that, and verification names it."""

import secrets
from contextlib import contextmanager
from dataclasses import replace

import httpx2
import pytest
from sqlalchemy import text

from api.auth.access_seals import sealed_anew, verify_access
from api.auth.factor_entries import BY_COMMAND_LINE
from api.auth.sessions import fingerprint, new_secret
from api.auth.tokens import RevokeToken
from api.web.calendar_feeds import seals_wanting
from tests.conftest import STARTS_AT
from tests.guards import unguarded
from workflow.history.verify_history import TamperedError
from workflow.queries.audit import verify_database

pytestmark = pytest.mark.one_database

OFFICER = "officer@so.example"
PERSON = "(SELECT id FROM people WHERE email = '{}')"
LATER = STARTS_AT.replace(year=2030).strftime("%Y-%m-%dT%H:%M:%S.000000Z")
SESSIONS = {
    "is somebody else's": f"UPDATE sessions SET person = {PERSON.format('director@so.example')}",
    "was proven by a factor": "UPDATE sessions SET factor = 'pin'",
    "lasts longer": f"UPDATE sessions SET expires_at = '{LATER}'",
    "began later": f"UPDATE sessions SET created_at = '{LATER}'",
    "has no seal": "UPDATE sessions SET seal = NULL",
    "has a seal under no key": "UPDATE sessions SET seal = 'x' || seal",
}
TOKENS = {
    "is somebody else's": f"UPDATE api_tokens SET person = {PERSON.format('director@so.example')}",
    "opens more": "UPDATE api_tokens SET scopes = NULL",
    "opens something else": "UPDATE api_tokens SET scopes = 'decide'",
    "lasts longer": f"UPDATE api_tokens SET expires_at = '{LATER}'",
    "has no seal": "UPDATE api_tokens SET seal = NULL",
}
FEEDS = {
    "is somebody else's": f"UPDATE calendar_feeds SET person = {PERSON.format('head.ls@so.example')}",
    "is at another address": f"UPDATE calendar_feeds SET token_hash = '{fingerprint('x')}'",
    "has no seal": "UPDATE calendar_feeds SET seal = NULL",
}


@contextmanager
def past_the_program(running, *statements):
    """Run statements with full write access; afterwards nothing of theirs is left."""
    with running.parts.engines.write.begin() as connection:
        for each in statements:
            with unguarded(connection, each):
                assert connection.execute(text(each)).rowcount
    try:
        yield
    finally:
        with running.parts.engines.write.begin() as connection:
            connection.execute(text("DELETE FROM sessions"))
            connection.execute(text("DELETE FROM api_tokens"))
            connection.execute(text("DELETE FROM calendar_feeds"))
        running.clients.clear()


def opened_past_the_program(running):
    """The name that verification gives what the program did not open; nothing where all is its own."""
    try:
        running.parts.database.report_blocking(
            lambda connection: verify_access(
                connection, running.parts.keys, running.parts.clock.now()
            )
        )
    except TamperedError as exc:
        return str(exc)
    return ""


def token(running, **more):
    """The headers by which a program acts for the officer: it may read."""
    identity, secret = running.token(OFFICER, **more)
    return identity, {"Authorization": f"Bearer {secret}"}


def status(running, headers):
    return httpx2.get(running.base_url + "/api/v1/me", headers=headers).status_code


@pytest.mark.parametrize("how", SESSIONS)
def test_a_session_that_was_changed_opens_nothing(running, how):
    with running.signed_in(OFFICER) as browser:
        assert browser.get("/api/v1/me").status_code == 200
        assert opened_past_the_program(running) == ""
        with past_the_program(running, SESSIONS[how]):
            assert browser.get("/api/v1/me").status_code == 401
            assert "session" in opened_past_the_program(running)


def test_a_session_that_was_slipped_in_opens_nothing(running):
    columns = "person, created_at, seen_at, expires_at, factor, seal"
    secret = new_secret()
    with running.signed_in(OFFICER) as browser:
        (name,) = browser.cookies
        slipped = (
            f"INSERT INTO sessions (id_hash, {columns}) "
            f"SELECT '{fingerprint(secret)}', {columns} FROM sessions LIMIT 1"
        )
        with past_the_program(running, slipped):
            assert browser.get("/api/v1/me").status_code == 200
            forged = {"Cookie": f"{name}={secret}"}
            assert httpx2.get(running.base_url + "/api/v1/me", headers=forged).status_code == 401
            assert fingerprint(secret)[:16] in opened_past_the_program(running)


@pytest.mark.parametrize("how", TOKENS)
def test_a_token_that_was_changed_opens_nothing(running, how):
    identity, headers = token(running, scopes=frozenset({"read"}))
    only = f" WHERE id = '{identity}'"
    with past_the_program(running, TOKENS[how] + only):
        assert status(running, headers) == 401
        assert f"token {identity} was opened past the program" in opened_past_the_program(running)


def feed(running, **form):
    """The address of the officer's calendar."""
    with running.signed_in(OFFICER) as browser:
        page = browser.post("/deadlines/calendar/feed", data=form).text
    return page.partition(f"{running.base_url}/feeds/")[2].partition(".ics")[0]


def reads(running, address):
    return httpx2.get(f"{running.base_url}/feeds/{address}.ics").status_code


def told(running):
    """What verification of the history says."""
    return str(running.parts.database.report_blocking(verify_database).sentence)


@pytest.mark.parametrize("how", FEEDS)
def test_a_calendar_that_was_changed_opens_nothing(running, how):
    address = feed(running)
    assert (reads(running, address), opened_past_the_program(running)) == (200, "")
    with past_the_program(running, FEEDS[how]):
        assert (reads(running, address), reads(running, "x")) == (404, 404)
        assert " calendar was opened past the program" in opened_past_the_program(running)


def test_a_calendar_follows_the_newest_key(running):
    feed(running)
    old = running.parts.keys
    both = replace(old, by_kid={"new": secrets.token_bytes(32), **old.by_kid})
    with running.parts.engines.read.connect() as connection:
        assert seals_wanting(old, connection) == []
        (anew,) = seals_wanting(both, connection)
    assert anew["seal"].startswith("new.")
    with (
        past_the_program(running, f"UPDATE calendar_feeds SET seal = '{anew['seal']}'"),
        running.parts.engines.read.connect() as connection,
    ):
        assert seals_wanting(both, connection) == []
        verify_access(connection, both, running.parts.clock.now())


def test_a_calendar_is_at_the_address_that_history_tells_of(running):
    """An earlier address, put back with its own seal, is named; so is one that was ended."""
    kept = "SELECT person, token_hash, created_at, seal FROM calendar_feeds"
    first = feed(running)
    with running.parts.engines.write.begin() as connection:
        (row,) = connection.execute(text(kept))
    back = "UPDATE calendar_feeds SET token_hash = '{}', created_at = '{}', seal = '{}'"
    second = feed(running)
    assert (reads(running, first), reads(running, second)) == (404, 200)
    assert "calendar" not in told(running)
    with past_the_program(running, back.format(*row[1:])):
        assert f"person:{row.person} calendar is at an address that no" in told(running)
    third = feed(running)
    assert feed(running, action="end") == ""
    assert reads(running, third) == 404
    values = ", ".join(f"'{each}'" for each in row)
    with past_the_program(running, f"INSERT INTO calendar_feeds VALUES ({values})"):
        assert f"person:{row.person} calendar is at an address that no" in told(running)
    body = "SELECT type FROM history WHERE type LIKE 'feed%' ORDER BY id DESC LIMIT 4"
    with running.parts.engines.read.connect() as connection:
        found = [each.type for each in connection.execute(text(body))]
    assert found == ["feed_ended", "feed_made", "feed_made", "feed_made"]


def test_a_token_that_was_ended_opens_nothing_whatever_its_row_says(running):
    identity, headers = token(running)
    _, still = token(running)
    ended = RevokeToken(id=identity, by=BY_COMMAND_LINE)
    running.run(running.parts.database.write(ended))
    again = "UPDATE api_tokens SET revoked_at = NULL WHERE revoked_at IS NOT NULL"
    with past_the_program(running, again):
        assert status(running, headers) == 401
        assert status(running, still) == 200
        verdict = running.parts.database.report_blocking(verify_database)
        assert f"token {identity} is open, but" in str(verdict.sentence)


def test_a_token_in_use_follows_the_newest_key(running):
    """So an older key may go; what has not been used since, goes with it."""
    identity, headers = token(running)
    assert status(running, headers) == 200
    old = running.parts.keys
    both = replace(old, by_kid={"new": secrets.token_bytes(32), **old.by_kid})
    only_new = replace(old, by_kid={"new": both.by_kid["new"]})

    def sealed(keys):
        return running.parts.database.report_blocking(
            lambda connection: sealed_anew(keys, connection, identity)
        )

    assert sealed(only_new) == sealed(old)
    with past_the_program(running, f"UPDATE api_tokens SET seal = '{sealed(both)}'"):
        assert sealed(only_new).startswith("new.")
        assert sealed(only_new) == sealed(both)
        assert identity in opened_past_the_program(running)
