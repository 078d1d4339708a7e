"""A list of nominees in the form of an item: its template, further rows, and a filled sheet.

Nothing is kept here: what comes of a sheet stands in the form, to be read and saved.
"""

import asyncio

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from api.auth.callers import Asker, Parts
from api.composition import Application
from api.downloads import private_file
from api.nominee_sheet import NomineeColumns, nominee_template, nominees_in
from api.sheet_tables import SHEET_LIMIT, table_of
from api.spreadsheets import SHEET
from api.web.errors import FormError
from api.web.form_fields import text_in
from api.web.forms import FormState, Typed, entered
from notifications.translation import translate
from workflow.definition import Definition, FieldType, ItemField, nominees_field
from workflow.errors import InvalidInputError, NotFoundRefusal
from workflow.messages import lazy
from workflow.model import Json
from workflow.rules import fields_named

router = APIRouter(prefix="/items")
_FILE = "nominee_file"
_SHEET = "sheet"


@router.get("/nominees.xlsx")
async def download_template(
    parts: Parts,
    asker: Asker,
    type: str = "",  # noqa: A002 - the address's name
) -> Response:
    """Return the empty list of nominees to fill in and read into the form."""

    def load(connection: Connection) -> NomineeColumns:
        book = parts.context.rulebooks.newest(connection).get(type)
        field = nominees_field(book.definition) if book else None
        if book is None or field is None:
            raise NotFoundRefusal(lazy("this kind of item"))
        return _columns(parts, connection, book.definition, field)

    columns = await parts.database.read(load)
    today = parts.context.calendar.local_day(parts.clock.now())
    awards = [each.label for each in parts.context.awards.offered(today)]
    content = await asyncio.to_thread(nominee_template, columns, awards)
    return private_file(content, SHEET, f"mau-danh-sach-{asker.person.id}.xlsx")


def _columns(
    parts: Application, connection: Connection, definition: Definition, field: ItemField
) -> NomineeColumns:
    directory = parts.context.directory(connection, parts.clock.now())
    return NomineeColumns(definition=definition, field=field, directory=directory)


async def list_wanted(request: Request, parts: Application, kind: str) -> dict[str, Json]:
    """Return what the form of a list begins with, where its address asks for one."""
    if not request.query_params.get("listed"):
        return {}
    newest = await parts.database.read(parts.context.rulebooks.newest)
    return begun_as_list(newest[kind].definition) if kind in newest else {}


def begun_as_list(definition: Definition) -> dict[str, Json]:
    """Return what a form with a list of nominees begins with, as typed."""
    field = nominees_field(definition)
    named = fields_named(field.shown_when) if field and field.shown_when else frozenset()
    return {
        f"f-{each.id}": True
        for each in definition.fields
        if each.id in named and each.type is FieldType.BOOLEAN
    }


async def list_asked(
    parts: Application, definition: Definition, form: FormData
) -> FormState | None:
    """Return the form as it goes on: with more rows, or those of a sheet; None: it is to be saved.

    A sheet with a fault leaves the rows as they were typed, and every fault is told.
    """
    field = nominees_field(definition)
    more, file = text_in(form, "more"), form.get(_FILE)
    has_file = isinstance(file, UploadFile) and bool(file.filename)
    if field is None or not (more or has_file):
        await _close(form, _FILE)
        return None
    typed: Typed = {
        **entered(definition, form),
        **begun_as_list(definition),
        "merit": text_in(form, "merit"),
        "more": more,
    }
    if not isinstance(file, UploadFile) or (more != _SHEET and not has_file):
        await _close(form, _FILE, "file")
        return FormState(typed=typed)
    try:
        rows = await _rows(parts, definition, field, file)
    except InvalidInputError as problem:
        errors = [FormError.at(f"f-{field.id}", translate(each)) for each in problem.problems]
        return FormState(typed=typed, errors=errors, status=422)
    finally:
        await _close(form, _FILE, "file")
    return FormState(typed={**typed, f"f-{field.id}": rows})


async def _close(form: FormData, *names: str) -> None:
    """Let go of files that came with a form and are not kept."""
    for name in names:
        file = form.get(name)
        if isinstance(file, UploadFile):
            await file.close()


async def _rows(
    parts: Application, definition: Definition, field: ItemField, file: UploadFile
) -> list[Json]:
    """Return the rows of a sheet. Raises InvalidInputError with every fault by its row."""
    name = file.filename or ""
    answer = await table_of(name, await file.read(SHEET_LIMIT + 1))
    columns = await parts.database.read(
        lambda connection: _columns(parts, connection, definition, field)
    )
    return nominees_in(name, answer, columns)
