"""On what ground somebody signs for the head: the table of Điều 13, and what the file gives."""

import pytest

from notifications.translation import translate
from tests.unit.test_checking import NOWHERE, changed, load, sample, sentences
from workflow.checking import staffing_problems
from workflow.definition import Signing
from workflow.lookups.signing import as_filed, filed_lines, lapsed
from workflow.model import Absence, Delegation, Department, Origin, Person, Position, SignedFor
from workflow.people import OPEN_END, build_directory
from workflow.rules import ground_of

P, F = Position, SignedFor
TODAY = "2022-06-15"
PEOPLE = [
    Person(id=1, email="d@so.example", name="D", position=P.DIRECTOR, department=None),
    Person(id=2, email="p@so.example", name="P", position=P.DEPUTY_DIRECTOR, department=None),
    Person(id=3, email="c@so.example", name="C", position=P.CHIEF, department="vp"),
    Person(id=4, email="s@so.example", name="S", position=P.STAFF, department="ls"),
]
DEPARTMENTS = [Department(id="ls", name="LS"), Department(id="vp", name="VP", is_office=True)]


def given(to, form, last=OPEN_END, **more):
    return Delegation(
        id=more.pop("id", 7),
        from_person=1,
        to_person=to,
        starts_on=more.pop("first", "2022-06-01"),
        ends_on=last,
        document="Thông báo 5",
        form=form,
        **more,
    )


def ground(signer, *parts, kind="department_report", department="ls", behalf=1):
    directory = build_directory(
        PEOPLE,
        DEPARTMENTS,
        [each for each in parts if isinstance(each, Delegation)],
        TODAY,
        [each for each in parts if isinstance(each, Absence)],
    )
    origin = Origin(kind=kind, author=4, department=department)
    found = ground_of(load(kind).definition, origin, PEOPLE[signer - 1], behalf, directory)
    return found and (found.form.value, found.basis.value, found.delegation)


AWAY = Absence(id=1, person=1, starts_on="2022-06-15", ends_on="2022-06-15", stand_in=2)


@pytest.mark.parametrize(
    ("signer", "parts", "more", "expected"),
    [
        (1, (), {"behalf": None}, None),
        (2, (given(2, F.KT),), {}, ("KT.", "assignment", 7)),
        (2, (given(2, F.KT, departments=("ls",)),), {}, ("KT.", "assignment", 7)),
        (2, (given(2, F.KT, departments=("vp",)),), {}, None),
        (2, (given(2, F.KT, kinds=("nomination",)),), {}, None),
        (2, (given(2, F.KT, first="2022-06-16"),), {}, None),
        (2, (given(2, F.KT, last="2022-06-14"),), {}, None),
        (2, (given(2, F.KT),), {"kind": "nomination"}, ("KT.", "assignment", 7)),
        (2, (given(2, F.KT),), {"behalf": None}, ("KT.", "assignment", 7)),
        (2, (), {"behalf": None}, ("KT.", "process", None)),
        (2, (AWAY,), {}, ("KT.", "absence", None)),
        (
            2,
            (given(2, F.KT), given(2, F.KT, last="2022-06-20", id=9)),
            {},
            ("KT.", "assignment", 9),
        ),
        (3, (given(3, F.TL, kinds=("department_report",)),), {}, ("TL.", "regulation", 7)),
        # What the law gives to the head alone nobody signs by order, whatever is recorded.
        (3, (given(3, F.TL),), {"kind": "nomination"}, None),
        (
            3,
            (given(3, F.TUQ, last="2022-06-20"),),
            {"kind": "nomination"},
            ("TUQ.", "authorisation", 7),
        ),
        (3, (), {}, None),
    ],
)
def test_a_signature_for_the_head_has_the_ground_that_the_decree_asks_for(
    signer, parts, more, expected
):
    assert ground(signer, *parts, **more) == expected


def test_a_step_that_only_who_has_no_ground_holds_is_named_and_an_assignment_mends_it():
    loaded = changed(
        "department_report",
        ("      - {positions: [director]", "      - {positions: [deputy_director]"),
    )

    def said(directory):
        found = sentences(staffing_problems(loaded.definition, NOWHERE, directory))
        return [each for each in found if "không ai có căn cứ ký" in each]

    directory = sample()
    assert said(directory)
    deputy, head = (
        next(each for each in directory.people.values() if each.position is position)
        for position in (P.DEPUTY_DIRECTOR, P.DIRECTOR)
    )
    assignment = Delegation(
        id=1,
        from_person=head.id,
        to_person=deputy.id,
        starts_on="2022-01-01",
        ends_on=OPEN_END,
        document="Thông báo 5",
        form=F.KT,
    )
    parts = directory.people.values(), directory.departments.values()
    assigned = build_directory(*parts, [assignment], "2022-11-01")
    assert said(assigned) == []
    # What stands for good forbids no process that keeps two steps apart.
    everything = load("nomination").definition
    assert sentences(staffing_problems(everything, NOWHERE, assigned)) == []
    assert translate("by assignment") == "theo phân công"


FILE = {
    "assignments": [
        {
            "deputy": "p@so.example",
            "departments": ["ls"],
            "document": "Thông báo 5",
            "issued_on": "2022-01-10",
            "starts_on": "2022-02-01",
        }
    ],
    "regulation": {
        "document": "Quy chế",
        "issued_on": "2022-01-12",
        "starts_on": "2022-01-12",
        "by_order": [{"position": "chief", "kinds": ["department_report"]}],
    },
}


def test_a_line_of_the_file_is_what_the_head_confirms_and_ends_with_it():
    signing = Signing.model_validate(FILE)
    assignment, order = filed_lines(signing, PEOPLE)
    assert (assignment.taker, assignment.document) == (2, "Thông báo 5 (10/01/2022)")
    assert (order.taker, order.form, order.kinds) == (3, F.TL, ("department_report",))
    recorded = [
        Delegation(
            id=number,
            from_person=each.giver,
            to_person=each.taker,
            starts_on=each.starts_on,
            ends_on=OPEN_END,
            document=each.document,
            form=each.form,
            kinds=each.kinds,
            departments=each.departments,
        )
        for number, each in enumerate((assignment, order), 1)
    ]
    assert [as_filed(each) for each in recorded] == [assignment, order]
    without = Signing.model_validate({**FILE, "assignments": []})
    assert [each.id for each in lapsed(signing, without, PEOPLE, recorded)] == [1]
    assert lapsed(without, signing, PEOPLE, recorded) == []
