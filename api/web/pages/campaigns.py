"""Campaigns: each with its plan, who has read it, and how far every department is; launched from a form or a file."""

import secrets
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.datastructures import FormData, UploadFile
from starlette.responses import RedirectResponse, Response

from api.auth.callers import application
from api.auth.sessions import Caller
from api.composition import Application
from api.web.charts import Bar, Chart, bars
from api.web.dates import hour_and_day
from api.web.forms import form_digest, form_key, read_form, tidied, typed_again
from api.web.pages.campaign_form import campaign_from_form, read_launch_file
from api.web.rendering import Asker, page
from notifications.translation import translate
from workflow.command import Cause
from workflow.commands.campaigns import (
    Overview,
    ReadPlan,
    campaign_of,
    campaigns_in,
    overview,
    progress_of,
)
from workflow.commands.organization import LaunchCampaign
from workflow.deadlines import Step
from workflow.definition import Campaign
from workflow.errors import InvalidInputError, InvalidRefusal, NotPermittedRefusal, Refusal, reason
from workflow.model import READS_ALL, Person, Via
from workflow.people import by_given_name, may_manage_people, may_watch
from workflow.queries.back_planning import PAST_ITEMS, quality, straight_way
from workflow.store import campaigns, people

router = APIRouter(prefix="/campaigns")
_FILE_LIMIT = 200_000


@router.get("")
async def list_campaigns(request: Request, asker: Asker) -> Response:
    """Show every campaign with its dates and how far it is."""
    parts = application(request)
    only = None if asker.person.position in READS_ALL else asker.person.department

    def found(connection: Connection) -> list[dict[str, Any]]:
        today = parts.context.calendar.local_day(parts.clock.now())
        rows = []
        for campaign in campaigns_in(connection):
            progress = progress_of(parts.context, connection, campaign.id, only)
            rows.append(
                {
                    "id": campaign.id,
                    "name": campaign.name,
                    "starts": campaign.starts_on.strftime("%d/%m/%Y"),
                    "ends": campaign.ends_on.strftime("%d/%m/%Y"),
                    "is_over": campaign.ends_on < today,
                    "items": sum(each.total for each in progress),
                    "through": sum(each.through for each in progress),
                    "late": sum(each.late for each in progress),
                    "merits": sum(each.merits for each in progress),
                }
            )
        return rows[::-1]

    values = {
        "rows": await parts.database.report(found),
        "may_launch": may_manage_people(asker.person),
    }
    return page(request, asker, "campaigns.html", values)


@router.get("/new")
async def launch_form(request: Request, asker: Asker) -> Response:
    """Show the form that launches a campaign."""
    _require_launcher(asker)
    return await _launch_form(request, asker, typed={}, errors=[])


def _require_launcher(asker: Caller) -> None:
    if not may_manage_people(asker.person):
        raise NotPermittedRefusal(
            reason("office", "Only the Office or an administrator may launch a campaign.")
        )


async def _launch_form(
    request: Request, asker: Caller, *, typed: dict[str, str], errors: list[str], status: int = 200
) -> Response:
    values = {"typed": typed, "errors": errors, "key": typed.get("key") or secrets.token_hex(16)}
    return page(request, asker, "campaign_form.html", values, status)


@router.post("/new")
async def launch(request: Request, asker: Asker) -> Response:
    """Launch a campaign as typed, or as a file says; refused, the form comes back whole."""
    _require_launcher(asker)
    parts = application(request)
    async with request.form() as given:
        form = tidied(given)
        try:
            campaign = await _wanted(parts, form)
            command = LaunchCampaign(
                campaign=campaign,
                cause=Cause(
                    actor=asker.person.id,
                    via=Via.PAGE,
                    method=asker.method,
                    command_id=form_key(form),
                    digest=form_digest(form),
                ),
            )
            identity = await parts.database.write(command)
        except (Refusal, InvalidInputError) as problem:
            errors = (
                [translate(each) for each in problem.reasons]
                if isinstance(problem, Refusal)
                else [translate(each) for each in problem.problems]
            )
            typed = typed_again(
                {name: str(value) for name, value in form.items() if isinstance(value, str)},
                problem,
            )
            return await _launch_form(request, asker, typed=typed, errors=errors, status=422)
    return RedirectResponse(f"/campaigns/{identity}", status_code=303)


async def _wanted(parts: Application, form: FormData) -> Campaign:
    """Return the campaign of the form's file if it has one, else of what was typed. Raises InvalidInputError or InvalidRefusal."""
    given = form.get("file")
    if isinstance(given, UploadFile) and given.filename:
        body = await given.read(_FILE_LIMIT + 1)
        if len(body) > _FILE_LIMIT:
            raise InvalidRefusal(
                reason("file", "The plan file is too large. Use a YAML file of less than 200 kB.")
            )
        return read_launch_file(body, given.filename)
    return campaign_from_form(
        form, agency=parts.agency.name, known=await parts.database.read(campaigns_in)
    )


@router.get("/{identity}")
async def show_campaign(request: Request, asker: Asker, identity: str) -> Response:
    """Show a campaign: its plan, who has read it, and the figures of every department, or of one's own."""
    parts = application(request)
    person = asker.person
    only = None if person.position in READS_ALL else person.department

    def found(connection: Connection) -> dict[str, Any]:
        seen = overview(parts.context, connection, identity, only)
        reads = campaigns.reads_of(connection, identity)
        everyone = [
            each for each in people.all_people(connection) if each.is_active and each.department
        ]
        return {
            "campaign": seen.campaign,
            "starts": seen.campaign.starts_on.strftime("%d/%m/%Y"),
            "ends": seen.campaign.ends_on.strftime("%d/%m/%Y"),
            "progress": seen.progress,
            "progress_chart": _progress_chart(seen),
            "balance": seen.balance,
            "steps": _steps(parts, connection, person),
            "most": PAST_ITEMS,
            "read_at": hour_and_day(parts, reads[person.id]) if person.id in reads else "",
            "has_read": len([each for each in everyone if each.id in reads]),
            "everyone": len(everyone),
            "unread": _unread(everyone, set(reads)) if may_watch(person) else [],
            "linked": [
                (each.id, each.name)
                for each in (
                    campaign_of(connection, other) for other in seen.campaign.linked_campaigns
                )
                if each
            ],
            "key": secrets.token_hex(16),
        }

    return page(request, asker, "campaign.html", await parts.database.report(found))


def _progress_chart(seen: Overview) -> Chart | None:
    return bars(
        [
            Bar(
                label=each.department.name,
                parts=[
                    ("done", each.through),
                    ("going", each.on_the_way),
                    ("draft", each.drafting),
                ],
            )
            for each in seen.progress
        ]
    )


def _steps(parts: Application, connection: Connection, person: Person) -> list[dict[str, Any]]:
    """Return, for each kind of item that is sent, the median days of each step with its chart, and returns and lateness per department."""
    names = {each.id: each.name for each in people.all_departments(connection)}
    shown = []
    for kind, book in parts.context.rulebooks.newest(connection).items():
        way = straight_way(book)
        rows = [
            each
            for each in quality(parts.context, connection, kind)
            if person.position in READS_ALL or each.department == person.department
        ]
        if not way or not rows:
            continue
        shown.append(
            {
                "label": translate(book.definition.label),
                "steps": way,
                "chart": _steps_chart(way, [each.medians for each in rows]),
                "rows": [
                    {
                        "name": names[each.department],
                        "count": each.count,
                        "returns": f"{each.returns:.1f}".replace(".", ","),
                        "late": f"{each.late_steps}/{each.steps}",
                        "medians": each.medians,
                    }
                    for each in rows
                ],
            }
        )
    return shown


def _steps_chart(way: list[Step], medians: list[Any]) -> Chart | None:
    rows = []
    for step in way:
        known = sorted(each[step.state] for each in medians if each.get(step.state) is not None)
        rows.append(
            Bar(
                label=translate(step.label),
                parts=[("going", known[len(known) // 2] if known else 0)],
            )
        )
    return bars(rows, unit=translate(" days"))


def _unread(everyone: list[Person], reads: set[Any]) -> list[str]:
    return sorted((each.name for each in everyone if each.id not in reads), key=by_given_name)


@router.post("/{identity}/read")
async def note_read(request: Request, asker: Asker, identity: str) -> Response:
    """Note that the asker has read the plan."""
    form = await read_form(request)
    command = ReadPlan(
        campaign=identity,
        cause=Cause(
            actor=asker.person.id,
            via=Via.PAGE,
            method=asker.method,
            command_id=f"{form_key(form)}:read",
        ),
    )
    await application(request).database.write(command)
    return RedirectResponse(f"/campaigns/{identity}", status_code=303)
