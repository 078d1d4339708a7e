"""Several sign off: each once, in any order, at the same time; the item moves with the answer that settles it."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.unit.test_definitions import own_process
from tests.unit.test_sign_off import SIGN_OFF
from tests.waiting import until
from workflow.command import Cause
from workflow.commands.people import ImportPeople
from workflow.commands.setup import SetUp
from workflow.definition import load_definition
from workflow.model import Method, Via
from workflow.people.staff_rows import PersonRow
from workflow.queries.audit import verify_database
from workflow.rules import vocabulary

ASKED = (
    "head.htqt@so.example",
    "deputy.htqt@so.example",
    "chief@so.example",
    "deputy.director@so.example",
)
STAFF = "staff.htqt@so.example"


@pytest.fixture(scope="module")
def council(running):
    """A leave request that all four have to agree to; while they do, its author may still mend it."""
    text = own_process().replace(
        "      - {positions: [chief, deputy_director]}\n",
        f"      - {{positions: [chief, deputy_director]}}\n{SIGN_OFF}",
    )
    text = text.replace("    working_days: 1\n", "    working_days: 1\n    editable: true\n")
    loaded = load_definition(text, "council.yaml", vocabulary())
    running.run(
        running.parts.database.write(
            SetUp(definitions=(loaded,), campaigns=(), organization=None, software="test")
        )
    )
    directory = running.parts.database.report_blocking(
        lambda connection: running.parts.context.directory(connection, running.clock.now())
    )
    assert {each.email for each in directory.people.values()} >= set(ASKED)
    return running


def submitted(running):
    item = running.draft("leave_request", STAFF)
    answer = running.decide(item["code"], "submit", STAFF)
    assert answer.status_code == 200, answer.text
    assert {each["email"] for each in answer.json()["holders"]} == set(ASKED)
    return answer.json()


def holders(running, code):
    return [
        each["email"]
        for each in running.client("auditor@so.example").get(f"/items/{code}").json()["holders"]
    ]


def answer_with(running, item, by, transition="approve", **more):
    return running.client(by).post(
        f"/items/{item['code']}/transitions",
        json={"transition": transition, "version": item["version"], **more},
    )


@pytest.mark.one_database
def test_each_answers_once_on_the_page_as_it_was_opened_and_the_last_one_moves_it(council):
    item = submitted(council)
    for number, who in enumerate(ASKED[:3], 1):
        answer = answer_with(council, item, who)  # all with the version that they were shown
        assert answer.status_code == 200, answer.text
        now = answer.json()
        assert (now["state"], now["step"], now["version"]) == (
            "submitted",
            item["step"],
            item["version"] + number,
        )
        assert holders(council, item["code"]) == [
            each for each in holders(council, item["code"]) if each not in ASKED[:number]
        ]
        again = answer_with(council, now, who)
        assert again.status_code == 403
        assert "answered" in again.text
    moved = answer_with(council, item, ASKED[3])
    assert moved.json()["state"] == "approved"
    entries = (
        council.client("auditor@so.example").get(f"/items/{item['code']}/history").json()["data"]
    )
    assert [each["type"] for each in entries] == [
        "created",
        "transition",
        "signed_off",
        "signed_off",
        "signed_off",
        "transition",
    ]
    assert len(entries[-1]["data"]["answers"]) == entries[-1]["data"]["members"] == 4
    assert council.parts.database.report_blocking(verify_database).status == 0


@pytest.mark.one_database
def test_one_rejection_ends_it_and_the_others_are_told(council):
    item = submitted(council)
    assert answer_with(council, item, ASKED[0]).status_code == 200
    ended = answer_with(council, item, ASKED[2], "refuse", comment="Trùng lịch trực")
    assert ended.json()["state"] == "refused"
    for who in (ASKED[1], ASKED[3]):
        until(
            lambda who=who: [
                mail
                for mail in council.mails_about(item["code"], who)
                if "không còn" in mail.subject + mail.text
            ]
        )
    late = answer_with(council, item, ASKED[1])
    assert late.status_code == 409


def test_all_at_once_from_links_and_the_interface_make_one_move(council):
    item = submitted(council)
    for who in ASKED:
        council.client(who)  # each thread finds its client made
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda who: answer_with(council, item, who).status_code, [*ASKED, *ASKED])
        )
    assert sorted(set(answers) - {403, 409}) == [200]
    assert answers.count(200) == 4
    assert council.state_of(item["code"]) == "approved"


@pytest.mark.one_database
def test_a_link_answers_for_its_person_and_shows_the_receipt(council):
    item = submitted(council)
    link = council.link_for(item["code"], ASKED[1])
    assert answer_with(council, item, ASKED[0]).status_code == 200
    with council.browser() as browser:
        page = browser.get(link)
        assert "Kính trình" in page.text, "another's answer does not end the link"
        done = browser.post(link, data={"decision": "approve", "version": str(item["version"])})
        assert done.status_code == 200
        assert "Đã ghi nhận" in done.text
        assert "Đã ghi nhận" in browser.get(link).text
    assert set(holders(council, item["code"])) == set(ASKED[2:])


@pytest.mark.one_database
def test_an_edit_voids_the_answers_and_asks_everybody_again(council):
    item = submitted(council)
    for who in ASKED[:2]:
        assert answer_with(council, item, who).status_code == 200
    version = council.client(STAFF).get(f"/items/{item['code']}").json()["version"]
    edited = council.client(STAFF).patch(
        f"/items/{item['code']}",
        json={"fields": {"reason": "Việc gia đình gấp"}},
        headers={"If-Match": f'"{version}"'},
    )
    assert edited.status_code == 200, edited.text
    assert set(holders(council, item["code"])) == set(ASKED)
    assert answer_with(council, item, ASKED[2]).status_code == 409, (
        "the page was of the old content"
    )
    assert answer_with(council, edited.json(), ASKED[0]).status_code == 200
    assert council.state_of(item["code"]) == "submitted"
    assert council.parts.database.report_blocking(verify_database).status == 0


@pytest.mark.one_database
def test_who_leaves_without_an_answer_is_not_waited_for(council):
    item = submitted(council)
    for who in ASKED[1:]:
        assert answer_with(council, item, who).status_code == 200
    assert holders(council, item["code"]) == [ASKED[0]]
    people = council.parts.database.report_blocking(
        lambda connection: council.parts.context.directory(connection, council.clock.now())
    ).people
    leaver = next(each for each in people.values() if each.email == ASKED[0])
    row = PersonRow(
        row=1,
        email=leaver.email,
        name=leaver.name,
        position=leaver.position.value,
        department=leaver.department,
        is_active=False,
    )
    command = ImportPeople(
        rows=(row,),
        cause=Cause(actor=None, via=Via.CLI, method=Method.NONE, command_id="leave-1"),
        invites=False,
    )
    council.run(council.parts.database.write(command))
    assert set(holders(council, item["code"])) == set(ASKED[1:]), (
        "whoever stays can settle what is settled already"
    )
    assert answer_with(council, item, ASKED[3]).json()["state"] == "approved"
