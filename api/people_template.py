"""The empty list of people to fill in: headings, choices to pick from, and one example row.

Owns the workbook. What it offers is what ``people_sheet`` reads; its example row is passed over
there.
"""

import io
from collections.abc import Sequence

from api.people_sheet import EXAMPLE_ADDRESS, MOST_ROWS
from api.spreadsheets import plain_cell, workbook
from notifications.position_names import POSITIONS
from notifications.translation import translate
from workflow.model import Department, Position

_WIDTHS = (32, 32, 24, 32, 16)


def people_template(departments: Sequence[Department]) -> bytes:
    """Return the workbook in the reader's language."""
    choices = {
        translate("Position"): [translate(each) for each in POSITIONS.values()],
        translate("Department"): [plain_cell(each.name) for each in departments],
        translate("Works here"): [translate("Yes"), translate("No")],
    }
    headings = [translate("Mail address"), translate("Name"), *choices]
    example = [
        EXAMPLE_ADDRESS,
        translate("Example, which is passed over: write below"),
        translate(POSITIONS[Position.STAFF]),
        next(iter(choices[translate("Department")]), ""),
        translate("Yes"),
    ]
    out = io.BytesIO()
    with workbook(out) as book:
        bold, soft = book.add_format({"bold": True}), book.add_format({"italic": True})
        people, lists = (
            book.add_worksheet(translate("People")),
            book.add_worksheet(translate("Choices")),
        )
        for column, (heading, width) in enumerate(zip(headings, _WIDTHS, strict=True)):
            people.write_string(0, column, heading, bold)
            people.write_string(1, column, example[column], soft)
            people.set_column(column, column, width)
        people.freeze_panes(1, 0)
        for column, (heading, values) in enumerate(choices.items()):
            for row, value in enumerate((heading, *values)):
                lists.write_string(row, column, value, bold if row == 0 else None)
            letter = "ABC"[column]
            source = f"='{lists.get_name()}'!${letter}$2:${letter}${len(values) + 1}"
            people.data_validation(
                1, column + 2, MOST_ROWS, column + 2,
                {"validate": "list", "source": source, "error_type": "warning"},
            )  # fmt: skip
        lists.set_column(0, len(choices) - 1, _WIDTHS[0])
    return out.getvalue()
