"""A list of people as a sheet: what columns are called, which words mean yes, what is written.

Owns the reading of people from a table, one heading row in Vietnamese or English; the table itself
is read in a child process. What is written here and read back changes nobody. A word that is not
known is refused, never guessed. Positions are read by id and by what they are called.
"""

import csv
import io
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path

from api.intake.confined import ConfinedError, confined, confined_blocking
from api.intake.problems import IntakeAnswer
from api.spreadsheets import as_written, plain_cell
from notifications.position_names import POSITIONS
from workflow.context import searchable
from workflow.errors import InvalidInputError
from workflow.messages import Message, lazy
from workflow.model import Person, Position
from workflow.people.staff_rows import PersonRow, row_of

COLUMNS = ("email", "name", "position", "department", "active")
MOST_ROWS = 2000
SHEET_LIMIT = 1_000_000
_HEADINGS = {
    "e-mail": "email",
    "thư": "email",
    "thư điện tử": "email",
    "địa chỉ thư": "email",
    "địa chỉ email": "email",
    "tên": "name",
    "họ tên": "name",
    "họ và tên": "name",
    "full name": "name",
    "mail address": "email",
    "chức danh": "name",
    "chức vụ": "position",
    "vị trí": "position",
    "phòng": "department",
    "mã phòng": "department",
    "còn làm việc": "active",
    "đang làm việc": "active",
    "works here": "active",
}
_TITLES: dict[str, str] = {
    **{searchable(each.template): position.value for position, each in POSITIONS.items()},
    **{
        searchable(title): position.value
        for position, titles in {
            Position.DIRECTOR: ("Giám đốc", "Giám đốc Sở"),
            Position.DEPUTY_DIRECTOR: ("Phó Giám đốc", "Phó Giám đốc Sở"),
            Position.CHIEF: ("Chánh Văn phòng", "Chánh Văn phòng Sở"),
            Position.HEAD: ("Trưởng phòng",),
            Position.DEPUTY: ("Phó Trưởng phòng", "Phó phòng"),
            Position.OFFICER: ("Chuyên viên Văn phòng", "Chuyên viên Văn phòng Sở"),
            Position.STAFF: ("Chuyên viên", "Chuyên viên chính", "Chuyên viên cao cấp"),
            Position.CLERK: ("Văn thư", "Văn thư Sở", "Cán bộ văn thư", "Nhân viên văn thư"),
            Position.AUDITOR: ("Người kiểm tra",),
            Position.ADMIN: ("Quản trị viên",),
        }.items()
        for title in titles
    },
}
"""What positions are called, folded as for a search. A title that an agency gives to different
positions is not here."""
EXAMPLE_ADDRESS = "ho.ten@co-quan.example"
"""The address in the template's example row, which names nobody: such a row is passed over."""
_YES = frozenset(
    {
        "1",
        "x",
        "v",
        "y",
        "yes",
        "true",
        "active",
        "có",
        "đúng",
        "còn",
        "còn làm việc",
        "đang làm việc",
        "làm việc",
        "✓",
        "✔",
    }
)
_NO = frozenset(
    {
        "0",
        "n",
        "no",
        "false",
        "inactive",
        "left",
        "không",
        "sai",
        "nghỉ",
        "nghỉ việc",
        "đã nghỉ",
        "đã nghỉ việc",
        "thôi việc",
        "không còn",
    }
)
_HEADING_ROWS = 10
"""So many rows may stand above the headings: a title, the agency's name, a date."""


def people_in_file(file: Path) -> tuple[PersonRow, ...]:
    """Return the people of a sheet on this machine. Raises InvalidInputError."""
    try:
        with file.open("rb") as opened:
            content = opened.read(SHEET_LIMIT + 1)
    except OSError as exc:
        raise InvalidInputError(
            lazy(
                "{file} cannot be read: {exc}. It takes an xlsx, ods, xls or csv file.",
                file=file,
                exc=exc.strerror,
            )
        ) from exc
    _refuse_size(file.name, content)
    try:
        return people_of(file.name, confined_blocking("table", file.name, content))
    except ConfinedError:
        raise InvalidInputError(_too_much(file.name)) from None


async def read_people(name: str, content: bytes) -> tuple[PersonRow, ...]:
    """Return the people of a sheet that was sent under ``name``. Raises InvalidInputError."""
    _refuse_size(name, content)
    try:
        return people_of(name, await confined("table", name, content))
    except ConfinedError:
        raise InvalidInputError(_too_much(name)) from None


def _refuse_size(name: str, content: bytes) -> None:
    if not content or len(content) > SHEET_LIMIT:
        raise InvalidInputError(
            lazy(
                "{file}: choose an xlsx, ods, xls or csv file with content, at most 1 MB.",
                file=name,
            )
        )


def _too_much(name: str) -> Message:
    return lazy(
        "{file}: the sheet unpacks to too much (perhaps by one stray cell far away). "
        "Copy the part with data into a new sheet and save that.",
        file=name,
    )


def people_csv(known: Iterable[Person]) -> str:
    """Return people as a sheet that can be read again."""
    return rows_csv(map(row_of, known))


def rows_csv(rows: Iterable[PersonRow]) -> str:
    """Return the rows of a sheet as one that says the same."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(
        [
            plain_cell(each.email),
            plain_cell(each.name),
            plain_cell(each.position),
            plain_cell(each.department or ""),
            "" if each.is_active is None else int(each.is_active),
        ]
        for each in rows
    )
    return out.getvalue()


def people_of(name: str, answer: IntakeAnswer) -> tuple[PersonRow, ...]:
    """Return the people of a table. Raises InvalidInputError, with every problem by its row."""
    if "problem" in answer:
        raise InvalidInputError(_unreadable(name, answer["problem"]))
    heads, rows = _headed(name, answer["rows"])
    if len(rows) > MOST_ROWS:
        raise InvalidInputError(_unreadable(name, "rows"))
    problems: list[Message] = []
    people = tuple(
        _person(number, dict(zip(heads, cells, strict=False)), problems)
        for number, cells in rows
        if EXAMPLE_ADDRESS not in cells
    )
    if problems:
        raise InvalidInputError(*problems)
    return people


def _unreadable(name: str, problem: str) -> Message:
    match problem:
        case "rows":
            return lazy(
                "{file}: at most {limit} rows. Split it into several files.",
                file=name,
                limit=MOST_ROWS,
            )
        case "bomb":
            return _too_much(name)
        case "size":
            return lazy(
                "{file}: the sheet is too wide, or a cell too long. Keep only the columns {names}.",
                file=name,
                names=", ".join(COLUMNS),
            )
        case "encoding":
            return lazy(
                "{file}: the encoding of the Vietnamese letters is not known. Save it "
                "as xlsx, or as csv in UTF-8.",
                file=name,
            )
        case "password":
            return lazy(
                "{file}: the file has a password and cannot be read. Remove the "
                "password and save it.",
                file=name,
            )
        case "markup":
            return lazy(
                "{file}: inside is a web page or XML, not a workbook. Open it in a "
                "spreadsheet program and save it as xlsx.",
                file=name,
            )
        case _:
            return lazy(
                "{file} cannot be read: it is damaged, unpacks to too much, or is no "
                "sheet. It takes an xlsx, ods, xls or csv file.",
                file=name,
            )


def _headed(
    name: str, table: list[tuple[int, list[str]]]
) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Return the columns in order and the rows below. Raises InvalidInputError without headings."""
    columns = ", ".join(COLUMNS)
    if not table:
        raise InvalidInputError(
            lazy(
                "{file} is empty. The first row needs the columns: {names}.",
                file=name,
                names=columns,
            )
        )
    named = [[_heading(cell) for cell in cells] for _, cells in table[:_HEADING_ROWS]]
    at = max(range(len(named)), key=lambda each: len(set(named[each]) & set(COLUMNS)))
    heads = named[at]
    if missing := [each for each in COLUMNS[:4] if each not in heads]:
        raise InvalidInputError(
            lazy(
                "{file}: the columns {missing} are missing. The first row needs the "
                "columns: {columns}.",
                file=name,
                missing=", ".join(missing),
                columns=columns,
            )
        )
    if twice := [each for each in COLUMNS if heads.count(each) > 1]:
        raise InvalidInputError(
            lazy(
                "{file}: there are two columns {names}. Keep only one.",
                file=name,
                names=", ".join(twice),
            )
        )
    return heads, table[at + 1 :]


def _heading(cell: str) -> str:
    plain = " ".join(unicodedata.normalize("NFC", cell).casefold().split()).strip(" *:.")
    return _HEADINGS.get(plain, plain)


def _person(number: int, row: Mapping[str, str], problems: list[Message]) -> PersonRow:
    value = {
        name: " ".join(as_written(cell).split()) for name, cell in row.items() if name in COLUMNS
    }
    return PersonRow(
        row=number,
        email=value.get("email", ""),
        name=value.get("name", ""),
        position=_position(value.get("position", "")),
        department=value.get("department") or None,
        is_active=_activity(number, value.get("active", ""), problems),
    )


def _position(cell: str) -> str:
    """Return the id of the position that a cell names, or the cell's word where it names none."""
    return _TITLES.get(" ".join(searchable(cell).split()), cell.lower())


def _activity(number: int, cell: str, problems: list[Message]) -> bool | None:
    """Return whether a person works here; None where the sheet does not say."""
    word = unicodedata.normalize("NFC", cell).casefold()
    if word in _YES:
        return True
    if word in _NO:
        return False
    if word:
        problems.append(
            lazy(
                "Row {row}: “{word}” in the column active is not known. Write 1 (works "
                "here) or 0 (has left).",
                row=number,
                word=cell,
            )
        )
    return None
