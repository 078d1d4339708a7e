"""The register of outgoing documents: each number once, none left out, each with its entry."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from api.composition import open_application
from tests.maker import Maker
from workflow.command import Cause
from workflow.commands.register_document import RegisterDocument
from workflow.definition import OutgoingRules
from workflow.model import Method, Via
from workflow.queries.audit import verify_database

CLERK, OFFICER, AUDITOR = "clerk@so.example", "officer@so.example", "auditor@so.example"
DECISION = {
    "kind": "QĐ",
    "about": "Về việc khen thưởng phong trào thi đua",
    "signer": "Giám đốc Sở",
    "recipients": "Như Điều 3; Công an tỉnh",
}


@pytest.fixture(autouse=True)
def whole(running):
    yield
    verdict = running.parts.database.report_blocking(verify_database)
    assert verdict.status == 0, verdict.sentence


@pytest.fixture
def elsewhere(running):
    """The agency's own system gives the numbers."""
    context, kept = running.parts.context, running.parts.context.outgoing
    object.__setattr__(context, "outgoing", OutgoingRules())
    yield
    object.__setattr__(context, "outgoing", kept)


def register(running, **query):
    answer = running.client(AUDITOR).get("/register", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def sent(running, **more):
    code = running.item_in("director_signed")["code"]
    return code, running.decide(code, "send_to_board", CLERK, **more)


def reasons(answer):
    return [each["rule"] for each in answer.json()["reasons"]]


def test_what_is_sent_and_what_is_registered_stand_in_one_register(running):
    code, answer = sent(running)
    assert answer.status_code == 200, answer.text
    first = register(running)[0]
    assert (first["notation"], first["code"], first["channel"]) == ("01/TTr-SNgV", code, "mail")
    assert first["signer"] == "Giám đốc Sở"
    assert first["recipients"] == "Ban TĐKT tỉnh", "of a nomination the police hear only"
    assert first["about"].startswith("Về việc đề nghị khen thưởng thành tích trong phong trào")
    # What is refused takes no number, and leaves no gap.
    other, gap = sent(running, number=7)
    assert (gap.status_code, reasons(gap)) == (422, ["number"])
    early = running.decide(other, "send_to_board", CLERK, issued_on="2022-05-03")
    assert (early.status_code, reasons(early)) == (422, ["issued_on", "issued_on"])
    assert running.decide(other, "send_to_board", CLERK).status_code == 200
    given = running.client(CLERK).post("/register", json=DECISION)
    assert (given.status_code, given.json()["notation"]) == (201, "01/QĐ-SNgV")
    assert running.client("head.ls@so.example").get("/register").status_code == 403
    assert running.client("director@so.example").post("/register", json=DECISION).status_code == 403
    assert [each["notation"] for each in register(running)] == [
        "01/QĐ-SNgV",
        "02/TTr-SNgV",
        "01/TTr-SNgV",
    ]
    assert [each["notation"] for each in register(running, kind="QĐ")] == ["01/QĐ-SNgV"]
    assert len(register(running, q="01/qd thi dua")) == 1
    assert register(running, year=2021) == []
    with running.signed_in(CLERK) as browser:
        page = browser.get("/register")
        assert "02/TTr-SNgV" in page.text
        assert "/register" in browser.get("/").text  # in the menu
        book = CalamineWorkbook.from_filelike(io.BytesIO(browser.get("/register.xlsx").content))
        rows = book.get_sheet_by_index(0).to_python()[2:]
        assert [len(row) for row in rows] == [10] * 4
        assert [row[0] for row in rows[1:]] == ["01/TTr-SNgV", "02/TTr-SNgV", "01/QĐ-SNgV"]
        printed = PdfReader(io.BytesIO(browser.get("/register.pdf").content)).pages[0]
        assert "SỔ ĐĂNG KÝ VĂN BẢN ĐI" in printed.extract_text()
        letter = {**DECISION, "kind": "CV", "unit": ""}
        for unit in ("", "VP/.."):
            assert browser.post("/register", data={**letter, "unit": unit}).status_code == 422
        assert "01/SNgV-VP" in browser.post("/register", data={**letter, "unit": "VP"}).text


def test_a_day_that_lies_back_is_marked_and_a_new_year_begins_with_01(running):
    back = {**DECISION, "kind": "TB", "issued_on": f"{running.clock.now().year}-01-01"}
    first = running.client(CLERK).post("/register", json=back)
    assert (first.status_code, reasons(first)) == (422, ["issued_on"])
    running.client(CLERK).post("/register", json={**DECISION, "kind": "TB"})
    running.clock.advance(timedelta(days=2))
    late = running.client(CLERK).post(
        "/register", json={**DECISION, "kind": "TB", "issued_on": "2022-05-05"}
    )
    assert late.json()["is_back_dated"] is True
    with running.signed_in(AUDITOR) as browser:
        assert "ghi lùi ngày" in browser.get("/register").text
    running.clock.advance(timedelta(days=300))
    fresh = running.client(CLERK).post("/register", json={**DECISION, "kind": "TB"})
    assert (fresh.json()["notation"], fresh.json()["issued_on"][:4]) == ("01/TB-SNgV", "2023")
    back = running.client(CLERK).post(
        "/register", json={**DECISION, "kind": "TB", "issued_on": "2022-12-30"}
    )
    assert (back.status_code, reasons(back)) == (422, ["issued_on"])


def test_a_number_of_the_agency_s_own_system_is_typed_and_used_once(running, elsewhere):
    code, without = sent(running)
    assert (without.status_code, reasons(without)) == (422, ["number"])
    with running.signed_in(CLERK) as browser:
        assert 'id="number"' in browser.get(f"/items/{code}/decide/send_to_board").text
    given = running.decide(code, "send_to_board", CLERK, number=900)
    assert given.status_code == 200, given.text
    assert register(running, year=running.clock.now().year)[0]["channel"] == "axis"
    _, again = sent(running, number=900)
    assert (again.status_code, reasons(again)) == (422, ["number"])


def test_kinds_that_share_a_series_share_its_numbers_in_the_agency_s_own_system(running, elsewhere):
    together = OutgoingRules(together=(("TTr", "BC"),))
    object.__setattr__(running.parts.context, "outgoing", together)
    paper = {**DECISION, "kind": "TTr", "number": 910}
    assert running.client(CLERK).post("/register", json=paper).status_code == 201
    again = running.client(CLERK).post("/register", json={**paper, "kind": "BC"})
    assert (again.status_code, reasons(again)) == (422, ["number"])


def test_two_who_ask_at_once_never_get_one_number_and_leave_no_gap(running, is_long):
    parts, many = running.parts, 10_000 if is_long else 40
    # On PostgreSQL a second process writes beside; on SQLite one process serves.
    others = (
        [] if parts.settings.is_sqlite else [open_application(parts.settings, clock=running.clock)]
    )
    databases = [parts.database, *(each.database for each in others)]
    clerk = running.person(CLERK).id

    def grant(place: int) -> str:
        cause = Cause(actor=clerk, via=Via.API, method=Method.TOKEN, command_id=f"contest-{place}")
        command = RegisterDocument(
            cause=cause, kind="CTr", about="Chương trình", signer="Giám đốc", recipients="Các phòng"
        )
        return databases[place % len(databases)].write_blocking(command).number

    waiting = [running.item_in("director_signed")["code"] for _ in range(3)]
    with ThreadPoolExecutor(16) as pool:
        sending = [pool.submit(running.decide, each, "send_to_board", CLERK) for each in waiting]
        given = list(pool.map(grant, range(many)))
    assert [each.result().status_code for each in sending] == [200] * 3
    for each in others:
        each.close()
    assert sorted(int(each.partition("/")[0]) for each in given) == list(range(1, many + 1))


def test_a_decision_on_awards_gets_its_number_here_and_others_share_it(running):
    """The agency's own head awards the Giấy khen: his Quyết định stands in the same register."""
    first, second = running.item_in("received"), running.item_in("received")

    def recorded(item, number):
        with running.signed_in(CLERK) as browser:
            form = {"version": str(item["version"]), "key": item["code"].ljust(32, "0")}
            address = f"/items/{item['code']}/decide/record_award"
            browser.post(address, data={**form, "decision_number": number})
        return running.state_of(item["code"])

    assert recorded(first, "") == "awarded"
    row = register(running, year=running.clock.now().year, kind="QĐ")[0]
    assert row["code"] == first["code"]
    history = running.client(AUDITOR).get(f"/items/{first['code']}/history").json()["data"]
    number = {"number": row["notation"], "issued_on": row["issued_on"]}
    said = history[-1]["data"]
    assert (said["registered"], said["award"]["number"]) == (number, row["notation"])
    assert recorded(second, row["notation"]) == "awarded"
    assert len(register(running, year=running.clock.now().year, kind="QĐ")) == 1


def test_a_decision_of_one_s_own_bears_no_number_that_the_register_did_not_give(running):
    """Typed here and given to another later, one number would stand on two decisions."""
    form = {**DECISION, "about": "Về việc khen thưởng"}
    last = running.client(CLERK).post("/register", json=form).json()["number"]
    day = running.clock.now().date().isoformat()
    makes = Maker(running)
    codes = [
        makes.item("nomination", "hop-tac-quoc-te", "received", nominee=f"Phòng số {each}")
        for each in range(3)
    ]
    items = [running.client(AUDITOR).get(f"/items/{each}").json() for each in codes]

    def given(item, number):
        said = {"decision_number": number, "decided_on": day}
        return running.decide(item["code"], "record_award", CLERK, **said)

    for number in (f"{last + 1:02d}/QĐ-SNgV", f"{last + 1}/qđ-sngv", f"{last:02d}/QĐ-SNV", "x"):
        answer = given(items[0], number)
        assert (answer.status_code, reasons(answer)) == (422, ["decision_number"]), number
        with running.signed_in(CLERK) as browser:
            typed = {"version": str(items[0]["version"]), "key": "k", "decision_number": number}
            page = browser.post(f"/items/{items[0]['code']}/decide/record_award", data=typed)
        assert page.status_code == 422
    for item, number in zip(items, (f"{last:02d}/QĐ-SNgV", f" {last}/qđ -sngv"), strict=False):
        assert given(item, number).status_code == 200
        history = running.client(AUDITOR).get(f"/items/{item['code']}/history").json()["data"]
        assert history[-1]["data"]["award"]["number"] == f"{last:02d}/QĐ-SNgV"
    other = {"authority": "province", "decision_number": "99/QĐ-UBND", "decided_on": day}
    answer = running.decide(items[2]["code"], "record_award", CLERK, **other)
    assert answer.status_code == 200, answer.text
