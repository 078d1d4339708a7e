"""Findings of the audit: an auditor attaches one to an entry, whom it asks answers, and it stays for good."""

import re

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.waiting import until
from workflow.queries.audit import verify_database

AUDITOR, HEAD, OFFICER = "auditor@so.example", "head.htqt@so.example", "officer@so.example"


@pytest.fixture
def finding(running):
    code = running.item_in("submitted")["code"]
    body = {
        "entry": f"item:{code}@2",
        "title": "Duyệt quá nhanh",
        "words": "Vì sao duyệt ngay?",
        "addressee": HEAD,
    }
    answer = running.client(AUDITOR).post("/findings", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def verified(running):
    with running.parts.engines.read.connect() as connection, connection.begin():
        return verify_database(connection).status


@pytest.mark.one_database
def test_a_finding_is_answered_closed_and_each_of_it_is_an_entry(running, finding):
    path = f"/findings/{finding['id']}/notes"
    head, auditor = running.client(HEAD), running.client(AUDITOR)
    mail = until(
        lambda: [
            each
            for each in running.mailbox.mails()
            if f"/findings/{finding['id']}" in each.text and each.recipient == HEAD
        ]
    )
    assert "Duyệt quá nhanh" not in mail[0].text
    with running.signed_in(HEAD) as browser:
        menu, waiting, *_, bar = re.findall(r'class="count[^"]*">\s*(\d+)', browser.get("/").text)
    assert menu == waiting == bar != "0", "the menu counts what the page shows"
    assert head.post(path, json={"words": "Hồ sơ đã xem trước."}).status_code == 201
    closing = {"words": "Đã làm rõ.", "closes": True}
    assert head.post(path, json=closing).status_code == 403
    closed = auditor.post(path, json=closing)
    assert closed.status_code == 201, closed.text
    assert [each["by"] for each in closed.json()["notes"]] == [AUDITOR, HEAD, AUDITOR]
    assert closed.json()["closed_at"] is not None
    refused = auditor.post(path, json={"words": "Thêm"})
    assert (refused.status_code, refused.json()["reasons"][0]["rule"]) == (422, "closed")
    kept = auditor.get("/history", params={"kind": "findings", "limit": 3}).json()["data"]
    assert [each["type"] for each in kept] == [
        "finding_closed",
        "finding_noted",
        "finding_opened",
    ]
    assert {each["subject"] for each in kept} == {f"finding:{finding['id']}"}
    assert kept[2]["data"]["about"] == finding["entry"].partition("@")[0]
    assert verified(running) == 0


@pytest.mark.one_database
def test_a_finding_is_read_by_auditors_and_by_whom_it_asks(running, finding):
    path = f"/findings/{finding['id']}"
    for email, status in ((AUDITOR, 200), (HEAD, 200), (OFFICER, 404)):
        assert running.client(email).get(path).status_code == status
        listed = running.client(email).get("/findings", params={"open": True}).json()["data"]
        assert (finding["id"] in {each["id"] for each in listed}) == (status == 200)
    with running.signed_in(HEAD) as head:
        assert re.search(rf'href="{path}"\s*>Duyệt quá nhanh</a>', head.get("/").text)
        page = head.post(f"{path}/notes", data={"words": "Đã xem.", "do": "note"}).text
        assert "Đã xem." in page
        assert 'value="close"' not in page
        closing = {"words": "Đóng.", "do": "close"}
        assert head.post(f"{path}/notes", data=closing).status_code == 403, "as by the interface"
    with running.signed_in(AUDITOR) as auditor:
        form = auditor.get("/findings/new", params={"entry": finding["entry"]}).text
        assert finding["entry"] in form
        refused = auditor.post("/findings", data={"entry": finding["entry"], "title": "Tên"})
        assert refused.status_code == 422
        assert 'value="Tên"' in refused.text


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"entry": "item:DN-1999-0001@1"}, 404),
        ({"entry": "x"}, 404),
        ({"title": ""}, 422),
        ({"words": " "}, 422),
        ({"addressee": "nobody@x.vn"}, 422),
    ],
)
def test_what_is_no_finding_is_refused(running, finding, wrong, status):
    body = {"entry": finding["entry"], "title": "Tên", "words": "Lời", **wrong}
    assert running.client(AUDITOR).post("/findings", json=body).status_code == status


GUARDED = [
    "DELETE FROM findings",
    "DELETE FROM finding_notes",
    "UPDATE findings SET title = 'x'",
    "UPDATE findings SET addressee = NULL",
    "UPDATE finding_notes SET words = 'x'",
]


@pytest.mark.parametrize("statement", GUARDED)
def test_the_database_itself_keeps_findings(running, finding, statement):
    with running.parts.engines.write.connect() as connection, pytest.raises(DBAPIError):
        connection.execute(text(statement))


def test_a_finding_closed_past_the_program_is_named(running, finding):
    assert verified(running) == 0
    with running.parts.engines.write.begin() as connection:
        close = text("UPDATE findings SET closed_at = '2022-05-04T01:00:00.000000Z' WHERE id = :id")
        connection.execute(close, {"id": finding["id"]})
    assert verified(running) == 1
