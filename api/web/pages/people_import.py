"""A sheet of people: what it would change is shown first, then everybody in it is brought in."""

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
from api.people_sheet import read_people, rows_csv
from api.problems import page_status
from api.sheet_tables import SHEET_LIMIT
from api.web.errors import reasons_in_words
from api.web.forms import page_cause, tidied
from api.web.pages.people import people_page, redirect_after
from api.web.rendering import Page, fresh_key, render_page
from notifications.position_names import POSITIONS
from notifications.translation import translate
from workflow.commands.people import ImportPeople
from workflow.errors import InvalidInputError, Refusal
from workflow.messages import Message, lazy
from workflow.model import DepartmentId, Person, Position, Via
from workflow.people import require_people_manager
from workflow.people.staff_changes import StaffChanges, staff_changes, values_of
from workflow.people.staff_rows import PersonRow
from workflow.queries import people

router = APIRouter(prefix="/people")
_COLUMNS: Mapping[str, Message] = {
    "name": lazy("Name"),
    "position": lazy("Position"),
    "department": lazy("Department"),
    "is_active": lazy("Works here"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidOtherwise:
    """One thing that a sheet says otherwise of a person."""

    label: Message
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPage(Page):
    """Whom a sheet adds and whom it changes, with the sheet itself to bring in."""

    template: ClassVar[str] = "people_import.html"
    added: Sequence[PersonRow]
    changed: Sequence[tuple[Person, Sequence[SaidOtherwise]]]
    unchanged: int
    positions: Mapping[Position, Message]
    departments: Mapping[DepartmentId, str]
    sheet: str
    key: str


@router.post("/import")
async def import_sheet(request: Request, parts: Parts, asker: Asker) -> Response:
    """Show what a sheet would change; sent back from there, bring everybody in or nobody."""
    require_people_manager(asker.person)
    async with request.form() as sent:
        form = tidied(sent)
        try:
            rows = await _rows(form)
            if "sheet" in form:
                return await _brought_in(request, parts, asker, form, rows)
            shown = await _preview(parts, rows)
        except (Refusal, InvalidInputError) as problem:
            page = await people_page(parts, asker.person)
            page = replace(page, errors=reasons_in_words(problem))
            return render_page(request, asker, page, page_status(problem))
    return render_page(request, asker, shown)


async def _rows(form: FormData) -> tuple[PersonRow, ...]:
    """Return the people of the sheet that was shown, or of a file. Raises InvalidInputError."""
    if "sheet" in form:
        return await read_people("people.csv", str(form["sheet"]).encode())
    given = form.get("file")
    if not isinstance(given, UploadFile):
        return await read_people("", b"")
    return await read_people(given.filename or "", await given.read(SHEET_LIMIT + 1))


async def _brought_in(
    request: Request, parts: Parts, asker: Caller, form: FormData, rows: tuple[PersonRow, ...]
) -> Response:
    cause = replace(page_cause(asker, form), via=Via.IMPORT)
    done = await parts.database.write(ImportPeople(rows=rows, cause=cause, invites=True))
    told = translate(
        "The list is imported. New people receive a mail to set their password (24 hours)."
    )
    return redirect_after(request, asker, done, told)


async def _preview(parts: Application, rows: tuple[PersonRow, ...]) -> ImportPage:
    """Return what ``rows`` would change. Raises InvalidInputError."""

    def load(connection: Connection) -> ImportPage:
        known = {each.email: each for each in people.all_people(connection)}
        departments = {each.id: each for each in people.all_departments(connection)}
        names = people.department_names(connection)
        found = staff_changes(rows, known, departments)
        return ImportPage(
            added=[row for before, row in found.changing if before is None],
            changed=_changed(found, names),
            unchanged=len(found.rows) - len(found.changing),
            positions=POSITIONS,
            departments=names,
            sheet=rows_csv(found.rows),
            key=fresh_key(),
        )

    return await parts.database.read(load)


def _changed(
    found: StaffChanges, names: Mapping[DepartmentId, str]
) -> list[tuple[Person, list[SaidOtherwise]]]:
    return [
        (
            before,
            [
                SaidOtherwise(
                    label=label,
                    before=_value_words(column, getattr(before, column), names),
                    after=_value_words(column, after[column], names),
                )
                for column, label in _COLUMNS.items()
                if after[column] != getattr(before, column)
            ],
        )
        for before, row in found.changing
        if before is not None
        for after in (values_of(row),)
    ]


def _value_words(column: str, value: object, names: Mapping[DepartmentId, str]) -> str:
    """Return what a column says, as people read it."""
    if column == "position":
        return translate(POSITIONS[Position(str(value))])
    if column == "is_active":
        return translate("Yes") if value else translate("No")
    if column == "department":
        return names.get(DepartmentId(str(value)), "–") if value else "–"
    return str(value)
