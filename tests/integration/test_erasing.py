"""Erasing what somebody wrote and who somebody was: two people, an entry, and a history that still verifies."""

import secrets
from dataclasses import replace

import pytest
from sqlalchemy import select, text

from tests.conftest import CAMPAIGN
from tests.guards import unguarded
from tests.integration.test_proposal_links import link_of
from tests.refusals import refuses
from workflow.command import Cause
from workflow.commands.confirm_proposal import ConfirmProposal
from workflow.commands.erase_person import ErasePerson
from workflow.commands.erase_text import EraseNote, EraseText
from workflow.commands.holds import LiftHold, PlaceHold
from workflow.commands.people import ImportPeople
from workflow.commands.proposals import Proposed
from workflow.errors import InvalidRefusal, NotFoundRefusal, NotPermittedRefusal
from workflow.history import TITLE
from workflow.model import Method, Via, erased_address
from workflow.people.staff_rows import PersonRow
from workflow.queries.audit import export_history, verify_database, verify_export
from workflow.rules.erasing import Wanted
from workflow.store import schema
from workflow.store.proposals import find_proposal

STAFF, HEAD, OFFICER = "staff.htqt@so.example", "head.htqt@so.example", "officer@so.example"
DIRECTOR, DEPUTY = "director@so.example", "deputy.director@so.example"
CHIEF = "chief@so.example"


def cause(running, who, method=Method.SESSION):
    actor = running.person(who).id if who else None
    via, method = (Via.PAGE, method) if who else (Via.CLI, Method.NONE)
    key = secrets.token_hex(8)
    return Cause(actor=actor, via=via, method=method, command_id=key, digest=key)


def write(running, command):
    return running.parts.database.write_blocking(command)


def confirmed(running, command, by=DIRECTOR):
    """Let a second person confirm what ``command`` proposes."""
    waits = write(running, command)
    assert isinstance(waits, Proposed), waits
    write(running, ConfirmProposal(cause=cause(running, by, Method.PIN), proposal=waits.id))
    return waits.id


def verdict(running):
    return running.parts.database.report_blocking(verify_database)


def everything(running):
    """Every value of every table, as one text."""
    with running.parts.engines.read.connect() as connection:
        return "\n".join(
            repr(tuple(row))
            for table in schema.metadata.sorted_tables
            for row in connection.execute(select(table))
        )


def erase(running, code, by=OFFICER, why="Theo yêu cầu của người được nêu tên", **wanted):
    return EraseText(
        cause=cause(running, by), code=code, wanted=Wanted(**wanted), why=why, request=None
    )


def told(running, word):
    """An item whose title, a field, a comment and a file's name say ``word``."""
    author = running.client(STAFF)
    body = author.get("/definitions/nomination/example").json()
    name = next(
        key for key, value in body["fields"].items() if isinstance(value, str) and " " in value
    )
    body["fields"][name] = f"Gặp {word} hôm qua"
    body["title"] = f"Đề nghị cho {word}"
    item = author.post("/items", json=body).json()
    code = item["code"]
    pdf = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n" + word.encode()
    )
    added = author.post(
        f"/items/{code}/attachments",
        files={"file": (f"{word}.pdf", pdf)},
        headers={"If-Match": f'"{item["version"]}"'},
    )
    assert added.status_code == 201, added.text
    said = author.post(f"/items/{code}/comments", json={"words": f"{word} đã nói thế"})
    assert said.status_code == 201, said.text
    with running.parts.engines.read.connect() as connection:
        files = connection.execute(
            text("SELECT sha256 FROM files WHERE name = :name"), {"name": f"{word}.pdf"}
        ).scalars()
        return code, name, tuple(files)


def test_what_was_written_goes_everywhere_and_the_history_says_so(running, tmp_path):
    word = f"Sao{secrets.token_hex(4)}"
    code, field, files = told(running, word)
    seq = running.client(STAFF).get(f"/items/{code}/history").json()["data"][-1]["seq"]
    assert word in everything(running)
    running.client(STAFF).get(f"/items/{code}")  # its content is known to the process
    wish = erase(running, code, entries=(seq,), parts=(TITLE, field), files=files)
    with refuses(NotPermittedRefusal, "Văn phòng"):
        write(running, erase(running, code, by=HEAD, entries=(seq,)))
    waits = write(running, wish)
    assert word in everything(running), "nothing has happened yet"
    assert word not in running.parts.database.report_blocking(
        lambda connection: connection.execute(
            select(schema.proposals.c.parameters).where(schema.proposals.c.id == waits.id)
        ).scalar()
    )
    answer = running.client(DIRECTOR).post(f"/proposals/{waits.id}/confirm", json={"pin": "246810"})
    assert answer.status_code == 200, answer.text
    assert word not in everything(running)
    assert verdict(running).status == 0, verdict(running).sentence
    entry = running.client("auditor@so.example").get(f"/items/{code}/history").json()["data"]
    assert (entry[-1]["type"], entry[-1]["actor"]) == ("text_erased", DIRECTOR)
    assert entry[-1]["comment"] == wish.why
    assert next(each for each in entry if each["seq"] == seq)["comment"] is None
    shown = running.client(STAFF).get(f"/items/{code}").json()
    assert (shown["title"], field in shown["fields"]) == (code, False)
    running.parts.database.report_blocking(lambda c: export_history(c, tmp_path))
    assert verify_export(tmp_path).status == 0
    with refuses(InvalidRefusal, "Không có nội dung"):
        write(running, erase(running, code, entries=(seq,)))
    with running.signed_in(STAFF) as browser:
        page = browser.get(f"/items/{code}").text
        assert page.count("(đã xóa)") >= 2, "a field and a comment"
    again = running.client(STAFF).patch(
        f"/items/{code}", json={"title": "Tên mới"}, headers={"If-Match": f'"{shown["version"]}"'}
    )
    assert again.status_code == 200, again.text
    assert verdict(running).status == 0, verdict(running).sentence


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM history_texts WHERE subject = 'item:{code}' AND name = 'comment'",
        "UPDATE contents SET body = replace(body, '\"files\":[', '\"files\":[{}') WHERE item_id = (SELECT id FROM items WHERE code = '{code}')",
        "UPDATE items SET erasures = 1 WHERE code = '{code}'",
    ],
    ids=["a text is gone", "a content is another", "an erasure is counted that was none"],
)
def test_what_no_erasure_names_is_missed(running, damage):
    code = running.draft()["code"]
    running.client(STAFF).post(f"/items/{code}/comments", json={"words": "Một ý kiến"})
    with running.parts.engines.write.connect() as connection:
        statement = damage.replace("{code}", code)
        with unguarded(connection, statement):
            connection.exec_driver_sql(statement)
        found = verify_database(connection)
        connection.rollback()
    assert found.status == 1
    assert code in found.sentence.template or code in str(found.sentence)


@pytest.mark.one_database
def test_who_wrote_it_does_not_confirm_and_a_hold_keeps_it(running):
    code = running.draft()["code"]
    said = running.client(DIRECTOR).post(f"/items/{code}/comments", json={"words": "Của giám đốc"})
    assert said.status_code == 201, said.text
    seq = running.client(STAFF).get(f"/items/{code}/history").json()["data"][-1]["seq"]
    wish = erase(running, code, entries=(seq,))
    waits = write(running, wish)
    with refuses(NotPermittedRefusal, "được thêm quyền|có lợi|người khác xác nhận"):
        write(
            running, ConfirmProposal(cause=cause(running, DIRECTOR, Method.PIN), proposal=waits.id)
        )
    hold = write(
        running, PlaceHold(cause=cause(running, OFFICER), about=f"item:{code}", why="Thanh tra")
    )
    with refuses(InvalidRefusal, "Thanh tra"):
        write(running, ConfirmProposal(cause=cause(running, DEPUTY, Method.PIN), proposal=waits.id))
    with refuses(InvalidRefusal, "Thanh tra"):
        write(running, erase(running, code, by=None, entries=(seq,)))
    with refuses(InvalidRefusal, "lệnh giữ"):
        write(
            running, PlaceHold(cause=cause(running, OFFICER), about=f"item:{code}", why="Lần nữa")
        )
    with running.signed_in(OFFICER) as browser:
        page = browser.get("/privacy/erase", params={"of": f"item:{code}"}).text
    assert "Thanh tra" in page
    assert 'name="why"' not in page, "what a hold keeps is not offered for erasure"
    write(running, LiftHold(cause=cause(running, OFFICER), hold=hold, why="Đã kết luận"))
    write(running, ConfirmProposal(cause=cause(running, DEPUTY, Method.PIN), proposal=waits.id))
    assert verdict(running).status == 0, verdict(running).sentence


def test_a_person_who_left_is_erased_and_what_they_did_stays(running, tmp_path):
    word = f"nguyen{secrets.token_hex(4)}"
    email, officer = f"{word}@so.example", running.client(OFFICER)
    body = {"email": email, "name": f"Người {word}", "position": "head", "department": "lanh-su"}
    assert officer.post("/people", json=body).status_code == 202
    running.confirm()
    person = running.person(email)
    running.draft()
    with refuses(InvalidRefusal, "đã nghỉ"):
        write(running, ErasePerson(cause=cause(running, OFFICER), person=person.id, why="Xin xóa"))
    assert officer.patch(f"/people/{email}", json={"is_active": False}).status_code == 200
    wish = ErasePerson(cause=cause(running, OFFICER), person=person.id, why="Xin xóa")
    number = confirmed(running, wish)
    assert word not in everything(running)
    assert verdict(running).status == 0, verdict(running).sentence
    running.parts.database.report_blocking(lambda c: export_history(c, tmp_path))
    assert verify_export(tmp_path).status == 0
    known = running.client("admin@so.example").get("/people").json()["data"]
    erased = next(each for each in known if each["name"] == f"#{person.id}")
    assert erased["email"].endswith("@erased.invalid")
    shown = running.client(DIRECTOR).get("/proposals").json()["data"]
    assert f"#{person.id}" in next(each for each in shown if each["id"] == number)["what"]
    assert officer.patch(f"/people/{erased['email']}", json={"is_active": True}).status_code == 422


@pytest.mark.one_database
def test_an_erased_person_goes_from_proposals_that_knew_an_earlier_address(running):
    first, later, word = (f"le{secrets.token_hex(4)}" for _ in range(3))
    officer = running.client(OFFICER)
    body = {"email": f"{first}@so.example", "name": word, "position": "head"}
    officer.post("/people", json={**body, "department": "lanh-su"})
    running.confirm()
    officer.patch(f"/people/{first}@so.example", json={"email": f"{later}@so.example"})
    running.confirm()
    person = running.person(f"{later}@so.example")
    officer.patch(f"/people/{later}@so.example", json={"is_active": False})
    confirmed(running, ErasePerson(cause=cause(running, OFFICER), person=person.id, why="Xin xóa"))
    kept = everything(running)
    assert [each for each in (first, later, word) if each in kept] == []
    assert verdict(running).status == 0, verdict(running).sentence
    erased = erased_address(person.id)
    back = PersonRow(row=1, email=erased, name=word, position="staff", department="lanh-su")
    back = replace(back, is_active=True)
    with refuses(InvalidRefusal, "xóa"):
        write(running, ImportPeople(cause=cause(running, OFFICER), rows=(back,), invites=False))
    assert running.person(erased).is_erased


@pytest.mark.one_database
def test_who_noted_something_of_a_merit_does_not_confirm_either(running):
    body = {"campaign": CAMPAIGN, "recognition": "good_deed", "whose_kind": "individual"}
    body |= {"whose": "Bà Mai", "what": "Việc", "story": "", "happened_on": "2022-05-01"}
    merit = running.client(STAFF).post("/merits", json=body).json()["id"]
    said = {"words": "Của chánh văn phòng", "standing": "noted"}
    noted = running.client(CHIEF).post(f"/merits/{merit}/notes", json=said)
    assert noted.status_code < 300, noted.text
    wish = EraseNote(cause=cause(running, OFFICER), subject=f"merit:{merit}", why="Xin xóa")
    waits = write(running, wish)
    kept = running.parts.database.report_blocking(lambda c: find_proposal(c, waits.id))
    assert set(kept.gainers) == {running.person(each).id for each in (STAFF, CHIEF)}


@pytest.mark.one_database
def test_an_erasure_names_no_request_that_nobody_made(running):
    code, _, _ = told(running, f"Sao{secrets.token_hex(4)}")
    merit = EraseNote(cause=cause(running, OFFICER), subject="merit:1", why="Xin xóa", request=999)
    person = running.person(STAFF).id
    for wish in (
        replace(erase(running, code, parts=(TITLE,)), request=999),
        merit,
        ErasePerson(cause=cause(running, OFFICER), person=person, why="Xin xóa", request=999),
    ):
        with refuses(InvalidRefusal, "999"):
            write(running, wish)


@pytest.mark.one_database
@pytest.mark.parametrize("number", ["0{}", "00{}"])
def test_a_hold_has_one_name(running, number):
    body = {"campaign": CAMPAIGN, "recognition": "good_deed", "whose_kind": "individual"}
    body |= {"whose": "Bà Mai", "what": "Việc", "story": "", "happened_on": "2022-05-01"}
    made = running.client(STAFF).post("/merits", json=body).json()["id"]
    about = "merit:" + number.format(made)
    with refuses(NotFoundRefusal, "."):
        write(running, PlaceHold(cause=cause(running, OFFICER), about=about, why="Thanh tra"))
    write(running, PlaceHold(cause=cause(running, OFFICER), about=f"merit:{made}", why="Thanh tra"))
    with refuses(NotFoundRefusal, "."):
        write(running, EraseNote(cause=cause(running, OFFICER), subject=about, why="Xin xóa"))


@pytest.mark.one_database
def test_a_merit_is_erased(running):
    body = {
        "campaign": CAMPAIGN,
        "recognition": "good_deed",
        "whose_kind": "individual",
        "whose": "Bà Sao Hôm",
        "what": "Việc của bà Sao Hôm",
        "story": "",
        "happened_on": "2022-05-01",
    }
    made = running.client(STAFF).post("/merits", json=body)
    assert made.status_code == 201, made.text
    subject = f"merit:{made.json()['id']}"
    confirmed(running, EraseNote(cause=cause(running, OFFICER), subject=subject, why="Xin xóa"))
    assert "Sao Hôm" not in everything(running)
    assert verdict(running).status == 0, verdict(running).sentence


@pytest.mark.one_database
def test_whoever_decides_by_a_link_reads_that_a_field_was_erased(running):
    code = running.item_in("submitted")["code"]
    link = running.link_for(code, HEAD)
    fields = running.client(STAFF).get(f"/items/{code}").json()["fields"]
    name = next(key for key, each in fields.items() if isinstance(each, str) and " " in each)
    confirmed(running, erase(running, code, parts=(name,)))
    with running.browser() as browser:
        assert "(đã xóa)" in browser.get(link).text


@pytest.mark.one_database
def test_the_link_of_an_erasure_says_whose_words_go(running):
    code, _, _ = told(running, f"Sao{secrets.token_hex(4)}")
    seq = running.client(STAFF).get(f"/items/{code}/history").json()["data"][-1]["seq"]
    waits = write(running, erase(running, code, entries=(seq,)))
    with running.browser() as browser, running.signed_in(DIRECTOR) as signed_in:
        for page in (
            browser.get(link_of(running, waits.id)).text,
            signed_in.get(f"/proposals/{waits.id}").text,
        ):
            assert "Người có lời hoặc dữ liệu bị xóa" in page
            assert "Người được hưởng lợi" not in page
