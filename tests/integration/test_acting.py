"""Beside the decisions: taking one back, stepping aside, a link that reached the wrong person, many at once."""

import re
from datetime import timedelta

import pytest

from tests.conftest import STARTS_AT
from tests.waiting import until
from workflow.command import Cause
from workflow.commands.people import ImportPeople
from workflow.model import Method, Via
from workflow.people.staff_rows import PersonRow
from workflow.queries.audit import verify_database

pytestmark = pytest.mark.one_database

HEAD, DEPUTY, OFFICER, CHIEF = (
    "head.htqt@so.example",
    "deputy.htqt@so.example",
    "officer@so.example",
    "chief@so.example",
)
STAFF, AUDITOR = "staff.htqt@so.example", "auditor@so.example"
assert STARTS_AT


def sound(running):
    return running.parts.database.report_blocking(verify_database).status == 0


def holders(running, code):
    return {
        each["email"] for each in running.client(AUDITOR).get(f"/items/{code}").json()["holders"]
    }


def types(running, code):
    return [
        each["type"]
        for each in running.client(AUDITOR).get(f"/items/{code}/history").json()["data"]
    ]


def key_of(page):
    return re.search(r'name="key" value="([0-9a-f]{32})"', page.text)[1]


def test_a_decision_is_taken_back_by_whoever_made_it_and_its_links_are_dead(running):
    item = running.item_in("department_approved")
    link = running.link_for(item["code"], OFFICER)
    refused = running.client(DEPUTY).post(f"/items/{item['code']}/undo")
    assert refused.status_code == 403
    assert [each["rule"] for each in refused.json()["reasons"]] == ["undo"]
    undone = running.client(HEAD).post(
        f"/items/{item['code']}/undo", headers={"Idempotency-Key": "undo-1"}
    )
    assert undone.status_code == 200, undone.text
    assert (undone.json()["state"], undone.json()["version"]) == ("submitted", item["version"] + 1)
    assert holders(running, item["code"]) == {HEAD, DEPUTY}
    assert types(running, item["code"])[-1] == "undone"
    again = running.client(HEAD).post(
        f"/items/{item['code']}/undo", headers={"Idempotency-Key": "undo-1"}
    )
    assert (again.status_code, again.json()["entry"]) == (200, undone.json()["entry"])
    assert running.client(HEAD).post(f"/items/{item['code']}/undo").status_code == 403, (
        "once is once"
    )
    with running.browser() as browser:
        assert "Hồ sơ đã sang bước khác" in browser.get(link).text
        assert (
            browser.post(
                link, data={"decision": "review_office", "version": str(item["version"])}
            ).status_code
            == 409
        )
    until(
        lambda: [
            mail for mail in running.mails_about(item["code"], OFFICER) if "hoàn tác" in mail.text
        ]
    )
    # What was taken back does not keep the person from the other step, and the way goes on.
    assert running.decide(item["code"], "approve_department", DEPUTY).status_code == 200
    assert sound(running)


def test_nothing_is_taken_back_once_somebody_acted_or_ten_minutes_passed_or_the_rules_forbid_it(
    running,
):
    item = running.item_in("office_reviewed")
    assert running.client(HEAD).post(f"/items/{item['code']}/undo").status_code == 403
    running.clock._offset += timedelta(minutes=11)
    try:
        late = running.client(OFFICER).post(f"/items/{item['code']}/undo")
        assert late.status_code == 403
        assert "10 phút" in late.text
    finally:
        running.clock._offset -= timedelta(minutes=11)
    signed = running.item_in("director_signed")
    assert (
        running.client("director@so.example").post(f"/items/{signed['code']}/undo").status_code
        == 403
    )
    assert running.client(STAFF).post("/items/DN-0000-0000/undo").status_code == 404
    draft = running.draft()
    assert running.client(STAFF).post(f"/items/{draft['code']}/undo").status_code == 403


def test_who_is_barred_from_an_item_undoes_what_they_decided_themselves_alone(running):
    code = running.item_in("department_approved")["code"]
    aside = running.client(OFFICER).post(f"/items/{code}/recuse", json={"reason": "Người thân"})
    assert aside.status_code == 200, aside.text
    returned = running.decide(code, "return", CHIEF, comment="Bổ sung", to="submitted")
    assert returned.status_code == 200, returned.text
    refused = running.client(OFFICER).post(f"/items/{code}/undo")
    assert (refused.status_code, refused.json()["reasons"][0]["rule"]) == (403, "undo")
    with running.signed_in(OFFICER) as browser:
        assert "Hoàn tác quyết định" not in browser.get(f"/items/{code}").text
    assert running.state_of(code) == "submitted"
    assert running.client(CHIEF).post(f"/items/{code}/undo").status_code == 200
    assert sound(running)


def test_the_receipt_behind_a_link_offers_undo_and_then_says_so(running):
    item = running.item_in("submitted")
    link = running.link_for(item["code"], HEAD)
    with running.browser() as browser:
        receipt = browser.post(
            link, data={"decision": "approve_department", "version": str(item["version"])}
        )
        assert "Hoàn tác quyết định này" in receipt.text
        tick = '<input type="checkbox" id="undo"'
        assert tick not in receipt.text, "one press, where one has just decided"
        assert tick in browser.get(link).text, "a machine that presses every button ticks nothing"
        after = browser.post(f"{link}/undo", data={"key": key_of(receipt), "confirm": "yes"})
        assert after.status_code == 200
        assert "đã hoàn tác quyết định này" in after.text
        assert "Hoàn tác quyết định này" not in after.text
        assert (
            browser.post(f"{link}/undo", data={"key": "f" * 32, "confirm": "yes"}).status_code
            == 409
        )
        assert (
            browser.post(
                link, data={"decision": "approve_department", "version": str(item["version"])}
            ).status_code
            == 200
        ), "its own receipt"
    assert running.state_of(item["code"]) == "submitted"
    newer = running.link_for(item["code"], HEAD, newer_than=1)
    assert newer != link
    assert sound(running)


def test_on_the_page_too(running):
    item = running.item_in("department_approved")
    with running.signed_in(HEAD) as browser:
        page = browser.get(f"/items/{item['code']}")
        assert "Hoàn tác quyết định này" in page.text
        assert "Quyết định vừa ghi: Duyệt, chuyển Văn phòng Sở." in page.text
        with running.signed_in(OFFICER) as office:
            beside = office.get(f"/items/{item['code']}").text
        assert re.search(
            r"<details>\s*<summary[^>]*>Quyết định của [^:<]+: Duyệt, chuyển Văn phòng Sở\.", beside
        ), "another's decision is named, and folded beside one's own"
        assert (
            browser.post(f"/items/{item['code']}/undo", data={"key": key_of(page)}).status_code
            == 200
        )
        assert (
            browser.post(f"/items/{item['code']}/undo", data={"key": "a" * 32}).status_code == 409
        )
    assert running.state_of(item["code"]) == "submitted"


def test_whoever_is_concerned_steps_aside_and_never_gets_it_back(running):
    item = running.item_in("department_approved")
    assert holders(running, item["code"]) == {OFFICER, CHIEF}
    assert (
        running.client(HEAD)
        .post(f"/items/{item['code']}/recuse", json={"reason": "Người thân"})
        .status_code
        == 403
    )
    assert (
        running.client(OFFICER)
        .post(f"/items/{item['code']}/recuse", json={"reason": " "})
        .status_code
        == 422
    )
    assert (
        running.client(OFFICER)
        .post(f"/items/{item['code']}/recuse", json={"reason": "Người thân"})
        .status_code
        == 200
    )
    assert holders(running, item["code"]) == {CHIEF}
    refused = running.decide(item["code"], "review_office", OFFICER)
    assert refused.status_code == 403
    assert (
        running.decide(item["code"], "return", CHIEF, comment="Bổ sung", to="submitted").status_code
        == 200
    )
    assert running.decide(item["code"], "approve_department", HEAD).status_code == 200
    assert holders(running, item["code"]) == {CHIEF}, "for good"
    entry = next(
        each
        for each in running.client(AUDITOR).get(f"/items/{item['code']}/history").json()["data"]
        if each["type"] == "recused"
    )
    assert (entry["actor"], entry["comment"]) == (OFFICER, "Người thân")
    assert sound(running)


def test_when_nobody_is_left_the_office_is_told_at_once_and_a_delegation_mends_it(running):
    item = running.item_in("submitted")
    link = running.link_for(item["code"], DEPUTY)
    assert (
        running.client(HEAD)
        .post(f"/items/{item['code']}/recuse", json={"reason": "Người thân"})
        .status_code
        == 200
    )
    with running.browser() as browser:
        page = browser.get(link)
        assert "Tôi có liên quan tới hồ sơ này" in page.text
        assert (
            browser.post(f"{link}/recuse", data={"comment": "", "key": "b" * 32}).status_code == 422
        )
        done = browser.post(f"{link}/recuse", data={"comment": "Cùng tổ soạn", "key": key_of(page)})
        assert done.status_code == 200
    assert holders(running, item["code"]) == set()
    mails = until(
        lambda: [
            mail
            for mail in running.mails_about(item["code"], CHIEF)
            if "[Không có người xử lý]" in mail.subject
        ]
    )
    assert len(mails) == 1
    person = running.person("head.ls@so.example")
    row = PersonRow(
        row=1, email=person.email, name=person.name, position="deputy", department="hop-tac-quoc-te"
    )
    command = ImportPeople(
        rows=(row,),
        cause=Cause(actor=None, via=Via.CLI, method=Method.NONE, command_id="mend"),
        invites=False,
    )
    running.run(running.parts.database.write(command))
    assert holders(running, item["code"]) == {"head.ls@so.example"}
    assert sound(running)
    back = PersonRow(
        row=1, email=person.email, name=person.name, position="head", department="lanh-su"
    )
    command = ImportPeople(
        rows=(back,),
        cause=Cause(actor=None, via=Via.CLI, method=Method.NONE, command_id="mend-back"),
        invites=False,
    )
    running.run(running.parts.database.write(command))


def test_a_link_that_reached_somebody_else_ends_and_the_office_hears_of_it_once(running):
    item = running.item_in("submitted")
    link = running.link_for(item["code"], HEAD)
    with running.browser() as browser:
        assert "không phải của tôi" in browser.get(link).text
        assert browser.post(f"{link}/not-me").status_code == 422
        assert browser.post(f"{link}/not-me", data={"confirm": "yes"}).status_code == 200
        assert browser.post(f"{link}/not-me", data={"confirm": "yes"}).status_code == 410
        assert (
            browser.post(
                link, data={"decision": "approve_department", "version": str(item["version"])}
            ).status_code
            == 410
        )
        assert browser.post(f"{link}/undo", data={}).status_code == 410
        assert browser.post(f"{link}/recuse", data={"comment": "x"}).status_code == 410
        forged = link[:-4] + "AAAA"
        for action in ("not-me", "undo", "recuse", "fresh"):
            assert browser.post(f"{forged}/{action}").status_code == 404
        assert browser.post(f"{link}/fresh").status_code == 200, (
            "a fresh one goes to the registered address only"
        )
    until(
        lambda: [
            mail
            for mail in running.mails_about(item["code"], OFFICER)
            if "tới nhầm người]" in mail.subject
        ]
    )
    assert running.state_of(item["code"]) == "submitted"
    running.link_for(item["code"], HEAD, newer_than=1)


def test_one_decision_for_many_each_judged_by_itself(running):
    codes = [running.item_in("submitted")["code"] for _ in range(3)]
    other = running.item_in("department_approved")["code"]
    signing = running.item_in("office_reviewed")["code"]
    with running.signed_in(HEAD) as browser:
        page = browser.get("/together", params={"code": [*codes, other, "DN-9999-9999"]})
        assert page.status_code == 200
        versions = dict(re.findall(r'name="version-([^"]+)" value="(\d+)"', page.text))
        assert set(versions) == {*codes, other}
        assert page.text.count("\nchecked>") == len(codes), "chosen already, where it can be"
        assert page.text.count("Đang chờ người khác xử lý") == 1, "and why where it cannot"
        running.decide(codes[1], "return", DEPUTY, comment="Bổ sung")
        form = {
            **{f"version-{code}": version for code, version in versions.items()},
            "shown": [*codes, other],
            "key": key_of(page),
        }
        nothing = browser.post("/together", data={**form, "decision": "approve_department"})
        assert nothing.status_code == 422
        done = browser.post(
            "/together", data={**form, "code": [*codes, other], "decision": "approve_department"}
        )
        assert done.status_code == 200
        assert done.text.count("đã ghi nhận.") == 2
        assert done.text.count("chưa được.") == 2
        twice = browser.post(
            "/together", data={**form, "code": codes[:1], "decision": "approve_department"}
        )
        assert twice.text.count("đã ghi nhận.") == 1, "sent twice, done once"
        assert (
            browser.post(
                "/together",
                data={**form, "code": [f"DN-{number}" for number in range(201)], "decision": "x"},
            ).status_code
            == 422
        )
    assert [running.state_of(code) for code in codes] == [
        "department_approved",
        "drafted",
        "department_approved",
    ]
    entries = running.client(AUDITOR).get(f"/items/{codes[0]}/history").json()["data"]
    assert entries[-1]["via"] == "bulk"
    assert len(entries) == 3
    with running.signed_in("director@so.example") as browser:
        page = browser.get("/together", params={"code": [signing]})
        version = re.search(rf'name="version-{signing}" value="(\d+)"', page.text)[1]
        data = {
            f"version-{signing}": version,
            "code": signing,
            "decision": "sign_director",
            "key": "c" * 32,
            "shown": signing,
        }
        without = browser.post("/together", data=data)
        assert (without.status_code, "Chưa có gì được ghi nhận" in without.text) == (403, True)
        wrong = browser.post("/together", data={**data, "pin": "000000"})
        assert wrong.status_code == 403
        assert "000000" not in wrong.text
    assert running.state_of(signing) == "office_reviewed"


def test_the_director_signs_a_list_with_one_factor_given_for_it(running):
    signing = [running.item_in("office_reviewed")["code"] for _ in range(3)]
    with running.signed_in("director@so.example") as browser:
        page = browser.get("/together", params={"code": signing})
        versions = {
            f"version-{code}": version
            for code, version in re.findall(r'name="version-([^"]+)" value="(\d+)"', page.text)
        }
        data = {
            **versions,
            "code": signing,
            "shown": signing,
            "decision": "sign_director",
            "key": key_of(page),
            "pin": "246810",
        }
        done = browser.post("/together", data=data)
    assert done.text.count("đã ghi nhận.") == 3, done.text
    for code in signing:
        entry = running.client(AUDITOR).get(f"/items/{code}/history").json()["data"][-1]
        assert (entry["to"], entry["method"], entry["via"]) == ("director_signed", "pin", "bulk")


@pytest.mark.parametrize(
    "path", ["/items/DN-0000-0000/undo", "/items/DN-0000-0000/recuse", "/together"]
)
def test_nobody_acts_without_being_known(running, path):
    with running.browser() as browser:
        assert "/sign-in" in str(browser.post(path, data={}).url)


def test_a_link_takes_back_only_what_it_decided_itself(running):
    item = running.item_in("submitted")
    own = running.link_for(item["code"], HEAD)  # before the decision overtakes its mail
    assert running.decide(item["code"], "approve_department", HEAD).status_code == 200
    other = running.link_for(item["code"], OFFICER)
    tick = {"confirm": "yes", "key": "1" * 32}
    with running.browser() as browser:
        assert browser.post(f"{other}/undo", data=tick).status_code == 409, (
            "the Office's own link decides its step, not others' decisions"
        )
        assert "Hoàn tác quyết định này" in browser.get(own).text, (
            "a decision of that step, however it was made"
        )
        assert browser.post(f"{own}/undo", data=tick).status_code == 200
        assert running.decide(item["code"], "approve_department", HEAD).status_code == 200
        assert browser.post(f"{own}/undo", data={**tick, "key": "5" * 32}).status_code == 409, (
            "a later decision is another link's"
        )
    assert running.state_of(item["code"]) == "department_approved"


def test_only_a_live_link_lets_its_person_step_aside(running):
    item = running.item_in("submitted")
    old = running.link_for(item["code"], HEAD)
    assert running.decide(item["code"], "return", DEPUTY, comment="Bổ sung").status_code == 200
    assert running.decide(item["code"], "submit", STAFF).status_code == 200
    with running.browser() as browser:
        assert (
            browser.post(
                f"{old}/recuse", data={"comment": "Không phải tôi viết", "key": "2" * 32}
            ).status_code
            == 409
        )
        assert browser.post(f"{old}/not-me", data={"confirm": "yes"}).status_code == 409, (
            "an old mail ends nobody's present link"
        )
    assert HEAD in holders(running, item["code"])


def test_somebody_who_used_my_link_is_reported_too(running):
    item = running.item_in("submitted")
    link = running.link_for(item["code"], HEAD)
    with running.browser() as browser:
        assert (
            browser.post(
                link, data={"decision": "approve_department", "version": str(item["version"])}
            ).status_code
            == 200
        )
        assert browser.post(f"{link}/not-me", data={"confirm": "yes"}).status_code == 200
    until(
        lambda: [
            mail
            for mail in running.mails_about(item["code"], OFFICER)
            if "tới nhầm người]" in mail.subject
        ]
    )


def test_what_needs_a_page_of_its_own_is_not_decided_together(running):
    draft = running.draft()
    sending = running.item_in("director_signed")
    with running.signed_in(STAFF) as browser:
        page = browser.get("/together", params={"code": draft["code"]}).text
        assert "“Trình lãnh đạo phòng” thực hiện ở trang của hồ sơ" in page, (
            "submitting asks whether there is a state secret in it"
        )
        assert 'name="decision"' not in page
        data = {
            f"version-{draft['code']}": "1",
            "code": draft["code"],
            "decision": "submit",
            "key": "3" * 32,
            "shown": draft["code"],
        }
        assert "mở từng hồ sơ" in browser.post("/together", data=data).text
    with running.signed_in("clerk@so.example") as browser:
        version = str(sending["version"])
        data = {
            f"version-{sending['code']}": version,
            "code": sending["code"],
            "decision": "send_to_board",
            "key": "4" * 32,
            "shown": sending["code"],
        }
        assert "mở từng hồ sơ" in browser.post("/together", data=data).text
    assert (running.state_of(draft["code"]), running.state_of(sending["code"])) == (
        "drafted",
        "director_signed",
    )
