"""Personal data: the register of requests with their due days, holds, and what is past its period.

For the Office, which answers; the Directorate and auditors read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.responses import Response

from api.auth.callers import Asker, Parts, RowId
from api.auth.permissions import require_watcher
from api.auth.sessions import Caller
from api.composition import Application
from api.web.dates import day_text, iso_day
from api.web.flash import redirect_with_flash
from api.web.form_fields import text_in
from api.web.forms import page_cause, read_form, refused_form
from api.web.list_files import list_file, whole_list
from api.web.pages.proposals import to_proposal
from api.web.rendering import FormPage, render_page
from notifications.requests_in_words import (
    KEPT,
    KINDS,
    STATES,
    left_words,
    outside_words,
    source_words,
)
from notifications.translation import translate
from workflow.command import AnyCommand
from workflow.commands.apply_retention import ApplyRetention
from workflow.commands.holds import LiftHold, PlaceHold
from workflow.commands.privacy_requests import AnswerRequest, RecordRequest
from workflow.commands.proposals import Proposed
from workflow.definition import PrivacyRules, Term
from workflow.errors import InvalidRefusal, NotFoundRefusal, Refusal, reason
from workflow.messages import Message, lazy
from workflow.model import KeptKind, Person, PersonId, RequestKind, RequestState
from workflow.people import may_place_holds, may_set_deadlines, may_watch
from workflow.queries import people, privacy
from workflow.queries.privacy import Hold, PrivacyRequest, RetentionPlan

router = APIRouter(prefix="/privacy")
_COLUMNS = (
    lazy("Number"),
    lazy("What is asked"),
    lazy("Who asks"),
    lazy("Received on"),
    lazy("Due on"),
    lazy("State"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRow:
    """A request as a list shows it."""

    id: int
    kind: Message
    who: str
    received_on: str
    due_on: str
    standing: Message
    is_late: bool
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodRow:
    """How long something takes or is kept, and by which text."""

    what: Message
    how_long: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyPage(FormPage):
    """The register, the holds, the periods, and the forms of the Office."""

    template: ClassVar[str] = "privacy.html"
    rows: Sequence[RequestRow]
    holds: Sequence[tuple[Hold, str]]
    plan: RetentionPlan
    left: str
    kept: Mapping[KeptKind, Message]
    periods: Sequence[PeriodRow]
    terms: Sequence[PeriodRow]
    outside: str
    kinds: Mapping[RequestKind, Message]
    answers: bool
    may_hold: bool
    today: str
    most: int = privacy.PAGE
    """So many of the newest requests, and of the newest holds, are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestPage(FormPage):
    """One request, and the form to answer it."""

    template: ClassVar[str] = "privacy_request.html"
    asked: PrivacyRequest
    row: RequestRow
    states: Mapping[RequestState, Message]
    answers: bool
    email: str
    outside: str


@router.get("")
async def show(request: Request, parts: Parts, asker: Asker) -> Response:
    """Show the register, the holds, and what is past its period."""
    return render_page(request, asker, await _page(parts, asker))


async def _page(parts: Application, asker: Caller) -> PrivacyPage:
    require_watcher(asker)
    today = parts.context.calendar.local_day(parts.clock.now())

    def load(connection: Connection) -> PrivacyPage:
        known = people.people_by_id(connection)
        rules = privacy.privacy_rules(connection)
        plan = privacy.retention_plan(parts.context, connection, today)
        return PrivacyPage(
            rows=[
                request_row(each, known, today.isoformat())
                for each in privacy.newest_requests(connection)
            ],
            holds=[
                (each, privacy.called(each.about, known).partition(":")[2])
                for each in privacy.newest_holds(connection)
            ],
            plan=plan,
            left=left_words(plan.left),
            kept=KEPT,
            periods=list(map(_period, KEPT.items(), [rules] * len(KEPT))),
            terms=_terms(rules),
            outside=outside_words(rules),
            kinds=KINDS,
            answers=may_set_deadlines(asker.person),
            may_hold=may_place_holds(asker.person),
            today=today.isoformat(),
        )

    return await parts.database.report(load)


@router.get(".xlsx")
async def download_requests(parts: Parts, asker: Asker) -> Response:
    """Return the register of what data subjects asked as a sheet."""
    require_watcher(asker)
    today = parts.context.calendar.local_day(parts.clock.now()).isoformat()

    def rows_below(
        connection: Connection, before: int | None
    ) -> tuple[list[list[str]], int | None]:
        known = people.people_by_id(connection)
        found = privacy.newest_requests(connection, before)
        read = [request_row(each, known, today) for each in found]
        rows = [
            [
                str(each.id),
                translate(each.kind),
                each.who,
                day_text(each.received_on),
                day_text(each.due_on),
                translate(each.standing),
            ]
            for each in read
        ]
        return rows, found[-1].id if len(found) == privacy.PAGE else None

    rows = await whole_list(parts, rows_below)
    return await list_file(
        parts, lazy("Requests on personal data"), _COLUMNS, rows, file="yeu-cau-du-lieu"
    )


def request_row(asked: PrivacyRequest, known: Mapping[PersonId, Person], today: str) -> RequestRow:
    """Return a request as a list shows it."""
    return RequestRow(
        id=asked.id,
        kind=KINDS[asked.kind],
        who=known[asked.person].name if asked.person is not None else asked.name or "…",
        received_on=asked.received_on,
        due_on=asked.due_on,
        standing=STATES[asked.state],
        is_late=asked.is_open and asked.due_on < today,
        is_open=asked.is_open,
    )


def _period(named: tuple[KeptKind, Message], rules: PrivacyRules) -> PeriodRow:
    period = rules.period(named[0])
    if period is None:
        return PeriodRow(what=named[1], how_long=translate("no period"), source="")
    months = translate("{count} month", "{count} months", count=period.months)
    return PeriodRow(what=named[1], how_long=months, source=source_words(period.source))


def _terms(rules: PrivacyRules) -> list[PeriodRow]:
    named = [
        (lazy("acknowledge a request"), rules.acknowledgement),
        *((KINDS[each], rules.term(each)) for each in RequestKind),
        (lazy("put an answer off, once"), rules.extension),
    ]
    return [
        PeriodRow(what=what, how_long=_days(term), source=source_words(term.source))
        for what, term in named
    ]


def _days(term: Term) -> str:
    if term.working:
        return translate("{count} working day", "{count} working days", count=term.days)
    return translate("{count} day", "{count} days", count=term.days)


@router.post("/requests")
async def record(request: Request, parts: Parts, asker: Asker) -> Response:
    """Write down what somebody from outside asks; refused, the form comes back."""
    form = await read_form(request)
    chosen = _text(form, "kind")
    if chosen not in set(RequestKind):
        unknown = InvalidRefusal(reason("kind", "Choose what you ask for."))
        return await _refused(request, parts, asker, form, unknown)
    command = RecordRequest(
        kind=RequestKind(chosen),
        words=_text(form, "words"),
        is_for_another=True,
        name=_text(form, "name"),
        contact=_text(form, "contact"),
        received_on=iso_day(_text(form, "received_on")) or None,
        cause=page_cause(asker, form, "request"),
    )
    return await _submit(request, parts, asker, form, command)


@router.post("/holds")
async def place_hold(request: Request, parts: Parts, asker: Asker) -> Response:
    """Place a hold on an item, a good example or a person."""
    form = await read_form(request)
    named = f"{_text(form, 'what')}:{_text(form, 'about')}"
    cause = page_cause(asker, form, "hold")
    try:
        about = await parts.database.read(lambda c: privacy.subject_named(c, named))
    except NotFoundRefusal:
        about = named  # whose absence the command says to whoever may know
    command = PlaceHold(about=about, why=_text(form, "why"), cause=cause)
    return await _submit(request, parts, asker, form, command)


@router.post("/holds/{hold}/lift")
async def lift_hold(request: Request, parts: Parts, asker: Asker, hold: RowId) -> Response:
    """End a hold, and say why."""
    form = await read_form(request)
    cause = page_cause(asker, form, f"lift-{hold}")
    command = LiftHold(hold=hold, why=_text(form, "why"), cause=cause)
    return await _submit(request, parts, asker, form, command)


@router.post("/retention")
async def apply_retention(request: Request, parts: Parts, asker: Asker) -> Response:
    """Propose to erase what the page has shown as past its period."""
    form = await read_form(request)
    command = ApplyRetention(
        day=_text(form, "day"),
        subjects=tuple(str(each) for each in form.getlist("subject")),
        why=_text(form, "why"),
        cause=page_cause(asker, form, "retention"),
    )
    return await _submit(request, parts, asker, form, command)


_DONE = {
    RecordRequest: lazy("The request is in the register."),
    PlaceHold: lazy("The hold is placed: nothing of it is erased."),
    LiftHold: lazy("The hold is lifted."),
    ApplyRetention: lazy("What was past its period is erased."),
}


async def _submit(
    request: Request, parts: Application, asker: Caller, form: FormData, command: AnyCommand
) -> Response:
    try:
        done: object = await parts.database.write(command)
    except Refusal as refusal:
        return await _refused(request, parts, asker, form, refusal)
    if isinstance(done, Proposed):
        return to_proposal(request, asker, done.id)
    return redirect_with_flash(request, asker, "/privacy", translate(_DONE[type(command)]))


async def _refused(
    request: Request, parts: Application, asker: Caller, form: FormData, refusal: Refusal
) -> Response:
    """Return the page with what was typed and why it was refused, to whoever may read it."""
    if not may_watch(asker.person):
        raise refusal
    return refused_form(request, asker, await _page(parts, asker), form, refusal)


@router.get("/requests/{number}")
async def show_request(request: Request, parts: Parts, asker: Asker, number: RowId) -> Response:
    """Show what was asked, and the form to answer it."""
    return render_page(request, asker, await _request_page(parts, asker, number))


@router.post("/requests/{number}")
async def answer(request: Request, parts: Parts, asker: Asker, number: RowId) -> Response:
    """Acknowledge, grant, refuse or put off; refused, the form comes back."""
    form = await read_form(request)
    chosen = _text(form, "state")
    try:
        if chosen not in set(RequestState):
            raise InvalidRefusal(reason("state", "Choose acknowledged, granted or refused."))
        command = AnswerRequest(
            request=number,
            state=RequestState(chosen),
            answer=_text(form, "answer"),
            puts_off=form.get("puts_off") == "yes",
            cause=page_cause(asker, form),
        )
        await parts.database.write(command)
    except Refusal as refusal:
        return refused_form(
            request, asker, await _request_page(parts, asker, number), form, refusal
        )
    told = translate("The answer is recorded. Who works here gets a mail.")
    return redirect_with_flash(request, asker, "/privacy", told)


async def _request_page(parts: Application, asker: Caller, number: int) -> RequestPage:
    require_watcher(asker)
    today = parts.context.calendar.local_day(parts.clock.now()).isoformat()

    def load(connection: Connection) -> RequestPage:
        asked = privacy.request_by_id(connection, number)
        if asked is None:
            raise NotFoundRefusal(lazy("this request"))
        known = people.people_by_id(connection)
        shown = dict(STATES)
        shown.pop(RequestState.RECEIVED)
        return RequestPage(
            asked=asked,
            row=request_row(asked, known, today),
            states=shown,
            answers=may_set_deadlines(asker.person) and asked.is_open,
            email=known[asked.person].email if asked.person is not None else "",
            outside=outside_words(privacy.privacy_rules(connection)),
        )

    return await parts.database.read(load)


def _text(form: FormData, name: str) -> str:
    return text_in(form, name).strip()
