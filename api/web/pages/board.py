"""The board of obligations: on a page, and as a table for the Directorate's file."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Asker, Parts
from api.composition import Application
from api.downloads import private_file
from api.spreadsheets import SHEET, sheet
from api.web.dates import day_writer, document_day, hour_and_day, short_due_writer
from api.web.obligation_standings import LOOKS, OPEN, Look, awaited, look_of
from api.web.rendering import Page, render_page
from notifications.translation import DEFAULT_LANGUAGE, in_words, speaking, translate
from workflow.deadlines import Deadline
from workflow.definition import Label
from workflow.documents import FONTS, typeset
from workflow.messages import Message, lazy
from workflow.model import Json, Person
from workflow.people import may_see_deadline
from workflow.queries import deadlines
from workflow.queries.obligations import Cell, Standing, board

router = APIRouter(prefix="/deadlines/board")
_WORDS: Mapping[Standing, Message] = {
    Standing.MISSING: lazy("No report yet"),
    Standing.DRAFTING: lazy("Being drafted"),
    Standing.IN_APPROVAL: lazy("Delivered"),
    Standing.DONE: lazy("Complete"),
}
_COLUMNS = (
    lazy("Department"),
    lazy("Report"),
    lazy("Due"),
    lazy("Standing"),
    lazy("Overdue"),
    lazy("Items"),
    lazy("Step"),
    lazy("Waiting for"),
    lazy("Delivered at"),
    lazy("Times returned"),
    lazy("Last reminder"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingCell:
    """How one department stands to one deadline."""

    words: Message
    look: Look
    left: str
    code: str | None
    state: Label | Message | str
    holders: Sequence[str]
    delivered: str
    delivered_on: str
    returns: int
    reminded: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ObligationCounts:
    """How many obligations are met, open, and late."""

    done: int
    open: int
    late: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardPage(Page):
    """Departments against deadlines."""

    template: ClassVar[str] = "board.html"
    heads: Mapping[int, Deadline]
    rows: Sequence[tuple[str, Mapping[int, StandingCell]]]
    """Each department with its cells, by the deadline's id."""
    counts: ObligationCounts
    looks: Sequence[Look] = LOOKS


@router.get("")
async def show_board(request: Request, parts: Parts, asker: Asker) -> Response:
    """Show departments against deadlines; each department sees its own line."""
    cells = await parts.database.report(lambda connection: _cells(parts, connection, asker.person))
    names = {cell.department.id: cell.department.name for cell in cells}
    by_day = sorted(cells, key=lambda cell: (cell.deadline.due_at, cell.deadline.id))
    heads = {cell.deadline.id: cell.deadline for cell in by_day}
    rows = [
        (
            name,
            {
                cell.deadline.id: _standing_cell(parts, cell)
                for cell in cells
                if cell.department.id == department
            },
        )
        for department, name in names.items()
    ]
    return render_page(request, asker, BoardPage(heads=heads, rows=rows, counts=_counts(cells)))


def _counts(cells: Sequence[Cell]) -> ObligationCounts:
    unmet = sum(cell.standing in OPEN for cell in cells)
    return ObligationCounts(
        done=len(cells) - unmet, open=unmet, late=sum(cell.is_late for cell in cells)
    )


def _cells(parts: Application, connection: Connection, person: Person) -> list[Cell]:
    found = board(parts.context, connection, deadlines.all_deadlines(connection))
    return [each for each in found if may_see_deadline(person, [each.department.id])]


def _standing_cell(parts: Application, cell: Cell) -> StandingCell:
    is_open = cell.standing in OPEN
    return StandingCell(
        words=awaited(cell) or _WORDS[cell.standing],
        look=look_of(replace(cell, approved_by=None)),
        left=short_due_writer(parts)(cell.deadline.due_at) if is_open else "",
        code=cell.code,
        state=awaited(cell) or cell.state,
        holders=cell.holders,
        delivered=hour_and_day(parts, cell.delivered_at),
        delivered_on=day_writer(parts)(cell.delivered_at),
        returns=cell.returns,
        reminded=hour_and_day(parts, cell.reminded_at),
    )


@router.get(".xlsx")
async def download_board(parts: Parts, asker: Asker) -> Response:
    """Return the board as a sheet: one line for each department and deadline."""
    content = await parts.database.report(
        lambda connection: _sheet(parts, _cells(parts, connection, asker.person))
    )
    day = parts.context.calendar.local_day(parts.clock.now()).isoformat()
    return private_file(content, SHEET, f"tinh-hinh-bao-cao-{day}.xlsx")


@router.get(".pdf")
async def print_board(parts: Parts, asker: Asker) -> Response:
    """Return the board as a document for the Directorate's file."""
    now = parts.clock.now()
    day = parts.context.calendar.local_day(now)
    # A document speaks the language of the agency's documents, whoever prints it.
    with speaking(DEFAULT_LANGUAGE):
        cells = await parts.database.report(
            lambda connection: _cells(parts, connection, asker.person)
        )
        data = _printed(parts, cells, day)
    template = parts.settings.definition_file("documents/board.typ")
    content = await asyncio.to_thread(
        typeset, template, data, fonts=parts.settings.definition_file(f"documents/{FONTS}"), at=now
    )
    name = f"tinh-hinh-bao-cao-{day.isoformat()}.pdf"
    return private_file(content, "application/pdf", name, is_shown=True)


def _printed(parts: Application, cells: list[Cell], day: date) -> dict[str, Json]:
    counts = _counts(cells)
    return {
        "title": translate("Reports delivered and outstanding"),
        "parent": parts.agency.superior,
        "agency": parts.agency.name,
        "day": f"{parts.agency.place}, {document_day(day)}",
        "summary": translate(
            "{done} delivered, {open} not delivered, {late} overdue",
            done=counts.done,
            open=counts.open,
            late=counts.late,
        ),
        "columns": [translate(each) for each in _COLUMNS],
        "rows": [[str(in_words(value)) for value in _line(parts, cell)] for cell in cells],
    }


def _sheet(parts: Application, cells: list[Cell]) -> bytes:
    title = translate(
        "{name}: reports delivered and outstanding, {hour_and_day}",
        name=parts.agency.name,
        hour_and_day=hour_and_day(parts, parts.clock.now()),
    )
    return sheet(translate("Reports"), title, _COLUMNS, [_line(parts, cell) for cell in cells])


def _line(parts: Application, cell: Cell) -> list[object]:
    shown = _standing_cell(parts, cell)
    return [
        cell.department.name,
        cell.deadline.called,
        hour_and_day(parts, cell.deadline.due_at),
        shown.words,
        translate("Yes") if cell.is_late else "",
        cell.code or "",
        cell.state,
        ", ".join(cell.holders),
        shown.delivered,
        cell.returns,
        shown.reminded,
    ]
