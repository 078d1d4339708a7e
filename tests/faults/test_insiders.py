"""Insiders who would act alone: each attempt is refused, waits for a second person, or is told of to a third."""

import pytest

from api.auth.credentials import PutSecret
from tests.waiting import until
from workflow.queries.audit import verify_database

pytestmark = pytest.mark.one_database

PIN = "246810"
REFUSED = {202, 401, 403, 404, 409, 422}
"""202: it waits for a second person, who is never the one who gains."""
MAY_STAND_IN = {"starts_on": "2022-05-01", "ends_on": "2022-12-30", "document": "1/UQ"}
SUBMITTED, APPROVED, REVIEWED = "submitted", "department_approved", "office_reviewed"


def address(who):
    return f"{who}@so.example"


def delegation(by, giver, taker, **more):
    body = {"from": address(giver), "to": address(taker), **MAY_STAND_IN, **more}
    return by, "/delegations", body


def absence(by, away, stand_in, **more):
    body = {
        "person": address(away),
        "stand_in": address(stand_in),
        "starts_on": "2022-05-04",
        "ends_on": "2022-05-20",
    }
    return by, "/absences", {**body, **more}


def reassigned(by, state, old, new):
    body = {"from": address(old), "to": address(new), "reason": "Đi công tác"}
    return by, f"/items/{{{state}}}/reassign", body


def decision(by, state, transition, **more):
    return by, f"/items/{{{state}}}/transitions", {"transition": transition, **more}


ALONE = [
    # a delegation that its giver does not know of
    delegation("officer", "head.htqt", "officer"),
    delegation("officer", "head.htqt", "officer", pin=PIN),
    delegation("officer", "head.htqt", "auditor", pin=PIN),
    delegation("officer", "head.htqt", "admin", pin=PIN),
    delegation("officer", "director", "chief", form="TL.", pin=PIN),
    delegation("chief", "director", "chief", form="TL.", pin=PIN),
    delegation("deputy.director", "director", "deputy.director", pin=PIN),
    delegation("deputy.htqt", "head.htqt", "deputy.ls", pin=PIN),
    delegation("auditor", "head.htqt", "auditor"),
    delegation("admin", "director", "admin"),
    delegation("staff.htqt", "head.htqt", "staff.htqt"),
    # one of one's own, by whoever found the session open, or to whom the process does not let
    delegation("head.htqt", "head.htqt", "deputy.ls"),
    delegation("head.htqt", "head.htqt", "deputy.ls", pin="000000"),
    delegation("head.htqt", "head.htqt", "deputy.ls", totp="123456"),
    delegation("head.htqt", "head.htqt", "auditor", pin=PIN),
    delegation("head.htqt", "head.htqt", "admin", pin=PIN),
    delegation("head.htqt", "head.htqt", "staff.ls", pin=PIN),
    delegation("head.htqt", "head.htqt", "clerk", pin=PIN),
    delegation("head.htqt", "head.htqt", "head.htqt", pin=PIN),
    delegation("director", "director", "officer", form="TUQ.", terms="Ký", pin=PIN),
    delegation("director", "director", "auditor", pin=PIN),
    delegation("auditor", "auditor", "head.htqt"),
    # the same, called an absence
    absence("officer", "head.htqt", "officer"),
    absence("officer", "head.htqt", "officer", pin=PIN),
    absence("chief", "head.htqt", "chief", pin=PIN),
    absence("head.ls", "head.htqt", "head.ls", pin=PIN),
    absence("head.htqt", "head.htqt", "head.ls"),
    absence("head.htqt", "head.htqt", "auditor", pin=PIN),
    absence("head.htqt", "head.htqt", "staff.ls", pin=PIN),
    absence("director", "director", "deputy.director", pin=PIN),
    # an item given to whom no rule of its step finds
    reassigned("officer", SUBMITTED, "head.htqt", "officer"),
    reassigned("officer", SUBMITTED, "head.htqt", "head.ls"),
    reassigned("officer", SUBMITTED, "head.htqt", "deputy.director"),
    reassigned("officer", SUBMITTED, "head.htqt", "auditor"),
    reassigned("officer", SUBMITTED, "head.htqt", "admin"),
    reassigned("officer", SUBMITTED, "head.htqt", "staff.htqt"),
    reassigned("chief", REVIEWED, "director", "chief"),
    reassigned("chief", REVIEWED, "director", "deputy.director"),
    reassigned("admin", SUBMITTED, "head.htqt", "deputy.htqt"),
    reassigned("director", SUBMITTED, "head.htqt", "deputy.htqt"),
    # a decision that is somebody else's
    decision("admin", SUBMITTED, "approve_department"),
    decision("auditor", SUBMITTED, "approve_department"),
    decision("staff.htqt", SUBMITTED, "approve_department"),
    decision("head.ls", SUBMITTED, "approve_department"),
    decision("head.htqt", APPROVED, "review_office"),
    decision("auditor", APPROVED, "review_office"),
    decision("officer", REVIEWED, "sign_director", pin=PIN),
    decision("chief", REVIEWED, "sign_director", pin=PIN),
    decision("deputy.director", REVIEWED, "sign_director", pin=PIN),
    decision("director", REVIEWED, "sign_director"),
    decision("director", REVIEWED, "sign_director", pin="000000"),
    # a position or an end of work of one's own
    ("officer", "PATCH /people/officer@so.example", {"position": "director"}),
    ("chief", "PATCH /people/chief@so.example", {"position": "deputy_director"}),
    ("admin", "PATCH /people/admin@so.example", {"position": "director"}),
    ("officer", "PATCH /people/admin@so.example", {"email": "mine@so.example"}),
]


@pytest.fixture(scope="module")
def waiting(running):
    return {state: running.item_in(state) for state in (SUBMITTED, APPROVED, REVIEWED)}


def act(running, waiting, who, path, body):
    method, _, address_of = path.rpartition(" ")
    codes = {state: item["code"] for state, item in waiting.items()}
    if "transition" in body:
        state = path.split("{")[1].split("}")[0]
        body = {**body, "version": waiting[state]["version"]}
    return running.client(address(who)).request(
        method or "POST", address_of.format_map(codes), json=body
    )


def seen(running, waiting):
    """Return who holds what, and who acts for whom."""
    auditor = running.client(address("auditor"))
    return (
        [
            [auditor.get(f"/items/{item['code']}").json()[name] for name in ("state", "holders")]
            for item in waiting.values()
        ],
        auditor.get("/delegations").json()["data"],
        auditor.get("/absences").json()["data"],
    )


@pytest.mark.parametrize(("who", "path", "body"), ALONE)
def test_nobody_gains_alone_what_another_may(running, waiting, who, path, body):
    before = seen(running, waiting)
    answer = act(running, waiting, who, path, body)
    assert answer.status_code in REFUSED, answer.text
    if answer.status_code not in {202, 401}:
        assert answer.json()["detail"]
    assert seen(running, waiting) == before


def told(running, recipient, words):
    return until(
        lambda: [
            each
            for each in running.mailbox.mails()
            if each.recipient == recipient and words in f"{each.subject}\n{each.text}"
        ]
    )


@pytest.mark.parametrize(
    ("by", "change", "words"),
    [
        ("officer", {"email": "moved@so.example"}, "Địa chỉ thư của tài khoản"),
        ("admin", {"position": "head"}, "Vị trí của tài khoản"),
    ],
)
def test_whoever_is_concerned_hears_of_it_where_they_were(running, by, change, words):
    """A person of no power, so that it happens at once; where it waits, it is not yet true."""
    owner = "staff.bg@so.example" if "email" in change else "staff.ls@so.example"
    answer = running.client(address(by)).patch(f"/people/{owner}", json=change)
    assert answer.status_code in {200, 202}, answer.text
    if answer.status_code == 200:
        (mail, *_) = told(running, owner, words)
        assert "moved@so.example" not in mail.text


def test_a_new_factor_and_a_password_set_anew_are_told_of(running):
    owner = running.person("deputy.bg@so.example")
    for name, value in (("totp_secret", "JBSWY3DPEHPK3PXP"), ("pin_hash", "none")):
        command = PutSecret(person=owner.id, name=name, value=value)
        running.run(running.parts.database.write(command))
    assert told(running, owner.email, "vừa được đặt")


def test_what_a_giver_writes_into_official_mail_is_theirs_and_no_link(running):
    words = "KHẨN: ký tại https://evil.example/a/xyz hoặc evil.example"
    body = {**delegation("", "head.bg", "deputy.ls")[2], "document": words, "pin": PIN}
    assert running.client(address("head.bg")).post("/delegations", json=body).status_code == 201
    (mail, *_) = told(running, address("deputy.ls"), "KHẨN")
    assert "evil.example" not in mail.text
    assert "://evil" not in mail.text
    line = next(each for each in mail.text.splitlines() if "KHẨN" in each)
    assert "viết: “" in line
    many = {**body, "document": "KHẨN\nhttps://evil.example"}
    assert running.client(address("head.bg")).post("/delegations", json=many).status_code == 422


def test_a_delegation_is_ended_at_once_by_whoever_is_concerned(running):
    giver, taker = address("head.ls"), address("deputy.bg")
    body = {**delegation("", "head.ls", "deputy.bg")[2], "document": "7/UQ", "pin": PIN}
    given = running.client(giver).post("/delegations", json=body).json()
    path = f"/delegations/{given['id']}/end"
    for who in ("head.htqt", "auditor", "admin", "director"):
        assert running.client(address(who)).post(path).status_code == 404
    ended = running.client(giver).post(path)
    assert ended.status_code == 200, ended.text
    assert ended.json()["ends_on"] == "2022-05-03"
    for each in (giver, taker):
        assert told(running, each, "Hết ủy quyền")
    entries = running.client(address("auditor")).get("/history").json()["data"]
    assert any(each["type"] == "delegation_ended" for each in entries)
    assert running.parts.database.report_blocking(verify_database).status == 0
