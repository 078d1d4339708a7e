"""The history, for auditors: looked through by filters, taken along as a sheet, never written."""

import asyncio
import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from typing import Annotated, ClassVar
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.access_log import AccessKind, NoteAccess
from api.auth.callers import Asker, Parts, RowId
from api.auth.permissions import require_auditor
from api.auth.sessions import Caller
from api.composition import Application
from api.cursors import next_cursor, read_cursor
from api.downloads import private_file
from api.history_filters import (
    KIND_LABELS,
    PATTERN_LABELS,
    HistoryQuery,
    count_in_words,
    entry_filter,
)
from api.spreadsheets import SHEET, plain_cell, sheet
from api.web.accesses_in_words import Opening, openings
from api.web.choices import Choices, department_choices, everybody_choices
from api.web.dates import hour_and_day, iso_day, typed_day
from api.web.flash import redirect_with_flash
from api.web.form_fields import text_in
from api.web.forms import read_form
from api.web.history_sentences import Sentence, cells, sentence
from api.web.labels import METHODS, VIA
from api.web.rendering import Page, render_page
from api.web.saved_views import DropView, SaveView
from api.web.subject_titles import titles_of
from api.web.view_saving import save_shown
from notifications.proposals_in_words import relaxed_words
from notifications.translation import translate
from workflow.lookups.proposals import proposal_rules
from workflow.messages import lazy
from workflow.queries.audit import Verdict, verify_database
from workflow.queries.history import (
    MOST_COUNTED,
    all_found,
    checkpoints_before,
    count_found,
    newest_found,
    transitions_taken,
)
from workflow.queries.listing import find_item
from workflow.queries.personal import HISTORY, SavedView, views_of
from workflow.queries.timeline import entry_views
from workflow.values import LARGEST_ID


def _wanted(query: Annotated[HistoryQuery, Depends()]) -> HistoryQuery:
    """Return what the form asks for, its days in ISO 8601."""
    return replace(query, since=iso_day(query.since), until=iso_day(query.until))


Wanted = Annotated[HistoryQuery, Depends(_wanted)]
router = APIRouter(prefix="/history")
_PAGE = 50
_OPENED = 20
EXPORTED = 20_000
"""Entries a sheet has at most."""
_PIECE = 1000
_COLUMNS = (
    lazy("At"),
    lazy("About"),
    lazy("Entry number"),
    lazy("What happened"),
    lazy("By whom"),
    lazy("On behalf of"),
    lazy("Position"),
    lazy("From state"),
    lazy("To state"),
    lazy("Channel"),
    lazy("Known by"),
    lazy("Comment"),
    lazy("Content hash"),
    lazy("Hash"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPage(Page):
    """A page of the history, and what verifying it found where that was asked for."""

    template: ClassVar[str] = "history.html"
    days: Sequence[tuple[str, Sequence[Sentence]]]
    """The entries of each day, the newest day first."""
    count: str
    next: str | None
    """The address of the older entries."""
    query: HistoryQuery
    address: str
    choices: Mapping[str, Choices]
    """What each filter offers, by its name."""
    chosen: Sequence[tuple[str, str]]
    """The filters that are on, each with the address that has all others."""
    opened: Sequence[Opening]
    """Who opened the one item that is asked for."""
    sealed: str
    """How far the newest checkpoint reaches."""
    saved: Sequence[SavedView]
    relaxed: str
    """What one person may do alone here."""
    verdict: Verdict | None = None


@router.get("")
async def show_history(
    request: Request,
    parts: Parts,
    asker: Asker,
    wanted: Wanted,
    cursor: str | None = None,
    verify: bool = False,  # noqa: FBT001, FBT002 - a query parameter
) -> Response:
    """Show the entries that the filters find, newest first.

    All of them are verified on request.
    """
    require_auditor(asker)
    shown = await parts.database.report(
        lambda connection: _page(parts, connection, asker, wanted, read_cursor(cursor))
    )
    if verify:
        shown = replace(shown, verdict=await parts.database.report(verify_database))
    return render_page(request, asker, shown)


def _page(
    parts: Application,
    connection: Connection,
    asker: Caller,
    wanted: HistoryQuery,
    before: int | None,
) -> HistoryPage:
    found = entry_filter(parts, connection, wanted)
    entries = newest_found(connection, found, before=before, count=_PAGE + 1)
    after = next_cursor([each.id for each in entries], _PAGE)
    views = entry_views(parts.context, connection, entries[:_PAGE])
    titles = titles_of(parts, connection, views)
    said = [sentence(parts, each, titles) for each in views]
    item = find_item(connection, wanted.code.strip().upper()) if wanted.code else None
    choices = _choices(parts, connection)
    return HistoryPage(
        days=[(day, list(of_day)) for day, of_day in groupby(said, key=lambda each: each.day)],
        count=count_in_words(count_found(connection, found), MOST_COUNTED),
        next=f"/history?{wanted.address}&cursor={after}" if after else None,
        query=wanted,
        address=wanted.address,
        choices=choices,
        chosen=_chosen(wanted, choices),
        opened=openings(parts, connection, item=item.id, count=_OPENED) if item else (),
        sealed=_sealed(parts, connection),
        saved=views_of(connection, asker.person.id, HISTORY),
        relaxed=relaxed_words(proposal_rules(connection)),
    )


def _chosen(wanted: HistoryQuery, choices: Mapping[str, Choices]) -> list[tuple[str, str]]:
    """Return the filters that are on in words, each with the address that leaves it out."""
    on = {name: value for name, value in asdict(wanted).items() if value}
    labels = {
        "code": wanted.code.upper(),
        "since": translate("From {day}", day=typed_day(wanted.since)),
        "until": translate("Until {day}", day=typed_day(wanted.until)),
        "beside": translate("With what was configured"),
    }
    return [
        (
            labels.get(name) or str(dict(choices[name]).get(str(value), value)),
            f"/history?{wanted.without(name).address}",
        )
        for name, value in on.items()
    ]


def _sealed(parts: Application, connection: Connection) -> str:
    newest = checkpoints_before(connection, LARGEST_ID, 1)
    return "".join(
        translate(
            "The newest signed checkpoint covers the first {count} entry, made at {at}.",
            "The newest signed checkpoint covers the first {count} entries, made at {at}.",
            count=each.size,
            at=hour_and_day(parts, each.made_at),
        )
        for each in newest
    )


def _choices(parts: Application, connection: Connection) -> dict[str, Choices]:
    """Return what each filter offers; transitions as the newest definition that has them says."""
    labels = {
        each.id: translate(each.label)
        for book in parts.context.rulebooks.all(connection)
        for each in book.definition.transitions
    }
    return {
        "who": everybody_choices(connection),
        "department": department_choices(connection),
        "kind": [(name, translate(label)) for name, label in KIND_LABELS.items()],
        "transition": [(each, labels.get(each, each)) for each in transitions_taken(connection)],
        "via": [(name.value, translate(label)) for name, label in VIA.items()],
        "method": [(name.value, translate(label)) for name, label in METHODS.items()],
        "pattern": [(name.value, translate(label)) for name, label in PATTERN_LABELS.items()],
    }


@router.get(".xlsx")
async def download_sheet(request: Request, parts: Parts, asker: Asker, wanted: Wanted) -> Response:
    """Return what the filters find as a sheet."""
    rows = await _rows(request, parts, asker, wanted)
    now = parts.clock.now()
    title = translate(
        "{name}: history, {hour_and_day}",
        name=parts.agency.name,
        hour_and_day=hour_and_day(parts, now),
    )
    content = await asyncio.to_thread(sheet, translate("History"), title, _COLUMNS, rows)
    return private_file(content, SHEET, f"lich-su-{parts.context.calendar.local_day(now)}.xlsx")


@router.get(".csv")
async def download_csv(request: Request, parts: Parts, asker: Asker, wanted: Wanted) -> Response:
    """Return what the filters find as CSV in UTF-8, which Excel opens as such."""
    rows = await _rows(request, parts, asker, wanted)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([translate(each) for each in _COLUMNS])
    writer.writerows([plain_cell(cell) for cell in row] for row in rows)
    day = parts.context.calendar.local_day(parts.clock.now())
    content = out.getvalue().encode("utf-8-sig")
    return private_file(content, "text/csv; charset=utf-8", f"lich-su-{day}.csv")


async def _rows(
    request: Request, parts: Application, asker: Caller, wanted: HistoryQuery
) -> list[list[str]]:
    """Return what a sheet says, newest first, and note who took it along.

    Beyond ``EXPORTED`` entries a last row says that there are more, and where one person is enough
    for what elsewhere takes two, another says that.
    """
    require_auditor(asker)

    def found(connection: Connection) -> list[list[str]]:
        wanted_entries = entry_filter(parts, connection, wanted)
        entries = list(all_found(connection, wanted_entries, EXPORTED + 1))
        rows = [
            cells(parts, each)
            for start in range(0, min(len(entries), EXPORTED), _PIECE)
            for each in entry_views(
                parts.context, connection, entries[start : min(start + _PIECE, EXPORTED)]
            )
        ]
        if len(entries) > EXPORTED:
            cut = translate(
                "Only the newest entry is here. Narrow the filters for the others.",
                "Only the newest {count} entries are here. Narrow the filters for the others.",
                count=EXPORTED,
            )
            rows.append([cut, *[""] * (len(_COLUMNS) - 1)])
        if relaxed := relaxed_words(proposal_rules(connection)):
            rows.append([relaxed, *[""] * (len(_COLUMNS) - 1)])
        return rows

    rows = await parts.database.report(found)
    note = NoteAccess.of(
        request, AccessKind.HISTORY_EXPORTED, person=asker.person.id, note=wanted.address
    )
    await parts.database.write(note)
    return rows


@router.post("/views")
async def save_search(request: Request, asker: Asker) -> Response:
    """Keep the filters that the form was shown with under a name."""
    require_auditor(asker)
    form = await read_form(request)
    query = HistoryQuery.of(dict(parse_qsl(text_in(form, "query"))))
    name = text_in(form, "name")
    command = SaveView(person=asker.person.id, name=name, query=query.address, of=HISTORY)
    told = translate("The search is kept.")
    return await save_shown(request, asker, command, "/history", told)


@router.post("/views/{view}/forget")
async def forget_search(request: Request, parts: Parts, asker: Asker, view: RowId) -> Response:
    """Forget a search."""
    require_auditor(asker)
    await parts.database.write(DropView(person=asker.person.id, view=view))
    told = translate("The search is forgotten.")
    return redirect_with_flash(request, asker, "/history", told)
