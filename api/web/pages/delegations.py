"""Who is away and who decides for whom: for those concerned to see, for the Office to arrange."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar, Final

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.responses import Response

from api.auth.callers import Asker, Parts, RowId, application
from api.auth.second_factor import NEVER_SHOWN_AGAIN, factor_in, write_proven
from api.auth.sessions import Caller
from api.composition import Application
from api.web.dates import day_text, iso_day
from api.web.errors import reasons_in_words
from api.web.flash import redirect_with_flash
from api.web.form_fields import text_in
from api.web.forms import page_cause, read_form, texts_in
from api.web.list_files import list_file
from api.web.pages.proposals import to_proposal
from api.web.rendering import Page, render_page
from notifications.days_in_words import last_day_words
from notifications.position_names import POSITIONS
from notifications.translation import translate
from workflow.command import AnyCommand
from workflow.commands.absences import EndAbsence, RecordAbsence
from workflow.commands.delegations import Delegate, EndDelegation
from workflow.commands.proposals import Proposed
from workflow.errors import Refusal
from workflow.lookups.signing import Filed, waiting_lines
from workflow.messages import Message, lazy
from workflow.model import (
    Absence,
    Delegation,
    DepartmentId,
    Person,
    PersonId,
    Position,
    SignedFor,
)
from workflow.people import OPEN_END, by_given_name, may_set_deadlines, may_watch
from workflow.queries import people

router = APIRouter(prefix="/standing-in")
_COLUMNS = (
    lazy("Kind"),
    lazy("Who"),
    lazy("Who stands in"),
    lazy("From"),
    lazy("Until"),
    lazy("Document"),
    lazy("Only for"),
)
_HOLD_NOTHING = {Position.AUDITOR, Position.ADMIN}
_FORMS = {
    SignedFor.KT: lazy("On behalf of (KT.)"),
    SignedFor.TL: lazy("By order of (TL.)"),
    SignedFor.TUQ: lazy("By sub-delegation (TUQ.)"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingInPage(Page):
    """Today's and coming absences and delegations, with the forms to add one."""

    template: ClassVar[str] = "standing_in.html"
    absences: Sequence[Absence]
    delegations: Sequence[Delegation]
    limits: Mapping[int, str]
    """For which kinds of items, and of which departments, each delegation is, by its id."""
    ends: Mapping[int, str]
    """Until when each delegation lasts, by its id."""
    filed: Sequence[tuple[Filed, str]]
    """What the organization file says and the head has not confirmed, each with its limits."""
    departments: Mapping[str, str]
    kinds: Mapping[str, str]
    people: Sequence[Person]
    """Who can be meant: neither the reader nor those whom no item ever waits for."""
    positions: Mapping[Position, Message]
    known: Mapping[PersonId, Person]
    arranges: bool
    sees_all: bool
    today: str
    key: str
    forms: Mapping[SignedFor, Message]
    typed: Mapping[str, str]
    """What was typed, and under ``what`` into which form."""
    errors: Sequence[str] = ()


_DONE: Final = {
    "absence": lazy("The absence is recorded. Waiting items have moved."),
    "delegation": lazy("The delegation is recorded."),
    "ended": lazy("The absence has ended."),
    "delegation-ended": lazy("The delegation has ended."),
}


@router.get("")
async def show(request: Request, parts: Parts, asker: Asker) -> Response:
    """Show today's and coming absences and delegations, with the forms to add one."""
    return render_page(request, asker, await _page(parts, asker.person))


@router.get(".xlsx")
async def download_standing_in(parts: Parts, asker: Asker) -> Response:
    """Return today's and coming absences and delegations as a sheet."""
    page = await _page(parts, asker.person)
    rows: list[list[str]] = [
        [
            translate("Absence"),
            page.known[each.person].name,
            page.known[each.stand_in].name if each.stand_in is not None else "",
            day_text(each.starts_on),
            day_text(each.ends_on),
            "",
            "",
        ]
        for each in page.absences
    ]
    rows += [
        [
            translate("Delegation"),
            page.known[each.from_person].name,
            page.known[each.to_person].name,
            day_text(each.starts_on),
            page.ends[each.id],
            each.document,
            page.limits[each.id],
        ]
        for each in page.delegations
    ]
    return await list_file(parts, lazy("Absences, delegations"), _COLUMNS, rows, file="vang-mat")


async def _page(parts: Application, person: Person) -> StandingInPage:
    today = parts.context.calendar.local_day(parts.clock.now()).isoformat()
    sees_all = may_watch(person)

    def load_page(connection: Connection) -> StandingInPage:
        known = people.people_by_id(connection)
        newest = parts.context.rulebooks.newest(connection)
        labels = {each: translate(book.definition.label) for each, book in newest.items()}
        names = people.department_names(connection)
        departments = {str(each): name for each, name in names.items()}
        called = {**labels, **departments}
        delegations = _delegations(connection, person, today)
        return StandingInPage(
            absences=[
                each
                for each in people.absences_from(connection, today)
                if sees_all or person.id in {each.person, each.stand_in}
            ],
            delegations=delegations,
            limits={each.id: _limits(each, called) for each in delegations},
            ends={each.id: _until(each) for each in delegations},
            filed=[
                (each, _limits(each, called))
                for each in waiting_lines(connection)
                if may_set_deadlines(person) or person.id in {each.giver, each.taker}
            ],
            departments=departments,
            kinds=labels,
            positions=POSITIONS,
            known=known,
            people=sorted(
                (
                    each
                    for each in known.values()
                    if each.is_active
                    and each.id != person.id
                    and each.position not in _HOLD_NOTHING
                ),
                key=lambda each: by_given_name(each.name),
            ),
            arranges=may_set_deadlines(person),
            sees_all=sees_all,
            today=today,
            key=secrets.token_hex(16),
            forms=_FORMS,
            typed={},
        )

    return await parts.database.read(load_page)


@router.post("/absences")
async def add_absence(request: Request, asker: Asker) -> Response:
    """Note an absence; refused, the form comes back with what was typed."""
    form = await read_form(request)
    command = RecordAbsence(
        email=_text(form, "person") or asker.person.email,
        stand_in=_text(form, "stand_in") or None,
        starts_on=iso_day(_text(form, "starts_on")),
        ends_on=iso_day(_text(form, "ends_on")),
        cause=page_cause(asker, form, "absence"),
    )
    return await _submit(request, asker, form, command, "absence")


@router.post("/absences/{absence}/end")
async def end_absence(request: Request, asker: Asker, absence: RowId) -> Response:
    """End an absence today."""
    form = await read_form(request)
    command = EndAbsence(absence=absence, cause=page_cause(asker, form, str(absence)))
    return await _submit(request, asker, form, command, "ended")


@router.post("/delegations")
async def add_delegation(request: Request, asker: Asker) -> Response:
    """Record a delegation; refused, the form comes back with what was typed."""
    form = await read_form(request)
    chosen = _text(form, "form")
    command = Delegate(
        from_email=_text(form, "from") or asker.person.email,
        to_email=_text(form, "to"),
        starts_on=iso_day(_text(form, "starts_on")),
        ends_on=iso_day(_text(form, "ends_on")) or _open_end(chosen),
        document=_text(form, "document"),
        form=SignedFor(chosen) if chosen in set(SignedFor) else None,
        kinds=tuple(str(each) for each in form.getlist("kinds")),
        departments=tuple(DepartmentId(str(each)) for each in form.getlist("departments")),
        terms=_text(form, "terms"),
        cause=page_cause(asker, form, "delegation"),
    )
    return await _submit(request, asker, form, command, "delegation")


@router.post("/delegations/{delegation}/end")
async def end_delegation(request: Request, asker: Asker, delegation: RowId) -> Response:
    """End a delegation today."""
    form = await read_form(request)
    command = EndDelegation(
        delegation=delegation, cause=page_cause(asker, form, f"delegation-{delegation}")
    )
    return await _submit(request, asker, form, command, "delegation-ended")


async def _submit(
    request: Request,
    asker: Caller,
    form: FormData,
    command: AnyCommand,
    what: str,
) -> Response:
    parts = application(request)
    try:
        done: object = await write_proven(parts, command, factor_in(form))
    except Refusal as refusal:
        shown = replace(
            await _page(parts, asker.person),
            typed={
                **{
                    name: text
                    for name, text in texts_in(form).items()
                    if name not in NEVER_SHOWN_AGAIN
                },
                "what": what,
            },
            errors=reasons_in_words(refusal),
        )
        return render_page(request, asker, shown, 422)
    if isinstance(done, Proposed):
        return to_proposal(request, asker, done.id)
    return redirect_with_flash(request, asker, "/standing-in", translate(_DONE[what]))


def _text(form: FormData, name: str) -> str:
    return text_in(form, name).strip()


def _delegations(connection: Connection, reader: Person, today: str) -> list[Delegation]:
    """Return what is in force and to come, of everybody or of the reader."""
    return [
        each
        for each in people.all_delegations(connection)
        if each.ends_on >= today
        and (may_watch(reader) or reader.id in {each.from_person, each.to_person})
    ]


def _until(delegation: Delegation) -> str:
    return last_day_words(date.fromisoformat(delegation.ends_on))


def _limits(of: Filed | Delegation, called: Mapping[str, str]) -> str:
    """Return for which kinds of items, and of which departments, somebody acts; "" for all."""
    return "; ".join(called.get(each, each) for each in (*of.kinds, *of.departments))


def _open_end(form: str) -> str:
    """Return the last day of a delegation that names none: assignments and orders have none."""
    return OPEN_END if form in {SignedFor.KT, SignedFor.TL} else ""
