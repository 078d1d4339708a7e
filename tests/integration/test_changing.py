"""A change seen before it happens: what it foretells is what then comes, and nothing is written by looking."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from api.cli.what_if import change_in
from notifications.translation import translate
from tests.conftest import PATH
from tests.refusals import refuses
from workflow.definition import load_definition
from workflow.errors import InvalidInputError
from workflow.queries.what_if import Change, plan_change
from workflow.rules import vocabulary

pytestmark = pytest.mark.one_database

HEAD, DEPUTY = "head.htqt@so.example", "deputy.htqt@so.example"


@pytest.fixture
def item(running):
    return running.item_in("submitted")


def look(running, change):
    return running.parts.database.report_blocking(
        lambda connection: plan_change(running.parts.context, connection, change)
    )


def written(running, tmp_path, name, *replacements):
    text = (running.parts.settings.definitions / name).read_text("utf-8")
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    file = tmp_path / Path(name).name
    file.write_text(text, "utf-8")
    return file


def effect_on(outlook, code):
    return next((each for each in outlook.effects if each.code == code), None)


def test_a_file_that_changes_nothing_changes_nothing(running, item):
    for name in ("nomination.yaml", "organization/sample.yaml"):
        outlook = look(
            running, change_in(running.parts.settings.definitions / name, running.parts.settings)
        )
        assert outlook.looked_at >= 1
        assert outlook.effects == ()


def test_a_state_without_an_equivalent_leaves_its_items_stuck(running, item, tmp_path):
    text = (
        (running.parts.settings.definitions / "nomination.yaml")
        .read_text("utf-8")
        .split("\nguarantees:")[0]
    )
    renamed = (
        text.replace("[submitted", "[handed_in")
        .replace(" submitted", " handed_in")
        .replace("id: submitted", "id: handed_in")
    )
    change = Change(definition=load_definition(renamed, "new.yaml", vocabulary()))
    effect = effect_on(look(running, change), item["code"])
    assert "submitted" in translate(effect.stuck)


def test_other_holders_and_another_limit_are_foretold(running, item, tmp_path):
    file = written(
        running,
        tmp_path,
        "nomination.yaml",
        ("positions: [head, deputy]", "positions: [head]"),
        ("working_days: 2", "working_days: 4"),
    )
    effect = effect_on(look(running, change_in(file, running.parts.settings)), item["code"])
    assert (effect.gains, effect.loses, effect.stuck) == ((), (DEPUTY,), None)
    assert effect.due_after > effect.due_before


def test_a_working_day_less_moves_due_times(running, item, tmp_path):
    due_on = item["due_at"][:10]
    file = tmp_path / "vn.yaml"
    file.write_text(
        f'opens_at: "08:00"\ncloses_at: "17:00"\ncorrections:\n  - {{day: {due_on}, working: false, notice: mẫu}}\n',
        "utf-8",
    )
    effect = effect_on(look(running, change_in(file, running.parts.settings)), item["code"])
    assert effect.due_after > effect.due_before


def test_what_a_staff_list_foretells_is_what_its_import_brings(running, item, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text(
        "email,name,position,department,active\n"
        f"{HEAD},Trưởng phòng,head,hop-tac-quoc-te,không\n{DEPUTY},Phó Trưởng phòng,deputy,hop-tac-quoc-te,không\n",
        "utf-8",
    )
    before = running.parts.database.report_blocking(running.parts.context.rulebooks.newest)
    effect = effect_on(look(running, change_in(file, running.parts.settings)), item["code"])
    assert effect.loses == (HEAD, DEPUTY)
    assert "không ai giữ được" in translate(effect.stuck)
    assert running.parts.database.report_blocking(running.parts.context.rulebooks.newest) == before
    holders = running.client("auditor@so.example").get(f"/items/{item['code']}").json()["holders"]
    assert [each["email"] for each in holders] == [HEAD, DEPUTY], "looking writes nothing"


def test_an_item_that_has_ended_is_not_looked_at(running, item):
    before = look(running, Change()).looked_at
    report = running.item_in(
        "received", "department_report"
    )  # an end for a report, a step on the way for a nomination
    assert look(running, Change()).looked_at == before, report["code"]


def test_a_staff_list_with_an_unknown_department_is_refused_by_row(running, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text(
        "email,name,position,department\nx@so.example,X,staff,khong-co\ny@so.example,Y,boss,van-phong\nx@so.example,Z,clerk,\n",
        "utf-8",
    )
    with pytest.raises(InvalidInputError) as caught:
        look(running, change_in(file, running.parts.settings))
    assert [translate(each).split(":")[0] for each in caught.value.problems] == [
        "Dòng 2",
        "Dòng 3",
        "Dòng 4",
    ]


@pytest.mark.parametrize("state", [state for state, _, _, _ in PATH[:5]])
def test_the_permission_matrix_says_what_the_system_allows(running, state):
    code = running.item_in(state)["code"]
    matrix = running.client("auditor@so.example").get("/definitions/nomination").json()["matrix"]
    rows = {each["position"]: set(each["transitions"]) for each in matrix if each["state"] == state}
    holders = {
        each["email"]
        for each in running.client("auditor@so.example").get(f"/items/{code}").json()["holders"]
    }
    for email in [
        *holders,
        "staff.htqt@so.example",
        "auditor@so.example",
        "deputy.director@so.example",
        "admin@so.example",
    ]:
        answer = running.client(email).get(f"/items/{code}/transitions")
        if answer.status_code == 404:
            continue
        allowed = {each["transition"] for each in answer.json()["data"] if each["allowed"]}
        person = running.person(email)
        expected = rows.get(person.position.value, set()) if email in holders else set()
        assert allowed == expected | (
            rows.get("author", set()) if email == "staff.htqt@so.example" else set()
        ), (email, state)


def test_the_page_of_a_process_and_of_an_item_draw_the_way(running):
    code = running.item_in("department_approved")["code"]
    with running.signed_in("staff.htqt@so.example") as browser:
        process = browser.get("/definitions/nomination").text
        assert process.count("data-state=") == 11
        assert "Người soạn không bao giờ tự thực hiện" in process
        line = re.search(r">Chờ Văn thư phát hành</th>(.*?)</tr>", process, re.DOTALL)[1]
        able = re.findall(r'data-label="([^"]+)"\s+class="number "', line)
        assert able == ["Chánh Văn phòng", "Chuyên viên Văn phòng", "Văn thư"]
        page = browser.get(f"/items/{code}").text
        drawn = browser.get(re.search(r'src="(/items/[^"]+/way\.svg[^"]*)"', page)[1])
        assert drawn.headers["content-type"].startswith("image/svg+xml")
        assert 'data-move="drafted submitted"' in drawn.text
        ET.fromstring(drawn.text)  # noqa: S314 - our own
        assert "Chờ lãnh đạo phòng:" in page, "time is told under the name of whom it waited for"
        assert browser.get("/definitions/none").status_code == 404


TERMS = """campaign: {campaign}
kind: interim
departments: [lanh-su]
due_at: "{due_at}"
"""


def test_the_mails_of_a_deadline_are_foretold_and_are_what_the_ledger_then_plans(
    running, item, tmp_path
):
    file = tmp_path / "deadline.yaml"
    file.write_text(TERMS.format(campaign=item["campaign"], due_at="2022-09-30 17:00:00"), "utf-8")
    outlook = look(running, change_in(file, running.parts.settings))
    assert outlook.mails_gone == ()
    assert {each.days for each in outlook.mails_new} == {-10, -5, -1, 1, 3}
    before = {(each.to, each.at) for each in look(running, Change()).mails_new}
    assert before == set()
    body = {
        "campaign": item["campaign"],
        "kind": "interim",
        "departments": ["lanh-su"],
        "due_at": "2022-09-30T17:00:00+07:00",
    }
    made = running.client("officer@so.example").post("/deadlines", json=body)
    assert made.status_code == 201
    people = {
        each.id: each.email
        for each in running.parts.database.report_blocking(
            lambda c: running.parts.context.directory(c, running.clock.now())
        ).people.values()
    }
    planned = running.parts.database.report_blocking(running.parts.reminders.planned)
    assert {
        (people[each.person], each.at) for each in planned if each.deadline == made.json()["id"]
    } == {(each.to, each.at) for each in outlook.mails_new}

    file.write_text(TERMS.format(campaign=item["campaign"], due_at="2022-10-14 17:00:00"), "utf-8")
    later = look(running, change_in(file, running.parts.settings))
    assert len(later.mails_new) == len(later.mails_gone) == len(outlook.mails_new)
    file.write_text(TERMS.format(campaign="nothing", due_at="2022-10-14 17:00:00"), "utf-8")
    with refuses(InvalidInputError, "Không có phong trào"):
        look(running, change_in(file, running.parts.settings))


def test_the_office_sees_the_mails_before_it_saves(running, item):
    form = {
        "campaign": item["campaign"],
        "kind": "final",
        "departments": ["lanh-su"],
        "due_day": "2022-12-16",
        "due_time": "17:00",
        "roll": "previous",
    }
    with running.signed_in("officer@so.example") as browser:
        seen = browser.post("/deadlines/new", data={**form, "action": "preview"})
        assert seen.status_code == 200
        assert "Chưa ghi nhận" in seen.text
        assert "quá hạn 3 ngày làm việc" in seen.text
        assert 'value="16/12/2022"' in seen.text
        assert "16/12/2022" not in browser.get("/deadlines").text
        assert (
            browser.post(
                "/deadlines/new", data={**form, "due_day": "x", "action": "preview"}
            ).status_code
            == 422
        )
    with running.signed_in("staff.htqt@so.example") as browser:
        assert browser.post("/deadlines/new", data={**form, "action": "preview"}).status_code in {
            403,
            422,
        }


def test_the_office_shapes_the_ladder_and_sees_what_comes_of_it(running, item):
    form = {
        "campaign": item["campaign"],
        "kind": "nominations",
        "departments": ["lanh-su"],
        "due_day": "2022-11-18",
        "due_time": "17:00",
        "roll": "previous",
    }
    ladder = {
        "rung-0": "-3",
        "rung-0-to": ["drafter", "head"],
        "rung-3": "2",
        "rung-3-to": ["office"],
    }
    with running.signed_in("officer@so.example") as browser:
        seen = browser.post("/deadlines/new", data={**form, **ladder, "action": "preview"}).text
        assert "còn 3 ngày làm việc" in seen
        assert "quá hạn 2 ngày làm việc" in seen
        assert "còn 10 ngày" not in seen
        half = browser.post("/deadlines/new", data={**form, "rung-0": "-3", "action": "preview"})
        assert half.status_code == 422
        assert "ít nhất một người nhận" in half.text
        assert re.search(r'name="rung-0"\s+value="3"', half.text)
        assert '<option value="before" selected>' in half.text
        assert (
            browser.post(
                "/deadlines/new", data={**form, "rung-0": "ba", "rung-0-to": "head"}
            ).status_code
            == 422
        )
        assert browser.post("/deadlines/new", data={**form, **ladder}).status_code == 200
    found = next(
        each
        for each in running.client("officer@so.example").get("/deadlines").json()["data"]
        if each["kind"] == "nominations"
    )
    assert found["ladder"] == [
        {"days": -3, "to": ["drafter", "head"]},
        {"days": 2, "to": ["office"]},
    ]
    with running.signed_in("officer@so.example") as browser:
        shown = browser.get(f"/deadlines/{found['id']}").text
    assert re.search(r'name="rung-0"\s+value="3"', shown)
    assert re.search(r'name="rung-1"\s+value="2"', shown)
    assert shown.count('<option value="before" selected>') == 1
