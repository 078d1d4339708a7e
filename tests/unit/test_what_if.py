"""What a change would do to everything open: of the staff, of the calendar, of the rules."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from notifications.translation import translate
from tests.unit.test_checking import changed, sample
from tests.unit.test_definitions import load
from tests.unit.test_planning import AT, item_in
from tests.unit.test_references import process
from workflow.checking.what_if import World, effects_of
from workflow.deadlines import WorkingCalendar
from workflow.definition import load_corrections
from workflow.people import build_directory
from workflow.rules import Rulebook, Surroundings

HEAD, DEPUTY = "head.htqt@so.example", "deputy.htqt@so.example"
DUE = datetime(2022, 11, 3, 10, tzinfo=UTC)


@pytest.fixture(scope="module")
def rulebook():
    loaded = load("nomination")
    return Rulebook(loaded.definition, loaded.hash)


@pytest.fixture
def before(rulebook, calendar):
    return World(directory=sample(), calendar=calendar, rulebooks={"d" * 64: rulebook})


def someone(world, email):
    return next(each for each in world.directory.people.values() if each.email == email)


def without(world, *emails):
    """Return the world in which these have left."""
    people = [
        replace(each, is_active=each.is_active and each.email not in emails)
        for each in world.directory.people.values()
    ]
    directory = build_directory(people, world.directory.departments.values(), (), "2022-11-01")
    return replace(world, directory=directory)


def item(before, state):
    around = Surroundings(directory=before.directory, calendar=before.calendar, now=AT)
    return replace(item_in(state, around), due_at=DUE, department="hop-tac-quoc-te")


def effects(before, after, state, *holders):
    one = item(before, state)
    held = {one.id: frozenset(someone(before, each).id for each in holders)}
    return list(effects_of(before, after, [one], held))


def test_where_nothing_changes_nothing_is_told(before):
    assert effects(before, before, "submitted", HEAD, DEPUTY) == []


def test_who_leaves_loses_and_who_is_left_keeps(before):
    (found,) = effects(before, without(before, HEAD), "submitted", HEAD, DEPUTY)
    assert (found.gains, found.loses, found.stuck) == ((), (HEAD,), None)
    assert not found.moves_due


def test_who_comes_gains(before):
    (found,) = effects(without(before, DEPUTY), before, "submitted", HEAD)
    assert (found.gains, found.loses) == ((DEPUTY,), ())


def test_an_item_that_nobody_could_hold_is_stuck_in_words(before):
    (found,) = effects(before, without(before, HEAD, DEPUTY), "submitted", HEAD, DEPUTY)
    assert set(found.loses) == {HEAD, DEPUTY}
    assert "Chờ lãnh đạo phòng duyệt" in translate(found.stuck)


def test_an_end_needs_nobody(before):
    assert effects(before, without(before, HEAD, DEPUTY), "awarded") == []


def test_another_calendar_moves_the_due_instant(before):
    shut = (
        "opens_at: '08:00'\ncloses_at: '17:00'\n"
        "corrections: [{day: 2022-11-02, working: false, notice: Nghỉ}]\n"
    )
    calendar = WorkingCalendar(load_corrections(shut, "c.yaml"), before.calendar.zone)
    (found,) = effects(before, replace(before, calendar=calendar), "submitted", HEAD, DEPUTY)
    assert found.moves_due
    assert (found.due_before, found.due_after) == (DUE, datetime(2022, 11, 4, 10, tzinfo=UTC))


def test_other_rules_give_other_holders_and_another_due_instant(before):
    loaded = changed(
        "nomination",
        ("    working_days: 2\n    editable: true", "    working_days: 4\n    editable: true"),
        (
            "{positions: [head, deputy], within: department, except",
            "{positions: [head], within: department, except",
        ),
    )
    moved = {"nomination": Rulebook(loaded.definition, loaded.hash)}
    (found,) = effects(before, replace(before, moved_to=moved), "submitted", HEAD, DEPUTY)
    assert (found.gains, found.loses) == ((), (DEPUTY,))
    assert found.due_after == datetime(2022, 11, 7, 10, tzinfo=UTC)


def test_a_state_that_other_rules_do_not_have_is_said(before):
    loaded = process()
    moved = {"nomination": Rulebook(loaded.definition, loaded.hash)}
    (found,) = effects(before, replace(before, moved_to=moved), "office_reviewed")
    assert "office_reviewed" in translate(found.stuck)
    assert "Chờ Giám đốc duyệt" in translate(found.stuck)
    assert not found.moves_due
