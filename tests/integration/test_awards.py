"""An award from its decision to the register: who decides, what is refused, what stays when it is withdrawn."""

import io
import re

import pytest
from python_calamine import CalamineWorkbook

from tests import councils
from tests.conftest import CAMPAIGN
from tests.forms import form_with
from tests.integration.test_signed_copies import text_of
from tests.maker import Maker
from workflow.command import Cause
from workflow.commands.people import ChangeAddress
from workflow.definition import OutgoingRules
from workflow.model import Method, Via
from workflow.queries.audit import verify_database
from workflow.queries.privacy import held_on

CLERK, OFFICER, STAFF, OTHER = (
    "clerk@so.example",
    "officer@so.example",
    "staff.htqt@so.example",
    "staff.ls@so.example",
)
DECISION = {"decision_number": "12/QĐ-SNgV", "decided_on": "2022-05-04"}


@pytest.fixture(autouse=True)
def given_on_paper(running):
    """Decisions up to number 45 of the year were given before the register was kept here."""
    context, kept = running.parts.context, running.parts.context.outgoing
    rules = OutgoingRules(kept="here", before={"QĐ": 45}, before_in=2022)
    object.__setattr__(context, "outgoing", rules)
    yield
    object.__setattr__(context, "outgoing", kept)


def received(running, nominee, **fields):
    return Maker(running).item(
        "nomination", "hop-tac-quoc-te", "received", nominee=nominee, **fields
    )


def register_row(running, code):
    with running.signed_in(OFFICER) as browser:
        content = browser.get("/awards.xlsx").content
    (sheet,) = CalamineWorkbook.from_filelike(io.BytesIO(content)).sheet_names
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name(sheet).to_python()
    return next((row for row in rows if code in row), None)


def test_an_award_is_kept_with_its_decision_and_its_withdrawal_is_a_later_entry(running):
    code = received(running, "Phòng <b>A")
    given = running.decide(code, "record_award", CLERK, **DECISION)
    assert given.status_code == 200, given.text
    row = register_row(running, code)
    assert row[:5] == [
        "Phòng <b>A",
        "Giấy khen của Giám đốc Sở",
        "Giám đốc Sở",
        "12/QĐ-SNgV",
        "04/05/2022",
    ]
    typed = {"code": code, "number": "45/QĐ-SNgV", "decided_on": "04/05/2022", "why": "Kê khai sai"}
    with running.signed_in(STAFF) as browser:
        assert browser.post("/awards/withdraw", data=typed).status_code == 422
        shown = browser.get("/awards").text
        assert code in shown
        assert "Phòng &lt;b&gt;A" in shown
    with running.signed_in(OTHER) as browser:
        assert code not in browser.get("/awards").text
    with running.signed_in(OFFICER) as browser:
        early = {**typed, "decided_on": "03/05/2022"}
        for wrong in (early, {**typed, "number": "46/QĐ-SNgV"}):
            assert browser.post("/awards/withdraw", data=wrong).status_code == 422
        assert browser.post("/awards/withdraw", data=typed).status_code == 200
        assert browser.post("/awards/withdraw", data=typed).status_code == 422
        assert "Kê khai sai" in browser.get("/awards").text
    assert register_row(running, code)[7] == "Kê khai sai"
    with running.signed_in(STAFF) as browser:
        page = browser.get(f"/items/{code}").text
    assert "Quyết định 12/QĐ-SNgV ngày 04/05/2022, Giám đốc Sở" in page
    entries = running.client(OFFICER).get(f"/items/{code}/history").json()["data"]
    assert [each["type"] for each in entries[-2:]] == ["transition", "award_withdrawn"]
    assert running.state_of(code) == "awarded"
    assert running.parts.database.report_blocking(verify_database).status == 0


@pytest.mark.one_database
def test_what_a_decision_cannot_be_is_refused_with_its_reason(running):
    code = received(running, "Phòng B")
    wrong = {
        "award": {"award": "huan_chuong_sao_hoa"},
        "authority": {"authority": "vua"},
        "decided_on": {"decided_on": "2022-05-03"},
        "decision_number": {"decision_number": "x\ny"},
    }
    for rule, body in wrong.items():
        answer = running.decide(code, "record_award", CLERK, **body)
        assert answer.status_code == 422, rule
        assert (
            rule in {each["rule"] for each in answer.json()["reasons"]} or "decision" in answer.text
        )
    future = running.decide(code, "record_award", CLERK, decided_on="2023-01-01")
    assert [each["rule"] for each in future.json()["reasons"]] == ["decided_on"]
    refused = running.decide(code, "record_refusal", CLERK, decision_number="1/QĐ")
    assert refused.status_code == 422
    with running.signed_in(CLERK) as browser:
        page = browser.get(f"/items/{code}/decide/record_award")
        assert "Số quyết định" in page.text
        form = {"version": "7", "key": "k1"}
        # Where the register is kept here, it gives the number: tests/integration/test_register.py.
        context, kept = running.parts.context, running.parts.context.outgoing
        object.__setattr__(context, "outgoing", OutgoingRules())
        bare = browser.post(f"/items/{code}/decide/record_award", data=form)
        object.__setattr__(context, "outgoing", kept)
        assert bare.status_code == 422
        assert "Ghi số quyết định" in bare.text
        silent = browser.post(f"/items/{code}/decide/record_refusal", data={**form, "key": "k2"})
        assert silent.status_code == 422


@pytest.mark.one_database
def test_the_page_says_who_decides_and_what_the_rules_of_the_day_say(running):
    own = running.item_in("department_approved")
    with running.signed_in(OFFICER) as browser:
        page = browser.get(f"/items/{own['code']}").text
        assert "Giám đốc Sở quyết định" in page
        assert "Mẫu số 07" in page
    above = Maker(running).item(
        "nomination", "lanh-su", "department_approved", nominee="Phòng C", award="bang_khen_tinh"
    )
    with running.signed_in(OFFICER) as browser:
        page = browser.get(f"/items/{above}").text
    assert "Trình cấp trên: Chủ tịch Ủy ban nhân dân tỉnh quyết định" in page
    assert "Phong trào dưới 3 năm" in page
    before, box = page.split('id="rules"')
    box, after = box.split("</ul>", 1)
    assert int(re.search(r"(\d+) điều cần xem lại", box)[1]) == box.count("<li>")
    assert "Nội dung</h2>" not in before, "under the head, before the content"
    assert "chưa đối chiếu" not in box.lower()
    assert "Chưa đối chiếu văn bản gốc: " in after, "for whom the rules are in the care of"
    with running.signed_in("director@so.example") as browser:
        director = browser.get(f"/items/{above}").text
    assert "điều cần xem lại" in director
    assert "chưa đối chiếu" not in director.lower()
    running.link_for(above, OFFICER)
    mail = running.mails_about(above, OFFICER)[-1]
    assert "Chủ tịch Ủy ban nhân dân tỉnh quyết định" in mail.text


@pytest.mark.one_database
def test_other_nominations_of_the_same_are_links_three_of_them_at_once(running):
    codes = [
        Maker(running).item("nomination", "lanh-su", "department_approved", nominee="Phòng nhiều")
        for _ in range(6)
    ]
    with running.signed_in(OFFICER) as browser:
        page = browser.get(f"/items/{codes[0]}").text
    said = page.split("Xem có trùng không")[1].split("</li>")[0]
    at_once, folded = said.split("<details>")
    assert at_once.split("<a")[0].strip() == ":", "the label asks, the codes answer"
    links = r'<a class="once" href="/items/([^"]+)">'
    assert len(re.findall(links, at_once)) == 3
    found = re.findall(links, said)
    assert set(codes[1:]) <= set(found)
    assert f"{len(found) - 3} hồ sơ khác" in folded


def test_a_proven_award_stops_the_same_merit_and_the_same_name_is_found_without_diacritics(running):
    code = received(running, "Phòng Đối Ngoại")
    assert running.decide(code, "record_award", CLERK, **DECISION).status_code == 200
    again = Maker(running).item(
        "nomination", "hop-tac-quoc-te", "drafted", nominee="phong doi ngoai"
    )
    answer = running.decide(again, "submit", STAFF)
    assert answer.status_code == 422, answer.text
    (said,) = answer.json()["reasons"]
    assert said["rule"] == "award_rules"
    assert "Điều 6 Luật" in said["message"]
    with running.signed_in(STAFF) as browser:
        assert code in browser.get(f"/items/{again}").text
    other = Maker(running).item(
        "nomination", "hop-tac-quoc-te", "drafted", nominee="Phòng Đối Ngoại 2"
    )
    assert running.decide(other, "submit", STAFF).status_code == 200


@pytest.mark.one_database
def test_a_dossier_reports_the_heads_own_decision_which_the_outcome_takes_over(running):
    above = Maker(running).item(
        "nomination", "lanh-su", "director_signed", nominee="Phòng T", award="bang_khen_tinh"
    )
    own = Maker(running).item("nomination", "lanh-su", "director_signed", nominee="Phòng K")
    for code, wrong in (
        (above, DECISION),
        (own, {"decided_on": "2022-05-04"}),
        (own, {**DECISION, "decided_on": "2022-05-03"}),
        (own, {**DECISION, "decision_number": "x\ny"}),
        (own, {**DECISION, "decision_number": "46/QĐ-SNgV"}),  # the register did not give it
    ):
        answer = running.decide(code, "send_to_board", CLERK, **wrong)
        assert answer.status_code == 422, wrong
        rules = {each["rule"] for each in answer.json()["reasons"]}
        assert rules <= {"decision_number", "decided_on"}, answer.text
    with running.signed_in(CLERK) as browser:
        address = f"/items/{own}/decide/send_to_board"
        form = dict(form_with(browser.get(address).text, "decision_number").fields)
        sent = browser.post(address, data={**form, "decision_number": "12/QĐ-SNgV"})
        assert sent.status_code == 200, sent.text[-900:]
        decision = browser.get(f"/items/{own}/documents/decision.pdf").content
        assert "12/QĐ-SNgV" in text_of(decision)
        assert running.decide(own, "acknowledge", CLERK).status_code == 200
        address = f"/items/{own}/decide/record_award"
        form = dict(form_with(browser.get(address).text, "decision_number").fields)
        assert browser.post(address, data=form).status_code == 200
    assert register_row(running, own)[3:5] == ["12/QĐ-SNgV", "04/05/2022"]
    assert running.parts.database.report_blocking(verify_database).status == 0


@pytest.mark.one_database
def test_an_award_out_of_force_is_refused_at_handing_in_and_not_offered(running):
    badge = Maker(running).item(
        "nomination",
        "hop-tac-quoc-te",
        "drafted",
        nominee="Phòng D",
        nominee_kind="collective",
        award="huy_hieu_tinh",
    )
    answer = running.decide(badge, "submit", STAFF)
    assert answer.status_code == 422
    assert "award_rules" in {each["rule"] for each in answer.json()["reasons"]}
    with running.signed_in(STAFF) as browser:
        form = browser.get(f"/items/new?type=nomination&campaign={CAMPAIGN}").text
    assert "Giấy khen của Giám đốc Sở (Giám đốc Sở quyết định)" in form
    assert '<optgroup label="Danh hiệu thi đua">' in form


@pytest.mark.one_database
def test_the_award_of_a_person_bears_their_name(running):
    code = received(
        running,
        "",
        nominee_kind="individual",
        nominee_person="deputy.ls@so.example",
        nominee_position="Phó Trưởng phòng",
        nominee_sex="female",
        nominee_class="leader",
    )
    assert running.decide(code, "record_award", CLERK, **DECISION).status_code == 200
    assert register_row(running, code)[0] == "Phó Trưởng phòng Lãnh sự"


def statistics(running, **period):
    with running.signed_in(OFFICER) as browser:
        content = browser.get("/awards/statistics.xlsx", params=period).content
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]


def test_the_statistics_count_what_stands_in_the_period_and_nothing_that_was_withdrawn(running):
    before = statistics(running, first="01/05/2022", last="31/05/2022")[-1]
    codes = [received(running, f"Phòng thống kê {number}") for number in range(2)]
    for code in codes:
        assert running.decide(code, "record_award", CLERK, **DECISION).status_code == 200
    after = statistics(running, first="01/05/2022", last="31/05/2022")[-1]
    total = next(row for row in after if row[0] == "Tổng số")
    collectives = next(row for row in after if row[0] == "- Tập thể")
    was = next(row for row in before if row[0] == "Tổng số")[1]
    assert total[1] - was == 2
    assert collectives[1] >= 2
    assert {"+ Nữ", "+ Nam", "+ Người trực tiếp công tác"} <= {row[0] for row in after}
    with running.signed_in(OFFICER) as browser:
        form = {"code": codes[0], "number": "45/QĐ-SNgV", "decided_on": "04/05/2022", "why": "Sai"}
        assert browser.post("/awards/withdraw", data=form).status_code == 200
        page = browser.get("/awards/statistics").text
        assert "đã bị hủy bỏ sau đó" in page
        assert page.lower().count("chưa đối chiếu văn bản gốc") == 1
        assert ">- " not in page, "depth is shown, not written"
    after = statistics(running, first="01/05/2022", last="31/05/2022")[-1]
    assert next(row for row in after if row[0] == "Tổng số")[1] - was == 1
    empty = statistics(running, first="01/06/2022", last="31/12/2022")[-1]
    assert next(row for row in empty if row[0] == "Tổng số")[1] == 0
    movements = statistics(running)[0]
    assert next(row for row in movements if row[0] == "- Dưới 1 năm")[1:] == [1, 0, 1]
    with running.signed_in(STAFF) as browser:
        assert browser.get("/awards/statistics").status_code == 403


def readdressed(running, old, new):
    """Give a person another address, as the server does: two people need not agree then."""
    person = running.person(old)
    cause = Cause(actor=None, via=Via.CLI, method=Method.NONE, command_id=f"{old} to {new}")
    command = ChangeAddress(person=person.id, email=new, cause=cause)
    running.run(running.parts.database.write(command))


def person_s(address):
    return {
        "nominee_kind": "individual",
        "nominee_person": address,
        "nominee_position": "Phó Trưởng phòng",
        "nominee_sex": "female",
        "nominee_class": "leader",
    }


@pytest.mark.one_database
def test_a_person_s_awards_follow_them_to_another_address(running):
    old, new = "head.bg@so.example", "truong.bg@so.example"
    code = received(running, "", **person_s(old))
    assert running.decide(code, "record_award", CLERK, **DECISION).status_code == 200
    readdressed(running, old, new)
    assert register_row(running, code)[0] == "Trưởng phòng Quản lý biên giới"
    with running.signed_in(OFFICER) as browser:
        page = browser.get(f"/items/{code}").text
    assert "Trưởng phòng Quản lý biên giới" in page
    assert old not in page, "who is named is called by name, whatever their address was"
    again = Maker(running).item("nomination", "hop-tac-quoc-te", "drafted", **person_s(new))
    answer = running.decide(again, "submit", STAFF)
    assert answer.status_code == 422, answer.text
    assert "award_rules" in {each["rule"] for each in answer.json()["reasons"]}
    found = running.parts.database.report_blocking(
        lambda connection: held_on(running.parts.context, connection, running.person(new))
    )
    assert {code, again} <= {each["code"] for each in found["items_naming_them"]}
    readdressed(running, new, old)


def test_the_register_is_shown_page_by_page_and_exported_whole(running, monkeypatch):
    codes = [received(running, f"Phòng số {number}") for number in range(3)]
    for code in codes:
        assert running.decide(code, "record_award", CLERK, **DECISION).status_code == 200
    monkeypatch.setattr("api.web.pages.awards._PAGE", 2)
    for module in ("api.web.pages.awards", "workflow.lookups.award_register"):
        monkeypatch.setattr(f"{module}.PAGE_LIMIT", 2)
    shown, address = [], "/awards"
    with running.signed_in(OFFICER) as browser:
        while address:
            page = browser.get(address).text
            here = re.findall(r'<a href="/items/([^"]+)">\1</a>', page)
            assert 0 < len(here) <= 2
            shown += here
            found = re.search(r'href="(/awards\?cursor=[^"]+)"', page)
            address = found[1] if found else ""
        assert browser.get("/awards?cursor=x").status_code == 422
    assert len(shown) == len(set(shown)) > 3
    assert set(codes) <= set(shown)
    assert [code for code in shown if register_row(running, code) is None] == []


@pytest.mark.one_database
def test_nothing_is_considered_while_discipline_is_pending(running):
    code = Maker(running).item(
        "nomination", "hop-tac-quoc-te", "drafted", nominee="Phòng E", pending="Đang thanh tra"
    )
    answer = running.decide(code, "submit", STAFF)
    assert answer.status_code == 422
    (said,) = answer.json()["reasons"]
    assert said["rule"] == "award_rules"
    assert "Chưa xét khen thưởng" in said["message"]


@pytest.mark.one_database
def test_a_persons_year_is_read_by_them_their_head_and_the_office_and_each_opening_is_kept(running):
    deputy = "deputy.bg@so.example"
    code = Maker(running).item(
        "nomination",
        "quan-ly-bien-gioi",
        "received",
        nominee="",
        nominee_kind="individual",
        nominee_person=deputy,
        nominee_position="Phó Trưởng phòng",
        nominee_sex="male",
        nominee_class="leader",
    )
    assert running.decide(code, "record_award", CLERK, **DECISION).status_code == 200
    merit = {
        "campaign": CAMPAIGN,
        "recognition": "good_deed",
        "whose_kind": "individual",
        "whose": "Phó Trưởng phòng Quản lý biên giới",
        "what": "Giúp dân sau bão",
        "happened_on": "2022-05-01",
    }
    assert running.client("staff.bg@so.example").post("/merits", json=merit).status_code == 201
    asked = {"person": deputy, "year": "2022"}
    for reader in (deputy, "head.bg@so.example", OFFICER):
        with running.signed_in(reader) as browser:
            page = browser.get("/evaluation", params=asked).text
            for words in (code, "12/QĐ-SNgV", "Giúp dân sau bão", "Giấy khen của Giám đốc Sở"):
                assert words in page, (reader, words)
            content = browser.get("/evaluation.xlsx", params=asked).content
            assert len(CalamineWorkbook.from_filelike(io.BytesIO(content)).sheet_names) == 3
            assert code not in browser.get("/evaluation", params={**asked, "year": "2021"}).text
    for stranger in ("staff.bg@so.example", "head.ls@so.example", "director@so.example", CLERK):
        with running.signed_in(stranger) as browser:
            assert browser.get("/evaluation", params=asked).status_code == 403
            assert browser.get("/evaluation.xlsx", params=asked).status_code == 403
    with running.signed_in("auditor@so.example") as browser:
        assert "đã xem kết quả trong năm của một người" in browser.get("/history/openings").text


@pytest.mark.one_database
def test_the_directors_decision_prints_for_a_nomination_and_for_what_a_round_passed(running):
    code, above = councils.nomination(running), councils.nomination(running, award="bang_khen_tinh")
    round_ = councils.opened(running, code, above)
    for who in councils.MEMBERS:
        choices = dict.fromkeys([each["code"] for each in round_["cases"]], "agree")
        assert councils.cast(running, round_, who, choices).status_code == 201
    councils.counted(running, round_)
    with running.signed_in(OFFICER) as browser:
        file = "documents/decision.pdf"
        text = text_of(browser.get(f"/rounds/{round_['id']}/{file}").content)
        own = text_of(browser.get(f"/items/{code}/{file}").content)
        assert f"/items/{code}/{file}" in browser.get(f"/items/{code}").text
        assert f"/items/{above}/{file}" not in browser.get(f"/items/{above}").text
        assert browser.get(f"/items/{above}/{file}").status_code == 404
    assert "Căn cứ Luật Thi đua, khen thưởng ngày 26 tháng 11 năm 2003;" in text
    day = "Biên bản họp Hội đồng Thi đua - Khen thưởng Sở Ngoại vụ ngày 20 tháng 5 năm 2022;"
    assert day in text
    assert "Theo đề nghị của Chánh Văn phòng" in text
    named = "Phòng Hợp tác quốc tế, Sở Ngoại vụ, đã có thành tích"
    assert f"Điều 1. Tặng Giấy khen của Giám đốc Sở cho {named}" in text
    assert "0,6 lần mức lương cơ sở" in text
    assert "Bằng khen" not in text
    assert "/QĐ-SNgV" in text
    assert "Biên bản họp Hội đồng" not in own
    assert above not in text
