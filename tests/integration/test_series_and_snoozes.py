"""Deadlines of the Office's own kind, in series, with a day until which figures count; and reminders put off by their reader."""

import re
from dataclasses import replace
from datetime import date, datetime

import pytest

from notifications.reminders import AddReminders
from workflow.deadlines import Audience, PlannedReminder, Rung, plan
from workflow.lookups.obligations import obligations
from workflow.queries.audit import verify_database
from workflow.store import deadlines, people

pytestmark = pytest.mark.one_database

OFFICER, STAFF, HEAD, OTHER = (
    "officer@so.example",
    "staff.ls@so.example",
    "head.ls@so.example",
    "staff.htqt@so.example",
)


def set_deadline(running, status=201, **more):
    campaign = running.client(OFFICER).get("/campaigns").json()["data"][0]["id"]
    body = {
        "campaign": campaign,
        "kind": "interim",
        "departments": ["lanh-su"],
        "due_at": "2022-06-15T17:00:00+07:00",
        **more,
    }
    made = running.client(OFFICER).post("/deadlines", json=body)
    assert made.status_code == status, made.text
    return made.json()


def all_of(running):
    return running.client(OFFICER).get("/deadlines").json()["data"]


def test_a_series_makes_a_deadline_of_its_own_for_each_period_and_each_is_edited_alone(running):
    first = set_deadline(
        running,
        kind="dinh-ky",
        name="định kỳ sáu tháng",
        data_until="2022-06-10",
        repeats={"every": "half_year", "times": 3},
    )
    series = [first, *(each for each in all_of(running) if each["series"] == first["id"])]
    assert [each["kind"] for each in series] == ["dinh-ky", "dinh-ky-2022-12", "dinh-ky-2023-06"]
    assert [each["name"] for each in series] == [
        "định kỳ sáu tháng",
        "định kỳ sáu tháng (kỳ 12/2022)",
        "định kỳ sáu tháng (kỳ 06/2023)",
    ]
    stored = running.parts.database.report_blocking(deadlines.all_deadlines)
    assert {each.name for each in stored if each.kind.startswith("dinh-ky")} == {
        "định kỳ sáu tháng"
    }
    assert [each["data_until"] for each in series] == ["2022-06-10", "2022-12-10", "2023-06-10"]
    moved = running.client(OFFICER).patch(
        f"/deadlines/{series[1]['id']}",
        json={"due_at": "2022-12-20T17:00:00+07:00"},
        headers={"If-Match": '"1"'},
    )
    assert moved.status_code == 200, moved.text
    after = {each["id"]: each["due_at"] for each in all_of(running)}
    assert [after[each["id"]] for each in series] == [
        first["due_at"],
        "2022-12-20T10:00:00.000000Z",
        series[2]["due_at"],
    ]
    assert running.parts.database.report_blocking(verify_database).status == 0


def test_sending_a_series_twice_makes_it_once(running):
    campaign = running.client(OFFICER).get("/campaigns").json()["data"][0]["id"]
    body = {
        "campaign": campaign,
        "kind": "hang-quy",
        "departments": ["lanh-su"],
        "due_at": "2022-07-15T17:00:00+07:00",
        "repeats": {"every": "quarter", "times": 4},
    }
    answers = [
        running.client(OFFICER).post(
            "/deadlines", json=body, headers={"Idempotency-Key": "a-series"}
        )
        for _ in range(2)
    ]
    assert [each.status_code for each in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert len([each for each in all_of(running) if each["kind"].startswith("hang-quy")]) == 4


@pytest.mark.parametrize(
    "wrong",
    [
        {"repeats": {"every": "fortnight", "times": 3}},
        {"repeats": {"every": "month", "times": 13}},
        {"repeats": {"every": "month", "times": 1}},
        {"data_until": "2022-06-16"},
        {"data_until": "2022-02-30"},
        {"name": "x" * 81},
        {"name": "hai\ndòng"},
    ],
)
def test_a_series_or_a_cut_off_that_makes_no_sense_is_refused_with_a_sentence(running, wrong):
    before = len(all_of(running))
    told = set_deadline(running, status=422, **wrong)
    assert re.search(r"[A-ZĐ]", told["detail"])
    assert len(all_of(running)) == before


def test_a_preview_of_a_series_names_the_mails_of_every_period(running):
    campaign = running.client(OFFICER).get("/campaigns").json()["data"][0]["id"]
    body = {
        "campaign": campaign,
        "kind": "xem-truoc",
        "departments": ["lanh-su"],
        "due_at": "2022-08-15T17:00:00+07:00",
        "repeats": {"every": "month", "times": 3},
    }
    rows = running.client(OFFICER).post("/deadlines/preview", json=body).json()["data"]
    assert {each["at"][:7] for each in rows} >= {"2022-08", "2022-09", "2022-10"}


def test_a_report_answers_the_kind_that_the_office_added_and_stops_its_reminders(running):
    found = set_deadline(running, kind="chuyen-de", name="chuyên đề")
    campaign = found["campaign"]
    fields = running.client(OTHER).get("/definitions/department_report/example").json()["fields"]
    body = {
        "type": "department_report",
        "campaign": campaign,
        "title": "Báo cáo chuyên đề",
        "fields": {**fields, "period": "chuyen-de"},
    }
    made = running.client(STAFF).post("/items", json=body)
    assert made.status_code == 201, made.text
    wrong = running.client(STAFF).post(
        "/items", json={**body, "fields": {**fields, "period": "khong-co"}}
    )
    assert wrong.status_code == 422
    code = made.json()["code"]
    assert running.decide(code, "submit", STAFF).status_code == 200
    reminded = {
        (row["rung"], row["email"])
        for row in running.client(OFFICER).get("/reminders").json()["data"]
        if row["deadline"] == found["id"] and row["state"] == "planned"
    }
    assert {email for rung, email in reminded if rung <= 1} == {HEAD}, "it waits for the head"
    assert running.decide(code, "approve_department", HEAD).status_code == 200
    rows = running.client(OFFICER).get("/reminders").json()["data"]
    assert {row["reason"] for row in rows if row["deadline"] == found["id"]} == {
        "Phòng đã nộp báo cáo."
    }
    with running.signed_in(STAFF) as browser:
        assert "Chuyên đề" in browser.get(f"/items/{code}").text
    with running.signed_in(OFFICER) as browser:
        page = f"/deadlines/{found['id']}"
        shown = browser.get(page).text
        typed = {
            "key": re.search(r'name="key" value="(\w+)"', shown).group(1),
            "version": re.search(r'name="version" value="(\d+)"', shown).group(1),
            "departments": found["departments"],
            "due_day": "2022-10-14",
            "due_time": "17:00",
            "roll": "previous",
            "action": "preview",
        }
        preview = browser.post(page, data=typed).text
    assert "Đã nộp nên không đôn đốc: Phòng Lãnh sự." in preview


def test_nominations_are_in_when_one_is_handed_in_and_none_is_being_drafted(running):
    found = set_deadline(running, kind="nominations", departments=["hop-tac-quoc-te"])
    running.item_in("department_approved")
    open_draft = running.draft()

    def is_met():
        owed = running.parts.database.report_blocking(
            lambda connection: obligations(running.parts.context, connection)
        )
        return (found["campaign"], "nominations", "hop-tac-quoc-te") in owed.met

    assert not is_met(), "one is still being drafted"
    assert running.decide(open_draft["code"], "submit", OTHER).status_code == 200
    assert not is_met(), "one still waits for the head"
    approver = "head.htqt@so.example"
    assert running.decide(open_draft["code"], "approve_department", approver).status_code == 200
    assert is_met()


def snooze(running, found, until, by=STAFF, key=None):
    headers = {"Idempotency-Key": key} if key else {}
    return running.client(by).post(
        f"/deadlines/{found['id']}/snooze", json={"until": until}, headers=headers
    )


def rungs_of(running, found, email=STAFF):
    rows = running.client(OFFICER).get("/reminders").json()["data"]
    return [
        (row["rung"], row["state"])
        for row in rows
        if row["deadline"] == found["id"] and row["email"] == email
    ]


def test_a_person_puts_off_their_own_reminders_before_the_due_day_and_no_others(running):
    found = set_deadline(running, kind="final", due_at="2022-06-22T17:00:00+07:00")
    before = rungs_of(running, found)
    assert before == [
        (-10, "planned"),
        (-5, "planned"),
        (-1, "planned"),
        (1, "planned"),
        (3, "planned"),
    ]
    answer = snooze(running, found, "2022-06-18", key="a-snooze")
    assert answer.json() == {"deadline": found["id"], "until": "2022-06-20"}, (
        "the 18th was a Saturday"
    )
    assert snooze(running, found, "2022-06-18", key="a-snooze").json() == answer.json()
    assert rungs_of(running, found) == [
        (-10, "superseded"),
        (-5, "superseded"),
        (-2, "planned"),
        (-1, "planned"),
        (1, "planned"),
        (3, "planned"),
    ]
    assert (1, "planned") in rungs_of(running, found, HEAD)
    assert snooze(running, found, None).json()["until"] is None
    assert rungs_of(running, found) == before
    entries = running.client("auditor@so.example").get("/history").json()["data"]
    assert [each["type"] for each in entries if each["subject"] == f"deadline:{found['id']}"].count(
        "reminders_snoozed"
    ) == 2


@pytest.mark.parametrize("until", ["2022-05-04", "2022-06-22", "2022-06-30", "2021-01-01"])
def test_reminders_are_put_off_only_to_a_working_day_between_today_and_the_due_day(running, until):
    found = next(each for each in all_of(running) if each["kind"] == "final")
    refused = snooze(running, found, until)
    assert refused.status_code == 422
    assert "22/06/2022" in refused.json()["detail"]


def test_who_is_not_reminded_has_nothing_to_put_off(running):
    found = next(each for each in all_of(running) if each["kind"] == "final")
    assert snooze(running, found, "2022-06-17", by=OTHER).status_code == 404
    other_head = "head.htqt@so.example"
    assert snooze(running, found, "2022-06-17", by=other_head).status_code == 404, (
        "of another department"
    )


def test_a_snooze_is_put_off_on_the_page_and_its_mistake_keeps_the_day(running):
    found = next(each for each in all_of(running) if each["kind"] == "final")
    with running.signed_in(STAFF) as browser:
        shown = browser.get("/deadlines").text
        assert "Tạm dừng nhắc việc này" in shown
        form = browser.get(f"/deadlines/{found['id']}/snooze").text
        key = re.search(r'name="key" value="(\w+)"', form).group(1)
        wrong = browser.post(
            f"/deadlines/{found['id']}/snooze", data={"key": key, "until": "2022-06-22"}
        )
        assert wrong.status_code == 422
        assert 'value="22/06/2022"' in wrong.text
        done = browser.post(
            f"/deadlines/{found['id']}/snooze",
            data={"key": key, "until": "2022-06-20"},
            follow_redirects=True,
        )
        assert "Đã hoãn nhắc đến 20/06/2022" in done.text
        form = browser.get(f"/deadlines/{found['id']}/snooze").text
        key = re.search(r'name="key" value="(\w+)"', form).group(1)
        ended = browser.post(
            f"/deadlines/{found['id']}/snooze",
            data={"key": key, "until": "", "action": "end"},
            follow_redirects=True,
        )
        assert ended.url.path == "/deadlines", "who is reminded as before names no day"


def test_a_snooze_that_ends_on_a_rungs_own_day_makes_no_second_reminder(running):
    def planned_by(connection):
        deadline = next(
            each for each in deadlines.all_deadlines(connection) if each.kind == "final"
        )
        directory = running.parts.context.directory(connection, running.parts.clock.now())
        person = next(each.id for each in directory.people.values() if each.email == STAFF)
        owed = obligations(running.parts.context, connection)
        deadline = replace(
            deadline,
            ladder=(Rung(days=-5, to=(Audience.DRAFTER,)), Rung(days=-1, to=(Audience.DRAFTER,))),
            planned_from=datetime.fromisoformat("2022-05-04T08:00:00+07:00"),
        )
        calendar = running.parts.context.calendar
        planned = plan(
            [deadline], owed, directory, calendar, {(deadline.id, person): date(2022, 6, 21)}
        )
        return [(each.rung, each.goes) for each in planned if each.person == person]

    assert running.parts.database.report_blocking(planned_by) == [(-5, False), (-1, True)]


def test_the_form_takes_a_kind_of_the_offices_own_in_a_series_and_previews_it(running):
    with running.signed_in(OFFICER) as browser:
        shown = browser.get("/deadlines/new").text
        key = re.search(r'name="key" value="(\w+)"', shown).group(1)
        typed = {
            "key": key,
            "campaign": all_of(running)[0]["campaign"],
            "kind": "other",
            "name": "đợt thi đua 100 ngày",
            "departments": "lanh-su",
            "due_day": "2022-09-15",
            "due_time": "17:00",
            "roll": "previous",
            "data_until": "2022-09-10",
            "every": "month",
            "times": "2",
        }
        preview = browser.post("/deadlines/new", data={**typed, "action": "preview"})
        assert preview.status_code == 200
        assert "10/2022" in preview.text
        assert 'value="đợt thi đua 100 ngày"' in preview.text
        done = browser.post("/deadlines/new", data=typed, follow_redirects=True)
        assert done.status_code == 200
    made = [each for each in all_of(running) if each["name"].startswith("đợt thi đua 100 ngày")]
    assert [each["kind"] for each in made] == [
        "dot-thi-dua-100-ngay",
        "dot-thi-dua-100-ngay-2022-10",
    ]


def test_one_nomination_handed_in_leaves_the_reminders_of_the_others_where_they_are(running):
    """Reminders that wait in the outbox are of the whole obligation; another draft still owes."""
    found = set_deadline(
        running,
        kind="nominations",
        departments=["quan-ly-bien-gioi"],
        due_at="2022-06-24T17:00:00+07:00",
    )
    author = "staff.bg@so.example"
    first, _ = running.draft(author=author), running.draft(author=author)
    person = next(
        each.id
        for each in running.parts.database.report_blocking(people.all_people)
        if each.email == author
    )
    reminder = PlannedReminder(
        deadline=found["id"],
        rung=-10,
        person=person,
        departments=("quan-ly-bien-gioi",),
        at=running.clock.now(),
        due_on="2022-06-24",
    )
    running.parts.database.write_blocking(AddReminders(due=(reminder,), overtaken=()))
    assert running.decide(first["code"], "submit", author).status_code == 200
    rows = running.client(OFFICER).get("/reminders").json()["data"]
    states = {
        row["state"]
        for row in rows
        if row["deadline"] == found["id"] and row["rung"] == -10 and row["email"] == author
    }
    assert states <= {"planned", "sent"}, states


@pytest.mark.parametrize(
    "wrong",
    [
        {"data_until": "2022-02-30"},
        {"data_until": "hôm nay"},
        {"times": "999"},
        {"times": "-5"},
        {"times": "1"},
        {"kind": "<Loại lạ>"},
        {"kind": "x" * 60},
        {"due_day": "9999-12-31"},
        {"due_day": "0001-01-01"},
    ],
)
@pytest.mark.parametrize("action", ["", "preview"])
def test_a_forged_form_is_refused_with_a_sentence_and_sets_nothing(running, wrong, action):
    before = len(all_of(running))
    typed = {
        "campaign": all_of(running)[0]["campaign"],
        "kind": "interim",
        "departments": "lanh-su",
        "due_day": "2022-09-15",
        "due_time": "17:00",
        "every": "year",
        "times": "2",
        "action": action,
        **wrong,
    }
    with running.signed_in(OFFICER) as browser:
        refused = browser.post("/deadlines/new", data=typed)
    assert refused.status_code == 422, refused.status_code
    assert 'role="alert"' in refused.text
    assert len(all_of(running)) == before


@pytest.mark.parametrize("until", ["0001-01-01", "9999-12-31"])
def test_no_day_is_too_far_to_be_refused(running, until):
    found = next(each for each in all_of(running) if each["kind"] == "final")
    assert snooze(running, found, until).status_code == 422


def test_the_day_until_which_figures_count_is_taken_away_again(running):
    found = set_deadline(running, kind="bo-ngay-chot", data_until="2022-06-10")
    change = running.client(OFFICER).patch(
        f"/deadlines/{found['id']}", json={"data_until": None}, headers={"If-Match": '"1"'}
    )
    assert change.status_code == 200, change.text
    assert change.json()["data_until"] is None
    kept = running.client(OFFICER).patch(
        f"/deadlines/{found['id']}", json={"name": "khác"}, headers={"If-Match": '"2"'}
    )
    assert (kept.json()["data_until"], kept.json()["name"]) == (None, "khác")


@pytest.mark.parametrize("name", ["–", "\u3164", "\ufffc", "\U0001d159", "\u200d\ufe0f"])
def test_a_kind_of_ones_own_is_called_by_letters(running, name):
    refused = set_deadline(running, 422, kind="k-rieng", name=name)
    assert [each["rule"] for each in refused["reasons"]] == ["name"]
