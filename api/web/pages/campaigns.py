"""Campaigns: each with its plan, who has read it, and how far every department is.

Launched from a form or a file.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from api.auth.callers import Asker, Parts
from api.composition import LAUNCH, Application, read_file
from api.problems import page_status
from api.web.dates import day_text, hour_and_day
from api.web.flash import redirect_with_flash
from api.web.forms import page_cause, read_form, shown_again, tidied
from api.web.item_filters import state_choices
from api.web.list_files import list_file
from api.web.pages.back_planning import QualityRow, longest_of, quality_rows
from api.web.pages.campaign_form import campaign_from_form, read_launch_file
from api.web.rendering import FormPage, Page, render_page
from notifications.translation import translate
from workflow.commands.organization import LaunchCampaign
from workflow.commands.read_plan import ReadPlan
from workflow.deadlines import Step
from workflow.definition import (
    Campaign,
    LaunchWords,
    granted_states,
    load_launch_words,
)
from workflow.errors import InvalidInputError, InvalidRefusal, NotFoundRefusal, Refusal, reason
from workflow.lookups.campaigns import campaign_of, campaigns_in
from workflow.messages import lazy
from workflow.model import DepartmentId, Person
from workflow.people import (
    by_given_name,
    may_manage_people,
    may_watch,
    require_people_manager,
    scope_of,
)
from workflow.queries import people
from workflow.queries.back_planning import PAST_ITEMS
from workflow.queries.campaign_trend import Week, trend
from workflow.queries.campaigns import (
    Balance,
    Progress,
    overview,
    plan_readers,
    progress_of,
)
from workflow.queries.quality import quality_way

router = APIRouter(prefix="/campaigns")
_COLUMNS = (
    lazy("Campaigns"),
    lazy("First day"),
    lazy("Last day"),
    lazy("Items"),
    lazy("Sent"),
    lazy("Awarded"),
    lazy("Late at a step"),
    lazy("Good examples"),
)
_FIGURES = ("total", "through", "granted", "late", "merits")
"""What the last columns are the sums of."""
_FILE_LIMIT = 200_000
_PLAN = "plan"


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignsPage(Page):
    """Every campaign."""

    template: ClassVar[str] = "campaigns.html"
    rows: Sequence[tuple[Campaign, Sequence[Progress]]]
    today: date
    may_launch: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignFormPage(FormPage):
    """The form that launches a campaign."""

    template: ClassVar[str] = "campaign_form.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFigures:
    """What each step of one kind of item took, for each department."""

    label: str
    steps: Sequence[Step]
    usual: Mapping[str, float]
    """The working days that each step takes, by its state."""
    rows: Sequence[QualityRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignPage(Page):
    """The figures of one campaign."""

    template: ClassVar[str] = "campaign.html"
    campaign: Campaign
    progress: Sequence[Progress]
    weeks: Sequence[Week]
    is_under_way: bool
    """Whether the last of the weeks is this week."""
    balance: Balance
    counted_of_newest: int | None
    steps: Sequence[StepFigures]
    longest: float
    """The most working days of all: of a slowest step, or of a step's limit."""
    former: Campaign | None
    """The campaign before this one, and how far it came."""
    former_progress: Sequence[Progress]
    late_most: tuple[str, int]
    """The step at which most items are late, and how many."""
    granted_in: str
    """The one state of what was granted; empty where there are several."""
    past: int = PAST_ITEMS


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignPlanPage(Page):
    """The plan of one campaign, and who has read it."""

    template: ClassVar[str] = "campaign_plan.html"
    campaign: Campaign
    read_at: str
    has_read: int
    everyone: int
    unread: Sequence[str]
    linked: Sequence[tuple[str, str]]
    key: str


def _only(person: Person) -> DepartmentId | None:
    """Return the one department whose figures a person reads; None: all."""
    scope = scope_of(person)
    return None if scope.is_everything else scope.department or DepartmentId("")


@router.get("")
async def list_campaigns(request: Request, parts: Parts, asker: Asker) -> Response:
    """Show every campaign with its dates and how far it is."""
    shown = CampaignsPage(
        rows=await _rows(parts, asker.person),
        today=parts.context.calendar.local_day(parts.clock.now()),
        may_launch=may_manage_people(asker.person),
    )
    return render_page(request, asker, shown)


async def _rows(parts: Application, reader: Person) -> list[tuple[Campaign, Sequence[Progress]]]:
    """Return the campaigns, the newest first, each with its figures as the reader may see them."""
    only = _only(reader)

    def load_campaigns(connection: Connection) -> list[tuple[Campaign, Sequence[Progress]]]:
        return [
            (each, progress_of(parts.context, connection, each.id, only))
            for each in reversed(campaigns_in(connection))
        ]

    return await parts.database.report(load_campaigns)


@router.get(".xlsx")
async def download_campaigns(parts: Parts, asker: Asker) -> Response:
    """Return the campaigns as a sheet, with their figures as the reader may see them."""
    rows = [
        [
            each.name,
            day_text(each.starts_on),
            day_text(each.ends_on),
            *(sum(getattr(one, name) for one in progress) for name in _FIGURES),
        ]
        for each, progress in await _rows(parts, asker.person)
    ]
    return await list_file(parts, lazy("Campaigns"), _COLUMNS, rows, file="phong-trao")


@router.get("/new")
async def launch_form(request: Request, asker: Asker) -> Response:
    """Show the form that launches a campaign."""
    require_people_manager(asker.person)
    return render_page(request, asker, CampaignFormPage())


@router.post("/new")
async def launch(request: Request, parts: Parts, asker: Asker) -> Response:
    """Launch a campaign as typed, or as a file says; refused, the form comes back whole."""
    require_people_manager(asker.person)
    async with request.form() as given:
        form = tidied(given)
        try:
            campaign = await _wanted(parts, form)
            command = LaunchCampaign(campaign=campaign, cause=page_cause(asker, form))
            identity = await parts.database.write(command)
        except (Refusal, InvalidInputError) as problem:
            return render_page(
                request, asker, shown_again(CampaignFormPage(), form, problem), page_status(problem)
            )
    told = translate("The campaign is launched.")
    return redirect_with_flash(request, asker, f"/campaigns/{identity}?part={_PLAN}", told)


async def _wanted(parts: Application, form: FormData) -> Campaign:
    """Return the campaign of the form's file, else of what was typed.

    Raises InvalidInputError or InvalidRefusal.
    """
    given = form.get("file")
    if isinstance(given, UploadFile) and given.filename:
        body = await given.read(_FILE_LIMIT + 1)
        if len(body) > _FILE_LIMIT:
            raise InvalidRefusal(
                reason("file", "The plan file is too large. Use a YAML file of less than 200 kB.")
            )
        return read_launch_file(body, given.filename)
    return campaign_from_form(
        form,
        agency=parts.agency.name,
        known=await parts.database.read(campaigns_in),
        words=await run_in_threadpool(_launch_words, parts),
    )


def _launch_words(parts: Application) -> LaunchWords:
    return load_launch_words(*read_file(parts.settings.definition_file(f"documents/{LAUNCH}")))


@router.get("/{identity}")
async def show_campaign(
    request: Request, parts: Parts, asker: Asker, identity: str, part: str = ""
) -> Response:
    """Show the figures of every department in a campaign, or of one's own; else its plan."""
    page_of = _plan_page if part == _PLAN else _campaign_page
    shown = await parts.database.report(
        lambda connection: page_of(parts, connection, identity, asker.person)
    )
    return render_page(request, asker, shown)


def _campaign_page(
    parts: Application, connection: Connection, identity: str, person: Person
) -> CampaignPage:
    only = _only(person)
    seen = overview(parts.context, connection, identity, only)
    steps = _steps(parts, connection, person)
    weeks = trend(parts.context, connection, seen.campaign, only)
    today = parts.context.calendar.local_day(parts.clock.now())
    ended = [each for each in campaigns_in(connection) if each.ends_on < seen.campaign.starts_on]
    books = parts.context.rulebooks.all(connection)
    former = max(ended, key=lambda each: each.ends_on, default=None)
    return CampaignPage(
        campaign=seen.campaign,
        progress=seen.progress,
        weeks=weeks,
        is_under_way=bool(weeks) and weeks[-1].monday + timedelta(weeks=1) > today,
        balance=seen.balance,
        counted_of_newest=seen.counted_of_newest,
        steps=steps,
        longest=longest_of(
            (days for each in steps for days in each.usual.values()),
            (step for each in steps for step in each.steps),
        ),
        former=former,
        former_progress=(progress_of(parts.context, connection, former.id, only) if former else ()),
        late_most=_late_most(parts, connection, seen.late),
        granted_in=_only_one(state for book in books for state in granted_states(book.definition)),
    )


def _only_one(states: Iterable[str]) -> str:
    """Return the state, a list can be narrowed by one; empty where there are several or none."""
    found = set(states)
    return found.pop() if len(found) == 1 else ""


def _late_most(
    parts: Application, connection: Connection, late: Mapping[tuple[str, str], int]
) -> tuple[str, int]:
    found = [
        (each.label, late.get((kind, each.id), 0))
        for kind in parts.context.rulebooks.newest(connection)
        for each in state_choices(parts, connection, kind)
    ]
    return max([("", 0), *found], key=lambda each: each[1])


def _plan_page(
    parts: Application, connection: Connection, identity: str, person: Person
) -> CampaignPlanPage:
    campaign = campaign_of(connection, identity)
    if campaign is None:
        raise NotFoundRefusal(lazy("this campaign"))
    reads = plan_readers(connection, identity)
    everyone = [
        each for each in people.all_people(connection) if each.is_active and each.department
    ]
    unread = sorted((each.name for each in everyone if each.id not in reads), key=by_given_name)
    linked = (campaign_of(connection, other) for other in campaign.linked_campaigns)
    return CampaignPlanPage(
        campaign=campaign,
        read_at=hour_and_day(parts, reads.get(person.id)),
        has_read=len(everyone) - len(unread),
        everyone=len(everyone),
        unread=unread if may_watch(person) else [],
        linked=[(each.id, each.name) for each in linked if each],
        key=secrets.token_hex(16),
    )


def _steps(parts: Application, connection: Connection, person: Person) -> list[StepFigures]:
    """Return the figures of each kind of item that is sent and that ``person`` may read any of."""
    shown = []
    for kind, book in parts.context.rulebooks.newest(connection).items():
        way = quality_way(book)
        rows = quality_rows(parts, connection, kind, person) if way else []
        if rows:
            usual = usual_days(way, [each.medians for each in rows])
            label = translate(book.definition.label)
            shown.append(StepFigures(label=label, steps=way, usual=usual, rows=rows))
    return sorted(shown, key=lambda each: -sum(row.count for row in each.rows))


def usual_days(
    way: Sequence[Step], medians: Sequence[Mapping[str, float | None]]
) -> dict[str, float]:
    """Return the median over the departments of what each step takes, where it is known."""
    known = {
        step.state: sorted(found for each in medians if (found := each.get(step.state)) is not None)
        for step in way
    }
    return {state: found[len(found) // 2] for state, found in known.items() if found}


@router.post("/{identity}/read")
async def note_read(request: Request, parts: Parts, asker: Asker, identity: str) -> Response:
    """Note that the asker has read the plan."""
    form = await read_form(request)
    command = ReadPlan(campaign=identity, cause=page_cause(asker, form, "read"))
    await parts.database.write(command)
    told = translate("It is noted that you have read the plan.")
    return redirect_with_flash(request, asker, f"/campaigns/{identity}?part={_PLAN}", told)
