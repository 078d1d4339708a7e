"""Separation of duties holds at run time, whatever position somebody has by then."""

import pytest

from tests.unit.test_definitions import own_process
from workflow.command import Cause
from workflow.commands.migrate_items import MigrateItems
from workflow.commands.people import ImportPeople
from workflow.commands.publish_definition import PublishDefinition
from workflow.commands.setup import SetUp
from workflow.definition import load_definition
from workflow.model import Method, Via
from workflow.people.staff_rows import PersonRow
from workflow.queries.audit import verify_database
from workflow.rules import vocabulary

pytestmark = pytest.mark.one_database

HEAD = "head.htqt@so.example"


def move(running, position, department, command_id):
    person = running.person(HEAD)
    row = PersonRow(row=1, email=HEAD, name=person.name, position=position, department=department)
    command = ImportPeople(
        rows=(row,),
        cause=Cause(actor=None, via=Via.CLI, method=Method.NONE, command_id=command_id),
        invites=False,
    )
    running.run(running.parts.database.write(command))
    running.sign_out(HEAD)


def test_who_approved_for_the_department_cannot_review_for_the_office_later(running):
    item = running.item_in("department_approved")
    move(running, "officer", "van-phong", "to-the-office")
    try:
        held = running.client("auditor@so.example").get(f"/items/{item['code']}").json()["holders"]
        assert HEAD in [each["email"] for each in held]
        refused = running.decide(item["code"], "review_office", HEAD)
        assert refused.status_code == 403
        assert [each["rule"] for each in refused.json()["reasons"]] == ["different_people"]
        assert "không cho một người làm cả hai bước" in refused.text
        with running.signed_in(HEAD) as browser:
            assert (
                "không cho một người làm cả hai bước" in browser.get(f"/items/{item['code']}").text
            )
        assert (
            running.decide(item["code"], "return", HEAD, comment="Bổ sung biên bản").status_code
            == 200
        ), "what nothing forbids stays open"
    finally:
        move(running, "head", "hop-tac-quoc-te", "back-again")


def test_it_holds_also_where_the_rules_themselves_would_let_one_person_take_both(running):
    text = (
        own_process()
        .replace("guarantees:\n", "guarantees:\n  different_people: [[look, approve]]\n")
        .replace("    to: [submitted]\n    by: author", "    to: [looked]\n    by: author")
    )
    looked = "  - {id: looked, label: {vi: Xem, en: Look}, holders: [{positions: [head, deputy], within: department}]}\n"
    look = "  - {id: look, label: {vi: Xem xong, en: Looked}, outcome: {vi: Chuyển, en: On}, from: [looked], to: [submitted]}\n"
    text = text.replace("  - id: submitted\n", f"{looked}  - id: submitted\n").replace(
        "transitions:\n", f"transitions:\n{look}"
    )
    loaded = load_definition(text, "both.yaml", vocabulary())
    running.run(
        running.parts.database.write(
            SetUp(definitions=(loaded,), campaigns=(), organization=None, software="test")
        )
    )
    item = running.draft("leave_request", "staff.htqt@so.example")
    assert running.decide(item["code"], "submit", "staff.htqt@so.example").status_code == 200
    assert running.decide(item["code"], "look", HEAD).status_code == 200
    refused = running.decide(item["code"], "approve", HEAD)
    assert refused.status_code == 403
    assert [each["rule"] for each in refused.json()["reasons"]] == ["different_people"]
    assert running.decide(item["code"], "approve", "deputy.htqt@so.example").status_code == 200


def test_it_holds_for_who_took_a_step_only_because_another_was_away(running):
    text = own_process().replace(
        "guarantees:\n", "guarantees:\n  different_people: [[look, approve]]\n"
    )
    text = text.replace(
        "    to: [submitted]\n    by: author", "    to: [looked]\n    by: author"
    ).replace("version: 1", "version: 2", 1)
    looked = "  - {id: looked, label: {vi: Xem, en: Look}, holders: [{positions: [head], within: department}, {positions: [chief]}]}\n"
    look = "  - {id: look, label: {vi: Xem xong, en: Looked}, outcome: {vi: Chuyển, en: On}, from: [looked], to: [submitted]}\n"
    text = text.replace("  - id: submitted\n", f"{looked}  - id: submitted\n").replace(
        "transitions:\n", f"transitions:\n{look}"
    )
    text = text.replace("      - {positions: [head, deputy], within: department}\n", "")
    loaded = load_definition(text, "away.yaml", vocabulary())
    running.run(
        running.parts.database.write(
            SetUp(definitions=(loaded,), campaigns=(), organization=None, software="test")
        )
    )
    chief = "chief@so.example"
    works(running, is_active=False, command_id="away")
    try:
        item = running.draft("leave_request", "staff.htqt@so.example")
        assert running.decide(item["code"], "submit", "staff.htqt@so.example").status_code == 200
        assert running.decide(item["code"], "look", chief).status_code == 200
    finally:
        works(running, is_active=True, command_id="back")
        if HEAD in running.clients:
            running.clients.pop(HEAD).close()  # whoever comes back needs a new token
    refused = running.decide(item["code"], "approve", chief)
    assert refused.status_code == 403
    assert [each["rule"] for each in refused.json()["reasons"]] == ["different_people"]


def works(running, *, is_active, command_id):
    person = running.person(HEAD)
    row = PersonRow(
        row=1,
        email=HEAD,
        name=person.name,
        position=person.position.value,
        department=person.department,
        is_active=is_active,
    )
    command = ImportPeople(
        rows=(row,),
        cause=Cause(actor=None, via=Via.CLI, method=Method.NONE, command_id=command_id),
        invites=False,
    )
    running.run(running.parts.database.write(command))


def test_neither_the_nominee_nor_the_own_department_decides_where_the_process_says_so(running):
    field = "  - {id: nominee, type: person, group: leave, label: {vi: Người được đề nghị, en: Nominee}, example: chief@so.example}\n"
    guards = "guards: [{name: not_the_author}, {name: not_named_in, parameters: {field: nominee}}, {name: another_department}]"
    text = (
        own_process()
        .replace("\nstates:\n", f"{field}\nstates:\n", 1)
        .replace("guards: [{name: not_the_author}]", guards)
    )
    text = text.replace("      - {positions: [head, deputy], within: department}\n", "").replace(
        "[chief, deputy_director]", "[head, chief, deputy_director]"
    )
    loaded = load_definition(
        text.replace("version: 1", "version: 7", 1), "apart.yaml", vocabulary()
    )
    running.run(
        running.parts.database.write(
            SetUp(definitions=(loaded,), campaigns=(), organization=None, software="test")
        )
    )
    code = running.draft("leave_request", "staff.htqt@so.example")["code"]
    assert running.decide(code, "submit", "staff.htqt@so.example").status_code == 200
    refusals = {who: running.decide(code, "approve", who) for who in ("chief@so.example", HEAD)}
    assert {
        who: [each["rule"] for each in refused.json()["reasons"]]
        for who, refused in refusals.items()
    } == {
        "chief@so.example": ["not_named_in"],
        HEAD: ["another_department"],
    }
    assert all(refused.status_code == 403 for refused in refusals.values())
    assert running.decide(code, "approve", "head.ls@so.example").status_code == 200


def test_who_proposed_what_an_item_now_follows_decides_on_it_no_more(running):
    """By whatever position they have then; nobody is left with an item that only they could hold."""
    author, admin, chief = "staff.htqt@so.example", "admin@so.example", "chief@so.example"
    first, loaded = (
        load_definition(
            own_process().replace("version: 1", f"version: {number}", 1), "own.yaml", vocabulary()
        )
        for number in (8, 9)
    )
    running.run(
        running.parts.database.write(
            SetUp(definitions=(first,), campaigns=(), organization=None, software="test")
        )
    )
    code = running.draft("leave_request", author)["code"]
    assert running.decide(code, "submit", author).status_code == 200

    def proposed(kind, **more):
        cause = Cause(
            actor=running.person(admin).id,
            via=Via.API,
            method=Method.TOKEN,
            command_id=f"{kind.__name__}:{code}",
        )
        running.run(running.parts.database.write(kind(cause=cause, **more)))
        running.confirm(chief)

    proposed(PublishDefinition, loaded=loaded)
    proposed(MigrateItems, codes=(code,), to_hash=loaded.hash)
    item = running.client("auditor@so.example").get(f"/items/{code}").json()
    assert item["definition"]["version"] == 9
    change(running, admin, position="head", department="hop-tac-quoc-te")
    try:
        item = running.client("auditor@so.example").get(f"/items/{code}").json()
        assert admin not in [each["email"] for each in item["holders"]]
        refused = running.decide(code, "approve", admin)
        assert refused.status_code == 403, refused.text
        assert running.decide(code, "approve", HEAD).status_code == 200
    finally:
        change(running, admin, position="admin", department=None)
    assert running.parts.database.report_blocking(verify_database).status == 0


def change(running, email, **what):
    row = PersonRow(row=1, email=email, name=running.person(email).name, **what)
    cause = Cause(actor=None, via=Via.CLI, method=Method.NONE, command_id=f"{email}:{what}")
    running.run(running.parts.database.write(ImportPeople(rows=(row,), cause=cause, invites=False)))
