"""The empty list of people to fill in: headings, choices to pick from, and one example row.

What it offers is what ``people_sheet`` reads; its example row is passed over there.
"""

from collections.abc import Sequence

from api.filled_sheets import SheetColumn, sheet_to_fill
from api.people_sheet import EXAMPLE_ADDRESS, MOST_ROWS
from notifications.position_names import POSITIONS
from notifications.translation import translate
from workflow.model import Department, Position


def people_template(departments: Sequence[Department]) -> bytes:
    """Return the workbook in the reader's language."""
    names = [each.name for each in departments]
    columns = [
        SheetColumn(heading=translate("Mail address"), example=EXAMPLE_ADDRESS),
        SheetColumn(
            heading=translate("Name"),
            example=translate("Example, which is passed over: write below"),
        ),
        SheetColumn(
            heading=translate("Position"),
            example=translate(POSITIONS[Position.STAFF]),
            choices=[translate(each) for each in POSITIONS.values()],
        ),
        SheetColumn(heading=translate("Department"), example=next(iter(names), ""), choices=names),
        SheetColumn(
            heading=translate("Works here"),
            example=translate("Yes"),
            choices=[translate("Yes"), translate("No")],
        ),
    ]
    return sheet_to_fill(translate("People"), columns, MOST_ROWS)
