"""The people of the agency.

Who holds which position, added, changed, invited again and brought in from a sheet.
"""

import secrets
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.datastructures import FormData, UploadFile
from starlette.responses import RedirectResponse, Response

from api.auth.callers import application
from api.auth.passwords import with_password
from api.auth.sessions import Caller
from api.auth.setup_codes import InviteAgain
from api.people_sheet import SHEET_LIMIT, people_csv, read_people
from api.problems import page_status
from api.staffing import Staffing, require_manager, require_reader
from api.web.forms import form_digest, form_key, page_cause, read_form, tidied
from api.web.rendering import Asker, page
from notifications.translation import translate
from workflow.command import Cause
from workflow.commands.people import ImportPeople
from workflow.errors import InvalidInputError, KeyReusedRefusal, Refusal, StaleRefusal
from workflow.messages import Message, lazy
from workflow.model import DRAFTERS, Department, Person, Position, Via
from workflow.people import by_given_name, may_manage_people
from workflow.people.staff_rows import PersonRow
from workflow.store import people

router = APIRouter(prefix="/people")
POSITIONS: Mapping[Position, Message] = {
    Position.DIRECTOR: lazy("Director"),
    Position.DEPUTY_DIRECTOR: lazy("Deputy Director"),
    Position.CHIEF: lazy("Chief of the Office"),
    Position.HEAD: lazy("Head of department"),
    Position.DEPUTY: lazy("Deputy head of department"),
    Position.OFFICER: lazy("Office staff"),
    Position.STAFF: lazy("Staff"),
    Position.CLERK: lazy("Clerk"),
    Position.AUDITOR: lazy("Auditor"),
    Position.ADMIN: lazy("Administrator"),
}
"""What each position is called, in the order in which an agency names them."""


@router.get("")
async def show_people(request: Request, asker: Asker, done: str = "") -> Response:
    """Show everybody by department, with who has not set a password yet."""
    require_reader(asker)
    notices = {
        "added": translate("Added. A mail to set the password is on its way."),
        "changed": translate("Saved. Open items follow the new positions."),
        "invited": translate("The invitation was sent again."),
        "imported": translate(
            "The list is imported. New people receive a mail to set their password (24 hours)."
        ),
    }
    return await _show(request, asker, notice=notices.get(done, ""))


async def _show(
    request: Request,
    asker: Caller,
    *,
    notice: str = "",
    errors: list[str] | None = None,
    status: int = 200,
) -> Response:
    parts = application(request)

    def found(connection: Connection) -> dict[str, Any]:
        known = sorted(people.all_people(connection), key=lambda each: by_given_name(each.name))
        return {
            "groups": _groups(known, people.all_departments(connection)),
            "gone": [each for each in known if not each.is_active],
            "active": sum(each.is_active for each in known),
            "with_password": with_password(connection),
        }

    more = {
        "positions": POSITIONS,
        "most_bytes": SHEET_LIMIT,
        "manages": may_manage_people(asker.person),
        "notice": notice,
        "errors": errors or [],
        "key": secrets.token_hex(16),
    }
    return page(request, asker, "people.html", {**await parts.database.read(found), **more}, status)


def _groups(known: list[Person], departments: list[Department]) -> list[tuple[str, list[Person]]]:
    """Return who works here, department by department in the agency's order.

    Those of none come first.
    """
    active = [each for each in known if each.is_active]
    order = list(POSITIONS)
    named = [("", None), *((each.name, each.id) for each in departments)]
    groups = [
        (name, [each for each in active if each.department == identity]) for name, identity in named
    ]
    return [
        (name, sorted(members, key=lambda each: order.index(each.position)))
        for name, members in groups
        if members
    ]


@router.get(".csv")
async def export_people(request: Request, asker: Asker) -> Response:
    """Return everybody as a sheet that can be brought in again."""
    require_reader(asker)
    found = await application(request).database.read(people.all_people)
    headers = {
        "Content-Disposition": 'attachment; filename="nhan-su.csv"',
        "Cache-Control": "no-store",
    }
    return Response(
        "\ufeff" + people_csv(found), media_type="text/csv; charset=utf-8", headers=headers
    )


@router.get("/new")
async def new_person(request: Request, asker: Asker) -> Response:
    """Show the form for a new person."""
    require_manager(asker)
    return await _form(request, asker, person=None, typed={})


@router.post("/new")
async def add_person(request: Request, asker: Asker) -> Response:
    """Add a person; refused, the form comes back with what was typed."""
    require_manager(asker)
    form = await read_form(request)
    try:
        await _staffing(request, asker, form).add(_row(form))
    except (Refusal, InvalidInputError) as problem:
        return await _form(
            request,
            asker,
            person=None,
            typed=_typed(form),
            errors=_sentences(problem),
            status=page_status(problem),
        )
    return RedirectResponse("/people?done=added", status_code=303)


@router.post("/import")
async def import_sheet(request: Request, asker: Asker) -> Response:
    """Add and change everybody that a sheet names, or nobody, with every problem by its row."""
    require_manager(asker)
    parts = application(request)
    async with request.form() as sent:
        form = tidied(sent)
        given = form.get("file")
        content = await given.read(SHEET_LIMIT + 1) if isinstance(given, UploadFile) else b""
        name = given.filename or "" if isinstance(given, UploadFile) else ""
        try:
            command = ImportPeople(
                rows=await read_people(name, content),
                cause=Cause(
                    actor=asker.person.id,
                    via=Via.IMPORT,
                    method=asker.method,
                    command_id=form_key(form),
                    digest=form_digest(form),
                ),
                invites=True,
            )
            await parts.database.write(command)
        except (Refusal, InvalidInputError) as problem:
            return await _show(
                request, asker, errors=_sentences(problem), status=page_status(problem)
            )
    return RedirectResponse("/people?done=imported", status_code=303)


@router.get("/{email}")
async def show_person(request: Request, asker: Asker, email: str) -> Response:
    """Show the form of a person."""
    person = await _staffing(request, asker, FormData()).person(email)
    return await _form(request, asker, person=person, typed=_as_typed(person))


@router.post("/{email}")
async def change_person(request: Request, asker: Asker, email: str) -> Response:
    """Change a person, unless somebody else has meanwhile.

    Refused, the form comes back with what was typed.
    """
    form = await read_form(request)
    staffing = _staffing(request, asker, form)
    if await _is_repeated(staffing):
        return RedirectResponse("/people?done=changed", status_code=303)
    person = await staffing.person(email)
    try:
        if form.get("seen") != _seen(person):
            raise StaleRefusal(state="", version=0, given=0, last=None)
        await staffing.change(person, _row(form))
    except (Refusal, InvalidInputError) as problem:
        return await _form(
            request,
            asker,
            person=person,
            typed=_typed(form),
            errors=_sentences(problem),
            status=page_status(problem),
        )
    return RedirectResponse("/people?done=changed", status_code=303)


@router.post("/{email}/invite")
async def invite_again(request: Request, asker: Asker, email: str) -> Response:
    """Mail a fresh invitation to somebody who has set no password."""
    person = await _staffing(request, asker, FormData()).person(email)
    if not person.is_active or not await application(request).database.write(
        InviteAgain(cause=_staffing(request, asker, FormData()).cause, person=person.id)
    ):
        sentence = translate(
            "No invitation was sent: this person has set a password or no longer works here."
        )
        return await _form(
            request, asker, person=person, typed=_as_typed(person), errors=[sentence], status=409
        )
    return RedirectResponse("/people?done=invited", status_code=303)


async def _is_repeated(staffing: Staffing) -> bool:
    """Return whether the same form came before.

    Where another came under its key, that is refused once its person is found.
    """
    try:
        return await staffing.replayed() is not None
    except KeyReusedRefusal:
        return False


async def _form(
    request: Request,
    asker: Caller,
    *,
    person: Person | None,
    typed: dict[str, str],
    errors: list[str] | None = None,
    status: int = 200,
) -> Response:
    parts = application(request)
    values = {
        "who": person,
        "seen": _seen(person) if person else "",
        "may_invite": person is not None
        and person.is_active
        and person.id not in await parts.database.read(with_password),
        "typed": typed,
        "positions": POSITIONS,
        "need_department": [name for each, name in POSITIONS.items() if each in DRAFTERS],
        "departments": await parts.database.read(people.all_departments),
        "errors": errors or [],
        "key": secrets.token_hex(16),
    }
    return page(request, asker, "person_form.html", values, status)


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
        name: str(form.get(name) or "").strip()
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


def _seen(person: Person) -> str:
    """Return what a form must bring back to show that its person is still as it was shown."""
    return " | ".join(_as_typed(person).values())


def _sentences(problem: Refusal | InvalidInputError) -> list[str]:
    return (
        [translate(each) for each in problem.reasons]
        if isinstance(problem, Refusal)
        else [translate(each) for each in problem.problems]
    )
