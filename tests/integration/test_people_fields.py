"""Fields that name people and departments: chosen from lists, checked against the agency, shown by name, kept when somebody leaves."""

import pytest

from tests.unit.test_definitions import own_process
from workflow.command import Cause
from workflow.commands.people import ImportPeople
from workflow.commands.setup import SetUp
from workflow.definition import load_definition
from workflow.model import Method, Via
from workflow.people.staff_rows import PersonRow
from workflow.rules import vocabulary

pytestmark = pytest.mark.one_database

STAFF, DEPUTY = "staff.htqt@so.example", "deputy.ls@so.example"
FIELDS = """  - {id: deputising, type: person, group: leave, label: {vi: Người làm thay, en: Stand-in}}
  - {id: at, type: department, group: leave, label: {vi: Nơi đến, en: Department}}
"""


@pytest.fixture(scope="module")
def office(running):
    text = own_process().replace(
        "\nstates:\n", f"\n{FIELDS}\nstates:\n".replace("\n\n  - {id: dep", "\n  - {id: dep"), 1
    )
    loaded = load_definition(
        text.replace("\n\n  - {id: deputising", "\n  - {id: deputising"),
        "people.yaml",
        vocabulary(),
    )
    running.run(
        running.parts.database.write(
            SetUp(definitions=(loaded,), campaigns=(), organization=None, software="test")
        )
    )
    return running


def drafted(office, **fields):
    body = office.client(STAFF).get("/definitions/leave_request/example").json()
    return office.client(STAFF).post(
        "/items", json={**body, "fields": {**body["fields"], **fields}}
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"deputising": "nobody@so.example"},
        {"deputising": 7},
        {"at": "nowhere"},
        {"at": ["lanh-su"]},
        {"deputising": "x" * 300},
    ],
)
def test_who_does_not_work_here_is_refused_by_name_of_the_field(office, wrong):
    refused = drafted(office, **wrong)
    assert refused.status_code == 422
    assert "Người làm thay" in refused.text or "Nơi đến" in refused.text


def test_they_are_chosen_from_a_list_and_shown_by_name(office):
    made = drafted(office, deputising=DEPUTY, at="lanh-su")
    assert made.status_code == 201, made.text
    with office.signed_in(STAFF) as browser:
        form = browser.get("/items/new", params={"type": "leave_request"}).text
        assert f'<option value="{DEPUTY}"' in form
        assert '<option value="lanh-su"' in form
        page = browser.get(f"/items/{made.json()['code']}").text
        assert "Phó Trưởng phòng Lãnh sự" in page
        assert "Phòng Lãnh sự" in page
        assert "selected" in browser.get(f"/items/{made.json()['code']}/edit").text


def test_who_left_stays_in_what_was_written_but_is_not_chosen_anew(office):
    code = drafted(office, deputising=DEPUTY).json()["code"]
    person = office.person(DEPUTY)

    def works(is_active, command_id):
        row = PersonRow(
            row=1,
            email=DEPUTY,
            name=person.name,
            position=person.position.value,
            department=person.department,
            is_active=is_active,
        )
        command = ImportPeople(
            rows=(row,),
            cause=Cause(actor=None, via=Via.CLI, method=Method.NONE, command_id=command_id),
            invites=False,
        )
        office.run(office.parts.database.write(command))

    works(False, "gone")
    try:
        kept = office.client(STAFF).patch(
            f"/items/{code}",
            json={"fields": {"deputising": DEPUTY, "reason": "Khác"}},
            headers={"If-Match": '"1"'},
        )
        assert kept.status_code == 200, kept.text
        assert drafted(office, deputising=DEPUTY).status_code == 422
    finally:
        works(True, "back")


def test_what_is_null_is_refused_like_what_is_empty(running):
    office = running.client("officer@so.example")
    for name in ("email", "name", "position"):
        answer = office.patch("/people/staff.ls@so.example", json={name: None})
        assert answer.status_code == 422, name
