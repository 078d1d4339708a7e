"""Findings: an auditor attaches them to entries and follows them; whom they ask answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Asker, Parts, RowId
from api.auth.permissions import require_auditor
from api.auth.sessions import Caller
from api.composition import Application
from api.cursors import next_cursor, read_cursor
from api.history_filters import parse_reference
from api.web.choices import Choices, person_choices
from api.web.dates import hour_and_day
from api.web.flash import redirect_with_flash
from api.web.form_fields import text_in
from api.web.forms import page_cause, read_form, refused_form
from api.web.history_sentences import Sentence, sentence
from api.web.list_files import list_file, whole_list
from api.web.rendering import FormPage, Page, render_page
from api.web.subject_titles import titles_of
from notifications.translation import translate
from workflow.commands.findings import NoteFinding, OpenFinding
from workflow.errors import NotFoundRefusal, Refusal
from workflow.lookups.findings import visible_finding
from workflow.messages import lazy
from workflow.people import may_read_history
from workflow.queries import people
from workflow.queries.findings import AuditFinding, newest_findings, notes_of
from workflow.queries.history import entry_at
from workflow.queries.listing import PAGE_LIMIT
from workflow.queries.timeline import entry_views

router = APIRouter(prefix="/findings")
_PAGE = 50
_COLUMNS = (
    lazy("Title"),
    lazy("Entry"),
    lazy("Opened by"),
    lazy("Asked of"),
    lazy("State"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """A finding as it is read."""

    id: int
    title: str
    reference: str
    opened: str
    addressee: str
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingsPage(Page):
    """The findings that the reader may see, newest first."""

    template: ClassVar[str] = "findings.html"
    rows: Sequence[FindingRow]
    only_open: bool
    attaches: bool
    """Whether the reader is one who opens findings."""
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingPage(FormPage):
    """A finding with its entry, what was said of it, and the form to say more."""

    template: ClassVar[str] = "finding.html"
    row: FindingRow
    entry: Sentence
    notes: Sequence[tuple[str, str, str]]
    """Who said what, and when."""
    may_close: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFindingPage(FormPage):
    """The form to attach a finding to an entry."""

    template: ClassVar[str] = "finding_form.html"
    entry: Sentence
    people: Choices


@router.get("")
async def show_findings(
    request: Request,
    parts: Parts,
    asker: Asker,
    open: bool = False,  # noqa: A002, FBT001, FBT002 - a query parameter, by the address's name
    cursor: str | None = None,
) -> Response:
    """Show the findings: all to auditors, to others those that ask them."""

    def load_page(connection: Connection) -> FindingsPage:
        found = newest_findings(
            connection,
            addressee=None if may_read_history(asker.person) else asker.person.id,
            only_open=open,
            before=read_cursor(cursor),
            count=_PAGE + 1,
        )
        after = next_cursor([each.id for each in found], _PAGE)
        only = "open=1&" if open else ""
        return FindingsPage(
            rows=[_row(parts, connection, each) for each in found[:_PAGE]],
            only_open=open,
            attaches=may_read_history(asker.person),
            next=f"/findings?{only}cursor={after}" if after else None,
        )

    return render_page(request, asker, await parts.database.read(load_page))


def _row(parts: Application, connection: Connection, finding: AuditFinding) -> FindingRow:
    known = people.people_by_id(connection)
    at = hour_and_day(parts, finding.opened_at)
    return FindingRow(
        id=finding.id,
        title=finding.title,
        reference=f"{finding.about}@{finding.entry}",
        opened=translate("{name}, at {at}", name=known[finding.opened_by].name, at=at),
        addressee=known[finding.addressee].name if finding.addressee is not None else "",
        is_open=finding.closed_at is None,
    )


@router.get(".xlsx")
async def download_findings(parts: Parts, asker: Asker) -> Response:
    """Return the findings that the reader may see as a sheet."""

    def rows_below(
        connection: Connection, before: int | None
    ) -> tuple[list[list[str]], int | None]:
        found = newest_findings(
            connection,
            addressee=None if may_read_history(asker.person) else asker.person.id,
            only_open=False,
            before=before,
            count=PAGE_LIMIT,
        )
        read = [_row(parts, connection, each) for each in found]
        rows = [
            [
                each.title,
                each.reference,
                each.opened,
                each.addressee,
                translate("Open") if each.is_open else translate("Closed"),
            ]
            for each in read
        ]
        return rows, found[-1].id if len(found) == PAGE_LIMIT else None

    rows = await whole_list(parts, rows_below)
    return await list_file(parts, lazy("Findings"), _COLUMNS, rows, file="ket-qua-kiem-tra")


@router.get("/new")
async def show_form(request: Request, parts: Parts, asker: Asker, entry: str = "") -> Response:
    """Show the form to attach a finding to an entry."""
    require_auditor(asker)
    return render_page(request, asker, await _form(parts, entry))


async def _form(parts: Application, reference: str) -> NewFindingPage:
    def load_page(connection: Connection) -> NewFindingPage:
        return NewFindingPage(
            entry=_entry(parts, connection, reference), people=person_choices(connection)
        )

    return await parts.database.read(load_page)


def _entry(parts: Application, connection: Connection, reference: str) -> Sentence:
    found = entry_at(connection, *parse_reference(reference))
    if found is None:
        raise NotFoundRefusal(lazy("this entry"))
    views = entry_views(parts.context, connection, [found])
    return sentence(parts, views[0], titles_of(parts, connection, views))


@router.post("")
async def open_finding(request: Request, parts: Parts, asker: Asker) -> Response:
    """Attach a finding to an entry; refused, the form comes back whole."""
    form = await read_form(request)
    reference = text_in(form, "entry")
    about, entry = parse_reference(reference)
    command = OpenFinding(
        cause=page_cause(asker, form),
        about=about,
        entry=entry,
        title=text_in(form, "title"),
        words=text_in(form, "words"),
        addressee=text_in(form, "addressee"),
    )
    try:
        finding = await parts.database.write(command)
    except Refusal as refusal:
        require_auditor(asker)
        return refused_form(request, asker, await _form(parts, reference), form, refusal)
    told = translate("The finding is opened; its addressee is told.")
    return redirect_with_flash(request, asker, f"/findings/{finding}", told)


@router.get("/{finding}")
async def show_finding(request: Request, parts: Parts, asker: Asker, finding: RowId) -> Response:
    """Show a finding with its entry and what was said of it."""
    return render_page(request, asker, await _page(parts, asker, finding))


async def _page(parts: Application, asker: Caller, finding: int) -> FindingPage:
    def load_page(connection: Connection) -> FindingPage:
        found = visible_finding(connection, finding, asker.person)
        known = people.people_by_id(connection)
        row = _row(parts, connection, found)
        return FindingPage(
            row=row,
            entry=_entry(parts, connection, row.reference),
            notes=[
                (known[each.person].name, hour_and_day(parts, each.at), each.words)
                for each in notes_of(connection, found.id)
            ],
            may_close=may_read_history(asker.person),
        )

    return await parts.database.read(load_page)


@router.post("/{finding}/notes")
async def note_finding(request: Request, parts: Parts, asker: Asker, finding: RowId) -> Response:
    """Say something of a finding; an auditor may close it with that."""
    form = await read_form(request)
    command = NoteFinding(
        cause=page_cause(asker, form, str(finding)),
        finding=finding,
        words=text_in(form, "words"),
        closes=form.get("do") == "close",
    )
    try:
        await parts.database.write(command)
    except Refusal as refusal:
        return refused_form(request, asker, await _page(parts, asker, finding), form, refusal)
    told = (
        translate("The finding is closed.")
        if command.closes
        else translate("Your words are added to the finding.")
    )
    return redirect_with_flash(request, asker, f"/findings/{finding}", told)
