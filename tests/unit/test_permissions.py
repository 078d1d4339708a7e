"""Who may see and do what by position, and who reads a field kept to some."""

import pytest

from tests.unit.test_references import process
from workflow.model import Content, Person, Position, StoredFile
from workflow.people import permissions
from workflow.rules.visibility import readable, withheld_fields

P = Position
ALL = tuple(P)
DRAFTERS = {P.STAFF, P.HEAD, P.DEPUTY, P.CHIEF, P.OFFICER}
READ_ALL = {P.CHIEF, P.OFFICER, P.CLERK, P.DIRECTOR, P.DEPUTY_DIRECTOR, P.AUDITOR}
RIGHTS = {
    permissions.may_set_deadlines: {P.CHIEF, P.OFFICER},
    permissions.may_watch: {P.CHIEF, P.OFFICER, P.DIRECTOR, P.DEPUTY_DIRECTOR, P.AUDITOR},
    permissions.may_place_holds: {P.CHIEF, P.OFFICER, P.AUDITOR},
    permissions.may_read_history: {P.AUDITOR},
    permissions.may_edit_definitions: {P.ADMIN},
    permissions.may_manage_people: {P.ADMIN, P.CHIEF, P.OFFICER},
}


def person(position, department="a", number=1):
    return Person(
        id=number, email="p@so.example", name="P", position=position, department=department
    )


@pytest.mark.parametrize("right", RIGHTS, ids=lambda each: each.__name__)
def test_a_right_belongs_to_these_positions_and_no_other(right):
    assert {each for each in ALL if right(person(each))} == RIGHTS[right]


@pytest.mark.parametrize("position", ALL)
def test_who_sees_which_items(position):
    scope = permissions.scope_of(person(position))
    sees = {each for each in ("a", "b") if scope.covers(each)}
    assert sees == ({"a", "b"} if position in READ_ALL else set() if position is P.ADMIN else {"a"})


def test_who_belongs_to_no_department_sees_none():
    assert not permissions.scope_of(person(P.STAFF, None)).covers("a")
    assert permissions.scope_of(person(P.DIRECTOR, None)).covers("a")


@pytest.mark.parametrize("position", ALL)
def test_a_deadline_concerns_its_departments_and_whoever_reads_all(position):
    someone = person(position)
    sees = {each for each in ("a", "b") if permissions.may_see_deadline(someone, [each])}
    assert sees == ({"a", "b"} if position in READ_ALL else {"a"})
    assert permissions.may_see_deadline(someone, ["b", "a"])


@pytest.mark.parametrize("position", ALL)
def test_one_drafts_for_the_own_department_only(position):
    drafts = {each for each in ("a", "b", None) if permissions.may_draft(person(position), each)}
    assert drafts == ({"a"} if position in DRAFTERS else set())
    assert not permissions.may_draft(person(position, None), None)


@pytest.mark.parametrize(
    ("position", "number", "withheld"),
    [
        (P.STAFF, 2, {"illness", "proof"}),
        (P.DIRECTOR, 2, {"illness", "proof"}),
        (P.CHIEF, 2, {"illness", "proof"}),
        (P.HEAD, 2, set()),
        (P.AUDITOR, 2, set()),
        (P.STAFF, 7, set()),
        (P.OFFICER, 8, set()),
    ],
    ids=["staff", "director", "chief", "a position named", "auditor", "author", "holder"],
)
def test_a_field_kept_to_some_is_read_by_these(position, number, withheld):
    found = withheld_fields(
        process().definition, person(position, number=number), author=7, holders=iter([8, 9])
    )
    assert found == withheld


def test_what_is_withheld_takes_the_files_along_that_only_it_names():
    proof, other = (
        StoredFile(sha256=each * 64, name=each, size=1, media_type="application/pdf")
        for each in "ab"
    )
    content = Content(
        title="T",
        fields={"illness": "x", "proof": "a" * 64, "reason": "r"},
        files=(proof, other),
        salt="",
    )
    assert readable(content, frozenset()) is content
    seen = readable(content, {"illness", "proof"})
    assert seen.fields == {"reason": "r"}
    assert seen.files == (other,)
    assert seen.title == "T"
