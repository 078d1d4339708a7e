"""Inspections of departments: those planned, what was found, what is to be mended by when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Asker, Parts, RowId, application
from api.auth.sessions import Caller
from api.web.choices import Choices, department_choices, person_choices
from api.web.dates import day_text
from api.web.flash import redirect_with_flash
from api.web.form_fields import date_in, text_in
from api.web.forms import page_cause, read_form, refused_form
from api.web.list_files import list_file
from api.web.rendering import FormPage, render_page
from notifications.translation import translate
from workflow.commands.inspections import EndInspection, PlanInspection, RecordInspection
from workflow.errors import Refusal
from workflow.lookups.inspections import visible_inspection, visible_inspections
from workflow.messages import lazy
from workflow.model import DepartmentId, PersonId
from workflow.people import may_set_deadlines, require_office
from workflow.queries import people
from workflow.queries.campaigns import campaign_names
from workflow.queries.inspections import CANCELLED, MENDED, Inspection

router = APIRouter(prefix="/inspections")
_COLUMNS = (
    lazy("Campaign"),
    lazy("Department"),
    lazy("Day of the visit"),
    lazy("Who goes"),
    lazy("What it is about"),
    lazy("What was found"),
    lazy("What is to be mended"),
    lazy("To be mended by"),
    lazy("What came of it"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionsPage(FormPage):
    """The inspections that concern the reader, and for the Office the form of another."""

    template: ClassVar[str] = "inspections.html"
    shown: Sequence[Inspection]
    departments: Choices
    inspectors: Choices
    campaigns: Choices
    may_plan: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionPage(FormPage):
    """One inspection, with what the Office can write of it."""

    template: ClassVar[str] = "inspection.html"
    found: Inspection
    department: str
    campaign: str
    people: Mapping[PersonId, str]
    may_write: bool


@router.get("")
async def list_inspections(request: Request, asker: Asker) -> Response:
    """Show every inspection that concerns the reader."""
    return render_page(request, asker, await _inspections_page(request, asker))


async def _inspections_page(request: Request, asker: Caller) -> InspectionsPage:
    def load(connection: Connection) -> InspectionsPage:
        return InspectionsPage(
            shown=visible_inspections(connection, asker.person),
            departments=department_choices(connection),
            inspectors=person_choices(connection),
            campaigns=campaign_names(connection),
            may_plan=may_set_deadlines(asker.person),
        )

    return await application(request).database.read(load)


@router.get(".xlsx")
async def download_inspections(parts: Parts, asker: Asker) -> Response:
    """Return every inspection that concerns the reader as a sheet."""

    def load(connection: Connection) -> list[list[object]]:
        names, campaigns = people.person_names(connection), dict(campaign_names(connection))
        departments = people.department_names(connection)
        return [
            [
                campaigns.get(each.campaign, each.campaign),
                departments[each.department],
                day_text(each.on_day),
                ", ".join(names[who] for who in each.inspectors),
                each.about,
                *_outcome_cells(each),
            ]
            for each in visible_inspections(connection, asker.person)
        ]

    rows = await parts.database.report(load)
    return await list_file(parts, lazy("Inspections"), _COLUMNS, rows, file="kiem-tra")


def _outcome_cells(inspection: Inspection) -> list[object]:
    """Return what was found, what is to be mended by when, and what was written of its end."""
    found, done = inspection.recorded, inspection.outcomes
    end = done.get(MENDED) or done.get(CANCELLED)
    if found is None:
        return ["", "", "", end.words if end else ""]
    mend_by = day_text(found.mend_by) if found.mend_by else ""
    return [found.words, found.to_mend, mend_by, end.words if end else ""]


@router.post("")
async def plan_inspection(request: Request, parts: Parts, asker: Asker) -> Response:
    """Plan a visit; refused, the form comes back with what was typed."""
    require_office(asker.person)
    form = await read_form(request)
    command = PlanInspection(
        cause=page_cause(asker, form),
        campaign=text_in(form, "campaign"),
        department=DepartmentId(text_in(form, "department")),
        on_day=date_in(form, "on_day"),
        inspectors=tuple(str(each) for each in form.getlist("inspectors")),
        about=text_in(form, "about"),
    )
    try:
        found = await parts.database.write(command)
    except Refusal as refusal:
        return refused_form(request, asker, await _inspections_page(request, asker), form, refusal)
    told = translate("The inspection is planned. The Office is reminded of it as of a deadline.")
    return redirect_with_flash(request, asker, f"/inspections/{found}", told)


@router.get("/{inspection}")
async def show_inspection(request: Request, asker: Asker, inspection: RowId) -> Response:
    """Show one inspection."""
    return render_page(request, asker, await _inspection_page(request, asker, inspection))


async def _inspection_page(request: Request, asker: Caller, inspection: int) -> InspectionPage:
    def load(connection: Connection) -> InspectionPage:
        found = visible_inspection(connection, inspection, asker.person)
        return InspectionPage(
            found=found,
            department=people.department_names(connection)[found.department],
            campaign=dict(campaign_names(connection)).get(found.campaign, found.campaign),
            people=people.person_names(connection),
            may_write=may_set_deadlines(asker.person) and not found.is_over,
        )

    return await application(request).database.read(load)


@router.post("/{inspection}")
async def write_inspection(
    request: Request, parts: Parts, asker: Asker, inspection: RowId
) -> Response:
    """Write down what was found, that it is mended, or that the visit was given up."""
    require_office(asker.person)
    form = await read_form(request)
    cause, words = page_cause(asker, form), text_in(form, "words")
    action = text_in(form, "action")
    command: RecordInspection | EndInspection
    if action in {MENDED, CANCELLED}:
        command = EndInspection(cause=cause, inspection=inspection, outcome=action, words=words)
    else:
        command = RecordInspection(
            cause=cause,
            inspection=inspection,
            words=words,
            to_mend=text_in(form, "to_mend"),
            mend_by=date_in(form, "mend_by"),
        )
    try:
        await parts.database.write(command)
    except Refusal as refusal:
        return refused_form(
            request, asker, await _inspection_page(request, asker, inspection), form, refusal
        )
    told = translate("It is written down.")
    return redirect_with_flash(request, asker, f"/inspections/{inspection}", told)
