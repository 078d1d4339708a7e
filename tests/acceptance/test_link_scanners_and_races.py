"""Bad cases of links: machines that open and press, clicks that come twice or at once."""

import re
import socket
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote, urlsplit

import httpx2
import pytest

from tests.acceptance.by_link import AUDITOR, DEPUTY, DIRECTOR, HEAD, waiting_for
from workflow.command import Cause
from workflow.commands.migrate_items import MigrateItem
from workflow.model import Method, Via


@pytest.fixture
def waiting(running):
    return waiting_for(running)


@pytest.mark.one_database
def test_a_storm_of_heads_changes_nothing(waiting):
    assert {
        (each.status_code, each.content) for each in (httpx2.head(waiting.link) for _ in range(60))
    } == {(200, b"")}
    assert waiting.state == "submitted"


@pytest.mark.one_database
def test_after_a_storm_of_gets_the_person_still_decides(waiting):
    assert {httpx2.get(waiting.link).status_code for _ in range(200)} == {200}
    assert waiting.state == "submitted"
    assert waiting.post().status_code == 200
    assert waiting.moves() == ["submit", "approve_department"]


@pytest.mark.one_database
def test_a_scanner_that_follows_finds_nothing_to_follow(waiting):
    page = httpx2.get(waiting.link, follow_redirects=True)
    assert page.history == []
    assert "http-equiv" not in page.text
    assert waiting.state == "submitted"


@pytest.mark.one_database
def test_a_scanner_with_a_browser_finds_no_script_to_run(waiting):
    page = httpx2.get(waiting.link).text
    assert "<script" not in page
    assert not re.search(r"\son[a-z]+=", page)
    assert waiting.state == "submitted"


@pytest.mark.one_database
def test_a_bot_that_sends_the_form_as_it_stands_decides_nothing(waiting):
    page = httpx2.get(waiting.link).text
    defaults = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    assert httpx2.post(waiting.link, data={**defaults, "comment": ""}).status_code == 400
    assert waiting.state == "submitted"


@pytest.mark.one_database
def test_a_browser_that_presses_every_button_decides_nothing(waiting):
    page = httpx2.get(waiting.link).text
    actions = set(re.findall(r'<form method="post" action="([^"]+)"', page))
    base = waiting.running.base_url
    for action in sorted(actions, key=len):
        httpx2.post(base + action, data={"version": waiting.version, "comment": ""})
    assert waiting.state == "submitted"
    assert waiting.post().status_code == 200, "the link still serves its person"
    for action in ("/undo", "/not-me", "/recuse"):
        assert httpx2.post(waiting.link + action, data={"comment": ""}).status_code in {409, 422}
    assert waiting.moves() == ["submit", "approve_department"]


@pytest.mark.one_database
def test_a_bot_that_takes_the_first_radio_is_undone_and_cannot_sign(running, waiting):
    first = re.search(
        r'<input type="radio"[^>]*\sname="decision"\s+value="([^"]+)"',
        httpx2.get(waiting.link).text,
    )[1]
    receipt = waiting.post(first)
    key = re.search(r'name="key" value="([0-9a-f]{32})"', receipt.text)[1]
    assert (
        httpx2.post(waiting.link + "/undo", data={"key": key, "confirm": "yes"}).status_code == 200
    )
    assert waiting.state == "submitted"
    signing = waiting_for(running, DIRECTOR, "office_reviewed")
    first = re.search(
        r'<input type="radio"[^>]*\sname="decision"\s+value="([^"]+)"',
        httpx2.get(signing.link).text,
    )[1]
    assert first == "sign_director"
    assert signing.post(first).status_code == 403
    assert signing.state == "office_reviewed"


@pytest.mark.one_database
def test_a_prefetch_changes_nothing(waiting):
    assert httpx2.get(waiting.link, headers={"Sec-Purpose": "prefetch"}).status_code == 200
    assert waiting.state == "submitted"


@pytest.mark.one_database
def test_a_rewritten_address_leaves_the_link_good(waiting):
    encoded = waiting.link.replace(waiting.token, quote(waiting.token, safe="").replace(".", "%2E"))
    page = httpx2.get(encoded)
    assert page.status_code in {200, 404}
    assert waiting.state == "submitted"
    assert waiting.post().status_code == 200


@pytest.mark.one_database
@pytest.mark.parametrize("damage", [".", ">", "=20", "=\r\n", "%20", "%0A", ")", ","])
def test_an_address_damaged_at_its_end_is_not_found(waiting, damage):
    damaged = waiting.link + quote(damage, safe="%=.>),")
    assert httpx2.get(damaged).status_code == 404
    assert (
        httpx2.post(damaged, data={"decision": "approve_department", "version": "2"}).status_code
        == 404
    )
    assert waiting.state == "submitted"


@pytest.mark.one_database
def test_an_address_in_capitals_is_not_found(waiting):
    assert httpx2.get(waiting.link.replace(waiting.token, waiting.token.upper())).status_code == 404
    assert waiting.state == "submitted"


def test_a_scanner_faster_than_the_sender_finds_the_link_or_nothing(waiting):
    # A link's row is committed before its mail is rendered: whoever has the token finds the row. Before, there is no token.
    almost = waiting.link[:-1] + ("A" if waiting.link[-1] != "A" else "B")
    assert httpx2.get(almost).status_code == 404
    assert httpx2.get(waiting.link).status_code == 200


def test_two_scanners_and_the_person_at_once_make_one_decision(waiting):
    def act(number):
        return waiting.post().status_code if number == 5 else httpx2.get(waiting.link).status_code

    with ThreadPoolExecutor(11) as pool:
        assert set(pool.map(act, range(11))) == {200}
    assert waiting.moves() == ["submit", "approve_department"]


@pytest.mark.one_database
def test_the_same_again_after_success_records_nothing_more(waiting):
    first, again = waiting.post(), waiting.post()
    assert (first.status_code, again.status_code) == (200, 200)
    assert len(waiting.entries()) == 3


@pytest.mark.parametrize("round_number", range(2))
def test_fifty_at_once_make_one_decision(waiting, round_number, is_long):
    for _ in range(100 if is_long else 1):
        with ThreadPoolExecutor(25) as pool:
            answers = list(pool.map(lambda _: waiting.post().status_code, range(50)))
        assert set(answers) == {200}
    assert waiting.moves() == ["submit", "approve_department"]


def test_a_double_click_is_one_decision(waiting):
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda _: waiting.post().status_code, range(2))) == [200, 200]
    assert waiting.moves() == ["submit", "approve_department"]


@pytest.mark.one_database
def test_going_back_and_sending_again_records_nothing_more(waiting):
    before = httpx2.get(waiting.link).text
    assert waiting.post().status_code == 200
    version = re.search(r'name="version" value="(\d+)"', before)[1]
    assert waiting.post(version=version).status_code == 200
    assert len(waiting.entries()) == 3


def test_of_one_answer_in_one_tab_and_another_in_the_next_one_counts(waiting):
    with ThreadPoolExecutor(2) as pool:
        answers = list(
            pool.map(
                lambda each: waiting.post(*each[0], **each[1]).status_code,
                [(("approve_department",), {}), (("return",), {"comment": "x"})],
            )
        )
    assert sorted(answers) == [200, 409]
    assert len(waiting.moves()) == 2


def test_of_two_approvers_of_one_step_one_decides_and_the_other_is_told(running, waiting):
    other = running.link_for(waiting.code, DEPUTY)
    with ThreadPoolExecutor(2) as pool:
        answers = list(
            pool.map(
                lambda link: (
                    httpx2.post(
                        link, data={"decision": "approve_department", "version": "2"}
                    ).status_code
                ),
                [waiting.link, other],
            )
        )
    assert sorted(answers) == [200, 409]
    assert waiting.moves() == ["submit", "approve_department"]


def test_the_link_and_the_signed_in_page_at_once_make_one_decision(running, waiting):
    running.client(HEAD)

    def by_page(_):
        return (
            running.client(HEAD)
            .post(
                f"/items/{waiting.code}/transitions",
                json={"transition": "approve_department", "version": 2},
            )
            .status_code
        )

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(
            [pool.submit(by_page, 0), pool.submit(lambda: waiting.post().status_code)], key=id
        )
        assert {each.result() for each in answers} <= {200, 409}
    assert waiting.moves() == ["submit", "approve_department"]


@pytest.mark.one_database
def test_who_never_got_the_answer_and_tries_again_decides_once(waiting):
    address = urlsplit(waiting.link)
    body = f"decision=approve_department&version={waiting.version}"
    request = (
        f"POST {address.path} HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    )
    with socket.create_connection((address.hostname, address.port)) as connection:
        connection.sendall(request.encode())
    assert waiting.post().status_code == 200
    assert waiting.moves() == ["submit", "approve_department"]


@pytest.mark.one_database
def test_a_link_serves_on_when_its_item_moves_to_another_version_of_its_rules(running, waiting):
    page = httpx2.get(waiting.link).text
    assert "Kính trình Trưởng phòng duyệt" in page
    auditor = running.client(AUDITOR)
    item = auditor.get(f"/items/{waiting.code}").json()
    same = running.run(
        running.parts.database.write(
            MigrateItem(
                cause=Cause(
                    actor=None, via=Via.CLI, method=Method.NONE, command_id="to-the-same-rules"
                ),
                code=waiting.code,
                to_hash=item["definition"]["hash"],
            )
        )
    )
    assert same == 0
    assert waiting.post().status_code == 200
    assert waiting.moves() == ["submit", "approve_department"]
