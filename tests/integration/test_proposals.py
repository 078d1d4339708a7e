"""Where somebody gains power, two people act: what is asked for waits until a second one confirms it."""

import io
import re
import secrets
from datetime import timedelta

import pytest
from pypdf import PdfReader
from sqlalchemy import text

from tests.guards import unguarded
from workflow.command import Cause
from workflow.commands.people import ChangeAddress
from workflow.errors import InvalidRefusal
from workflow.lookups.proposals import PROPOSAL_RULES, proposal_rules
from workflow.model import Grant, Method, Via
from workflow.queries.audit import verify_database
from workflow.queries.event_log import write_xes
from workflow.store import definitions, proposals

pytestmark = pytest.mark.one_database

OFFICER, CHIEF, ADMIN = "officer@so.example", "chief@so.example", "admin@so.example"
DIRECTOR, DEPUTY = "director@so.example", "deputy.director@so.example"
AUDITOR = "auditor@so.example"
PIN = {"pin": "246810"}


def new_person(position="head", **more):
    return {
        "email": f"moi.{secrets.token_hex(4)}@so.example",
        "name": "Người mới",
        "position": position,
        "department": "lanh-su",
        **more,
    }


def propose(running, body=None, by=OFFICER):
    answer = running.client(by).post("/people", json=body or new_person())
    assert answer.status_code == 202, answer.text
    return answer.json()["proposal"]


def confirm(running, proposal, by, **factor):
    return running.client(by).post(f"/proposals/{proposal['id']}/confirm", json=factor or PIN)


def person_of(running, email):
    known = running.client(ADMIN).get("/people").json()["data"]
    return next((each for each in known if each["email"] == email), None)


def test_a_person_with_power_is_added_by_two(running):
    body = new_person()
    proposal = propose(running, body)
    assert set(proposal) == {"id", "what", "by", "confirmers", "until"}
    assert proposal["by"] == OFFICER
    assert sorted(proposal["confirmers"]) == [DEPUTY, DIRECTOR]
    assert body["email"] in proposal["what"]
    assert person_of(running, body["email"]) is None, "nothing has happened yet"
    assert confirm(running, proposal, OFFICER).status_code == 403
    assert confirm(running, proposal, "head.htqt@so.example").status_code == 404
    assert confirm(running, proposal, DIRECTOR, pin="111111").status_code == 403
    assert (
        running.client(DIRECTOR)
        .post(f"/proposals/{proposal['id']}/confirm", json={})
        .json()["type"]
        .endswith("second-factor-required")
    )
    done = confirm(running, proposal, DIRECTOR)
    assert done.status_code == 200, done.text
    assert (done.json()["state"], done.json()["decided_by"]) == ("confirmed", DIRECTOR)
    assert person_of(running, body["email"])["position"] == "head"
    again = confirm(running, proposal, DEPUTY)
    assert again.status_code == 409
    entries = running.client(AUDITOR).get("/history").json()["data"]
    added = next(each for each in entries if each["type"] == "person_added")
    assert added["actor"] == DIRECTOR
    assert added["method"] == "pin"


def test_staff_and_what_takes_power_away_need_nobody_else(running):
    staff = new_person("staff")
    assert running.client(OFFICER).post("/people", json=staff).status_code == 201
    body = new_person()
    assert confirm(running, propose(running, body), DEPUTY).status_code == 200
    officer = running.client(OFFICER)
    for change in ({"position": "deputy"}, {"position": "staff"}, {"is_active": False}):
        assert officer.patch(f"/people/{body['email']}", json=change).status_code == 200
    for change in ({"name": "Tên khác"}, {"email": f"x{staff['email']}"}):
        assert officer.patch(f"/people/{staff['email']}", json=change).status_code == 200


def test_an_address_a_position_and_a_return_wait_and_the_gainer_does_not_confirm(running):
    body = new_person("staff", email=f"c.{secrets.token_hex(3)}@so.example")
    officer = running.client(OFFICER)
    assert officer.post("/people", json=body).status_code == 201
    path = f"/people/{body['email']}"
    for change, kind in (
        ({"position": "deputy_director", "department": None}, "positions"),
        ({"email": f"n{body['email']}"}, "addresses"),
    ):
        waits = officer.patch(path, json=change)
        assert waits.status_code == 202, waits.text
        assert running.client(DIRECTOR).get("/proposals").json()["data"][0]["kinds"] == [kind]
        running.confirm()
        path = f"/people/{change.get('email', body['email'])}"
    own = officer.patch(f"/people/{DEPUTY}", json={"email": "khac@elsewhere.example"})
    with running.signed_in(CHIEF) as browser:
        page = browser.get(f"/people/{DEPUTY}").text
        assert f"/proposals/{own.json()['proposal']['id']}" in page
        assert "Người được xác nhận: Giám đốc Sở" in page
    assert own.json()["proposal"]["confirmers"] == [DIRECTOR], "the newcomer is too young"
    refused = confirm(running, own.json()["proposal"], DEPUTY)
    assert refused.status_code == 403
    assert [each["rule"] for each in refused.json()["reasons"]] == ["gains"]
    young = confirm(running, own.json()["proposal"], path.removeprefix("/people/"))
    assert [each["rule"] for each in young.json()["reasons"]] == [
        "young-account",
        "made-by-proposer",
    ]
    twice = officer.patch(f"/people/{DEPUTY}", json={"email": "khac@elsewhere.example"})
    assert twice.status_code == 422
    rejected = running.client(DIRECTOR).post(
        f"/proposals/{own.json()['proposal']['id']}/reject", json={"comment": "Không đúng"}
    )
    assert (rejected.json()["state"], rejected.json()["comment"]) == ("rejected", "Không đúng")
    assert person_of(running, DEPUTY) is not None
    assert officer.patch(path, json={"is_active": False}).status_code == 200
    assert officer.patch(path, json={"is_active": True}).status_code == 202


def test_two_accounts_of_one_person_do_not_confirm_each_other(running):
    """An officer's second account is proposed, and is of no use for confirming."""
    proposal = propose(running, new_person("officer", department="van-phong"))
    for who in (OFFICER, CHIEF, ADMIN):
        assert confirm(running, proposal, who).status_code in {403, 404}
    taken_back = running.client(OFFICER).post(
        f"/proposals/{proposal['id']}/reject", json={"comment": "Nhầm"}
    )
    assert taken_back.status_code == 200


def test_what_has_changed_since_is_not_confirmed_and_what_lapsed_neither(running):
    body = new_person("staff")
    officer = running.client(OFFICER)
    assert officer.post("/people", json=body).status_code == 201
    waits = officer.patch(f"/people/{body['email']}", json={"position": "head"}).json()["proposal"]
    assert officer.patch(f"/people/{body['email']}", json={"name": "Tên khác"}).status_code == 200
    stale = confirm(running, waits, DIRECTOR)
    assert stale.status_code == 409
    assert person_of(running, body["email"])["position"] == "staff"
    late = propose(running, new_person())
    running.clock.advance(timedelta(days=15))
    assert confirm(running, late, DIRECTOR).status_code == 409
    states = {each["id"]: each["state"] for each in officer.get("/proposals").json()["data"]}
    assert (states[waits["id"]], states[late["id"]]) == ("lapsed", "lapsed")


def test_one_key_makes_one_proposal(running):
    body, key = new_person(), {"Idempotency-Key": secrets.token_hex(8)}
    first, again = (
        running.client(OFFICER).post("/people", json=body, headers=key) for _ in range(2)
    )
    assert first.json() == again.json()
    assert first.status_code == again.status_code == 202


def test_the_pages_say_what_waits_and_let_the_second_person_answer(running):
    body = new_person(is_active="yes")
    with running.signed_in(OFFICER) as browser:
        told = browser.post("/people/new", data=body)
        assert told.url.path.startswith("/proposals/")
        assert "Giám đốc Sở" in told.text
        assert 'name="pin"' not in told.text
    with running.signed_in(DIRECTOR) as browser:
        assert body["email"] in browser.get("/").text
        wrong = browser.post(told.url.path, data={"decision": "confirm"})
        assert wrong.status_code == 403
        assert browser.post(told.url.path, data={"pin": "246810"}).status_code == 422
        done = browser.post(told.url.path, data={"decision": "confirm", "pin": "246810"})
        assert "đã xác nhận" in done.text
        assert body["email"] not in browser.get("/").text
    assert person_of(running, body["email"]) is not None


def test_a_relaxed_kind_needs_nobody_else_and_is_told(running):
    rules = running.parts.database.report_blocking(proposal_rules)
    relaxed = rules.model_copy(update={"relaxed": (Grant.POSITIONS,)})
    with running.parts.engines.write.begin() as connection:
        definitions.put_setting(connection, PROPOSAL_RULES, relaxed.model_dump_json())
    try:
        added = running.client(OFFICER).post("/people", json=new_person())
        assert added.status_code == 201
        with running.signed_in(AUDITOR) as browser:
            for page in ("/history", "/history.csv"):
                assert "một người" in browser.get(page).text, page
            code = running.draft()["code"]
            printed = PdfReader(io.BytesIO(browser.get(f"/items/{code}/certificate.pdf").content))
            assert "một người" in "".join(each.extract_text() for each in printed.pages)
        log = io.BytesIO()
        context = running.parts.context
        running.parts.database.report_blocking(lambda each: write_xes(context, each, log))
        assert b'<string key="relaxed" value="positions"/>' in log.getvalue()
    finally:
        with running.parts.engines.write.begin() as connection:
            definitions.put_setting(connection, PROPOSAL_RULES, rules.model_dump_json())
    assert running.parts.database.report_blocking(verify_database).status == 0


def test_a_delegation_by_another_waits_for_its_giver_alone(running):
    giver, taker = "head.bg@so.example", "deputy.bg@so.example"
    body = {
        "from": giver,
        "to": taker,
        "starts_on": "2022-06-01",
        "ends_on": "2022-06-03",
        "document": "12/UQ",
    }
    assert running.client(DIRECTOR).post("/delegations", json=body).status_code == 403
    made = running.client(OFFICER).post("/delegations", json=body)
    assert made.status_code == 202, made.text
    proposal = made.json()["proposal"]
    assert proposal["confirmers"] == [giver]
    known = running.client(AUDITOR).get("/delegations").json()["data"]
    assert not any(each["document"] == "12/UQ" for each in known)
    for who in (OFFICER, taker, DIRECTOR):
        assert confirm(running, proposal, who).status_code in {403, 404}
    done = confirm(running, proposal, giver)
    assert done.status_code == 200, done.text
    known = running.client(AUDITOR).get("/delegations").json()["data"]
    assert [each["from"] for each in known if each["document"] == "12/UQ"] == [giver]
    entries = running.client(AUDITOR).get("/history").json()["data"]
    added = next(each for each in entries if each["type"] == "delegation_added")
    assert added["actor"] == giver


def test_without_proposals_a_delegation_is_still_its_givers(running):
    rules = running.parts.database.report_blocking(proposal_rules)
    relaxed = rules.model_copy(update={"relaxed": (Grant.DELEGATIONS,)})
    with running.parts.engines.write.begin() as connection:
        definitions.put_setting(connection, PROPOSAL_RULES, relaxed.model_dump_json())
    try:
        body = {
            "from": "head.bg@so.example",
            "to": "deputy.bg@so.example",
            "starts_on": "2022-07-01",
            "ends_on": "2022-07-03",
            "document": "13/UQ",
        }
        assert running.client(OFFICER).post("/delegations", json=body).status_code == 403
        given = running.client(body["from"]).post("/delegations", json={**body, **PIN})
        assert given.status_code == 201, given.text
    finally:
        with running.parts.engines.write.begin() as connection:
            definitions.put_setting(connection, PROPOSAL_RULES, rules.model_dump_json())


def test_what_is_kept_of_a_proposal_must_be_what_was_proposed(running):
    for column, value in (
        ("proposed_by", str(running.person(DEPUTY).id)),
        ("grants", '["definitions"]'),
        ("until", "2099-01-01T00:00:00.000000Z"),
    ):
        proposal = propose(running)
        change = f"UPDATE proposals SET {column} = :value WHERE id = :id"
        with running.parts.engines.write.begin() as connection, unguarded(connection, change):
            connection.execute(text(change), {"value": value, "id": proposal["id"]})
        by = CHIEF if column == "grants" else DIRECTOR
        assert confirm(running, proposal, by).status_code == 409, column


def test_an_address_that_several_read_is_nobodys(running):
    by = Cause(
        actor=running.person(OFFICER).id, via=Via.PAGE, method=Method.SESSION, command_id="shared"
    )
    command = ChangeAddress(
        cause=by, person=running.person("staff.ls@so.example").id, email="nhom@so.example"
    )
    with pytest.raises(InvalidRefusal):
        running.run(running.parts.database.write(command))


def test_more_proposals_than_a_page_holds_are_read_page_by_page(running, monkeypatch):
    monkeypatch.setattr(proposals, "PAGE", 2)
    for _ in range(3):
        assert propose(running)
    every, cursor = [], ""
    while cursor is not None:
        query = {"cursor": cursor} if cursor else {}
        answer = running.client("auditor@so.example").get("/proposals", params=query).json()
        assert len(answer["data"]) <= 2
        every += [each["id"] for each in answer["data"]]
        cursor = answer["next"]
    assert every == sorted(every, reverse=True)
    assert len(every) == len(set(every)) > 2
    with running.signed_in("auditor@so.example") as browser:
        pages, path = "", "/proposals"
        while path:
            pages += (page := browser.get(path).text)
            found = re.search(r'href="(/proposals\?cursor=[^"]+)"', page)
            path = found and found[1]
    assert all(f'href="/proposals/{each}"' in pages for each in every)
