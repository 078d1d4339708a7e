"""What two people must do together stays rare, and asks both of them for little.

How long it takes them, tests/browser/test_trial.py measures.
"""

import re
import secrets

import pytest

from tests.conftest import running_at
from tests.forms import forms_in
from tests.waiting import until

pytestmark = pytest.mark.one_database

OFFICER, DIRECTOR, HEAD = "officer@so.example", "director@so.example", "head.ls@so.example"


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with running_at("127.0.0.1", tmp_path_factory.mktemp("data"), "") as product:
        yield product


def asked(page, action):
    """The fields that a person fills in: not hidden ones, nor what the form sends as it stands."""
    (form,) = (each for each in forms_in(page) if each.action == action and each.method == "post")
    return set(form.names) - {"key", "seen", "is_active", "version"}


def test_two_people_are_asked_for_what_is_needed_and_no_more(running):
    with running.signed_in(OFFICER) as browser:
        adding = asked(browser.get("/people/new").text, "/people/new")
        page = browser.get(f"/people/{HEAD}").text
        (moving,) = (
            set(each.names)
            for each in forms_in(page)
            if each.method == "post" and "email" in each.names
        )
    assert adding == {"name", "email", "position", "department"}
    assert moving >= {"email"}
    proposal = running.client(OFFICER).patch(f"/people/{HEAD}", json={"email": "h@so.example"})
    number = proposal.json()["proposal"]["id"]

    def link():
        mails = (each for each in running.mailbox.mails() if each.recipient == DIRECTOR)
        found = (re.search(r"/a/p1\.\S+", each.text) for each in mails)
        return next((each[0] for each in found if each), None)

    path = until(link)
    with running.browser() as browser:
        answering = asked(browser.get(path).text, path)
        assert answering == {"decision", "comment", "pin"}, "what the person has"
    rejected = running.client(DIRECTOR).post(f"/proposals/{number}/reject", json={"comment": "x"})
    assert rejected.status_code == 200


def test_a_year_of_an_office_of_thirty_meets_a_few_proposals(running):
    """Joining, leaving, rising, moving, standing in: what a year brings; only what gives power waits."""
    officer = running.client(OFFICER)

    def joins(position="staff"):
        email = f"n{secrets.token_hex(4)}@so.example"
        body = {"email": email, "name": "Người mới", "position": position}
        assert officer.post("/people", json={**body, "department": "lanh-su"}).status_code < 300
        return email

    def changes(who, **what):
        assert officer.patch(f"/people/{who}", json=what).status_code < 300
        running.confirm(DIRECTOR)

    def count():
        return len(officer.get("/proposals").json()["data"])

    before = count()
    newcomers = [joins() for _ in range(3)]
    changes(newcomers[0], name="Tên mới")
    changes(newcomers[1], email=f"m{newcomers[1]}")
    changes(newcomers[2], is_active=False)
    changes("staff.bg@so.example", department="lanh-su")
    changes("deputy.bg@so.example", is_active=False)
    assert count() == before, "staff, and whoever leaves, need nobody else"
    changes(newcomers[0], position="deputy")
    changes(newcomers[0], position="staff")
    changes("head.bg@so.example", email="truong.phong.bg@so.example")
    for giver, taker in (("head.htqt", "deputy.htqt"), ("director", "deputy.director")):
        body = {"from": f"{giver}@so.example", "to": f"{taker}@so.example", "document": "5/UQ"}
        body |= {"starts_on": "2022-07-01", "ends_on": "2022-07-08", "pin": "246810"}
        given = running.client(body["from"]).post("/delegations", json=body)
        assert given.status_code == 201, given.text
    absence = {"person": "head.ls@so.example", "starts_on": "2022-08-01", "ends_on": "2022-08-05"}
    assert officer.post("/absences", json=absence).status_code == 201
    assert count() - before == 2, "one rose, and one head has another address"


def test_what_a_year_brings_beside_people_waits_once_each(running):
    """Awards of before the product, a proceeding written wrongly, and the data of one who left."""
    officer, chief = running.client(OFFICER), running.client("chief@so.example")

    def proposed(client, path, body):
        answer = client.post(path, json=body)
        assert answer.status_code == 202, answer.text
        running.confirm(DIRECTOR)

    before = len(officer.get("/proposals").json()["data"])
    award = {"nominee": "Phòng Lãnh sự", "kind": "collective", "department": "lanh-su"}
    award |= {"award": "giay_khen", "number": "3/QĐ-SNgV", "decided_on": "2020-12-20"}
    years = [{**award, "number": f"{number}/QĐ-SNgV"} for number in range(3, 40)]
    proposed(officer, "/past-awards", {"awards": years})
    opened = {"kind": "inspection", "since": "2022-05-01", "person": "staff.ls@so.example"}
    opened |= {"document": "1/QĐ", "document_on": "2022-05-01"}
    case = chief.post("/proceedings", json=opened).json()["id"]
    end = {"outcome": "cleared", "ended_on": "2022-05-03"}
    end |= {"document": "2/KL", "document_on": "2022-05-03"}
    punished = {**end, "outcome": "disciplined", "served_on": "2022-05-03"}
    assert chief.post(f"/proceedings/{case}/end", json=punished).status_code < 300
    proposed(chief, f"/proceedings/{case}/corrections", {"end": end, "reason": "Ghi nhầm"})
    gone = {"of": "person:staff.bg@so.example", "reason": "Theo yêu cầu"}
    assert (
        officer.patch("/people/staff.bg@so.example", json={"is_active": False}).status_code == 200
    )
    proposed(officer, "/privacy/erasures", gone)
    assert len(officer.get("/proposals").json()["data"]) - before == 3
