"""Statistics of awards for a period, as a page and as a workbook with a sheet for each form.

Counts only; no name stands in it. Owns no figure: they are counted from the register.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import ClassVar

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.auth.callers import Asker, Parts
from api.auth.permissions import require_watcher
from api.auth.sessions import Caller
from api.composition import Application
from api.downloads import private_file
from api.spreadsheets import SHEET, Sheet, sheets
from api.web.dates import day_text, iso_day
from api.web.rendering import Page, render_page
from notifications.translation import translate
from workflow import values
from workflow.awards import CountTable
from workflow.people import scope_of
from workflow.queries.award_statistics import award_statistics

router = APIRouter(prefix="/awards/statistics")
_MARKS = ("", "- ", "+ ")
"""What stands before a line of each depth, as the forms of the ministry write it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledForm:
    """A form of the statistics, in words."""

    number: str
    """The form's own number; empty for what the agency counts for itself."""
    name: str
    source: str
    is_verified: bool
    columns: Sequence[str]
    lines: Sequence[tuple[str, int, Sequence[int]]]
    """The words of each line, how deep it stands, and its counts."""

    @property
    def label(self) -> str:
        """Return the form's name with its number."""
        return f"{self.number}: {self.name}" if self.number else self.name

    @property
    def total(self) -> int:
        """Return the first count of the first line, which is the sum."""
        return self.lines[0][2][0]


@dataclass(frozen=True, slots=True, kw_only=True)
class FormsBeside:
    """Forms that split by the same lines, in one table."""

    forms: Sequence[FilledForm]
    lines: Sequence[tuple[str, int, Sequence[int]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatisticsPage(Page):
    """Every form, filled in, for the period that was asked for."""

    template: ClassVar[str] = "award_statistics.html"
    first: str
    last: str
    period: str
    forms: Sequence[FilledForm]
    tables: Sequence[FormsBeside]
    withdrawn: int
    imported: int


@router.get("")
async def show_statistics(
    request: Request, parts: Parts, asker: Asker, first: str = "", last: str = ""
) -> Response:
    """Show the forms for a period: the current year, where none is asked for."""
    return render_page(request, asker, await _page(parts, asker, first, last))


@router.get(".xlsx")
async def download_statistics(
    parts: Parts, asker: Asker, first: str = "", last: str = ""
) -> Response:
    """Return the forms as a workbook."""
    page = await _page(parts, asker, first, last)
    made = [
        Sheet(
            name=translate("Form {number}", number=number),
            title=f"{parts.agency.name}: {each.label}, {page.period}",
            columns=(translate("Split by"), *each.columns),
            rows=[[_MARKS[depth] + line, *counts] for line, depth, counts in each.lines],
        )
        for number, each in enumerate(page.forms, 1)
    ]
    content = await asyncio.to_thread(sheets, made)
    name = f"thong-ke-khen-thuong-{iso_day(page.first)}-{iso_day(page.last)}.xlsx"
    return private_file(content, SHEET, name)


async def _page(parts: Application, asker: Caller, first: str, last: str) -> StatisticsPage:
    require_watcher(asker)
    begin, end = _period(parts, first, last)
    found = await parts.database.report(
        lambda connection: award_statistics(
            parts.context, connection, scope_of(asker.person), begin, end
        )
    )
    forms = [_filled(each) for each in found.tables]
    return StatisticsPage(
        first=day_text(begin),
        last=day_text(end),
        period=translate("from {first} to {last}", first=day_text(begin), last=day_text(end)),
        forms=forms,
        tables=[_beside(list(alike)) for _, alike in groupby(forms, _split)],
        withdrawn=found.withdrawn,
        imported=found.imported,
    )


def _period(parts: Application, first: str, last: str) -> tuple[date, date]:
    """Return the days that were asked for, in their order; what is no day is of this year."""
    today = parts.context.calendar.local_day(parts.clock.now())
    begin = values.day(iso_day(first)) or date(today.year, 1, 1)
    end = values.day(iso_day(last)) or date(today.year, 12, 31)
    return min(begin, end), max(begin, end)


def _filled(table: CountTable) -> FilledForm:
    return FilledForm(
        number=table.form.form,
        name=translate(table.form.label),
        source=table.form.source,
        is_verified=table.form.verified,
        columns=[translate(each) for each in table.columns],
        lines=[(translate(each.label), each.depth, each.counts) for each in table.lines],
    )


def _split(form: FilledForm) -> Sequence[tuple[str, int]]:
    return [(line, depth) for line, depth, _ in form.lines]


def _beside(forms: Sequence[FilledForm]) -> FormsBeside:
    return FormsBeside(
        forms=forms,
        lines=[
            (line, depth, [count for form in forms for count in form.lines[number][2]])
            for number, (line, depth) in enumerate(_split(forms[0]))
        ],
    )
