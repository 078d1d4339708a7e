"""What is pending holds a nominee wherever the rules ask; few read why, and nothing else finds it."""

import pytest

from tests.councils import CHIEF, DIRECTOR, HEAD, OFFICER, STAFF, nomination, prepared
from tests.integration.test_nominee_lists import collective, listed, person
from workflow.queries.audit import verify_database

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


def test_a_list_waits_for_the_row_of_whom_something_is_pending_against(running):
    number = pending(running, person=BORDER)
    code = listed(running, [person(BORDER), collective("Tổ Chờ")]).json()["code"]
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
        code = listed(running, [collective("Tổ Chờ"), collective(named)]).json()["code"]
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
