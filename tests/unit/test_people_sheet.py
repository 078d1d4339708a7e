"""What people's programs write is read as meant, never guessed, and ends no process."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.intake.confined import ConfinedError, confined_blocking
from api.intake.tables import read_table
from api.people_sheet import people_csv, people_in_file, people_of
from api.spreadsheets import as_written, plain_cell
from tests.refusals import refuses
from tests.workbooks import ods, packed, xls, xlsx
from workflow.errors import InvalidInputError
from workflow.model import DepartmentId, Person, PersonId, Position

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
        ("a.xlsx", packed({"xl/worksheets/sheet1.xml": b"0" * 150_000_000}), "bung ra quá lớn"),
    ],
)
def test_what_cannot_be_read_is_named(name, content, word):
    with refuses(InvalidInputError, word):
        people(name, content)


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
