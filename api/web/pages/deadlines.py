"""Deadlines, as the Office sets them and departments read them."""

import re
import secrets
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from api.auth.callers import RowId, application
from api.auth.sessions import Caller
from api.composition import Application
from api.web.dates import hour_and_day
from api.web.forms import form_digest, form_key, form_version, read_form, typed_again
from api.web.hints import hint_for
from api.web.pages.item import campaign_choices
from api.web.rendering import Asker, page
from notifications.mail_context import days_left, rung_words
from notifications.reminder_register import ReminderRow
from notifications.translation import translate
from workflow.command import Cause
from workflow.commands.deadlines import RemindNow, SetDeadline
from workflow.commands.snooze import is_reminded
from workflow.context import searchable
from workflow.deadlines import (
    DEFAULT_LADDER,
    MOST_OCCURRENCES,
    Audience,
    Deadline,
    Every,
    Repeats,
    Roll,
    Rung,
)
from workflow.errors import (
    InvalidInputError,
    InvalidRefusal,
    NotFoundRefusal,
    NotPermittedRefusal,
    Refusal,
    reason,
)
from workflow.lookups.deadline_terms import DeadlineTerms
from workflow.lookups.obligations import obligations
from workflow.messages import lazy
from workflow.model import READS_ALL, Department, DepartmentId, ExtensionState, ReminderState, Via
from workflow.people import may_set_deadlines
from workflow.queries.what_if import Change, Mail, foretold_mails
from workflow.store import deadlines, extensions, people
from workflow.values import local_instant

router = APIRouter(prefix="/deadlines")
_KINDS = (
    ("interim", lazy("Interim report")),
    ("final", lazy("Final report")),
    ("nominations", lazy("Nominations")),
    ("other", lazy("Another kind")),
)
_OTHER = "other"
_REPEATS = (
    ("", lazy("Once")),
    (Every.MONTH.value, lazy("Every month")),
    (Every.QUARTER.value, lazy("Every quarter")),
    (Every.HALF_YEAR.value, lazy("Every six months")),
    (Every.YEAR.value, lazy("Every year")),
)
_ROLLS = (
    ("previous", lazy("Move to the working day before")),
    ("next", lazy("Move to the working day after")),
    ("none", lazy("Leave as it is")),
)
_AUDIENCES = (
    (Audience.DRAFTER, lazy("Author")),
    (Audience.HEAD, lazy("Heads of departments")),
    (Audience.OFFICE, lazy("The Office")),
    (Audience.DIRECTORATE, lazy("Directorate")),
)
_RUNG_LINES = 8
_WHOLE = re.compile(r"[-+]?[0-9]{1,3}")
_UNFIT = re.compile(r"[^a-z0-9]+")
_KIND_LENGTH = 32


@router.get("")
async def list_deadlines(request: Request, asker: Asker) -> Response:
    """Show each deadline with who has delivered and who is reminded next."""
    parts = application(request)
    sees_all = asker.person.position in READS_ALL
    reminders = await parts.database.report(parts.reminders.rows)

    def found(connection: Connection) -> dict[str, Any]:
        met = obligations(parts.context, connection).met
        departments = {each.id: each for each in people.all_departments(connection)}
        campaigns = {each["id"]: each["name"] for each in campaign_choices(connection)}
        shown = [
            each
            for each in deadlines.all_deadlines(connection)
            if sees_all or asker.person.department in each.departments
        ]
        return {
            "rows": [
                _row(parts, each, campaigns[each.campaign], departments, met, reminders)
                for each in shown
            ],
            "hint": hint_for(connection, asker.person, "deadlines"),
            "snoozes": _snoozes(parts, connection, asker, shown),
            "asked": [
                {
                    "id": each.id,
                    "department": departments[each.department].name,
                    "is_own": each.department == asker.person.department,
                    "wanted": hour_and_day(parts, each.wanted_at),
                    "why": each.why,
                    "kind": next(one.called for one in shown if one.id == each.deadline),
                }
                for each in extensions.extensions_of(connection, [each.id for each in shown])
                if each.state is ExtensionState.ASKED
                and (sees_all or each.department == asker.person.department)
            ],
            "own": asker.person.department,
            "key": secrets.token_hex(16),
            "may_set": may_set_deadlines(asker.person),
            "notice": "",
        }

    return page(request, asker, "deadlines.html", await parts.database.read(found))


def _snoozes(
    parts: Application, connection: Connection, asker: Caller, shown: list[Deadline]
) -> dict[int, str]:
    """Return the deadlines still to come that remind the asker, with the day until which they put that off."""
    now = parts.clock.now()
    directory = parts.context.directory(connection, now)
    put_off, owed = deadlines.snoozes(connection), obligations(parts.context, connection)
    found = {}
    for each in shown:
        if each.due_at > now and is_reminded(directory, owed, each, asker.person.id):
            until = put_off.get((each.id, asker.person.id))
            found[each.id] = (
                until.strftime("%d/%m/%Y")
                if until is not None and until > parts.context.calendar.local_day(now)
                else ""
            )
    return found


def _row(
    parts: Application,
    deadline: Deadline,
    campaign: str,
    departments: dict[DepartmentId, Department],
    met: frozenset[Any],
    reminders: list[ReminderRow],
) -> dict[str, Any]:
    calendar, now = parts.context.calendar, parts.clock.now()

    def next_reminder(department: str) -> str:
        coming = [
            row.at
            for row in reminders
            if row.deadline == deadline.id
            and row.state is ReminderState.PLANNED
            and department in row.departments
        ]
        return hour_and_day(parts, min(coming)) if coming else ""

    return {
        "id": deadline.id,
        "kind": deadline.called,
        "campaign": campaign,
        "due": hour_and_day(parts, deadline.due_at),
        "left": days_left(calendar, now, deadline.due_at),
        "is_late": deadline.due_at < now,
        "data_until": "/".join(reversed(deadline.data_until.split("-"))),
        "departments": [
            {
                "id": each,
                "name": departments[each].name,
                "is_met": (deadline.campaign, deadline.kind, each) in met,
                "next": next_reminder(each),
            }
            for each in deadline.departments
        ],
    }


@router.get("/new")
async def new_deadline(request: Request, asker: Asker) -> Response:
    """Show the form for a new deadline."""
    _require_office(asker)
    return await _form(request, asker, typed={}, errors=[], deadline=None)


def _require_office(asker: Caller) -> None:
    if not may_set_deadlines(asker.person):
        raise NotPermittedRefusal(reason("office", "Only the Office may set deadlines and remind."))


async def _form(
    request: Request,
    asker: Caller,
    *,
    typed: dict[str, Any],
    errors: list[str],
    deadline: Deadline | None,
    status: int = 200,
    preview: dict[str, Any] | None = None,
) -> Response:
    parts = application(request)
    departments = await parts.database.read(people.all_departments)
    values = {
        "heading": translate("Set a deadline")
        if deadline is None
        else translate("Change the deadline of the {called} report", called=deadline.called),
        "is_new": deadline is None,
        "campaigns": await parts.database.read(campaign_choices),
        "kinds": _KINDS,
        "repeats": _REPEATS,
        "most": MOST_OCCURRENCES,
        "rolls": _ROLLS,
        "departments": departments,
        "typed": typed or {"departments": [each.id for each in departments]},
        "errors": errors,
        "key": typed.get("key") or secrets.token_hex(16),
        "asks_confirm": bool(errors),
        "rungs": _rung_lines(typed, deadline),
        "audiences": _AUDIENCES,
        "preview": preview,
    }
    return page(request, asker, "deadline_form.html", values, status)


def _rung_lines(typed: dict[str, Any], deadline: Deadline | None) -> list[dict[str, Any]]:
    """Return the lines of the ladder: as typed, else as they are, with empty ones to add."""
    if any(name.startswith("rung-") for name in typed):
        return [
            {
                "days": typed.get(f"rung-{place}", ""),
                "to": typed.get(f"rung-{place}-to", []),
                "words": typed.get(f"rung-{place}-words", ""),
            }
            for place in range(_RUNG_LINES)
        ]
    present = [
        {"days": str(each.days), "to": list(each.to), "words": each.words}
        for each in (deadline.ladder if deadline else DEFAULT_LADDER)
    ]
    return [
        *present,
        *({"days": "", "to": [], "words": ""} for _ in range(_RUNG_LINES - len(present))),
    ]


@router.post("/new")
async def set_deadline(request: Request, asker: Asker) -> Response:
    """Set a deadline as typed."""
    parts = application(request)
    form = await read_form(request)
    try:
        terms = _terms(
            parts, form, campaign=str(form.get("campaign", "")), kind=str(form.get("kind", ""))
        )
        if form.get("action") == "preview":
            _require_office(asker)
            return await _form(
                request,
                asker,
                typed=_typed(form),
                errors=[],
                deadline=None,
                preview=await _preview(parts, terms, None, _repeats(form)),
            )
        await parts.database.write(_command(asker, form, terms))
    except Refusal as refusal:
        return await _form(
            request,
            asker,
            typed=typed_again(_typed(form), refusal),
            errors=[translate(each) for each in refusal.reasons],
            deadline=None,
            status=422,
        )
    return RedirectResponse("/deadlines", status_code=303)


async def _preview(
    parts: Application,
    terms: DeadlineTerms,
    deadline: Deadline | None,
    repeats: Repeats | None = None,
) -> dict[str, Any]:
    """Return the mails that saving these terms would add and drop, in words; nothing is written. Raises InvalidRefusal."""
    change = Change(deadline=terms, repeats=repeats, replaces=deadline.id if deadline else 0)

    def foretold(connection: Connection) -> dict[str, Any]:
        new, gone = foretold_mails(parts.context, connection, change)
        known = {each.email: each.name for each in people.all_people(connection)}
        departments = {str(each.id): each.name for each in people.all_departments(connection)}
        return {
            name: [_mail(parts, each, known, departments) for each in mails]
            for name, mails in (("new", new), ("gone", gone))
        }

    try:
        return await parts.database.report(foretold)
    except InvalidInputError as exc:
        raise InvalidRefusal(
            *(reason("deadline", "{problem}", problem=each) for each in exc.problems)
        ) from exc


def _mail(
    parts: Application, mail: Mail, known: dict[str, str], departments: dict[str, str]
) -> dict[str, str]:
    why = rung_words(-mail.days)
    about = ", ".join(departments.get(each, each) for each in mail.departments)
    return {
        "at": hour_and_day(parts, mail.at),
        "to": known.get(mail.to, mail.to),
        "why": why,
        "about": about,
    }


def _command(
    asker: Caller, form: FormData, terms: DeadlineTerms, deadline: Deadline | None = None
) -> SetDeadline:
    return SetDeadline(
        terms=terms,
        cause=Cause(
            actor=asker.person.id,
            via=Via.PAGE,
            method=asker.method,
            command_id=form_key(form),
            digest=form_digest(form),
        ),
        confirm=form.get("confirm") == "yes",
        deadline=deadline.id if deadline else None,
        version=form_version(form) if deadline else None,
        repeats=None if deadline else _repeats(form),
    )


def _repeats(form: FormData) -> Repeats | None:
    """Return the series as chosen. Raises InvalidRefusal where the number of occurrences is none."""
    every, times = str(form.get("every") or ""), str(form.get("times") or "").strip()
    if not every:
        return None
    if every not in set(Every):
        raise InvalidRefusal(reason("repeats", "This is no interval. Choose one."))
    if not _WHOLE.fullmatch(times):
        raise InvalidRefusal(
            reason(
                "repeats",
                "Write how many deadlines the series has, from 2 to {limit}.",
                limit=MOST_OCCURRENCES,
            )
        )
    return Repeats(every=Every(every), times=int(times))


def _terms(
    parts: Application, form: FormData, *, campaign: str, kind: str, before: Deadline | None = None
) -> DeadlineTerms:
    local = local_instant(str(form.get("due_day") or ""), str(form.get("due_time") or ""))
    roll = str(form.get("roll", "previous"))
    if local is None or roll not in set(Roll):
        raise InvalidRefusal(
            reason("due_at", "The due day and hour are not right. Choose them again.")
        )
    name = before.name if before else ""
    if kind == _OTHER and before is None:
        name = str(form.get("name") or "").strip()
        kind = _UNFIT.sub("-", searchable(name)).strip("-0123456789")[:_KIND_LENGTH].strip("-")
    if not kind:
        raise InvalidRefusal(
            reason("kind", "Choose the kind of report; for another kind, write its name.")
        )
    return DeadlineTerms(
        campaign=campaign,
        kind=kind,
        departments=tuple(DepartmentId(str(each)) for each in form.getlist("departments")),
        due_at=local.replace(tzinfo=parts.context.calendar.zone),
        roll=Roll(roll),
        ladder=_ladder(form) or (before.ladder if before else DEFAULT_LADDER),
        name=name,
        data_until=str(form.get("data_until") or ""),
    )


def _ladder(form: FormData) -> tuple[Rung, ...]:
    """Return the rungs as typed; a line without a day or without anybody is no rung. Raises InvalidRefusal for a day that is none."""
    rungs = []
    for place in range(_RUNG_LINES):
        days = str(form.get(f"rung-{place}") or "").strip()
        chosen = [str(each) for each in form.getlist(f"rung-{place}-to")]
        if not days and not chosen:
            continue
        to = tuple(Audience(each) for each in chosen if each in set(Audience))
        if not _WHOLE.fullmatch(days) or not to or len(to) < len(chosen):
            raise InvalidRefusal(
                reason(
                    "ladder",
                    "Each reminder needs a number of working days (negative is before the "
                    "deadline) and at least one recipient.",
                )
            )
        words = str(form.get(f"rung-{place}-words") or "").strip()
        rungs.append(Rung(days=int(days), to=to, words=words))
    return tuple(sorted(rungs, key=lambda each: each.days))


def _typed(form: FormData) -> dict[str, Any]:
    several = {"departments", *(f"rung-{place}-to" for place in range(_RUNG_LINES))}
    typed: dict[str, Any] = {
        name: str(value) for name, value in form.items() if name not in several
    }
    return {**typed, **{name: [str(each) for each in form.getlist(name)] for name in several}}


async def _deadline(parts: Application, deadline_id: int) -> Deadline:
    found = await parts.database.read(
        lambda connection: deadlines.find_deadline(connection, deadline_id)
    )
    if found is None:
        raise NotFoundRefusal(lazy("this deadline"))
    return found


@router.get("/{deadline_id}")
async def edit_deadline(request: Request, asker: Asker, deadline_id: RowId) -> Response:
    """Show the form with the present terms."""
    _require_office(asker)
    parts = application(request)
    deadline = await _deadline(parts, deadline_id)
    local = deadline.due_at.astimezone(parts.context.calendar.zone)
    typed = {
        "departments": list(deadline.departments),
        "due_day": local.date().isoformat(),
        "due_time": local.strftime("%H:%M"),
        "roll": deadline.roll.value,
        "data_until": deadline.data_until,
        "version": deadline.version,
    }
    return await _form(request, asker, typed=typed, errors=[], deadline=deadline)


@router.post("/{deadline_id}")
async def change_deadline(request: Request, asker: Asker, deadline_id: RowId) -> Response:
    """Change the deadline that was shown."""
    parts = application(request)
    form = await read_form(request)
    deadline = await _deadline(parts, deadline_id)
    try:
        terms = _terms(parts, form, campaign=deadline.campaign, kind=deadline.kind, before=deadline)
        if form.get("action") == "preview":
            _require_office(asker)
            return await _form(
                request,
                asker,
                typed=_typed(form),
                errors=[],
                deadline=deadline,
                preview=await _preview(parts, terms, deadline),
            )
        await parts.database.write(_command(asker, form, terms, deadline))
    except Refusal as refusal:
        return await _form(
            request,
            asker,
            typed=typed_again(_typed(form), refusal),
            errors=[translate(each) for each in refusal.reasons],
            deadline=deadline,
            status=409,
        )
    return RedirectResponse("/deadlines", status_code=303)


@router.get("/{deadline_id}/remind")
async def remind_form(
    request: Request, asker: Asker, deadline_id: RowId, department: str = ""
) -> Response:
    """Show the form for a reminder in the Office's own words."""
    _require_office(asker)
    return await _remind_form(request, asker, deadline_id, department, typed={}, errors=[])


async def _remind_form(
    request: Request,
    asker: Caller,
    deadline_id: int,
    department: str,
    *,
    typed: dict[str, Any],
    errors: list[str],
    status: int = 200,
) -> Response:
    parts = application(request)
    deadline = await _deadline(parts, deadline_id)
    found = next(
        (
            each
            for each in await parts.database.read(people.all_departments)
            if each.id == department
        ),
        None,
    )
    if found is None:
        raise NotFoundRefusal(lazy("this department"))
    values = {
        "department": found,
        "kind": deadline.called,
        "due": hour_and_day(parts, deadline.due_at),
        "typed": typed,
        "errors": errors,
        "key": typed.get("key") or secrets.token_hex(16),
    }
    return page(request, asker, "remind.html", values, status)


@router.post("/{deadline_id}/remind")
async def remind(request: Request, asker: Asker, deadline_id: RowId) -> Response:
    """Remind a department now."""
    parts = application(request)
    form = await read_form(request)
    department = str(form.get("department", ""))
    command = RemindNow(
        deadline=deadline_id,
        department=DepartmentId(department),
        message=str(form.get("message", "")),
        cause=Cause(
            actor=asker.person.id,
            via=Via.PAGE,
            method=asker.method,
            command_id=form_key(form),
            digest=form_digest(form),
        ),
    )
    try:
        await parts.database.write(command)
    except Refusal as refusal:
        errors = [translate(each) for each in refusal.reasons]
        return await _remind_form(
            request,
            asker,
            deadline_id,
            department,
            typed=typed_again(_typed(form), refusal),
            errors=errors,
            status=422,
        )
    return RedirectResponse("/deadlines", status_code=303)
