"""Urging everybody behind one cause of concern, by one form that says who they are.

Owns the form for what departments owe and for what is late with whoever holds it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Final

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.responses import Response

from api.auth.callers import Asker, Parts
from api.auth.sessions import Caller
from api.composition import Application
from api.problems import page_status
from api.web.flash import redirect_with_flash
from api.web.form_fields import text_in
from api.web.forms import page_cause, read_form, shown_again
from api.web.pages.attention import CAUSES, REMINDED_TOGETHER, URGED_TOGETHER
from api.web.rendering import FormPage, render_page
from notifications.translation import translate
from workflow import values
from workflow.command import Command
from workflow.commands.deadlines import OwedReport, RemindGroup
from workflow.commands.urge_items import MOST_URGED, UrgeItems
from workflow.errors import NotFoundRefusal, Refusal
from workflow.messages import Message, lazy
from workflow.model import DepartmentId
from workflow.people import require_office
from workflow.queries.attention import MOST_NAMED, Worry, concerns, owing
from workflow.queries.listing import listed_views

router = APIRouter(prefix="/office")
_WORDS: Final = {
    True: lazy("Please handle the item, or say what holds it up."),
    False: lazy("Please finish the report and hand it in, or say what holds it up."),
}
"""What is proposed to be said, by whether it is about items."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """One thing that somebody is urged about, by the value of its box, and who that is."""

    id: str
    what: str
    people: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RemindGroupPage(FormPage):
    """Whom the urging of a group reaches, and the words to all of them."""

    template: ClassVar[str] = "remind_group.html"
    cause: Message
    is_of_items: bool
    behind: Sequence[Behind]
    chosen: Sequence[str]
    left_out: int = 0
    """How many more there are than one form urges; those that wait longest come first."""
    most: int = MOST_NAMED


@router.get("/remind/{worry}")
async def remind_group_form(request: Request, parts: Parts, asker: Asker, worry: str) -> Response:
    """Show whom the urging of a group reaches, and ask for its words."""
    require_office(asker.person)
    return render_page(request, asker, await _form_page(parts, asker, worry))


async def _form_page(parts: Application, asker: Caller, worry: str) -> RemindGroupPage:
    if worry not in REMINDED_TOGETHER | URGED_TOGETHER:
        raise NotFoundRefusal(lazy("this group"))
    cause, is_of_items = Worry(worry), worry in URGED_TOGETHER

    def load_page(connection: Connection) -> RemindGroupPage:
        if is_of_items:
            found, count = _items(parts, connection, asker, cause)
        else:
            found = _reports(parts, connection, cause)
            count = len(found)
        shown = found[:MOST_URGED]
        return RemindGroupPage(
            cause=CAUSES[cause],
            is_of_items=is_of_items,
            behind=shown,
            chosen=[each.id for each in shown],
            left_out=count - len(shown),
            typed={"message": translate(_WORDS[is_of_items])},
        )

    return await parts.database.report(load_page)


def _reports(parts: Application, connection: Connection, cause: Worry) -> list[Behind]:
    return [
        Behind(
            id=f"{each.deadline.id}-{each.department.id}",
            what=f"{each.department.name} · {translate(each.deadline.owed)}",
            people=[person.name for person in each.people],
        )
        for each in owing(parts.context, connection, cause)
    ]


def _items(
    parts: Application, connection: Connection, asker: Caller, cause: Worry
) -> tuple[list[Behind], int]:
    """Return the items that are late longest, with whoever holds them, and how many are late."""
    ids = [
        each.item
        for each in concerns(parts.context, connection)
        if each.worry is cause and each.item is not None
    ]
    views = listed_views(parts.context, connection, ids[:MOST_URGED], asker.person.id)
    behind = [
        Behind(
            id=view.item.code,
            what=f"{view.item.code} · {view.content.title}",
            people=[each.person.name for each in view.holders],
        )
        for view in views
    ]
    return behind, len(ids)


@router.post("/remind/{worry}")
async def remind_group(request: Request, parts: Parts, asker: Asker, worry: str) -> Response:
    """Urge everybody that the form named; each is told in a history of its own."""
    require_office(asker.person)
    page = await _form_page(parts, asker, worry)
    form = await read_form(request)
    named = [str(each) for each in form.getlist("owing")]
    try:
        sent = await parts.database.write(_command(asker, form, page, named))
    except Refusal as refusal:
        shown = replace(shown_again(page, form, refusal), chosen=named)
        return render_page(request, asker, shown, page_status(refusal))
    told = (
        translate("{count} item is urged.", "{count} items are urged.", count=sent)
        if page.is_of_items
        else translate(
            "{count} department is reminded.", "{count} departments are reminded.", count=sent
        )
    )
    return redirect_with_flash(request, asker, "/office", told)


def _command(
    asker: Caller, form: FormData, page: RemindGroupPage, named: Sequence[str]
) -> Command[int]:
    message, cause = text_in(form, "message"), page_cause(asker, form)
    if page.is_of_items:
        return UrgeItems(codes=tuple(named), message=message, cause=cause)
    reports = tuple(filter(None, map(_report, named)))
    return RemindGroup(reports=reports, message=message, cause=cause)


def _report(named: str) -> OwedReport | None:
    """Return what a box of the form stands for; None where it is none of ours."""
    deadline, _, department = named.partition("-")
    number = values.counter(deadline)
    if number is None:
        return None
    return OwedReport(deadline=number, department=DepartmentId(department))
