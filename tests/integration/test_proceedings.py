"""What is pending holds a nominee wherever the rules ask; few read why, and nothing else finds it."""

import pytest

from tests.councils import CHIEF, DIRECTOR, HEAD, OFFICER, STAFF, nomination, prepared
from tests.integration.test_nominee_lists import collective, listed, person
from tests.integration.test_signed_copies import text_of
from workflow.definition import OutgoingRules
from workflow.queries.audit import verify_database
from workflow.store import proposals

AUDITOR, BORDER, OTHER = "auditor@so.example", "staff.bg@so.example", "head.bg@so.example"
DOCUMENT = "Quyết định số 12/QĐ-SNgV"
WHY = "Chậm nộp hồ sơ mật xuân thu"
HELD = "Hồ sơ đang tạm dừng xét; đề nghị liên hệ Văn phòng Sở."


@pytest.fixture(autouse=True)
def whole(running):
    yield
    verdict = running.parts.database.report_blocking(verify_database)
    assert verdict.status == 0, verdict.sentence


def pending(running, **more):
    body = {
        "kind": "discipline",
        "since": "2022-05-01",
        "document": DOCUMENT,
        "document_on": "2022-05-01",
        "words": WHY,
        **more,
    }
    answer = running.client(OFFICER).post("/proceedings", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def ended(running, number, **more):
    body = {
        "outcome": "cleared",
        "ended_on": "2022-05-04",
        "document": "Kết luận số 15/KL-SNgV",
        "document_on": "2022-05-04",
        **more,
    }
    return running.client(OFFICER).post(f"/proceedings/{number}/end", json=body)


def said(answer):
    return " ".join(each["message"] for each in answer.json()["reasons"])


def test_a_list_of_those_whom_something_is_pending_against_waits(running):
    number = pending(running, person=BORDER)
    code = listed(running, [person(BORDER)]).json()["code"]
    refused = running.decide(code, "submit", STAFF)
    assert refused.status_code == 422
    # One sentence for the whole item: neither whom, nor why.
    assert said(refused) == HELD
    for reader, reads_why in ((STAFF, False), (HEAD, False), (OFFICER, True), (DIRECTOR, True)):
        with running.signed_in(reader) as browser:
            page = browser.get(f"/items/{code}").text
            register = browser.get("/proceedings")
            form = browser.get(f"/items/{code}/edit").text if reader == STAFF else ""
        assert (DOCUMENT in page) is reads_why, reader
        assert "tạm dừng" not in (form if reads_why else page + form)
        assert register.status_code == (200 if reads_why else 403)
        assert WHY not in page
    assert running.client(HEAD).get(f"/proceedings/{number}").status_code == 403
    with running.signed_in(AUDITOR) as auditor:
        assert WHY in auditor.get(f"/proceedings/{number}").text
    # Whom it is about reads it among what is held on them; who wrote it, only that they did.
    own, officer = (running.client(e).get("/me/data").json()["data"] for e in (BORDER, OFFICER))
    assert WHY in {each["words"] for each in own["proceedings"]}
    assert number in {each["id"] for each in officer["proceedings_recorded"]}
    assert WHY not in str(officer)
    # Nothing that anybody searches in finds it, whoever they are.
    for reader in (STAFF, OFFICER, AUDITOR):
        with running.signed_in(reader) as browser:
            assert "Không" in browser.get("/items", params={"q": WHY}).text
    assert ended(running, number, served_on="2022-06-01").status_code == 422
    assert ended(running, number).status_code == 200
    assert ended(running, number).status_code == 422
    assert running.decide(code, "submit", STAFF).status_code == 200


def test_what_comes_up_later_holds_the_council_and_the_director(running):
    code = nomination(running, nominee="Phòng Quản lý biên giới")
    simple = nomination(running, procedure="simplified", nominee="Phòng Quản lý biên giới")
    found = prepared(running, code)
    number = pending(running, department="quan-ly-bien-gioi", kind="inspection")
    vote = running.client(DIRECTOR).post(f"/council-rounds/{found['id']}/vote")
    assert vote.status_code == 422
    assert f"{code} đang tạm dừng xét" in said(vote)
    with running.signed_in(HEAD) as member:
        page = member.get(f"/rounds/{found['id']}").text
    assert ("Tạm dừng xét" in page, DOCUMENT in page) == (True, False)
    signed = running.decide(simple, "sign_director", DIRECTOR, pin="246810")
    assert signed.status_code == 422
    assert DOCUMENT in said(signed)
    assert "Nghị định 91/2017" in said(signed)
    assert ended(running, number).status_code == 200
    assert running.decide(simple, "sign_director", DIRECTOR, pin="246810").status_code == 200
    assert running.client(DIRECTOR).post(f"/council-rounds/{found['id']}/vote").status_code == 201


def test_what_comes_up_after_the_signature_holds_the_way_out_and_no_undo_gets_past_it(running):
    clerk = "clerk@so.example"
    codes = [
        nomination(running, procedure="simplified", nominee="Phòng Quản lý biên giới")
        for _ in range(2)
    ]
    for code in codes:
        signed = running.decide(code, "sign_director", DIRECTOR, pin="246810")
        assert signed.status_code == 200, signed.text
    sent, returned = codes
    number = pending(running, department="quan-ly-bien-gioi", kind="investigation")
    refused = running.decide(sent, "send_to_board", clerk)
    assert refused.status_code in {403, 422}
    assert HELD in said(refused)
    assert DOCUMENT not in refused.text
    back = {"comment": "Xem lại", "to": "office_reviewed"}
    assert running.decide(returned, "return", clerk, **back).status_code == 200
    undone = running.client(clerk).post(f"/items/{returned}/undo")
    assert undone.status_code == 403, undone.text
    assert HELD in said(undone)
    assert ended(running, number).status_code == 200
    assert running.client(clerk).post(f"/items/{returned}/undo").status_code == 200
    assert running.decide(sent, "send_to_board", clerk).status_code == 200


def test_the_pages_write_it_down_and_nobody_of_themselves(running):
    form = {
        "person": OFFICER,
        "kind": "complaint",
        "since": "01/05/2022",
        "document": "Đơn số 3/VP",
        "document_on": "01/05/2022",
        "words": "Nội dung đơn",
    }
    with running.signed_in(OFFICER) as office:
        assert office.post("/proceedings", data=form).status_code == 403
        late = office.post("/proceedings", data={**form, "person": OTHER, "since": "01/06/2099"})
        assert late.status_code == 422
        assert "Nội dung đơn" in late.text
        made = office.post("/proceedings", data={**form, "person": OTHER})
        assert made.status_code == 200, made.text
        end = {
            "outcome": "disciplined",
            "ended_on": "04/05/2022",
            "document": "Quyết định số 20/QĐ-SNgV",
            "document_on": "04/05/2022",
        }
        assert office.post(made.url.path, data=end).status_code == 422
        done = office.post(made.url.path, data={**end, "served_on": "01/08/2022"})
        assert done.status_code == 200
        assert "Bị xử lý kỷ luật" in done.text
    with running.signed_in(CHIEF) as chief:
        assert chief.post("/proceedings", data={**form, "person": OFFICER}).status_code == 200
    for reader in (STAFF, HEAD, "clerk@so.example", "admin@so.example"):
        with running.signed_in(reader) as browser:
            assert browser.post("/proceedings", data=form).status_code == 403


def test_what_has_ended_is_erased_with_a_second_person_and_only_then(running):
    number = pending(running, person=OTHER, words="Chữ phải xóa")
    erase = {"of": f"proceeding:{number}", "why": "Hết thời hạn lưu"}
    with running.signed_in(OFFICER) as office:
        assert office.post("/privacy/erase", data=erase).status_code == 422
        assert ended(running, number).status_code == 200
        assert "Chữ phải xóa" in office.get(f"/proceedings/{number}").text
        assert office.post("/privacy/erase", data=erase).status_code == 200
        running.confirm()
        page = office.get(f"/proceedings/{number}").text
    assert "Chữ phải xóa" not in page
    assert DOCUMENT not in page
    with running.signed_in(AUDITOR) as auditor:
        entries = auditor.get("/history", params={"q": f"proceeding:{number}"}).text
    assert "Chữ phải xóa" not in entries
    own = running.client(OTHER).get("/me/data").json()["data"]["proceedings"]
    (kept,) = [each for each in own if each["id"] == number]
    assert (kept["words"], kept["document"], kept["end_document"]) == ("", "", "")


def test_a_department_is_held_by_every_name_that_it_had_and_no_other_takes_one(running):
    pending(running, department="quan-ly-bien-gioi", kind="inspection")
    before, admin = "Phòng Quản lý biên giới", running.client("admin@so.example")
    path = "/departments/quan-ly-bien-gioi"
    assert admin.patch(path, json={"name": "Phòng Biên phòng"}).status_code == 200
    for taken in (before, f"Tập thể {before.upper()}", "Phòng  Biên\u00a0phòng"):
        added = admin.post("/departments", json={"id": "khac", "name": taken})
        renamed = admin.patch("/departments/lanh-su", json={"name": taken})
        assert (added.status_code, renamed.status_code) == (422, 422), taken
    for named in (before, "Phòng Biên phòng", "Рhòng  Biên\u200d phòng"):
        code = listed(running, [collective(named)]).json()["code"]
        refused = running.decide(code, "submit", STAFF)
        assert refused.status_code == 422, named
        assert HELD in said(refused)


def test_a_hold_on_a_person_or_on_what_was_pending_keeps_it_from_erasure(running):
    number = pending(running, person=OTHER, words="Chữ được giữ")
    assert ended(running, number).status_code == 200
    subject, office = f"proceeding:{number}", running.client(OFFICER)
    erase = {"of": subject, "reason": "Hết thời hạn lưu"}
    for about in (subject, f"person:{OTHER}"):
        held = office.post("/privacy/holds", json={"about": about, "reason": "Có đơn"})
        assert held.status_code == 201, held.text
        refused = office.post("/privacy/erasures", json=erase)
        assert refused.status_code == 422, about
        assert "hold" in {each["rule"] for each in refused.json()["reasons"]}
        lift = f"/privacy/holds/{held.json()['id']}/lift"
        assert office.post(lift, json={"reason": "Xong"}).status_code in {200, 204}
    assert office.post("/privacy/erasures", json=erase).status_code < 300
    absent = office.post("/privacy/holds", json={"about": "proceeding:99999", "reason": "Có đơn"})
    assert absent.status_code == 404


def test_nobody_proposes_that_what_was_against_themselves_goes(running):
    number = pending(running, person=CHIEF)
    assert ended(running, number).status_code == 200
    erase = {"of": f"proceeding:{number}", "reason": "Hết thời hạn lưu"}
    refused = running.client(CHIEF).post("/privacy/erasures", json=erase)
    assert refused.status_code == 403, refused.text
    assert running.client(OFFICER).post("/privacy/erasures", json=erase).status_code < 300


@pytest.mark.parametrize(("served", "status"), [("2027-05-05", 422), ("2027-05-04", 200)])
def test_a_discipline_is_served_within_years_and_days_are_days_that_the_product_knows(
    running, served, status
):
    number, done = pending(running, person=OTHER), {"outcome": "disciplined"}
    for day in ("9999-01-01", 1652000000, "2022-05-04T00:00:00"):
        assert ended(running, number, **done, served_on=day).status_code == 422, day
    assert ended(running, number, **done, served_on=served).status_code == status


def corrected(running, number, end, reader=OFFICER, **more):
    body = {"end": end, "reason": "Ghi nhầm số văn bản", **more}
    return running.client(reader).post(f"/proceedings/{number}/corrections", json=body)


def waiting(running):
    return running.client(OFFICER).get("/proposals").json()["data"]


def confirming(running, proposal):
    return running.client(DIRECTOR).post(f"/proposals/{proposal}/confirm", json={"pin": "246810"})


def reject(running, proposal):
    path = f"/proposals/{proposal}/reject"
    assert running.client(OFFICER).post(path, json={"comment": "Trùng"}).status_code == 200


DISCIPLINED = {
    "outcome": "disciplined",
    "ended_on": "2022-05-04",
    "document": "Quyết định số 20/QĐ-SNgV",
    "document_on": "2022-05-04",
    "served_on": "2023-05-04",
}
CLEARED = {
    "outcome": "cleared",
    "ended_on": "2022-05-04",
    "document": "Kết luận số 16/KL-SNgV",
    "document_on": "2022-05-04",
}


def test_an_end_that_was_written_wrongly_is_corrected_and_holds_again(running):
    number = pending(running, person=BORDER)
    early = corrected(running, number, CLEARED)
    assert (early.status_code, early.json()["reasons"][0]["rule"]) == (422, "state")
    assert ended(running, number).status_code == 200
    code = listed(running, [person(BORDER)]).json()["code"]
    # It was never over: one person says so alone, for nobody gains by it.
    again = corrected(running, number, None)
    assert again.status_code == 200, again.text
    assert again.json()["outcome"] is None
    assert again.json()["first_end"]["document"] == "Kết luận số 15/KL-SNgV"
    refused = running.decide(code, "submit", STAFF)
    assert refused.status_code == 422
    assert HELD in said(refused)
    assert ended(running, number).status_code == 422
    # That it has ended sets free, so it waits for a second person.
    waits = corrected(running, number, CLEARED)
    assert waits.status_code == 202, waits.text
    assert corrected(running, number, CLEARED).status_code == 422
    assert running.decide(code, "submit", STAFF).status_code == 422
    running.confirm()
    assert running.decide(code, "submit", STAFF).status_code == 200
    kept = running.client(AUDITOR).get(f"/proceedings/{number}").json()
    assert kept["end_document"] == CLEARED["document"]
    told = [(each["corrected_by"], each["confirmed_by"]) for each in kept["corrections"]]
    assert told == [(OFFICER, None), (OFFICER, DIRECTOR)]
    with running.signed_in(OFFICER) as office:
        page = office.get(f"/proceedings/{number}").text
        entries = office.get("/history", params={"q": f"proceeding:{number}"}).text
    for words in ("Kết luận số 15/KL-SNgV", "Kết luận số 16/KL-SNgV", "Ghi nhầm số văn bản"):
        assert words in page, words
        assert words not in entries, words


def test_what_frees_needs_a_second_person_and_what_holds_longer_does_not(running):
    number = pending(running, person=BORDER)
    assert ended(running, number, **DISCIPLINED).status_code == 200
    shorter = {**DISCIPLINED, "served_on": "2022-08-04"}
    longer = {**DISCIPLINED, "served_on": "2024-05-04"}
    other = {**DISCIPLINED, "document": "Quyết định số 21/QĐ-SNgV"}
    late = {**DISCIPLINED, "served_on": "2027-05-05"}
    assert corrected(running, number, DISCIPLINED).status_code == 422
    assert corrected(running, number, late).status_code == 422
    assert corrected(running, number, {**CLEARED, "served_on": "2022-08-04"}).status_code == 422
    assert corrected(running, number, other, reason="").status_code == 422
    assert corrected(running, number, other).status_code == 200
    assert corrected(running, number, longer).status_code == 200
    assert corrected(running, number, shorter).status_code == 202
    assert corrected(running, number, CLEARED).status_code == 202
    assert running.client(OFFICER).get(f"/proceedings/{number}").json()["served_on"] == "2024-05-04"
    for reader in (STAFF, HEAD, AUDITOR, DIRECTOR):
        assert corrected(running, number, None, reader).status_code == 403, reader
    cleared, served = (each["id"] for each in waiting(running)[:2])
    assert confirming(running, served).status_code == 200
    # What the other one was made against is no longer so.
    assert confirming(running, cleared).status_code == 409
    reject(running, cleared)
    found = running.client(OFFICER).get(f"/proceedings/{number}").json()
    assert (found["outcome"], found["served_on"]) == ("disciplined", "2022-08-04")


def test_nobody_corrects_what_was_against_themselves_nor_frees_their_own_department(running):
    number = pending(running, person=CHIEF)
    assert ended(running, number, **DISCIPLINED).status_code == 200
    assert corrected(running, number, CLEARED, CHIEF).status_code == 403
    director = pending(running, person=DIRECTOR)
    assert ended(running, director, **DISCIPLINED).status_code == 200
    waits = corrected(running, director, CLEARED)
    assert waits.status_code == 202, waits.text
    assert DIRECTOR not in waits.json()["proposal"]["confirmers"]
    answer = confirming(running, waits.json()["proposal"]["id"])
    assert answer.status_code == 403, answer.text
    reject(running, waits.json()["proposal"]["id"])


def test_a_correction_is_erased_with_what_it_corrects(running):
    number = pending(running, person=OTHER)
    assert ended(running, number, **DISCIPLINED).status_code == 200
    assert corrected(running, number, {**CLEARED, "words": "Chữ phải xóa"}).status_code == 202
    running.confirm()
    own = running.client(OTHER).get("/me/data").json()["data"]
    assert "Chữ phải xóa" in str(own["proceeding_corrections"])
    assert "Chữ phải xóa" not in str(running.client(OFFICER).get("/me/data").json()["data"])
    with running.signed_in(OFFICER) as office:
        erase = {"of": f"proceeding:{number}", "why": "Hết thời hạn lưu"}
        assert office.post("/privacy/erase", data=erase).status_code == 200
        running.confirm()
        assert "Chữ phải xóa" not in office.get(f"/proceedings/{number}").text
        assert corrected(running, number, None).status_code == 422
    kept = running.parts.database.report_blocking(lambda c: proposals.newest_proposals(c, None))
    assert "Chữ phải xóa" not in str(kept)


CLERK = "clerk@so.example"
SIMPLE = {"procedure": "simplified", "procedure_ground": "Khen thưởng đột xuất"}
TO_RECEIVED = (
    ("submit", STAFF, {}),
    ("approve_department", HEAD, {}),
    ("review_office", OFFICER, {}),
    ("sign_director", DIRECTOR, {"pin": "246810"}),
    ("send_to_board", CLERK, {}),
    ("acknowledge", CLERK, {}),
)


def led(running, code, steps=TO_RECEIVED):
    for transition, by, more in steps:
        answer = running.decide(code, transition, by, **more)
        assert answer.status_code == 200, (transition, answer.text)
    return code


@pytest.fixture
def given_on_paper(running):
    """Decisions up to number 12 of the year were given before the register was kept here."""
    context, kept = running.parts.context, running.parts.context.outgoing
    rules = OutgoingRules(kept="here", before={"QĐ": 12}, before_in=2022)
    object.__setattr__(context, "outgoing", rules)
    yield
    object.__setattr__(context, "outgoing", kept)


def test_one_held_row_of_a_list_waits_and_the_others_go_on(running, given_on_paper):
    number = pending(running, person=BORDER)
    rows = [person(BORDER), collective("Tổ Đi tiếp")]
    code = led(running, listed(running, rows, **SIMPLE).json()["code"])
    with running.signed_in(DIRECTOR) as director:
        decision = text_of(director.get(f"/items/{code}/documents/decision.pdf").content)
    assert "Tổ Đi tiếp" in decision
    assert running.person(BORDER).name not in decision
    given = {"decision_number": "12/QĐ-SNgV"}
    assert running.decide(code, "record_award", CLERK, **given).status_code == 200
    assert running.state_of(code) == "awarded"
    typed = {"waited": f"{code}.2", "result": "given", "decision_number": "11/QĐ-SNgV"}
    for reader in (STAFF, CLERK, OFFICER):
        with running.signed_in(reader) as browser:
            page, awards = browser.get(f"/items/{code}").text, browser.get("/awards").text
            answer = browser.post("/awards/decide", data=typed)
        assert "Chưa có kết quả: đang chờ ghi riêng" in page, reader
        assert (DOCUMENT in page) is (reader == OFFICER), reader
        assert (f"{code}.2: {running.person(BORDER).name}" in awards) is (reader == OFFICER)
        # Held still: the words of the rule, with its source; nobody else may at all.
        assert answer.status_code == (422 if reader == OFFICER else 403), reader
        assert ("Nghị định 91/2017" in answer.text) is (reader == OFFICER)
    assert ended(running, number, ended_on="2022-05-04").status_code == 200
    with running.signed_in(OFFICER) as office:
        for wrong in (
            {"waited": f"{code}.1"},
            {"waited": f"{code}.9"},
            {"result": ""},
            {"decision_number": ""},
            {"decision_number": "13/QĐ-SNgV"},
            {"result": "refused"},
        ):
            refused = office.post("/awards/decide", data=typed | wrong)
            assert refused.status_code == 422, wrong
        done = office.post("/awards/decide", data=typed)
        assert done.status_code == 200, done.text
        assert "Quyết định 11/QĐ-SNgV" in done.text
        assert office.post("/awards/decide", data=typed).status_code == 422
        assert f"{code}.2" in office.get("/awards").text
    with running.signed_in(DIRECTOR) as director:
        assert running.person(BORDER).name not in text_of(
            director.get(f"/items/{code}/documents/decision.pdf").content
        )


def test_the_result_of_one_who_is_held_is_not_recorded_as_an_award(running, given_on_paper):
    codes = [nomination(running, procedure="simplified", nominee="Phòng Lãnh sự") for _ in range(2)]
    for code in codes:
        led(running, code, TO_RECEIVED[3:])
    pending(running, department="lanh-su", kind="complaint", since="2022-05-04")
    given = {"decision_number": "12/QĐ-SNgV"}
    refused = running.decide(codes[0], "record_award", CLERK, **given)
    assert refused.status_code in {403, 422}
    assert HELD in said(refused)
    assert DOCUMENT not in refused.text
    # That it was refused elsewhere is a fact.
    no = running.decide(codes[1], "record_refusal", CLERK, comment="Không đủ thành tích")
    assert no.status_code == 200, no.text
