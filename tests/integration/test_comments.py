"""Comments: said by whoever may read an item, seen by everybody who may, in the history, and the item stays where it is."""

import pytest

from tests.waiting import until
from workflow.queries.audit import verify_database
from workflow.store import history, item_decisions, items

pytestmark = pytest.mark.one_database

STAFF, HEAD, OTHER, AUDITOR = (
    "staff.htqt@so.example",
    "head.htqt@so.example",
    "head.ls@so.example",
    "auditor@so.example",
)


def comment(running, code, by, words, key=None):
    headers = {"Idempotency-Key": key} if key else {}
    return running.client(by).post(
        f"/items/{code}/comments", json={"words": words}, headers=headers
    )


def test_what_was_said_besides_is_not_read_for_a_decision(running):
    code = running.item_in("department_approved")["code"]
    for number in range(3):
        assert comment(running, code, STAFF, f"Ý kiến {number}").status_code == 201
    returned = running.decide(code, "return", "officer@so.example", comment="Bổ sung")
    assert returned.status_code == 200, returned.text
    with running.parts.engines.read.connect() as connection:
        item = items.find_item(connection, code)
        entries = history.entries_of(connection, item.subject)
        deciding = [each for each in entries if each.decided_version is not None]
        assert [*item_decisions.entries_deciding(connection, item.id)] == deciding
        judged = item_decisions.decisions_of(connection, item.id)
    assert [each.seq for each in judged] == [each.seq for each in deciding]
    assert {each.told for each in judged} == {None}
    assert len(entries) == len(deciding) + 4


def test_a_comment_is_seen_mailed_and_recorded_and_moves_nothing(running):
    item = running.item_in("submitted")
    code = item["code"]
    link = running.link_for(code, HEAD)
    first = comment(
        running, code, "officer@so.example", "Nhờ phòng đính kèm biên bản họp.", key="c"
    )
    assert first.status_code == 201, first.text
    assert (
        comment(
            running, code, "officer@so.example", "Nhờ phòng đính kèm biên bản họp.", key="c"
        ).json()
        == first.json()
    )
    for who in (STAFF, HEAD):
        until(
            lambda who=who: [
                each
                for each in running.mails_about(code, who)
                if each.subject.startswith("[Ý kiến trao đổi]")
            ]
        )
    assert not [
        each
        for each in running.mails_about(code, "officer@so.example")
        if "trao đổi" in each.subject
    ]
    assert (
        "biên bản"
        not in [each for each in running.mails_about(code, HEAD) if "trao đổi" in each.subject][
            -1
        ].text
    ), "words stay inside"
    with running.signed_in(STAFF) as browser:
        answer = browser.post(f"/items/{code}/comments", data={"words": "Đã rõ.\r\nSẽ bổ sung."})
        assert answer.status_code == 200
        assert answer.text.count("biên bản họp") >= 1
        assert "Đã rõ.\nSẽ bổ sung." in answer.text
    entries = running.client(AUDITOR).get(f"/items/{code}/history").json()["data"]
    assert [each["type"] for each in entries[-2:]] == ["commented", "commented"]
    after = running.client(HEAD).get(f"/items/{code}").json()
    assert (after["state"], after["version"], after["holders"]) == (
        item["state"],
        item["version"],
        item["holders"],
    )
    assert "Chọn quyết định" in running.clients[HEAD].get(link).text, (
        "a comment makes no link stale"
    )
    assert running.decide(code, "approve_department", HEAD).status_code == 200
    assert running.parts.database.report_blocking(verify_database).status == 0


@pytest.mark.parametrize(
    ("by", "words", "status"),
    [
        (STAFF, " ", 422),
        (STAFF, "x" * 4001, 422),
        (STAFF, "a\x07", 422),
        (OTHER, "Không thấy", 404),
        (AUDITOR, "Ghi?", 403),
    ],
)
def test_what_cannot_be_said_is_refused(running, by, words, status):
    code = running.draft()["code"]
    assert comment(running, code, by, words).status_code == status


def test_a_refused_comment_is_kept_in_the_form(running):
    code = running.draft()["code"]
    with running.signed_in(STAFF) as browser:
        answer = browser.post(
            f"/items/{code}/comments", data={"words": "Điều đã gõ" + " " * 4000 + "."}
        )
        assert answer.status_code == 409
        assert "Điều đã gõ" in answer.text
    with running.signed_in(AUDITOR) as browser:
        assert "/comments" not in browser.get(f"/items/{code}").text


def test_nobody_floods_an_item(running):
    code = running.draft()["code"]
    for number in range(20):
        assert comment(running, code, STAFF, f"Lần {number}").status_code == 201
    assert comment(running, code, STAFF, "Lần nữa").status_code == 403
    assert comment(running, code, HEAD, "Người khác vẫn ghi được").status_code in {201, 404}
