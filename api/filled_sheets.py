"""An empty sheet to fill in: headings, one example row, and choices to pick from.

Owns how such a workbook looks; what its columns mean, whoever offers it knows.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass

from api.spreadsheets import plain_cell, workbook
from notifications.translation import translate

_WIDTH = 28


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetColumn:
    """A column: its heading, what the example row says, and what may be picked (else anything)."""

    heading: str
    example: str = ""
    choices: Sequence[str] = ()


def sheet_to_fill(name: str, columns: Sequence[SheetColumn], most_rows: int) -> bytes:
    """Return the workbook; a choice may be written otherwise too, and whoever reads it decides."""
    out = io.BytesIO()
    with workbook(out) as book:
        bold, soft = book.add_format({"bold": True}), book.add_format({"italic": True})
        page = book.add_worksheet(name)
        lists = book.add_worksheet(translate("Choices"))
        for at, column in enumerate(columns):
            choices = [plain_cell(each) for each in column.choices]
            page.write_string(0, at, plain_cell(column.heading), bold)
            page.write_string(1, at, plain_cell(column.example), soft)
            lists.write_string(0, at, plain_cell(column.heading), bold)
            for row, each in enumerate(choices, 1):
                lists.write_string(row, at, each)
            if choices:
                letter = chr(ord("A") + at)
                source = f"='{lists.get_name()}'!${letter}$2:${letter}${len(choices) + 1}"
                rule = {"validate": "list", "source": source, "error_type": "warning"}
                page.data_validation(1, at, most_rows + 1, at, rule)
        page.set_column(0, len(columns) - 1, _WIDTH)
        page.freeze_panes(1, 0)
        lists.set_column(0, len(columns) - 1, _WIDTH)
    return out.getvalue()
