"""What a form shows and gets back untouched is the same value, for every type of field: no new version, no other content."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.forms import encoded, form_with
from tests.unit.test_definitions import own_process
from workflow import values
from workflow.commands.setup import SetUp
from workflow.definition import FieldType, load_definition
from workflow.rules import vocabulary

pytestmark = pytest.mark.one_database

STAFF, OFFICER, PERSON = "staff.htqt@so.example", "officer@so.example", "staff.ls@so.example"
TWO = "choices: [{id: a, label: {vi: A, en: A}}, {id: b, label: {vi: B, en: B}}]"
COLUMNS = "columns: [{id: a, label: {vi: A, en: A}}, {id: b, label: {vi: B, en: B}}, {id: c, label: {vi: C, en: C}}]"
TYPES = {
    "text": "",
    "long_text": "",
    "rich_text": "",
    "integer": "",
    "money": "",
    "date": "",
    "boolean": "",
    "choice": TWO,
    "choices": TWO,
    "person": "",
    "department": "",
    "file": "",
    "table": COLUMNS,
}
MARKS = st.sampled_from(
    [
        " ",
        "\t",
        "\n",
        "\r\n",
        "\r",
        "|",
        "\\",
        "\\|",
        "⏎",
        "<b>",
        "&amp;",
        '"',
        "'",
        "\u2028",
        "\u0301",
        "Đ",
        "ế",
        "1.5",
        "- ",
        "** ",
        "👍🏽",
    ]
)
TEXTS = st.lists(st.one_of(MARKS, st.text(max_size=5)), max_size=12).map("".join)


def fits(fault):
    return lambda text: fault(text, 1000, may_be_empty=True) is None


CELLS = TEXTS.filter(fits(values.lines_fault))
VALUES = {
    "text": TEXTS.filter(fits(values.line_fault)),
    "long_text": CELLS,
    "rich_text": CELLS,
    "integer": st.integers(0, values.LARGEST_NUMBER),
    "money": st.integers(0, values.LARGEST_NUMBER),
    "date": st.dates(min_value=values.date(1900, 1, 1), max_value=values.date(2199, 12, 31)).map(
        lambda day: day.isoformat()
    ),
    "boolean": st.booleans(),
    "choice": st.sampled_from(["", "a", "b"]),
    "choices": st.sampled_from([[], ["a"], ["b", "a"]]),
    "person": st.sampled_from(["", PERSON]),
    "department": st.sampled_from(["", "lanh-su"]),
    "file": st.just(""),
    "table": st.lists(st.dictionaries(st.sampled_from("abc"), CELLS), max_size=4),
}
CONTENTS = st.fixed_dictionaries(
    {}, optional={f"of_{kind}": strategy for kind, strategy in VALUES.items()}
)


@pytest.fixture(scope="module")
def office(running):
    # A list of nominees belongs to nominations alone: test_nominee_lists sends one back.
    assert {*TYPES, "nominees"} == {each.value for each in FieldType}
    fields = "".join(
        f"  - {{id: of_{kind}, type: {kind}, group: leave, label: {{vi: Loại {kind}, en: Kind {kind}}}{', ' + more if more else ''}}}\n"
        for kind, more in TYPES.items()
    )
    fields += "  - {id: must, type: boolean, group: leave, required: true, label: {vi: Phải chọn, en: Must}}\n"
    loaded = load_definition(
        own_process().replace("\n\nstates:\n", f"\n{fields}\nstates:\n", 1),
        "leave.yaml",
        vocabulary(),
    )
    running.run(
        running.parts.database.write(
            SetUp(definitions=(loaded,), campaigns=(), organization=None, software="test")
        )
    )
    return running


def drafted(office, **fields):
    body = office.client(STAFF).get("/definitions/leave_request/example").json()
    made = office.client(STAFF).post(
        "/items", json={**body, "fields": {**body["fields"], **fields}}
    )
    assert made.status_code == 201, made.text
    return made.json()


def as_it_is(office, code):
    found = office.client(STAFF).get(f"/items/{code}").json()
    return {name: found[name] for name in ("version", "content_hash", "title", "fields")}


def sent_back(browser, code, **changed):
    form = form_with(browser.get(f"/items/{code}/edit").text, "f-of_table")
    fields = [each for each in form.fields if each[0] not in changed] + list(changed.items())
    answer = browser.post(f"/items/{code}/edit", data=encoded(fields), follow_redirects=False)
    assert answer.status_code == 303, re.findall(
        r'class="reasons".*?</ul>', answer.text, flags=re.DOTALL
    )


@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(fields=CONTENTS)
def test_a_form_sent_back_untouched_changes_nothing(office, fields):
    code = drafted(office, **fields)["code"]
    before = as_it_is(office, code)
    for language in ("vi", "en"):
        with office.signed_in(STAFF) as browser:
            browser.post("/language", data={"language": language})
            sent_back(browser, code)
        assert as_it_is(office, code) == before


@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(rows=VALUES["table"])
def test_a_table_of_which_one_row_is_added_keeps_the_other_cells(office, rows):
    code = drafted(office, of_table=rows)["code"]
    with office.signed_in(STAFF) as browser:
        shown = dict(form_with(browser.get(f"/items/{code}/edit").text, "f-of_table").fields)[
            "f-of_table"
        ]
        sent_back(browser, code, **{"f-of_table": f"{shown}\r\nthêm | một | dòng"})
    kept = as_it_is(office, code)["fields"]["of_table"]
    assert kept[-1] == {"a": "thêm", "b": "một", "c": "dòng"}
    cells = [
        {
            name: said
            for name, cell in row.items()
            if (said := values.cell(values.cell(cell).replace("⏎", "\n")))
        }
        for row in rows
    ]
    assert [each for each in kept[:-1] if each] == [each for each in cells if each]


def test_a_person_who_has_left_stays_named_in_an_untouched_form(office):
    office.client(OFFICER).post(
        "/people",
        json={
            "email": "sap.nghi@so.example",
            "name": "Sắp nghỉ",
            "position": "staff",
            "department": "lanh-su",
        },
    )
    code = drafted(office, of_person="sap.nghi@so.example")["code"]
    before = as_it_is(office, code)
    assert (
        office.client(OFFICER)
        .patch("/people/sap.nghi@so.example", json={"is_active": False})
        .status_code
        == 200
    )
    with office.signed_in(STAFF) as browser:
        sent_back(browser, code)
    assert as_it_is(office, code) == before


def test_a_required_yes_or_no_that_nobody_answered_can_be_answered_with_no(office):
    code = drafted(office)["code"]
    with office.signed_in(STAFF) as browser:
        sent_back(browser, code, **{"f-must": "false"})
    assert as_it_is(office, code)["fields"]["must"] is False


@pytest.mark.parametrize(
    "typed, language, kept",
    [("1.500.000", "vi", 1500000), ("1,500,000", "en", 1500000), ("1 500", "vi", 1500)],
)
def test_a_number_is_read_as_its_readers_language_writes_it(office, typed, language, kept):
    code = drafted(office, of_integer=3)["code"]
    with office.signed_in(STAFF) as browser:
        browser.post("/language", data={"language": language})
        sent_back(browser, code, **{"f-of_integer": typed})
    assert as_it_is(office, code)["fields"]["of_integer"] == kept


@pytest.mark.parametrize(
    "typed", ["1.5", "12.50", "1.500.00", "1..5", "1,5", "1e3", "+5", "-5", "٣", "inf", "9" * 30]
)
def test_a_number_that_is_none_is_refused_and_nothing_changes(office, typed):
    code = drafted(office, of_integer=3)["code"]
    before = as_it_is(office, code)
    with office.signed_in(STAFF) as browser:
        form = form_with(browser.get(f"/items/{code}/edit").text, "f-of_table")
        fields = [
            *(each for each in form.fields if each[0] != "f-of_integer"),
            ("f-of_integer", typed),
        ]
        answer = browser.post(f"/items/{code}/edit", data=encoded(fields), follow_redirects=False)
    assert answer.status_code == 422
    assert as_it_is(office, code) == before
