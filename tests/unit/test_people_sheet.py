"""What people's programs write is read as meant, never guessed, and ends no process."""

import io
import unicodedata
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from api.intake.confined import ConfinedError, confined_blocking
from api.intake.tables import read_table
from api.people_sheet import people_csv, people_in_file, people_of
from api.people_template import people_template
from api.spreadsheets import as_written, plain_cell
from notifications.position_names import POSITIONS
from notifications.translation import speaking, translate
from tests.refusals import refuses
from tests.workbooks import ods, packed, xls, xlsx
from workflow.errors import InvalidInputError
from workflow.model import Department, DepartmentId, Person, PersonId, Position
from workflow.people.staff_rows import PersonRow, import_problems, rows_by_department

HEADS = ["email", "name", "position", "department", "active"]
ROW = ["a@so.example", "Nguyễn Thị Ánh", "staff", "lanh-su"]


def people(name, content):
    return people_of(name, read_table(name, content))


def one(active, heads=HEADS):
    return people("a.xlsx", xlsx([heads, [*ROW, active]]))[0]


@pytest.mark.parametrize(
    "said",
    [
        1,
        1.0,
        True,
        "1",
        "x",
        "X",
        "có",
        "CÓ",
        unicodedata.normalize("NFD", "có"),
        "true",
        "đang làm việc",
        "Y",
    ],
)
def test_a_word_for_yes_means_yes(said):
    assert one(said).is_active is True


@pytest.mark.parametrize(
    "said",
    [
        0,
        0.0,
        False,
        "0",
        "không",
        unicodedata.normalize("NFD", "Không"),
        "N",
        "no",
        "FALSE",
        "nghỉ việc",
        "inactive",
        "đã nghỉ",
    ],
)
def test_a_word_for_no_means_no(said):
    assert one(said).is_active is False


@pytest.mark.parametrize("said", ["2", "maybe", "nghỉ phép", "có không", "-1", 3.5, "#REF!"])
def test_a_word_that_is_not_known_is_refused_by_its_row(said):
    with refuses(InvalidInputError, r"Dòng 2.*active"):
        one(said)


def test_a_sheet_that_does_not_say_leaves_it_as_it_is():
    assert one(None).is_active is None
    assert people("a.xlsx", xlsx([HEADS[:4], ROW]))[0].is_active is None


TITLES = (
    ("Trưởng phòng", "head"),
    ("  PHÓ  TRƯỞNG PHÒNG ", "deputy"),
    ("Phó phòng", "deputy"),
    ("truong phong", "head"),
    ("Chuyên viên", "staff"),
    ("Chuyên viên Văn phòng", "officer"),
    ("Chuyên viên chính", "staff"),
    ("Văn thư", "clerk"),
    ("Chánh Văn phòng", "chief"),
    ("Giám đốc", "director"),
    ("Phó Giám đốc", "deputy_director"),
    (unicodedata.normalize("NFD", "Phó Giám đốc Sở"), "deputy_director"),
    ("Head of department", "head"),
    ("HEAD", "head"),
    ("deputy_director", "deputy_director"),
)


@pytest.mark.parametrize("title, position", TITLES)
def test_a_position_is_known_by_its_title_and_by_its_id(title, position):
    table = [HEADS[:4], [*ROW[:2], title, ROW[3]]]
    assert people("a.xlsx", xlsx(table))[0].position == position


@pytest.mark.parametrize("title", ["Phó Chánh Văn phòng", "Trưởng", "Giám đốc Trung tâm", "="])
def test_a_title_that_is_not_known_is_left_to_be_refused(title):
    table = [HEADS[:4], [*ROW[:2], title, ROW[3]]]
    (row,) = people("a.xlsx", xlsx(table))
    assert row.position == title.lower()
    departments = {DepartmentId("lanh-su"): Department(id=DepartmentId("lanh-su"), name="x")}
    (problem,) = import_problems([row], departments)
    assert "Row 2" in str(problem)


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_every_position_is_known_by_what_pages_call_it(locale):
    with speaking(locale):
        titles = {position: translate(each) for position, each in POSITIONS.items()}
    table = [
        HEADS[:4],
        *([f"{n}@so.example", "N", each, ""] for n, each in enumerate(titles.values())),
    ]
    assert [each.position for each in people("a.xlsx", xlsx(table))] == list(titles)


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_the_template_offers_what_is_read(locale):
    departments = [
        Department(id=DepartmentId(each), name=name)
        for each, name in (("lanh-su", "Phòng Lãnh sự"), ("x", "=HYPERLINK(1)"))
    ]
    with speaking(locale):
        content = people_template(departments)
    assert people("a.xlsx", content) == (), "the example is nobody"
    sheets = CalamineWorkbook.from_filelike(io.BytesIO(content))
    (heads, example), lists = (sheets.get_sheet_by_index(n).to_python() for n in (0, 1))
    assert len(heads) == len(example) == 5
    columns = [list(filter(None, column[1:])) for column in zip(*lists, strict=True)]
    choices = list(filter(None, columns))
    written = [
        ["a@so.example", f"N{n}", title, choices[1][n % 2], choices[2][n % 2]]
        for n, title in enumerate(choices[0])
    ]
    rows = people("a.xlsx", xlsx([heads, example, *written]))
    known = {each.id: each for each in departments}
    assert [each.position for each in rows] == list(POSITIONS)
    assert {each.department for each in rows_by_department(rows, known)} == set(known)
    assert {each.is_active for each in rows} == {True, False}
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml")
        assert b"<f>" not in sheet + parts.read("xl/worksheets/sheet2.xml"), "no formula"
        assert sheet.count(b"<dataValidation ") == 3


def test_two_departments_of_one_name_are_told_apart_by_their_ids_only():
    known = {
        DepartmentId(each): Department(id=DepartmentId(each), name=name)
        for each, name in (("a", "Phòng"), ("b", "phòng"), ("c", "Khác"))
    }
    rows = [
        PersonRow(row=n, email="", name="", position="", department=each)
        for n, each in enumerate(("Phòng", "a", " KHÁC", None))
    ]
    found = [each.department for each in rows_by_department(rows, known)]
    assert found == ["Phòng", "a", "c", None]


TEXT = "email,name,position,department,active\na@so.example,Nguyễn Thị Ánh,staff,lanh-su,1\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1258"]
)
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_text_is_read_whatever_its_encoding_and_separator(encoding, separator):
    text = TEXT.replace(",", separator)
    if encoding == "cp1258":  # which writes tone marks apart, after their letters
        text = "".join(
            each if each.encode("cp1258", "ignore") else unicodedata.normalize("NFD", each)
            for each in text
        )
        text = (
            text.replace("ễ", "ê\u0303")
            .replace("e\u0302\u0303", "ê\u0303")
            .replace("A\u0301", "A\u0301")
            .replace("i\u0323", "i\u0323")
        )
    found = people("a.csv", text.encode(encoding))
    assert [(each.email, each.name, each.department, each.is_active) for each in found] == [
        (ROW[0], ROW[1], "lanh-su", True)
    ]


@pytest.mark.parametrize("first", ["sep=;", "sep=;\r", '"sep=;"'])
def test_the_line_that_names_the_separator_is_no_row(first):
    text = first + "\n" + TEXT.replace(",", ";").replace("Ánh", "Ánh, Phòng A")
    found = people("a.csv", text.encode())
    assert (found[0].name, found[0].row) == ("Nguyễn Thị Ánh, Phòng A", 2)


def test_headings_are_known_in_any_form_and_case():
    heads = [
        "  ĐỊA CHỈ THƯ ",
        unicodedata.normalize("NFD", "Họ và tên"),
        "Vị  trí *",
        "Phòng:",
        "Còn làm việc",
    ]
    assert one("x", heads).email == "a@so.example"


def test_rows_are_numbered_as_the_sheet_numbers_them():
    table = [
        ["Danh sách nhân sự"],
        [None],
        HEADS,
        [*ROW, 1],
        [None],
        ["b@so.example", "B", "staff", "lanh-su", "?"],
    ]
    with refuses(InvalidInputError, "Dòng 10:"):
        people("a.xlsx", xlsx(table, first_row=5))
    text = (
        'email,name,position,department,active\n\na@so.example,"Hai\ndòng",staff,lanh-su,1\n\n'
        "b@so.example,B,staff,lanh-su,?\n"
    )
    with refuses(InvalidInputError, "Dòng 5:"):
        people("a.csv", text.encode())


def test_a_cell_with_a_line_end_or_a_bar_is_one_cell():
    row = 'a@so.example,"Hai\r\ndòng | gạch",staff,lanh-su'
    found = people("a.csv", f"email,name,position,department\n{row}\n".encode())
    assert found[0].name == "Hai dòng | gạch"


def test_ods_and_the_old_xls_are_read_too():
    for name, content in (
        ("a.ods", ods([HEADS, [*ROW, "1"]])),
        ("a.xls", xls([HEADS, [*ROW, 1]])),
        ("a.xlsx", xls([HEADS, [*ROW, 0.0]])),
    ):
        assert [each.name for each in people(name, content)] == [ROW[1]], name


@pytest.mark.parametrize(
    "name, content, word",
    [
        ("a.xls", b"<html><table><tr><td>email</td></tr></table></html>", "trang web"),
        ("a.xls", b'<?xml version="1.0"?><Workbook/>', "XML"),
        ("a.csv", b"\x81\x8d\x8f", "bảng mã"),
        ("a.xlsx", b"PK\x03\x04broken", "hỏng"),
        ("a.csv", b"email," * 3000, "quá rộng"),
        ("a.csv", b"x,y\n1,2\n", "thiếu cột"),
        ("a.csv", b"email,email,name,position,department\n", "hai cột"),
        ("a.csv", b" \n\n", "trống"),
        ("a.csv", (TEXT + "z@so.example,Z,staff,lanh-su,1\n" * 2001).encode(), "2000"),
    ],
)
def test_what_cannot_be_read_is_named(name, content, word):
    with refuses(InvalidInputError, word):
        people(name, content)


def test_a_sheet_that_unpacks_too_large_is_named():
    content = packed({"xl/worksheets/sheet1.xml": b"0" * 150_000_000})
    with refuses(InvalidInputError, "bung ra quá lớn"):
        people("a.xlsx", content)


FAR = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'


@pytest.mark.parametrize(
    "content",
    [
        xlsx([HEADS, ROW], more=FAR),
        ods([HEADS, ROW], repeat_columns=16_000, repeat_rows=1_000_000),
    ],
)
def test_a_sheet_that_claims_the_whole_grid_ends_its_reader_and_nothing_else(content, tmp_path):
    file = tmp_path / "a.bin"
    file.write_bytes(content)
    with refuses(InvalidInputError, r"quá lớn"):
        people_in_file(file)


def test_many_empty_sheets_are_no_harm():
    content = xlsx([HEADS, ROW], names=[f"s{n}" for n in range(900)])
    assert (
        people_of("a.xlsx", confined_blocking("table", "a.xlsx", content))[0].email
        == "a@so.example"
    )


def test_a_task_that_does_not_answer_is_an_error_and_not_an_answer():
    with pytest.raises(ConfinedError):
        confined_blocking("unknown", "a", b"")


@given(st.text(alphabet="'=+-@\t\r\n;,|\" ＝aắ", max_size=12))
@settings(max_examples=400, deadline=None)
def test_what_was_defused_is_read_back_as_it_was(cell):
    assert as_written(plain_cell(cell)) == cell


@pytest.mark.parametrize(
    "cell",
    [
        "=1",
        "+1",
        "-1",
        "@a",
        "\t=1",
        "\r=1",
        "＝1",
        "a;=1",
        "a,+1",
        "a\t-1",
        "a|@x",
        'a"=1',
        "a\n=1",
        "  =1",
        ';"=1',
        "a; =1",
    ],
)
def test_no_program_sees_a_formula_whatever_it_parts_cells_by(cell):
    import re

    for part in re.split(r'[,;|\t\r\n"]', plain_cell(cell)):
        assert not part.lstrip().startswith(("=", "+", "-", "@", "＝")), cell


def test_people_who_are_written_and_read_back_are_the_same():
    staff = [
        Person(
            id=PersonId(n),
            email=email,
            name=name,
            position=Position.STAFF,
            department=DepartmentId("lanh-su"),
            is_active=n % 2 == 0,
        )
        for n, (email, name) in enumerate(
            [
                ("+a@so.example", "=Ánh; =B"),
                ("'b@so.example", "'-Bình"),
                ("-c@so.example", "C, @D | “E”"),
                ("d@so.example", "D"),
            ]
        )
    ]
    for name, content in _saved_as(people_csv(staff)):
        rows = people(name, content)
        assert [
            (each.email, each.name, each.position, each.department, each.is_active) for each in rows
        ] == [
            (each.email, each.name, each.position.value, each.department, each.is_active)
            for each in staff
        ], name


def _saved_as(text):
    """Yield the same table as spreadsheets save it: two kinds of csv, xlsx, ods, xls."""
    import csv

    table = list(csv.reader(text.splitlines()))
    numbers = [table[0], *([*row[:-1], float(row[-1])] for row in table[1:])]
    semicolons = "\ufeff" + "\r\n".join(
        ";".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in table
    )
    yield "a.csv", text.encode()
    yield "b.csv", semicolons.encode()
    yield "c.xlsx", xlsx(numbers)
    yield "d.ods", ods(table)
    yield "e.xls", xls(numbers)
