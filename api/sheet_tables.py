"""A sheet that was sent: read in a child process, its heading row found, its columns named.

Owns what is said of one that cannot be read. What its cells mean, whoever asks for it knows.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from api.intake.confined import ConfinedError, confined, confined_blocking
from api.intake.problems import IntakeAnswer
from workflow.errors import InvalidInputError
from workflow.messages import Message, lazy, listed

SHEET_LIMIT: Final = 1_000_000
HeadedRows = tuple[list[str], list[tuple[int, list[str]]]]
"""The columns in order, and the rows below with their numbers in the sheet."""
_HEADING_ROWS = 10
"""So many rows may stand above the headings: a title, the agency's name, a date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetShape:
    """Which columns a sheet may have, and must, by id.

    ``columns``: what whoever fills it in calls each; ``headings``: how else it may be called, as
    ``folded_heading`` has it.
    """

    columns: Mapping[str, object]
    needed: Sequence[str]
    headings: Mapping[str, str]
    most_rows: int


async def table_of(name: str, content: bytes) -> IntakeAnswer:
    """Return the table in a file that was sent under ``name``. Raises InvalidInputError."""
    refuse_size(name, content)
    try:
        return await confined("table", name, content)
    except ConfinedError:
        raise InvalidInputError(too_much(name)) from None


def sheet_on_this_machine(file: Path) -> IntakeAnswer:
    """Return the table in a file on this machine. Raises InvalidInputError."""
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
    refuse_size(file.name, content)
    try:
        return confined_blocking("table", file.name, content)
    except ConfinedError:
        raise InvalidInputError(too_much(file.name)) from None


def refuse_size(name: str, content: bytes) -> None:
    """Refuse an empty file and one that is too large. Raises InvalidInputError."""
    if not content or len(content) > SHEET_LIMIT:
        raise InvalidInputError(
            lazy(
                "{file}: choose an xlsx, ods, xls or csv file with content, at most 1 MB.",
                file=name,
            )
        )


def too_much(name: str) -> Message:
    """Return what is said of a file that unpacks to too much."""
    return lazy(
        "{file}: the sheet unpacks to too much (perhaps by one stray cell far away). "
        "Copy the part with data into a new sheet and save that.",
        file=name,
    )


def headed_rows(name: str, answer: IntakeAnswer, shape: SheetShape) -> HeadedRows:
    """Return the columns in order and the rows below the headings. Raises InvalidInputError."""
    if "problem" in answer:
        raise InvalidInputError(_unreadable(name, answer["problem"], shape))
    heads, rows = _headed(name, answer["rows"], shape)
    if len(rows) > shape.most_rows:
        raise InvalidInputError(_unreadable(name, "rows", shape))
    return heads, rows


def _unreadable(name: str, problem: str, shape: SheetShape) -> Message:
    match problem:
        case "rows":
            return lazy(
                "{file}: at most {limit} rows. Split it into several files.",
                file=name,
                limit=shape.most_rows,
            )
        case "bomb":
            return too_much(name)
        case "size":
            return lazy(
                "{file}: the sheet is too wide, or a cell too long. Keep only the columns {names}.",
                file=name,
                names=_called(shape, shape.columns),
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


def _headed(name: str, table: list[tuple[int, list[str]]], shape: SheetShape) -> HeadedRows:
    columns = _called(shape, shape.columns)
    if not table:
        raise InvalidInputError(
            lazy(
                "{file} is empty. The first row needs the columns: {names}.",
                file=name,
                names=columns,
            )
        )
    named = [[_heading(cell, shape) for cell in cells] for _, cells in table[:_HEADING_ROWS]]
    at = max(range(len(named)), key=lambda each: len(set(named[each]) & set(shape.columns)))
    heads = named[at]
    if missing := [each for each in shape.needed if each not in heads]:
        raise InvalidInputError(
            lazy(
                "{file}: the columns {missing} are missing. The first row needs the "
                "columns: {columns}.",
                file=name,
                missing=_called(shape, missing),
                columns=columns,
            )
        )
    if twice := [each for each in shape.columns if heads.count(each) > 1]:
        raise InvalidInputError(
            lazy(
                "{file}: there are two columns {names}. Keep only one.",
                file=name,
                names=_called(shape, twice),
            )
        )
    return heads, table[at + 1 :]


def _called(shape: SheetShape, columns: Iterable[str]) -> Message:
    return listed((shape.columns[each] for each in columns), ", ")


def _heading(cell: str, shape: SheetShape) -> str:
    plain = folded_heading(cell)
    return shape.headings.get(plain, plain)


def folded_heading(cell: str) -> str:
    """Return a heading without its case and the spaces and marks around it."""
    return " ".join(unicodedata.normalize("NFC", cell).casefold().split()).strip(" *:.")
