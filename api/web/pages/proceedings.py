"""The register of what is pending: discipline, inspections, complaints, and how they ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.responses import Response

from api.auth.callers import Asker, Parts, RowId, application
from api.auth.sessions import Caller
from api.problems import page_status
from api.web.choices import Choices, department_choices, person_choices
from api.web.dates import iso_day
from api.web.flash import redirect_with_flash
from api.web.forms import page_cause, read_form, shown_again
from api.web.rendering import FormPage, render_page
from notifications.translation import translate
from workflow import values
from workflow.awards import KINDS, OUTCOMES, ProceedingKind, ProceedingOutcome
from workflow.commands.proceedings import CloseProceeding, OpenProceeding
from workflow.errors import Refusal
from workflow.lookups.proceedings import PAGE, register, visible_proceeding
from workflow.messages import Message
from workflow.model import DepartmentId, PersonId
from workflow.people import may_set_deadlines, require_office
from workflow.queries import people
from workflow.queries.proceedings import Proceeding

router = APIRouter(prefix="/proceedings")
_NOBODY = ("", "–")


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
    """What is pending against whom, and what the Office can write of its end."""

    template: ClassVar[str] = "proceeding.html"
    found: Proceeding
    against: str
    kinds: Mapping[ProceedingKind, Message]
    outcomes: Mapping[ProceedingOutcome, Message]
    names: Mapping[PersonId, str]
    may_write: bool
    may_erase: bool


@router.get("")
async def list_proceedings(request: Request, asker: Asker, before: RowId | None = None) -> Response:
    """Show the register to who may read it."""
    return render_page(request, asker, await _list(request, asker, before))


async def _list(request: Request, asker: Caller, before: int | None = None) -> ProceedingsPage:
    def load(connection: Connection) -> ProceedingsPage:
        found = register(connection, asker.person, before)
        names, departments = _names(connection), people.department_names(connection)
        return ProceedingsPage(
            shown=[(each, _against(each, names, departments)) for each in found],
            kinds=KINDS,
            outcomes=OUTCOMES,
            people=[_NOBODY, *person_choices(connection)],
            departments=[_NOBODY, *department_choices(connection)],
            may_write=may_set_deadlines(asker.person),
            next=f"/proceedings?before={found[-1].id}" if len(found) == PAGE else None,
        )

    return await application(request).database.read(load)


def _names(connection: Connection) -> dict[PersonId, str]:
    return {each.id: each.name for each in people.people_by_id(connection).values()}


def _against(
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
        kind=str(form.get("kind") or ""),
        since=_day(form, "since"),
        document=str(form.get("document") or ""),
        document_on=_day(form, "document_on"),
        person=str(form.get("person") or ""),
        department=str(form.get("department") or ""),
        words=str(form.get("words") or ""),
    )
    try:
        found = await parts.database.write(command)
    except Refusal as refusal:
        shown = shown_again(await _list(request, asker), form, refusal)
        return render_page(request, asker, shown, page_status(refusal))
    told = translate(
        "It is written down. Nominations of whom it is against wait until it has ended."
    )
    return redirect_with_flash(request, asker, f"/proceedings/{found}", told)


def _day(form: FormData, name: str) -> date | None:
    return values.day(iso_day(str(form.get(name) or "")))


@router.get("/{proceeding}")
async def show_proceeding(request: Request, asker: Asker, proceeding: RowId) -> Response:
    """Show what is or was pending."""
    return render_page(request, asker, await _one(request, asker, proceeding))


async def _one(request: Request, asker: Caller, proceeding: int) -> ProceedingPage:
    def load(connection: Connection) -> ProceedingPage:
        found, names = visible_proceeding(connection, proceeding, asker.person), _names(connection)
        is_office = may_set_deadlines(asker.person)
        writes = is_office and found.person != asker.person.id
        return ProceedingPage(
            found=found,
            against=_against(found, names, people.department_names(connection)),
            kinds=KINDS,
            outcomes=OUTCOMES,
            names=names,
            may_write=writes and found.closed_at is None,
            may_erase=writes and found.closed_at is not None and bool(found.document),
        )

    return await application(request).database.read(load)


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
        outcome=str(form.get("outcome") or ""),
        ended_on=_day(form, "ended_on"),
        document=str(form.get("document") or ""),
        document_on=_day(form, "document_on"),
        served_on=_day(form, "served_on"),
        words=str(form.get("words") or ""),
    )
    try:
        await parts.database.write(command)
    except Refusal as refusal:
        shown = shown_again(await _one(request, asker, proceeding), form, refusal)
        return render_page(request, asker, shown, page_status(refusal))
    told = translate("It is written down that it has ended.")
    return redirect_with_flash(request, asker, f"/proceedings/{proceeding}", told)
