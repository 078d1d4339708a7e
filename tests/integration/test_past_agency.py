"""The agency at a moment: people, stand-ins, processes, calendar and items are those of then."""

import secrets
from datetime import timedelta

import pytest

from tests.guards import unguarded
from tests.integration.test_erasing import cause, write
from workflow.canonical import instant
from workflow.commands.erase_person import ErasePerson
from workflow.queries.past_agency import agency_then

pytestmark = pytest.mark.one_database

AUDITOR, CHIEF, HEAD, DEPUTY, OFFICER = (
    f"{each}@so.example" for each in ("auditor", "chief", "head.htqt", "deputy.htqt", "officer")
)
PIN = "246810"


def later(running):
    """The moment now, with all that follows after it."""
    moment = running.clock.now()
    running.clock.advance(timedelta(minutes=2))
    return moment


def then(running, moment, by=AUDITOR):
    answer = running.client(by).get(f"/history/as-of/{instant(moment)}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def holders(found, code):
    """For whom an item waited, by whom it was held; None where it was not on its way."""
    item = next((each for each in found["items"] if each["code"] == code), None)
    return item and [(each["email"], each["on_behalf_of"]) for each in item["holders"]]


def newcomer(running):
    email = f"moi{secrets.token_hex(4)}@so.example"
    body = {"email": email, "name": "Người mới", "position": "staff", "department": "lanh-su"}
    assert running.client(OFFICER).post("/people", json=body).status_code == 201
    return email


def test_who_worked_here_and_where_is_told_as_it_was(running):
    before = later(running)
    email = newcomer(running)
    came = later(running)
    moved = running.client(OFFICER).patch(f"/people/{email}", json={"name": "Người cũ"})
    assert moved.status_code == 200, moved.text
    named = later(running)
    running.client(OFFICER).patch(f"/people/{email}", json={"is_active": False})
    left = later(running)

    def told(moment):
        found = then(running, moment)["people"]
        return [(each["name"], each["is_active"]) for each in found if each["email"] == email]

    assert [told(each) for each in (before, came, named, left)] == [
        [],
        [("Người mới", True)],
        [("Người cũ", True)],
        [("Người cũ", False)],
    ]


def test_whom_an_item_waited_for_and_who_stood_in_are_told_as_they_were(running):
    today = running.parts.context.calendar.local_day(running.clock.now()).isoformat()
    before = later(running)
    code = running.item_in("submitted")["code"]
    waits = later(running)
    head = running.client(HEAD)
    away = {"stand_in": DEPUTY, "starts_on": today, "ends_on": today}
    absence = head.post("/absences", json={**away, "pin": PIN})
    assert absence.status_code == 201, absence.text
    covered = later(running)
    assert head.post(f"/absences/{absence.json()['id']}/end").status_code == 200
    running.decide(code, "approve_department", HEAD)
    after = later(running)
    assert [holders(then(running, each), code) for each in (before, waits, covered)] == [
        None,
        [(HEAD, None), (DEPUTY, None)],
        [(DEPUTY, None)],
    ]
    assert HEAD not in [each for each, _ in holders(then(running, after), code)]
    told = [each["person"] for each in then(running, covered)["absences"]]
    assert told == [HEAD]
    assert then(running, waits)["absences"] == then(running, after)["absences"] == []
    page = shown(running, OFFICER, covered)
    assert code in page.text
    assert "Người thay: " in page.text


def shown(running, who, moment):
    zone = running.parts.context.calendar.zone
    with running.signed_in(who) as browser:
        at = moment.astimezone(zone).strftime("%d/%m/%Y %H:%M")
        return browser.get("/history/as-of", params={"at": at})


def test_delegations_are_told_on_their_days(running):
    day = running.parts.context.calendar.local_day(running.clock.now())
    before = later(running)
    days = {"starts_on": f"{day}", "ends_on": f"{day + timedelta(days=1)}"}
    body = {"from": CHIEF, "to": HEAD, "document": "12/QĐ-SNV", "form": "TUQ.", **days, "pin": PIN}
    given = running.client(CHIEF).post("/delegations", json=body)
    assert given.status_code == 201, given.text
    holds = later(running)
    running.clock.advance(timedelta(days=2))

    def told(moment):
        return [each["document"] for each in then(running, moment)["delegations"]]

    assert [told(each) for each in (before, holds, later(running))] == [[], ["12/QĐ-SNV"], []]
    assert "12/QĐ-SNV" in shown(running, OFFICER, holds).text


def test_processes_and_calendar_are_those_in_force(running):
    first = then(running, running.clock.now())
    assert {each["id"] for each in first["definitions"]} == {
        "consolidated_report",
        "nomination",
        "department_report",
        "nothing_to_nominate",
    }
    assert first["calendar"]["is_working"] is True
    assert first["calendar"]["opens_at"] == "08:00"
    assert f"{first['day'][:4]}-04-30" not in first["calendar"]["work_days"]
    long_ago = running.clock.now() - timedelta(days=4000)
    nothing = then(running, long_ago)
    assert nothing["people"] == nothing["definitions"] == nothing["items"] == []
    assert nothing["calendar"] is None
    assert "Chưa ban hành quy trình nào." in shown(running, AUDITOR, long_ago).text


def test_whose_data_went_is_left_out_and_named(running):
    email = newcomer(running)
    came = later(running)
    running.client(OFFICER).patch(f"/people/{email}", json={"is_active": False})
    person = running.person(email).id
    write(running, ErasePerson(cause=cause(running, None), person=person, why="Xin xóa"))
    found = then(running, came)
    assert found["erased"] == [f"person:{person}"]
    assert email not in str(found)
    assert f"Người số {person}" in shown(running, AUDITOR, came).text


def test_what_an_entry_did_not_commit_to_is_left_out_and_named(running):
    moment, person = later(running), running.person(HEAD).id
    lie = (
        "UPDATE history_texts SET text = replace(text, 'head.htqt', 'head.khac') "
        f"WHERE subject = 'person:{person}' AND name = 'row'"
    )
    with running.parts.engines.write.connect() as connection:
        with unguarded(connection, lie):
            connection.exec_driver_sql(lie)
        found = agency_then(running.parts.context, connection, moment)
        connection.rollback()
    assert found.altered == (f"person:{person}",)
    assert person not in found.directory.people


@pytest.mark.parametrize("at", ["hôm qua", "32/13/2022", "2022-05-04T25:00"])
def test_a_moment_that_is_none_is_said(running, at):
    with running.signed_in(AUDITOR) as browser:
        answer = browser.get("/history/as-of", params={"at": at})
        assert answer.status_code == 422
        assert "15/06/2022 17:00" in answer.text
