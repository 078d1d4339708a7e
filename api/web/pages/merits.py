"""Good people and deeds of a campaign.

Noted in two minutes, followed by the Office, exported for the yearly evaluation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from fastapi import APIRouter, Depends, Request
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.responses import Response

from api.auth.callers import Asker, Parts, RowId
from api.auth.sessions import Caller
from api.composition import Application
from api.web.choices import Choices, department_choices
from api.web.dates import day_text, iso_day
from api.web.flash import redirect_with_flash
from api.web.form_fields import text_in
from api.web.forms import page_cause, read_form, refused_form
from api.web.list_files import list_file
from api.web.rendering import FormPage, render_page
from notifications.translation import translate
from workflow.commands.merits import NoteMerit, RecordMerit
from workflow.definition import Label
from workflow.errors import Refusal
from workflow.lookups.merits import recognitions, visible_merit
from workflow.messages import Message, lazy
from workflow.model import (
    DRAFTERS,
    READS_ALL,
    MeritKind,
    MeritStanding,
    Person,
    PersonId,
)
from workflow.people import by_given_name, may_set_deadlines
from workflow.queries import people
from workflow.queries.campaigns import campaign_names
from workflow.queries.merits import Merit, MeritNote, notes_of, visible_merits

router = APIRouter(prefix="/merits")
_STANDINGS = {
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
_KINDS = {MeritKind.INDIVIDUAL: lazy("Individual"), MeritKind.COLLECTIVE: lazy("Collective")}
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


@dataclass(frozen=True, slots=True, kw_only=True)
class MeritFilter:
    """Which merits are wanted; the filters live in the address, an empty one takes all."""

    campaign: str = ""
    recognition: str = ""
    department: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeritRow:
    """A merit as it is read."""

    id: int
    day: str
    recognition: Label | str
    kind: Message
    whose: str
    department: str
    what: str
    story: str
    standing: Message
    look: str
    code: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeritsPage(FormPage):
    """The merits of a campaign, and the form to note one."""

    template: ClassVar[str] = "merits.html"
    rows: Sequence[MeritRow]
    counts: Mapping[str, int]
    campaigns: Choices
    campaign: str
    recognitions: Mapping[str, Label]
    recognition: str
    departments: Choices
    department: str
    may_record: bool
    today: str
    names: Sequence[str]
    kinds: Mapping[MeritKind, Message]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeritPage(FormPage):
    """One merit with what was said of it."""

    template: ClassVar[str] = "merit.html"
    row: MeritRow
    merit: Merit
    known: Mapping[PersonId, Person]
    notes: Sequence[MeritNote]
    labels: Mapping[MeritStanding, Message]
    may_follow: bool
    may_nominate: bool
    standings: Mapping[MeritStanding, Message]


@router.get("")
async def show_merits(
    request: Request,
    parts: Parts,
    asker: Asker,
    wanted: Annotated[MeritFilter, Depends()],
) -> Response:
    """Show what was noted in a campaign, newest first."""
    return render_page(request, asker, await _merits_page(parts, asker.person, wanted))


async def _merits_page(parts: Application, person: Person, wanted: MeritFilter) -> MeritsPage:
    def load_page(connection: Connection) -> MeritsPage:
        campaigns = campaign_names(connection)
        campaign = _campaign(campaigns, wanted)
        kinds = recognitions(connection, campaign)
        readable = visible_merits(connection, person, campaign)
        names = {
            each.name
            for each in people.all_people(connection)
            if each.is_active and each.department == person.department
        }
        return MeritsPage(
            rows=_rows(connection, campaign, _chosen(readable, wanted)),
            counts={
                translate(name): sum(each.recognition == kind for each in readable)
                for kind, name in kinds.items()
            },
            campaigns=campaigns,
            campaign=campaign,
            recognitions=kinds,
            recognition=wanted.recognition,
            departments=department_choices(connection) if person.position in READS_ALL else [],
            department=wanted.department,
            kinds=_KINDS,
            may_record=person.position in DRAFTERS and person.department is not None,
            today=parts.context.calendar.local_day(parts.clock.now()).isoformat(),
            names=sorted(names, key=by_given_name),
        )

    return await parts.database.read(load_page)


def _campaign(campaigns: Choices, wanted: MeritFilter) -> str:
    """Return the campaign wanted where there is one like that, else the latest."""
    known = [identity for identity, _ in campaigns]
    return wanted.campaign if wanted.campaign in known else (known[-1] if known else "")


def _chosen(found: Sequence[Merit], wanted: MeritFilter) -> list[Merit]:
    return [
        each
        for each in found
        if wanted.recognition in {"", each.recognition}
        and wanted.department in {"", each.department}
    ]


def _rows(connection: Connection, campaign: str, found: Sequence[Merit]) -> list[MeritRow]:
    """Return merits of one campaign as they are read."""
    names = recognitions(connection, campaign)
    departments = people.department_names(connection)
    return [
        MeritRow(
            id=each.id,
            day=day_text(each.happened_on),
            recognition=names.get(each.recognition, each.recognition),
            kind=_KINDS[each.whose_kind],
            whose=each.whose,
            department=departments.get(each.department, each.department),
            what=each.what,
            story=each.story,
            standing=_STANDINGS[each.standing],
            look=_LOOKS[each.standing],
            code=each.code,
        )
        for each in found
    ]


@router.get(".xlsx")
async def download_merits(
    parts: Parts,
    asker: Asker,
    wanted: Annotated[MeritFilter, Depends()],
) -> Response:
    """Return what the page shows as a sheet, for the yearly evaluation (the plan, III.2a)."""

    def load_sheet(connection: Connection) -> list[list[object]]:
        of = _campaign(campaign_names(connection), wanted)
        chosen = _chosen(visible_merits(connection, asker.person, of), wanted)
        known = people.people_by_id(connection)
        return [
            [*_cells(row), known[merit.recorded_by].name]
            for row, merit in zip(_rows(connection, of, chosen), chosen, strict=True)
        ]

    rows = await parts.database.read(load_sheet)
    return await list_file(parts, lazy("Good examples"), _COLUMNS, rows, file="guong-tot")


def _cells(row: MeritRow) -> list[object]:
    return [
        row.day,
        row.recognition,
        row.kind,
        row.whose,
        row.department,
        row.what,
        row.story,
        row.standing,
        row.code or "",
    ]


@router.post("")
async def record_merit(request: Request, parts: Parts, asker: Asker) -> Response:
    """Note a merit as typed; refused, the form comes back whole."""
    form = await read_form(request)
    try:
        merit = await parts.database.write(_command(asker, form))
    except Refusal as refusal:
        wanted = MeritFilter(campaign=text_in(form, "campaign"))
        return refused_form(
            request, asker, await _merits_page(parts, asker.person, wanted), form, refusal
        )
    told = translate("The good example is noted.")
    return redirect_with_flash(request, asker, f"/merits/{merit}", told)


def _command(asker: Caller, form: FormData) -> RecordMerit:
    def typed(name: str) -> str:
        return text_in(form, name)

    return RecordMerit(
        campaign=typed("campaign"),
        recognition=typed("recognition"),
        whose_kind=typed("whose_kind"),
        whose=typed("whose"),
        what=typed("what"),
        story=typed("story"),
        happened_on=iso_day(typed("happened_on")),
        cause=page_cause(asker, form),
    )


@router.get("/{merit}")
async def show_merit(request: Request, parts: Parts, asker: Asker, merit: RowId) -> Response:
    """Show one merit with what was said of it."""
    return render_page(request, asker, await _merit_page(parts, asker.person, merit))


async def _merit_page(parts: Application, person: Person, merit: int) -> MeritPage:
    def load_page(connection: Connection) -> MeritPage:
        shown = visible_merit(connection, merit, person)
        known = people.people_by_id(connection)
        (row,) = _rows(connection, shown.campaign, [shown])
        return MeritPage(
            row=row,
            merit=shown,
            known=known,
            labels=_STANDINGS,
            notes=notes_of(connection, merit),
            may_follow=may_set_deadlines(person),
            may_nominate=person.position in DRAFTERS,
            standings={
                each: label
                for each, label in _STANDINGS.items()
                if each is not MeritStanding.NOMINATED
            },
        )

    return await parts.database.read(load_page)


@router.post("/{merit}/notes")
async def note_merit(request: Request, parts: Parts, asker: Asker, merit: RowId) -> Response:
    """Say something of a merit and give it a standing."""
    form = await read_form(request)
    words, standing = text_in(form, "words"), text_in(form, "standing")
    cause = page_cause(asker, form, str(merit))
    try:
        await parts.database.write(
            NoteMerit(merit=merit, standing=standing, words=words, cause=cause)
        )
    except Refusal as refusal:
        return refused_form(
            request, asker, await _merit_page(parts, asker.person, merit), form, refusal
        )
    told = translate("Your note is added.")
    return redirect_with_flash(request, asker, f"/merits/{merit}", told)
