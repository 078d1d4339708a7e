"""An agency in which every text that people can write holds markup, and of which every address leads somewhere."""

import io
import re
import secrets
from typing import Any

from ruamel.yaml import YAML

from tests.conftest import CAMPAIGN, PATH, Running
from tests.consolidated import consolidated, handed_in
from tests.councils import challenged_round
from tests.waiting import until
from workflow.commands.setup import SetUp
from workflow.definition import load_definition
from workflow.rules import vocabulary

EVIL = "<b data-evil=1>"
STAFF, HEAD, OFFICER, CLERK = (
    "staff.htqt@so.example",
    "head.htqt@so.example",
    "officer@so.example",
    "clerk@so.example",
)
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def sour(value: Any) -> Any:
    """Return a value of JSON with markup before each text that has a space in it, which no id has."""
    if isinstance(value, dict):
        return {name: sour(each) for name, each in value.items()}
    if isinstance(value, list):
        return [sour(each) for each in value]
    return f"{EVIL} {value}" if isinstance(value, str) and " " in value else value


def fill(running: Running) -> dict[str, str]:
    """Fill the agency and return a value for each parameter of an address."""
    _publish_sour_definitions(running)
    officer, admin = running.client(OFFICER), running.client("admin@so.example")
    for email in (STAFF, HEAD, "deputy.htqt@so.example"):
        assert admin.patch(f"/people/{email}", json={"name": f"{EVIL} {email}"}).status_code == 200
    assert (
        admin.post(
            "/departments", json={"id": "phong-moi", "name": f"{EVIL} Phòng mới"}
        ).status_code
        == 201
    )
    campaign = {
        **sour(officer.get(f"/campaigns/{CAMPAIGN}").json()),
        "id": "phong-trao-moi",
        "year": 2023,
    }
    assert officer.post("/campaigns", json=campaign).status_code == 201
    values = _items(running, campaign["id"])
    wished = {"email": "moi@so.example", "name": f"{EVIL} Trưởng phòng", "position": "head"}
    proposed = officer.post("/people", json={**wished, "department": "lanh-su"})
    assert proposed.status_code == 202, proposed.text
    around = _around(running, campaign["id"])
    handed_in(running, "htqt", campaign["id"], f"{EVIL} ", period="khac")
    return {
        **values,
        "proposal": str(proposed.json()["proposal"]["id"]),
        **around,
        **consolidated(running, around["deadline_id"]),
        **challenged_round(running, campaign["id"], f"{EVIL} "),
        "identity": campaign["id"],
        "worry": "late_report",
        "email": STAFF,
        "name": "staff",
    }


def _inspection(running: Running, campaign: str) -> str:
    form = {
        "campaign": campaign,
        "department": "hop-tac-quoc-te",
        "on_day": "01/06/2022",
        "inspectors": OFFICER,
        "about": f"{EVIL} xem",
    }
    with running.signed_in(OFFICER) as office:
        planned = office.post("/inspections", data=form)
        assert planned.status_code == 200, planned.text
        found = {"words": f"{EVIL} thấy", "to_mend": f"{EVIL} sửa", "mend_by": "20/06/2022"}
        assert office.post(planned.url.path, data=found).status_code == 200
    return str(planned.url.path).rpartition("/")[2]


def _proceeding(running: Running) -> str:
    form = {
        "person": "deputy.bg@so.example",
        "kind": "complaint",
        "since": "01/05/2022",
        "document": f"{EVIL} số 1",
        "document_on": "01/05/2022",
        "words": f"{EVIL} việc",
    }
    with running.signed_in(OFFICER) as office:
        written = office.post("/proceedings", data=form)
        assert written.status_code == 200, written.text
    return str(written.url.path).rpartition("/")[2]


def _past_award(running: Running) -> str:
    body = {
        "nominee": f"{EVIL} phòng",
        "kind": "collective",
        "award": "tt_ldtt",
        "number": f"{EVIL} số",
        "decided_on": "2019-12-20",
        "department": "hop-tac-quoc-te",
        "reason": f"{EVIL} việc",
    }
    waits = running.client(OFFICER).post("/past-awards", json={"awards": [body]})
    assert waits.status_code == 202, waits.text
    proposal = waits.json()["proposal"]["id"]
    confirm = running.client("director@so.example").post(
        f"/proposals/{proposal}/confirm", json={"pin": "246810"}
    )
    assert confirm.status_code == 200, confirm.text
    return str(running.client(OFFICER).get("/past-awards").json()["data"][0]["id"])


def _publish_sour_definitions(running: Running) -> None:
    """Publish a second version of each definition, whose labels hold markup."""
    loaded = []
    for kind in ("nomination", "department_report"):
        tree = YAML(typ="safe").load(
            (running.parts.settings.definitions / f"{kind}.yaml").read_text("utf-8")
        )
        labelled = _with_sour_labels({**tree, "version": tree["version"] + 1})
        out = io.StringIO()
        YAML(typ="safe").dump(labelled, out)
        loaded.append(load_definition(out.getvalue(), kind, vocabulary()))
    command = SetUp(definitions=tuple(loaded), campaigns=(), organization=None, software="test")
    running.run(running.parts.database.write(command))


def _with_sour_labels(value: Any) -> Any:
    if isinstance(value, dict):
        is_label = set(value) == {"vi", "en"}
        return {
            name: f"{EVIL} {each}" if is_label else _with_sour_labels(each)
            for name, each in value.items()
        }
    return [_with_sour_labels(each) for each in value] if isinstance(value, list) else value


def _items(running: Running, campaign: str) -> dict[str, str]:
    staff, head = running.client(STAFF), running.client(HEAD)
    example = staff.get("/definitions/nomination/example").json()
    body = {
        **example,
        "campaign": campaign,
        "title": f"{EVIL} đề nghị",
        "fields": sour(example["fields"]),
    }
    items = [staff.post("/items", json=body) for _ in range(4)]
    assert all(each.status_code == 201 for each in items), items[0].text
    codes = [each.json()["code"] for each in items]
    upload = {"file": ("<b data-evil=1>.pdf", PDF, "application/pdf")}
    attached = staff.post(
        f"/items/{codes[0]}/attachments", files=upload, headers={"If-Match": '"1"'}
    )
    assert attached.status_code == 201, attached.text
    sha256 = attached.json()["files"][0]["sha256"]
    for code in codes[:2]:
        assert running.decide(code, "submit", STAFF).status_code == 200
    assert (
        running.decide(
            codes[1], "return", HEAD, comment=f"{EVIL} Bổ sung", mend=["achievements"]
        ).status_code
        == 200
    )
    assert (
        staff.post(f"/items/{codes[0]}/comments", json={"words": f"{EVIL} trao đổi"}).status_code
        == 201
    )
    assert (
        head.post(
            f"/items/{codes[0]}/opinions", json={"of": OFFICER, "words": f"{EVIL} hỏi"}
        ).status_code
        == 201
    )
    token = running.link_for(codes[0], HEAD).rpartition("/")[2]
    return {
        "code": codes[0],
        "returned": codes[1],
        "draft": codes[2],
        "sha256": sha256,
        "token": token,
        "dossier_id": _dossier(running, codes[3]),
        "sent": codes[3],
        "fetch": until(lambda: _fetched_by(running)),
    }


def _fetched_by(running: Running) -> str:
    """Return the token by which the board fetches the package; "" while its mail is on its way."""
    mailed = [re.search(r"/a/(k1\.\S+)", each.text) for each in running.mailbox.mails()]
    return next((each[1] for each in mailed if each), "")


def _dossier(running: Running, code: str) -> str:
    for _, transition, by, more in PATH[:5]:
        answer = running.decide(code, transition, by, **more)
        assert answer.status_code == 200, answer.text
    return str(running.client("auditor@so.example").get("/dossiers").json()["data"][0]["id"])


def _around(running: Running, campaign: str) -> dict[str, str]:
    staff, officer = running.client(STAFF), running.client(OFFICER)
    deadline = officer.post(
        "/deadlines",
        json={
            "campaign": campaign,
            "kind": "khac",
            "name": f"{EVIL} kỳ",
            "departments": ["hop-tac-quoc-te", "lanh-su"],
            "due_at": "2022-06-15T17:00:00+07:00",
            "ladder": [{"days": -5, "to": ["drafter"], "words": f"{EVIL} nhắc"}],
        },
    ).json()
    asked = {
        "wanted_at": "2022-06-20T17:00:00+07:00",
        "why": f"{EVIL} chờ số liệu",
        "department": "hop-tac-quoc-te",
    }
    extension = running.client(HEAD).post(f"/deadlines/{deadline['id']}/extensions", json=asked)
    assert extension.status_code == 201, extension.text
    reminding = {"department": "hop-tac-quoc-te", "message": f"{EVIL} nộp"}
    assert officer.post(f"/deadlines/{deadline['id']}/remind", json=reminding).status_code == 201
    merit = {
        "campaign": campaign,
        "recognition": "",
        "whose_kind": "individual",
        "happened_on": "2022-05-03",
    }
    merit["recognition"] = officer.get(f"/campaigns/{campaign}").json()["recognition"][0]["id"]
    noted = staff.post(
        "/merits",
        json={**merit, "whose": f"{EVIL} ai", "what": f"{EVIL} gì", "story": f"{EVIL} chuyện"},
    )
    assert noted.status_code == 201, noted.text
    merit_id = str(noted.json()["id"])
    assert (
        officer.post(
            f"/merits/{merit_id}/notes", json={"standing": "noted", "words": f"{EVIL} ghi"}
        ).status_code
        == 201
    )
    given = running.client("director@so.example").post(
        "/delegations",
        json={
            "from": "director@so.example",
            "to": HEAD,
            "starts_on": "2022-07-01",
            "ends_on": "2022-07-02",
            "document": "1/UQ",
            "form": "TUQ.",
            "terms": "Ký tờ trình",
            "pin": "246810",
        },
    )
    assert given.status_code == 201, given.text
    away = {
        "stand_in": "deputy.htqt@so.example",
        "starts_on": "2022-07-01",
        "ends_on": "2022-07-02",
        "pin": "246810",
    }
    absence = running.client(HEAD).post("/absences", json=away)
    assert absence.status_code == 201, absence.text
    wish = {"kind": "access", "words": f"{EVIL} xem dữ liệu"}
    asked = staff.post("/privacy/requests", json=wish)
    assert asked.status_code == 201, asked.text
    hold = officer.post(
        "/privacy/holds", json={"about": f"merit:{merit_id}", "reason": f"{EVIL} khiếu nại"}
    )
    assert hold.status_code == 201, hold.text
    found = running.client("auditor@so.example").post(
        "/findings",
        json={
            "entry": f"merit:{merit_id}@1",
            "title": f"{EVIL} thấy",
            "words": f"{EVIL} lời",
            "addressee": HEAD,
        },
    )
    assert found.status_code == 201, found.text
    registered = running.client("clerk@so.example").post(
        "/register",
        json={
            "kind": "KH",
            "about": f"{EVIL} kế hoạch",
            "signer": f"{EVIL} người ký",
            "recipients": f"{EVIL} nơi nhận",
        },
    )
    assert registered.status_code == 201, registered.text
    with running.signed_in(STAFF) as browser:
        kept = browser.post(
            "/items/views", data={"query": "state=submitted", "name": f"{EVIL} cách xem"}
        ).text
        feed = browser.post("/deadlines/calendar/feed", data={"key": secrets.token_hex(16)}).text
    feeds = re.search(r"/feeds/([^\"<\s]+)\.ics", feed)
    return {
        "deadline_id": str(deadline["id"]),
        "inspection": _inspection(running, campaign),
        "proceeding": _proceeding(running),
        "award": _past_award(running),
        "extension": str(extension.json()["id"]),
        "absence": str(absence.json()["id"]),
        "delegation": str(given.json()["id"]),
        "merit": merit_id,
        "request": str(asked.json()["id"]),
        "hold": str(hold.json()["id"]),
        "finding": str(found.json()["id"]),
        "view": re.findall(r"/items/views/(\d+)/", kept)[0],
        "feed": feeds.group(1) if feeds else "",
    }
