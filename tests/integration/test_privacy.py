"""What people ask about their data, what must be kept, what is past its period, and what is held on somebody."""

import io
import json
import re
import secrets
import zipfile
from contextlib import nullcontext
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from notifications.request_reminders import RemindOfRequests, RequestReminders
from notifications.tick import tick
from tests.conftest import CAMPAIGN
from tests.integration.test_erasing import cause, everything, verdict, write
from tests.waiting import until
from workflow.commands import USE_CASES
from workflow.commands.apply_retention import ApplyRetention
from workflow.commands.erase_person import ErasePerson
from workflow.commands.erase_text import EraseNote, EraseText
from workflow.commands.execute import execute
from workflow.context import People
from workflow.errors import AlteredError, InvalidRefusal
from workflow.history import TITLE
from workflow.lookups import retention
from workflow.lookups.privacy import PRIVACY_RULES, due_day, privacy_rules
from workflow.lookups.retention import months_before, retention_plan
from workflow.queries.object_log import write_ocel
from workflow.rules.erasing import Wanted
from workflow.store import definitions, personal_data, schema

STAFF, OFFICER, AUDITOR = "staff.htqt@so.example", "officer@so.example", "auditor@so.example"
DIRECTOR = "director@so.example"


def asked(running, by=STAFF, **body):
    body = {"kind": "access", "words": "Cho tôi xem dữ liệu về tôi", **body}
    answer = running.client(by).post("/privacy/requests", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.mark.one_database
def test_a_request_has_its_due_day_by_the_rules_and_is_answered(running):
    rules = running.parts.database.report_blocking(privacy_rules)
    assert rules.access.source, "the sample names its text"
    request = asked(running)
    today = running.parts.context.calendar.local_day(running.clock.now())
    due = due_day(running.parts.context.calendar, rules.access, today)
    assert (request["state"], request["due_on"]) == ("received", due.isoformat())
    assert request["person"] == STAFF
    path = f"/privacy/requests/{request['id']}"
    office = running.client(OFFICER)
    assert (
        running.client(STAFF).post(path, json={"state": "granted", "answer": "x"}).status_code
        == 403
    )
    assert office.post(path, json={"state": "granted"}).status_code == 422, "an answer has words"
    later = office.post(
        path, json={"state": "acknowledged", "answer": "Cần thêm ngày", "puts_off": True}
    )
    assert later.status_code == 200, later.text
    assert later.json()["due_on"] > request["due_on"]
    again = {"state": "acknowledged", "answer": "Lại lâu", "puts_off": True}
    assert office.post(path, json=again).status_code == 422, "once"
    done = office.post(path, json={"state": "granted", "answer": "Đã gửi bản sao"})
    assert (done.json()["state"], done.json()["answered_by"]) == ("granted", OFFICER)
    assert office.post(path, json={"state": "refused", "answer": "Thôi"}).status_code == 409
    with running.signed_in(STAFF) as browser:
        assert "Đã gửi bản sao" in browser.get("/account/data").text
    until(
        lambda: [
            m
            for m in running.mailbox.mails()
            if m.recipient == STAFF and "[Dữ liệu cá nhân]" in m.subject
        ]
    )
    own = [
        each["id"]
        for each in running.client("head.ls@so.example").get("/privacy/requests").json()["data"]
    ]
    assert request["id"] not in own, "others see their own"
    assert verdict(running).status == 0, verdict(running).sentence


@pytest.mark.one_database
def test_the_office_hears_of_a_request_once_and_sees_what_is_late(running):
    outside = {"name": "Bà Nguyễn Thị Mẫu", "contact": "ba.mau@elsewhere.example"}
    assert (
        running.client(STAFF)
        .post("/privacy/requests", json={"kind": "complaint", "words": "Sai tên", **outside})
        .status_code
        == 403
    )
    request = asked(running, OFFICER, kind="complaint", **outside)
    reminders = running.parts.reminders
    told = RequestReminders(context=reminders.context, outbox=reminders.outbox)
    due = date.fromisoformat(request["due_on"])
    running.clock.advance(timedelta(days=(due - running.clock.now().date()).days + 3))
    while not running.parts.context.calendar.is_working(running.clock.now().date()):
        running.clock.advance(timedelta(days=1))
    first = running.parts.database.report_blocking(told.due)
    assert {each.moment.value for each in first if each.request == request["id"]} == {
        "overdue",
        "unacknowledged",
    }
    running.run(running.parts.database.write(RemindOfRequests(due=first)))
    running.run(tick(running.parts.database, reminders))
    assert running.parts.database.report_blocking(told.due) == (), "each once"
    with running.signed_in(OFFICER) as browser:
        assert f"/privacy/requests/{request['id']}" in browser.get("/office").text
        register = browser.get("/privacy").text
        assert "Bà Nguyễn Thị Mẫu" in register
        assert "Trễ hạn" in register


@pytest.mark.one_database
def test_a_request_leads_to_its_person_whatever_their_address_is(running):
    email = f"le+{secrets.token_hex(3)}@so.example"
    body = {"email": email, "name": "Người mới", "position": "staff", "department": "lanh-su"}
    assert running.client(OFFICER).post("/people", json=body).status_code == 201
    number = asked(running, email)["id"]
    with running.signed_in(OFFICER) as browser:
        page = browser.get(f"/privacy/requests/{number}").text
        ways = re.findall(r'href="(/privacy/(?:people/|erase\?)[^"]+)"', page)
        assert [browser.get(each).status_code for each in ways] == [200, 200]


@pytest.mark.parametrize("way", ["person", "office", "page"])
def test_everything_that_is_held_on_a_person_is_handed_out_without_secrets(running, way):
    word = f"Viec{secrets.token_hex(4)}"
    code = running.draft()["code"]
    running.client(STAFF).post(f"/items/{code}/comments", json={"words": word})
    if way == "page":
        with running.signed_in(STAFF) as browser:
            archive = zipfile.ZipFile(io.BytesIO(browser.get("/account/data.zip").content))
        text = "".join(archive.read(name).decode() for name in archive.namelist())
        assert "bản sao lưu" in archive.read("README.txt").decode()
    else:
        path = "/me/data" if way == "person" else f"/people/{STAFF}/data"
        answer = running.client(STAFF if way == "person" else OFFICER).get(path)
        assert answer.status_code == 200, answer.text
        text = answer.text
        data = answer.json()["data"]
        assert data["person"][0]["email"] == STAFF
        assert any(each["code"] == code for each in data["items_authored"])
        assert answer.json()["outside"]["backups_months"] > 0
    assert word in text
    with running.parts.engines.read.connect() as connection:
        hashes = connection.execute(select(schema.credentials.c.pin_hash)).scalars().all()
        tokens = connection.execute(select(schema.api_tokens.c.token_hash)).scalars().all()
    assert not [each for each in (*hashes, *tokens) if each and each in text]
    assert running.client("head.ls@so.example").get(f"/people/{STAFF}/data").status_code == 403


@pytest.mark.one_database
def test_no_table_that_names_a_person_is_left_out_of_what_is_handed_out():
    told = {
        (each.table, owner)
        for each in personal_data._SECTIONS.values()
        for owner in each.owners.split()
    }
    named = {
        (table.name, column.name)
        for table in schema.metadata.sorted_tables
        for column in table.c
        if column.references(schema.people.c.id)
    }
    # Which factors there are is told by itself; whose request the Office handled is another's, and
    # that it did so is among its acts.
    beside = {
        ("credentials", "person"),
        ("privacy_requests", "recorded_by"),
        ("privacy_requests", "answered_by"),
    }
    assert len(named) > 40
    assert named - told == beside
    assert "address" in personal_data._SECTIONS["sessions"].columns.split()
    assert "address" in personal_data._SECTIONS["accesses"].columns.split()


@pytest.mark.one_database
def test_what_is_not_handed_out_whole_is_named(running, monkeypatch):
    running.draft()
    assert running.client(STAFF).get("/me/data").json()["cut"] == []
    monkeypatch.setattr(personal_data, "_MOST", 0)
    cut = running.client(STAFF).get("/me/data").json()["cut"]
    assert {"person", "acts", "items_authored"} <= set(cut)
    with running.signed_in(STAFF) as browser:
        archive = zipfile.ZipFile(io.BytesIO(browser.get("/account/data.zip").content))
    assert "dài hơn" in archive.read("README.txt").decode()


def test_what_is_past_its_period_is_shown_and_goes_with_two_people(running):
    word = f"Sao{secrets.token_hex(4)}"
    author = running.client(STAFF)
    body = author.get("/definitions/nomination/example").json()
    old = author.post("/items", json={**body, "title": f"Về {word}"}).json()["code"]
    kept = author.post("/items", json={**body, "title": "Phải giữ"}).json()["code"]
    held = running.client(AUDITOR).post(
        "/privacy/holds", json={"about": f"item:{kept}", "reason": "Khiếu nại"}
    )
    assert held.status_code == 201, held.text
    out = io.BytesIO()
    with running.parts.engines.read.connect() as connection, connection.begin():
        write_ocel(connection, out, b"salt")
    event = next(
        each
        for each in json.loads(out.getvalue())["events"]
        if each["id"].startswith(f"hold:{held.json()['id']}@")
    )
    assert {"objectId": f"item:{kept}", "qualifier": "held"} in event["relationships"]
    running.clock.advance(timedelta(days=400))
    young = author.post("/items", json={**body, "title": "Mới"}).json()["code"]
    plan = running.client(OFFICER).get("/privacy/retention").json()
    due = {each["subject"] for each in plan["removed"]}
    assert f"item:{old}" in due
    assert not due & {f"item:{kept}", f"item:{young}"}
    assert f"item:{kept}" in {each["subject"] for each in plan["held"]}
    assert (
        running.client(AUDITOR).post("/privacy/retention", json={"reason": "x"}).status_code == 403
    )
    waits = running.client(OFFICER).post("/privacy/retention", json={"reason": "Hết thời hạn lưu"})
    assert waits.status_code == 202, waits.text
    assert word in everything(running)
    done = running.client(DIRECTOR).post(
        f"/proposals/{waits.json()['proposal']['id']}/confirm", json={"pin": "246810"}
    )
    assert done.status_code == 200, done.text
    assert word not in everything(running)
    assert author.get(f"/items/{kept}").json()["title"] == "Phải giữ"
    assert verdict(running).status == 0, verdict(running).sentence
    after = running.client(OFFICER).get("/privacy/retention").json()
    assert f"item:{old}" not in {each["subject"] for each in after["removed"]}
    entry = running.client(AUDITOR).get("/history").json()["data"]
    assert "retention_applied" in {each["type"] for each in entry}
    lifted = running.client(OFFICER).post(
        f"/privacy/holds/{held.json()['id']}/lift", json={"reason": "Đã kết luận"}
    )
    assert lifted.status_code == 200, lifted.text


@pytest.mark.one_database
def test_the_office_erases_by_a_page_what_it_ticks(running):
    word = f"Sao{secrets.token_hex(4)}"
    code = running.draft()["code"]
    running.client(STAFF).post(f"/items/{code}/comments", json={"words": word})
    seq = running.client(STAFF).get(f"/items/{code}/history").json()["data"][-1]["seq"]
    with running.signed_in(OFFICER) as browser:
        page = browser.get("/privacy/erase", params={"what": "item", "about": code}).text
        assert word in page
        nothing = {"key": secrets.token_hex(16), "of": f"item:{code}", "why": "Xin xóa"}
        refused = browser.post("/privacy/erase", data=nothing)
        assert refused.status_code == 422
        assert "Xin xóa" in refused.text
        done = browser.post("/privacy/erase", data={**nothing, "entry": str(seq)})
        assert "Đề nghị" in done.text
        assert "Đã gửi đề nghị." in done.text
        assert "Đã xóa vĩnh viễn." not in browser.get("/privacy?done=erased").text, "forged"
    running.confirm()
    assert word not in everything(running)
    with running.signed_in(AUDITOR) as browser:
        rows = browser.get("/history.csv", params={"code": code, "kind": "discussion"}).text
    assert "(đã xóa)" in rows, "as on the page"
    entries = running.client(AUDITOR).get(f"/items/{code}/history").json()["data"]
    assert {each["seq"] for each in entries if each["comment_erased"]} == {seq}
    assert next(each for each in entries if each["seq"] == seq)["comment"] is None


@pytest.mark.one_database
def test_who_works_here_is_told_to_nobody_who_may_not_ask(running):
    """An address that somebody has and one that nobody has are refused alike."""

    def answers(by, email):
        client, body = running.client(by), {"reason": "Theo yêu cầu"}
        hold = client.post("/privacy/holds", json={"about": f"person:{email}", **body})
        erasing = client.post("/privacy/erasures", json={"of": f"person:{email}", **body})
        return hold, erasing, client.get(f"/people/{email}/data")

    for email in (STAFF, "khong.ai@so.example"):
        statuses = [each.status_code for each in answers("head.ls@so.example", email)]
        assert statuses == [403, 403, 403], email
    for each in answers(OFFICER, "khong.ai@so.example"):
        assert each.status_code == 404
        assert "khong.ai@so.example" in each.text


@pytest.mark.one_database
def test_what_is_asked_from_outside_is_chosen_and_never_guessed(running):
    body = {"name": "Ông Mẫu", "contact": "0900", "words": "Xem dữ liệu", "received_on": ""}
    before = len(running.client(OFFICER).get("/privacy/requests").json()["data"])
    with running.signed_in(OFFICER) as browser:
        refused = browser.post("/privacy/requests", data={**body, "kind": "other"})
        assert (refused.status_code, "Ông Mẫu" in refused.text) == (422, True)
    assert len(running.client(OFFICER).get("/privacy/requests").json()["data"]) == before


@pytest.mark.one_database
def test_who_took_what_is_held_on_a_person_is_told_to_auditors_in_words(running):
    assert running.client(OFFICER).get(f"/people/{STAFF}/data").status_code == 200
    opened = running.client(AUDITOR).get("/history/openings", params={"who": OFFICER}).json()
    newest = opened["data"][0]
    assert (newest["what"], newest["address"]) == ("personal_data_read", "127.0.0.1")
    with running.signed_in(AUDITOR) as browser:
        page = browser.get("/history/openings", params={"who": OFFICER}).text
    assert "lấy dữ liệu" in page
    assert "personal_data_read" not in page


@pytest.mark.one_database
def test_what_does_not_go_this_time_is_counted_on_every_way(running, monkeypatch):
    author = running.client(STAFF)
    body = author.get("/definitions/nomination/example").json()
    for _ in range(2):
        author.post("/items", json={**body, "title": "Dự thảo cũ"})
    running.clock.advance(timedelta(days=400))
    office = running.client(OFFICER)
    every = len(office.get("/privacy/retention").json()["removed"])
    assert office.get("/privacy/retention").json()["left"] == 0
    monkeypatch.setattr(retention, "MOST_AT_ONCE", 1)
    plan = office.get("/privacy/retention").json()
    assert (len(plan["removed"]), plan["left"]) == (1, every - 1)
    with running.signed_in(OFFICER) as browser:
        assert f"Còn {every - 1}" in browser.get("/privacy").text


def test_what_is_named_goes_however_much_else_is_past_its_period(running, monkeypatch):
    author = running.client(STAFF)
    body = author.get("/definitions/nomination/example").json()
    made = [author.post("/items", json={**body, "title": "Dự thảo cũ"}) for _ in range(2)]
    running.clock.advance(timedelta(days=400))
    monkeypatch.setattr(retention, "MOST_AT_ONCE", 1)
    last = f"item:{made[-1].json()['code']}"
    day = running.parts.context.calendar.local_day(running.clock.now()).isoformat()
    command = ApplyRetention(cause=cause(running, None), day=day, subjects=(last,), why="Hết hạn")
    assert write(running, command) == 1


@pytest.mark.one_database
def test_more_than_go_at_once_are_refused_as_what_they_are(running):
    day = running.parts.context.calendar.local_day(running.clock.now()).isoformat()
    many = tuple(f"person:{each}" for each in range(retention.MOST_AT_ONCE + 1))
    command = ApplyRetention(cause=cause(running, None), day=day, subjects=many, why="Hết hạn")
    with pytest.raises(InvalidRefusal) as refused:
        write(running, command)
    assert [each.rule for each in refused.value.reasons] == ["subjects"]


@pytest.mark.one_database
def test_the_rules_may_leave_a_kind_without_a_period(running):
    with running.parts.engines.write.connect() as connection:
        connection.execute(
            update(schema.settings)
            .where(schema.settings.c.name == PRIVACY_RULES)
            .values(value="{}")
        )
        today = running.clock.now().date()
        plan = retention_plan(running.parts.context, connection, today)
        assert definitions.setting(connection, PRIVACY_RULES) == "{}"
        connection.rollback()
    assert (plan.removed, plan.held) == ([], [])


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2023, 2, 28)),
        (date(2026, 5, 4), 24, date(2024, 5, 4)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
    ],
)
def test_months_are_counted_back_by_the_calendar(day, months, before):
    assert months_before(day, months) == before


def told_of_erasures(running, what):
    """The mails to the auditor about what the command line erased of ``what``."""
    return [
        each
        for each in running.mailbox.mails()
        if each.recipient == AUDITOR
        and "bằng dòng lệnh" in each.subject
        and f"{what}: xóa" in each.text
    ]


@pytest.mark.one_database
@pytest.mark.parametrize("kind", ["item", "merit", "person"])
def test_an_auditor_hears_of_what_the_command_line_erases(running, kind):
    if kind == "item":
        name = running.draft()["code"]
        wish = EraseText(
            cause=cause(running, None), code=name, wanted=Wanted(parts=(TITLE,)), why="Xin xóa"
        )
    elif kind == "merit":
        body = {"campaign": CAMPAIGN, "recognition": "good_deed", "whose_kind": "individual"}
        body |= {"whose": "Bà Mai", "what": "Việc", "story": "", "happened_on": "2022-05-01"}
        merit = running.client(STAFF).post("/merits", json=body).json()["id"]
        name = f"Điển hình số {merit}"
        wish = EraseNote(cause=cause(running, None), subject=f"merit:{merit}", why="Xin xóa")
    else:
        person = running.person(gone(running)).id
        name = f"Người số {person}"
        wish = ErasePerson(cause=cause(running, None), person=person, why="Xin xóa")
    write(running, wish)
    mails = until(lambda: told_of_erasures(running, name))
    assert len(mails) == 1
    assert "Xin xóa" not in mails[0].text, "why stands in the history"


@pytest.mark.one_database
@pytest.mark.parametrize(("by", "is_told"), [(AUDITOR, True), (OFFICER, False)])
def test_auditors_hear_that_their_hold_was_lifted(running, by, is_told):
    code = running.draft()["code"]
    body = {"about": f"item:{code}", "reason": "Khiếu nại"}
    hold = running.client(by).post("/privacy/holds", json=body).json()["id"]
    lifted = running.client(OFFICER).post(f"/privacy/holds/{hold}/lift", json={"reason": "Xong"})
    assert lifted.status_code == 200, lifted.text

    def told():
        return [
            each
            for each in running.mailbox.mails()
            if each.recipient == AUDITOR and f"Lệnh giữ số {hold}:" in each.text
        ]

    if is_told:
        assert "Xong" not in until(told)[0].text, "why stands in the history"
    else:
        sent = running.parts.database.report_blocking(
            lambda each: each.execute(
                select(schema.outbox.c.id).where(
                    schema.outbox.c.kind == "auditor",
                    schema.outbox.c.params.contains(f"hold:{hold}"),
                )
            ).all()
        )
        assert sent == []


def gone(running):
    """The address of a person who came and left."""
    email = f"nghi{secrets.token_hex(4)}@so.example"
    body = {"email": email, "name": "Người nghỉ", "position": "staff", "department": "lanh-su"}
    assert running.client(OFFICER).post("/people", json=body).status_code == 201
    running.client(OFFICER).patch(f"/people/{email}", json={"is_active": False})
    return email


def leaver(running):
    """A person who left longer ago than their period is, and what would erase them."""
    email = gone(running)
    subject = f"person:{running.person(email).id}"
    running.clock.advance(timedelta(days=366 * 5))
    day = running.parts.context.calendar.local_day(running.clock.now()).isoformat()
    command = ApplyRetention(
        cause=cause(running, None), day=day, subjects=(subject,), why="Hết hạn"
    )
    return email, command


@pytest.mark.one_database
def test_a_leaver_is_removed_by_the_command_line_at_once(running):
    email, command = leaver(running)
    assert write(running, command) == 1
    assert email not in everything(running)
    mails = until(lambda: told_of_erasures(running, "Cơ quan"))
    assert [each for each in mails if email in each.text] == []
    assert verdict(running).status == 0, verdict(running).sentence


@pytest.mark.one_database
def test_a_leaver_who_was_changed_past_the_program_is_not_made_good_by_erasing(running):
    email, command = leaver(running)
    context = replace(running.parts.context, people=People())
    with running.parts.engines.write.connect() as connection:
        named = schema.people.c.email == email
        changed = update(schema.people).where(named).values(position="director")
        for are_there in (True, False):
            with connection.begin() as transaction:
                if are_there:
                    connection.execute(changed)
                refused = pytest.raises(AlteredError, match=command.subjects[0])
                with refused if are_there else nullcontext():
                    execute(context, lambda *_: None, USE_CASES, connection, [command])
                transaction.rollback()
