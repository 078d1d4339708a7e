"""Reminding a department now, in the Office's own words."""

from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.auth.callers import Asker, Parts, RowId
from api.composition import Application
from api.web.dates import hour_and_day
from api.web.flash import redirect_with_flash
from api.web.form_fields import text_in
from api.web.forms import page_cause, read_form, refused_form
from api.web.pages.set_deadline import deadline_of
from api.web.rendering import FormPage, render_page
from notifications.translation import translate
from workflow.commands.deadlines import RemindNow
from workflow.errors import NotFoundRefusal, Refusal
from workflow.messages import Message, lazy
from workflow.model import Department, DepartmentId
from workflow.people import require_office
from workflow.queries import people

router = APIRouter(prefix="/deadlines")


@dataclass(frozen=True, slots=True, kw_only=True)
class RemindPage(FormPage):
    """The form of a reminder."""

    template: ClassVar[str] = "remind.html"
    department: Department
    owed: Message
    due: str


@router.get("/{deadline_id}/remind")
async def remind_form(
    request: Request, parts: Parts, asker: Asker, deadline_id: RowId, department: str = ""
) -> Response:
    """Show the form for a reminder in the Office's own words."""
    require_office(asker.person)
    return render_page(request, asker, await _form_page(parts, deadline_id, department))


async def _form_page(parts: Application, deadline_id: int, department: str) -> RemindPage:
    deadline = await deadline_of(parts, deadline_id)
    every = await parts.database.read(people.all_departments)
    found = next((each for each in every if each.id == department), None)
    if found is None:
        raise NotFoundRefusal(lazy("this department"))
    return RemindPage(
        department=found,
        owed=deadline.owed,
        due=hour_and_day(parts, deadline.due_at),
    )


@router.post("/{deadline_id}/remind")
async def remind(request: Request, parts: Parts, asker: Asker, deadline_id: RowId) -> Response:
    """Remind a department now; refused, the form comes back with what was typed."""
    require_office(asker.person)
    form = await read_form(request)
    department, message = text_in(form, "department"), text_in(form, "message")
    command = RemindNow(
        deadline=deadline_id,
        department=DepartmentId(department),
        message=message,
        cause=page_cause(asker, form),
    )
    try:
        await parts.database.write(command)
    except Refusal as refusal:
        return refused_form(
            request, asker, await _form_page(parts, deadline_id, department), form, refusal
        )
    told = translate("The reminder is on its way.")
    return redirect_with_flash(request, asker, "/deadlines", told)
