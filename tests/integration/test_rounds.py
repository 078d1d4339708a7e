"""A round of the council through the running product: prepared, voted on in secret, counted, closed by a second person."""

import re
from itertools import count

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.conftest import CAMPAIGN
from tests.councils import (
    CHIEF,
    DIRECTOR,
    MEMBERS,
    OFFICER,
    STAFF,
    cast,
    counted,
    nomination,
    opened,
    prepared,
    terms,
    voted,
)
from tests.waiting import until
from workflow.queries.audit import verify_database

AUDITOR = "auditor@so.example"


def rules(answer):
    return [each["rule"] for each in answer.json()["reasons"]]


def verified(running):
    with running.parts.engines.read.connect() as connection, connection.begin():
        return verify_database(connection).status


def links_to(running, code, recipient):
    return [link for each in running.mails_about(code, recipient) for link in each.decision_links]


def asks_for_votes(running, code):
    """Whether the page has the Office find out how the council voted."""
    with running.signed_in(OFFICER) as browser:
        return "tổng số thành viên Hội đồng đồng ý" in browser.get(f"/items/{code}").text


def test_a_council_nomination_waits_for_its_round_and_is_signed_when_it_has_passed(running):
    code, simplified = nomination(running), nomination(running, "simplified")
    until(lambda: links_to(running, simplified, DIRECTOR))
    assert not links_to(running, code, DIRECTOR)
    assert asks_for_votes(running, code)
    assert not asks_for_votes(running, simplified)
    refused = running.decide(code, "sign_director", DIRECTOR, pin="246810")
    assert (refused.status_code, rules(refused)) == (422, ["council_passed"])
    found = opened(running, code)
    receipts = voted(running, found, ["agree"] * 4 + ["disagree"])
    after = counted(running, found)
    (case,) = after["cases"]
    assert [case[each] for each in ("agree", "disagree", "base", "needed")] == [4, 1, 5, 4]
    assert case["passed"] is True
    assert sorted(receipts) == after["receipts"]
    path = f"/council-rounds/{found['id']}"
    alone = running.client(OFFICER).post(f"{path}/close")
    assert (alone.status_code, rules(alone)) == (403, ["two-persons"])
    assert running.decide(code, "sign_director", DIRECTOR, pin="246810").status_code == 422
    assert running.client(CHIEF).post(f"{path}/close").json()["state"] == "closed"
    assert not asks_for_votes(running, code), "four of five are more than half"
    assert until(lambda: links_to(running, code, DIRECTOR))
    assert running.decide(code, "sign_director", DIRECTOR, pin="246810").status_code == 200
    assert verified(running) == 0


def test_no_link_comes_by_a_side_door_before_the_council_has_passed_it(running):
    code, simplified = nomination(running), nomination(running, "simplified")
    for each in (code, simplified):
        back = running.decide(each, "return", DIRECTOR, comment="Bổ sung", to="submitted")
        assert back.status_code == 200, back.text
        undone = running.client(DIRECTOR).post(f"/items/{each}/undo")
        assert (undone.status_code, undone.json()["state"]) == (200, "office_reviewed")
    until(lambda: len(links_to(running, simplified, DIRECTOR)) >= 1)
    statement = (
        "SELECT state FROM outbox WHERE kind = 'task' AND dedupe_key LIKE :key AND person = :p"
    )
    asked = {"key": f"task:{code}:%", "p": running.person(DIRECTOR).id}

    def states():
        with running.parts.engines.read.connect() as connection:
            return {row.state for row in connection.execute(text(statement), asked)}

    until(lambda: states() == {"superseded"})
    assert not links_to(running, code, DIRECTOR)
    found = opened(running, code)
    voted(running, found, ["agree"] * 5)
    counted(running, found)
    assert not links_to(running, code, DIRECTOR)
    assert running.client(CHIEF).post(f"/council-rounds/{found['id']}/close").status_code == 200
    assert until(lambda: links_to(running, code, DIRECTOR))
    assert verified(running) == 0


def test_members_vote_once_each_by_a_link_of_their_own(running):
    code = nomination(running)
    found = opened(running, code)

    def link_of(who):
        sent = [each for each in running.mailbox.mails() if each.recipient == who]
        links = [
            link
            for each in sent
            for link in re.findall(r"http\S+/a/b1\.\S+", each.text)
            if f"/rounds/{found['id']}" in each.text or str(found["id"]) in each.subject
        ]
        return links[-1] if links else None

    link = until(lambda: link_of("head.ls@so.example"))
    with running.browser() as browser:
        page = browser.get(link).text
        assert code in page.replace("\u2011", "-")
        unchosen = browser.post(link, data={"run": str(found["run"])})
        assert unchosen.status_code == 422
        cast_page = browser.post(link, data={"run": str(found["run"]), f"choice-{code}": "agree"})
        assert cast_page.status_code == 200
        (receipt,) = re.findall(r"[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}", cast_page.text)
        again = browser.post(link, data={"run": str(found["run"]), f"choice-{code}": "disagree"})
        assert again.status_code == 409
        assert receipt not in again.text
        assert browser.get(link[:-1] + ("A" if link[-1] != "A" else "B")).status_code == 404
    by_interface = cast(running, found, "head.ls@so.example", {code: "agree"})
    assert (by_interface.status_code, rules(by_interface)) == (422, ["voted"])
    for who in MEMBERS[:3]:
        assert cast(running, found, who, {code: "blank"}).status_code == 201
    assert receipt.replace("-", "") in counted(running, found)["receipts"]


def test_the_count_is_public_to_the_council_and_who_voted_what_to_nobody(running):
    code = nomination(running)
    found = opened(running, code)
    voted(running, found, ["agree", "agree", "disagree", "blank"])
    path = f"/council-rounds/{found['id']}"
    before = running.client("head.bg@so.example").get(path).json()
    assert [each["has_voted"] for each in before["members"]].count(True) == 4
    assert before["cases"][0]["agree"] is None
    counted(running, found)
    for who, status in ((AUDITOR, 200), ("head.bg@so.example", 200), (STAFF, 404)):
        answer = running.client(who).get(path)
        assert answer.status_code == status
        if status == 200:
            (case,) = answer.json()["cases"]
            assert [case["agree"], case["disagree"], case["blank"]] == [2, 1, 1]
            assert case["votes"] == []
    kept = running.client(AUDITOR).get("/history", params={"kind": "council", "limit": 100})
    said = [each for each in kept.json()["data"] if each["subject"] == f"round:{found['id']}"]
    cast_entries = [each for each in said if each["type"] == "vote_cast"]
    assert len(cast_entries) == 4
    assert all("choices" not in each["data"] for each in cast_entries)


def test_in_an_open_vote_names_stand_beside_votes_once_it_is_counted(running):
    code = nomination(running)
    found = opened(running, code, voting="open")
    assert found["code"] == ""
    voted(running, found, ["agree", "disagree", "agree", "agree", "agree"])
    (case,) = counted(running, found)["cases"]
    votes = {each["email"]: each["choice"] for each in case["votes"]}
    assert votes == dict(
        zip(MEMBERS, ["agree", "disagree", "agree", "agree", "agree"], strict=True)
    )
    assert case["passed"] is True  # 4/5 = 80 %


def test_whoever_is_concerned_leaves_the_vote_and_stays_in_the_base(running):
    code = nomination(running)
    concerned = [{"code": code, "concerned": ["head.htqt@so.example"]}]
    found = opened(running, code, cases=concerned, threshold="90")
    voted(running, found, ["agree"] * 5)
    (case,) = counted(running, found)["cases"]
    assert [case[each] for each in ("agree", "base", "needed", "passed")] == [4, 5, 5, False]


def test_members_come_and_go_in_the_midst_but_whoever_has_voted_stays(running):
    code = nomination(running)
    found = opened(running, code)
    path = f"/council-rounds/{found['id']}/members"
    voted(running, found, ["agree"] * 2)
    seats = terms()["members"]
    without_first = [{**seats[1], "role": "chair"}, {**seats[2], "role": "secretary"}, seats[3]]
    refused = running.client(OFFICER).post(path, json={"members": without_first})
    assert (refused.status_code, rules(refused)) == (422, ["voted"])
    absent = {**seats[4], "attendance": "absent"}
    more = [*seats[:4], absent, {"email": "deputy.ls@so.example"}]
    assert running.client(OFFICER).post(path, json={"members": more}).status_code == 200
    away = cast(running, found, "head.bg@so.example", {code: "agree"})
    assert (away.status_code, rules(away)) == (403, ["absent"])
    for who in ("head.htqt@so.example", "head.ls@so.example", "deputy.ls@so.example"):
        assert cast(running, found, who, {code: "agree"}).status_code == 201
    (case,) = counted(running, found)["cases"]
    assert [case[each] for each in ("agree", "base", "needed", "passed")] == [5, 6, 5, True]
    assert verified(running) == 0


def test_a_challenge_is_answered_or_the_vote_is_held_again(running):
    code = nomination(running)
    found = opened(running, code)
    voted(running, found, ["agree"] * 3 + ["disagree"] * 2)
    counted(running, found)
    path = f"/council-rounds/{found['id']}"
    chair, officer = running.client(DIRECTOR), running.client(OFFICER)
    said = running.client("head.ls@so.example").post(f"{path}/challenges", json={"words": "Sai"})
    number = said.json()["challenges"][0]["id"]
    assert rules(chair.post(f"{path}/close")) == ["challenges"]
    assert officer.post(f"{path}/recount").status_code == 200
    answer = {"words": "Bỏ phiếu lại", "repeats": True}
    alone = officer.post(f"{path}/challenges/{number}/answer", json=answer)
    assert (alone.status_code, rules(alone)) == (403, ["two-persons"])
    done = chair.post(f"{path}/challenges/{number}/answer", json=answer)
    assert done.json()["state"] == "prepared"
    again = officer.post(f"{path}/vote").json()
    assert again["run"] == 2
    late = cast(running, found, MEMBERS[0], {code: "agree"})
    assert rules(late) == ["run"]
    voted(running, again, ["agree"] * 5)
    wrong = officer.post(f"{path}/count", json={"code": found["code"]})
    assert rules(wrong) == ["code"]
    assert counted(running, again)["cases"][0]["agree"] == 5
    assert chair.post(f"{path}/close").status_code == 200
    for path_of, body in (
        ("/members", {"members": []}),
        ("/cancel", {"words": "Bỏ"}),
        ("", terms(code)),
    ):
        refused = officer.post(f"{path}{path_of}", json=body)
        assert rules(refused) == ["state"], path_of
    assert verified(running) == 0


def test_a_challenge_to_an_earlier_count_does_not_void_the_present_one(running):
    code = nomination(running)
    found = opened(running, code)
    path, chair = f"/council-rounds/{found['id']}", running.client(DIRECTOR)
    answer = {"words": "Bỏ phiếu lại", "repeats": True}
    voted(running, found, ["agree"] * 5)
    counted(running, found)
    for who in ("head.ls@so.example", "head.bg@so.example"):
        said = running.client(who).post(f"{path}/challenges", json={"words": "Sai"})
    first, second = (each["id"] for each in said.json()["challenges"])
    assert chair.post(f"{path}/challenges/{first}/answer", json=answer).status_code == 200
    again = running.client(OFFICER).post(f"{path}/vote").json()
    voted(running, again, ["agree"] * 5)
    counted(running, again)
    late = chair.post(f"{path}/challenges/{second}/answer", json=answer)
    assert (late.status_code, rules(late)) == (422, ["run"])
    plain = {**answer, "repeats": False}
    assert chair.post(f"{path}/challenges/{second}/answer", json=plain).json()["state"] == "counted"


def test_only_the_office_prepares_only_who_leads_counts_and_no_item_is_in_two_rounds(running):
    code = nomination(running)
    head = running.client("head.htqt@so.example")
    assert rules(head.post("/council-rounds", json=terms(code))) == ["office"]
    found = opened(running, code)
    path = f"/council-rounds/{found['id']}"
    for act, body in (("/count", {"code": ""}), ("/close", None), ("/vote", None)):
        assert rules(head.post(f"{path}{act}", json=body)) == ["leads"], act
    twice = running.client(OFFICER).post("/council-rounds", json=terms(code))
    assert (twice.status_code, rules(twice)) == (422, ["cases"])
    drafted = running.draft()["code"]
    assert rules(running.client(OFFICER).post("/council-rounds", json=terms(drafted))) == ["cases"]
    few = running.client(OFFICER).post(f"{path}/count", json={"code": found["code"]})
    assert rules(few) == ["quorum"]
    gone = running.client(OFFICER).post(f"{path}/cancel", json={"words": "Hoãn họp"})
    assert gone.json()["state"] == "cancelled"
    assert prepared(running, code)["state"] == "prepared"


def test_a_paper_handed_out_in_the_room_is_told_to_its_member(running):
    code = nomination(running)
    found = opened(running, code)
    body = {"run": 1, "choices": {code: "agree"}, "member": "head.bg@so.example"}
    path = f"/council-rounds/{found['id']}/papers"
    assert rules(running.client(MEMBERS[2]).post(path, json=body)) == ["leads"]
    assert running.client(CHIEF).post(path, json=body).status_code == 201
    subject = "phiếu"
    assert until(
        lambda: [
            each
            for each in running.mailbox.mails()
            if each.recipient == "head.bg@so.example" and subject in each.text.lower()
        ]
    )
    assert rules(running.client(CHIEF).post(path, json=body)) == ["voted"]


def test_the_office_runs_a_round_on_pages_from_the_form_to_the_minutes(running):
    code = nomination(running)
    keys = iter(f"{place:032x}" for place in count(int(code[-4:]) * 1000))
    seats = {f"role-{each}": "member" for each in MEMBERS}
    seats |= {f"role-{MEMBERS[0]}": "chair", f"role-{MEMBERS[1]}": "secretary"}
    seats |= {f"attendance-{each}": "present" for each in MEMBERS}
    form = {"campaign": CAMPAIGN, "title": "Đợt trên trang", "held_on": "20/05/2022", **seats}
    form |= {"meeting": "meeting", "voting": "secret", "quorum": "2/3", "case": code}
    with running.signed_in(OFFICER) as office, running.signed_in(DIRECTOR) as chair:
        assert code in office.get("/rounds/new").text.replace("\u2011", "-")
        refused = office.post("/rounds", data={**form, "quorum": "nhiều", "key": next(keys)})
        assert refused.status_code == 422
        assert "Đợt trên trang" in refused.text
        made = office.post("/rounds", data={**form, "key": next(keys)})
        path = made.url.path
        assert "Đợt trên trang" in made.text
        assert ">70%<" in made.text  # of giấy khen, by the file of awards
        voting = office.post(f"{path}/vote", data={"key": next(keys)}).text
        (box,) = re.findall(r"(?:[A-Z2-7]{4}-){5}[A-Z2-7]{4}", voting)
        assert box not in office.get(path).text
        for who in MEMBERS:
            booth = f"{path}/papers/{running.person(who).id}"
            paper = {"run": "1", f"choice-{code}": "agree", "key": next(keys)}
            assert re.search("(?:[A-Z2-7]{4}-){3}[A-Z2-7]{4}", office.post(booth, data=paper).text)
        assert office.get(f"{path}/minutes").status_code == 404
        wrong = office.post(f"{path}/count", data={"code": "ABCD", "key": next(keys)})
        assert wrong.status_code == 422
        counted_page = office.post(f"{path}/count", data={"code": box, "key": next(keys)}).text
        assert "5/5" in counted_page
        minutes = chair.get(f"{path}/minutes").text
        assert "BIÊN BẢN" in minutes
        assert "PHIẾU KIỂM PHIẾU" in minutes
        assert office.post(f"{path}/close", data={"key": next(keys)}).status_code == 403
        assert chair.post(f"{path}/close", data={"key": next(keys)}).status_code == 200
        assert "Đợt trên trang" in chair.get("/rounds").text
    assert verified(running) == 0


@pytest.mark.parametrize("seated", ["prepared", "voting"])
def test_a_nominee_who_is_seated_later_does_not_vote_on_their_own_nomination(running, seated):
    nominee = "deputy.ls@so.example"
    code = nomination(running, nominee=running.person(nominee).name)
    found = prepared(running, code)
    path = f"/council-rounds/{found['id']}"
    officer, more = running.client(OFFICER), [*terms()["members"], {"email": nominee}]
    if seated == "prepared":
        assert officer.post(f"{path}/members", json={"members": more}).status_code == 200
    found = officer.post(f"{path}/vote").json()
    if seated == "voting":
        assert officer.post(f"{path}/members", json={"members": more}).status_code == 200
    voted(running, found, ["agree"] * 4 + ["disagree"])
    assert cast(running, found, nominee, {code: "agree"}).status_code == 201
    (case,) = counted(running, found)["cases"]
    assert [case[each] for each in ("agree", "disagree", "base")] == [4, 1, 6]
    assert verified(running) == 0


def test_who_recused_themselves_since_the_round_was_prepared_leaves_the_vote(running):
    code = nomination(running)
    number = prepared(running, code)["id"]
    path, said = f"/items/{code}/recuse", {"reason": "Người thân"}
    assert running.client(DIRECTOR).post(path, json=said).status_code == 200
    found = running.client(OFFICER).post(f"/council-rounds/{number}/vote").json()
    voted(running, found, ["agree"] * 5)
    assert counted(running, found)["cases"][0]["agree"] == 4


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ({"quorum": "3/2"}, "quorum"),
        ({"threshold": "0"}, "threshold"),
        ({"held_on": "mai"}, "held_on"),
        ({"title": " "}, "title"),
        ({"members": []}, "members"),
        ({"campaign": "không có"}, "campaign"),
        ({"cases": [{"code": "DN-1999-0001"}]}, "cases"),
    ],
)
def test_what_is_no_round_is_refused(running, wrong, rule):
    answer = running.client(OFFICER).post("/council-rounds", json={**terms(), **wrong})
    assert answer.status_code == 422
    assert rule in rules(answer)


def test_a_count_changed_past_the_program_is_named(running):
    found = opened(running, nomination(running))
    voted(running, found, ["agree"] * 5)
    counted(running, found)
    assert verified(running) == 0
    with running.parts.engines.write.begin() as connection:
        connection.execute(
            text("UPDATE round_cases SET agree = 4 WHERE round_id = :id"), {"id": found["id"]}
        )
    assert verified(running) == 1
    answer = running.client(OFFICER).post(f"/council-rounds/{found['id']}/recount")
    assert answer.status_code >= 400


@pytest.mark.parametrize("said", ["round", "case"])
def test_a_threshold_below_the_lawful_one_is_refused_in_words(running, said):
    code = nomination(running)
    low = (
        {"threshold": "69.99"}
        if said == "round"
        else {"cases": [{"code": code, "threshold": "2/3"}]}
    )
    refused = running.client(OFFICER).post("/council-rounds", json=terms(code, **low))
    assert (refused.status_code, rules(refused)) == (422, ["cases"])
    assert "70%" in refused.text
    assert prepared(running, code, threshold="70")["cases"][0]["threshold"] == "70%"


def test_sealed_papers_stand_in_no_order_that_they_were_cast_in(running):
    with (
        running.parts.engines.read.connect() as connection,
        pytest.raises(DBAPIError, match="rowid"),
    ):
        connection.execute(text("SELECT rowid FROM round_papers"))


@pytest.mark.parametrize("where", ["opinions in writing", "member in writing"])
def test_a_paper_is_handed_out_only_to_who_is_present_at_a_meeting(running, where):
    code, who = nomination(running), "head.bg@so.example"
    seats = terms()["members"]
    if where == "member in writing":
        seats[4]["attendance"] = "written"
    meeting = "written" if where == "opinions in writing" else "meeting"
    found = opened(running, code, members=seats, meeting=meeting)
    body = {"run": 1, "choices": {code: "agree"}, "member": who}
    refused = running.client(CHIEF).post(f"/council-rounds/{found['id']}/papers", json=body)
    assert (refused.status_code, rules(refused)) == (403, ["room"])
    with running.signed_in(CHIEF) as browser:
        booth = f"/rounds/{found['id']}/papers/{running.person(who).id}"
        assert browser.get(booth).status_code == 404
        assert booth not in browser.get(f"/rounds/{found['id']}").text
    assert cast(running, found, who, {code: "agree"}).status_code == 201
