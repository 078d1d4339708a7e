"""Asking for another day, the Office's answer, and putting off one's own reminders."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import ClassVar, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from api.auth.callers import Asker, Parts, RowId
from api.composition import Application
from api.problems import page_status
from api.web.dates import day_text, hour_and_day
from api.web.errors import reasons_in_words
from api.web.flash import redirect_with_flash
from api.web.form_fields import date_in, day_in, text_in
from api.web.forms import page_cause, read_form, refused_form, shown_again
from api.web.rendering import FormPage, PageLink, SentencePage, render_page
from notifications.translation import translate
from workflow import values
from workflow.commands.extensions import WHY_LIMIT, AskExtension, DecideExtension
from workflow.commands.snooze import SnoozeReminders
from workflow.errors import InvalidRefusal, KeyReusedRefusal, NotFoundRefusal, reason
from workflow.messages import Message, lazy
from workflow.model import DepartmentId, Person
from workflow.people import may_see_deadline
from workflow.queries import deadlines

router = APIRouter(prefix="/deadlines")
_ASKED_AT: Final = {"wanted_at": "day", "why": "why"}
"""The field of the request for more time that each rule is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionPage(FormPage):
    """The form that asks for another day."""

    template: ClassVar[str] = "extension.html"
    owed: Message
    due: str


@router.get("/{deadline_id}/extension")
async def ask_form(request: Request, parts: Parts, asker: Asker, deadline_id: RowId) -> Response:
    """Show the form that asks for another day for one's own department."""
    shown = await _form_page(parts, asker.person, deadline_id)
    return render_page(request, asker, shown)


async def _form_page(parts: Application, person: Person, deadline_id: int) -> ExtensionPage:
    deadline = await parts.database.read(
        lambda connection: deadlines.deadline_by_id(connection, deadline_id)
    )
    if person.department not in deadline.departments:
        raise NotFoundRefusal(lazy("your department's deadline"))
    return ExtensionPage(
        owed=deadline.owed,
        due=hour_and_day(parts, deadline.due_at),
    )


@router.post("/{deadline_id}/extension")
async def ask(request: Request, parts: Parts, asker: Asker, deadline_id: RowId) -> Response:
    """Ask for another day; refused, the form comes back with what was typed."""
    form = await read_form(request)
    why = text_in(form, "why")
    try:
        command = AskExtension(
            deadline=deadline_id,
            department=DepartmentId(asker.person.department or ""),
            wanted_at=_end_of(day_in(form, "day"), why, parts.context.calendar.zone),
            why=why,
            cause=page_cause(asker, form),
        )
        await parts.database.write(command)
    except (InvalidRefusal, KeyReusedRefusal) as refusal:
        shown = shown_again(await _form_page(parts, asker.person, deadline_id), form, refusal)
        shown = replace(shown, errors=reasons_in_words(refusal, _ASKED_AT))
        return render_page(request, asker, shown, page_status(refusal))
    told = translate("Your request for more time is with the Office.")
    return redirect_with_flash(request, asker, "/deadlines", told)


def _end_of(day: str, why: str, zone: ZoneInfo) -> datetime:
    """Return the end of the day that is asked for. Raises InvalidRefusal with all that is wrong."""
    found = values.local_instant(day, "17:00")
    if found is None:
        problems = [reason("wanted_at", "Choose the day that you ask for.")]
        if wrong := values.lines_fault(why, WHY_LIMIT):
            problems.append(
                reason("why", "Say why an extension is asked for. The reason {wrong}", wrong=wrong)
            )
        raise InvalidRefusal(*problems)
    return found.replace(tzinfo=zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class SnoozePage(FormPage):
    """The form that puts off one's own reminders."""

    template: ClassVar[str] = "snooze.html"
    owed: Message
    due: str
    until: str
    """The day until which they are put off now; empty: they are not."""


@router.get("/{deadline_id}/snooze")
async def snooze_form(request: Request, parts: Parts, asker: Asker, deadline_id: RowId) -> Response:
    """Show the form that puts off one's own reminders of a deadline."""
    return render_page(request, asker, await _snooze_page(parts, asker.person, deadline_id))


async def _snooze_page(parts: Application, person: Person, deadline_id: int) -> SnoozePage:
    deadline, put_off = await parts.database.read(
        lambda connection: (
            deadlines.deadline_by_id(connection, deadline_id),
            deadlines.snoozes(connection),
        )
    )
    if not may_see_deadline(person, deadline.departments):
        raise NotFoundRefusal(lazy("this deadline"))
    until = put_off.get((deadline.id, person.id))
    is_put_off = until is not None and until > parts.context.calendar.local_day(parts.clock.now())
    return SnoozePage(
        owed=deadline.owed,
        due=hour_and_day(parts, deadline.due_at),
        until=day_text(until) if until is not None and is_put_off else "",
    )


@router.post("/{deadline_id}/snooze")
async def snooze(request: Request, parts: Parts, asker: Asker, deadline_id: RowId) -> Response:
    """Put off one's own reminders before the due day; ``end``: be reminded as planned again."""
    form = await read_form(request)
    try:
        command = SnoozeReminders(
            deadline=deadline_id,
            until=None if form.get("action") == "end" else _day_of(form),
            cause=page_cause(asker, form, f"snooze:{deadline_id}"),
        )
        await parts.database.write(command)
    except InvalidRefusal as refusal:
        return refused_form(
            request, asker, await _snooze_page(parts, asker.person, deadline_id), form, refusal
        )
    told = (
        translate("You are reminded of this deadline as planned again.")
        if command.until is None
        else translate(
            "Your reminders of this deadline are put off until {day}.", day=day_text(command.until)
        )
    )
    return redirect_with_flash(request, asker, "/deadlines", told)


def _day_of(form: FormData) -> date:
    found = date_in(form, "until")
    if found is None:
        raise InvalidRefusal(reason("until", "Choose the day on which you want to be reminded."))
    return found


@router.post("/extensions/{extension}")
async def decide(request: Request, parts: Parts, asker: Asker, extension: RowId) -> Response:
    """Grant or refuse what a department asked for."""
    form = await read_form(request)
    answer = text_in(form, "answer")
    try:
        command = DecideExtension(
            extension=extension,
            is_granted=_is_granted(text_in(form, "decision")),
            answer=answer,
            cause=page_cause(asker, form, str(extension)),
        )
        await parts.database.write(command)
    except InvalidRefusal as refusal:
        shown = SentencePage(
            heading=translate("The decision was not recorded"),
            sentences=reasons_in_words(refusal),
            links=[PageLink(href="/deadlines", label=translate("To the deadlines"))],
        )
        typed = [(translate("Comment"), answer)] if answer else []
        return render_page(request, asker, replace(shown, typed=typed), page_status(refusal))
    told = (
        translate("More time is granted; the department is told.")
        if command.is_granted
        else translate("More time is refused; the department is told.")
    )
    return redirect_with_flash(request, asker, "/deadlines", told)


def _is_granted(chosen: str) -> bool:
    if chosen not in {"grant", "refuse"}:
        raise InvalidRefusal(reason("decision", "Choose to agree or not."))
    return chosen == "grant"
