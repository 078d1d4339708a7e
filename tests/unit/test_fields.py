"""What each type of field accepts, how it is kept, and that every problem is named at once."""

import pytest

from notifications.translation import translate
from tests.unit.test_checking import sample
from tests.unit.test_definitions import own_process
from workflow.definition import load_definition
from workflow.errors import InvalidRefusal
from workflow.model import StoredFile
from workflow.rules import vocabulary
from workflow.rules.fields import (
    checked_fields,
    checked_title,
    kept_value,
    names_deadline,
    suggested_title,
    untitled,
)

CHOICES = "choices: [{id: a, label: {vi: A, en: A}}, {id: b, label: {vi: B, en: B}}]"
KINDS = f"""\
  - {{id: line, type: text, max_length: 10, group: leave, label: {{vi: Dòng, en: Line}}}}
  - {{id: lines, type: long_text, max_length: 10, group: leave, label: {{vi: Đoạn, en: Lines}}}}
  - {{id: rich, type: rich_text, max_length: 10, group: leave, label: {{vi: Bài, en: Rich}}}}
  - {{id: number, type: integer, group: leave, label: {{vi: Số, en: Number}}}}
  - {{id: money, type: money, group: leave, label: {{vi: Tiền, en: Money}}}}
  - {{id: day, type: date, group: leave, label: {{vi: Ngày, en: Day}}}}
  - {{id: one, type: choice, {CHOICES}, group: leave, label: {{vi: Một, en: One}}}}
  - id: period
    type: choice
    or_deadline: true
    group: leave
    label: {{vi: Kỳ, en: Period}}
    {CHOICES}
  - {{id: many, type: choices, {CHOICES}, group: leave, label: {{vi: Nhiều, en: Many}}}}
  - {{id: yes_no, type: boolean, group: leave, label: {{vi: Có không, en: Yes no}}}}
  - id: table
    type: table
    group: leave
    label: {{vi: Bảng, en: Table}}
    columns: [{{id: year, label: {{vi: Năm, en: Year}}}}, {{id: award, label: {{vi: Giải, en: A}}}}]
  - {{id: person, type: person, group: leave, label: {{vi: Ai, en: Who}}}}
  - {{id: department, type: department, group: leave, label: {{vi: Phòng, en: Department}}}}
  - {{id: file, type: file, group: leave, label: {{vi: Tệp, en: File}}}}
"""
FILE = StoredFile(sha256="a" * 64, name="a.pdf", size=1, media_type="application/pdf")
LARGEST = 2**53 - 1


@pytest.fixture(scope="module")
def definition():
    text = own_process().replace("\n\nstates:\n", f"\n{KINDS}\nstates:\n", 1)
    return load_definition(text, "fields.yaml", vocabulary()).definition


@pytest.fixture(scope="module")
def directory():
    return sample()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("line", ""),
        ("line", "0123456789"),
        ("line", "Đồng ý"),
        ("lines", "a\nb"),
        ("rich", "*a*\n\nb"),
        ("number", 0),
        ("number", LARGEST),
        ("money", 1_500_000),
        ("day", "2022-02-28"),
        ("day", "2024-02-29"),
        ("day", "1945-09-02"),
        ("one", "a"),
        ("one", ""),
        ("period", "b"),
        ("period", "interim"),
        ("many", []),
        ("many", ["b", "a"]),
        ("yes_no", False),
        ("yes_no", True),
        ("table", []),
        ("table", [{}]),
        ("table", [{"year": "2021", "award": "Giấy khen"}]),
        ("table", [{"year": "x"}] * 100),
        ("person", "ai@so.example"),
        ("person", ""),
        ("department", "lanh-su"),
        ("file", "a" * 64),
    ],
)
def test_a_value_that_fits_its_field_is_kept_as_it_was_given(definition, field, value):
    assert checked_fields(definition, {field: value}) == {field: value}


@pytest.mark.parametrize(
    ("field", "value", "word"),
    [
        ("line", "01234567890", "10"),
        ("line", 5, "văn bản"),
        ("line", ["a"], "văn bản"),
        ("lines", "0123456789a", "10"),
        ("lines", {"a": "b"}, "văn bản"),
        ("rich", True, "văn bản"),
        ("number", -1, "số nguyên"),
        ("number", LARGEST + 1, "số nguyên"),
        ("number", "5", "số nguyên"),
        ("number", True, "số nguyên"),
        ("money", "1.500.000", "số nguyên"),
        ("money", -5, "số nguyên"),
        ("day", "2022-02-30", "YYYY-MM-DD"),
        ("day", "28/02/2022", "YYYY-MM-DD"),
        ("day", "9999-01-01", "YYYY-MM-DD"),
        ("day", 20220228, "YYYY-MM-DD"),
        ("one", "c", "a, b"),
        ("one", ["a"], "a, b"),
        ("period", "Kỳ một", "a, b"),
        ("period", 5, "a, b"),
        ("period", "k" * 41, "a, b"),
        ("many", "a", "a, b"),
        ("many", ["a", "c"], "a, b"),
        ("many", ["a", "a"], "không trùng"),
        ("yes_no", "true", "true, false"),
        ("yes_no", 1, "true, false"),
        ("table", "a", "100"),
        ("table", [{"year": "x"}] * 101, "100"),
        ("table", ["2021"], "1"),
        ("table", [{"year": "2021"}, {"when": "2021"}], "2"),
        ("table", [{"year": 2021}], "1"),
        ("table", [{"year": "x" * 1001}], "1000"),
        ("person", 5, "địa chỉ thư"),
        ("person", "a\nb", "địa chỉ thư"),
        ("department", ["a"], "mã của một phòng"),
        ("file", "a" * 255, "SHA-256"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_the_label_of_its_field(
    definition, field, value, word
):
    with pytest.raises(InvalidRefusal) as caught:
        checked_fields(definition, {field: value})
    (only,) = caught.value.reasons
    assert only.rule == "field"
    assert word in translate(only)
    assert f"({field})" in translate(only)


@pytest.mark.parametrize(
    ("field", "given", "kept"),
    [
        ("line", "  a  b ", "a  b"),
        ("line", "e\u0302\u0301", "ế"),
        ("lines", "a\r\nb\n", "a\nb"),
        ("rich", "\n# A\r\n", "# A"),
        ("table", [{"year": " 2021\t"}], [{"year": "2021"}]),
        ("table", ["x"], ["x"]),
        ("table", [{"year": 5}], [{"year": 5}]),
        ("number", 5, 5),
        ("many", ["a"], ["a"]),
    ],
)
def test_a_value_is_kept_tidied(definition, field, given, kept):
    one = next(each for each in definition.fields if each.id == field)
    assert kept_value(one, given) == kept


def test_nothing_said_is_nothing_kept(definition):
    assert checked_fields(definition, {"line": None, "number": None}) == {}


def test_every_problem_is_named_at_once_unknown_fields_too(definition):
    with pytest.raises(InvalidRefusal) as caught:
        checked_fields(definition, {"nowhere": 1, "number": -1, "yes_no": "?", "line": "a"})
    named = [translate(each) for each in caught.value.reasons]
    assert len(named) == 3
    assert "“nowhere”" in named[0]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("person", "staff.htqt@so.example"),
        ("person", ""),
        ("department", "lanh-su"),
        ("file", "a" * 64),
        ("line", "nobody@so"),
    ],
)
def test_who_works_here_and_what_is_attached_may_be_named(definition, directory, field, value):
    assert checked_fields(definition, {field: value}, directory, (FILE,)) == {field: value}


@pytest.mark.parametrize(
    ("field", "value", "word"),
    [
        ("person", "nobody@so.example", "người đang làm việc"),
        ("department", "nowhere", "mã của một phòng"),
        ("file", "b" * 64, "đã đính kèm"),
    ],
)
def test_who_is_not_here_and_what_is_not_attached_may_not(
    definition, directory, field, value, word
):
    with pytest.raises(InvalidRefusal) as caught:
        checked_fields(definition, {field: value}, directory, (FILE,))
    assert word in translate(caught.value)


@pytest.mark.parametrize(
    ("value", "kinds", "is_kept"),
    [
        ("quarterly", {"quarterly"}, True),
        ("quarterly", {"interim"}, False),
        ("a", set(), True),
        ("quarterly", None, True),
        ("Quarterly", None, False),
    ],
)
def test_a_field_for_deadlines_takes_the_kinds_of_the_campaign(definition, value, kinds, is_kept):
    def kept():
        return checked_fields(definition, {"period": value}, kinds=kinds)

    if is_kept:
        assert kept() == {"period": value}
    else:
        with pytest.raises(InvalidRefusal):
            kept()


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({}, False),
        ({"period": None}, False),
        ({"period": ""}, False),
        ({"period": "a"}, False),
        ({"period": "interim"}, True),
        ({"one": "interim"}, False),
    ],
)
def test_whether_a_deadline_is_named(definition, given, names):
    assert names_deadline(definition, given) is names


@pytest.mark.parametrize("title", ["", "  ", "a\nb", "x" * 301, "\u200b"])
def test_a_title_is_one_visible_line_of_300_characters(title):
    with pytest.raises(InvalidRefusal) as caught:
        checked_title(title)
    assert caught.value.reasons[0].rule == "title"


@pytest.mark.parametrize(
    ("given", "title"),
    [
        ({"line": "Tổ A", "lines": "Trưởng phòng", "one": "a"}, "A cho Tổ A"),
        ({"line": "", "lines": "Trưởng phòng", "one": "a"}, "A cho Trưởng phòng"),
        ({"lines": "Trưởng phòng"}, ""),
        ({"one": "a"}, ""),
    ],
)
def test_a_suggested_title_takes_of_several_fields_the_first_that_is_filled(
    definition, given, title
):
    changed = definition.model_copy(update={"suggested_title": "{one} cho {line|lines}"})
    assert suggested_title(changed, given) == title


def test_a_title_is_kept_without_outer_space():
    assert checked_title("  Đề nghị tặng Giấy khen ") == "Đề nghị tặng Giấy khen"
    assert checked_title("x" * 300) == "x" * 300


@pytest.mark.parametrize(
    ("given", "missing"),
    [({}, ["one", "line"]), ({"one": "a"}, ["line"]), ({"one": "a", "lines": "c"}, [])],
)
def test_a_title_left_empty_names_the_fields_that_it_lacks(definition, given, missing):
    changed = definition.model_copy(update={"suggested_title": "{one} cho {line|lines}"})
    assert [each.id for each in untitled(changed, given)] == missing
    assert bool(suggested_title(changed, given)) == (not missing)


@pytest.mark.parametrize(
    ("given", "missing"), [({}, "one"), ({"one": "a"}, "line"), ({"one": "b"}, "lines")]
)
def test_a_title_left_empty_names_only_what_is_asked_for(definition, given, missing):
    asked = {"line": "fields.one == 'a'", "lines": "fields.one == 'b'"}
    fields = [
        each.model_copy(update={"shown_when": asked.get(each.id)}) for each in definition.fields
    ]
    changed = definition.model_copy(
        update={"suggested_title": "Cho {line|lines}", "fields": tuple(fields)}
    )
    assert [each.id for each in untitled(changed, given)] == [missing]
