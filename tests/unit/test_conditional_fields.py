"""What is not asked for under the present answers does not count, whoever reads the content."""

import pytest

from tests.unit.test_definitions import load, own_process
from workflow.definition import load_definition
from workflow.model import Content, Person, Position, StoredFile
from workflow.rules import vocabulary
from workflow.rules.conditional_fields import ExpressionScope, answered, asked_fields
from workflow.rules.fields import suggested_title

FIELDS = """  - {id: abroad, type: boolean, group: leave, label: {vi: A, en: A}}
  - id: far
    type: choice
    group: leave
    required: true
    shown_when: fields.abroad == true
    label: {vi: B, en: B}
    choices: [{id: near, label: {vi: C, en: C}}, {id: overseas, label: {vi: D, en: D}}]
  - {id: visa, type: file, group: leave, shown_when: fields.far == 'overseas', label: {vi: E, en: E}}
  - {id: letter, type: file, group: leave, label: {vi: F, en: F}}
  - id: staff_only
    type: text
    group: leave
    shown_when: author.position == 'staff'
    label: {vi: G, en: G}
"""
STAFF = Person(id=1, email="a@so.example", name="A", position=Position.STAFF, department="a")
HEAD = Person(id=2, email="b@so.example", name="B", position=Position.HEAD, department="a")
VISA, LETTER = (
    StoredFile(sha256=each * 64, name=f"{each}.pdf", size=1, media_type="application/pdf")
    for each in "ab"
)


@pytest.fixture(scope="module")
def definition():
    text = own_process().replace("\n\nstates:\n", f"\n{FIELDS}\nstates:\n", 1)
    return load_definition(text, "leave.yaml", vocabulary()).definition


def content(*files, **fields):
    return Content(title="T", fields=fields, files=files, salt="")


def scope(author=STAFF):
    return ExpressionScope(department="a", author=author)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"abroad": True, "far": "overseas", "visa": VISA.sha256}, {"abroad", "far", "visa"}),
        ({"abroad": True, "far": "near", "visa": VISA.sha256}, {"abroad", "far"}),
        ({"abroad": False, "far": "overseas", "visa": VISA.sha256}, {"abroad"}),
        ({"far": "overseas", "visa": VISA.sha256}, set()),
        ({"abroad": True, "visa": VISA.sha256}, {"abroad", "visa"}),
    ],
    ids=["all asked", "not asked", "in a chain", "of nothing said", "not yet answered"],
)
def test_what_answers_no_question_that_is_asked_is_left_out(definition, given, kept):
    left = answered(definition, content(VISA, **given), scope())
    assert set(left.fields) == kept
    assert left.files == ((VISA,) if "visa" in kept else ()), "its file is nobody's any more"


def test_a_file_that_another_field_names_stays(definition):
    given = content(VISA, LETTER, visa=VISA.sha256, letter=VISA.sha256)
    left = answered(definition, given, scope())
    assert (set(left.fields), left.files) == ({"letter"}, (VISA, LETTER))


def test_who_wrote_it_counts_where_that_is_known(definition):
    given = content(staff_only="x")
    assert answered(definition, given, scope(STAFF)) == given
    assert answered(definition, given, scope(HEAD)).fields == {}
    assert answered(definition, given) == given


def test_whole_content_is_the_same_value(definition):
    given = content(abroad=True, far="near")
    assert answered(definition, given, scope()) is given
    assert [each.id for each in asked_fields(definition, given, scope())][-1] == "staff_only"


@pytest.mark.parametrize(("kind", "named"), [("collective", "Phòng A"), ("individual", "Cán sự")])
def test_a_title_is_made_of_what_is_asked(kind, named):
    fields = {
        "nominee_kind": kind,
        "award": "giay_khen",
        "nominee": "Phòng A",
        "nominee_position": "Cán sự",
    }
    title = suggested_title(load("nomination").definition, fields)
    assert title.endswith(f" cho {named}")


@pytest.mark.parametrize(("kind", "asks"), [("collective", False), ("individual", True)])
def test_a_collective_is_not_asked_for_the_standards_of_an_individual(kind, asks):
    shipped = load("nomination").definition
    found = asked_fields(shipped, content(nominee_kind=kind), scope())
    assert any(each.group == "conditions" for each in found) is asks
