r"""A table in a form: typed as lines whose columns are parted, and back.

Columns are parted by ``|`` (a bar within a cell is ``\\|``, a line end within one ``⏎``), or by
tabs as rows pasted from a sheet are.
"""

import re
from typing import Final

from api.web.errors import ITEM_FIELD
from workflow.definition import ItemField
from workflow.errors import InvalidRefusal, reason
from workflow.model import Json

_LINE_END: Final = "⏎"
_CELL = re.compile(r"(?:\\[\\|]|[^|\\]|\\(?![\\|]))*")


def table_typed(field: ItemField, text: str) -> list[Json]:
    """Return the rows that lines say. Raises InvalidRefusal for a line with too many columns."""
    rows: list[Json] = []
    for line in text.split("\n"):
        if line.strip():
            cells = _cells(line)
            if len(cells) > len(field.columns):
                raise InvalidRefusal(
                    reason(
                        ITEM_FIELD,
                        "The field “{label}”: the line “{line}” has more than {count} column.",
                        "The field “{label}”: the line “{line}” has more than {count} columns.",
                        label=field.label,
                        name=field.id,
                        line=line[:60],
                        count=len(field.columns),
                    )
                )
            rows.append(
                {
                    column.id: cell
                    for column, cell in zip(field.columns, cells, strict=False)
                    if cell
                }
            )
    return rows


def _cells(line: str) -> list[str]:
    """Return the cells of a line, parted by tabs as in a sheet, or by bars as in the form."""
    if "\t" in line:
        return [cell.strip() for cell in line.split("\t")]
    cells, place = [], 0
    while place <= len(line):
        found = _CELL.match(line, place)
        cells.append(found[0] if found else "")
        place += len(cells[-1]) + 1
    whole = (re.sub(r"\\([\\|])", r"\1", cell.strip()) for cell in cells)
    return [cell.replace(_LINE_END, "\n").strip() for cell in whole]


def _cell_text(cell: object) -> str:
    text = re.sub(r"\\(?=[\\|]|$)", r"\\\\", str(cell).replace("\n", _LINE_END))
    return text.replace("|", "\\|")


def table_as_typed(field: ItemField, value: Json) -> str:
    """Return rows as they would be typed."""
    if not isinstance(value, list):
        return ""
    return "\n".join(
        " | ".join(_cell_text(row.get(column.id, "")) for column in field.columns)
        for row in value
        if isinstance(row, dict)
    )
