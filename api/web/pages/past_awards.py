"""Awards of earlier years: those imported, a sheet of more, and withdrawing a wrong one."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from api.auth.callers import Asker, Parts
from api.auth.sessions import Caller
from api.composition import Application
from api.cursors import read_cursor, write_cursor
from api.downloads import private_file
from api.past_award_sheet import COLUMNS, NOMINEE_KINDS, award_template, read_past_awards
from api.sheet_tables import SHEET_LIMIT
from api.spreadsheets import SHEET
from api.web.dates import day_text
from api.web.flash import redirect_with_flash
from api.web.form_fields import text_in
from api.web.forms import page_cause, read_form, refused_form, tidied
from api.web.list_files import list_file, whole_list
from api.web.pages.proposals import to_proposal
from api.web.rendering import FormPage, render_page
from notifications.translation import translate
from workflow.awards import COMMENDATIONS
from workflow.commands.past_awards import (
    AwardImport,
    ImportAwards,
    NameAwardee,
    WithdrawPastAward,
)
from workflow.commands.proposals import Proposed
from workflow.errors import InvalidInputError, Refusal
from workflow.messages import lazy
from workflow.model import DepartmentId, PersonId, Via
from workflow.people import may_set_deadlines, require_office, scope_of
from workflow.queries import people
from workflow.queries.listing import PAGE_LIMIT
from workflow.queries.past_awards import ImportedView, awards_under_names, past_awards_for
from workflow.values import counter

router = APIRouter(prefix="/awards/imported")
_PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class PastAwardsPage(FormPage):
    """The imported awards that the reader may see, and for the Office how to bring in more."""

    template: ClassVar[str] = "past_awards.html"
    rows: Sequence[ImportedView]
    standing: Sequence[tuple[str, str]]
    """Those here that may be withdrawn: the number, and what it is."""
    is_office: bool
    unnamed: Sequence[tuple[str, str]]
    """Awards under the name of somebody here, with whom they could be of, and what both are."""
    first: str | None
    next: str | None


@router.get("")
async def show_past_awards(
    request: Request, parts: Parts, asker: Asker, cursor: str | None = None
) -> Response:
    """Show a page of them, those imported last first."""
    return render_page(request, asker, await _page(parts, asker, cursor))


async def _page(parts: Application, asker: Caller, cursor: str | None = None) -> PastAwardsPage:
    is_office = may_set_deadlines(asker.person)

    def load(connection: Connection) -> tuple[list[ImportedView], list[tuple[str, str]]]:
        scope, before = scope_of(asker.person), read_cursor(cursor)
        found = past_awards_for(parts.context, connection, scope, before=before, count=_PAGE + 1)
        return found, _unnamed(parts, connection) if is_office else []

    found, unnamed = await parts.database.report(load)
    rows = found[:_PAGE]
    standing = [
        (str(each.kept.id), f"{each.kept.id}: {each.given.called_nominee}, {_award(each)}")
        for each in rows
        if not each.kept.is_withdrawn
    ]
    after = write_cursor(rows[-1].kept.id) if len(found) > _PAGE else None
    return PastAwardsPage(
        rows=rows,
        standing=standing if is_office else (),
        is_office=is_office,
        unnamed=unnamed,
        first="/awards/imported" if cursor else None,
        next=f"/awards/imported?cursor={after}" if after else None,
    )


def _unnamed(parts: Application, connection: Connection) -> list[tuple[str, str]]:
    departments = people.department_names(connection)
    return [
        (
            f"{view.kept.id}:{person.id}",
            translate(
                "{number}: {award}, is of {name}, {department} ({email})",
                number=view.kept.id,
                award=f"{view.given.called_nominee}, {_award(view)}",
                name=person.name,
                department=departments.get(person.department or DepartmentId("")) or "–",
                email=person.email,
            ),
        )
        for view, person in awards_under_names(parts.context, connection)
    ]


def _award(view: ImportedView) -> str:
    return f"{translate(view.given.called)}, {view.kept.decided_on[:4]}"


@router.get("/template.xlsx")
async def download_award_template(parts: Parts, asker: Asker) -> Response:
    """Return the empty list of awards to fill in."""
    require_office(asker.person)
    names = await parts.database.read(people.department_names)
    content = await asyncio.to_thread(award_template, parts.context.awards, list(names.values()))
    return private_file(content, SHEET, "mau-khen-thuong-cac-nam-truoc.xlsx")


@router.get(".xlsx")
async def download_past_awards(parts: Parts, asker: Asker) -> Response:
    """Return the imported awards that the reader may see as a sheet, as it is imported."""

    def rows_below(
        connection: Connection, before: int | None
    ) -> tuple[list[list[str]], int | None]:
        scope = scope_of(asker.person)
        found = past_awards_for(parts.context, connection, scope, before=before, count=PAGE_LIMIT)
        addresses = {each.id: each.email for each in people.people_by_id(connection).values()}
        rows = [_row(each, addresses) for each in found]
        return rows, found[-1].kept.id if len(found) == PAGE_LIMIT else None

    rows = await whole_list(parts, rows_below)
    columns = [*COLUMNS.values(), lazy("Withdrawn")]
    return await list_file(
        parts, lazy("Awards of earlier years"), columns, rows, file="khen-thuong-cac-nam-truoc"
    )


def _row(view: ImportedView, addresses: Mapping[PersonId, str]) -> list[str]:
    """Return the cells of ``COLUMNS``, and why it was withdrawn."""
    kept = view.kept
    days = (kept.decided_on, kept.first_day, kept.last_day)
    decided_on, first_day, last_day = (day_text(each) if each else "" for each in days)
    return [
        kept.nominee,
        translate(NOMINEE_KINDS[kept.kind]),
        addresses[kept.person] if kept.person is not None else "",
        kept.department or "",
        translate(view.given.called),
        kept.number,
        decided_on,
        translate(view.given.authority),
        translate(COMMENDATIONS[kept.commendation]),
        kept.reason,
        first_day,
        last_day,
        kept.withdrawn_why or "",
    ]


@router.post("")
async def import_past_awards(request: Request, parts: Parts, asker: Asker) -> Response:
    """Propose what a sheet adds; with a fault in it, tell each by its row and add nothing."""
    require_office(asker.person)
    async with request.form() as sent:
        form = tidied(sent)
        try:
            done = await _imported(parts, asker, form)
        except (Refusal, InvalidInputError) as problem:
            return refused_form(request, asker, await _page(parts, asker), form, problem)
    if isinstance(done, Proposed):
        return to_proposal(request, asker, done.id)
    told = translate("The awards are imported.")
    if done.added == 0:
        told = translate("All these awards are here already: nothing was added.")
    return redirect_with_flash(request, asker, "/awards/imported", told)


async def _imported(parts: Application, asker: Caller, form: FormData) -> AwardImport | Proposed:
    given = form.get("file")
    name, content = "", b""
    if isinstance(given, UploadFile):
        name, content = given.filename or "", await given.read(SHEET_LIMIT + 1)
    rows = await read_past_awards(name, content, parts.context.awards)
    cause = replace(page_cause(asker, form), via=Via.IMPORT)
    return await parts.database.write(ImportAwards(rows=rows, cause=cause))


@router.post("/awardee")
async def name_awardee(request: Request, parts: Parts, asker: Asker) -> Response:
    """Propose that an award under a name is that of a person who is called so."""
    require_office(asker.person)
    form = await read_form(request)
    award, _, person = text_in(form, "whose").partition(":")
    command = NameAwardee(
        cause=page_cause(asker, form),
        award=counter(award) or 0,
        person=PersonId(counter(person) or 0),
        why=text_in(form, "same"),
    )
    return await _proposed(request, parts, asker, form, command)


@router.post("/withdraw")
async def withdraw_past_award(request: Request, parts: Parts, asker: Asker) -> Response:
    """Propose that an award, or all of its import, counts no more."""
    require_office(asker.person)
    form = await read_form(request)
    command = WithdrawPastAward(
        cause=page_cause(asker, form),
        award=counter(text_in(form, "award")) or 0,
        why=text_in(form, "why"),
        whole=form.get("reach") == "whole",
    )
    return await _proposed(request, parts, asker, form, command)


async def _proposed(
    request: Request,
    parts: Application,
    asker: Caller,
    form: FormData,
    command: WithdrawPastAward | NameAwardee,
) -> Response:
    try:
        done = await parts.database.write(command)
    except Refusal as refusal:
        return refused_form(request, asker, await _page(parts, asker), form, refusal)
    if isinstance(done, Proposed):
        return to_proposal(request, asker, done.id)
    return redirect_with_flash(request, asker, "/awards/imported", translate("It is recorded."))
