"""An additional opinion: asked of anyone, answered once, in the history, and the item stays where it is."""

import pytest

from tests.waiting import until
from workflow.queries.audit import verify_database

pytestmark = pytest.mark.one_database

HEAD, OTHER, STAFF, AUDITOR = (
    "head.htqt@so.example",
    "head.ls@so.example",
    "staff.htqt@so.example",
    "auditor@so.example",
)


def ask(running, code, by=HEAD, key=None, **body):
    headers = {"Idempotency-Key": key} if key else {}
    return running.client(by).post(f"/items/{code}/opinions", json=body, headers=headers)


def test_who_is_asked_sees_the_item_until_they_answer_and_nothing_moves(running):
    item = running.item_in("submitted")
    code = item["code"]
    assert running.client(OTHER).get(f"/items/{code}").status_code == 404
    first = ask(running, code, of=OTHER, words="Số liệu này khớp với phòng chị không?", key="q")
    assert first.status_code == 201, first.text
    assert (
        ask(running, code, of=OTHER, words="Số liệu này khớp với phòng chị không?", key="q").json()
        == first.json()
    )
    assert running.client(OTHER).get(f"/items/{code}").status_code == 200
    assert running.decide(code, "approve_department", OTHER).status_code in {403, 404}
    until(
        lambda: [each for each in running.mails_about(code, OTHER) if "Xin ý kiến" in each.subject]
    )
    with running.signed_in(OTHER) as browser:
        page = browser.get(f"/items/{code}").text
        assert "Số liệu này khớp" in page
        assert "Gửi ý kiến" in page
        browser.post(f"/items/{code}/opinions", data={"words": "Khớp, 12 đoàn."})
    assert running.client(OTHER).get(f"/items/{code}").status_code == 404
    until(
        lambda: [each for each in running.mails_about(code, HEAD) if "Đã có ý kiến" in each.subject]
    )
    entries = running.client(AUDITOR).get(f"/items/{code}/history").json()["data"]
    assert [(each["type"], each["comment"]) for each in entries[-2:]] == [
        ("opinion_asked", "Số liệu này khớp với phòng chị không?"),
        ("opinion_given", "Khớp, 12 đoàn."),
    ]
    after = running.client(HEAD).get(f"/items/{code}").json()
    assert (after["state"], after["version"], after["holders"]) == (
        item["state"],
        item["version"],
        item["holders"],
    )
    link = running.link_for(code, HEAD)
    assert "Chọn quyết định" in running.clients[HEAD].get(link).text, (
        "an opinion makes no link stale"
    )
    assert running.decide(code, "approve_department", HEAD).status_code == 200
    assert running.parts.database.report_blocking(verify_database).status == 0


@pytest.mark.parametrize(
    ("by", "body", "status"),
    [
        (HEAD, {"of": HEAD, "words": "?"}, 422),
        (HEAD, {"of": STAFF, "words": "?"}, 422),
        (HEAD, {"of": "nobody@so.example", "words": "?"}, 422),
        (HEAD, {"of": OTHER, "words": " "}, 422),
        (HEAD, {"words": "Không ai hỏi"}, 403),
        (STAFF, {"of": OTHER, "words": "?"}, 403),
        (OTHER, {"of": STAFF, "words": "?"}, 404),
    ],
)
def test_what_cannot_be_asked_or_answered_is_refused(running, by, body, status):
    code = running.item_in("submitted")["code"]
    assert ask(running, code, by=by, **body).status_code == status


def test_nobody_is_asked_twice_at_once(running):
    code = running.item_in("submitted")["code"]
    assert ask(running, code, of=OTHER, words="Được không?").status_code == 201
    assert ask(running, code, of=OTHER, words="Được không?").status_code == 422
    assert ask(running, code, by=OTHER, words="Được").status_code == 201
    assert ask(running, code, of=OTHER, words="Thêm?").status_code == 201


def test_a_refused_question_is_kept_in_its_form(running):
    code = running.item_in("submitted")["code"]
    with running.signed_in(HEAD) as browser:
        answer = browser.post(
            f"/items/{code}/opinions", data={"of": STAFF, "words": "Câu hỏi đã gõ"}
        )
        assert answer.status_code == 409
        assert "Câu hỏi đã gõ</textarea>" in answer.text
        assert "<details open><summary" in answer.text
        answer = browser.post(f"/items/{code}/recuse", data={"comment": "x" * 2001})
        assert "x" * 2001 + "</textarea>" in answer.text


def test_a_page_address_that_is_malformed_gets_a_sentence_for_people(running):
    with running.signed_in(HEAD) as browser:
        answer = browser.get("/deadlines/calendar?year=x")
        assert answer.status_code == 422
        assert "Hãy quay lại trang trước" in answer.text
        assert "reasons" not in answer.text
