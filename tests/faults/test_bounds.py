"""Work comes after identity and bounds: who asks first, then the body, then whatever it costs."""

import asyncio
import json
import time
from typing import Any

import httpx2
import pytest
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from api.middleware import OutermostMiddleware
from api.request_bodies import JSON_LIMIT

pytestmark = pytest.mark.one_database

STAFF, HEAD = "staff.htqt@so.example", "head.htqt@so.example"
JSON = {"Content-Type": "application/json"}
MANY_LISTS = b"[" + b"[]," * 1_000_000 + b"1]"
WRITES = [
    "/items",
    "/items/DN-2022-0001/transitions",
    "/items/DN-2022-0001/comments",
    "/delegations",
    "/deadlines",
    "/people",
    "/campaigns",
]


@pytest.mark.parametrize("path", WRITES)
def test_nobodys_body_is_not_looked_at(running, path):
    for body in (b"{", b"[" * 100_000, MANY_LISTS):
        answer = httpx2.post(running.base_url + "/api/v1" + path, content=body, headers=JSON)
        assert answer.status_code == 401, answer.text
    files = {"file": ("a.pdf", b"%PDF", "application/pdf")}
    assert (
        httpx2.post(
            running.base_url + "/api/v1/items/DN-2022-0001/attachments", files=files
        ).status_code
        == 401
    )


@pytest.mark.parametrize("path", WRITES)
@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[" * 100_000,
        b"[" * 40 + b"]" * 40,
        b'{"a":' * 40 + b"1" + b"}" * 40,
        b'{"title": "a", "title": "b"}',
        b'{"fields": {"a": 1, "a": 2}}',
        b'{"number": NaN}',
        b'{"number": -Infinity}',
        b'{"number": ' + b"9" * 10_000 + b"}",
        b'{"title": "\xff"}',
        MANY_LISTS[: JSON_LIMIT - 10] + b"1]",
    ],
)
def test_json_that_two_readers_read_differently_is_refused_in_words(running, path, body):
    answer = running.client(STAFF).post(path, content=body, headers=JSON)
    assert answer.status_code == 422, answer.text
    assert answer.json()["reasons"][0]["message"]


def test_json_beyond_its_limit_is_refused(running):
    body = json.dumps({"title": "x" * JSON_LIMIT}).encode()
    assert running.client(STAFF).post("/items", content=body, headers=JSON).status_code == 413

    def pieces() -> Any:
        for start in range(0, len(body), 65536):
            yield body[start : start + 65536]

    assert running.client(STAFF).post("/items", content=pieces(), headers=JSON).status_code == 413


@pytest.mark.parametrize("path", ["/sign-in", "/forgot", "/a/a1.k1." + "A" * 22 + "." + "A" * 43])
def test_a_form_that_anybody_may_send_is_small(running, path):
    with running.browser() as client:
        assert client.post(path, data={"email": "x" * 300_000}).status_code == 413
        many = "&".join(f"f{each}=1" for each in range(2000))
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        assert client.post(path, content=many, headers=form).status_code in {400, 404}, (
            "refused for its fields, or before they are read"
        )


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/items?cursor=",
        "/api/v1/items?state=",
        "/api/v1/items/",
        "/items?department=",
        "/a/",
    ],
)
def test_no_part_of_an_address_is_longer_than_what_we_give(running, path):
    answer = running.client(STAFF).get(running.base_url + path + "a" * 4000)
    assert answer.status_code == 400, answer.text


@pytest.mark.parametrize("q", ["a" * 201, "a " * 13])
def test_a_search_for_too_much_is_refused_in_words(running, q):
    answer = running.client(STAFF).get("/items", params={"q": q})
    assert (answer.status_code, answer.json()["reasons"][0]["rule"]) == (422, "search")
    with running.signed_in(STAFF) as client:
        page = client.get("/items", params={"q": q})
        assert page.status_code == 422
        assert "200" in page.text


def test_the_longest_search_holds_nobody_up(running):
    """Each text is as like the search as can be; within one step of the database nothing could interrupt it."""
    example = running.client(STAFF).get("/definitions/nomination/example").json()
    body = {
        **example,
        "title": "a" * 290,
        "fields": {**example["fields"], "achievements": "a" * 12_000},
    }
    for _ in range(20):
        assert running.client(STAFF).post("/items", json=body).status_code == 201
    plain, hard = [], []
    for _ in range(5):
        for times, q in ((plain, "khongcogi"), (hard, "a" * 199 + "b")):
            began = time.perf_counter()
            assert running.client(STAFF).get("/items", params={"q": q}).json()["data"] == []
            times.append(time.perf_counter() - began)
    assert min(hard) < 20 * min(plain), (min(hard), min(plain))


def test_a_body_that_is_broken_off_is_no_failure(running):
    """What leaves the outermost layer is written to the log with its traceback, as often as anybody likes."""

    async def reads(scope: Scope, receive: Receive, send: Send) -> None:
        await Request(scope, receive).body()

    async def breaks_off() -> Message:
        return {"type": "http.disconnect"}

    async def nobody(_message: Message) -> None:
        raise AssertionError("nobody is there to be answered")

    host = running.base_url.removeprefix("http://").encode()
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "query_string": b"",
        "headers": [(b"host", host)],
        "client": ("127.0.0.2", 1),
    }
    asyncio.run(OutermostMiddleware(reads, running.parts.settings)(scope, breaks_off, nobody))
