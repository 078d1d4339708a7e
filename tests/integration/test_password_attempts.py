"""Guessing passwords: counted before they are judged, and never to the cost of the account's owner."""

import collections
import re
import secrets
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

import httpx2
import pytest
from sqlalchemy import text

from api.auth.credentials import PutSecret, find_secrets
from api.auth.password_attempts import PER_ACCOUNT, PER_ACCOUNT_AND_CLIENT, PER_CLIENT
from api.auth.passwords import hash_secret_blocking
from tests.waiting import until

OWNER, OTHER = "clerk@so.example", "auditor@so.example"
PASSWORD = "đường về nhà qua cánh đồng"


@pytest.fixture(autouse=True)
def _passwords(running):
    for email in (OWNER, OTHER):
        command = PutSecret(
            person=running.person(email).id,
            name="password_hash",
            value=hash_secret_blocking(PASSWORD),
        )
        running.run(running.parts.database.write(command))


def sign_in(
    running, email: str, password: str, *, place: str = "127.0.0.1", cookie: str = ""
) -> tuple[int, list[str]]:
    """Sign in from an address of this machine; the status, and the cookies set."""
    host = urlsplit(running.base_url)
    connection = HTTPConnection(host.hostname, host.port, source_address=(place, 0), timeout=60)
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        **({"Cookie": cookie} if cookie else {}),
    }
    connection.request(
        "POST", "/sign-in", urlencode({"email": email, "password": password}), headers
    )
    answer = connection.getresponse()
    answer.read()
    cookies = [value for name, value in answer.getheaders() if name.lower() == "set-cookie"]
    connection.close()
    return answer.status, cookies


def known_cookie(cookies: list[str]) -> str:
    return next(each.split(";")[0] for each in cookies if each.startswith("thidua-known="))


def test_of_guesses_in_parallel_no_more_are_judged_than_one_after_another(running):
    with ThreadPoolExecutor(40) as threads:
        tried = threads.map(lambda number: sign_in(running, OTHER, f"wrong {number}")[0], range(80))
        counted = collections.Counter(tried)
    assert counted == {401: PER_ACCOUNT_AND_CLIENT.count, 429: 80 - PER_ACCOUNT_AND_CLIENT.count}
    assert sign_in(running, OTHER, PASSWORD)[0] == 429, (
        "a right one is not judged either from there"
    )


@pytest.mark.parametrize(
    "spelling",
    [
        " Clerk@SO.example",
        "CLERK@so.example\u200b",
        "clerk@so.example" + " " * 300,
        "cler\u212a@so.example",
    ],
)
@pytest.mark.one_database
def test_spelling_an_address_otherwise_gives_no_further_guesses(running, spelling):
    for number in range(PER_ACCOUNT_AND_CLIENT.count):
        sign_in(running, OWNER, f"wrong {number}")
    assert sign_in(running, spelling, PASSWORD)[0] == 429


@pytest.mark.one_database
def test_wrong_passwords_from_elsewhere_do_not_lock_the_owner_out(running):
    for number in range(PER_ACCOUNT_AND_CLIENT.count + 1):
        sign_in(running, OWNER, f"wrong {number}", place="127.0.0.9")
    assert sign_in(running, OWNER, PASSWORD, place="127.0.0.10")[0] == 303


@pytest.mark.one_database
def test_an_account_guessed_at_from_many_places_is_open_to_its_owner(running):
    _, cookies = sign_in(running, OWNER, PASSWORD, place="127.0.0.30")
    stranger = known_cookie(sign_in(running, OTHER, PASSWORD, place="127.0.0.31")[1])
    places = [f"127.0.1.{number}" for number in range(1, 7)]
    for number in range(PER_ACCOUNT.count + 1):
        sign_in(running, OWNER, f"wrong {number}", place=places[number % len(places)])
    began = running.loop.time()
    assert (
        sign_in(running, OWNER, PASSWORD, place="127.0.0.30", cookie=known_cookie(cookies))[0]
        == 303
    )
    assert sign_in(running, OWNER, PASSWORD, place="127.0.0.32")[0] == 303, "slowly, yet it opens"
    assert running.loop.time() - began > 1, "whoever is not known takes turns"
    assert sign_in(running, OWNER, "wrong", place="127.0.0.33", cookie=stranger)[0] == 401


@pytest.mark.one_database
def test_the_session_is_the_last_cookie_of_the_answer(running):
    cookies = sign_in(running, OWNER, PASSWORD, place="127.0.0.39")[1]
    assert [each.partition("=")[0] for each in cookies] == ["thidua-known", "thidua"]


def test_a_known_browser_has_a_few_guesses_of_its_own_and_no_more(running):
    cookie = known_cookie(sign_in(running, OWNER, PASSWORD, place="127.0.0.40")[1])
    statuses = [
        sign_in(running, OWNER, f"wrong {number}", place="127.0.0.41", cookie=cookie)[0]
        for number in range(7)
    ]
    assert statuses == [401] * 5 + [429] * 2
    forged = cookie[:-1] + ("0" if cookie[-1] != "0" else "1")
    assert [
        sign_in(running, OWNER, "wrong", place="127.0.0.42", cookie=forged)[0] for _ in range(6)
    ] == [401] * 5 + [429]


@pytest.mark.one_database
def test_signing_in_rightly_is_counted_nowhere(running):
    assert [
        sign_in(running, OWNER, PASSWORD)[0] for _ in range(PER_ACCOUNT_AND_CLIENT.count + 2)
    ] == [303] * 7


@pytest.mark.one_database
def test_one_clients_guesses_at_many_accounts_end(running):
    tried = [
        sign_in(running, f"n{number}@so.example", "x", place="127.0.0.50")[0]
        for number in range(PER_CLIENT.count + 1)
    ]
    assert tried == [401] * PER_CLIENT.count + [429]
    assert sign_in(running, OWNER, PASSWORD, place="127.0.0.51")[0] == 303


@pytest.mark.one_database
def test_wrong_tokens_and_wrong_codes_end_and_right_ones_do_not(running):
    for path, headers in (
        ("/api/v1/me", {"Authorization": "Bearer wrong"}),
        (f"/setup/s1.test.{'0' * 32}.0", {}),
    ):
        answers = [
            httpx2.get(running.base_url + path, headers=headers).status_code for _ in range(32)
        ]
        assert answers[-1] == 429, path
        assert 429 not in answers[:30], path
    assert running.client(OTHER).get("/me").status_code == 200


def count(running, query: str, **values: object) -> int:
    return int(
        running.parts.database.report_blocking(
            lambda connection: connection.execute(text(query), values).scalar()
        )
    )


@pytest.mark.one_database
def test_asking_for_a_reset_does_and_says_the_same_whoever_asks(running):
    def written() -> int:
        return count(running, "SELECT count(*) FROM accesses WHERE what = 'reset_asked'")

    pages, rows = set(), []
    with running.browser() as browser:
        for email in (
            "staff.ls@so.example",
            "nobody@so.example",
            "director@so.example",
            "STAFF.LS@so.example",
            "x" * 400,
        ):
            before = written()
            answer = browser.post("/forgot", data={"email": email})
            pages.add((answer.status_code, answer.text))
            rows.append(written() - before)
    assert len(pages) == 1
    assert rows == [1] * 5, "the same is kept for all, so that all wait for the disk alike"


@pytest.mark.one_database
def test_asking_for_resets_is_limited_for_an_address_and_for_a_client(running):
    email = "deputy.bg@so.example"
    with running.browser() as browser:
        statuses = [browser.post("/forgot", data={"email": email}).status_code for _ in range(22)]
    assert statuses == [200] * 20 + [429] * 2
    person = running.person(email).id
    query = "SELECT count(*) FROM outbox WHERE kind = 'reset' AND person = :person"
    assert count(running, query, person=person) == 3


def letters(running, email: str) -> list[str]:
    found = [each for each in running.mailbox.mails() if each.recipient == email]
    return [link for each in found for link in re.findall(r"http\S+/setup/\S+", each.text)]


def test_a_new_code_ends_the_earlier_ones(running):
    email = "head.ls@so.example"
    with running.browser() as browser:
        browser.post("/forgot", data={"email": email})
        first = until(lambda: letters(running, email))[-1]
        assert browser.get(first).status_code == 200
        browser.post("/forgot", data={"email": email})
        second = until(lambda: letters(running, email)[1:])[-1]
        assert browser.get(first).status_code == 410
        assert (
            browser.post(first, data={"password": PASSWORD, "again": PASSWORD}).status_code == 410
        )
        assert browser.get(second).status_code == 200


@pytest.mark.one_database
def test_a_reset_ends_sessions_tokens_and_feeds(running):
    email = "head.bg@so.example"
    api = running.client(email)
    assert api.get("/me").status_code == 200
    with running.signed_in(email) as inside, running.browser() as outside:
        feed = re.search(
            r"http\S+/feeds?/[^\s\"<]+|http\S+\.ics", inside.post("/deadlines/calendar/feed").text
        )
        assert feed is not None
        assert httpx2.get(feed[0]).status_code == 200
        outside.post("/forgot", data={"email": email})
        link = until(lambda: letters(running, email))[-1]
        assert (
            "đã kết thúc" in outside.post(link, data={"password": PASSWORD, "again": PASSWORD}).text
        )
        assert inside.get("/items", follow_redirects=False).status_code == 303
        assert api.get("/me").status_code == 401
        assert httpx2.get(feed[0]).status_code == 404
        assert (
            outside.post("/sign-in", data={"email": email, "password": PASSWORD}).status_code == 200
        )


@pytest.mark.one_database
def test_somebody_elses_link_sets_nothing_while_one_is_signed_in(running):
    email = "deputy.ls@so.example"
    with running.browser() as outside:
        outside.post("/forgot", data={"email": email})
        link = until(lambda: letters(running, email))[-1]
        with running.signed_in(OTHER) as inside:
            assert inside.get(link).status_code == 403
            assert (
                inside.post(link, data={"password": PASSWORD, "again": PASSWORD}).status_code == 403
            )
        assert email in outside.get(link).text, "it says whose password it is"
        assert outside.post(link, data={"password": PASSWORD, "again": PASSWORD}).status_code == 200


def test_a_code_is_used_once_by_whoever_comes_first(running):
    email = "deputy.htqt@so.example"
    with running.browser() as browser:
        browser.post("/forgot", data={"email": email})
    link = until(lambda: letters(running, email))[-1]
    words = [f"{PASSWORD} {secrets.token_hex(2)}" for _ in range(8)]
    with ThreadPoolExecutor(8) as threads:
        answers = list(
            threads.map(
                lambda each: httpx2.post(link, data={"password": each, "again": each}).status_code,
                words,
            )
        )
    assert sorted(answers) == [200] + [410] * 7


NEWCOMER = {"name": "Chuyên viên mới", "position": "staff", "department": "hop-tac-quoc-te"}


def invited(running, email: str) -> str:
    assert (
        running.client("officer@so.example")
        .post("/people", json={**NEWCOMER, "email": email})
        .status_code
        == 201
    )
    return until(lambda: letters(running, email))[-1]


@pytest.mark.one_database
def test_an_invitation_follows_its_address(running):
    wrong, right = "wrong.new@elsewhere.example", "right.new@so.example"
    with running.browser() as browser:
        first = invited(running, wrong)
        assert (
            running.client("officer@so.example")
            .patch(f"/people/{wrong}", json={"email": right})
            .status_code
            == 200
        )
        assert (
            browser.post(first, data={"password": PASSWORD, "again": PASSWORD}).status_code == 410
        )
        second = until(lambda: letters(running, right))[-1]
        assert (
            browser.post(second, data={"password": PASSWORD, "again": PASSWORD}).status_code == 200
        )
        assert (
            browser.post("/sign-in", data={"email": right, "password": PASSWORD}).status_code == 200
        )


@pytest.mark.one_database
def test_a_reset_mailed_to_an_address_that_was_changed_opens_nothing(running):
    email, other = "staff.bg@so.example", "staff.bg.new@so.example"
    person = running.person(email).id
    for name, value in (
        ("password_hash", hash_secret_blocking(PASSWORD)),
        ("enrol_hash", hash_secret_blocking("ZZZZZZZZ22")),
    ):
        running.run(running.parts.database.write(PutSecret(person=person, name=name, value=value)))
    with running.browser() as browser:
        browser.post("/forgot", data={"email": email})
        link = until(lambda: letters(running, email))[-1]
        assert (
            running.client("officer@so.example")
            .patch(f"/people/{email}", json={"email": other})
            .status_code
            == 200
        )
        assert browser.get(link).status_code == 410
    kept = running.parts.database.report_blocking(
        lambda connection: find_secrets(connection, person)
    )
    assert kept.enrol_hash is None
    assert kept.password_hash is not None
    assert letters(running, other) == [], "whoever has a password needs no invitation"
    assert (
        running.client("officer@so.example")
        .patch(f"/people/{other}", json={"email": email})
        .status_code
        == 200
    )


@pytest.mark.one_database
def test_who_has_left_finds_nothing_open_on_coming_back(running):
    email = "leaver.new@so.example"
    link = invited(running, email)
    with running.signed_in(email) as browser:
        api, office = running.client(email), running.client("officer@so.example")
        assert api.get("/me").status_code == 200
        for is_active in (False, True):
            assert (
                office.patch(f"/people/{email}", json={"is_active": is_active}).status_code == 200
            )
        assert api.get("/me").status_code == 401
        assert browser.get("/items", follow_redirects=False).status_code == 303
        assert browser.get(link).status_code == 410
