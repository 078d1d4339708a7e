"""The agency's report: gathered from the departments', signed and sent with them, all or none."""

import random
import secrets
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.conftest import CAMPAIGN
from tests.consolidated import handed_in as report
from tests.faults.test_forged_histories import Forger, fast_status, other_verdicts
from tests.versions import as_version
from tests.waiting import until
from workflow.command import Cause
from workflow.commands.organization import RenameDepartment
from workflow.commands.setup import SetUp
from workflow.definition import load_definition
from workflow.history import verify_history
from workflow.history.verify_history import OK, TAMPERED
from workflow.model import DepartmentId, Method, Via
from workflow.queries.attention import Worry, concerns
from workflow.queries.audit import export_history, verify_database
from workflow.queries.obligations import board
from workflow.queries.quality import quality
from workflow.rules import vocabulary
from workflow.store import attention, deadlines, held_items, items

OFFICER, CHIEF, CLERK, DIRECTOR, AUDITOR = (
    f"{each}@so.example" for each in ("officer", "chief", "clerk", "director", "auditor")
)
BOARD, POLICE = "ban-tdkt@tinh.example", "cong-an@tinh.example"
DEPARTMENTS = {"htqt": "hop-tac-quoc-te", "ls": "lanh-su", "bg": "quan-ly-bien-gioi"}


def deadline(running, kind="interim"):
    body = {
        "campaign": CAMPAIGN,
        "kind": kind,
        "departments": [*DEPARTMENTS.values()],
        "due_at": "2022-06-15T17:00:00+07:00",
    }
    made = running.client(OFFICER).post("/deadlines", json=body)
    assert made.status_code == 201, made.text
    return made.json()["id"]


def take(running, code, transition, by, **more):
    answer = running.decide(code, transition, by, **more)
    assert answer.status_code == 200, answer.text
    return answer.json()


def gather(running, which, by=OFFICER, **body):
    client = running.client(by)
    return client.post(
        f"/deadlines/{which}/gather", json=body, headers={"Idempotency-Key": secrets.token_hex(8)}
    )


def types(running, code):
    entries = running.client(AUDITOR).get(f"/items/{code}/history").json()["data"]
    return [each["type"] for each in entries]


def late_in_a_month(running):
    later = replace(running.parts.context, clock=lambda: running.clock.now() + timedelta(30))
    with running.parts.engines.read.connect() as connection:
        found = concerns(later, connection)
    return {each.code for each in found if each.worry is Worry.LATE_ITEM}


def returns_of(running, codes, department):
    """The returns counted of each report on the board, and of all of a department's."""
    with running.parts.engines.read.connect() as connection:
        cells = board(running.parts.context, connection, deadlines.all_deadlines(connection))
        figures = quality(running.parts.context, connection, "department_report")
    return [
        *(each.returns for each in cells if each.code in codes),
        *(each.returns for each in figures if each.department == department),
    ]


@pytest.fixture(autouse=True)
def whole(running):
    yield
    verdict = running.parts.database.report_blocking(verify_database)
    assert verdict.status == 0, verdict.sentence


@pytest.mark.one_database
def test_reports_are_gathered_and_gathered_anew_without_losing_what_the_office_wrote(running):
    which = deadline(running)
    assert gather(running, which).status_code == 422  # nobody has handed in anything
    first = report(running, "htqt", delegations_out=2, aid_value=5, aid_value_usd=10)
    second = report(running, "ls", delegations_out=3, aid_value=7, charity_houses=4)
    assert gather(running, which, by="head.ls@so.example").status_code == 403

    made = gather(running, which)
    assert made.status_code == 201, made.text
    code, fields = made.json()["code"], made.json()["fields"]
    assert (fields["delegations_out"], fields["aid_value"]) == (5, 12)
    assert (fields["aid_value_usd"], fields["charity_houses"]) == (65010, 4)
    assert fields["plans"].startswith("Phòng Hợp tác quốc tế: ")
    assert [each.get("report") for each in fields["sources"]] == [first, second, None]
    again = gather(running, which, by=CHIEF)
    assert again.status_code == 422
    assert code in again.text

    # The Office writes; its sources it cannot write, nor is such a report drafted by hand.
    client = running.client(OFFICER)
    if_match = {"If-Match": made.headers["ETag"]}
    forged = {"fields": {"sources": [{"department": "Phòng khác", "report": "BC-2022-9999"}]}}
    assert client.patch(f"/items/{code}", json=forged, headers=if_match).status_code == 403
    own = {"fields": {"delegations_out": 6, "plans": "Tiếp tục.", "data_until": "2022-05-03"}}
    assert client.patch(f"/items/{code}", json=own, headers=if_match).status_code == 200
    example = client.get("/definitions/consolidated_report/example").json()
    assert client.post("/items", json=example).status_code == 403

    # A report that comes late is told of, and gathered anew; what was written stays.
    third = report(running, "bg", delegations_out=1, aid_value=1)
    shown = client.get(f"/items/{code}/gathered").json()
    assert third in " ".join(shown["news"])
    assert shown["missing"] == ["Phòng Quản lý biên giới"]
    take(running, first, "return", CHIEF, comment="Sửa số liệu", to="drafted")
    assert first in " ".join(client.get(f"/items/{code}/gathered").json()["news"])
    take(running, first, "submit", "staff.htqt@so.example")
    take(running, first, "approve_department", "head.htqt@so.example")
    stale = gather(running, which, code=code, version=made.json()["version"])
    assert stale.status_code == 409
    anew = gather(running, which, code=code, version=made.json()["version"] + 1)
    assert anew.status_code == 201, anew.text
    fields = anew.json()["fields"]
    assert (fields["delegations_out"], fields["plans"], fields["aid_value"]) == (6, "Tiếp tục.", 13)
    shown = client.get(f"/items/{code}/gathered").json()
    assert (shown["news"], shown["missing"]) == ([], [])
    lines = {each["field"]: each for each in shown["lines"]}
    assert lines["delegations_out"]["values"] == [2, 3, 1]
    assert lines["plans"]["is_own"]
    assert not lines["aid_value"]["is_own"]


def test_reports_go_with_the_agency_s_under_one_number_all_or_none(running, tmp_path):
    which = deadline(running, "final")
    reports = [report(running, each, period="final") for each in ("htqt", "ls")]
    code = gather(running, which).json()["code"]
    version = {"If-Match": '"1"'}
    body = {"fields": {"data_until": "2022-05-03"}}
    assert running.client(OFFICER).patch(f"/items/{code}", json=body, headers=version).is_success
    take(running, code, "submit", OFFICER)
    take(running, code, "review_office", CHIEF)
    take(running, reports[0], "review_office", CHIEF)

    # One report is not reviewed yet: nothing is signed, of none, nor is a PIN asked for in vain.
    with running.signed_in(DIRECTOR) as browser:
        page = browser.get(f"/items/{code}").text
    assert f"{reports[1]} không đi cùng được" in page
    refused = running.decide(code, "sign_director", DIRECTOR, pin="246810")
    assert refused.status_code == 422
    assert reports[1] in refused.text
    assert {running.state_of(each) for each in (code, reports[0])} == {"office_reviewed"}
    take(running, reports[1], "review_office", CHIEF)

    # The Director has the agency's report before him; what goes with it is none of his tasks.
    with running.signed_in(DIRECTOR) as browser:
        queue = browser.get("/").text
    assert code in queue
    assert not any(each in queue for each in reports)
    assert late_in_a_month(running) & {code, *reports} == {code}
    alone = running.decide(reports[0], "sign_director", DIRECTOR, pin="246810")
    assert [each["rule"] for each in alone.json()["reasons"]] == ["travels_alone"]

    def states():
        return {running.state_of(each) for each in (code, *reports)}

    take(running, code, "sign_director", DIRECTOR, pin="246810")
    assert states() == {"director_signed"}
    take(running, code, "return", CLERK, comment="Sai căn cứ", to="office_reviewed")
    assert states() == {"office_reviewed"}
    take(running, code, "sign_director", DIRECTOR, pin="246810")
    take(running, code, "send_to_board", CLERK, number=1, issued_on="2022-05-04", channel="axis")
    take(running, code, "acknowledge", CLERK)
    assert states() == {"received"}
    for each in reports:
        assert types(running, each).count("gathered") == 1
        with running.signed_in(AUDITOR) as browser:
            assert "01/BC-SNgV" in browser.get(f"/items/{each}/print").text

    def told():
        return [each for each in running.mailbox.mails() if "01/BC" in each.subject]

    until(lambda: len(told()) == 2)
    # What goes back along with it is no return of a department's report, nor told as one.
    for each, author in zip(reports, ("staff.htqt@so.example", "staff.ls@so.example"), strict=True):
        until(lambda each=each, author=author: running.mails_about(each, author))
        assert len(running.mails_about(each, author)) == 1, "that it was sent"
    assert returns_of(running, reports, DEPARTMENTS["ls"]) == [0, 0, 0]
    assert {each.recipient for each in told()} == {BOARD, POLICE}

    assert not any(
        reports[0] in each.subject and each.recipient == DIRECTOR
        for each in running.mailbox.mails()
    )
    folder = tmp_path / "export"
    running.parts.database.report_blocking(lambda each: export_history(each, folder))
    assert verdicts_of_forged(folder, code, reports[0]) == {"none": (OK, OK, OK)} | dict.fromkeys(
        (
            "by itself",
            "with another",
            "without its decision",
            "gathered elsewhere",
            "under another number",
        ),
        (TAMPERED, TAMPERED, TAMPERED),
    )


OTHER = {"number": "99/BC-SNgV"}


def verdicts_of_forged(folder, carrier, carried):
    """What three verifiers say where an owner has a report go alone, every hash made to fit."""

    def signed(body, code):
        return body["subject"] == f"item:{code}" and body["transition"] == "sign_director"

    def changed(bodies, code, **members):
        return [{**each, **members} if signed(each, code) else each for each in bodies]

    def sent(bodies, by):
        (one, *_) = (each for each in bodies if signed(each, carried))
        return changed(bodies, carried, data={**one["data"], "carried_by": by})

    forgeries = {
        "none": lambda bodies: bodies,
        "by itself": lambda bodies: sent(bodies, None),
        "with another": lambda bodies: sent(bodies, carried),
        "without its decision": lambda bodies: [
            {**each, "command_id": f"other-{place}"} if signed(each, carrier) else each
            for place, each in enumerate(bodies)
        ],
        "under another number": lambda bodies: [
            {**each, "data": {**each["data"], "dispatch": {**each["data"]["dispatch"], **OTHER}}}
            if each["subject"] == f"item:{carried}" and each["data"].get("dispatch")
            else each
            for each in bodies
        ],
        "gathered elsewhere": lambda bodies: [
            {**each, "data": {**each["data"], "into": carried}}
            if each["type"] == "gathered" and each["subject"] == f"item:{carried}"
            else each
            for each in bodies
        ],
    }
    folders = [folder.with_name(name) for name in forgeries]
    for each, forge in zip(folders, forgeries.values(), strict=True):
        shutil.copytree(folder, each)
        (each / "files").mkdir(exist_ok=True)
        forger = Forger(each, random.Random(1))  # noqa: S311 - the same again
        forger.put(forge(forger.bodies()))
        shutil.rmtree(each / "checkpoints", ignore_errors=True)
        forger.follow_all()
    others = [each["status"] for each in other_verdicts(folders)]
    own = [verify_history.main([str(each)]) for each in folders]
    return dict(
        zip(forgeries, zip(own, others, map(fast_status, folders), strict=True), strict=True)
    )


@pytest.mark.one_database
def test_what_a_field_does_not_take_is_named_and_takes_nothing_away(running):
    which, words = deadline(running, "quy-1"), "x" * 7990
    for each in ("htqt", "ls"):
        report(running, each, period="quy-1", direction=words)
    made = gather(running, which).json()
    code, stood = made["code"], made["fields"]["direction"]
    assert made["left_out"] == []
    third = report(running, "bg", period="quy-1", direction=words)
    with running.signed_in(OFFICER) as office:
        visit = {
            "campaign": CAMPAIGN,
            "department": "lanh-su",
            "on_day": "10/06/2022",
            "inspectors": [OFFICER],
            "about": "Việc phổ biến Kế hoạch",
        }
        for _ in range(6):
            page = office.post("/inspections", data=visit).url.path
            assert office.post(page, data={"words": "y" * 3990}).status_code == 200
        page = office.get(f"/items/{code}/gathered")
        anew = office.post(
            f"/items/{code}/gathered",
            data={"key": secrets.token_hex(8), "version": str(made["version"])},
        )
        assert anew.text.count("Đôn đốc, kiểm tra, đánh giá") == 2, "in the flash and on the page"
    shown = running.client(OFFICER).get(f"/items/{code}/gathered").json()
    assert shown["left_out"] == ["direction", "inspections"]
    (line,) = [each for each in shown["lines"] if each["field"] == "direction"]
    assert (line["is_left_out"], line["together"], line["said"]) == (True, None, stood)
    # It is still what departments wrote, and no word of the Office's.
    assert (line["is_kept"], line["is_own"]) == (True, False)
    assert shown["missing"] == []
    # Once there is room again, it follows the reports.
    take(running, third, "return", CHIEF, comment="Rút gọn", to="drafted")
    staff = running.client("staff.bg@so.example")
    etag = staff.get(f"/items/{third}").headers["ETag"]
    short = {"fields": {"direction": "Ngắn gọn."}}
    assert staff.patch(f"/items/{third}", json=short, headers={"If-Match": etag}).status_code == 200
    take(running, third, "submit", "staff.bg@so.example")
    take(running, third, "approve_department", "head.bg@so.example")
    version = running.client(OFFICER).get(f"/items/{code}").json()["version"]
    anew = gather(running, which, code=code, version=version)
    assert anew.status_code in {200, 201}, anew.text
    direction = anew.json()["fields"]["direction"]
    assert direction.startswith(stood)
    assert direction.endswith("Phòng Quản lý biên giới: Ngắn gọn.")


@pytest.mark.one_database
def test_who_may_not_see_a_report_is_told_its_share_of_the_sum_alone(running):
    which = deadline(running, "quy-2")
    reports = [report(running, each, period="quy-2", aid_value=3) for each in ("htqt", "ls")]
    made = gather(running, which)
    code = made.json()["code"]
    running.client(OFFICER).patch(
        f"/items/{code}",
        json={"fields": {"data_until": "2022-05-03"}},
        headers={"If-Match": made.headers["ETag"]},
    )
    take(running, code, "submit", OFFICER)
    asked = {"of": "head.ls@so.example", "words": "Đúng số liệu chưa?"}
    assert running.client(CHIEF).post(f"/items/{code}/opinions", json=asked).status_code == 201
    shown = running.client("head.ls@so.example").get(f"/items/{code}/gathered").json()
    assert [each["report"] for each in shown["sources"]] == reports[1:]
    lines = {each["field"]: each for each in shown["lines"]}
    assert (lines["aid_value"]["values"], lines["aid_value"]["together"]) == ([3], 6)
    assert lines["plans"]["together"] is None


@pytest.mark.one_database
def test_neither_a_new_name_nor_a_new_process_changes_what_was_gathered(running):
    which = deadline(running, "nam")
    report(running, "htqt", period="nam", delegations_in=4)
    code = gather(running, which).json()["code"]
    before = running.client(OFFICER).get(f"/items/{code}/gathered").json()

    def system(command_id):
        return Cause(actor=None, via=Via.CLI, method=Method.NONE, command_id=command_id)

    name = f"Phòng {secrets.token_hex(4)}"
    renamed = RenameDepartment(
        cause=system("rename"), id=DepartmentId(DEPARTMENTS["htqt"]), name=name
    )
    running.run(running.parts.database.write(renamed))
    path = running.parts.settings.definitions / "department_report.yaml"
    text = as_version(path.read_text("utf-8"), 99).replace("delegations_in", "delegations_met")
    newer = load_definition(text, "newer.yaml", vocabulary())
    running.run(
        running.parts.database.write(
            SetUp(definitions=(newer,), campaigns=(), organization=None, software="test")
        )
    )
    assert running.client(OFFICER).get(f"/items/{code}/gathered").json() == before
    assert before["news"] == []
    assert any(each["field"] == "delegations_in" for each in before["lines"])


def test_two_who_gather_at_once_make_one_report(running):
    which = deadline(running, "quy-3")
    code = report(running, "htqt", period="quy-3")
    assert running.client(CHIEF) is not running.client(OFFICER)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda by: gather(running, which, by=by), [OFFICER, CHIEF] * 2))
    assert sorted(each.status_code for each in answers) == [201, 422, 422, 422]
    made = next(each.json() for each in answers if each.status_code == 201)

    # Given up, its reports go their own way again, and may be gathered by another.
    # Who drafted it need not be there for that.
    other = CHIEF if made["holders"][0]["email"] == OFFICER else OFFICER
    take(running, made["code"], "withdraw", other)
    assert types(running, code)[-2:] == ["gathered", "gathered"]
    with running.signed_in(AUDITOR) as auditor:
        page = auditor.get("/history", params={"code": code}).text
    assert (page.count(" đưa vào báo cáo tổng hợp:"), page.count(" đưa ra khỏi báo cáo")) == (1, 1)
    assert gather(running, which, by=CHIEF).status_code == 201


@pytest.mark.one_database
def test_who_drafted_it_need_not_be_there_for_the_others_reports_to_go_on(running):
    which = deadline(running, "quy-4")
    report(running, "htqt", period="quy-4")
    made = gather(running, which, by=OFFICER)
    code, client = made.json()["code"], running.client(OFFICER)
    dated = client.patch(
        f"/items/{code}",
        json={"fields": {"data_until": "2022-05-03"}},
        headers={"If-Match": made.headers["ETag"]},
    )
    report(running, "ls", period="quy-4")
    anew = gather(running, which, by=CHIEF, code=code, version=dated.json()["version"])
    assert anew.status_code == 201, anew.text
    assert len([each for each in anew.json()["fields"]["sources"] if each.get("report")]) == 2
    foreign = {"fields": {"plans": "Không phải của mình."}}
    etag = {"If-Match": anew.headers["ETag"]}
    assert (
        running.client(CHIEF).patch(f"/items/{code}", json=foreign, headers=etag).status_code == 403
    )

    with running.parts.engines.write.connect() as connection:
        item = items.find_item(connection, code)
        held_items.drop_holder(connection, item.id, item.author)
        attention.note_stuck(connection, [item.id])
        worries = concerns(running.parts.context, connection)
        connection.rollback()
    assert Worry.STUCK in {each.worry for each in worries if each.code == code}

    take(running, code, "submit", CHIEF)
    own = running.decide(code, "review_office", CHIEF)
    assert [each["rule"] for each in own.json()["reasons"]] == ["different_people"]
