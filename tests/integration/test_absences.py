"""Absences and limited delegations: who decides meanwhile, what the law refuses, and that nothing is ever left with nobody."""

from dataclasses import replace
from datetime import timedelta

import pytest

from notifications.tick import tick
from tests.waiting import until
from workflow.commands import refresh_holders
from workflow.commands.refresh_holders import RefreshHolders

pytestmark = pytest.mark.one_database

STAFF, HEAD, DEPUTY, OTHER = (
    "staff.htqt@so.example",
    "head.htqt@so.example",
    "deputy.htqt@so.example",
    "head.ls@so.example",
)
OFFICER, CHIEF, DIRECTOR, SECOND = (
    "officer@so.example",
    "chief@so.example",
    "director@so.example",
    "deputy.director@so.example",
)


def today(running, days=0):
    return (
        running.parts.context.calendar.local_day(running.parts.clock.now()) + timedelta(days=days)
    ).isoformat()


def away(running, who, by=None, stand_in=None, starts=0, ends=3):
    body = {
        "person": who,
        "stand_in": stand_in,
        "starts_on": today(running, starts),
        "ends_on": today(running, ends),
    }
    factor = {"pin": "246810"} if stand_in else {}
    return running.client(by or who).post("/absences", json={**body, **factor})


def back(running, absence, by=OFFICER):
    return running.client(by).post(f"/absences/{absence}/end")


def holding(running, code, by=CHIEF):
    return {
        each["email"]: each["on_behalf_of"]
        for each in running.client(by).get(f"/items/{code}").json()["holders"]
    }


def test_while_somebody_is_away_the_others_hold_and_afterwards_it_comes_back(running):
    item = running.item_in("submitted")
    made = away(running, HEAD)
    assert made.status_code == 201, made.text
    assert holding(running, item["code"]) == {DEPUTY: None}
    refused = running.decide(item["code"], "approve_department", HEAD)
    assert refused.status_code == 403
    assert back(running, made.json()["id"]).status_code == 200
    assert holding(running, item["code"]) == {HEAD: None, DEPUTY: None}
    until(lambda: [mail for mail in running.mails_about(item["code"], HEAD) if mail.decision_links])


def test_a_named_stand_in_decides_and_both_stand_in_the_history(running):
    item = running.item_in("submitted")
    first, second = away(running, HEAD, stand_in=OTHER), away(running, DEPUTY, stand_in=OTHER)
    assert (first.status_code, second.status_code) == (201, 201)
    assert list(holding(running, item["code"])) == [OTHER]
    assert running.decide(item["code"], "approve_department", OTHER).status_code == 200
    entry = (
        running.client("auditor@so.example")
        .get(f"/items/{item['code']}/history")
        .json()["data"][-1]
    )
    assert entry["actor"] == OTHER
    assert entry["on_behalf_of"] in {HEAD, DEPUTY}
    for made in (first, second):
        back(running, made.json()["id"])


def test_when_everybody_is_away_the_item_still_waits_for_them(running):
    item = running.item_in("submitted")
    made = [away(running, who) for who in (HEAD, DEPUTY)]
    assert set(holding(running, item["code"])) == {HEAD, DEPUTY}
    for each in made:
        back(running, each.json()["id"])


def test_an_absence_begins_and_ends_by_itself(running):
    item = running.item_in("submitted")
    made = away(running, HEAD, starts=2, ends=2)
    assert set(holding(running, item["code"])) == {HEAD, DEPUTY}
    seen = []
    for _ in range(3):
        running.parts.clock.advance(timedelta(days=1))
        running.run(running.parts.database.write(RefreshHolders()))
        seen.append(set(holding(running, item["code"])))
    assert seen == [{HEAD, DEPUTY}, {DEPUTY}, {HEAD, DEPUTY}]
    assert made.status_code == 201


def test_a_tick_makes_holders_follow_a_new_day_piece_by_piece(running, monkeypatch):
    """What does not follow is found beside the committer, and that all follow is said once they do."""
    monkeypatch.setattr(refresh_holders, "_PIECE", 1)
    codes = [running.item_in("submitted")["code"] for _ in range(2)]
    made = away(running, HEAD, starts=1, ends=1)
    running.parts.clock.advance(timedelta(days=1))

    def due():
        return running.parts.database.report_blocking(
            lambda connection: refresh_holders.refreshes(running.parts.context, connection)
        )

    *found, last = due()
    assert len(found) >= 2
    assert {len(each.items) for each in found} == {1}
    running.run(running.parts.database.write(found[0]))
    assert len(due()) == len(found), "a tick that died after one goes on with the others"
    running.run(running.parts.database.write(replace(last, mark="of another day")))
    assert due()
    running.run(tick(running.parts.database, running.parts.reminders))
    assert [set(holding(running, each)) for each in codes] == [{DEPUTY}] * 2
    assert due() == []
    back(running, made.json()["id"])


def test_who_decided_before_cannot_stand_in_for_somebody_else_on_the_same_item(running):
    terms = {
        "from": DIRECTOR,
        "to": CHIEF,
        "starts_on": today(running),
        "ends_on": today(running, 1),
        "document": "5/UQ",
        "terms": "Ký tờ trình",
        "pin": "246810",
    }
    assert running.client(DIRECTOR).post("/delegations", json=terms).status_code == 201
    item = running.item_in("submitted")
    assert running.decide(item["code"], "approve_department", HEAD).status_code == 200
    assert running.decide(item["code"], "review_office", CHIEF).status_code == 200
    refused = running.decide(item["code"], "sign_director", CHIEF, pin="246810")
    assert refused.status_code == 403
    assert {"already_acted", "different_people"} <= {
        each["rule"] for each in refused.json()["reasons"]
    }
    running.parts.clock.advance(timedelta(days=3))
    running.run(running.parts.database.write(RefreshHolders()))


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"to": CHIEF, "form": "KT."}, "cấp phó"),
        ({"to": STAFF, "form": "TUQ.", "terms": "Ký"}, "người đứng đầu đơn vị"),
        ({"to": CHIEF, "form": "TUQ."}, "giới hạn nội dung"),
        ({"kinds": ["novel"]}, "novel"),
        ({"document": " "}, "văn bản"),
        ({"form": "PP."}, ""),
    ],
)
def test_what_the_decree_forbids_of_a_delegation_is_refused_with_its_article(running, change, word):
    body = {
        "from": DIRECTOR,
        "to": SECOND,
        "starts_on": today(running),
        "ends_on": today(running, 1),
        "document": "7/UQ",
        "pin": "246810",
        **change,
    }
    refused = running.client(DIRECTOR).post("/delegations", json=body)
    assert refused.status_code == 422
    assert word in refused.text


def test_a_delegation_limited_to_one_kind_does_not_reach_the_other(running):
    body = {
        "from": DIRECTOR,
        "to": SECOND,
        "starts_on": today(running),
        "ends_on": today(running, 2),
        "document": "8/UQ",
        "pin": "246810",
    }
    made = running.client(DIRECTOR).post(
        "/delegations", json={**body, "kinds": ["department_report"], "terms": "Báo cáo"}
    )
    assert made.status_code == 201
    assert (made.json()["form"], made.json()["kinds"]) == ("KT.", ["department_report"])
    assert set(holding(running, running.item_in("office_reviewed")["code"])) == {DIRECTOR}
    assert set(
        holding(running, running.item_in("office_reviewed", "department_report")["code"])
    ) == {DIRECTOR, SECOND}


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"stand_in": HEAD}, 422),
        ({"stand_in": "nobody@so.example"}, 422),
        ({"ends_on": "2021-01-01", "starts_on": "2021-01-01"}, 422),
        ({"ends_on": "2030-01-01"}, 422),
        ({"starts_on": "2022-02-30"}, 422),
        ({"person": OTHER}, 403),
    ],
)
def test_an_absence_that_cannot_be_is_refused_in_a_sentence(running, change, status):
    body = {
        "person": HEAD,
        "stand_in": None,
        "starts_on": today(running),
        "ends_on": today(running, 1),
        **change,
    }
    refused = running.client(HEAD).post("/absences", json={**body, "pin": "246810"})
    assert refused.status_code == status
    assert refused.json()["detail"]


def test_the_director_is_stood_in_for_by_a_document_only(running):
    refused = away(running, DIRECTOR, stand_in=SECOND)
    assert refused.status_code == 422
    assert "ủy quyền" in refused.text


def test_the_same_absence_sent_twice_is_one_and_strangers_see_and_end_nothing(running):
    body = {"person": HEAD, "starts_on": today(running, 10), "ends_on": today(running, 11)}
    made = [
        running.client(HEAD)
        .post("/absences", json=body, headers={"Idempotency-Key": "trip"})
        .json()
        for _ in range(2)
    ]
    assert made[0] == made[1]
    assert [each["id"] for each in running.client(HEAD).get("/absences").json()["data"]] == [
        made[0]["id"]
    ]
    assert running.client(OTHER).get("/absences").json()["data"] == []
    assert back(running, made[0]["id"], by=OTHER).status_code == 404
    assert back(running, made[0]["id"], by=HEAD).status_code == 200
    assert running.client(HEAD).get("/absences").json()["data"] == []


def test_on_the_page_the_office_arranges_and_a_refusal_keeps_what_was_typed(running):
    with running.signed_in(OFFICER) as browser:
        assert "Không ai vắng mặt" in browser.get("/standing-in").text
        wrong = browser.post(
            "/standing-in/absences",
            data={
                "person": HEAD,
                "stand_in": OTHER,
                "starts_on": today(running),
                "ends_on": today(running),
            },
        )
        assert wrong.status_code == 422
        assert "tự ghi" in wrong.text
        assert f'<option value="{HEAD}" selected>' in wrong.text
        right = browser.post(
            "/standing-in/absences",
            data={
                "person": HEAD,
                "starts_on": today(running),
                "ends_on": today(running),
            },
            follow_redirects=True,
        )
        assert "Đã ghi nhận vắng mặt" in right.text
        assert "Đang vắng" in right.text
        terms = {
            "from": DIRECTOR,
            "to": SECOND,
            "starts_on": today(running, 40),
            "ends_on": today(running, 41),
            "document": "9/UQ",
            "pin": "246810",
        }
        waits = browser.post("/standing-in/delegations", data=terms, follow_redirects=True)
        assert "/proposals/" in str(waits.url)
        assert "9/UQ" not in browser.get("/standing-in").text
        with running.signed_in(DIRECTOR) as giver:
            assert (
                "Ký thay (KT.)"
                in giver.post("/standing-in/delegations", data=terms, follow_redirects=True).text
            )
        ended = browser.post(
            f"/standing-in/absences/{running.client(OFFICER).get('/absences').json()['data'][0]['id']}/end",
            follow_redirects=True,
        )
        assert "Đã kết thúc vắng mặt" in ended.text
    with running.signed_in(STAFF) as browser:
        page = browser.get("/standing-in").text
        assert "9/UQ" not in page
        assert "Ai vắng mặt" not in page


@pytest.mark.parametrize(
    ("stand_in", "status"),
    [(DEPUTY, 201), (OTHER, 403)],
    ids=["holds the same already", "gains by it"],
)
def test_the_office_names_a_stand_in_only_where_nobody_gains_by_it(running, stand_in, status):
    answer = away(running, HEAD, by=OFFICER, stand_in=stand_in, starts=40, ends=41)
    assert answer.status_code == status, answer.text
    if status == 201:
        back(running, answer.json()["id"])
