"""Read a sheet as rows of text: xlsx, ods, xls and csv as people's programs write them.

Runs in the child. Owns encodings, separators and how a cell becomes text; it knows nothing of what
the columns mean.
"""

import csv
import io
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time

from python_calamine import CalamineError, CalamineWorkbook

from api.intake.problems import IntakeAnswer

ROWS = 2100
COLUMNS = 60
_CELL = 2000
_CHARACTERS = 3_000_000
_UNPACKED = 100 * 1024 * 1024
_PARTS = 2000
_SEPARATORS = ",;\t|"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


class _TableError(Exception):
    """The sheet cannot be read; carries the code of the reason."""


def read_table(name: str, content: bytes) -> IntakeAnswer:
    """Return the rows of a sheet, blank ones left out.

    What it is is judged by its content, and by its name only where that says nothing.
    """
    try:
        rows = _book(content) if content.startswith((b"PK\x03\x04", _OLE)) else _text(name, content)
        return {"rows": list(_bounded(rows))}
    except _TableError as problem:
        return {"problem": str(problem)}


def _bounded(rows: Iterable[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that say something, by the sheet's numbers, while they are few and short."""
    kept = characters = 0
    for number, cells in enumerate(rows, 1):
        while cells and not cells[-1].strip():
            cells.pop()
        if not cells:
            continue
        kept += 1
        characters += sum(map(len, cells))
        if kept > ROWS:
            raise _TableError("rows")
        if (
            len(cells) > COLUMNS
            or characters > _CHARACTERS
            or any(len(each) > _CELL for each in cells)
        ):
            raise _TableError("size")
        yield number, cells


def _text(name: str, content: bytes) -> list[list[str]]:
    start = content[:2000].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if start.startswith(
        (b"<html", b"<!doctype html", b"<table", b"<?xml", b"<meta", b"mime-version")
    ):
        raise _TableError("markup")
    if not name.lower().endswith((".csv", ".txt", ".tsv")):
        raise _TableError("broken")
    text = _decoded(content)
    first, _, rest = text.partition("\n")
    told = first.strip().strip('"')
    if told.lower().startswith("sep=") and len(told) == len("sep=") + 1:
        # Excel's own line is a row that it never shows.
        return _parsed(rest, told[-1])
    if told.lower() == "sep=":  # a tab was stripped
        return _parsed(rest, "\t")
    return _parsed(text, _separator(text))


def _decoded(content: bytes) -> str:
    encoding = next((each for mark, each in _MARKS if content.startswith(mark)), None)
    if encoding is None:
        encoding = _unmarked(content)
    try:
        text = unicodedata.normalize("NFC", content.decode(encoding))
    except UnicodeDecodeError:
        raise _TableError("encoding") from None
    if "\0" in text:
        raise _TableError("encoding")
    return text


def _unmarked(content: bytes) -> str:
    """Return the encoding of a text that does not say it.

    UTF-16 by its zeros, UTF-8 if it is that, else the Vietnamese code page.
    """
    start = content[:200]
    if start[1::2].count(0) > len(start) // 4:
        return "utf-16-le"
    if start[0::2].count(0) > len(start) // 4:
        return "utf-16-be"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1258"
    return "utf-8"


def _separator(text: str) -> str:
    """Return what parts the cells: what splits the first line into most of them."""
    head = next((line for line in text.splitlines() if line.strip(' \t"' + _SEPARATORS)), "")
    return max(_SEPARATORS, key=lambda each: len(next(csv.reader([head], delimiter=each), [])))


def _parsed(text: str, separator: str) -> list[list[str]]:
    try:
        return [
            [_cell(each) for each in row]
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        ]
    except csv.Error:
        raise _TableError("broken") from None


def _book(content: bytes) -> Iterator[list[str]]:
    if not content.startswith(_OLE):
        _check_archive(content)
    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    except CalamineError as exc:
        raise _TableError("password" if "assword" in str(exc) else "broken") from exc
    yield from ([_cell(each) for each in row] for row in sheet.iter_rows())


def _check_archive(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > _PARTS or sum(each.file_size for each in parts) > _UNPACKED:
                raise _TableError("bomb")
            if any(each.flag_bits & 1 for each in parts):
                raise _TableError("password")
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise _TableError("broken") from None


def _cell(value: object) -> str:
    """Return a cell as a person would type it: 5 not 5.0, a day without an hour."""
    match value:
        case None:
            return ""
        case bool():
            return "1" if value else "0"
        case float() if value.is_integer():
            return str(int(value))
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime() | date() | time():
            return value.isoformat()
        case _:
            return unicodedata.normalize("NFC", str(value))
