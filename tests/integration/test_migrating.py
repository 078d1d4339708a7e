"""Open items follow a new version only when told to, each by one entry, and can go back."""

import pytest

from api.cli.definitions import load_calendar
from notifications.translation import translate
from tests.versions import SHIPPED, as_version
from workflow.checking import check_definition
from workflow.command import Cause
from workflow.commands.migrate_items import MigrateItem
from workflow.commands.setup import SetUp
from workflow.definition import load_definition
from workflow.errors import InvalidRefusal
from workflow.model import Method, Via
from workflow.queries.audit import verify_database
from workflow.rules import vocabulary

pytestmark = pytest.mark.one_database

CHANGES = {
    2: (("positions: [head, deputy]", "positions: [head]"), ("working_days: 2", "working_days: 4")),
    3: (
        ("[submitted", "[handed_in"),
        (" submitted", " handed_in"),
        ("id: submitted", "id: handed_in"),
    ),
}


@pytest.fixture(scope="module")
def versions(running):
    """The hashes of versions 1 to 3; the third one renames a state."""
    settings = running.parts.settings
    text = (settings.definitions / "nomination.yaml").read_text("utf-8")
    loaded = {1: load_definition(text, "1.yaml", vocabulary())}
    for version, changes in CHANGES.items():
        changed = as_version(text, SHIPPED + version)
        for old, new in changes:
            changed = changed.replace(old, new)
        loaded[version] = load_definition(changed, f"{version}.yaml", vocabulary())
    return {version: each.hash for version, each in loaded.items()}, loaded


def publish(running, loaded):
    command = SetUp(
        definitions=tuple(loaded.values()), campaigns=(), organization=None, software="test"
    )
    running.run(running.parts.database.write(command))


def migrate(running, code, to_hash, command_id="m1"):
    return running.run(
        running.parts.database.write(
            MigrateItem(
                cause=Cause(
                    actor=None, via=Via.CLI, method=Method.NONE, command_id=f"{command_id}:{code}"
                ),
                code=code,
                to_hash=to_hash,
            )
        )
    )


def test_an_item_stays_on_its_version_until_it_is_moved_and_can_go_back(running, versions):
    hashes, loaded = versions
    item = running.item_in("submitted")
    publish(running, loaded)
    auditor = running.client("auditor@so.example")
    assert auditor.get(f"/items/{item['code']}").json()["definition"]["hash"] == hashes[1]

    assert migrate(running, item["code"], hashes[2]) > 0
    moved = auditor.get(f"/items/{item['code']}").json()
    assert moved["definition"]["version"] == SHIPPED + 2
    assert [each["email"] for each in moved["holders"]] == ["head.htqt@so.example"]
    assert moved["version"] == item["version"] + 1
    assert moved["due_at"] > item["due_at"]
    assert moved["holders"][0]["due_at"] == moved["due_at"]
    assert migrate(running, item["code"], hashes[2], "m2") == 0, "it is there already"

    stale = running.client("head.htqt@so.example").post(
        f"/items/{item['code']}/transitions",
        json={"transition": "approve_department", "version": item["version"]},
    )
    assert stale.status_code == 409

    assert migrate(running, item["code"], hashes[1], "m3") > 0
    back = auditor.get(f"/items/{item['code']}").json()
    assert {each["email"] for each in back["holders"]} == {
        "head.htqt@so.example",
        "deputy.htqt@so.example",
    }
    assert back["due_at"] == item["due_at"]
    entries = auditor.get(f"/items/{item['code']}/history").json()["data"]
    assert [each["type"] for each in entries] == ["created", "transition", "migrated", "migrated"]
    assert (
        running.decide(item["code"], "approve_department", "deputy.htqt@so.example").status_code
        == 200
    )
    assert running.parts.database.report_blocking(verify_database).status == 0


def test_a_state_without_an_equivalent_is_refused_with_the_reason_and_nothing_changes(
    running, versions
):
    hashes, loaded = versions
    publish(running, loaded)
    item = running.draft()
    assert item["definition"]["version"] == SHIPPED + 3, "a new item follows the newest version"
    assert (
        running.decide(item["code"], "submit", "staff.htqt@so.example").json()["state"]
        == "handed_in"
    )
    with pytest.raises(InvalidRefusal) as caught:
        migrate(running, item["code"], hashes[1])
    assert "handed_in" in translate(caught.value)
    assert running.client("auditor@so.example").get(f"/items/{item['code']}").json()["version"] == 2


def test_the_second_version_is_sound_and_the_third_would_not_pass_unseen(running, versions):
    _, loaded = versions
    calendar = load_calendar(running.parts.settings)
    assert [translate(each) for each in check_definition(loaded[3], calendar).problems] == []
    assert any(
        "due" in translate(each) or "hạn" in translate(each)
        for each in check_definition(loaded[2], calendar).problems
    ), "its scenarios say other due days"


def test_who_has_acted_stays_apart_under_a_version_that_lets_one_person_do_both(running, versions):
    _, loaded = versions
    text = (running.parts.settings.definitions / "nomination.yaml").read_text("utf-8")
    strict = as_version(text, SHIPPED + 8)
    looser = as_version(text, SHIPPED + 9).replace(
        "    - [approve_department, review_office]\n", ""
    )
    target = load_definition(looser, "9.yaml", vocabulary())
    publish(running, {**loaded, 8: load_definition(strict, "8.yaml", vocabulary())})
    waiting, begun = running.item_in("submitted"), running.item_in("department_approved")
    publish(running, {**loaded, 9: target})
    assert migrate(running, waiting["code"], target.hash, "m9") > 0
    with pytest.raises(InvalidRefusal) as refused:
        migrate(running, begun["code"], target.hash, "m9")
    assert [each.rule for each in refused.value.reasons] == ["different_people"]
