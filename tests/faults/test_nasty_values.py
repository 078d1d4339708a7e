"""Every route, body, form, query and path is given what breaks programs: none answers 5xx, and nothing that is kept breaks a later page."""

import json
import random
import re
from urllib.parse import quote, urljoin

import pytest

from api.app import create_app
from api.v1.openapi_examples import EXAMPLES
from api.v1.operations import OPERATIONS
from notifications.tick import tick
from tests.conftest import CAMPAIGN
from tests.forms import encoded, forms_in
from tests.waiting import until
from workflow.queries.audit import verify_database

TEXTS = (
    "",
    " ",
    "\u0000",
    "a\u0000b@so.example",
    "\ud800",
    "x\udfff",
    "một\u2028hai",
    "một\u0085hai\x0bba\r\nbốn",
    "\u200b",
    "\u3164",
    "\u202eSRAELC\u202c",
    "\uffff",
    "e\u0302\u0301" * 150,
    "x" * 5000,
    "=HYPERLINK(1)",
    "'; DROP TABLE items; --",
    "{0.__class__} %s {code}",
    "../../etc/passwd",
    "9" * 30,
    "-9" * 5,
    "٣",
    "1e400",
    "9999-12-31",
    "0001-01-01",
    "2022-W18-3",
    "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00+14:00",
)
OTHERS = (
    None,
    True,
    -1,
    0,
    2**31,
    2**63,
    10**40,
    -(10**40),
    1.5,
    float("inf"),
    float("nan"),
    [],
    {},
    [[]],
    ["\u0000"],
    {"\u0000": "\ud800"},
    [None] * 300,
)
STAFF, HEAD, OFFICER, ADMIN, AUDITOR = (
    f"{each}@so.example" for each in ("staff.htqt", "head.htqt", "officer", "admin", "auditor")
)
SHORT = 45
"""Requests of each kind in the short run; which ones is drawn by a fixed seed, another for each database."""


def drawn(running, is_long, wanted):
    chance = random.Random(f"{running.parts.settings.is_sqlite}")  # noqa: S311 - a draw that can be drawn again
    chance.shuffle(wanted)
    return wanted if is_long else wanted[:SHORT]


def path_values(item, deadline):
    return {
        "code": item["code"],
        "deadline_id": str(deadline),
        "extension": "1",
        "merit": "1",
        "absence": "1",
        "identity": "nomination",
        "version": "1",
        "email": "staff.ls@so.example",
        "instant": "2022-05-04T08:00:00+07:00",
        "sha256": "0" * 64,
        "transition_id": "submit",
        "token": "a1.test.AAAA.AAAA",
        "view": "1",
        "message": "1",
        "passkey": "1",
        "page": "item",
        "kind": "x",
        "number": "1",
    }


@pytest.fixture
def world(running):
    """Something of every kind for the requests to be about, made anew for each test: what one of them sends may end it."""
    item = running.draft()
    submitted = running.item_in("submitted")
    office = running.client(OFFICER)
    terms = {
        "campaign": CAMPAIGN,
        "kind": "interim",
        "departments": ["hop-tac-quoc-te", "lanh-su"],
        "due_at": "2022-06-15T17:00:00+07:00",
    }
    deadline = office.post("/deadlines", json=terms).json()["id"]
    merit = {**EXAMPLES["NewMerit"], "recognition": "good_deed"}
    assert running.client(STAFF).post("/merits", json=merit).status_code == 201
    assert office.post("/absences", json=EXAMPLES["NewAbsence"]).status_code == 201
    asking = {**EXAMPLES["Asking"], "department": "hop-tac-quoc-te"}
    assert (
        running.client(STAFF).post(f"/deadlines/{deadline}/extensions", json=asking).status_code
        == 201
    )
    return {"item": item, "submitted": submitted, "deadline": deadline}


def routes_of(running):
    guard = create_app(running.parts)
    app = getattr(guard, "_app", guard)
    while not hasattr(app, "router"):
        app = app._app
    waiting, found = list(app.routes), []
    for each in waiting:
        if hasattr(each, "effective_candidates"):
            waiting += each.effective_candidates()
        elif hasattr(each, "dependant"):
            found += [(method, each) for method in each.methods]
    assert len(found) > len(OPERATIONS)
    return found


def sent_json(body):
    return json.dumps(body, ensure_ascii=True, allow_nan=True).encode("ascii")


def bodies():
    """Yield every body of the interface with one of its members replaced, by method and address."""
    for each, operation in OPERATIONS.items():
        method, address = each.split(" ")
        example = dict(EXAMPLES.get(getattr(operation.body, "__name__", ""), {}))
        if operation.body is None or method == "get" or not example:
            continue
        names = [*operation.body.model_json_schema(by_alias=True)["properties"], "không-có"]
        for name in names:
            for value in (*TEXTS, *OTHERS):
                yield method, address, {**example, name: value}
                if name == "fields":
                    yield (
                        method,
                        address,
                        {
                            **example,
                            "fields": {"period": value, "aid_value": value, "summary": value},
                        },
                    )


def test_no_member_of_any_body_is_answered_with_a_failure(running, is_long, world):
    known = path_values(world["item"], world["deadline"])
    tried = 0
    for method, address, body in drawn(running, is_long, list(bodies())):
        path = re.sub(
            r"\{(\w+)\}", lambda found: quote(known.get(found[1], "1")), address
        ).removeprefix("/api/v1")
        for who in (OFFICER, STAFF):
            headers = {"Content-Type": "application/json", "If-Match": '"1"'}
            answer = running.client(who).request(
                method.upper(), path, content=sent_json(body), headers=headers
            )
            assert answer.status_code < 500, (method, path, body, answer.text)
            tried += 1
    assert tried >= SHORT
    if is_long:  # else the last test looks at what this one has kept, too
        still_works(running, world)


def test_no_raw_body_is_answered_with_a_failure(running, is_long, world):
    known = path_values(world["item"], world["deadline"])
    deep = b"[" * 5000 + b"]" * 5000
    campaign = running.client(OFFICER).get("/campaigns").json()["data"][0] | {"id": "moi-2030"}
    surrogate = (
        json.dumps({**campaign, "name": "SURROGATE"}).replace("SURROGATE", "\\udfff").encode()
    )
    nul = json.dumps({**campaign, "purpose": "\u0000"}).encode()
    far = json.dumps({**campaign, "ends_on": "9999-12-31"}).encode()
    kept = (surrogate, nul, far)
    broken = (
        b"",
        b"null",
        b"[]",
        b'"x"',
        b"{",
        b"\xff\xfe",
        b'{"a":',
        deep,
        b'{"x":' * 3000,
        b'{"title": "\\ud800"}',
    )
    # What is no body of ours comes to no database.
    raws = (*kept, *broken) if is_long or running.parts.settings.is_sqlite else kept
    for each in OPERATIONS:
        method, address = each.split(" ")
        if method == "get":
            continue
        path = re.sub(
            r"\{(\w+)\}", lambda found: quote(known.get(found[1], "1")), address
        ).removeprefix("/api/v1")
        for raw in raws:
            answer = running.client(OFFICER).request(
                method.upper(), path, content=raw, headers={"Content-Type": "application/json"}
            )
            assert answer.status_code < 500, (each, raw[:60], answer.text)
            is_refused = answer.status_code >= 400
            assert is_refused or OPERATIONS[each].body is None or raw not in kept, each


def test_no_address_query_or_header_is_answered_with_a_failure(running, is_long, world):
    known = path_values(world["item"], world["deadline"])
    wanted = []
    for method, route in routes_of(running):
        if method != "GET":
            continue
        names = [each.alias for each in route.dependant.query_params] + [
            "q",
            "type",
            "state",
            "cursor",
            "in",
            "only",
            "until",
            "who",
            "on",
            "at",
            "campaign",
        ]
        parts = re.findall(r"\{(\w+)(?::\w+)?\}", route.path)
        for value in (each.encode("utf-8", "surrogatepass") for each in TEXTS):
            wanted += [
                (route.path, {**known, part: quote(value[:1500], safe="")}, "") for part in parts
            ]
            wanted += [(route.path, known, f"{name}={quote(value, safe='')}") for name in names]
    assert len(wanted) > SHORT
    with running.signed_in(OFFICER) as browser:
        token = running.client(OFFICER).headers["authorization"]
        for path, values, query in drawn(running, is_long, wanted):
            address = re.sub(
                r"\{(\w+)(?::\w+)?\}", lambda found, values=values: values.get(found[1], "x"), path
            )
            headers = {
                "Authorization": token,
                "Idempotency-Key": "\u0301".encode(),
                "If-Match": '"' + "9" * 40 + '"',
            }
            answer = browser.get(
                f"{address}?{query}" if query else address,
                headers=headers if path.startswith("/api/") else {},
                follow_redirects=False,
            )
            assert answer.status_code < 500, (address, query[:80], answer.text[:500])


PAGES = (
    (
        STAFF,
        (
            "/",
            "/items",
            "/items/new?type=nomination",
            "/items/new?type=department_report",
            "/items/{code}",
            "/items/{code}/edit",
        ),
    ),
    (
        STAFF,
        (
            "/items/{code}/decide/submit",
            "/deadlines",
            "/deadlines/{deadline_id}/extension",
            "/merits",
            "/standing-in",
            "/security",
        ),
    ),
    (
        HEAD,
        (
            "/items/{submitted}",
            "/items/{submitted}/decide/return",
            "/together?code={submitted}",
            "/deadlines/calendar",
        ),
    ),
    (
        OFFICER,
        (
            "/deadlines",
            "/deadlines/new",
            "/deadlines/{deadline_id}",
            "/deadlines/{deadline_id}/remind?department=lanh-su",
            "/merits/1",
        ),
    ),
    (
        OFFICER,
        (
            "/people",
            "/people/new",
            "/people/staff.ls@so.example",
            "/standing-in",
            "/campaigns/new",
            "/campaigns/" + CAMPAIGN,
            "/office",
        ),
    ),
    (ADMIN, ("/definitions/nomination/edit", "/people/new", "/campaigns/new")),
    ("", ("/sign-in", "/forgot")),
)


def test_no_field_of_any_form_is_answered_with_a_failure(running, is_long, world):
    known = {
        **path_values(world["item"], world["deadline"]),
        "submitted": world["submitted"]["code"],
    }
    wanted = []
    for who, pages in PAGES:
        with running.signed_in(who) if who else running.browser() as browser:
            for each in pages:
                page = browser.get(each.format_map(known))
                assert page.status_code == 200, (who, each, page.status_code)
                for form in forms_in(page.text):
                    if form.method != "post" or form.action in {
                        "/sign-out",
                        "/demo/advance",
                        "/language",
                    }:
                        continue
                    to = urljoin(str(page.url), form.action or str(page.url))
                    wanted += [
                        (who, to, form, name, value) for name in form.names for value in TEXTS
                    ]
    assert len({(to, name) for _, to, _, name, _ in wanted}) > 80
    by_person: dict[str, list] = {}
    for each in drawn(running, is_long, wanted):
        by_person.setdefault(each[0], []).append(each)
    for who, ones in by_person.items():
        with running.signed_in(who) if who else running.browser() as browser:
            for _, to, form, name, value in ones:
                given = (
                    value.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
                    if "\ud800" in value or "\udfff" in value
                    else value
                )
                fields = [
                    *(each for each in form.fields if each[0] != name),
                    (name, given),
                    *form.buttons[:1],
                ]
                headers = {"Origin": running.base_url}
                answer = browser.post(
                    to, data=encoded(fields), headers=headers, follow_redirects=False
                )
                assert answer.status_code < 500, (to, name, value[:60], answer.text[:500])
    still_works(running, world)


def still_works(running, world):
    """Look at every page, sheet and mail again: nothing that was kept breaks one."""
    known = path_values(world["item"], world["deadline"])
    skipped = ("/a/", "/setup", "/static", "/healthz", "/metrics", "/f/", "/demo")
    routes = routes_of(running)
    for who in (OFFICER, STAFF, AUDITOR):
        with running.signed_in(who) as browser:
            token = running.client(who).headers["authorization"]
            for method, route in routes:
                if method == "GET" and not route.path.startswith(skipped):
                    address = re.sub(
                        r"\{(\w+)(?::\w+)?\}",
                        lambda found: quote(known.get(found[1], "x")),
                        route.path,
                    )
                    headers = {"Authorization": token} if route.path.startswith("/api/") else {}
                    answer = browser.get(address, headers=headers, follow_redirects=False)
                    assert answer.status_code < 500, (who, address, answer.text[:500])
    running.run(tick(running.parts.database, running.parts.reminders))
    assert running.parts.database.report_blocking(verify_database).status == 0
    until(lambda: not running.parts.database.report_blocking(unsent))


def unsent(connection):
    """Return the kinds of letters that are due and not sent, or given up."""
    return [
        row[0]
        for row in connection.exec_driver_sql(
            "SELECT kind FROM outbox WHERE state IN ('dead', 'leased') OR (state = 'new' AND attempts > 0)"
        )
    ]
