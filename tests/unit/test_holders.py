"""Who holds an item: the first line that finds somebody, stand-ins, absences, sign-offs, moves."""

import pytest

from tests.unit.test_people import DEPARTMENTS, PEOPLE, TODAY, away, delegated, directory
from workflow.definition.language import State
from workflow.model import Holder, Origin, Person, Reassignment
from workflow.people import build_directory
from workflow.rules.holders import groups_of, holders_of, with_moves

LABEL = {"vi": "A", "en": "A"}
BOTH = {"approve": "agree", "reject": "refuse", "approvals": "all"}
HEADS = {"positions": ["head", "deputy"], "within": "department"}
DIRECTOR = {"positions": ["director"]}


def state(*rules, **more):
    return State.model_validate({"id": "s", "label": LABEL, "holders": rules, **more})


def origin(author=3, department="a", recused=()):
    return Origin(kind="nomination", author=author, department=department, recused=recused)


def held(where, people, **given):
    """Return the holders as ids, one who stands in as (id, for whom)."""
    return [
        each.person if each.on_behalf_of is None else (each.person, each.on_behalf_of)
        for each in holders_of(where, origin(**given), people)
    ]


@pytest.mark.parametrize(
    ("rules", "parts", "given", "expected"),
    [
        ([HEADS], [], {}, [1, 2]),
        ([HEADS, DIRECTOR], [], {}, [1, 2]),
        ([DIRECTOR, HEADS], [], {}, [5]),
        ([HEADS], [], {"department": "b"}, [4]),
        ([{**HEADS, "within": "agency"}], [], {}, [1, 2, 4]),
        ([{**HEADS, "departments": ["b"]}, DIRECTOR], [], {}, [5]),
        ([{**HEADS, "except_departments": ["a"]}, DIRECTOR], [], {}, [5]),
        ([{**HEADS, "except_departments": ["b"]}, DIRECTOR], [], {}, [1, 2]),
        ([HEADS], [], {"author": 1}, [2]),
        ([{"positions": ["head"], "within": "department"}, DIRECTOR], [], {"author": 1}, [5]),
        ([HEADS], [], {"recused": (2,)}, [1]),
        ([HEADS], [], {"author": 1, "recused": (2,)}, []),
        ([], [], {}, []),
        ([HEADS], [delegated(1, 3)], {"author": 9}, [1, 2]),
        ([{**HEADS, "stand_in": ["staff"]}], [delegated(1, 3)], {"author": 9}, [1, 2, (3, 1)]),
        ([{**HEADS, "stand_in": ["staff"]}], [delegated(1, 4)], {}, [1, 2]),
        ([HEADS], [delegated(1, 4)], {}, [1, 2, (4, 1)]),
        ([{**HEADS, "stand_in": []}], [delegated(1, 4), away(2, stand_in=4)], {}, [1]),
        ([HEADS], [delegated(1, 3)], {}, [1, 2]),
        ([HEADS], [delegated(1, 4)], {"author": 9, "recused": (4,)}, [1, 2]),
        ([HEADS], [delegated(1, 2)], {}, [1, 2]),
        ([DIRECTOR], [delegated(5, 1), delegated(5, 2)], {}, [(1, 5), (2, 5), 5]),
        ([HEADS], [away(1)], {}, [2]),
        ([HEADS], [away(1, stand_in=4)], {}, [2, (4, 1)]),
        ([HEADS, DIRECTOR], [away(1), away(2)], {}, [5]),
        ([HEADS], [away(1), away(2)], {}, [1, 2]),
        ([HEADS, DIRECTOR], [away(1), away(2), away(5)], {}, [1, 2]),
    ],
)
def test_the_first_line_that_finds_somebody_present_wins(rules, parts, given, expected):
    assert held(state(*rules), directory(*parts), **given) == expected


@pytest.mark.parametrize(
    ("parts", "given", "expected"),
    [
        ([], {}, [1, 2, 5]),
        ([away(1)], {}, [1, 2, 5]),
        ([away(1, stand_in=4)], {}, [2, (4, 1), 5]),
        ([away(1, stand_in=3)], {}, [1, 2, 5]),
        ([away(1, stand_in=2)], {}, [2, 5]),
        ([delegated(5, 4)], {}, [1, 2, (4, 5), 5]),
        ([], {"recused": (5,)}, [1, 2]),
        ([], {"author": 1}, [2, 5]),
    ],
)
def test_where_several_sign_off_every_line_counts_and_no_voice_is_lost(parts, given, expected):
    where = state(HEADS, DIRECTOR, sign_off=BOTH)
    assert held(where, directory(*parts), **given) == expected


@pytest.mark.parametrize(("author", "expected"), [(3, [3]), (6, []), (99, [])])
def test_a_draft_is_held_by_its_author_while_they_work_here(author, expected):
    assert held(state(held_by_author=True), directory(), author=author) == expected


@pytest.mark.parametrize(
    ("rules", "given", "groups"),
    [
        ([HEADS, DIRECTOR], {}, ((1, 2), (5,))),
        ([HEADS, DIRECTOR], {"author": 1}, ((2,), (5,))),
        ([HEADS, DIRECTOR], {"recused": (1, 2)}, ((5,),)),
        ([{**HEADS, "departments": ["b"]}, DIRECTOR], {}, ((5,),)),
    ],
)
def test_a_line_that_finds_nobody_is_no_group(rules, given, groups):
    assert groups_of(state(*rules), origin(**given), directory()) == groups


def moved(source, to):
    return Reassignment(step=1, from_person=source, to_person=to)


@pytest.mark.parametrize(
    ("moves", "found", "expected"),
    [
        ([], (1, 2), [1, 2, 3]),
        ([moved(1, 4)], (1, 2, 4), [2, 4]),
        ([moved(1, 4), moved(4, 5)], (1, 2, 4, 5), [2, 5]),
        ([moved(1, 2)], (1, 2), [2]),
        ([moved(2, 1)], (1, 2), [1, 3]),
        ([moved(1, 4)], (1, 2), [1, 2, 3]),
        ([moved(9, 4)], (1, 2, 4), [1, 2, 3]),
    ],
)
def test_a_reassignment_is_carried_out_where_a_rule_finds_the_new_holder(moves, found, expected):
    holders = (Holder(person=1), Holder(person=2), Holder(person=3, on_behalf_of=1))
    assert [each.person for each in with_moves(holders, moves, found)] == expected


@pytest.mark.parametrize("position", ["auditor", "admin"])
def test_who_watches_or_keeps_the_product_never_holds_an_item(position):
    watcher = Person(id=8, email="h@so.example", name="H", position=position, department="a")
    rule = {"positions": [position, "head"], "within": "department", "stand_in": [position]}
    people = build_directory(
        [*PEOPLE, watcher], DEPARTMENTS, [delegated(1, 8)], TODAY, [away(2, stand_in=8)]
    )
    assert held(state(rule), people) == [1]
    assert groups_of(state(rule), origin(), people) == ((1,),)
    assert held(state(rule, sign_off=BOTH), people) == [1]
    assert held(state(held_by_author=True), people, author=8) == []
