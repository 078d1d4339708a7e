"""Input that means harm: it is refused with a sentence, and never breaks the server."""

import json
import secrets
import socket

import httpx2
import pytest

STAFF, HEAD, OFFICE = "staff.htqt@so.example", "head.htqt@so.example", "officer@so.example"
HARMFUL = ["\x00", "a\x00b", "\ud800", "x\x1b[31m", "\x7f"]


def raw(running, email, path, body):
    """Send a body exactly as JSON escapes it, lone surrogates too."""
    return running.client(email).post(
        path, content=json.dumps(body), headers={"Content-Type": "application/json"}
    )


@pytest.mark.parametrize("harm", HARMFUL)
def test_text_that_cannot_be_kept_is_refused_everywhere(running, harm):
    example = running.client(STAFF).get("/definitions/nomination/example").json()
    assert raw(running, STAFF, "/items", {**example, "title": harm}).status_code == 422
    assert (
        raw(
            running,
            STAFF,
            "/items",
            {**example, "fields": {**example["fields"], "achievements": harm}},
        ).status_code
        == 422
    )
    assert raw(running, STAFF, "/items", {**example, "fields": {harm: "x"}}).status_code == 422
    item = running.item_in("submitted")
    assert (
        raw(
            running,
            HEAD,
            f"/items/{item['code']}/transitions",
            {"transition": "reject", "version": 2, "comment": harm},
        ).status_code
        == 422
    )
    delegation = {
        "from": "director@so.example",
        "to": "deputy.director@so.example",
        "starts_on": "2022-05-01",
        "ends_on": "2022-05-02",
        "document": harm,
    }
    assert (
        raw(
            running, "director@so.example", "/delegations", {**delegation, "pin": "246810"}
        ).status_code
        == 422
    )
    if harm.isascii():
        link = running.link_for(item["code"], HEAD)
        assert (
            httpx2.post(
                link, data={"decision": "reject", "version": "2", "comment": f"x{harm}"}
            ).status_code
            == 422
        )
        with running.browser() as client:
            assert client.post("/sign-in", data={"email": harm, "password": harm}).status_code in {
                401,
                429,
            }
    assert running.state_of(item["code"]) == "submitted"


@pytest.mark.parametrize(
    "path",
    ["/items?q=%00", "/items?state=%00", "/items/%00", "/items?cursor=%00", "/definitions/%00"],
)
def test_a_nul_in_an_address_breaks_nothing(running, path):
    assert running.client(STAFF).get(path).status_code in {400, 404, 422}


@pytest.mark.one_database
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b'{"transition": 1}',
        b'{"transition":"submit","version":1.5}',
        b'{"transition":"submit","version":true}',
        b"[" * 5000,
        b'{"transition":"submit","version":99999999999999999999}',
    ],
)
def test_a_malformed_body_is_a_422(running, body):
    item = running.draft()
    answer = running.client(STAFF).post(
        f"/items/{item['code']}/transitions",
        content=body,
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code in {409, 422}
    assert running.state_of(item["code"]) == "drafted"


@pytest.mark.one_database
def test_a_body_that_is_too_large_is_a_413_before_it_is_read(running):
    port = int(running.base_url.rsplit(":", 1)[1])
    token = running.client(STAFF).headers["authorization"]
    head = f"POST /api/v1/items HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: {token}\r\nContent-Type: application/json\r\nContent-Length: 99999999\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(head.encode())
        assert connection.recv(4096).split(b"\r\n", 1)[0].split(b" ")[1] == b"413"


def test_an_integer_beyond_all_measure_is_refused_by_name(running):
    example = (
        running.client("staff.htqt@so.example").get("/definitions/department_report/example").json()
    )
    answer = raw(running, STAFF, "/items", {**example, "fields": {"aid_value": 10**40}})
    assert (answer.status_code, answer.json()["reasons"][0]["rule"]) == (422, "field")


def test_an_sql_wildcard_in_a_search_is_a_letter(running):
    running.draft()
    assert running.client(STAFF).get("/items", params={"q": "%"}).json()["data"] == []
    assert running.client(STAFF).get("/items", params={"q": "' OR 1=1 --"}).json()["data"] == []


@pytest.mark.one_database
def test_a_key_of_another_person_opens_nothing(running):
    item = running.item_in("submitted")
    headers = {"Idempotency-Key": f"shared-{item['code']}"}
    body = {"transition": "approve_department", "version": 2}
    assert (
        running.client(HEAD)
        .post(f"/items/{item['code']}/transitions", json=body, headers=headers)
        .status_code
        == 200
    )
    assert (
        running.client("deputy.htqt@so.example")
        .post(f"/items/{item['code']}/transitions", json=body, headers=headers)
        .status_code
        == 409
    )
    assert (
        running.client("head.ls@so.example")
        .post(f"/items/{item['code']}/transitions", json=body, headers=headers)
        .status_code
        == 404
    )


@pytest.mark.one_database
def test_a_token_that_was_revoked_or_has_expired_is_nobody(running):
    from datetime import timedelta

    from api.auth.tokens import RevokeToken

    for lives, revoke in ((timedelta(days=1), True), (timedelta(seconds=-1), False)):
        identity, secret = running.token(STAFF, running.clock.now() + lives)
        if revoke:
            running.run(running.parts.database.write(RevokeToken(id=identity)))
        headers = {"Authorization": f"Bearer {secret}"}
        assert httpx2.get(running.base_url + "/api/v1/me", headers=headers).status_code == 401


@pytest.mark.one_database
def test_passwords_are_tried_a_few_times_only(running):
    email = f"nobody.{secrets.token_hex(4)}@so.example"
    with running.browser() as client:
        statuses = [
            client.post(
                "/sign-in", data={"email": email, "password": f"wrong {number}"}
            ).status_code
            for number in range(7)
        ]
    assert statuses == [401] * 5 + [429] * 2


@pytest.mark.one_database
def test_no_log_line_holds_a_link_or_an_address(running, capfd):
    import logging

    from api.logs import configure_logs

    configure_logs(logging.INFO)
    try:
        item = running.item_in("submitted")
        link = running.link_for(item["code"], HEAD)
        httpx2.get(link)
    finally:
        configure_logs(logging.CRITICAL)
    out, err = capfd.readouterr()
    assert link.rsplit("/", 1)[1] not in out + err
    assert "so.example" not in out + err


@pytest.mark.one_database
def test_a_body_without_a_length_stops_at_the_limit(running):
    def endless():
        for _ in range(30):
            yield b"x" * 1024 * 1024

    try:
        answer = running.client(STAFF).post(
            "/items", content=endless(), headers={"Content-Type": "application/json"}
        )
    except httpx2.TransportError:
        return  # the server answered and hung up while the rest was still on its way
    assert answer.status_code == 413
