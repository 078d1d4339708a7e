from datetime import datetime, timedelta

import pytest

from notifications.tick import tick
from tests.conftest import CAMPAIGN
from tests.waiting import until
from workflow.command import Cause
from workflow.commands.people import ChangeAddress, ImportPeople
from workflow.model import Method, Via
from workflow.people.staff_rows import PersonRow

OFFICE, DIRECTOR = "officer@so.example", "director@so.example"
DEPARTMENTS = ["hop-tac-quoc-te", "lanh-su", "quan-ly-bien-gioi"]


def deadline_body(**change):
    return {
        "campaign": CAMPAIGN,
        "kind": "interim",
        "departments": DEPARTMENTS,
        "due_at": "2022-06-17T17:00:00+07:00",
        **change,
    }


@pytest.fixture
def deadline(running):
    answer = running.client(OFFICE).post("/deadlines", json=deadline_body())
    assert answer.status_code == 201, answer.text
    return answer.json()


def planned(running, deadline, state="planned"):
    rows = running.client(OFFICE).get("/reminders").json()["data"]
    return [row for row in rows if row["deadline"] == deadline["id"] and row["state"] == state]


@pytest.mark.one_database
def test_a_deadline_on_a_rest_day_is_rolled_and_one_in_the_past_must_be_confirmed(running):
    rolled = running.client(OFFICE).post(
        "/deadlines", json=deadline_body(kind="final", due_at="2022-12-31T17:00:00+07:00")
    )
    assert rolled.json()["due_at"].startswith("2022-12-30T10:00:00")
    past = deadline_body(due_at="2022-04-29T17:00:00+07:00")
    assert running.client(OFFICE).post("/deadlines", json=past).status_code == 422
    assert (
        running.client(OFFICE).post("/deadlines", json={**past, "confirm": True}).status_code == 201
    )


@pytest.mark.one_database
@pytest.mark.parametrize(
    "change",
    [
        {"campaign": "none"},
        {"departments": ["nowhere"]},
        {"departments": []},
        {"due_at": "2022-06-17T17:00:00"},
        {"ladder": [{"days": 1, "to": ["boss"]}]},
        {"id": 1},
    ],
)
def test_a_wrong_deadline_is_refused(running, change):
    assert (
        running.client(OFFICE).post("/deadlines", json=deadline_body(**change)).status_code == 422
    )


@pytest.mark.one_database
def test_only_the_office_sets_deadlines(running):
    for email in (
        "staff.htqt@so.example",
        "head.htqt@so.example",
        "director@so.example",
        "auditor@so.example",
        "admin@so.example",
    ):
        assert running.client(email).post("/deadlines", json=deadline_body()).status_code == 403


@pytest.mark.one_database
def test_the_preview_shows_the_rows_that_the_plan_then_has(running):
    preview = (
        running.client(OFFICE)
        .post("/deadlines/preview", json=deadline_body(kind="nominations"))
        .json()["data"]
    )
    made = running.client(OFFICE).post("/deadlines", json=deadline_body(kind="nominations")).json()
    key = lambda row: (row["rung"], row["email"], row["at"], row["state"])  # noqa: E731 - three fields
    assert sorted(map(key, preview)) == sorted(map(key, planned(running, made)))


def test_moving_a_deadline_plans_anew_what_has_not_gone(running, deadline):
    before = {row["at"] for row in planned(running, deadline)}
    path = f"/deadlines/{deadline['id']}"
    assert (
        running.client(OFFICE).patch(path, json={"due_at": "2022-07-15T17:00:00+07:00"}).status_code
        == 428
    )
    moved = running.client(OFFICE).patch(
        path, json={"due_at": "2022-07-15T17:00:00+07:00"}, headers={"If-Match": '"1"'}
    )
    assert (moved.status_code, moved.json()["version"]) == (200, 2)
    after = {row["at"] for row in planned(running, deadline)}
    assert before.isdisjoint(after)
    assert (
        running.client(OFFICE)
        .patch(path, json={"due_at": "2022-07-16T17:00:00+07:00"}, headers={"If-Match": '"1"'})
        .status_code
        == 412
    )


@pytest.mark.one_database
def test_a_department_is_reminded_now_in_the_offices_own_words_and_it_is_recorded(
    running, deadline
):
    path = f"/deadlines/{deadline['id']}/remind"
    words = "Đề nghị phòng gửi báo cáo trong hôm nay."
    answer = running.client(OFFICE).post(path, json={"department": "lanh-su", "message": words})
    assert answer.status_code == 201, answer.text
    assert set(answer.json()["people"]) == {"staff.ls@so.example", "head.ls@so.example"}
    until(
        lambda: [
            each
            for each in running.mailbox.mails()
            if words in each.text and each.recipient == "head.ls@so.example"
        ]
    )
    assert (
        running.client("staff.ls@so.example")
        .post(path, json={"department": "lanh-su", "message": "x"})
        .status_code
        == 403
    )
    entries = running.client("auditor@so.example").get("/history").json()["data"]
    assert any(each["type"] == "reminded" and each["comment"] == words for each in entries)


@pytest.mark.one_database
def test_a_delegation_makes_both_holders_and_records_for_whom(running):
    item = running.item_in("office_reviewed")
    body = {
        "from": "director@so.example",
        "to": "deputy.director@so.example",
        "starts_on": "2022-05-01",
        "ends_on": "2022-05-10",
        "document": "05/GUQ-SNgV",
        "pin": "246810",
    }
    assert running.client("staff.ls@so.example").post("/delegations", json=body).status_code == 403
    assert (
        running.client(DIRECTOR).post("/delegations", json={**body, "to": body["from"]}).status_code
        == 422
    )
    assert (
        running.client(DIRECTOR)
        .post("/delegations", json={**body, "ends_on": "2022-04-01"})
        .status_code
        == 422
    )
    assert running.client(DIRECTOR).post("/delegations", json=body).status_code == 201
    holders = running.client(OFFICE).get(f"/items/{item['code']}").json()["holders"]
    assert {each["email"] for each in holders} == {
        "director@so.example",
        "deputy.director@so.example",
    }
    assert running.link_for(item["code"], "deputy.director@so.example")
    signed = running.decide(
        item["code"], "sign_director", "deputy.director@so.example", pin="246810"
    )
    assert signed.status_code == 200, signed.text
    entry = (
        running.client("auditor@so.example")
        .get(f"/items/{item['code']}/history")
        .json()["data"][-1]
    )
    assert (entry["actor"], entry["on_behalf_of"]) == (
        "deputy.director@so.example",
        "director@so.example",
    )


@pytest.mark.one_database
def test_a_delegation_ends_by_itself(running):
    item = running.item_in("office_reviewed")
    body = {
        "from": "director@so.example",
        "to": "deputy.director@so.example",
        "starts_on": "2022-05-01",
        "ends_on": "2022-05-20",
        "document": "06/GUQ-SNgV",
        "pin": "246810",
    }
    assert running.client(DIRECTOR).post("/delegations", json=body).status_code == 201
    running.clock.advance(
        max(datetime.fromisoformat("2022-05-23T08:00:00+07:00") - running.clock.now(), timedelta(0))
    )
    running.run(tick(running.parts.database, running.parts.reminders))
    holders = running.client(OFFICE).get(f"/items/{item['code']}").json()["holders"]
    assert [each["email"] for each in holders] == ["director@so.example"]
    assert (
        running.decide(
            item["code"], "sign_director", "deputy.director@so.example", pin="246810"
        ).status_code
        == 403
    )


@pytest.mark.one_database
def test_holders_follow_when_a_position_changes_and_an_old_link_loses_its_right(running):
    item = running.item_in("submitted")
    old = running.link_for(item["code"], "deputy.htqt@so.example")
    rows = (
        PersonRow(
            row=1,
            email="deputy.htqt@so.example",
            name="Phó Trưởng phòng Lãnh sự thứ hai",
            position="deputy",
            department="lanh-su",
        ),
        PersonRow(
            row=2,
            email="new.htqt@so.example",
            name="Phó Trưởng phòng mới",
            position="deputy",
            department="hop-tac-quoc-te",
        ),
    )
    command = ImportPeople(
        rows=rows,
        cause=Cause(actor=None, via=Via.IMPORT, method=Method.NONE, command_id=f"i{item['code']}"),
        invites=True,
    )
    running.run(running.parts.database.write(command))
    holders = {
        each["email"]
        for each in running.client(OFFICE).get(f"/items/{item['code']}").json()["holders"]
    }
    assert holders == {"head.htqt@so.example", "new.htqt@so.example"}
    assert running.link_for(item["code"], "new.htqt@so.example")
    until(
        lambda: [
            each
            for each in running.mailbox.mails()
            if each.recipient == "new.htqt@so.example" and "/setup/" in each.text
        ]
    )
    import httpx2

    assert httpx2.post(
        old, data={"decision": "approve_department", "version": "2"}
    ).status_code in {403, 404}
    back = PersonRow(
        row=1,
        email="deputy.htqt@so.example",
        name="Phó Trưởng phòng Hợp tác quốc tế",
        position="deputy",
        department="hop-tac-quoc-te",
    )
    gone = PersonRow(
        row=2,
        email="new.htqt@so.example",
        name="Phó Trưởng phòng mới",
        position="deputy",
        department="hop-tac-quoc-te",
        is_active=False,
    )
    command = ImportPeople(
        rows=(back, gone),
        cause=Cause(actor=None, via=Via.IMPORT, method=Method.NONE, command_id=f"j{item['code']}"),
        invites=False,
    )
    running.run(running.parts.database.write(command))


@pytest.mark.one_database
def test_a_new_address_revokes_links_and_mails_new_ones_there(running):
    item = running.item_in("submitted")
    old = running.link_for(item["code"], "head.htqt@so.example")
    person = running.person("head.htqt@so.example")

    def change(to, how):
        command = ChangeAddress(
            person=person.id,
            email=to,
            cause=Cause(actor=None, via=Via.CLI, method=Method.NONE, command_id=how),
        )
        running.run(running.parts.database.write(command))

    change("head.new@so.example", f"a{item['code']}")
    try:
        import httpx2

        assert running.link_for(item["code"], "head.new@so.example") != old
        assert (
            httpx2.post(old, data={"decision": "approve_department", "version": "2"}).status_code
            == 410
        )
    finally:
        change("head.htqt@so.example", f"b{item['code']}")


def test_planning_a_thousand_times_writes_each_reminder_once(running, deadline):
    running.clock.advance(
        max(datetime.fromisoformat("2022-06-03T08:30:00+07:00") - running.clock.now(), timedelta(0))
    )
    for _ in range(20):
        running.run(tick(running.parts.database, running.parts.reminders))
    rows = [
        row
        for row in running.client(OFFICE).get("/reminders").json()["data"]
        if row["deadline"] == deadline["id"] and row["rung"] == -10
    ]
    assert sorted(row["email"] for row in rows) == [
        "staff.bg@so.example",
        "staff.htqt@so.example",
        "staff.ls@so.example",
    ]
    until(lambda: len(planned(running, deadline, "sent")) >= 3)
    report = running.item_in("submitted", "department_report")
    assert report["department"] == "hop-tac-quoc-te"

    def later():
        return [
            row for row in planned(running, deadline) if "hop-tac-quoc-te" in row["departments"]
        ]

    directorate = {"director@so.example", "deputy.director@so.example"}
    head = "head.htqt@so.example"
    assert {
        rung: {row["email"] for row in later() if row["rung"] == rung} for rung in (-5, -1, 1, 3)
    } == {-5: {head}, -1: {head}, 1: {head}, 3: {head, *directorate}}, "it waits for the head"
    assert running.decide(report["code"], "approve_department", head).status_code == 200
    assert later() == []
    assert any(
        row["state"] == "superseded"
        for row in running.client(OFFICE).get("/reminders").json()["data"]
    )


@pytest.mark.one_database
def test_the_office_changes_a_person_by_the_api_and_others_may_not(running):
    path = "/people/staff.bg@so.example"
    assert (
        running.client("staff.htqt@so.example").patch(path, json={"name": "x"}).status_code == 403
    )
    assert running.client(OFFICE).patch(path, json={"position": "king"}).status_code == 422
    assert (
        running.client(OFFICE).patch("/people/nobody@so.example", json={"name": "x"}).status_code
        == 404
    )
    changed = running.client(OFFICE).patch(
        path, json={"name": "Chuyên viên Biên giới", "email": "bien.gioi@so.example"}
    )
    assert (changed.status_code, changed.json()["email"], changed.json()["name"]) == (
        200,
        "bien.gioi@so.example",
        "Chuyên viên Biên giới",
    )
    assert (
        running.client(OFFICE)
        .patch("/people/bien.gioi@so.example", json={"email": "chief@so.example"})
        .status_code
        == 422
    )
    back = {"name": "Chuyên viên Phòng Quản lý biên giới", "email": "staff.bg@so.example"}
    assert (
        running.client(OFFICE).patch("/people/bien.gioi@so.example", json=back).status_code == 200
    )
