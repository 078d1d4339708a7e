"""Setting and changing a deadline, with a preview of the mails that this adds and drops."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Final

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from api.auth.callers import Asker, Parts, RowId, application
from api.auth.sessions import Caller
from api.composition import Application
from api.problems import page_status
from api.web.dates import hour_and_day
from api.web.errors import reasons_in_words
from api.web.flash import redirect_with_flash
from api.web.form_fields import text_in
from api.web.forms import form_version, key_again, page_cause, read_form
from api.web.pages.deadline_form import (
    AFTER,
    BEFORE,
    FIELDS,
    OTHER_KIND,
    PLACES,
    RungLine,
    as_typed,
    is_past,
    read_terms,
    rung_lines,
    terms_typed,
)
from api.web.pages.deadline_preview import Preview, preview_of
from api.web.rendering import Page, render_page
from notifications.translation import translate, within_sentence
from workflow.commands.deadlines import SetDeadline
from workflow.deadlines import MOST_OCCURRENCES, Audience, Deadline, Every, Roll
from workflow.errors import (
    Refusal,
)
from workflow.messages import Message, lazy
from workflow.people import require_office
from workflow.queries import deadlines, people
from workflow.queries.campaigns import campaign_names
from workflow.queries.what_if import Change

router = APIRouter(prefix="/deadlines")
Choices = Sequence[tuple[str, Message]]
_KINDS: Final[Choices] = (
    ("interim", lazy("Interim report")),
    ("final", lazy("Final report")),
    ("nominations", lazy("Nominations")),
    (OTHER_KIND, lazy("Another kind")),
)
_REPEATS: Final[Choices] = (
    ("", lazy("Once")),
    (Every.MONTH, lazy("Every month")),
    (Every.QUARTER, lazy("Every quarter")),
    (Every.HALF_YEAR, lazy("Every six months")),
    (Every.YEAR, lazy("Every year")),
)
_ROLLS: Final[Choices] = (
    (Roll.PREVIOUS, lazy("Move to the working day before")),
    (Roll.NEXT, lazy("Move to the working day after")),
    (Roll.NONE, lazy("Leave as it is")),
)
_AUDIENCES: Final[Choices] = (
    (Audience.DRAFTER, lazy("Author")),
    (Audience.HEAD, lazy("Heads of departments")),
    (Audience.OFFICE, lazy("The Office")),
    (Audience.DIRECTORATE, lazy("Directorate")),
)
_SIDES: Final[Choices] = (
    (BEFORE, lazy("days before")),
    (AFTER, lazy("days after")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineFormPage(Page):
    """The form of a deadline, new or present."""

    template: ClassVar[str] = "deadline_form.html"
    heading: str
    is_new: bool
    campaigns: Sequence[tuple[str, str]]
    departments: Sequence[tuple[str, str]]
    typed: Mapping[str, object]
    rungs: Sequence[RungLine]
    key: str
    kinds: Choices = _KINDS
    repeats: Choices = _REPEATS
    most: int = MOST_OCCURRENCES
    rolls: Choices = _ROLLS
    audiences: Choices = _AUDIENCES
    sides: Choices = _SIDES
    places: Sequence[Message] = tuple(PLACES.values())
    errors: Sequence[str] = ()
    asks_confirm: bool = False
    preview: Preview | None = None


@router.get("/new")
async def new_deadline(request: Request, parts: Parts, asker: Asker) -> Response:
    """Show the form for a new deadline."""
    require_office(asker.person)
    return render_page(request, asker, await _form_page(parts, None, None))


@router.post("/new")
async def set_deadline(request: Request, asker: Asker) -> Response:
    """Set a deadline as typed."""
    return await _save(request, asker, None)


@router.get("/{deadline_id}")
async def edit_deadline(
    request: Request, parts: Parts, asker: Asker, deadline_id: RowId
) -> Response:
    """Show the form with the present terms."""
    require_office(asker.person)
    deadline = await deadline_of(parts, deadline_id)
    return render_page(request, asker, await _form_page(parts, deadline, None))


@router.post("/{deadline_id}")
async def change_deadline(
    request: Request, parts: Parts, asker: Asker, deadline_id: RowId
) -> Response:
    """Change the deadline that was shown."""
    return await _save(request, asker, await deadline_of(parts, deadline_id))


async def deadline_of(parts: Application, deadline_id: int) -> Deadline:
    """Return a deadline. Raises NotFoundRefusal."""
    return await parts.database.read(
        lambda connection: deadlines.deadline_by_id(connection, deadline_id)
    )


async def _save(request: Request, asker: Caller, deadline: Deadline | None) -> Response:
    """Save or preview the terms as typed; refused, the form comes back whole."""
    require_office(asker.person)
    parts = application(request)
    form = await read_form(request)
    if text_in(form, "action").partition("-")[0] in {"add", "drop"}:
        return render_page(request, asker, await _form_page(parts, deadline, form))
    try:
        terms, series = read_terms(form, parts.context.calendar.zone, deadline)
        if form.get("action") == "preview":
            change = Change(deadline=terms, repeats=series, replaces=deadline.id if deadline else 0)
            preview = await preview_of(parts, change)
            shown = await _form_page(parts, deadline, form)
            return render_page(request, asker, replace(shown, preview=preview))
        saved = await parts.database.write(
            SetDeadline(
                terms=terms,
                cause=page_cause(asker, form),
                confirm=form.get("confirm") == "yes",
                deadline=deadline.id if deadline else None,
                version=form_version(form) if deadline else None,
                repeats=series,
            )
        )
    except Refusal as refusal:
        shown = replace(
            await _form_page(parts, deadline, form),
            key=key_again(form, refusal),
            errors=reasons_in_words(refusal, FIELDS),
            asks_confirm=is_past(form, parts.context.calendar.zone, parts.clock.now()),
        )
        return render_page(request, asker, shown, page_status(refusal))
    told = translate(
        "The deadline is recorded: {due}. Reminders follow it.",
        due=hour_and_day(parts, (await deadline_of(parts, saved)).due_at),
    )
    return redirect_with_flash(request, asker, "/deadlines", told)


async def _form_page(
    parts: Application, deadline: Deadline | None, form: FormData | None
) -> DeadlineFormPage:
    """Return the form as typed, else as the deadline is, else empty with every department."""
    departments = await parts.database.read(people.all_departments)
    typed: Mapping[str, object] = {"departments": [each.id for each in departments]}
    if form is not None:
        typed = as_typed(form)
    elif deadline is not None:
        typed = terms_typed(deadline, parts.context.calendar.zone)
    return DeadlineFormPage(
        heading=translate("Set a deadline")
        if deadline is None
        else translate("Change the deadline: {owed}", owed=within_sentence(deadline.owed)),
        is_new=deadline is None,
        campaigns=await parts.database.read(campaign_names),
        departments=[(each.id, each.name) for each in departments],
        typed=typed,
        rungs=rung_lines(form, deadline),
        key=str(typed.get("key") or secrets.token_hex(16)),
    )
