"""Awards of earlier years as a sheet: the template to fill in, and what a filled one says.

Owns how cells become a row of an import: awards, authorities and choices by what they are called or
by id, in either language. What is not known stays as written, and the import refuses it by its row.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from api.filled_sheets import SheetColumn, sheet_to_fill
from api.intake.problems import IntakeAnswer
from api.sheet_tables import (
    SheetShape,
    folded_heading,
    headed_rows,
    sheet_on_this_machine,
    table_of,
)
from api.spreadsheets import as_written
from api.web.dates import iso_day
from notifications.translation import translate
from workflow.awards import COMMENDATIONS, Awards
from workflow.commands.past_awards import MOST_AT_ONCE
from workflow.errors import InvalidInputError
from workflow.messages import Message, lazy
from workflow.model import MeritKind
from workflow.rules import PastAwardRow
from workflow.values import searchable

NOMINEE_KINDS: Mapping[str, Message] = {
    MeritKind.INDIVIDUAL.value: lazy("Individual"),
    MeritKind.COLLECTIVE.value: lazy("Collective"),
}
"""What a nominee can be, and what it is called."""
COLUMNS: Mapping[str, Message] = {
    "nominee": lazy("Name of the person or collective"),
    "kind": lazy("Person or collective"),
    "email": lazy("Mail address"),
    "department": lazy("Department"),
    "award": lazy("Title or form of award"),
    "number": lazy("Number of the decision"),
    "decided_on": lazy("Day of the decision"),
    "authority": lazy("Decided by"),
    "commendation": lazy("Way to commend"),
    "reason": lazy("Achievement"),
    "first_day": lazy("Merit from"),
    "last_day": lazy("Merit up to"),
}
"""What each column is called."""
_ALSO = {
    "họ tên": "nominee",
    "họ và tên": "nominee",
    "tên": "nominee",
    "đối tượng": "kind",
    "email": "email",
    "địa chỉ thư": "email",
    "đơn vị": "department",
    "danh hiệu": "award",
    "hình thức khen thưởng": "award",
    "danh hiệu, hình thức khen thưởng": "award",
    "số qđ": "number",
    "ngày qđ": "decided_on",
    "cấp quyết định": "authority",
}
"""What offices call these columns besides."""
_DAYS = frozenset({"decided_on", "first_day", "last_day"})
_NEEDED = ("nominee", "kind", "award", "number", "decided_on")
_EXAMPLE = "# "
"""Begins the first cell of the template's example row, which is passed over."""


def award_template(awards: Awards, departments: Sequence[str]) -> bytes:
    """Return the workbook to fill in, in the reader's language."""
    choices: Mapping[str, Sequence[str]] = {
        "kind": [translate(each) for each in NOMINEE_KINDS.values()],
        "department": departments,
        "award": [translate(each.label) for each in awards.all.values()],
        "authority": [translate(each.label) for each in awards.authorities.values()],
        "commendation": [translate(each) for each in COMMENDATIONS.values()],
    }
    example = {
        "nominee": _EXAMPLE + translate("Example, which is passed over: write below"),
        "number": "12/QĐ-SNgV",
        "decided_on": "20/12/2019",
        **{name: found[0] for name, found in choices.items() if found},
    }
    columns = [
        SheetColumn(
            heading=translate(label),
            example=example.get(name, ""),
            choices=choices.get(name, ()),
        )
        for name, label in COLUMNS.items()
    ]
    return sheet_to_fill(translate("Awards"), columns, MOST_AT_ONCE)


async def read_past_awards(name: str, content: bytes, awards: Awards) -> tuple[PastAwardRow, ...]:
    """Return the awards of a sheet that was sent under ``name``. Raises InvalidInputError."""
    return _awards_of(name, await table_of(name, content), awards)


def past_awards_in_file(file: Path, awards: Awards) -> tuple[PastAwardRow, ...]:
    """Return the awards of a sheet on this machine. Raises InvalidInputError."""
    return _awards_of(file.name, sheet_on_this_machine(file), awards)


def _awards_of(name: str, answer: IntakeAnswer, awards: Awards) -> tuple[PastAwardRow, ...]:
    heads, table = headed_rows(name, answer, _shape())
    words = _known_words(awards)
    rows = []
    for number, cells in table:
        if cells[0].startswith(_EXAMPLE):
            continue
        said = {
            head: _said(head, cell, words)
            for head, cell in zip(heads, cells, strict=False)
            if head in COLUMNS
        }
        empty = dict.fromkeys(_NEEDED, "")
        rows.append(PastAwardRow(row=number, **{**empty, **said}))
    if not rows:
        raise InvalidInputError(lazy("{file}: there is no award below the headings.", file=name))
    return tuple(rows)


def _shape() -> SheetShape:
    """Return the columns, by what they are called in either language."""
    return SheetShape(
        columns=COLUMNS,
        needed=_NEEDED,
        headings=_ALSO
        | {
            folded_heading(text): name
            for name, label in COLUMNS.items()
            for text in (label.template, translate(label))
        },
        most_rows=MOST_AT_ONCE + 1,
    )


def _known_words(awards: Awards) -> Mapping[str, Mapping[str, str]]:
    """Return what a cell may say instead of an id, folded, by its column."""
    return {
        "kind": dict(_both(NOMINEE_KINDS)),
        "commendation": dict(_both(COMMENDATIONS)),
        "award": {
            searchable(text): each.id
            for each in awards.all.values()
            for text in (each.label.vi, each.label.en)
        },
        "authority": {
            searchable(text): each.id
            for each in awards.authorities.values()
            for text in (each.label.vi, each.label.en)
        },
    }


def _both(named: Mapping[str, Message]) -> Iterable[tuple[str, str]]:
    for name, label in named.items():
        yield searchable(label.template), name
        yield searchable(translate(label)), name


def _said(head: str, cell: str, words: Mapping[str, Mapping[str, str]]) -> str:
    text = " ".join(as_written(cell).split()) if head != "reason" else as_written(cell).strip()
    if head in _DAYS:
        return iso_day(text)
    return words.get(head, {}).get(searchable(text), text)
