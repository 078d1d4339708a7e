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
from api.auth.second_factor import (
    NEVER_SHOWN_AGAIN,
    decide_with_factor,
    factor_in,
    passkey_options,
)
from api.auth.sessions import Caller
from api.problems import page_status
from api.web.confirmations import Box, boxes, confirmed_in
from api.web.dates import iso_day
from api.web.errors import reasons_in_words
from api.web.flash import redirect_with_flash
from api.web.forms import FormState, form_version, key_again, page_cause, read_form
from api.web.item_flash import item_flash
from api.web.labels import CHANNELS
from api.web.pages.item import show_refused
from api.web.rendering import Page, render_page
from notifications.translation import translate
from workflow.commands.decide import Decide
from workflow.commands.dispatch import DispatchRequest
from workflow.definition import Actor, Definition, State, Transition
from workflow.errors import InvalidRefusal, NotFoundRefusal, Refusal, reason
from workflow.lookups.items import visible_item
from workflow.messages import Message
from workflow.model import DispatchChannel, Json
from workflow.queries.back_planning import usual_days
from workflow.queries.items import ItemView, item_view, offered_to
from workflow.values import counter

router = APIRouter(prefix="/items")
_MOST_NUMBERS = 999_999
"""Of documents in a year, in one series."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidePage(Page):
    """What a decision asks for and does, to be confirmed."""

    template: ClassVar[str] = "decide.html"
    view: ItemView
    transition: Transition
    targets: Sequence[State]
    may_mend: bool
    usual: str
    version: str
    typed: Mapping[str, Json]
    errors: Sequence[str]
    key: str
    channels: Mapping[DispatchChannel, Message]
    confirmations: Sequence[Box]
    passkey_options: str


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
        wants_factor = transition.second_factor
        view = item_view(parts.context, connection, item, asker.person.id)
        targets = _states(view.definition, transition)
        return DecidePage(
            view=view,
            transition=transition,
            targets=targets,
            may_mend=transition.by is Actor.HOLDER and any(each.editable for each in targets),
            usual=_usual_words(*usual) if usual else "",
            version=str(state.typed.get("version") or view.item.version),
            typed=state.typed,
            errors=state.errors,
            key=state.key,
            channels=CHANNELS,
            confirmations=boxes(transition.confirms),
            passkey_options=passkey_options(parts, connection, asker.person.id, item)
            if wants_factor
            else "",
        )

    return render_page(request, asker, await parts.database.report(load_page), state.status)


def _usual_words(items: int, days: float) -> str:
    return translate(
        "Items of this kind usually take {days:g} working days from submission to "
        "the board (median of {items} items).",
        days=days,
        items=items,
    )


def _states(definition: Definition, transition: Transition) -> list[State]:
    return [state for wanted in transition.to for state in definition.states if state.id == wanted]


@router.post("/{code}/decide/{transition_id}")
async def decide(
    request: Request, parts: Parts, asker: Asker, code: str, transition_id: str
) -> Response:
    """Record a decision made on the version that was shown."""
    form = await read_form(request)
    typed = {name: str(value) for name, value in form.items() if name not in NEVER_SHOWN_AGAIN}
    try:
        command = decision_from_form(form, code, transition_id, asker)
        await decide_with_factor(parts, command, factor_in(form))
    except Refusal as refusal:
        errors, status = reasons_in_words(refusal), page_status(refusal)
        key = key_again(form, refusal)
        state = FormState(typed=typed, errors=errors, status=status, key=key)
        try:
            return await _decide_form(request, asker, code, transition_id, state)
        except NotFoundRefusal:
            return await show_refused(request, asker, code, FormState(errors=errors, status=409))
    told = await item_flash(parts, asker, code, decided=transition_id)
    return redirect_with_flash(request, asker, f"/items/{code}", told)


def decision_from_form(form: FormData, code: str, transition_id: str, asker: Caller) -> Decide:
    """Return the decision that a form of the page asks for.

    Raises InvalidRefusal for a number that is none.
    """
    return Decide(
        code=code,
        transition=transition_id,
        cause=page_cause(asker, form),
        version=form_version(form),
        to=str(form.get("to") or "") or None,
        comment=str(form.get("comment") or ""),
        confirmed=confirmed_in(form),
        dispatch=dispatch_from_form(form),
        mend=tuple(str(each) for each in form.getlist("mend")),
    )


def dispatch_from_form(form: FormData) -> DispatchRequest:
    """Return number, date and channel as typed; empty means the default. Raises InvalidRefusal."""
    typed = str(form.get("number") or "").strip()
    issued_on = iso_day(str(form.get("issued_on") or ""))
    number = counter(typed, most=_MOST_NUMBERS) or None
    if typed and number is None:
        raise InvalidRefusal(
            reason(
                "number",
                "The document number must be a positive whole number. Mend it, or leave it "
                "empty for the next one.",
            )
        )
    return DispatchRequest(
        number=number, issued_on=issued_on or None, channel=str(form.get("channel") or "") or None
    )
