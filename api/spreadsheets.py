"""Sheets: a table of texts as a file for Excel, the same look for every list."""

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from notifications.translation import in_words, translate

if TYPE_CHECKING:
    from xlsxwriter import Workbook

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMULA = "=+\\-@\t\r＝＋－＠"
_BEGINS = '^|[,;|\t\r\n"]'
"""Where a program that parts cells otherwise, or forgets quotes, may see a cell begin."""
_OPEN = re.compile(f"((?:{_BEGINS})[ \"]*'*)(?=[{_FORMULA}])")
_CLOSED = re.compile(f"((?:{_BEGINS})[ \"]*'*)'(?=[{_FORMULA}])")
_WIDTH = 20
_A4 = 9


def plain_cell(cell: str) -> str:
    """Return a cell of CSV that nobody takes for a formula; ``as_written`` takes it back."""
    return _OPEN.sub(r"\1'", cell)


def as_written(cell: str) -> str:
    """Return what a cell said before ``plain_cell``; any other cell stays as it is."""
    return _CLOSED.sub(r"\1", cell)


@contextmanager
def workbook(out: io.BytesIO) -> Iterator["Workbook"]:
    """Open a workbook to be written to ``out``: text is text, a name like "=1" is no formula."""
    import xlsxwriter  # noqa: PLC0415 - 17 ms, for whoever asks for a sheet

    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        yield book


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One sheet: its name, ``title`` above, ``columns`` on each printed page, and ``rows``."""

    name: str
    title: str
    columns: Sequence[object]
    rows: Iterable[Sequence[object]]


def sheet(
    name: str, title: str, columns: Sequence[object], rows: Iterable[Sequence[object]]
) -> bytes:
    """Return a workbook with one sheet."""
    return sheets([Sheet(name=name, title=title, columns=columns, rows=rows)])


def sheets(parts: Iterable[Sheet]) -> bytes:
    """Return a workbook with these sheets."""
    out = io.BytesIO()
    with workbook(out) as book:
        bold, plain = (
            book.add_format({"bold": True, "text_wrap": True, "border": 1}),
            book.add_format({"text_wrap": True, "border": 1, "valign": "top"}),
        )
        for each in parts:
            page = book.add_worksheet(each.name)
            page.write_string(0, 0, each.title, book.add_format({"bold": True}))
            for column, label in enumerate(each.columns):
                page.write_string(2, column, translate(label), bold)
            for number, row in enumerate(each.rows, 3):
                for column, value in enumerate(row):
                    if isinstance(value, (int, float)) and not isinstance(value, bool):
                        page.write_number(number, column, value, plain)
                    else:
                        page.write_string(number, column, str(in_words(value)), plain)
            page.set_column(0, len(each.columns) - 1, _WIDTH)
            page.freeze_panes(3, 1)
            page.repeat_rows(2)
            page.set_landscape()
            page.set_paper(_A4)
            page.fit_to_pages(1, 0)
    return out.getvalue()
