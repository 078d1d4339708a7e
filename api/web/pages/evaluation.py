"""A person's year, for the yearly evaluation: as a page, for paper, and as a workbook.

Read by the person, the own head and the Office; that it was opened is kept, whoever opened it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.access_log import AccessKind, NoteAccess
from api.auth.callers import Asker, Parts
from api.auth.sessions import Caller
from api.composition import Application
from api.downloads import private_file
from api.spreadsheets import SHEET, Sheet, sheets
from api.web.choices import Choices
from api.web.dates import day_text
from api.web.rendering import Page, render_page
from notifications.position_names import POSITIONS
from notifications.translation import translate
from workflow.errors import NotPermittedRefusal, reason
from workflow.lookups.given_awards import GivenAward
from workflow.lookups.merits import recognitions
from workflow.messages import Message, lazy
from workflow.model import Person
from workflow.people import by_given_name, may_read_evaluation, scope_of
from workflow.queries import people
from workflow.queries.evaluation import YearOfPerson, year_of
from workflow.values import counter

router = APIRouter(prefix="/evaluation")
_AWARDS = (
    lazy("Award"),
    lazy("Decided by"),
    lazy("Number of the decision"),
    lazy("Day of the decision"),
    lazy("Withdrawn"),
)
_NOMINATIONS = (lazy("Item"), lazy("Nomination"), lazy("Status"), lazy("Award"))
_MERITS = (lazy("Day"), lazy("About"), lazy("What was done"), lazy("Nomination"))
_HEADINGS = (
    (lazy("Awards"), _AWARDS, lazy("No award was decided in this year.")),
    (lazy("Nominations"), _NOMINATIONS, lazy("No nomination of this year was handed in.")),
    (
        lazy("Merits noted"),
        _MERITS,
        lazy("Nothing was noted in this year under this name."),
    ),
)
Rows = Sequence[Sequence[str]]
_EARLIEST, _LATEST = 2000, 2100


@dataclass(frozen=True, slots=True, kw_only=True)
class YearSection:
    """A part of what is kept: its heading, its columns, its rows of words."""

    heading: Message
    columns: Sequence[Message]
    rows: Rows
    none: Message

    @property
    def heads(self) -> list[tuple[Message, bool]]:
        """Return the columns as a table of figures has them: none is a number."""
        return [(each, False) for each in self.columns]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationPage(Page):
    """What is kept of the year of somebody, and whose else the reader may read."""

    template: ClassVar[str] = "evaluation.html"
    chosen: Person
    position_held: Message
    unit: str
    year: int
    readable: Choices
    sections: Sequence[YearSection]
    own_codes: Sequence[str]
    """Items that the reader may open."""


@router.get("")
async def show_year(
    request: Request, parts: Parts, asker: Asker, person: str = "", year: str = ""
) -> Response:
    """Show what is kept of the year of a person: of the reader's own, where nobody is named."""
    return render_page(request, asker, await _page(request, parts, asker, person, year))


@router.get(".xlsx")
async def download_year(
    request: Request, parts: Parts, asker: Asker, person: str = "", year: str = ""
) -> Response:
    """Return the same as a workbook with a sheet for each part."""
    page = await _page(request, parts, asker, person, year)
    title = translate(
        "{name}, {unit}: year {year}", name=page.chosen.name, unit=page.unit, year=page.year
    )
    made = [
        Sheet(name=translate(each.heading), title=title, columns=each.columns, rows=each.rows)
        for each in page.sections
    ]
    content = await asyncio.to_thread(sheets, made)
    return private_file(content, SHEET, f"danh-gia-{page.year}-{page.chosen.id}.xlsx")


async def _page(
    request: Request, parts: Application, asker: Caller, email: str, year: str
) -> EvaluationPage:
    today = parts.context.calendar.local_day(parts.clock.now())
    wanted = counter(year) or today.year
    wanted = wanted if _EARLIEST <= wanted <= _LATEST else today.year

    def load(connection: Connection) -> EvaluationPage:
        everybody = people.all_people(connection)
        chosen = next((each for each in everybody if each.email == email), None)
        if chosen is None or not may_read_evaluation(asker.person, chosen):
            raise NotPermittedRefusal(
                reason("evaluation", "Only the person, their head and the Office may read this.")
            )
        units = people.department_names(connection)
        found = year_of(parts.context, connection, chosen, wanted)
        return EvaluationPage(
            chosen=chosen,
            position_held=POSITIONS[chosen.position],
            unit=units[chosen.department] if chosen.department else parts.agency.name,
            year=wanted,
            readable=[
                (each.email, each.name)
                for each in sorted(everybody, key=lambda each: by_given_name(each.name))
                if each.is_active and may_read_evaluation(asker.person, each)
            ],
            sections=_sections(connection, found),
            own_codes=[
                each.item.code
                for each in found.nominations
                if scope_of(asker.person).covers(each.item.department)
            ],
        )

    email = email or asker.person.email
    page = await parts.database.report(load)
    note = f"person:{page.chosen.id}"
    await parts.database.write(
        NoteAccess.of(request, AccessKind.EVALUATION_READ, person=asker.person.id, note=note)
    )
    return page


def _called(given: GivenAward) -> str:
    called = translate(given.called)
    mark = translate("(imported from earlier years)")
    return f"{called} {mark}" if given.is_imported else called


def _sections(connection: Connection, found: YearOfPerson) -> list[YearSection]:
    awards: Rows = [
        (
            _called(each),
            translate(each.authority),
            each.number,
            day_text(each.decided_on),
            each.withdrawn_why if each.is_withdrawn else "",
        )
        for each in found.awards
    ]
    nominations: Rows = [
        (
            each.item.code,
            each.item.title,
            translate(each.state),
            translate(each.given.called) if each.given else "",
        )
        for each in found.nominations
    ]
    campaigns = {each.campaign for each in found.merits}
    kinds = {each: recognitions(connection, each) for each in campaigns}
    noted: Rows = [
        (
            day_text(each.happened_on),
            translate(kinds[each.campaign].get(each.recognition, each.recognition)),
            each.what,
            each.code or "",
        )
        for each in found.merits
    ]
    return [
        YearSection(heading=heading, columns=columns, rows=rows, none=none)
        for (heading, columns, none), rows in zip(
            _HEADINGS, (awards, nominations, noted), strict=True
        )
    ]
