"""A round of the council through the running product: prepared, voted on in secret, counted, closed by a second person."""

import json
import random
import re
from collections import Counter
from itertools import count

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError

from tests.conftest import CAMPAIGN
from tests.councils import (
    CHIEF,
    DIRECTOR,
    HEAD,
    MEMBERS,
    OFFICER,
    STAFF,
    cast,
    counted,
    nomination,
    opened,
    prepared,
    put_to_vote,
    terms,
    voted,
)
from tests.forms import encoded, form_with
from tests.integration.test_signed_copies import text_of
from tests.waiting import until
from workflow.queries.audit import verify_database
from workflow.queries.quality import COUNCIL, quality
from workflow.store.schema import history_texts

AUDITOR = "auditor@so.example"
BOX_CODE = r"(?:[A-Z2-7]{4}-){5}[A-Z2-7]{4}"


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


@pytest.mark.one_database
def test_a_council_nomination_waits_for_its_round_and_is_signed_when_it_has_passed(running):
    code, simplified = nomination(running), nomination(running, "simplified")
    until(lambda: links_to(running, simplified, DIRECTOR))
    assert not links_to(running, code, DIRECTOR)
    assert asks_for_votes(running, code)
    assert not asks_for_votes(running, simplified)
    waits = days_by_step(running)
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
    with running.signed_in(OFFICER) as browser:
        page = browser.get("/deadlines/quality?type=nomination").text
    assert page.index("Chờ Hội đồng xét") < page.index("Chờ Ban Giám đốc")
    assert waits[COUNCIL] is not None, "the wait for the council is not the Director's time"


def days_by_step(running):
    found = running.parts.database.report_blocking(
        lambda connection: quality(running.parts.context, connection, "nomination")
    )
    return next(each.medians for each in found if each.department == "hop-tac-quoc-te")


@pytest.mark.one_database
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


@pytest.mark.one_database
def test_a_link_to_vote_lives_to_the_end_of_the_day_of_the_meeting(running):
    found = opened(running, nomination(running), held_on="2022-06-30")

    def mailed():
        return [
            each.text
            for each in running.mailbox.mails()
            if each.recipient == HEAD and "/a/b1." in each.text and "30/06/2022" in each.text
        ]

    (text,) = until(mailed)
    with running.browser() as browser:
        page = browser.get(re.search(r"http\S+/a/b1\.\S+", text)[0]).text
    assert "đến 23:59 ngày 30/06/2022" in page
    assert found["state"] == "voting"


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


@pytest.mark.one_database
def test_in_an_open_vote_names_stand_beside_votes_once_it_is_counted(running):
    code = nomination(running)
    found = opened(running, code, voting="open")
    assert found["codes"] == []
    voted(running, found, ["agree", "disagree", "agree", "agree", "agree"])
    (case,) = counted(running, found)["cases"]
    votes = {each["email"]: each["choice"] for each in case["votes"]}
    assert votes == dict(
        zip(MEMBERS, ["agree", "disagree", "agree", "agree", "agree"], strict=True)
    )
    assert case["passed"] is True  # 4/5 = 80 %


@pytest.mark.one_database
def test_whoever_is_concerned_leaves_the_vote_and_stays_in_the_base(running):
    code = nomination(running)
    concerned = [{"code": code, "concerned": ["head.htqt@so.example"]}]
    found = opened(running, code, cases=concerned, threshold="90")
    voted(running, found, ["agree"] * 5)
    (case,) = counted(running, found)["cases"]
    assert [case[each] for each in ("agree", "base", "needed", "passed")] == [4, 5, 5, False]


@pytest.mark.one_database
def test_the_base_is_all_members_of_when_the_vote_opened(running):
    """Nobody joins or leaves to move a share; who is away or has gone is absent, and counts in it."""
    code = nomination(running)
    found = opened(running, code)
    path, officer = f"/council-rounds/{found['id']}/members", running.client(OFFICER)
    voted(running, found, ["agree"] * 2)
    seats = terms()["members"]
    joined, left = [*seats, {"email": "deputy.ls@so.example"}], seats[:4]
    exchanged = [*seats[:4], {"email": "deputy.ls@so.example"}]
    for others in (joined, left, exchanged):
        refused = officer.post(path, json={"members": others})
        assert (refused.status_code, rules(refused)) == (409, ["members"])
    away = [{**each, "attendance": "absent"} for each in seats]
    has_voted = officer.post(path, json={"members": [*away[:1], *seats[1:]]})
    assert (has_voted.status_code, rules(has_voted)) == (409, ["voted"])
    assert officer.post(path, json={"members": [*seats[:4], away[4]]}).status_code == 200
    absent = cast(running, found, "head.bg@so.example", {code: "agree"})
    assert (absent.status_code, rules(absent)) == (403, ["absent"])
    for who in MEMBERS[2:4]:
        assert cast(running, found, who, {code: "agree"}).status_code == 201
    (case,) = counted(running, found)["cases"]
    assert [case[each] for each in ("agree", "base", "needed", "passed")] == [4, 5, 4, True]
    assert verified(running) == 0


@pytest.mark.one_database
def test_a_vote_that_is_held_again_is_held_by_the_same_on_the_same_terms(running):
    """What was settled is refused in words; a nomination may be taken off, and is free then."""
    code, other, late = (nomination(running) for _ in range(3))
    found = challenged_again(running, code, other)
    path, officer = f"/council-rounds/{found['id']}", running.client(OFFICER)
    seats, both = terms()["members"], [{"code": code}, {"code": other}]
    for more, rule in (
        ({"members": seats[:4]}, "members"),
        ({"members": [*seats, {"email": "deputy.ls@so.example"}]}, "members"),
        ({"quorum": "1/2"}, "settled"),
        ({"voting": "open"}, "settled"),
        ({"concerned_count": False}, "settled"),
        ({"threshold": "70"}, "settled"),
        ({"cases": [*both, {"code": late}]}, "settled"),
        ({"cases": [{"code": code, "concerned": [MEMBERS[4]]}]}, "settled"),
    ):
        refused = officer.post(path, json={**terms(code, other), **more})
        assert (refused.status_code, set(rules(refused))) == (409, {rule}), more
    without = officer.post(path, json=terms(code, held_on="2022-05-27", threshold=""))
    assert (without.status_code, without.json()["held_on"]) == (200, "2022-05-27")
    assert [each["threshold"] for each in without.json()["cases"]] == ["80%"]
    assert prepared(running, other)["state"] == "prepared"
    again = put_to_vote(running, found["id"])
    voted(running, again, ["agree"] * 5)
    (case,) = counted(running, again)["cases"]
    assert [case[each] for each in ("agree", "base", "passed")] == [5, 5, True]
    assert running.client(DIRECTOR).post(f"{path}/close").status_code == 200
    assert verified(running) == 0


def challenged_again(running, *codes):
    """A round whose first count is void: it is prepared, to be voted on again."""
    found = opened(running, *codes)
    voted(running, found, ["agree"] * 3 + ["disagree"] * 2)
    counted(running, found)
    path = f"/council-rounds/{found['id']}"
    said = running.client(HEAD).post(f"{path}/challenges", json={"words": "Sai"})
    number = said.json()["challenges"][0]["id"]
    answer = {"words": "Bỏ phiếu lại", "repeats": True}
    done = running.client(DIRECTOR).post(f"{path}/challenges/{number}/answer", json=answer)
    assert done.json()["state"] == "prepared"
    return found


@pytest.mark.one_database
def test_a_vote_is_on_what_was_put_to_it_and_what_was_changed_since_is_left_out(running):
    """The paper shows it as it was and says so; its votes are never laid out, and it is free again."""
    code, changed = nomination(running), nomination(running)
    before = running.client(STAFF).get(f"/items/{changed}").json()["title"]
    found = opened(running, code, changed)
    for who in MEMBERS[:2]:
        assert cast(running, found, who, {code: "agree", changed: "disagree"}).status_code == 201
    back = running.decide(changed, "return", DIRECTOR, comment="Sửa", to="drafted")
    assert back.status_code == 200, back.text
    version = {"If-Match": f'"{back.json()["version"]}"'}
    edit = {"title": "Tên đã đổi trong lúc bỏ phiếu"}
    edited = running.client(STAFF).patch(f"/items/{changed}", json=edit, headers=version)
    assert edited.status_code == 200, edited.text
    with running.signed_in(HEAD) as browser:
        booth = f"/rounds/{found['id']}/papers/{running.person(HEAD).id}"
        paper = browser.get(booth).text
        assert before in paper
        assert "Tên đã đổi" not in paper
        assert f"choice-{changed}-a" not in paper
        assert "không đưa vào biểu quyết" in paper
    for who in MEMBERS[2:]:
        assert cast(running, found, who, {code: "agree"}).status_code == 201
    kept, out = counted(running, found)["cases"]
    assert [kept[each] for each in ("agree", "passed", "left_out")] == [5, True, False]
    assert [out[each] for each in ("agree", "base", "passed", "left_out")] == [None] * 3 + [True]
    with running.parts.engines.read.connect() as connection:
        laid = connection.execute(
            text("SELECT count(*) FROM round_ballots WHERE round_id = :id"), {"id": found["id"]}
        )
        assert laid.scalar() == 5
    path = f"/council-rounds/{found['id']}"
    assert running.client(OFFICER).post(f"{path}/recount").status_code == 200
    with running.signed_in(CHIEF) as browser:
        minutes = text_of(browser.get(f"/rounds/{found['id']}/documents/minutes.pdf").content)
        assert "hồ sơ đã thay đổi" in minutes
        assert f"{before} ({changed})" in minutes
        assert "Tên đã đổi" not in minutes
    assert running.client(CHIEF).post(f"{path}/close").status_code == 200
    for transition, by in (
        ("submit", STAFF),
        ("approve_department", HEAD),
        ("review_office", OFFICER),
    ):
        assert running.decide(changed, transition, by).status_code == 200
    assert opened(running, changed)["state"] == "voting"
    assert verified(running) == 0


@pytest.mark.one_database
def test_a_secret_ballot_takes_the_chairs_and_the_secretarys_key_and_no_page_shows_both(running):
    code = nomination(running)
    found = prepared(running, code)
    path, officer = f"/council-rounds/{found['id']}", running.client(OFFICER)
    chair, secretary = running.client(DIRECTOR), running.client(CHIEF)
    alone = officer.post(f"{path}/vote")
    assert (alone.status_code, rules(alone)) == (403, ["keys"])
    with running.signed_in(DIRECTOR) as browser:
        page = f"/rounds/{found['id']}"
        assert "Nhận chìa khóa của tôi" in browser.get(page).text
        lost = chair.post(f"{path}/vote").json()
        taken = browser.get(page).text
        assert ("Nhận chìa khóa của tôi" in taken, "Nhận lại chìa khóa" in taken) == (False, True)
    assert (lost["state"], lost["keys"]) == ("prepared", 1)
    assert rules(cast(running, found, HEAD, {code: "agree"})) == ["state"]
    first = chair.post(f"{path}/vote").json()["code"]
    officer.post(path, json=terms(code))
    assert chair.get(path).json()["keys"] == 0, "set anew, both take their keys anew"
    second = secretary.post(f"{path}/vote").json()
    last = chair.post(f"{path}/vote").json()
    assert last["state"] == "voting"
    voted(running, last, ["agree"] * 5)
    for codes in (
        [],
        [last["code"]],
        [second["code"]],
        [last["code"], last["code"]],
        [first, second["code"]],
        [lost["code"], last["code"]],
    ):
        refused = officer.post(f"{path}/count", json={"codes": codes})
        assert (refused.status_code, rules(refused)) == (422, ["codes"]), codes
    both = [last["code"], second["code"]]
    assert officer.post(f"{path}/count", json={"codes": both}).status_code == 200
    assert verified(running) == 0


@pytest.mark.one_database
def test_an_open_vote_keeps_what_is_new_with_each_entry_and_not_all_votes_again(running):
    codes = [nomination(running) for _ in range(3)]
    found = opened(running, *codes, voting="open")
    voted(running, found, ["agree", "disagree", "agree", "blank", "agree"])
    counted(running, found)
    with running.parts.engines.read.connect() as connection:
        kept = connection.execute(
            text("SELECT text FROM history_texts WHERE subject = :of AND name = 'rows_changed'"),
            {"of": f"round:{found['id']}"},
        )
        told = [key for (each,) in kept for key in json.loads(each).get("round_votes", ())]
    assert len(told) == len(set(told)) == 15
    assert verified(running) == 0


@pytest.mark.one_database
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
    again = put_to_vote(running, found["id"])
    assert again["run"] == 2
    late = cast(running, found, MEMBERS[0], {code: "agree"})
    assert rules(late) == ["run"]
    voted(running, again, ["agree"] * 5)
    wrong = officer.post(f"{path}/count", json={"codes": found["codes"]})
    assert rules(wrong) == ["codes"]
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


@pytest.mark.one_database
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
    again = put_to_vote(running, found["id"])
    voted(running, again, ["agree"] * 5)
    counted(running, again)
    late = chair.post(f"{path}/challenges/{second}/answer", json=answer)
    assert (late.status_code, rules(late)) == (422, ["run"])
    plain = {**answer, "repeats": False}
    assert chair.post(f"{path}/challenges/{second}/answer", json=plain).json()["state"] == "counted"


@pytest.mark.one_database
def test_only_the_office_prepares_only_who_leads_counts_and_no_item_is_in_two_rounds(running):
    code = nomination(running)
    head = running.client("head.htqt@so.example")
    assert rules(head.post("/council-rounds", json=terms(code))) == ["office"]
    found = opened(running, code)
    path = f"/council-rounds/{found['id']}"
    for act, body in (("/count", {"codes": []}), ("/close", None), ("/vote", None)):
        assert rules(head.post(f"{path}{act}", json=body)) == ["leads"], act
    twice = running.client(OFFICER).post("/council-rounds", json=terms(code))
    assert (twice.status_code, rules(twice)) == (422, ["cases"])
    drafted = running.draft()["code"]
    assert rules(running.client(OFFICER).post("/council-rounds", json=terms(drafted))) == ["cases"]
    few = running.client(OFFICER).post(f"{path}/count", json={"codes": found["codes"]})
    assert rules(few) == ["quorum"]
    gone = running.client(OFFICER).post(f"{path}/cancel", json={"words": "Hoãn họp"})
    assert gone.json()["state"] == "cancelled"
    assert prepared(running, code)["state"] == "prepared"


@pytest.mark.one_database
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


@pytest.mark.one_database
def test_the_office_runs_a_round_on_pages_from_the_form_to_the_minutes(running):
    code = nomination(running)
    keys = iter(f"{place:032x}" for place in count(int(code[-4:]) * 1000))
    seats = {f"role-{each}": "member" for each in MEMBERS}
    seats |= {f"role-{MEMBERS[0]}": "chair", f"role-{MEMBERS[1]}": "secretary"}
    seats |= {f"attendance-{each}": "" for each in MEMBERS}  # as the form sends what is untouched
    form = {"campaign": CAMPAIGN, "title": "Đợt trên trang", "held_on": "20/05/2022", **seats}
    form |= {"meeting": "meeting", "voting": "secret", "quorum": "2/3", "case": code}
    with running.signed_in(OFFICER) as office, running.signed_in(DIRECTOR) as chair:
        offered = office.get("/rounds/new").text
        assert code in offered.replace("\u2011", "-")
        assert not {"role-auditor@so.example", "role-admin@so.example"} & set(
            re.findall(r'name="([^"]+)"', offered)
        ), "who decides nothing sits in no council"
        assert '<option value="present" selected>' not in offered
        refused = office.post("/rounds", data={**form, "quorum": "nhiều", "key": next(keys)})
        assert refused.status_code == 422
        assert "Đợt trên trang" in refused.text
        made = office.post("/rounds", data={**form, "key": next(keys)})
        path = made.url.path
        assert "Đợt trên trang" in made.text
        assert ">70%<" in made.text  # of giấy khen, by the file of awards
        anew = office.get("/rounds/new").text
        seat = anew.partition(f'name="role-{MEMBERS[0]}"')[2].partition("</select>")[0]
        assert '<option value="chair" selected>' in seat, "the next round begins with this council"
        assert f"{path}/vote" not in office.get(path).text
        early = chair.post(f"{path}/vote", data={"key": next(keys)})
        assert early.status_code == 422
        assert "Chưa đến ngày họp" in early.text
        assert "Ngày họp là 20/05/2022; tôi xác nhận" in early.text
        with running.signed_in(CHIEF) as secretary:
            codes = [
                re.findall(
                    BOX_CODE,
                    who.post(f"{path}/vote", data={"key": next(keys), "early": "yes"}).text,
                )
                for who in (chair, secretary)
            ]
            assert not re.findall(BOX_CODE, chair.get(path).text + secretary.get(path).text)
        assert [len(each) for each in codes] == [1, 1]
        for who in MEMBERS:
            booth = f"{path}/papers/{running.person(who).id}"
            paper = {"run": "1", f"choice-{code}": "agree", "key": next(keys)}
            assert re.search("(?:[A-Z2-7]{4}-){3}[A-Z2-7]{4}", office.post(booth, data=paper).text)
        assert office.get(f"{path}/documents/minutes.pdf").status_code == 404
        (first,), (second,) = codes
        wrong = office.post(f"{path}/count", data={"code": first, "key": next(keys)})
        assert wrong.status_code == 422
        assert first not in wrong.text
        both = {"code": first, "second_code": second, "key": next(keys)}
        counted_page = office.post(f"{path}/count", data=both).text
        assert "5/5" in counted_page
        minutes = text_of(chair.get(f"{path}/documents/minutes.pdf").content)
        assert "BIÊN BẢN" in minutes
        assert "KIỂM PHIẾU" in text_of(chair.get(f"{path}/documents/tally.pdf").content)
        assert office.post(f"{path}/close", data={"key": next(keys)}).status_code == 403
        assert chair.post(f"{path}/close", data={"key": next(keys)}).status_code == 200
        assert "Đợt trên trang" in chair.get("/rounds").text
    assert verified(running) == 0


@pytest.mark.one_database
def test_who_is_concerned_is_chosen_by_name_among_the_members(running):
    code = nomination(running)
    number = prepared(running, code)["id"]
    path, box = f"/rounds/{number}", f"concerned-{code}"
    who, other = (running.person(each) for each in (MEMBERS[4], "deputy.bg@so.example"))
    with running.signed_in(OFFICER) as office:
        page = office.get(f"{path}/edit").text
        assert f'id="{box}-{who.id}"' in page
        assert f'id="{box}-{other.id}"' not in page, "who does not vote leaves no vote"
        form = {**encoded(form_with(page, "held_on").fields), box: who.email}
        refused = office.post(path, data={**form, "quorum": "nhiều"})
        assert f"<summary>{who.name}</summary>" in refused.text
        office.post(path, data=form)
        assert f"<summary>{who.name}</summary>" in office.get(f"{path}/edit").text
    (case,) = running.client(OFFICER).get(f"/council-rounds/{number}").json()["cases"]
    assert case["concerned"] == [who.email]


@pytest.mark.one_database
def test_a_nominee_who_is_seated_later_does_not_vote_on_their_own_nomination(running):
    nominee = "deputy.ls@so.example"
    code = nomination(running, nominee=running.person(nominee).name)
    found = prepared(running, code)
    more = {"members": [*terms()["members"], {"email": nominee}]}
    path = f"/council-rounds/{found['id']}/members"
    assert running.client(OFFICER).post(path, json=more).status_code == 200
    found = put_to_vote(running, found["id"])
    voted(running, found, ["agree"] * 4 + ["disagree"])
    assert cast(running, found, nominee, {code: "agree"}).status_code == 201
    (case,) = counted(running, found)["cases"]
    assert [case[each] for each in ("agree", "disagree", "base")] == [4, 1, 6]
    assert verified(running) == 0


@pytest.mark.one_database
@pytest.mark.parametrize("is_late", [False, True], ids=["before the vote", "while it goes on"])
def test_who_recused_themselves_since_the_round_was_prepared_leaves_the_vote(running, is_late):
    code = nomination(running)
    number = prepared(running, code)["id"]
    path, said = f"/items/{code}/recuse", {"reason": "Người thân"}
    found = put_to_vote(running, number) if is_late else {}
    assert running.client(DIRECTOR).post(path, json=said).status_code == 200
    found = found or put_to_vote(running, number)
    voted(running, found, ["agree"] * 5)
    assert counted(running, found)["cases"][0]["agree"] == 4


@pytest.mark.one_database
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
    change = text("UPDATE round_cases SET agree = :agree WHERE round_id = :id")
    for agree, status in ((4, 1), (5, 0)):
        with running.parts.engines.write.begin() as connection:
            connection.execute(change, {"id": found["id"], "agree": agree})
        assert verified(running) == status
        answer = running.client(OFFICER).post(f"/council-rounds/{found['id']}/recount")
        assert answer.is_success == (status == 0)


@pytest.mark.one_database
def test_what_an_entry_in_the_midst_said_of_its_rows_is_missed(running):
    """Each entry says what has changed, so each is needed: nothing goes on without one of them."""
    code = nomination(running)
    found = opened(running, code, voting="open")
    voted(running, found, ["agree"] * 3)
    gone = {"of": f"round:{found['id']}", "seq": 3}
    where = "WHERE subject = :of AND seq = :seq AND name = 'rows_changed'"
    with running.parts.engines.write.begin() as connection:
        kept = (
            connection.execute(text(f"SELECT * FROM history_texts {where}"), gone).mappings().one()
        )
        assert connection.execute(text(f"DELETE FROM history_texts {where}"), gone).rowcount == 1
    assert verified(running) == 1
    assert cast(running, found, MEMBERS[3], {code: "agree"}).status_code == 503
    with running.parts.engines.write.begin() as connection:
        connection.execute(insert(history_texts), dict(kept))
    assert verified(running) == 0
    assert cast(running, found, MEMBERS[3], {code: "agree"}).status_code == 201


@pytest.mark.one_database
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


@pytest.mark.one_database
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


SENSIBLE = {
    "prepared": ["", "/members", "/vote", "/vote", "/vote"],
    "voting": ["/papers"] * 6 + ["/count", "/count", "/members"],
    "counted": ["/recount", "/challenges", "/challenges", "/answer", "/answer", "/close"],
}
ANY = [*dict.fromkeys(each for acts in SENSIBLE.values() for each in acts), "/cancel"]


def drawn(lot, found, codes, keys, act):
    """What is sent to do an act, some of it amiss."""
    seats = terms()["members"]
    for each in seats:
        each["attendance"] = lot.choice(["present"] * 5 + ["written", "absent"])
    challenge = max((each["id"] for each in found["challenges"]), default=1)
    bodies = {
        "": terms(*codes[: lot.choice([1, 2, 2])], quorum=lot.choice(["2/3", "2/3", "1/2"])),
        "/members": {"members": seats[: lot.choice([4, 5, 5, 5])]},
        "/papers": {"run": found["run"], "choices": dict.fromkeys(codes, "agree")},
        "/count": {"codes": list(keys.values())},
        "/challenges": {"words": "Sai"},
        "/answer": {"words": "Lại", "repeats": lot.random() < 0.6},
        "/cancel": {"words": "Hoãn"},
    }
    path = f"/challenges/{challenge}/answer" if act == "/answer" else act
    return path, bodies.get(act)


def test_whatever_is_done_in_whatever_order_is_done_or_refused_in_words(running):
    """Acts drawn by lot in all states of rounds: no guard of the database is met, and all is recorded."""
    lot, done = random.Random(20), Counter()  # noqa: S311 - the same acts in every run
    codes, keys = [nomination(running) for _ in range(2)], {}
    found = prepared(running, *codes)
    for _ in range(110):
        act = lot.choice(SENSIBLE[found["state"]] if lot.random() < 0.85 else ANY)
        path, body = drawn(lot, found, [each["code"] for each in found["cases"]], keys, act)
        leads = [DIRECTOR, CHIEF] if act in {"/vote", "/answer", "/close"} else [OFFICER]
        who = lot.choice(MEMBERS if act == "/papers" else leads)
        answer = running.client(who).post(f"/council-rounds/{found['id']}{path}", json=body)
        assert answer.status_code < 500, (act, answer.text)
        if answer.is_success and act == "/vote":
            keys[who] = answer.json()["code"]
        done[act, found["run"] > 1, answer.is_success] += 1
        if answer.is_success and act != "/papers":
            found = answer.json()
        if found["state"] in {"closed", "cancelled"}:
            codes, keys = [nomination(running) for _ in range(2)], {}
            found = prepared(running, *codes)
    acts = {act for act, _, is_done in done if is_done}
    assert acts >= {"", "/members", "/vote", "/papers", "/count", "/challenges", "/answer"}, done
    assert done["/count", True, True], "a vote was held again"
    assert verified(running) == 0


@pytest.mark.one_database
def test_a_key_whose_code_nobody_saw_is_taken_anew_until_somebody_votes(running):
    """A double click, or an answer that was lost: the code is shown once, and was seen by nobody."""
    code = nomination(running)
    number = prepared(running, code)["id"]
    way = f"/council-rounds/{number}/vote"

    def taken(who, key):
        return running.client(who).post(way, headers={"Idempotency-Key": key})

    first = taken(DIRECTOR, "first").json()
    assert until(lambda: [each for each in asked_for_keys(running) if each.recipient == CHIEF])
    with running.signed_in(OFFICER) as office:
        page = office.get(f"/rounds/{number}").text
    names = {each["email"]: each["name"] for each in first["members"]}
    assert f"{names[CHIEF]} chưa nhận" in page
    assert f"{names[DIRECTOR]} chưa nhận" not in page
    lost, again = taken(CHIEF, "second").json(), taken(CHIEF, "second").json()
    assert (lost["state"], again["state"], again["code"]) == ("voting", "voting", "")
    assert taken(OFFICER, "stranger").status_code == 403
    with running.signed_in(CHIEF) as chief:
        form = {
            "key": re.search(r'name="key" value="(\w+)"', chief.get(f"/rounds/{number}").text)[1]
        }
        chief.post(f"/rounds/{number}/vote", data=form)
        told = chief.post(f"/rounds/{number}/vote", data=form).text
    assert "chỉ hiện một lần" in told
    assert not re.search(BOX_CODE, told)
    anew = taken(CHIEF, "anew").json()
    found = {**anew, "codes": [first["code"], anew["code"]]}
    voted(running, found, ["agree"])
    late = taken(CHIEF, "late")
    assert (late.status_code, rules(late)) == (422, ["state"])
    for who in MEMBERS[1:]:
        assert cast(running, found, who, {code: "agree"}).status_code == 201
    body = {"codes": [first["code"], lost["code"]]}
    refused = running.client(OFFICER).post(f"/council-rounds/{number}/count", json=body)
    assert (refused.status_code, rules(refused)) == (422, ["codes"])
    assert counted(running, found)["cases"][0]["agree"] == len(MEMBERS)
    assert verified(running) == 0


def asked_for_keys(running):
    return [each for each in running.mailbox.mails() if "chìa khóa" in each.subject.lower()]
