"""Where somebody gains power, two people act: what is asked for waits until a second one confirms it."""

import secrets

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
