"""The people of the agency: who holds which position, added, changed, invited again."""

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.responses import Response

from api.auth.callers import Asker, Parts, application
from api.auth.credentials import with_password
from api.auth.permissions import require_people_reader
from api.auth.sessions import Caller
from api.auth.setup_codes import InviteAgain
from api.composition import Application
from api.downloads import private_file
from api.people_search import found_people
from api.people_sheet import people_csv
from api.people_template import people_template
from api.problems import page_status
from api.spreadsheets import SHEET
from api.staffing import Staffing
from api.web.choices import Choices, department_choices
from api.web.departments import by_department
from api.web.errors import reasons_in_words
from api.web.flash import redirect_with_flash
from api.web.form_fields import text_in
from api.web.forms import page_cause, read_form
from api.web.pages.proposals import ProposalRow, to_proposal, waiting_about_person
from api.web.rendering import Page, render_page
from notifications.position_names import POSITIONS
from notifications.translation import translate
from workflow.commands.proposals import Proposed
from workflow.errors import InvalidInputError, KeyReusedRefusal, Refusal, StaleRefusal
from workflow.messages import Message
from workflow.model import DRAFTERS, Person, PersonId, Position
from workflow.people import (
    by_given_name,
    may_manage_people,
    may_set_deadlines,
    require_people_manager,
)
from workflow.people.staff_rows import PersonRow
from workflow.queries import people
from workflow.queries.past_awards import count_under_name

router = APIRouter(prefix="/people")


@dataclass(frozen=True, slots=True, kw_only=True)
class PeoplePage(Page):
    """Everybody by department, and who has left."""

    template: ClassVar[str] = "people.html"
    groups: Sequence[tuple[str, Sequence[Person]]]
    gone: Sequence[Person]
    active: int
    query: str
    found: int
    with_password: frozenset[PersonId]
    positions: Mapping[Position, Message]
    manages: bool
    errors: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPage(Page):
    """The form of a person; ``who`` None: of a new one."""

    template: ClassVar[str] = "person_form.html"
    who: Person | None
    seen: str
    may_invite: bool
    typed: Mapping[str, str]
    positions: Mapping[Position, Message]
    need_department: Sequence[Message]
    departments: Choices
    key: str
    proposals: Sequence[ProposalRow]
    under_name: int = 0
    """How many awards were imported under this name and are nobody's yet: for the Office."""
    errors: Sequence[str] = ()


@router.get("")
async def show_people(request: Request, parts: Parts, asker: Asker, q: str = "") -> Response:
    """Show everybody by department, or whom a search finds; who has no password yet is marked."""
    require_people_reader(asker)
    return render_page(request, asker, await people_page(parts, asker.person, q))


async def people_page(parts: Application, reader: Person, query: str = "") -> PeoplePage:
    """Return the list of everybody, or of whom a search finds."""

    def load_page(connection: Connection) -> PeoplePage:
        known = sorted(people.all_people(connection), key=lambda each: by_given_name(each.name))
        departments = people.all_departments(connection)
        found = found_people(known, {each.id: each.name for each in departments}, query)
        return PeoplePage(
            groups=by_department(found, departments),
            gone=[each for each in found if not each.is_active],
            active=sum(each.is_active for each in known),
            query=query,
            found=len(found),
            with_password=frozenset(with_password(connection)),
            positions=POSITIONS,
            manages=may_manage_people(reader),
        )

    return await parts.database.read(load_page)


@router.get(".csv")
async def export_people(parts: Parts, asker: Asker) -> Response:
    """Return everybody as a sheet that can be brought in again."""
    require_people_reader(asker)
    found = await parts.database.read(people.all_people)
    return private_file("\ufeff" + people_csv(found), "text/csv; charset=utf-8", "nhan-su.csv")


@router.get("/template.xlsx")
async def download_template(parts: Parts, asker: Asker) -> Response:
    """Return the empty list to fill in and bring in."""
    require_people_manager(asker.person)
    departments = await parts.database.read(people.all_departments)
    content = await asyncio.to_thread(people_template, departments)
    return private_file(content, SHEET, "mau-nhan-su.xlsx")


@router.get("/new")
async def new_person(request: Request, parts: Parts, asker: Asker) -> Response:
    """Show the form for a new person."""
    require_people_manager(asker.person)
    return render_page(request, asker, await _person_page(parts, None))


@router.post("/new")
async def add_person(request: Request, parts: Parts, asker: Asker) -> Response:
    """Add a person; refused, the form comes back with what was typed."""
    require_people_manager(asker.person)
    form = await read_form(request)
    try:
        added = await _staffing(request, asker, form).add(_row(form))
    except (Refusal, InvalidInputError) as problem:
        shown = await _person_page(parts, None)
        shown = replace(shown, typed=_typed(form), errors=reasons_in_words(problem))
        return render_page(request, asker, shown, page_status(problem))
    told = translate("Added. A mail to set the password is on its way.")
    return redirect_after(request, asker, added, told)


def redirect_after(request: Request, asker: Caller, outcome: object, told: str) -> Response:
    """Lead to the list, which says what was done, or to the proposal that somebody confirms."""
    if isinstance(outcome, Proposed):
        return to_proposal(request, asker, outcome.id)
    return redirect_with_flash(request, asker, "/people", told)


@router.get("/{email}")
async def show_person(request: Request, parts: Parts, asker: Asker, email: str) -> Response:
    """Show the form of a person."""
    person = await _staffing(request, asker, FormData()).person(email)
    shown = await _person_page(parts, person)
    if may_set_deadlines(asker.person):
        count = await parts.database.read(partial(count_under_name, person=person))
        shown = replace(shown, under_name=count)
    return render_page(request, asker, shown)


@router.post("/{email}")
async def change_person(request: Request, parts: Parts, asker: Asker, email: str) -> Response:
    """Change a person, unless somebody else has meanwhile.

    Refused, the form comes back with what was typed.
    """
    form = await read_form(request)
    staffing = _staffing(request, asker, form)
    told = translate("Saved. Open items follow the new positions.")
    if (before := await _made_before(staffing)) is not None:
        return redirect_after(request, asker, before, told)
    person = await staffing.person(email)
    try:
        if form.get("seen") != _fingerprint(person):
            raise StaleRefusal(state="", version=0, given=0, last=None)
        changed = await staffing.change(person, _row(form))
    except (Refusal, InvalidInputError) as problem:
        shown = await _person_page(parts, person)
        shown = replace(shown, typed=_typed(form), errors=reasons_in_words(problem))
        return render_page(request, asker, shown, page_status(problem))
    return redirect_after(request, asker, changed, told)


@router.post("/{email}/invite")
async def invite_again(request: Request, parts: Parts, asker: Asker, email: str) -> Response:
    """Mail a fresh invitation to somebody who has set no password."""
    staffing = _staffing(request, asker, FormData())
    person = await staffing.person(email)
    command = InviteAgain(cause=staffing.cause, person=person.id)
    if not person.is_active or not await parts.database.write(command):
        sentence = translate(
            "No invitation was sent: this person has set a password or no longer works here."
        )
        shown = replace(await _person_page(parts, person), errors=[sentence])
        return render_page(request, asker, shown, 409)
    told = translate("The invitation was sent again.")
    return redirect_with_flash(request, asker, "/people", told)


async def _made_before(staffing: Staffing) -> Person | Proposed | None:
    """Return what the same form made before, or None.

    Where another came under its key, that is refused once its person is found.
    """
    try:
        return await staffing.replayed()
    except KeyReusedRefusal:
        return None


async def _person_page(parts: Application, person: Person | None) -> PersonPage:
    def load_page(connection: Connection) -> PersonPage:
        return PersonPage(
            who=person,
            seen=_fingerprint(person) if person else "",
            may_invite=person is not None
            and person.is_active
            and person.id not in with_password(connection),
            typed=_as_typed(person) if person else {},
            positions=POSITIONS,
            need_department=[name for each, name in POSITIONS.items() if each in DRAFTERS],
            departments=department_choices(connection),
            key=secrets.token_hex(16),
            proposals=waiting_about_person(parts, connection, person) if person else (),
        )

    return await parts.database.read(load_page)


def _staffing(request: Request, asker: Caller, form: FormData) -> Staffing:
    return Staffing(parts=application(request), asker=asker, cause=page_cause(asker, form))


def _row(form: FormData) -> PersonRow:
    typed = _typed(form)
    return PersonRow(
        row=0,
        email=typed["email"],
        name=typed["name"],
        position=typed["position"],
        department=typed["department"] or None,
        is_active=typed["is_active"] == "yes",
    )


def _typed(form: FormData) -> dict[str, str]:
    return {
        name: text_in(form, name).strip()
        for name in ("email", "name", "position", "department", "is_active")
    }


def _as_typed(person: Person) -> dict[str, str]:
    return {
        "email": person.email,
        "name": person.name,
        "position": person.position.value,
        "department": person.department or "",
        "is_active": "yes" if person.is_active else "",
    }


def _fingerprint(person: Person) -> str:
    """Return what a form must bring back to show that its person is still as it was shown."""
    return " | ".join(_as_typed(person).values())
