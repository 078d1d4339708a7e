"""Who works here, who stands in for whom today, and rows of people that cannot be imported."""

import pytest

from notifications.translation import translate
from workflow.addresses import Mailbox, as_kept, parse_mailbox
from workflow.model import Absence, Delegation, Department, Person, Position, SignedFor
from workflow.people import build_directory, with_addresses
from workflow.people.staff_rows import PersonRow, import_problems, is_shared, rows_said

P = Position
TODAY = "2022-06-15"
PEOPLE = [
    Person(id=1, email="a@so.example", name="A", position=P.HEAD, department="a"),
    Person(id=2, email="b@so.example", name="B", position=P.DEPUTY, department="a"),
    Person(id=3, email="c@so.example", name="C", position=P.STAFF, department="a"),
    Person(id=4, email="d@so.example", name="D", position=P.HEAD, department="b"),
    Person(id=5, email="e@so.example", name="E", position=P.DIRECTOR, department=None),
    Person(id=6, email="f@so.example", name="F", position=P.STAFF, department="a", is_active=False),
]
DEPARTMENTS = [Department(id="a", name="A"), Department(id="b", name="B")]


def delegated(source, to, first="2022-06-01", last="2022-06-30", kinds=()):
    return Delegation(
        id=1,
        from_person=source,
        to_person=to,
        starts_on=first,
        ends_on=last,
        document="1/UQ",
        form=SignedFor.TUQ,
        kinds=kinds,
    )


def away(person, stand_in=None, first="2022-06-15", last="2022-06-15"):
    return Absence(id=1, person=person, starts_on=first, ends_on=last, stand_in=stand_in)


def directory(*parts):
    return build_directory(
        PEOPLE,
        DEPARTMENTS,
        [each for each in parts if isinstance(each, Delegation)],
        TODAY,
        [each for each in parts if isinstance(each, Absence)],
    )


@pytest.mark.parametrize(
    ("person", "is_found"), [(1, True), (6, False), (99, False), (None, False)]
)
def test_only_who_works_here_is_active(person, is_found):
    assert (directory().active(person) is not None) is is_found


@pytest.mark.parametrize(
    ("address", "among", "found"),
    [
        ("a@so.example", (), 1),
        ("old.a@so.example", (), 1),
        ("c@so.example", (), 3),
        ("c@so.example", (2,), 2),
        ("c@so.example", (9,), 3),
        ("b.and.d@so.example", (), 4),
        ("b.and.d@so.example", (2,), 2),
        ("nobody@so.example", (), None),
        ("gone@so.example", (), None),
    ],
)
def test_an_address_means_whoever_has_it_or_had_it(address, among, found):
    """Of several one after the other whoever has it now, else had it last; but one of those asked."""
    had = [
        ("old.a@so.example", 1),
        ("c@so.example", 2),
        ("b.and.d@so.example", 2),
        ("b.and.d@so.example", 4),
        ("a@so.example", 1),
        ("gone@so.example", 99),
    ]
    known = with_addresses(directory(), had)
    assert known.addressed(address, among) == found
    assert known.addresses_of(1) == ["a@so.example", "old.a@so.example"]


@pytest.mark.parametrize(
    ("positions", "department", "found"),
    [
        ([P.HEAD], None, [1, 4]),
        ([P.HEAD], "a", [1]),
        ([P.HEAD, P.DEPUTY], "a", [1, 2]),
        ([P.DEPUTY, P.HEAD], "a", [2, 1]),
        ([P.STAFF], None, [3]),
        ([P.DIRECTOR], None, [5]),
        ([P.DIRECTOR], "a", []),
        ([P.CLERK], None, []),
        ([], None, []),
    ],
)
def test_people_are_found_by_position_in_the_order_asked(positions, department, found):
    assert [each.id for each in directory().in_positions(positions, department)] == found


@pytest.mark.parametrize(
    ("parts", "kind", "expected"),
    [
        ([], "nomination", []),
        ([delegated(1, 2)], "nomination", [2]),
        ([delegated(2, 1)], "nomination", []),
        ([delegated(1, 2, kinds=("department_report",))], "nomination", []),
        ([delegated(1, 2, kinds=("nomination",))], "nomination", [2]),
        ([delegated(1, 2, first=TODAY, last=TODAY)], "nomination", [2]),
        ([delegated(1, 2, last="2022-06-14")], "nomination", []),
        ([delegated(1, 2, first="2022-06-16")], "nomination", []),
        ([delegated(1, 6)], "nomination", []),
        ([delegated(1, 99)], "nomination", []),
        ([delegated(1, 2), delegated(1, 3)], "nomination", [2, 3]),
        ([away(1, stand_in=2)], "nomination", [2]),
        ([away(1)], "nomination", []),
        ([away(1, stand_in=2, first="2022-06-16", last="2022-06-20")], "nomination", []),
        ([away(1, stand_in=2), away(2)], "nomination", []),
        ([delegated(1, 2), away(2, stand_in=3)], "nomination", []),
    ],
)
def test_who_stands_in_today(parts, kind, expected):
    assert directory(*parts).stand_ins(1, kind) == expected


def test_who_is_away_today():
    assert directory(away(1), away(2, first="2022-06-16", last="2022-06-17")).away == {1}


def row(email="a@so.example", name="A", position="staff", department="a", number=2, **more):
    return PersonRow(
        row=number, email=email, name=name, position=position, department=department, **more
    )


KNOWN = {each.id: each for each in DEPARTMENTS}


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (row("a"), "“a”"),
        (row("A <a@so.example>"), "không hợp lệ"),
        (row("all@so.example"), "hộp thư nhóm"),
        (row("phong-a.list@so.example"), "hộp thư nhóm"),
        (row(name=" "), "tên"),
        (row(name="A\nB"), "tên"),
        (row(name="x" * 201), "200"),
        (row(position="boss"), "“boss”"),
        (row(department="nowhere"), "“nowhere”"),
        (row(department=None), "“staff”"),
        (row(position="chief", department=None), "“chief”"),
    ],
)
def test_a_row_that_cannot_be_is_named_by_its_line(one, words):
    (problem,) = import_problems([one], KNOWN)
    assert translate(problem).startswith("Dòng 2:")
    assert words in translate(problem)


def test_of_one_person_in_a_form_no_line_is_told():
    (problem,) = import_problems([row("a", number=0)], KNOWN)
    assert "Dòng" not in translate(problem)


def test_every_problem_of_every_row_is_named_and_an_address_given_twice_too():
    rows = [row("x", position="boss"), row(number=3), row("A@so.example ", number=4)]
    found = [translate(each) for each in import_problems(rows, KNOWN)]
    assert len(found) == 3
    assert "“boss”" in found[1]
    assert found[2].startswith("Dòng 4:")
    assert "dòng 3" in found[2]


@pytest.mark.parametrize(
    "one",
    [
        row(),
        row(" A.B@so.example "),
        row(position="director", department=None),
        row(position="clerk", department="a"),
        row("nguyen@sở.example"),
    ],
)
def test_a_row_that_fits_has_no_problem(one):
    assert import_problems([one], KNOWN) == []


@pytest.mark.parametrize(
    ("address", "shared"),
    [
        ("all@x.vn", True),
        ("ALL@x.vn", True),
        ("nhom.ls@x.vn", True),
        ("ls+group@x.vn", True),
        ("no-reply@x.vn", True),
        ("allen@x.vn", False),
        ("vanthu@x.vn", False),
        ("a@all.vn", False),
    ],
)
def test_an_address_that_says_it_is_a_list_is_known(address, shared):
    assert is_shared(address) is shared


@pytest.mark.parametrize(
    ("said", "known", "is_active"),
    [(True, False, True), (False, True, False), (None, True, True), (None, False, False)],
)
def test_what_a_row_leaves_unsaid_is_as_it_is_now(said, known, is_active):
    before = Person(
        id=1, email="a@so.example", name="A", position=P.STAFF, department="a", is_active=known
    )
    (found,) = rows_said([row("A@SO.example", is_active=said)], {"a@so.example": before})
    assert found.is_active is is_active


def test_who_is_new_works_here():
    (found,) = rows_said([row(is_active=None)], {})
    assert found.is_active is True


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (" A@So.Example ", "a@so.example"),
        ("a@xn--bcher-kva.example", "a@bücher.example"),
        ("a@SỞ.example", "a@sở.example"),
        ("không phải", "không phải"),
        ("", ""),
    ],
)
def test_an_address_is_kept_in_one_form(given, kept):
    assert as_kept(given) == kept


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a@so.example", Mailbox(address="a@so.example", envelope="a@so.example")),
        (
            "A@bücher.example",
            Mailbox(address="a@bücher.example", envelope="a@xn--bcher-kva.example"),
        ),
        ("a@so.test", Mailbox(address="a@so.test", envelope="a@so.test")),
        ("a@localhost", None),
        ("a@so.example, b@so.example", None),
        ('"a b"@so.example', None),
        ("A <a@so.example>", None),
        ("a b@so.example", None),
        ("@so.example", None),
        ("", None),
    ],
)
def test_a_mailbox_is_one_bare_address(text, found):
    assert parse_mailbox(text) == found


@pytest.mark.parametrize(("text", "needs"), [("a@bücher.example", False), ("ánh@so.example", True)])
def test_only_a_local_part_beyond_ascii_needs_smtputf8(text, needs):
    assert parse_mailbox(text).needs_smtputf8 is needs
