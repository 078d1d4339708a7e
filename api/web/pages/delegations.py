"""Who is away and who decides for whom: seen by those concerned, arranged by the Office or by oneself."""

import secrets
from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from api.auth.callers import RowId, application
from api.auth.sessions import Caller
from api.web.forms import form_digest, form_key, read_form
from api.web.rendering import Asker, page
from notifications.translation import translate
from workflow.command import Cause
from workflow.commands.delegations import Delegate, EndAbsence, RecordAbsence
from workflow.errors import Refusal
from workflow.messages import lazy
from workflow.model import Absence, Delegation, Person, PersonId, SignedFor, Via
from workflow.people import by_given_name, may_set_deadlines, may_watch
from workflow.store import people

router = APIRouter(prefix="/standing-in")
_FORMS = {
    SignedFor.KT: lazy("On behalf of (KT.)"),
    SignedFor.TL: lazy("By order of (TL.)"),
    SignedFor.TUQ: lazy("By sub-delegation (TUQ.)"),
}


@router.get("")
async def show(request: Request, asker: Asker, done: str = "") -> Response:
    """Show today's and coming absences and delegations, with the forms to add one."""
    notices = {
        "absence": translate("The absence is recorded. Waiting items have moved."),
        "delegation": translate("The delegation is recorded."),
        "ended": translate("The absence has ended."),
    }
    return await _show(request, asker, notice=notices.get(done, ""))


async def _show(
    request: Request,
    asker: Caller,
    *,
    notice: str = "",
    errors: list[str] | None = None,
    typed: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    parts = application(request)
    today = parts.context.calendar.local_day(parts.clock.now()).isoformat()

    def found(connection: Connection) -> dict[str, Any]:
        known = {each.id: each for each in people.all_people(connection)}
        sees_all = may_watch(asker.person)
        absences = [
            each
            for each in people.absences_from(connection, today)
            if sees_all or asker.person.id in {each.person, each.stand_in}
        ]
        delegations = [
            each
            for each in people.all_delegations(connection)
            if each.ends_on >= today
            and (sees_all or asker.person.id in {each.from_person, each.to_person})
        ]
        kinds = parts.context.rulebooks.newest(connection)
        labels = {identity: translate(book.definition.label) for identity, book in kinds.items()}
        return {
            "absences": [_absence_row(each, known, today, asker) for each in absences],
            "delegations": [_delegation_row(each, known, today, labels) for each in delegations],
            "kinds": labels,
            "people": sorted(
                (each for each in known.values() if each.is_active),
                key=lambda each: by_given_name(each.name),
            ),
        }

    values = await parts.database.read(found)
    arranges = may_set_deadlines(asker.person)
    more = {
        "notice": notice,
        "errors": errors or [],
        "typed": typed or {},
        "today": today,
        "arranges": arranges,
        "forms": _FORMS,
    }
    return page(
        request, asker, "standing_in.html", {**values, **more, "key": secrets.token_hex(16)}, status
    )


def _absence_row(
    absence: Absence, known: dict[PersonId, Person], today: str, asker: Caller
) -> dict[str, Any]:
    return {
        "id": absence.id,
        "who": known[absence.person].name,
        "stand_in": known[absence.stand_in].name if absence.stand_in is not None else "",
        "from": _day(absence.starts_on),
        "until": _day(absence.ends_on),
        "is_now": absence.starts_on <= today,
        "may_end": may_set_deadlines(asker.person) or absence.person == asker.person.id,
    }


def _delegation_row(
    delegation: Delegation, known: dict[PersonId, Person], today: str, labels: dict[str, str]
) -> dict[str, Any]:
    return {
        "from_person": known[delegation.from_person].name,
        "to_person": known[delegation.to_person].name,
        "from": _day(delegation.starts_on),
        "until": _day(delegation.ends_on),
        "is_now": delegation.starts_on <= today,
        "form": _FORMS[delegation.form],
        "document": delegation.document,
        "terms": delegation.terms,
        "kinds": "; ".join(labels.get(each, each) for each in delegation.kinds),
    }


def _day(iso: str) -> str:
    return date.fromisoformat(iso).strftime("%d/%m/%Y")


@router.post("/absences")
async def add_absence(request: Request, asker: Asker) -> Response:
    """Note an absence; refused, the form comes back with what was typed."""
    form = await read_form(request)
    command = RecordAbsence(
        email=_text(form, "person") or asker.person.email,
        stand_in=_text(form, "stand_in") or None,
        starts_on=_text(form, "starts_on"),
        ends_on=_text(form, "ends_on"),
        cause=Cause(
            actor=asker.person.id,
            via=Via.PAGE,
            method=asker.method,
            command_id=f"{form_key(form)}:absence",
            digest=form_digest(form),
        ),
    )
    return await _done(request, asker, form, command, "absence")


@router.post("/absences/{absence}/end")
async def end_absence(request: Request, asker: Asker, absence: RowId) -> Response:
    """End an absence today."""
    form = await read_form(request)
    command = EndAbsence(
        absence=absence,
        cause=Cause(
            actor=asker.person.id,
            via=Via.PAGE,
            method=asker.method,
            command_id=f"{form_key(form)}:{absence}",
            digest=form_digest(form),
        ),
    )
    return await _done(request, asker, form, command, "ended")


@router.post("/delegations")
async def add_delegation(request: Request, asker: Asker) -> Response:
    """Record a delegation; refused, the form comes back with what was typed."""
    form = await read_form(request)
    chosen = _text(form, "form")
    command = Delegate(
        from_email=_text(form, "from") or asker.person.email,
        to_email=_text(form, "to"),
        starts_on=_text(form, "starts_on"),
        ends_on=_text(form, "ends_on"),
        document=_text(form, "document"),
        form=SignedFor(chosen) if chosen in set(SignedFor) else None,
        kinds=tuple(str(each) for each in form.getlist("kinds")),
        terms=_text(form, "terms"),
        cause=Cause(
            actor=asker.person.id,
            via=Via.PAGE,
            method=asker.method,
            command_id=f"{form_key(form)}:delegation",
            digest=form_digest(form),
        ),
    )
    return await _done(request, asker, form, command, "delegation")


async def _done(
    request: Request,
    asker: Caller,
    form: FormData,
    command: RecordAbsence | EndAbsence | Delegate,
    what: str,
) -> Response:
    try:
        await application(request).database.write(command)
    except Refusal as refusal:
        typed = {**{name: str(value) for name, value in form.items()}, "what": what}
        return await _show(
            request,
            asker,
            errors=[translate(each) for each in refusal.reasons],
            typed=typed,
            status=422,
        )
    return RedirectResponse(f"/standing-in?done={what}", status_code=303)


def _text(form: FormData, name: str) -> str:
    return str(form.get(name) or "").strip()
