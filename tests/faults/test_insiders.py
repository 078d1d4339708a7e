"""Insiders who would act alone: each attempt is refused, waits for a second person, or is told of to a third."""

import pytest
from sqlalchemy import text

from api.auth.credentials import PutSecret
from tests.conftest import CAMPAIGN
from tests.councils import MEMBERS, cast, counted, nomination, opened, terms, voted
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


CHAIR, SECRETARY, MEMBER = "director", "chief", "head.bg"
PENDING = {
    "kind": "inspection",
    "since": "2022-05-01",
    "document": "1/QĐ",
    "document_on": "2022-05-01",
}
ENDED = {
    "outcome": "cleared",
    "ended_on": "2022-05-03",
    "document": "2/KL",
    "document_on": "2022-05-03",
}
LETTER = {
    "kind": "CV",
    "about": "Mời họp",
    "signer": "Giám đốc",
    "recipients": "Các phòng",
    "unit": "VP",
}
VISIT = {
    "campaign": CAMPAIGN,
    "department": "lanh-su",
    "on_day": "2022-06-10",
    "inspectors": ["officer@so.example"],
    "about": "Kế hoạch",
}
DUE = {
    "campaign": CAMPAIGN,
    "kind": "adhoc",
    "departments": ["lanh-su"],
    "due_at": "2022-06-15T17:00:00+07:00",
}
AGREE = {"run": 1, "choices": {"{council}": "agree"}}


def in_round(by, path, which="voting", **body):
    return by, f"/council-rounds/{{{which}}}/{path}", body


LATER = [
    # a round that is somebody else's to lead
    *(
        (who, "/council-rounds", terms("{council}"))
        for who in ("staff.htqt", "head.htqt", "clerk", "auditor", "admin")
    ),
    *(
        in_round(who, "cancel", words="Thôi")
        for who in ("staff.htqt", MEMBER, "clerk", "auditor", "admin")
    ),
    ("officer", "/council-rounds/{voting}", terms("{council}", threshold="1%")),
    ("officer", "/council-rounds/{counted}", terms("{council}", threshold="1%")),
    in_round("officer", "members", members=terms()["members"][:3]),
    in_round(
        "officer",
        "members",
        members=[*terms()["members"], {"email": "officer@so.example", "role": "member"}],
    ),
    in_round(MEMBER, "members", members=terms()["members"]),
    in_round("officer", "vote"),
    in_round(MEMBER, "vote"),
    # a paper that is not one's own, or a second one
    *(
        in_round(who, "papers", **AGREE)
        for who in ("officer", "clerk", "auditor", "admin", "staff.htqt")
    ),
    in_round(MEMBER, "papers", **AGREE),
    in_round(MEMBER, "papers", **AGREE, member="head.ls@so.example"),
    in_round("officer", "papers", **AGREE, member="head.bg@so.example"),
    in_round("officer", "papers", **AGREE, member="auditor@so.example"),
    # a box that is opened with fewer keys than it has locks
    in_round("officer", "count", "ready"),
    in_round("officer", "count", "ready", codes=["{first}"]),
    in_round(CHAIR, "count", "ready", codes=["{first}", "{first}"]),
    in_round(SECRETARY, "count", "ready", codes=["{second}", "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA"]),
    in_round(SECRETARY, "count", "ready", codes=["{second}", "{other}"]),
    in_round(MEMBER, "count", "ready", codes=["{first}", "{second}"]),
    # a count that is closed, answered or challenged by whom it is not for
    in_round("officer", "close", "counted"),
    *(
        in_round(who, "close", "counted")
        for who in ("staff.htqt", MEMBER, "clerk", "auditor", "admin")
    ),
    in_round(MEMBER, "challenges/{challenge}/answer", "counted", words="Đúng", repeats=True),
    in_round("staff.htqt", "challenges", "counted", words="Sai"),
    in_round("clerk", "recount", "counted"),
    # an award that the council has not passed
    decision("director", "council", "sign_director", pin=PIN),
    decision("deputy.director", "council", "sign_director", pin=PIN),
    # what is pending against somebody, written or ended by whom it concerns, or by whom it is not for
    *(
        (who, "/proceedings", {**PENDING, "department": "lanh-su"})
        for who in ("staff.htqt", "head.htqt", "clerk", "auditor", "admin")
    ),
    ("officer", "/proceedings/{against_officer}/end", ENDED),
    ("head.bg", "/proceedings/{pending}/end", ENDED),
    ("clerk", "/proceedings/{pending}/end", ENDED),
    ("officer", "/proceedings/{ended}/corrections", {"end": None, "reason": "Nhầm"}),
    ("chief", "/proceedings/{sanctioned}/corrections", {"end": ENDED, "reason": "Nhầm"}),
    # a number, a dossier, an inspection, a due day
    *((who, "/register", LETTER) for who in ("staff.htqt", "head.htqt", "auditor", "admin")),
    *(
        (who, "/dossiers", {"items": [{"code": "{signed}", "version": 5}]})
        for who in ("staff.htqt", "head.htqt", "auditor", "admin", "officer", "director")
    ),
    ("clerk", "/dossiers", {"items": [{"code": "{council}", "version": 4}]}),
    *((who, "/inspections", VISIT) for who in ("staff.htqt", "head.htqt", "clerk", "auditor")),
    ("head.ls", "/inspections/{visit}/notes", {"outcome": "mended", "words": "Xong"}),
    *((who, "/deadlines", DUE) for who in ("staff.htqt", "head.htqt", "clerk", "auditor", "admin")),
    ("head.htqt", "/extensions/{extension}", {"granted": True}),
    ("staff.htqt", "/extensions/{extension}", {"granted": True}),
    # what an auditor found
    ("officer", "/findings/{finding}/notes", {"words": "Xong", "closes": True}),
    ("head.htqt", "/findings/{finding}/notes", {"words": "Xong", "closes": True}),
    ("admin", "/findings", {"entry": "agency@1", "title": "x", "words": "x"}),
    # data that somebody wants gone
    *(
        (who, "/privacy/erasures", {"of": "item:{signed}", "fields": ["(title)"], "reason": "Xóa"})
        for who in ("officer", "staff.htqt", "admin")
    ),
    ("staff.htqt", "/privacy/holds/{hold}/lift", {"reason": "Thôi"}),
    ("staff.htqt", "/privacy/retention", {"reason": "Hết hạn"}),
]


@pytest.fixture(scope="module")
def later(running):
    """A round that is voted on, one that is counted and challenged, and what came beside them."""

    def made(by, path, body):
        answer = running.client(address(by)).post(path, json=body)
        assert answer.status_code in {200, 201}, answer.text
        return answer.json()

    open_yet, ready, over = (opened(running, nomination(running)) for _ in range(3))
    council = open_yet["cases"][0]["code"]
    for who in (CHAIR, MEMBER):
        assert cast(running, open_yet, address(who), {council: "agree"}).status_code == 201
    for each in (ready, over):
        voted(running, each, ["agree"] * len(MEMBERS))
    counted(running, over)
    said = made(MEMBER, f"/council-rounds/{over['id']}/challenges", {"words": "Đếm lại"})
    pending = made("chief", "/proceedings", {**PENDING, "department": "quan-ly-bien-gioi"})
    own = made("chief", "/proceedings", {**PENDING, "person": address("officer")})
    ended, sanctioned = (
        made("chief", "/proceedings", {**PENDING, "person": address("officer")}) for _ in range(2)
    )
    made("chief", f"/proceedings/{ended['id']}/end", ENDED)
    made(
        "chief",
        f"/proceedings/{sanctioned['id']}/end",
        {**ENDED, "outcome": "disciplined", "served_on": "2022-05-03"},
    )
    deadline = made(
        "officer", "/deadlines", {**DUE, "departments": ["hop-tac-quoc-te"], "confirm": True}
    )
    asking = {
        "department": "hop-tac-quoc-te",
        "wanted_at": "2022-06-20T17:00:00+07:00",
        "why": "Bận",
    }
    return {
        "voting": open_yet["id"], "ready": ready["id"], "counted": over["id"], "council": council,
        "first": ready["codes"][0], "second": ready["codes"][1], "other": open_yet["codes"][0],
        "signed": running.item_in("director_signed")["code"],
        "challenge": said["challenges"][0]["id"], "pending": pending["id"],
        "against_officer": own["id"], "ended": ended["id"], "sanctioned": sanctioned["id"],
        "visit": made("officer", "/inspections", VISIT)["id"],
        "extension": made("staff.htqt", f"/deadlines/{deadline['id']}/extensions", asking)["id"],
        "finding": made("auditor", "/findings", {"entry": f"item:{council}@2", "title": "x", "words": "x", "addressee": address("head.htqt")})["id"],
        "hold": made("officer", "/privacy/holds", {"about": f"item:{council}", "reason": "Thanh tra"})["id"],
    }  # fmt: skip


def filled(body, names):
    """A body whose words in braces are what the world calls so."""
    if isinstance(body, dict):
        return {filled(key, names): filled(each, names) for key, each in body.items()}
    if isinstance(body, list):
        return [filled(each, names) for each in body]
    return str(body).format_map(names) if isinstance(body, str) else body


def entries(running):
    with running.parts.engines.read.connect() as connection:
        found = connection.execute(text("SELECT subject FROM history ORDER BY id"))
        return [each.partition(":")[0] for each in found.scalars()]


@pytest.mark.parametrize(("who", "path", "body"), LATER)
def test_nothing_is_done_alone_that_is_another_persons(running, later, who, path, body):
    said = filled(body, later)
    if "transition" in said:
        said["version"] = (
            running.client(address(who)).get(f"/items/{later['council']}").json()["version"]
        )
    before = entries(running)
    answer = running.client(address(who)).post(path.format_map(later), json=said)
    assert answer.status_code in REFUSED, answer.text
    assert set(entries(running)[len(before) :]) <= (
        {"proposal"} if answer.status_code == 202 else set()
    )


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
