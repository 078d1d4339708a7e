"""Decide on an item from its page.

A form that confirms, opened without effect, and the decision.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.responses import Response

from api.auth.callers import Asker, Parts, application
from api.auth.second_factor import NEVER_SHOWN_AGAIN, decide_with_factor, factor_in
from api.auth.sessions import Caller
from api.composition import Application
from api.problems import page_status
from api.web.confirmations import confirmed_in
from api.web.dates import iso_day
from api.web.deciding import FIELDS, Deciding, deciding, only_asked, own_factors
from api.web.errors import FormError, reasons_in_words
from api.web.flash import redirect_with_flash
from api.web.form_fields import DOCUMENT_NUMBER, day_in, number_in, text_in
from api.web.forms import FormState, form_version, key_again, page_cause, read_form
from api.web.item_flash import item_flash
from api.web.labels import CHANNELS
from api.web.pages.item import show_refused
from api.web.rendering import Page, fresh_key, render_page
from notifications.translation import translate
from workflow.commands.award_decision import AwardRequest
from workflow.commands.decide import Decide
from workflow.commands.dispatch import DispatchRequest
from workflow.commands.nominee_results import AuthorityDecision, NomineeOutcome
from workflow.definition import Transition
from workflow.errors import NotFoundRefusal, Refusal
from workflow.lookups.items import visible_item
from workflow.lookups.nominations import Examination, examinations
from workflow.messages import Message
from workflow.model import DispatchChannel, Json
from workflow.queries.back_planning import usual_days
from workflow.queries.items import ItemView, item_view, offered_to
from workflow.values import counter

router = APIRouter(prefix="/items")
"""Of documents in a year, in one series."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidePage(Page):
    """What a decision asks for and does, to be confirmed."""

    template: ClassVar[str] = "decide.html"
    view: ItemView
    transition: Transition
    asked: Deciding
    examined: Sequence[Examination]
    """What the rules have to say where the whole is read again: before handing in, or a return."""
    usual: str
    version: str
    typed: Mapping[str, Json]
    errors: Sequence[str]
    key: str
    channels: Mapping[DispatchChannel, Message]


@router.get("/{code}/decide/{transition_id}")
async def decide_form(request: Request, asker: Asker, code: str, transition_id: str) -> Response:
    """Show the page that confirms a decision; opening it decides nothing."""
    return await _decide_form(request, asker, code, transition_id, FormState())


async def _decide_form(
    request: Request, asker: Caller, code: str, transition_id: str, state: FormState
) -> Response:
    parts = application(request)

    def load_page(connection: Connection) -> DecidePage:
        item = visible_item(connection, code, asker.person)
        transition = offered_to(parts.context, connection, item, asker.person, transition_id)
        usual = usual_days(parts.context, connection, item) if transition.hands_in else None
        view = item_view(parts.context, connection, item, asker.person.id)
        factors = own_factors(parts, connection, asker.person.id, item, [transition])
        is_read_again = transition.hands_in or transition.is_return
        examined = (
            examinations(parts.context, connection, asker.person, item, view.content)
            if transition.result or is_read_again
            else ()
        )
        return DecidePage(
            view=view,
            transition=transition,
            asked=deciding(
                view.definition,
                [transition],
                factors,
                parts.context.outgoing,
                examined if transition.result else (),
            ),
            examined=examined if is_read_again else (),
            usual=_usual_words(*usual) if usual else "",
            version=str(state.typed.get("version") or view.item.version),
            typed=state.typed,
            errors=state.errors,
            key=state.key,
            channels=CHANNELS,
        )

    return render_page(request, asker, await parts.database.report(load_page), state.status)


def _usual_words(items: int, days: float) -> str:
    if days < 1:
        return translate(
            "Items of this kind usually take less than 1 working day from submission to "
            "the board (median of {items} items).",
            items=items,
        )
    return translate(
        "Items of this kind usually take {days:g} working days from submission to "
        "the board (median of {items} items).",
        days=days,
        items=items,
    )


@router.post("/{code}/decide")
async def decide_chosen(request: Request, parts: Parts, asker: Asker, code: str) -> Response:
    """Record the answer that was chosen beside the content; refused, the item is shown again."""
    form = await read_form(request)
    chosen = text_in(form, "decision")
    if not chosen:
        said = translate("Choose a decision, then send again. Nothing was recorded.")
        state = _refused(form, [FormError.at("decision", said)], 400)
        return await show_refused(request, asker, code, state)
    try:
        ways = await parts.database.read(lambda connection: _ways(parts, connection, asker, code))
        asked = only_asked(form, [each for each in ways if each.id == chosen])
        await _decide(parts, asker, code, chosen, asked)
    except NotFoundRefusal:
        raise
    except Refusal as refusal:
        state = _refused(form, reasons_in_words(refusal, FIELDS), page_status(refusal), refusal)
        return await show_refused(request, asker, code, state)
    told = await item_flash(parts, asker, code, decided=chosen)
    return redirect_with_flash(request, asker, f"/items/{code}", told)


@router.post("/{code}/decide/{transition_id}")
async def decide(
    request: Request, parts: Parts, asker: Asker, code: str, transition_id: str
) -> Response:
    """Record a decision made on the version that was shown."""
    form = await read_form(request)
    try:
        await _decide(parts, asker, code, transition_id, form)
    except Refusal as refusal:
        state = _refused(form, reasons_in_words(refusal, FIELDS), page_status(refusal), refusal)
        try:
            return await _decide_form(request, asker, code, transition_id, state)
        except NotFoundRefusal:
            ended = FormState(errors=state.errors, status=409)
            return await show_refused(request, asker, code, ended)
    told = await item_flash(parts, asker, code, decided=transition_id)
    return redirect_with_flash(request, asker, f"/items/{code}", told)


def _ways(parts: Application, connection: Connection, asker: Caller, code: str) -> list[Transition]:
    """Return the ways on from where the item is."""
    item = visible_item(connection, code, asker.person)
    rulebook = parts.context.rulebooks.of(connection, item.definition_hash)
    return [each for each in rulebook.definition.transitions if item.state in each.from_states]


async def _decide(
    parts: Application, asker: Caller, code: str, transition_id: str, form: FormData
) -> None:
    command = decision_from_form(form, code, transition_id, asker)
    await decide_with_factor(parts, command, factor_in(form))


def _refused(
    form: FormData, errors: Sequence[str], status: int, refusal: Refusal | None = None
) -> FormState:
    """Return a form as it was typed, but for what proves a decision, and why it was refused."""
    typed = {name: str(value) for name, value in form.items() if name not in NEVER_SHOWN_AGAIN}
    key = text_in(form, "key") if refusal is None else key_again(form, refusal)
    return FormState(typed=typed, errors=errors, status=status, key=key or fresh_key())


def decision_from_form(form: FormData, code: str, transition_id: str, asker: Caller) -> Decide:
    """Return the decision that a form of the page asks for.

    Raises InvalidRefusal for a number that is none.
    """
    return Decide(
        code=code,
        transition=transition_id,
        cause=page_cause(asker, form),
        version=form_version(form),
        to=text_in(form, "to") or None,
        comment=text_in(form, "comment"),
        until=day_in(form, "until") or None,
        confirmed=confirmed_in(form),
        dispatch=dispatch_from_form(form),
        award=award_from_form(form),
        mend=tuple(str(each) for each in form.getlist("mend")),
    )


def award_from_form(form: FormData) -> AwardRequest:
    """Return which award was given by which decision, as typed; empty means the default."""

    def typed(name: str) -> str | None:
        return text_in(form, name).strip() or None

    return AwardRequest(
        award=typed("award"),
        authority=typed("authority"),
        number=typed("decision_number"),
        decided_on=iso_day(typed("decided_on") or "") or None,
        outcomes=tuple(
            NomineeOutcome(
                row=row,
                is_awarded={"given": True, "refused": False}.get(typed(f"result-{row}") or ""),
                why=typed(f"why-{row}") or "",
            )
            for name in form
            if (row := counter(name.removeprefix("result-"))) is not None
            and name.startswith("result-")
        ),
        decisions={
            authority: AuthorityDecision(
                number=typed(name),
                decided_on=iso_day(typed(f"decided_on-{authority}") or "") or None,
            )
            for name in form
            if name.startswith("number-")
            for authority in (name.removeprefix("number-"),)
        },
    )


def dispatch_from_form(form: FormData) -> DispatchRequest:
    """Return number, date and channel as typed; empty means the default. Raises InvalidRefusal."""
    return DispatchRequest(
        number=number_in(form, "number", DOCUMENT_NUMBER),
        issued_on=day_in(form, "issued_on") or None,
        channel=text_in(form, "channel") or None,
    )
