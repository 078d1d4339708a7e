"""Every address that acts: whoever may not act by it is refused, and nothing is written; an act that is asked of nobody is in no list."""

import re
import secrets

import pytest

from tests.acceptance.everything import CLERK, HEAD, OFFICER, STAFF, fill
from tests.acceptance.test_every_address import AGENCY, contents, routes
from tests.conftest import CAMPAIGN, running_at
from tests.councils import terms
from tests.waiting import until

DIRECTOR, ADMIN, FOREIGN = "director@so.example", "admin@so.example", "staff.ls@so.example"
JSON_OF_DEADLINE = {
    "campaign": CAMPAIGN,
    "kind": "final",
    "departments": ["lanh-su"],
    "due_at": "2022-11-15T17:00:00+07:00",
}
FORM_OF_DEADLINE = {
    "campaign": CAMPAIGN,
    "kind": "final",
    "departments": "lanh-su",
    "due_day": "2022-11-15",
    "due_time": "17:00",
}
PERSON = {
    "email": "new@so.example",
    "name": "Người mới",
    "position": "staff",
    "department": "lanh-su",
}
DELEGATION = {
    "from": DIRECTOR,
    "to": "deputy.director@so.example",
    "starts_on": "2022-05-10",
    "ends_on": "2022-05-12",
    "document": "1/QĐ",
    "pin": "246810",
}

# address: who may (one of them), what is sent; everybody who is not named may not
OFFICE = frozenset({"chief", "officer"})
MANAGERS = OFFICE | {"admin"}
LEAD = OFFICE | {"director"}
"""Who runs the round: the Office, and its chair."""
ROUND = {"campaign": CAMPAIGN, "title": "Đợt xét", "held_on": "20/05/2022", "seen": "1"}
JSON_OF_ROUND = terms()
DOCUMENT = {
    "kind": "KH",
    "about": "Kế hoạch thi đua",
    "signer": "Giám đốc Sở",
    "recipients": "Các phòng",
}
PAST_AWARDS = {
    "awards": [
        {
            "nominee": "Phòng Lãnh sự",
            "kind": "collective",
            "award": "tt_ldtt",
            "number": "25/QĐ-SNgV",
            "decided_on": "2019-12-20",
        }
    ]
}
ACTS = {
    "/items/{code}/undo": (set(), {}),
    "/items/{code}/recuse": ({"head"}, {"comment": "Người thân."}),
    "/items/{code}/reassign": (
        OFFICE,
        {"from": HEAD, "to": "deputy.htqt@so.example", "comment": "Đi công tác."},
    ),
    "/items/{code}/edit": ({"staff"}, {"version": "3", "title": "Sửa"}),
    "/items/{code}/decide": ({"head"}, {"version": "3", "decision": "approve_department"}),
    "/items/{code}/decide/{transition_id}": ({"head"}, {"version": "3"}),
    "/items/{draft}/decide/submit": ({"staff"}, {"version": "1", "no_secret": "yes"}),
    "/deadlines/new": (OFFICE, FORM_OF_DEADLINE),
    "/deadlines/{deadline_id}": (
        OFFICE,
        {"departments": "lanh-su", "due_day": "2022-07-15", "due_time": "17:00", "version": "1"},
    ),
    "/deadlines/{deadline_id}/remind": (OFFICE, {"department": "lanh-su", "message": "Nộp"}),
    "/deadlines/{deadline_id}/gather": (OFFICE, {}),
    "/items/{consolidated}/gathered": (OFFICE, {"version": "1"}),
    "/items/{sent}/sending/amendments": (
        OFFICE | {"clerk"},
        {"how": "correction", "unit": "VP", "why": "Sai thể thức"},
    ),
    "/items/{sent}/sending/deliveries": (
        OFFICE | {"clerk"},
        {"reference": "EB123456789VN", "delivered_on": "04/05/2022"},
    ),
    "/items/{sent}/sending/revoke": (OFFICE | {"clerk"}, {}),
    "POST /api/v1/items/{sent}/amendments": (
        OFFICE | {"clerk"},
        {"how": "correction", "unit": "VP", "reason": "Sai thể thức"},
    ),
    "POST /api/v1/items/{sent}/deliveries": (
        OFFICE | {"clerk"},
        {"reference": "EB123456789VN", "delivered_on": "2022-05-04"},
    ),
    "POST /api/v1/items/{sent}/recipient-links/revoke": (OFFICE | {"clerk"}, {}),
    "POST /api/v1/items/{sent}/signed-copy/seal": (
        OFFICE | {"clerk"},
        {"sha256": "0" * 64},
    ),
    "/proceedings": (
        OFFICE,
        {
            "department": "lanh-su",
            "kind": "inspection",
            "since": "01/05/2022",
            "document": "Quyết định 1/QĐ-TTr",
            "document_on": "01/05/2022",
        },
    ),
    "POST /api/v1/proceedings": (
        OFFICE,
        {
            "department": "lanh-su",
            "kind": "inspection",
            "since": "2022-05-01",
            "document": "Quyết định 1/QĐ-TTr",
            "document_on": "2022-05-01",
        },
    ),
    "POST /api/v1/proceedings/{proceeding}/end": (
        OFFICE,
        {
            "outcome": "cleared",
            "ended_on": "2022-05-02",
            "document": "Kết luận 2/KL-TTr",
            "document_on": "2022-05-02",
        },
    ),
    "/proceedings/{proceeding}": (
        OFFICE,
        {
            "outcome": "settled",
            "ended_on": "02/05/2022",
            "document": "Kết luận 2/KL-TTr",
            "document_on": "02/05/2022",
        },
    ),
    "POST /api/v1/proceedings/{proceeding}/corrections": (
        OFFICE,
        {"end": None, "reason": "Ghi nhầm"},
    ),
    "/proceedings/{proceeding}/correct": (OFFICE, {"outcome": "pending", "why": "Ghi nhầm"}),
    "/awards/imported": (OFFICE, {}),
    "/awards/imported/awardee": (OFFICE, {"whose": "{award}:1", "same": "Cùng năm sinh"}),
    "/awards/imported/withdraw": (OFFICE, {"award": "{award}", "why": "Nhập nhầm"}),
    "POST /api/v1/past-awards": (OFFICE, PAST_AWARDS),
    "POST /api/v1/past-awards/{award}/withdraw": (OFFICE, {"reason": "Nhập nhầm"}),
    "/inspections": (
        OFFICE,
        {
            "campaign": "{identity}",
            "department": "lanh-su",
            "on_day": "10/06/2023",
            "inspectors": "officer@so.example",
            "about": "Phổ biến",
        },
    ),
    "POST /api/v1/inspections": (
        OFFICE,
        {
            "campaign": "{identity}",
            "department": "lanh-su",
            "on_day": "2023-06-10",
            "inspectors": ["officer@so.example"],
            "about": "Phổ biến",
        },
    ),
    "POST /api/v1/inspections/{inspection}/notes": (
        OFFICE,
        {"outcome": "cancelled", "words": "Thôi"},
    ),
    "/inspections/{inspection}": (OFFICE, {"action": "cancelled", "words": "Thôi"}),
    "/register": (OFFICE | {"clerk"}, DOCUMENT),
    "/dossiers": ({"clerk"}, {"items": "DN-2022-9999:1"}),
    "POST /api/v1/register": (OFFICE | {"clerk"}, DOCUMENT),
    "POST /api/v1/dossiers": ({"clerk"}, {"items": [{"code": "DN-2022-9999", "version": 1}]}),
    "/deadlines/calendar/days": (
        OFFICE,
        {"day": "02/09/2022", "kind": "work", "notice": "1/TB", "confirm": "yes"},
    ),
    "/deadlines/extensions/{extension}": (OFFICE, {"decision": "grant", "answer": "Được"}),
    "/campaigns/new": (
        MANAGERS,
        {
            "name": "Phong trào",
            "starts_on": "2023-01-03",
            "ends_on": "2023-12-01",
            "form": "themed",
        },
    ),
    "/definitions/{kind}/changes": ({"admin"}, {"action": "save"}),
    "/definitions/{kind}/edit": ({"admin"}, {"text": "id: x", "action": "publish"}),
    "/definitions/{kind}/migrate": ({"admin"}, {"to": "1"}),
    "/findings": (
        {"auditor"},
        {"entry": "agency@1", "title": "Cần làm rõ", "words": "Vì sao?"},
    ),
    "/findings/{finding}/notes": ({"auditor", "head"}, {"words": "Đã rõ"}),
    "POST /api/v1/findings": (
        {"auditor"},
        {"entry": "agency@1", "title": "Cần làm rõ", "words": "Vì sao?"},
    ),
    "POST /api/v1/findings/{finding}/notes": ({"auditor", "head"}, {"words": "Đã rõ"}),
    "/rounds": (OFFICE, ROUND),
    "/rounds/{round_id}": (OFFICE, ROUND),
    **{
        f"/rounds/{{round_id}}/{act}": (LEAD, body)
        for act, body in {
            "vote": {},
            "count": {"code": ""},
            "recount": {},
            "close": {},
            "cancel": {"words": "Hoãn"},
            "challenges/{challenge}/answer": {"words": "Đã xem"},
        }.items()
    },
    "/rounds/{round_id}/challenges": (LEAD | {"head"}, {"words": "Đếm lại"}),
    "/rounds/{round_id}/papers/{member}": (LEAD | {"head"}, {"run": "1"}),
    "POST /api/v1/council-rounds": (OFFICE, JSON_OF_ROUND),
    "POST /api/v1/council-rounds/{round_id}": (OFFICE, JSON_OF_ROUND),
    "POST /api/v1/council-rounds/{round_id}/members": (OFFICE, {"members": []}),
    **{
        f"POST /api/v1/council-rounds/{{round_id}}/{act}": (LEAD, body)
        for act, body in {
            "vote": {},
            "count": {"codes": []},
            "recount": {},
            "close": {},
            "cancel": {"words": "Hoãn"},
            "challenges/{challenge}/answer": {"words": "Đã xem"},
        }.items()
    },
    "POST /api/v1/council-rounds/{round_id}/challenges": (LEAD | {"head"}, {"words": "Đếm lại"}),
    "POST /api/v1/council-rounds/{round_id}/papers": (
        LEAD | {"head"},
        {"run": 1, "choices": {}},
    ),
    "/history/views": ({"auditor"}, {"query": "via=link", "name": "Bằng liên kết"}),
    "/history/views/{view}/forget": ({"auditor"}, {}),
    "/awards/decide": (OFFICE, {"waited": "{code}.1", "result": "refused", "why_not": "Trùng"}),
    "/awards/withdraw": (
        OFFICE,
        {
            "code": "{code}",
            "number": "45/QĐ-SNgV",
            "decided_on": "04/05/2022",
            "why": "Kê khai sai",
        },
    ),
    "/merits/{merit}/notes": (OFFICE, {"standing": "followed", "words": "Theo dõi"}),
    "/people/new": (MANAGERS, PERSON),
    "/people/{email}": (
        MANAGERS,
        {"name": "Đổi tên", "position": "head", "department": "lanh-su", "active": "yes"},
    ),
    "/people/{email}/invite": (MANAGERS, {}),
    "/office/remind/{worry}": (OFFICE, {"message": "Nộp"}),
    "/office/letters/{message}/again": (OFFICE, {"address": "x@so.example"}),
    "/standing-in/delegations": (MANAGERS | {"director"}, DELEGATION),
    "/standing-in/absences/{absence}/end": (OFFICE | {"head"}, {}),
    "/standing-in/delegations/{delegation}/end": (OFFICE | {"head", "director"}, {}),
    "POST /api/v1/items/{code}/transitions": (
        {"head"},
        {"transition": "approve_department", "version": 3},
    ),
    "POST /api/v1/items/{draft}/transitions": ({"staff"}, {"transition": "submit", "version": 1}),
    "PATCH /api/v1/items/{draft}": ({"staff"}, {"title": "Sửa"}),
    "POST /api/v1/items/{code}/undo": (set(), {}),
    "POST /api/v1/items/{code}/recuse": ({"head"}, {"reason": "Người thân."}),
    "POST /api/v1/items/{code}/reassign": (
        OFFICE,
        {"from": HEAD, "to": "deputy.htqt@so.example", "reason": "Đi công tác."},
    ),
    "POST /api/v1/deadlines": (OFFICE, JSON_OF_DEADLINE),
    "PATCH /api/v1/deadlines/{deadline_id}": (OFFICE, {"due_at": "2022-07-15T17:00:00+07:00"}),
    "POST /api/v1/deadlines/{deadline_id}/gather": (OFFICE, {}),
    "POST /api/v1/deadlines/{deadline_id}/remind": (
        OFFICE,
        {"department": "lanh-su", "message": "Nộp"},
    ),
    "POST /api/v1/extensions/{extension}": (OFFICE, {"granted": True}),
    "POST /api/v1/campaigns": (MANAGERS, {}),
    "POST /api/v1/departments": (MANAGERS, {"id": "moi-nua", "name": "Phòng mới nữa"}),
    "PATCH /api/v1/departments/{department}": (MANAGERS, {"name": "Phòng Lãnh sự và Kiều bào"}),
    "/proposals/{proposal}": ({"director", "deputy"}, {"decision": "confirm", "pin": "246810"}),
    "POST /api/v1/proposals/{proposal}/confirm": ({"director", "deputy"}, {"pin": "246810"}),
    "POST /api/v1/proposals/{proposal}/reject": (
        {"director", "deputy", "officer"},
        {"comment": "Chưa có quyết định"},
    ),
    "/privacy/requests": (
        OFFICE,
        {
            "kind": "access",
            "name": "Bà Mẫu",
            "contact": "Phường 1",
            "received_on": "2022-05-04",
            "words": "Cho xem",
        },
    ),
    "/privacy/requests/{request}": (OFFICE, {"state": "granted", "answer": "Đã gửi"}),
    "/privacy/holds": (OFFICE | {"auditor"}, {"what": "item", "about": "{code}", "why": "Giữ"}),
    "/privacy/holds/{hold}/lift": (OFFICE, {"why": "Thôi"}),
    "/privacy/retention": (OFFICE, {"day": "2022-05-04", "subject": "item:{draft}", "why": "Cũ"}),
    "/privacy/erase": (OFFICE, {"of": "item:{code}", "field": "(title)", "why": "Xin xóa"}),
    "POST /api/v1/privacy/requests/{request}": (OFFICE, {"state": "granted", "answer": "Đã gửi"}),
    "POST /api/v1/privacy/holds": (
        OFFICE | {"auditor"},
        {"about": "person:staff.ls@so.example", "reason": "Giữ"},
    ),
    "POST /api/v1/privacy/holds/{hold}/lift": (OFFICE, {"reason": "Thôi"}),
    "POST /api/v1/privacy/erasures": (
        OFFICE,
        {"of": "item:DN-2023-0001", "fields": ["(title)"], "reason": "Xin xóa"},
    ),
    "POST /api/v1/privacy/retention": (OFFICE, {"reason": "Cũ"}),
    "POST /api/v1/people": (MANAGERS, PERSON),
    "PATCH /api/v1/people/{email}": (MANAGERS, {"name": "Đổi tên"}),
    "POST /api/v1/delegations": (MANAGERS | {"director"}, DELEGATION),
    "POST /api/v1/absences/{absence}/end": (OFFICE | {"head"}, {}),
    "POST /api/v1/delegations/{delegation}/end": (OFFICE | {"head", "director"}, {}),
    "POST /api/v1/merits/{merit}/notes": (OFFICE, {"standing": "followed", "words": "Theo dõi"}),
}
OF_ONESELF = {
    "/sign-in", "/sign-out", "/forgot", "/check", "/setup/{code}", "/language", "/hints/{name}", "/typings", "/security/passkeys", "/security/mails",
    "/sign-in/code", "/sign-in/passkey", "/security/sessions/{session}/end", "/security/sessions/end", "/security/tokens/{token}/end",
    "/api/v1/me/sessions/{session}/end", "/api/v1/me/tokens/{token}/end",
    "/security/passkeys/{passkey}/forget", "/items/views", "/items/views/{view}/forget", "/deadlines/calendar/feed",
    "/deadlines/{deadline_id}/snooze", "/campaigns/{identity}/read", "/demo/sign-in", "/demo/advance", "/standing-in/absences",
    "/api/v1/absences", "/api/v1/deadlines/{deadline_id}/snooze", "/account/data", "/api/v1/privacy/requests",
}  # fmt: skip
"""What everybody does for themselves alone, or that asks for nobody's permission."""
BY_DEPARTMENT = {
    "/items/new", "/merits", "/items/{code}/files", "/items/{code}/signed-copy", "/api/v1/items/{code}/signed-copy", "/items/{code}/comments", "/items/{code}/opinions", "/together",
    "/deadlines/{deadline_id}/extension", "/people/import", "/api/v1/items", "/api/v1/merits", "/api/v1/items/{code}/attachments",
    "/api/v1/items/{code}/comments", "/api/v1/items/{code}/opinions", "/api/v1/deadlines/{deadline_id}/extensions",
    "/api/v1/deadlines/preview", "/api/v1/extensions/{extension}", "/a/{token}", "/a/{token}/undo", "/a/{token}/recuse",
    "/a/{token}/not-me", "/a/{token}/fresh",
}  # fmt: skip
"""What is asked of several, each with tests of its own; below, what a stranger gets there."""


class World:
    """A filled agency in which everybody is known already, on pages and by a token."""

    def __init__(self, running, values):
        self.running, self.values = running, values
        self._stored = None
        self.browsers = {email: running.browser() for email in AGENCY.values()}
        for email, browser in self.browsers.items():
            browser.post("/demo/sign-in", data={"email": email})
            browser.follow_redirects = False
            running.client(email)

    def stored(self, *, anew=False):
        """What is stored, but for what waits on nobody's act; as it was read last, unless ``anew``."""
        if anew or self._stored is None:
            beside = {"sessions", "outbox", "links"}
            found = contents(self.running).items()
            self._stored = {name: rows for name, rows in found if name not in beside}
        return self._stored

    def attempt(self, email, act, body):
        """Act by an address as a person, as its page or a program does; return the status."""
        status = self._answered(email, act, body)
        if status not in {403, 404, 409, 422}:
            self._stored = None
        return status

    def _answered(self, email, act, body):
        method, _, path = act.rpartition(" ")
        address = path.format_map(self.values)
        if not method:
            form = {"key": secrets.token_hex(16), **body}
            return self.browsers[email].post(address, data=form).status_code
        address = address.removeprefix("/api/v1")
        headers = {"If-Match": '"1"'} if method == "PATCH" else {}
        client = self.running.client(email)
        return client.request(method, address, json=body, headers=headers).status_code


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    with running_at("127.0.0.1", tmp_path_factory.mktemp("acts"), "") as running:
        values = fill(running)
        until(lambda: running.mails_about(values["code"], HEAD))
        values |= {
            "kind": "nomination",
            "department": "lanh-su",
            "transition_id": "approve_department",
            "message": "1",
        }
        found = World(running, values)
        yield found
        for each in found.browsers.values():
            each.close()


def test_every_act_is_in_a_list():
    known = {each.rpartition(" ")[2] for each in ACTS} | OF_ONESELF | BY_DEPARTMENT
    shapes = {re.sub(r"\{\w+\}|submit", "{}", each) for each in known}
    acting = {
        re.sub(r"\{\w+\}", "{}", path) for method, path in routes() if method not in {"GET", "HEAD"}
    }
    assert acting - shapes == set(), "say in ACTS who may act by it"


@pytest.mark.parametrize("act", ACTS)
def test_whoever_may_not_act_is_refused_and_nothing_is_written(world, act):
    permitted, body = ACTS[act]
    before = world.stored()
    for role in sorted(set(AGENCY) - permitted):
        status = world.attempt(AGENCY[role], act, body)
        assert status in {403, 404, 409, 422}, (role, status)
    after = world.stored(anew=True)
    assert {name for name in before if before[name] != after[name]} == set(), act


@pytest.mark.parametrize("role", ["foreign", "admin"])
@pytest.mark.parametrize(
    "act, body",
    [
        ("/items/{code}/comments", {"words": "Xen vào"}),
        ("/items/{code}/opinions", {"words": "Xen vào"}),
        ("/items/{code}/edit", {"version": "2", "title": "Xen vào"}),
        ("POST /api/v1/items/{code}/comments", {"words": "Xen vào"}),
        ("POST /api/v1/items/{code}/opinions", {"words": "Xen vào"}),
        ("PATCH /api/v1/items/{code}", {"title": "Xen vào"}),
    ],
)
def test_for_a_stranger_the_item_does_not_exist(world, role, act, body):
    assert world.attempt(AGENCY[role], act, body) == 404


@pytest.mark.parametrize("role", sorted({*AGENCY} - {"chief", "officer"}))
def test_only_the_office_tries_out_a_deadline(world, role):
    client = world.running.client(AGENCY[role])
    assert client.post("/deadlines/preview", json=JSON_OF_DEADLINE).status_code == 403


@pytest.mark.parametrize(
    "act, by",
    [
        ("/people/{email}/invite", ADMIN),
        ("/deadlines/new", OFFICER),
        ("POST /api/v1/departments", OFFICER),
        ("/merits/{merit}/notes", OFFICER),
        ("/items/{draft}/decide/submit", STAFF),
        ("/items/{code}/decide/{transition_id}", HEAD),
        ("POST /api/v1/deadlines", OFFICER),
        ("POST /api/v1/council-rounds", OFFICER),
        ("/rounds/{round_id}/recount", OFFICER),
        ("/rounds/{round_id}/challenges", HEAD),
    ],
)
def test_what_was_refused_to_others_is_done_by_whoever_may(world, act, by):
    """The bodies above would be accepted: they were refused for who sent them."""
    auditor = world.running.client("auditor@so.example")
    version = auditor.get(f"/items/{world.values['code']}").json()["version"]
    body = {**ACTS[act][1], **({"version": str(version)} if "{code}/decide" in act else {})}
    assert world.attempt(by, act, body) in {200, 201, 303}


def test_a_clerk_and_a_stranger_are_no_holders(world):
    act, body = "POST /api/v1/items/{returned}/transitions", {"transition": "submit", "version": 3}
    for email in (CLERK, FOREIGN):
        assert world.attempt(email, act, body) in {403, 404, 409}
