"""One decision for many items: the list to choose from, and each item judged by itself.

Owns what a list can ask for: nothing that needs a page of its own. The second factor is given once
for the whole list.
"""

import asyncio
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.responses import Response

from api.auth.callers import Asker, Parts, application
from api.auth.second_factor import factor_in, plan_and_prove
from api.auth.sessions import Caller
from api.composition import Application
from api.problems import page_status
from api.web.errors import reasons_in_words
from api.web.form_fields import text_in
from api.web.forms import page_cause, read_form
from api.web.rendering import Page, render_page
from notifications.translation import translate
from workflow.commands.decide import Decide
from workflow.committer import StorageError
from workflow.definition import Actor, Transition
from workflow.errors import (
    BusyError,
    InvalidRefusal,
    NotFoundRefusal,
    Refusal,
    SecondFactorRefusal,
    UnavailableError,
    reason,
)
from workflow.lookups.items import visible_item
from workflow.messages import Message, lazy
from workflow.model import Person, Via
from workflow.queries.items import ItemView, item_view, transitions_for
from workflow.queries.listing import waiting_for
from workflow.values import counter

router = APIRouter()
_MANY = 200
_MOST_LEFT = 2_000
"""So many of those that are not on the page are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidableItem:
    """One item of a list, with what its reader may decide alike for several.

    ``why_not``: why that is nothing.
    """

    view: ItemView
    transitions: tuple[Transition, ...]
    why_not: Message | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ManyPage(Page):
    """Items to choose from, the decisions open on any of them, and what became of those chosen."""

    template: ClassVar[str] = "many.html"
    choices: Sequence[DecidableItem]
    chosen: Collection[str]
    """The codes of those that are chosen as the page is opened."""
    more: int
    """How many others wait for the reader."""
    transitions: Sequence[Transition]
    results: Mapping[str, str]
    """What kept each item from being decided, by its code; empty where nothing did."""
    errors: Sequence[str]
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Before:
    """What became of what was asked before, and the status that it is answered with."""

    results: Mapping[str, str] = field(default_factory=dict)
    errors: Sequence[str] = ()
    status: int = 200


@router.get("/together")
async def choose_many(request: Request, asker: Asker) -> Response:
    """Show the items that the address names, chosen; else all that waits for me, none chosen."""
    codes = request.query_params.getlist("code")
    return await _many(request, asker, codes, chosen=codes)


async def _many(
    request: Request,
    asker: Caller,
    codes: Sequence[str],
    *,
    chosen: Collection[str] = (),
    before: _Before = _Before(),
) -> Response:
    parts = application(request)

    def load(connection: Connection) -> tuple[list[DecidableItem], int]:
        waiting, _ = waiting_for(parts.context, connection, asker.person.id, _MOST_LEFT)
        named = codes or ([] if before.results else [each.code for each in waiting])
        found = _choices(parts, connection, asker, named[:_MANY])
        shown_ids = {each.view.item.id for each in found}
        return found, sum(each.id not in shown_ids for each in waiting)

    choices, more = await parts.database.report(load)
    shown = ManyPage(
        choices=choices,
        chosen=chosen,
        more=more,
        transitions=list(
            {each.id: each for choice in choices for each in choice.transitions}.values()
        ),
        results=before.results,
        errors=before.errors,
        key=secrets.token_hex(16),
    )
    return render_page(request, asker, shown, before.status)


def _choices(
    parts: Application, connection: Connection, asker: Caller, codes: Sequence[str]
) -> list[DecidableItem]:
    """Return the items of ``codes`` that the asker sees.

    Each comes with the transitions open to them that ask for nothing of its own.
    """
    found = []
    for code in dict.fromkeys(codes):
        try:
            item = visible_item(connection, code, asker.person)
        except NotFoundRefusal:
            continue
        open_ones = [
            each.transition
            for each in transitions_for(parts.context, connection, item, asker.person)
            if each.is_allowed
        ]
        view = item_view(parts.context, connection, item, asker.person.id)
        alike = tuple(each for each in open_ones if not _wants_a_page(each))
        why_not = None if alike else _why_not(view, open_ones, asker.person)
        found.append(DecidableItem(view=view, transitions=alike, why_not=why_not))
    return found


def _why_not(view: ItemView, open_ones: Sequence[Transition], reader: Person) -> Message:
    if open_ones:
        return lazy("“{step}” is done on the item's own page", step=open_ones[0].label)
    if view.state.final:
        return lazy("nothing is left to decide")
    if reader.id in {each.person.id for each in view.holders}:
        return lazy("no step is open now; the item's own page says why")
    return lazy("it waits for somebody else")


def _wants_a_page(transition: Transition) -> bool:
    """Return whether a transition asks for what one form for many cannot.

    A number, or the author's own word on secrets.
    """
    is_award = transition.result is not None
    return (
        is_award
        or transition.numbered
        or transition.by is Actor.AUTHOR
        or bool(transition.confirms)
    )


@router.post("/together")
async def decide_many(request: Request, parts: Parts, asker: Asker) -> Response:
    """Take one decision on each chosen item, as it was shown.

    Each is judged by itself and has its own result.
    """
    form = await read_form(request)
    codes = list(dict.fromkeys(str(each) for each in form.getlist("code")))
    shown = [str(each) for each in form.getlist("shown")]
    if not codes or not form.get("decision") or len(codes) > _MANY:
        errors = [
            translate(
                "Choose one to {many} items and a decision. Nothing was recorded.", many=_MANY
            )
        ]
        before = _Before(errors=errors, status=422)
        return await _many(request, asker, shown, chosen=codes, before=before)
    try:
        problems = await _decided(parts, asker, form, codes)
    except SecondFactorRefusal as refusal:
        errors = [*reasons_in_words(refusal), translate("Nothing was recorded.")]
        before = _Before(errors=errors, status=page_status(refusal))
        return await _many(request, asker, shown, chosen=codes, before=before)
    left = [code for code in shown if problems.get(code) != ""]
    before = _Before(results={code: problems[code] for code in codes})
    return await _many(request, asker, left, before=before)


async def _decided(
    parts: Application, asker: Caller, form: FormData, codes: Sequence[str]
) -> dict[str, str]:
    """Decide on each item.

    Return for each why not, or nothing. Raises SecondFactorRefusal: then nothing was recorded.
    """
    asked = await parts.database.report(
        lambda connection: {
            code: _decision_for(parts, connection, asker, form, code) for code in codes
        }
    )
    commands = [each for each in asked.values() if not isinstance(each, Refusal)]
    planned = await plan_and_prove(parts, commands, factor_in(form)) if commands else []
    settled = asked | {command.code: each for command, each in zip(commands, planned, strict=True)}
    problems = await asyncio.gather(*(_problem(parts, each) for each in settled.values()))
    return dict(zip(settled, problems, strict=True))


def _decision_for(
    parts: Application, connection: Connection, asker: Caller, form: FormData, code: str
) -> Decide | Refusal:
    """Return the decision that the form asks for on one item, or why a list cannot ask for it."""
    transition = text_in(form, "decision")
    version = counter(text_in(form, f"version-{code}"))
    if version is None:
        return InvalidRefusal(
            reason("version", "The version you have seen is missing. Reload the page.")
        )
    try:
        item = visible_item(connection, code, asker.person)
    except NotFoundRefusal as refusal:
        return refusal
    if any(
        each.transition.id == transition and _wants_a_page(each.transition)
        for each in transitions_for(parts.context, connection, item, asker.person)
    ):
        return InvalidRefusal(reason("together", "This step is not done in bulk. Open each item."))
    return Decide(
        code=code,
        transition=transition,
        cause=replace(page_cause(asker, form, code), via=Via.BULK),
        version=version,
        comment=text_in(form, "comment"),
        confirmed=frozenset(),
    )


async def _problem(parts: Application, planned: Decide | Refusal) -> str:
    """Write one decision; return why it was refused, or nothing."""
    try:
        if isinstance(planned, Refusal):
            raise planned
        await parts.database.write(planned)
    except Refusal as refusal:
        return " ".join(reasons_in_words(refusal)) or translate(refusal)
    except (BusyError, StorageError, UnavailableError) as trouble:
        return translate(trouble)  # the others may be recorded, and are told
    return ""
