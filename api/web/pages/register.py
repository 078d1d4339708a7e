"""The register of outgoing documents: its pages, its sheet and its print (NĐ 30/2020, Phụ lục IV).

Owns how its ten columns are written. It is an official paper: sheet and print are in Vietnamese,
whoever asks for them.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.responses import Response

from api.auth.callers import Asker, Parts, application
from api.auth.permissions import require_register_reader
from api.auth.sessions import Caller
from api.composition import Application
from api.cursors import read_cursor, write_cursor
from api.downloads import private_file
from api.official_documents import writing_for
from api.spreadsheets import SHEET, sheet
from api.web.choices import Choices
from api.web.dates import day_text, document_day
from api.web.flash import redirect_with_flash
from api.web.form_fields import DOCUMENT_NUMBER, day_in, number_in, text_in
from api.web.forms import page_cause, read_form, refused_form
from api.web.labels import CHANNELS
from api.web.rendering import FormPage, render_page
from notifications.amendments_in_words import amended_words, amends_words
from notifications.translation import DEFAULT_LANGUAGE, speaking, translate
from workflow.commands.register_document import RegisterDocument
from workflow.context import search_of
from workflow.definition import DECISION, LETTER, NAMES
from workflow.documents.typesetting import FONTS, typeset
from workflow.errors import Refusal
from workflow.messages import Message, lazy
from workflow.model import DispatchChannel, Json
from workflow.people import may_register
from workflow.queries.register import (
    PAGE_LIMIT,
    RegisterFilter,
    RegisterLine,
    RegisterLines,
    count_rows,
    kinds_in,
    register_page,
    years,
)
from workflow.values import counter

router = APIRouter(prefix="/register")
_PAGE = 50
_USUAL_KIND = DECISION
"""What is registered most often beside what is sent: a decision."""
_LAST_YEAR = 2199
_TEXTS = ("about", "signer", "recipients", "kept_by", "unit", "note")
COLUMNS = (
    lazy("Number and symbol"),
    lazy("Day of the document"),
    lazy("Kind and abstract"),
    lazy("Signer"),
    lazy("Recipients"),
    lazy("Who keeps the archived copy"),
    lazy("Copies"),
    lazy("Sent on"),
    lazy("Receipt signed"),
    lazy("Note"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingPage(FormPage):
    """A page of the register, what was registered last first, and the form of another document."""

    template: ClassVar[str] = "register.html"
    lines: Sequence[RegisterLine]
    notes: Mapping[int, Sequence[str]]
    """What is noted of each line, by the id of its row."""
    count: int
    year: int
    years: Choices
    kind: str
    kinds: Choices
    q: str
    is_kept_here: bool
    may_register: bool
    all_kinds: Choices
    usual_kind: str
    channels: Mapping[DispatchChannel, Message]
    address: str
    first: str | None
    next: str | None


@router.get("")
async def show_register(request: Request, asker: Asker, cursor: str | None = None) -> Response:
    """Show the register of a year, a page of it."""
    return render_page(request, asker, await _page(request, asker, cursor))


def _filter_in(parts: Application, request: Request) -> tuple[RegisterFilter, str]:
    """Return what is asked for, and the words as they were typed."""
    query = request.query_params
    today = parts.context.calendar.local_day(parts.clock.now())
    q = query.get("q") or ""
    return (
        RegisterFilter(
            year=counter(query.get("year") or "", most=_LAST_YEAR) or today.year,
            kind=query.get("kind") or None,
            text=search_of(q),
        ),
        q,
    )


async def _page(request: Request, asker: Caller, cursor: str | None = None) -> OutgoingPage:
    require_register_reader(asker)
    parts = application(request)
    wanted, q = _filter_in(parts, request)
    before = read_cursor(cursor)
    asked = {"year": str(wanted.year), "kind": wanted.kind or "", "q": q}
    address = urlencode({name: value for name, value in asked.items() if value})

    def load(connection: Connection) -> OutgoingPage:
        writing = writing_for(parts, asker.person)
        page = register_page(writing, connection, wanted, before=before, count=_PAGE)
        known = sorted({*years(connection), wanted.year}, reverse=True)
        after = f"&cursor={write_cursor(page.after)}" if page.after else ""
        return OutgoingPage(
            lines=page.lines,
            notes={each.row.id: notes_of(each) for each in page.lines},
            count=count_rows(connection, wanted),
            year=wanted.year,
            years=[(str(each), str(each)) for each in known],
            kind=wanted.kind or "",
            kinds=[(each, _kind_name(each)) for each in kinds_in(connection, wanted.year)],
            q=q,
            is_kept_here=parts.context.outgoing.is_kept_here,
            may_register=may_register(asker.person),
            all_kinds=[(each, _kind_name(each)) for each in NAMES],
            usual_kind=_USUAL_KIND,
            channels=CHANNELS,
            address=address,
            first=f"/register?{address}" if cursor else None,
            next=f"/register?{address}{after}" if after else None,
        )

    return await parts.database.report(load)


def _kind_name(kind: str) -> str:
    name = NAMES.get(kind, "")
    return name if kind == LETTER or not name else f"{name} ({kind})"


@router.post("")
async def register_document(request: Request, parts: Parts, asker: Asker) -> Response:
    """Register a document that no item became; refused, the form comes back as it was typed."""
    form = await read_form(request)
    try:
        given = await parts.database.write(_command(form, asker))
    except Refusal as refusal:
        return refused_form(request, asker, await _page(request, asker), form, refusal)
    told = translate("The document is registered as {number}.", number=given.number)
    return redirect_with_flash(request, asker, f"/register?year={given.issued_on[:4]}", told)


def _command(form: FormData, asker: Caller) -> RegisterDocument:
    texts = {name: text_in(form, name) for name in _TEXTS}
    return RegisterDocument(
        cause=page_cause(asker, form),
        kind=text_in(form, "kind"),
        number=number_in(form, "number", DOCUMENT_NUMBER),
        copies=number_in(form, "copies", lazy("The number of copies")),
        issued_on=day_in(form, "issued_on") or None,
        **texts,
    )


@router.get(".xlsx")
async def download_register(request: Request, parts: Parts, asker: Asker) -> Response:
    """Return the register of a year as a sheet, in the order in which it was written."""
    wanted, lines = await _whole_register(request, asker)
    with speaking(DEFAULT_LANGUAGE):
        rows = [_cells(each) for each in lines]
        title = f"{parts.agency.name}: {_heading(wanted)}"
        content = await asyncio.to_thread(sheet, _sheet_name(), title, COLUMNS, rows)
    return private_file(content, SHEET, f"so-van-ban-di-{wanted.year}.xlsx")


@router.get(".pdf")
async def print_register(request: Request, parts: Parts, asker: Asker) -> Response:
    """Return the register of a year for paper: it is printed and bound (NĐ 30/2020, Điều 16.2)."""
    wanted, lines = await _whole_register(request, asker)
    now = parts.clock.now()
    with speaking(DEFAULT_LANGUAGE):
        data: dict[str, Json] = {
            "title": _heading(wanted),
            "parent": parts.agency.superior,
            "agency": parts.agency.name,
            "day": f"{parts.agency.place}, {document_day(parts.context.calendar.local_day(now))}",
            "columns": [translate(each) for each in COLUMNS],
            "rows": [list[Json](_cells(each)) for each in lines],
        }
    template = parts.settings.definition_file("documents/register.typ")
    fonts = parts.settings.definition_file(f"documents/{FONTS}")
    content = await asyncio.to_thread(typeset, template, data, fonts=fonts, at=now)
    name = f"so-van-ban-di-{wanted.year}.pdf"
    return private_file(content, "application/pdf", name, is_shown=True)


async def _whole_register(
    request: Request, asker: Caller
) -> tuple[RegisterFilter, list[RegisterLine]]:
    """Return all that is asked for, first number first; read a page at a time."""
    require_register_reader(asker)
    parts = application(request)
    wanted, _ = _filter_in(parts, request)
    found: list[RegisterLine] = []
    after: int | None = None

    def read(connection: Connection) -> RegisterLines:
        writing = writing_for(parts, asker.person)
        return register_page(writing, connection, wanted, before=after, count=PAGE_LIMIT)

    while True:
        page = await parts.database.report(read)
        found += page.lines
        if (after := page.after) is None:
            return wanted, found[::-1]


def _heading(wanted: RegisterFilter) -> str:
    return translate("Register of outgoing documents, year {year}", year=wanted.year)


def _sheet_name() -> str:
    return translate("Outgoing documents")


def _cells(line: RegisterLine) -> list[str]:
    """Return the ten columns of Phụ lục IV."""
    unit, along = line.kept_by, line.along
    is_named = line.about.casefold().startswith(line.kind_name.casefold())
    abstract = line.about if is_named else f"{line.kind_name}: {line.about}"
    if along:
        others = translate("and {count} other item", "and {count} other items", count=along)
        abstract = f"{abstract} {others}"
    return [
        line.row.notation,
        day_text(line.issued_on),
        abstract,
        line.signer,
        line.recipients,
        translate("Clerk's archive, {unit}", unit=unit) if line.code and unit else unit,
        str(line.copies or ""),
        day_text(line.sent_on) if line.sent_on else "",
        "",
        "; ".join(filter(None, (_channel(line), _late(line), *notes_of(line)))),
    ]


def notes_of(line: RegisterLine) -> list[str]:
    """Return what is noted of a document: what it amends, and what amended it."""
    amends = [amends_words(line.amends)] if line.amends else []
    return [*amends, *map(amended_words, line.amended), *([line.note] if line.note else [])]


def _channel(line: RegisterLine) -> str:
    return translate(CHANNELS[line.channel]) if line.channel else ""


def _late(line: RegisterLine) -> str:
    if not line.is_back_dated:
        return ""
    return translate("DATED BACK: registered on {day}", day=day_text(line.registered_on))
