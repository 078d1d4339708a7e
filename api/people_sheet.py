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

from api.intake.problems import IntakeAnswer
from api.sheet_tables import SheetShape, headed_rows, sheet_on_this_machine, table_of
from api.spreadsheets import as_written, plain_cell
from notifications.position_names import POSITIONS
from workflow.errors import InvalidInputError
from workflow.messages import Message, lazy
from workflow.model import Person, Position
from workflow.people.staff_rows import PersonRow, row_of
from workflow.values import searchable

COLUMNS = ("email", "name", "position", "department", "active")
MOST_ROWS = 2000
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
_SHAPE = SheetShape(
    columns={each: each for each in COLUMNS},
    needed=COLUMNS[:4],
    headings=_HEADINGS,
    most_rows=MOST_ROWS,
)


def people_in_file(file: Path) -> tuple[PersonRow, ...]:
    """Return the people of a sheet on this machine. Raises InvalidInputError."""
    return people_of(file.name, sheet_on_this_machine(file))


async def read_people(name: str, content: bytes) -> tuple[PersonRow, ...]:
    """Return the people of a sheet that was sent under ``name``. Raises InvalidInputError."""
    return people_of(name, await table_of(name, content))


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
    heads, rows = headed_rows(name, answer, _SHAPE)
    problems: list[Message] = []
    people = tuple(
        _person(number, dict(zip(heads, cells, strict=False)), problems)
        for number, cells in rows
        if EXAMPLE_ADDRESS not in cells
    )
    if problems:
        raise InvalidInputError(*problems)
    return people


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
