"""Reminding everybody who owes the reports of one cause, by one form that says who they are."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.auth.callers import Asker, Parts
from api.composition import Application
from api.problems import page_status
from api.web.flash import redirect_with_flash
from api.web.forms import page_cause, read_form, shown_again
from api.web.pages.attention import CAUSES, REMINDED_TOGETHER
from api.web.rendering import FormPage, render_page
from notifications.translation import translate
from workflow import values
from workflow.commands.deadlines import OwedReport, RemindGroup
from workflow.errors import NotFoundRefusal, Refusal
from workflow.messages import Message, lazy
from workflow.model import DepartmentId
from workflow.people import require_office
from workflow.queries.attention import Owing, Worry, owing

router = APIRouter(prefix="/office")


@dataclass(frozen=True, slots=True, kw_only=True)
class RemindGroupPage(FormPage):
    """To whom the reminders of a group go, and the words to all of them."""

    template: ClassVar[str] = "remind_group.html"
    cause: Message
    owing: Sequence[Owing]
    chosen: Sequence[str]


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
        chosen=[f"{each.deadline.id}-{each.department.id}" for each in found],
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
    named = [str(each) for each in form.getlist("owing")]
    command = RemindGroup(
        reports=tuple(filter(None, map(_report, named))),
        message=str(form.get("message") or ""),
        cause=page_cause(asker, form),
    )
    try:
        sent = await parts.database.write(command)
    except Refusal as refusal:
        shown = replace(shown_again(page, form, refusal), chosen=named)
        return render_page(request, asker, shown, page_status(refusal))
    told = translate(
        "{count} department is reminded.", "{count} departments are reminded.", count=sent
    )
    return redirect_with_flash(request, asker, "/office", told)


def _report(named: str) -> OwedReport | None:
    """Return what a box of the form stands for; None where it is none of ours."""
    deadline, _, department = named.partition("-")
    number = values.counter(deadline)
    if number is None:
        return None
    return OwedReport(deadline=number, department=DepartmentId(department))
