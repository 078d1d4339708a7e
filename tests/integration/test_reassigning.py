"""The Office puts somebody in a holder's place: on one item, in its step, among those whom the step's rules find."""

import pytest

from tests.waiting import until
from workflow.queries.audit import verify_database

pytestmark = pytest.mark.one_database

STAFF, HEAD, DEPUTY, OTHER_HEAD = (
    "staff.htqt@so.example",
    "head.htqt@so.example",
    "deputy.htqt@so.example",
    "head.ls@so.example",
)
OFFICER, AUDITOR = "officer@so.example", "auditor@so.example"


def reassign(
    running,
    code,
    by=OFFICER,
    old=HEAD,
    new=DEPUTY,
    why="Trưởng phòng đi công tác dài ngày",
    key=None,
):
    headers = {"Idempotency-Key": key} if key else {}
    return running.client(by).post(
        f"/items/{code}/reassign", json={"from": old, "to": new, "reason": why}, headers=headers
    )


def holders(running, code):
    return [
        each["email"] for each in running.client(AUDITOR).get(f"/items/{code}").json()["holders"]
    ]


def test_one_of_two_decides_in_the_place_of_the_other_and_both_are_told(running):
    code = running.item_in("submitted")["code"]
    old_link = running.link_for(code, HEAD)
    done = reassign(running, code, key="r1")
    assert done.status_code == 200, done.text
    assert reassign(running, code, key="r1").status_code == 200
    assert holders(running, code) == [DEPUTY]
    link = running.link_for(code, DEPUTY)
    until(
        lambda: (
            len(
                [
                    each
                    for each in running.mailbox.mails()
                    if each.recipient == HEAD and code in each.text
                ]
            )
            > 1
        )
    )
    with running.browser() as browser:
        gone = browser.post(old_link, data={"decision": "approve_department", "version": "2"})
        assert gone.status_code in {403, 409, 410}
        assert running.state_of(code) == "submitted"
        assert browser.get(link).status_code == 200
    assert running.decide(code, "approve_department", HEAD).status_code == 403
    assert running.decide(code, "approve_department", DEPUTY).status_code == 200
    entries = running.client(AUDITOR).get(f"/items/{code}/history").json()["data"]
    assert [each["type"] for each in entries].count("reassigned") == 1
    assert next(each for each in entries if each["type"] == "reassigned")["comment"].startswith(
        "Trưởng phòng đi công tác"
    )
    assert running.parts.database.report_blocking(verify_database).status == 0


def test_it_counts_in_its_step_only(running):
    code = running.item_in("submitted")["code"]
    assert reassign(running, code).status_code == 200
    assert running.decide(code, "return", DEPUTY, comment="Bổ sung").status_code == 200
    assert running.decide(code, "submit", STAFF).status_code == 200
    assert sorted(holders(running, code)) == sorted([HEAD, DEPUTY])


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"by": STAFF}, 403),
        ({"by": "director@so.example"}, 403),
        ({"new": STAFF}, 422),
        ({"new": "clerk@so.example"}, 422),
        ({"new": OTHER_HEAD}, 422),
        ({"new": "deputy.director@so.example"}, 422),
        ({"new": HEAD}, 422),
        ({"new": "nobody@so.example"}, 422),
        ({"old": OTHER_HEAD}, 422),
        ({"why": "  "}, 422),
    ],
)
def test_what_the_process_does_not_allow_is_refused_and_nothing_moves(running, more, status):
    code = running.item_in("submitted")["code"]
    assert reassign(running, code, **more).status_code == status
    assert sorted(holders(running, code)) == sorted([HEAD, DEPUTY])


def test_a_draft_and_an_ended_item_are_nobodys_to_hand_over(running):
    assert reassign(running, running.draft()["code"], old=STAFF).status_code == 422
    assert reassign(running, "DN-2022-9999").status_code == 404


def test_who_steps_aside_afterwards_or_leaves_gives_the_item_back_to_the_rule(running):
    code = running.item_in("submitted")["code"]
    assert reassign(running, code).status_code == 200
    recused = running.client(DEPUTY).post(f"/items/{code}/recuse", json={"reason": "Có liên quan"})
    assert recused.status_code == 200, recused.text
    assert holders(running, code) == [HEAD]


def test_the_page_offers_it_to_the_office_alone(running):
    code = running.item_in("submitted")["code"]
    with running.signed_in(HEAD) as browser:
        assert "Chuyển người xử lý" not in browser.get(f"/items/{code}").text
    with running.signed_in(OFFICER) as browser:
        text = browser.get(f"/items/{code}").text
        assert "Chuyển người xử lý" in text
        assert f'<option value="{DEPUTY}">' in text
        key = "e" * 32
        done = browser.post(
            f"/items/{code}/reassign",
            data={"key": key, "from": HEAD, "to": DEPUTY, "comment": "Đi vắng"},
        )
        assert "chuyển người xử lý" in done.text
