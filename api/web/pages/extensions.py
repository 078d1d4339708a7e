"""Asking for another day, the Office's answer, and putting off one's own reminders, beside the deadlines."""

import secrets
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from api.auth.callers import RowId, application
from api.auth.sessions import Caller
from api.web.dates import hour_and_day
from api.web.forms import form_digest, form_key, read_form, typed_again
from api.web.rendering import Asker, page
from notifications.translation import translate
from workflow import values
from workflow.command import Cause
from workflow.commands.extensions import AskExtension, DecideExtension
from workflow.commands.snooze import SnoozeReminders
from workflow.errors import InvalidRefusal, KeyReusedRefusal, NotFoundRefusal, reason
from workflow.messages import lazy
from workflow.model import DepartmentId, Via
from workflow.store import deadlines

router = APIRouter(prefix="/deadlines")


@router.get("/{deadline_id}/extension")
async def ask_form(request: Request, asker: Asker, deadline_id: RowId) -> Response:
    """Show the form that asks for another day for one's own department."""
    return await _ask_form(request, asker, deadline_id, typed={}, errors=[])


async def _ask_form(
    request: Request,
    asker: Caller,
    deadline_id: int,
    *,
    typed: dict[str, Any],
    errors: list[str],
    status: int = 200,
) -> Response:
    parts = application(request)
    deadline = await parts.database.read(
        lambda connection: deadlines.find_deadline(connection, deadline_id)
    )
    if deadline is None or asker.person.department not in deadline.departments:
        raise NotFoundRefusal(lazy("your department's deadline"))
    shown = {
        "kind": deadline.called,
        "due": hour_and_day(parts, deadline.due_at),
        "typed": typed,
        "errors": errors,
        "key": typed.get("key") or secrets.token_hex(16),
    }
    return page(request, asker, "extension.html", shown, status)


@router.post("/{deadline_id}/extension")
async def ask(request: Request, asker: Asker, deadline_id: RowId) -> Response:
    """Ask for another day; refused, the form comes back with what was typed."""
    parts = application(request)
    form = await read_form(request)
    try:
        await parts.database.write(
            AskExtension(
                deadline=deadline_id,
                department=DepartmentId(asker.person.department or ""),
                wanted_at=_end_of(str(form.get("day") or ""), parts.context.calendar.zone),
                why=str(form.get("why") or ""),
                cause=Cause(
                    actor=asker.person.id,
                    via=Via.PAGE,
                    method=asker.method,
                    command_id=form_key(form),
                    digest=form_digest(form),
                ),
            )
        )
    except (InvalidRefusal, KeyReusedRefusal) as refusal:
        typed = typed_again({name: str(value) for name, value in form.items()}, refusal)
        return await _ask_form(
            request,
            asker,
            deadline_id,
            typed=typed,
            errors=[translate(each) for each in refusal.reasons],
            status=422,
        )
    return RedirectResponse("/deadlines", status_code=303)


def _end_of(day: str, zone: ZoneInfo) -> datetime:
    found = values.local_instant(day, "17:00")
    if found is None:
        raise InvalidRefusal(reason("wanted_at", "Choose the day that you ask for."))
    return found.replace(tzinfo=zone)


@router.post("/{deadline_id}/snooze")
async def snooze(request: Request, asker: Asker, deadline_id: RowId) -> Response:
    """Put off one's own reminders before the due day; ``end``: be reminded as planned again."""
    form = await read_form(request)
    day = str(form.get("until") or "")
    links = [{"href": "/deadlines", "label": translate("To the deadlines")}]
    try:
        until = None if form.get("action") == "end" else _day_of(day)
        await application(request).database.write(
            SnoozeReminders(
                deadline=deadline_id,
                until=until,
                cause=Cause(
                    actor=asker.person.id,
                    via=Via.PAGE,
                    method=asker.method,
                    command_id=f"{form_key(form)}:snooze:{deadline_id}",
                    digest=form_digest(form),
                ),
            )
        )
    except InvalidRefusal as refusal:
        shown = {
            "heading": translate("The reminder was not put off"),
            "sentences": [translate(each) for each in refusal.reasons],
            "typed": [(translate("Day"), day)],
            "links": links,
        }
        return page(request, asker, "sentence.html", shown, 422)
    return RedirectResponse("/deadlines", status_code=303)


def _day_of(day: str) -> date:
    found = values.day(day)
    if found is None:
        raise InvalidRefusal(reason("until", "Choose the day on which you want to be reminded."))
    return found


@router.post("/extensions/{extension}")
async def decide(request: Request, asker: Asker, extension: RowId) -> Response:
    """Grant or refuse what a department asked for."""
    form = await read_form(request)
    chosen = str(form.get("decision") or "")
    links = [{"href": "/deadlines", "label": translate("To the deadlines")}]
    command = DecideExtension(
        extension=extension,
        is_granted=chosen == "grant",
        answer=str(form.get("answer") or ""),
        cause=Cause(
            actor=asker.person.id,
            via=Via.PAGE,
            method=asker.method,
            command_id=f"{form_key(form)}:{extension}",
            digest=form_digest(form),
        ),
    )
    try:
        await _chosen(request, command, chosen)
    except InvalidRefusal as refusal:
        typed = [(translate("Comment"), command.answer)] if command.answer else []
        shown = {
            "heading": translate("The decision was not recorded"),
            "sentences": [translate(each) for each in refusal.reasons],
            "typed": typed,
            "links": links,
        }
        return page(request, asker, "sentence.html", shown, 422)
    return RedirectResponse("/deadlines", status_code=303)


async def _chosen(request: Request, command: DecideExtension, chosen: str) -> None:
    if chosen not in {"grant", "refuse"}:
        raise InvalidRefusal(reason("decision", "Choose to agree or not."))
    await application(request).database.write(command)
