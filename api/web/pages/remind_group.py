"""Reminding everybody who owes the reports of one cause, by one form that says who they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from api.auth.callers import Asker, Parts
from api.auth.sessions import Caller
from api.composition import Application
from api.web.flash import redirect_with_flash
from api.web.forms import page_cause, read_form, shown_again
from api.web.pages.attention import CAUSES, REMINDED_TOGETHER
from api.web.rendering import FormPage, render_page
from notifications.translation import translate
from workflow.commands.deadlines import RemindNow
from workflow.errors import InvalidRefusal, NotFoundRefusal, Refusal
from workflow.messages import Message, lazy
from workflow.model import DepartmentId
from workflow.people import require_office
from workflow.queries.attention import Owing, Worry, owing

router = APIRouter(prefix="/office")
_MEANWHILE = {"met", "department"}
"""Why one of the group needs no reminder any more; the others are reminded all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemindGroupPage(FormPage):
    """To whom the reminders of a group go, and the words to all of them."""

    template: ClassVar[str] = "remind_group.html"
    cause: Message
    owing: Sequence[Owing]


@router.get("/remind/{worry}")
async def remind_group_form(request: Request, parts: Parts, asker: Asker, worry: str) -> Response:
    """Show whom the reminder of a group reaches, and ask for its words."""
    require_office(asker.person)
    return render_page(request, asker, await _form_page(parts, worry))


async def _form_page(parts: Application, worry: str) -> RemindGroupPage:
    if worry not in REMINDED_TOGETHER:
        raise NotFoundRefusal(lazy("this group"))
    cause = Worry(worry)
    found = await parts.database.report(lambda connection: owing(parts.context, connection, cause))
    return RemindGroupPage(
        cause=CAUSES[cause],
        owing=found,
        typed={
            "message": translate(
                "Please finish the report and hand it in, or say what holds it up."
            )
        },
    )


@router.post("/remind/{worry}")
async def remind_group(request: Request, parts: Parts, asker: Asker, worry: str) -> Response:
    """Remind everybody that the form named, each as a reminder of its own in the history."""
    require_office(asker.person)
    page = await _form_page(parts, worry)
    form = await read_form(request)
    named = {str(each) for each in form.getlist("owing")}
    try:
        sent = 0
        for each in page.owing:
            if f"{each.deadline.id}-{each.department.id}" in named:
                sent += await _remind(parts, asker, form, each)
    except Refusal as refusal:
        return render_page(request, asker, shown_again(page, form, refusal), 422)
    told = translate(
        "{count} department is reminded.", "{count} departments are reminded.", count=sent
    )
    return redirect_with_flash(request, asker, "/office", told)


async def _remind(parts: Application, asker: Caller, form: FormData, owed: Owing) -> bool:
    """Remind one department; return whether that was still needed. Raises InvalidRefusal."""
    command = RemindNow(
        deadline=owed.deadline.id,
        department=DepartmentId(owed.department.id),
        message=str(form.get("message", "")),
        cause=page_cause(asker, form, f"{owed.deadline.id}-{owed.department.id}"),
    )
    try:
        await parts.database.write(command)
    except InvalidRefusal as refusal:
        if {each.rule for each in refusal.reasons} <= _MEANWHILE:
            return False
        raise
    return True
