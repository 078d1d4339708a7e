"""Bad cases of links: whom, what and when one is for; tokens that are not what was sent."""

from base64 import urlsafe_b64decode
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

import httpx2
import pytest

from tests.acceptance.by_link import AUDITOR, DEPUTY, HEAD, OFFICER, STAFF, post, waiting_for
from workflow.command import Cause
from workflow.commands.people import ImportPeople
from workflow.links import parse, token
from workflow.model import Method, Via
from workflow.people.staff_rows import PersonRow
from workflow.store import links

pytestmark = pytest.mark.one_database


@pytest.fixture
def waiting(running):
    return waiting_for(running)


def change(running, email, command_id, **values):
    person = running.person(email)
    given = {
        "name": person.name,
        "position": person.position.value,
        "department": person.department,
        "is_active": person.is_active,
        **values,
    }
    command = ImportPeople(
        rows=(PersonRow(row=1, email=email, **given),),
        cause=Cause(actor=None, via=Via.CLI, method=Method.NONE, command_id=command_id),
        invites=False,
    )
    running.run(running.parts.database.write(command))


def row_of(waiting):
    parsed = parse(waiting.token)
    return waiting.running.parts.database.report_blocking(
        lambda connection: links.find_links(connection, [parsed.id])[parsed.id]
    )


def forged(waiting, **changes):
    keys = waiting.running.parts.keys
    return (
        waiting.running.base_url
        + "/a/"
        + token(changes.pop("keys", keys), replace(row_of(waiting), **changes))
    )


def test_with_somebody_elses_session_the_link_decides_as_whom_it_was_issued_to(running, waiting):
    with running.signed_in(DEPUTY) as browser:
        assert (
            browser.post(
                waiting.link, data={"decision": "approve_department", "version": waiting.version}
            ).status_code
            == 200
        )
    assert waiting.entries()[-1]["actor"] == HEAD, (
        "the link decides as whom it was issued to, never as the session"
    )


def test_another_item_named_in_the_body_is_left_alone(running, waiting):
    other = waiting_for(running)
    assert waiting.post(code=other.code, item=other.code).status_code == 200
    assert (waiting.state, other.state) == ("department_approved", "submitted")


@pytest.mark.parametrize(
    "decision",
    [
        "sign_director",
        "submit",
        "review_office",
        "withdraw",
        "../approve_department",
        "",
        "approve_department\x00",
    ],
)
def test_a_decision_that_was_not_offered_is_refused(waiting, decision):
    assert waiting.post(decision).status_code in {400, 403}
    assert waiting.state == "submitted"


@pytest.mark.parametrize("version", ["0", "1", "3", "99999999", "-1", "2.0", "²", "", "9" * 30])
def test_a_version_that_was_not_shown_is_refused(waiting, version):
    assert waiting.post(version=version).status_code in {400, 409}
    assert waiting.state == "submitted"


def test_content_changed_after_the_mail_ends_its_link_and_a_new_one_decides(running, waiting):
    client = running.client(STAFF)
    edited = client.patch(
        f"/items/{waiting.code}",
        json={"title": "Nội dung khác"},
        headers={"If-Match": f'"{waiting.version}"'},
    )
    assert edited.status_code == 200
    assert waiting.post().status_code == 409
    assert "Nội dung hồ sơ đã thay đổi" in httpx2.get(waiting.link).text
    fresh = running.link_for(waiting.code, HEAD, newer_than=1)
    assert post(fresh, version="3").status_code == 200


def test_the_link_of_an_item_returned_and_sent_again_decides_nothing(running, waiting):
    assert running.decide(waiting.code, "return", DEPUTY, comment="Bổ sung").status_code == 200
    assert running.decide(waiting.code, "submit", STAFF).status_code == 200
    assert waiting.post(version="4").status_code == 409
    assert waiting.state == "submitted"


def test_the_link_of_an_item_that_went_to_somebody_else_decides_nothing(running, waiting):
    change(running, HEAD, f"moved-{waiting.code}", position="staff")
    try:
        assert waiting.post().status_code == 403
        assert waiting.state == "submitted"
    finally:
        change(running, HEAD, f"back-{waiting.code}", position="head")


def test_the_link_of_an_approver_who_has_left_decides_nothing(running, waiting):
    change(running, HEAD, f"moved-{waiting.code}", is_active=False)
    try:
        assert waiting.post().status_code == 410
        assert waiting.state == "submitted"
    finally:
        change(running, HEAD, f"back-{waiting.code}", is_active=True)


def test_a_role_that_went_a_second_before_counts(running, waiting):
    assert "Chọn quyết định" in httpx2.get(waiting.link).text
    change(running, HEAD, f"moved-{waiting.code}", position="officer", department="van-phong")
    try:
        assert waiting.post().status_code == 403
        assert "không còn chờ người nhận liên kết" in httpx2.get(waiting.link).text
    finally:
        change(
            running,
            HEAD,
            f"back-{waiting.code}",
            position="head",
            department="hop-tac-quoc-te",
        )


def test_the_link_of_an_approver_in_another_department_now_decides_nothing(running, waiting):
    change(running, HEAD, f"moved-{waiting.code}", department="lanh-su")
    try:
        assert waiting.post().status_code in {403, 404}
        assert waiting.state == "submitted"
    finally:
        change(running, HEAD, f"back-{waiting.code}", department="hop-tac-quoc-te")


def test_a_due_time_that_passed_meanwhile_ends_no_link(running, waiting):
    running.clock._offset += timedelta(days=7)
    try:
        assert waiting.post().status_code == 200, "a due date never ends a link"
    finally:
        running.clock._offset -= timedelta(days=7)


def test_who_comes_after_the_item_went_on_is_told_so(running, waiting):
    assert running.decide(waiting.code, "approve_department", DEPUTY).status_code == 200
    assert running.decide(waiting.code, "review_office", OFFICER).status_code == 200
    late = waiting.post()
    assert late.status_code == 409
    assert "đã sang bước khác" in late.text
    assert waiting.state == "office_reviewed"


def test_the_link_of_an_item_given_up_says_so_and_decides_nothing(running, waiting):
    assert running.decide(waiting.code, "withdraw", STAFF, to="withdrawn").status_code == 200
    assert waiting.post().status_code == 409
    assert httpx2.get(waiting.link).status_code == 200
    assert waiting.state == "withdrawn"


def test_a_link_from_another_deployment_is_not_found(running, waiting):
    elsewhere = replace(running.parts.keys, deployment="somewhere-else")
    link = forged(waiting, keys=elsewhere)
    assert link != waiting.link
    assert httpx2.get(link).status_code == 404
    assert post(link).status_code == 404


def test_a_link_is_no_set_up_code_and_the_other_way_round(running, waiting):
    assert httpx2.get(running.base_url + f"/setup/{waiting.token}").status_code in {404, 410}
    assert httpx2.post(
        running.base_url + f"/setup/{waiting.token}", data={"password": "một mật khẩu dài"}
    ).status_code in {404, 410}
    running.client(OFFICER).post(
        "/people",
        json={
            "email": f"one.{waiting.code.lower()}@so.example",
            "name": "x",
            "position": "auditor",
        },
    )
    assert httpx2.get(running.base_url + "/a/" + "s1" + waiting.token[2:]).status_code == 404
    assert waiting.state == "submitted"


@pytest.mark.parametrize("keep", [0, 1, 3, 20, 40, -1, -10])
def test_a_token_cut_off_is_not_found(waiting, keep):
    assert httpx2.get(waiting.running.base_url + "/a/" + waiting.token[:keep]).status_code == 404


def test_a_token_with_one_byte_flipped_is_not_found(waiting):
    _, kid, identity, mac = waiting.token.split(".")
    for place in (0, 5, 21):
        for part in (identity, mac):
            letter = "A" if part[place] != "A" else "B"
            bad = waiting.token.replace(part, part[:place] + letter + part[place + 1 :])
            assert parse(bad) is None or bad != waiting.token
            assert httpx2.get(waiting.running.base_url + "/a/" + bad).status_code == 404
    assert kid
    assert waiting.state == "submitted"


def test_an_empty_token_is_not_found(running):
    assert httpx2.get(running.base_url + "/a/").status_code in {404, 405}
    assert httpx2.post(running.base_url + "/a/", data={"decision": "x"}).status_code in {404, 405}


@pytest.mark.parametrize(
    "text",
    [
        "%00",
        "%0d%0aSet-Cookie:%20x",
        "a1.k.१२३",
        "a1." + "A" * 9000,
        "a1.k1." + quote("А" * 22) + "." + "A" * 43,
    ],
)
def test_bytes_that_no_token_has_are_not_found(running, text):
    assert httpx2.get(running.base_url + "/a/" + text).status_code in {400, 404, 414}


def test_bits_that_do_not_count_make_no_second_token(waiting):
    identity = waiting.token.split(".")[2]
    raw = urlsafe_b64decode(identity + "==")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    twins = [
        identity[:-1] + letter
        for letter in alphabet
        if letter != identity[-1] and urlsafe_b64decode(identity[:-1] + letter + "==") == raw
    ]
    assert twins
    assert all(parse(waiting.token.replace(identity, twin)) is None for twin in twins)


def test_a_token_of_an_unknown_key_is_not_found(waiting):
    kid = waiting.token.split(".")[1]
    assert httpx2.get(waiting.link.replace(f".{kid}.", ".zz9.")).status_code == 404


def test_a_token_of_a_retired_key_is_not_found(running, waiting):
    keys = running.parts.keys
    kept = dict(keys.by_kid)
    newest = keys.newest
    keys.by_kid["next"] = b"n" * 31 + b"x"
    secret = keys.by_kid.pop(newest)
    try:
        assert httpx2.get(waiting.link).status_code == 404
    finally:
        keys.by_kid.clear()
        keys.by_kid.update({**kept, newest: secret})
    assert httpx2.get(waiting.link).status_code == 200


@pytest.mark.parametrize("prefix", ["none", "a0", "a2", "A1", "alg:none", ""])
def test_a_token_of_another_algorithm_is_not_found(waiting, prefix):
    assert httpx2.get(
        waiting.running.base_url + "/a/" + prefix + waiting.token[2:]
    ).status_code in {404, 405}


def test_parameters_given_twice_decide_nothing(waiting):
    double = httpx2.post(
        waiting.link + "?decision=reject&decision=approve_department",
        data={"decision": ["return", "return"], "version": [waiting.version, "1"]},
    )
    assert double.status_code in {400, 409, 422}
    assert waiting.state == "submitted"


def test_the_token_in_the_path_counts_whatever_the_body_names(running, waiting):
    other = waiting_for(running)
    answer = waiting.post(token=other.token, t=other.token)
    assert answer.status_code == 200
    assert other.state == "submitted"
    assert running.client(AUDITOR).get(f"/items/{other.code}").json()["state"] == "submitted"
