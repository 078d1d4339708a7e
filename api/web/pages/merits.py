"""Good people and deeds of a campaign: noted in two minutes, followed by the Office, exported for the yearly evaluation."""

import asyncio
import secrets
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from api.auth.callers import RowId, application
from api.auth.sessions import Caller
from api.composition import Application
from api.spreadsheets import SHEET, sheet
from api.web.dates import hour_and_day
from api.web.forms import form_digest, form_key, read_form, typed_again
from api.web.pages.item import campaign_choices
from api.web.rendering import Asker, page
from notifications.translation import translate
from workflow.command import Cause
from workflow.commands.merits import NoteMerit, RecordMerit, recognitions, visible_merit
from workflow.definition import Label
from workflow.errors import Refusal
from workflow.messages import lazy
from workflow.model import DRAFTERS, READS_ALL, DepartmentId, MeritStanding, Via
from workflow.people import by_given_name, may_set_deadlines, scope_of
from workflow.store import merits, people
from workflow.store.merits import Merit

router = APIRouter(prefix="/merits")
STANDINGS = {
    MeritStanding.NOTED: lazy("Just noted"),
    MeritStanding.FOLLOWED: lazy("Being followed"),
    MeritStanding.NOMINATED: lazy("Nominated"),
    MeritStanding.CLOSED: lazy("Closed"),
}
_LOOKS = {
    MeritStanding.NOTED: "is-waiting",
    MeritStanding.FOLLOWED: "is-waiting",
    MeritStanding.NOMINATED: "is-done",
    MeritStanding.CLOSED: "is-plain",
}
_KINDS = {"individual": lazy("Individual"), "collective": lazy("Collective")}
_COLUMNS = (
    lazy("Day"),
    lazy("Kind"),
    lazy("About"),
    lazy("Name"),
    lazy("Department"),
    lazy("What was done"),
    lazy("Story"),
    lazy("Status"),
    lazy("Nomination"),
    lazy("Noted by"),
)


@router.get("")
async def show_merits(
    request: Request, asker: Asker, campaign: str = "", recognition: str = "", department: str = ""
) -> Response:
    """Show what was noted in a campaign, newest first; the filters live in the address."""
    parts = application(request)
    values = await parts.database.read(
        lambda connection: _listed(parts, connection, asker, campaign, recognition, department)
    )
    return page(
        request,
        asker,
        "merits.html",
        {**values, "typed": {}, "errors": [], "key": secrets.token_hex(16)},
    )


def _listed(
    parts: Application,
    connection: Connection,
    asker: Caller,
    campaign: str,
    recognition: str,
    department: str,
) -> dict[str, Any]:
    campaigns = campaign_choices(connection)
    wanted = (
        campaign
        if campaign in {each["id"] for each in campaigns}
        else (campaigns[-1]["id"] if campaigns else "")
    )
    names = recognitions(connection, wanted)
    departments = {each.id: each.name for each in people.all_departments(connection)}
    found = [
        each
        for each in merits.merits_of(connection, wanted)
        if scope_of(asker.person).covers(each.department)
    ]
    shown = [
        each
        for each in found
        if recognition in ("", each.recognition) and department in ("", each.department)
    ]
    return {
        "rows": [_row(each, names, departments) for each in shown],
        "counts": {
            translate(name): sum(each.recognition == kind for each in found)
            for kind, name in names.items()
        },
        "campaigns": campaigns,
        "campaign": wanted,
        "recognitions": names,
        "recognition": recognition,
        "departments": people.all_departments(connection)
        if asker.person.position in READS_ALL
        else [],
        "department": department,
        "kinds": _KINDS,
        "may_record": asker.person.position in DRAFTERS and asker.person.department is not None,
        "today": parts.context.calendar.local_day(parts.clock.now()).isoformat(),
        "names": sorted(
            {
                each.name
                for each in people.all_people(connection)
                if each.is_active and each.department == asker.person.department
            },
            key=by_given_name,
        ),
    }


def _row(
    merit: Merit, names: dict[str, Label], departments: dict[DepartmentId, str]
) -> dict[str, Any]:
    return {
        "id": merit.id,
        "day": "/".join(reversed(merit.happened_on.split("-"))),
        "recognition": names.get(merit.recognition, merit.recognition),
        "kind": _KINDS[merit.whose_kind],
        "whose": merit.whose,
        "department": departments.get(merit.department, merit.department),
        "what": merit.what,
        "story": merit.story,
        "standing": STANDINGS[merit.standing],
        "look": _LOOKS[merit.standing],
        "code": merit.code,
    }


@router.get(".xlsx")
async def download_merits(
    request: Request, asker: Asker, campaign: str = "", recognition: str = "", department: str = ""
) -> Response:
    """Return what the page shows as a sheet, for the yearly evaluation of civil servants (the plan, III.2a)."""
    parts = application(request)

    def rows(connection: Connection) -> list[list[str]]:
        listed = _listed(parts, connection, asker, campaign, recognition, department)
        known = {each.id: each.name for each in people.all_people(connection)}
        by = {
            each.id: known[each.recorded_by]
            for each in merits.merits_of(connection, listed["campaign"])
        }
        names = (
            "day",
            "recognition",
            "kind",
            "whose",
            "department",
            "what",
            "story",
            "standing",
            "code",
        )
        return [
            [*(str(row[name] or "") for name in names), by[row["id"]]] for row in listed["rows"]
        ]

    found = await parts.database.read(rows)
    now = parts.clock.now()
    title = translate(
        "{name}: new factors and good examples, {hour_and_day}",
        name=parts.agency.name,
        hour_and_day=hour_and_day(parts, now),
    )
    content = await asyncio.to_thread(sheet, translate("Good examples"), title, _COLUMNS, found)
    day = parts.context.calendar.local_day(now).isoformat()
    headers = {
        "Content-Disposition": f'attachment; filename="guong-tot-{day}.xlsx"',
        "Cache-Control": "no-store",
    }
    return Response(content, media_type=SHEET, headers=headers)


@router.post("")
async def record_merit(request: Request, asker: Asker) -> Response:
    """Note a merit as typed; refused, the form comes back whole."""
    parts = application(request)
    form = await read_form(request)
    try:
        merit = await parts.database.write(_command(asker, form))
    except Refusal as refusal:
        campaign = str(form.get("campaign") or "")
        values = await parts.database.read(
            lambda connection: _listed(parts, connection, asker, campaign, "", "")
        )
        typed = {"key": "", **{name: str(value) for name, value in form.items()}}
        errors = [translate(each) for each in refusal.reasons]
        return page(
            request,
            asker,
            "merits.html",
            {
                **values,
                "typed": typed,
                "errors": errors,
                "key": typed_again(typed, refusal)["key"] or secrets.token_hex(16),
            },
            422,
        )
    return RedirectResponse(f"/merits/{merit}", status_code=303)


def _command(asker: Caller, form: FormData) -> RecordMerit:
    typed = {
        name: str(form.get(name) or "")
        for name in (
            "campaign",
            "recognition",
            "whose_kind",
            "whose",
            "what",
            "story",
            "happened_on",
        )
    }
    return RecordMerit(
        **typed,
        cause=Cause(
            actor=asker.person.id,
            via=Via.PAGE,
            method=asker.method,
            command_id=form_key(form),
            digest=form_digest(form),
        ),
    )


@router.get("/{merit}")
async def show_merit(request: Request, asker: Asker, merit: RowId) -> Response:
    """Show one merit with what was said of it."""
    return await _shown(request, asker, merit, errors=[], typed={})


async def _shown(
    request: Request,
    asker: Caller,
    merit: int,
    *,
    errors: list[str],
    typed: dict[str, str],
    status: int = 200,
) -> Response:
    parts = application(request)

    def found(connection: Connection) -> dict[str, Any]:
        shown = visible_merit(connection, merit, asker.person)
        known = {each.id: each.name for each in people.all_people(connection)}
        return {
            "row": _row(
                shown,
                recognitions(connection, shown.campaign),
                {each.id: each.name for each in people.all_departments(connection)},
            ),
            "merit": shown,
            "recorded": f"{known[shown.recorded_by]}, {hour_and_day(parts, shown.recorded_at)}",
            "notes": [
                {
                    "by": known[each.by],
                    "at": hour_and_day(parts, each.at),
                    "standing": STANDINGS[each.standing],
                    "words": each.words,
                }
                for each in merits.notes_of(connection, merit)
            ],
        }

    values = {
        **await parts.database.read(found),
        "may_follow": may_set_deadlines(asker.person),
        "may_nominate": asker.person.position in DRAFTERS,
        "standings": {
            name: label for name, label in STANDINGS.items() if name is not MeritStanding.NOMINATED
        },
        "errors": errors,
        "typed": typed,
        "key": secrets.token_hex(16),
    }
    return page(request, asker, "merit.html", values, status)


@router.post("/{merit}/notes")
async def note_merit(request: Request, asker: Asker, merit: RowId) -> Response:
    """Say something of a merit and give it a standing."""
    form = await read_form(request)
    words, standing = str(form.get("words") or ""), str(form.get("standing") or "")
    command = NoteMerit(
        merit=merit,
        standing=standing,
        words=words,
        cause=Cause(
            actor=asker.person.id,
            via=Via.PAGE,
            method=asker.method,
            command_id=f"{form_key(form)}:{merit}",
            digest=form_digest(form),
        ),
    )
    try:
        await application(request).database.write(command)
    except Refusal as refusal:
        typed = {"words": words, "standing": standing}
        return await _shown(
            request,
            asker,
            merit,
            errors=[translate(each) for each in refusal.reasons],
            typed=typed,
            status=422,
        )
    return RedirectResponse(f"/merits/{merit}", status_code=303)
