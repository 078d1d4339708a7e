"""A list of people as a sheet: xlsx, ods or csv, with one heading row in Vietnamese or English."""

import csv
import io
from collections.abc import Iterable, Iterator

from python_calamine import CalamineError, CalamineWorkbook

from api.sheets import plain_cell
from workflow.errors import InvalidInputError
from workflow.model import Person
from workflow.rules import unpacks_within_bounds
from workflow.service import PersonRow
from workflow.speech import phrase

COLUMNS = ("email", "name", "position", "department", "active")
MOST_ROWS = 2000
_HEADINGS = {
    "thư": "email",
    "địa chỉ thư": "email",
    "tên": "name",
    "họ và tên": "name",
    "chức danh": "name",
    "vị trí": "position",
    "phòng": "department",
    "còn làm việc": "active",
}
_NO = {"0", "no", "không", "false", "nghỉ"}


def read_people(name: str, content: bytes) -> tuple[PersonRow, ...]:
    """Return the people of a sheet called ``name``; its ending tells its form. Raises InvalidInputError."""
    return tuple(_people(_table(name, content), name))


def people_csv(found: Iterable[Person]) -> str:
    """Return people as a sheet that can be read again."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(
        [plain_cell(each.email), plain_cell(each.name), each.position.value, each.department or "", int(each.is_active)] for each in found
    )
    return out.getvalue()


def _table(name: str, content: bytes) -> list[list[str]]:
    try:
        if name.lower().endswith(".csv"):
            return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
        if not unpacks_within_bounds(content):
            raise InvalidInputError(phrase("{file}: tệp bị hỏng, hoặc bung ra quá lớn. Hãy lưu lại dạng xlsx, ods hoặc csv.", file=name))
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
        return [["" if cell is None else str(cell) for cell in row] for row in sheet.to_python(nrows=MOST_ROWS + 2)]
    except (UnicodeDecodeError, CalamineError, csv.Error) as exc:
        raise InvalidInputError(phrase("Không đọc được {file}: {exc}. Cần tệp xlsx, ods hoặc csv (UTF-8).", file=name, exc=exc)) from exc


def _people(table: list[list[str]], name: str) -> Iterator[PersonRow]:
    if not table:
        raise InvalidInputError(phrase("{file} trống. Dòng đầu cần các cột: {names}.", file=name, names=", ".join(COLUMNS)))
    if len(table) > MOST_ROWS + 1:
        raise InvalidInputError(phrase("{file}: tối đa {limit} dòng. Hãy chia thành nhiều tệp.", file=name, limit=MOST_ROWS))
    heads = [_HEADINGS.get(cell.strip().lower(), cell.strip().lower()) for cell in table[0]]
    missing = [each for each in COLUMNS[:4] if each not in heads]
    if missing:
        raise InvalidInputError(
            phrase("{file}: thiếu cột {missing}. Dòng đầu cần các cột: {columns}.", file=name, missing=", ".join(missing), columns=", ".join(COLUMNS))
        )
    for number, cells in enumerate(table[1:], 2):
        row = dict(zip(heads, (cell.strip() for cell in cells), strict=False))
        if any(row.values()):
            yield PersonRow(
                row=number,
                email=row.get("email", ""),
                name=row.get("name", ""),
                position=row.get("position", ""),
                department=row.get("department") or None,
                is_active=row.get("active", "").lower() not in _NO,
            )
