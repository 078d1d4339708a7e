"""The register of what is pending: discipline, inspections, complaints, and how they ended."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.responses import Response

from api.auth.callers import Asker, Parts, RowId, application
from api.auth.sessions import Caller
from api.web.choices import Choices, department_choices, person_choices
from api.web.dates import day_text, day_writer
from api.web.flash import redirect_with_flash
from api.web.form_fields import date_in, text_in
from api.web.forms import page_cause, read_form, refused_form
from api.web.list_files import list_file, whole_list
from api.web.rendering import FormPage, render_page
from notifications.translation import translate
from workflow.awards import KINDS, OUTCOMES, ProceedingKind, ProceedingOutcome
from workflow.commands.correct_proceeding import CorrectProceeding
from workflow.commands.proceedings import AskedEnd, CloseProceeding, OpenProceeding
from workflow.commands.proposals import Proposed
from workflow.errors import Refusal
from workflow.lookups.proceedings import (
    PAGE,
    ends_written,
    register,
    require_reader,
    visible_proceeding,
)
from workflow.messages import Message, lazy
from workflow.model import DepartmentId, PersonId
from workflow.people import may_set_deadlines, require_office
from workflow.queries import people
from workflow.queries.proceedings import Proceeding, ProceedingCorrection

router = APIRouter(prefix="/proceedings")
_NOBODY = ("", "–")
_COLUMNS = (
    lazy("Against whom"),
    lazy("What is pending"),
    lazy("Since"),
    lazy("Document"),
    lazy("Note"),
    lazy("How it ended"),
    lazy("Ended on"),
    lazy("By which document"),
    lazy("Discipline served on"),
)
STILL_PENDING = "pending"
"""What a form of a correction sends where it has not ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProceedingsPage(FormPage):
    """What is or was pending, newest first, and for the Office the form of another."""

    template: ClassVar[str] = "proceedings.html"
    shown: Sequence[tuple[Proceeding, str]]
    """Each with whom it is against."""
    kinds: Mapping[ProceedingKind, Message]
    outcomes: Mapping[ProceedingOutcome, Message]
    people: Choices
    departments: Choices
    may_write: bool
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProceedingPage(FormPage):
    """What is pending against whom, and what the Office can write of its end.

    ``first``: the end as it was written before all ``corrections``.
    """

    template: ClassVar[str] = "proceeding.html"
    found: Proceeding
    against: str
    kinds: Mapping[ProceedingKind, Message]
    outcomes: Mapping[ProceedingOutcome, Message]
    names: Mapping[PersonId, str]
    first: Proceeding
    corrections: Sequence[ProceedingCorrection]
    written: Mapping[str, str]
    """The present end, as the fields of a form say it."""
    local_day: Callable[[datetime | None], str]
    may_write: bool
    may_correct: bool
    may_erase: bool


@router.get("")
async def list_proceedings(request: Request, asker: Asker, before: RowId | None = None) -> Response:
    """Show the register to who may read it."""
    return render_page(request, asker, await _proceedings_page(request, asker, before))


@router.get(".xlsx")
async def download_proceedings(parts: Parts, asker: Asker) -> Response:
    """Return the whole register as a sheet."""
    require_reader(asker.person)

    def rows_below(
        connection: Connection, before: int | None
    ) -> tuple[list[list[str]], int | None]:
        found = register(connection, asker.person, before)
        names, departments = people.person_names(connection), people.department_names(connection)
        rows = [_row(each, _against_whom(each, names, departments)) for each in found]
        return rows, found[-1].id if len(found) == PAGE else None

    rows = await whole_list(parts, rows_below)
    return await list_file(parts, lazy("Pending matters"), _COLUMNS, rows, file="viec-dang-xem-xet")


def _row(found: Proceeding, against: str) -> list[str]:
    return [
        against,
        translate(KINDS[found.kind]),
        day_text(found.since),
        found.document,
        found.words,
        translate(OUTCOMES[found.outcome]) if found.outcome else translate("pending"),
        day_text(found.ended_on) if found.ended_on else "",
        found.end_document or "",
        day_text(found.served_on) if found.served_on else "",
    ]


async def _proceedings_page(
    request: Request, asker: Caller, before: int | None = None
) -> ProceedingsPage:
    def load(connection: Connection) -> ProceedingsPage:
        found = register(connection, asker.person, before)
        names, departments = people.person_names(connection), people.department_names(connection)
        return ProceedingsPage(
            shown=[(each, _against_whom(each, names, departments)) for each in found],
            kinds=KINDS,
            outcomes=OUTCOMES,
            people=[_NOBODY, *person_choices(connection)],
            departments=[_NOBODY, *department_choices(connection)],
            may_write=may_set_deadlines(asker.person),
            next=f"/proceedings?before={found[-1].id}" if len(found) == PAGE else None,
        )

    return await application(request).database.read(load)


def _against_whom(
    found: Proceeding, names: Mapping[PersonId, str], departments: Mapping[DepartmentId, str]
) -> str:
    if found.person is not None:
        return names[found.person]
    return departments[found.department] if found.department is not None else ""


@router.post("")
async def open_proceeding(request: Request, parts: Parts, asker: Asker) -> Response:
    """Write down what is pending; refused, the form comes back with what was typed."""
    require_office(asker.person)
    form = await read_form(request)
    command = OpenProceeding(
        cause=page_cause(asker, form),
        kind=text_in(form, "kind"),
        since=date_in(form, "since"),
        document=text_in(form, "document"),
        document_on=date_in(form, "document_on"),
        person=text_in(form, "person"),
        department=text_in(form, "department"),
        words=text_in(form, "words"),
    )
    try:
        found = await parts.database.write(command)
    except Refusal as refusal:
        return refused_form(request, asker, await _proceedings_page(request, asker), form, refusal)
    told = translate(
        "It is written down. Nominations of whom it is against wait until it has ended."
    )
    return redirect_with_flash(request, asker, f"/proceedings/{found}", told)


@router.get("/{proceeding}")
async def show_proceeding(request: Request, asker: Asker, proceeding: RowId) -> Response:
    """Show what is or was pending."""
    return render_page(request, asker, await _proceeding_page(request, asker, proceeding))


async def _proceeding_page(request: Request, asker: Caller, proceeding: int) -> ProceedingPage:
    def load(connection: Connection) -> ProceedingPage:
        found, names = (
            visible_proceeding(connection, proceeding, asker.person),
            people.person_names(connection),
        )
        first, corrections = ends_written(connection, found)
        is_office = may_set_deadlines(asker.person)
        writes = is_office and found.person != asker.person.id
        return ProceedingPage(
            found=found,
            against=_against_whom(found, names, people.department_names(connection)),
            kinds=KINDS,
            outcomes=OUTCOMES,
            names=names,
            first=first,
            corrections=corrections,
            written=_fields(found),
            local_day=day_writer(application(request)),
            may_write=writes and found.closed_at is None and not found.is_corrected,
            may_correct=writes and first.closed_at is not None and bool(found.document),
            may_erase=writes and found.closed_at is not None and bool(found.document),
        )

    return await application(request).database.read(load)


def _fields(found: Proceeding) -> dict[str, str]:
    days = {
        "ended_on": found.ended_on,
        "document_on": found.end_document_on,
        "served_on": found.served_on,
    }
    shown = {name: day_text(day) if day else "" for name, day in days.items()}
    return {"document": found.end_document or "", "words": found.end_words or "", **shown}


@router.post("/{proceeding}")
async def close_proceeding(
    request: Request, parts: Parts, asker: Asker, proceeding: RowId
) -> Response:
    """Write down how it ended."""
    require_office(asker.person)
    form = await read_form(request)
    command = CloseProceeding(
        cause=page_cause(asker, form),
        proceeding=proceeding,
        ending=_ending(form),
    )
    try:
        await parts.database.write(command)
    except Refusal as refusal:
        return refused_form(
            request, asker, await _proceeding_page(request, asker, proceeding), form, refusal
        )
    told = translate("It is written down that it has ended.")
    return redirect_with_flash(request, asker, f"/proceedings/{proceeding}", told)


@router.post("/{proceeding}/correct")
async def correct_proceeding(
    request: Request, parts: Parts, asker: Asker, proceeding: RowId
) -> Response:
    """Write down how it truly ended, or that it has not; what frees waits for a second person."""
    require_office(asker.person)
    form = await read_form(request)
    is_pending = form.get("outcome") == STILL_PENDING
    command = CorrectProceeding(
        cause=page_cause(asker, form),
        proceeding=proceeding,
        ending=None if is_pending else _ending(form),
        why=text_in(form, "why"),
    )
    try:
        done = await parts.database.write(command)
    except Refusal as refusal:
        return refused_form(
            request, asker, await _proceeding_page(request, asker, proceeding), form, refusal
        )
    told = translate("It is corrected. What was written before stays beside it.")
    if isinstance(done, Proposed):
        told = translate("Proposed. It happens once a second person has confirmed it.")
    return redirect_with_flash(request, asker, f"/proceedings/{proceeding}", told)


def _ending(form: FormData) -> AskedEnd:
    return AskedEnd(
        outcome=text_in(form, "outcome"),
        ended_on=date_in(form, "ended_on"),
        document=text_in(form, "document"),
        document_on=date_in(form, "document_on"),
        served_on=date_in(form, "served_on"),
        words=text_in(form, "words"),
    )
