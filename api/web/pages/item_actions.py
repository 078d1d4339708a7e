"""What people do on a page or behind a link beside deciding: undo, recuse themselves, say “this is not me”, decide many at once."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from api.auth.access_log import NoteAccess
from api.auth.callers import application
from api.auth.second_factor import prove
from api.auth.sessions import Caller
from api.composition import Application
from api.web.forms import form_digest, form_key, read_form
from api.web.pages.item import show_refused
from api.web.pages.link import show_link, unknown_link
from api.web.pages.link_state import Opened, open_link
from api.web.rendering import page, render, signed_in
from notifications.translation import translate
from workflow.commands.decide import Decide
from workflow.commands.opinions import AskOpinion, Comment, GiveOpinion
from workflow.commands.reassign import Reassign
from workflow.commands.recuse import Recuse
from workflow.commands.report_misdirected_link import DisownLink
from workflow.commands.undo import Undo
from workflow.definition import Actor, Transition
from workflow.errors import InvalidRefusal, NotFoundRefusal, Refusal, SecondFactorRefusal, reason
from workflow.lookups.items import visible_item
from workflow.model import Method, Via
from workflow.queries.items import ItemView, item_view, transitions_for
from workflow.values import counter

router = APIRouter()
Asker = Annotated[Caller, Depends(signed_in)]
_MANY = 200


@router.post("/items/{code}/undo")
async def undo(request: Request, asker: Asker, code: str) -> Response:
    """Take back the last decision."""
    form = await read_form(request)
    command = Undo(
        code=code,
        actor=asker.person.id,
        via=Via.PAGE,
        method=asker.method,
        command_id=form_key(form),
        digest=form_digest(form),
    )
    return await _done(request, asker, code, command)


@router.post("/items/{code}/recuse")
async def recuse(request: Request, asker: Asker, code: str) -> Response:
    """Drop out of an item that one is concerned by."""
    form = await read_form(request)
    why = str(form.get("comment") or "")
    command = Recuse(
        code=code,
        actor=asker.person.id,
        why=why,
        via=Via.PAGE,
        method=asker.method,
        command_id=form_key(form),
        digest=form_digest(form),
    )
    return await _done(request, asker, code, command, typed={"why": why})


@router.post("/items/{code}/reassign")
async def reassign(request: Request, asker: Asker, code: str) -> Response:
    """Put somebody in a holder's place."""
    form = await read_form(request)
    old, new, why = (str(form.get(name) or "") for name in ("from", "to", "comment"))
    key = f"{form_key(form)}:reassign"
    command = Reassign(
        code=code,
        from_=old,
        to=new,
        why=why,
        actor=asker.person.id,
        via=Via.PAGE,
        method=asker.method,
        command_id=key,
        digest=form_digest(form),
    )
    return await _done(
        request, asker, code, command, typed={"from": old, "to": new, "why-reassign": why}
    )


@router.post("/items/{code}/opinions")
async def consult(request: Request, asker: Asker, code: str) -> Response:
    """Ask somebody what they think of the item, or answer."""
    form = await read_form(request)
    words, of = str(form.get("words") or ""), str(form.get("of") or "")
    command: AskOpinion | GiveOpinion
    if of:
        key = f"{form_key(form)}:ask"
        command = AskOpinion(
            code=code,
            of=of,
            question=words,
            actor=asker.person.id,
            via=Via.PAGE,
            method=asker.method,
            command_id=key,
            digest=form_digest(form),
        )
    else:
        key = f"{form_key(form)}:give"
        command = GiveOpinion(
            code=code,
            words=words,
            actor=asker.person.id,
            via=Via.PAGE,
            method=asker.method,
            command_id=key,
            digest=form_digest(form),
        )
    response = await _done(
        request, asker, code, command, typed={"of": of, "question" if of else "words": words}
    )
    is_closed = isinstance(command, GiveOpinion) and response.status_code == 303  # noqa: PLR2004 - done
    return RedirectResponse("/", status_code=303) if is_closed else response


@router.post("/items/{code}/comments")
async def comment(request: Request, asker: Asker, code: str) -> Response:
    """Say something about the item to everybody who may read it."""
    form = await read_form(request)
    words, key = str(form.get("words") or ""), f"{form_key(form)}:comment"
    command = Comment(
        code=code,
        words=words,
        actor=asker.person.id,
        via=Via.PAGE,
        method=asker.method,
        command_id=key,
        digest=form_digest(form),
    )
    return await _done(request, asker, code, command, typed={"comment-words": words}, to="comments")


async def _done(
    request: Request,
    asker: Caller,
    code: str,
    command: Undo | Recuse | Reassign | AskOpinion | GiveOpinion | Comment,
    *,
    typed: dict[str, str] | None = None,
    to: str = "",
) -> Response:
    """Run a command and show the item, at the part called ``to``; refused, with why and what was typed, by the ids of the fields."""
    try:
        await application(request).database.write(command)
    except NotFoundRefusal:
        raise
    except Refusal as refusal:
        return await show_refused(
            request, asker, code, [translate(each) for each in refusal.reasons], typed=typed
        )
    return RedirectResponse(f"/items/{code}#{to}" if to else f"/items/{code}", status_code=303)


@router.post("/a/{token}/undo")
async def undo_by_link(request: Request, token: str) -> Response:
    """Take back the decision that this link made, and no other."""

    def command(opened: Opened, form: FormData) -> Undo:
        _require_tick(form)
        code, person = opened.view.item.code, opened.person.id
        return Undo(
            code=code,
            actor=person,
            via=Via.LINK,
            method=Method.LINK,
            command_id=form_key(form),
            digest=form_digest(form),
            entry=opened.link.used_entry,
        )

    return await _by_link(request, token, {"used"}, command)


@router.post("/a/{token}/recuse")
async def recuse_by_link(request: Request, token: str) -> Response:
    """Drop out of the item in the step that this link is about."""

    def command(opened: Opened, form: FormData) -> Recuse:
        code, person, why = opened.view.item.code, opened.person.id, str(form.get("comment") or "")
        return Recuse(
            code=code,
            actor=person,
            why=why,
            via=Via.LINK,
            method=Method.LINK,
            command_id=form_key(form),
            digest=form_digest(form),
        )

    return await _by_link(request, token, {"live"}, command)


@router.post("/a/{token}/not-me")
async def not_me(request: Request, token: str) -> Response:
    """End the link of whoever says that it was not meant for them, and tell the Office; also where somebody has used it."""

    def command(opened: Opened, form: FormData) -> DisownLink:
        _require_tick(form)
        return DisownLink(code=opened.view.item.code, person=opened.person.id)

    return await _by_link(request, token, {"live", "changed", "used"}, command)


def _require_tick(form: FormData) -> None:
    """Refuse where the box was not ticked: machines that press every button tick none. Raises InvalidRefusal."""
    if form.get("confirm") != "yes":
        raise InvalidRefusal(
            reason("confirm", "Tick the box to confirm, then send again. Nothing was recorded.")
        )


_Act = Callable[[Opened, FormData], Undo | Recuse | DisownLink]


async def _by_link(request: Request, token: str, serving: set[str], act: _Act) -> Response:
    """Run what ``act`` makes of a genuine link whose status is one of ``serving``; the others only show what became of them."""
    parts = application(request)
    opened = await open_link(request, token)
    if opened is None:
        return await unknown_link(request)
    form = await read_form(request)
    if opened.status not in serving:
        return show_link(
            request, parts, opened, status=410 if opened.status in {"revoked", "expired"} else 409
        )
    try:
        await parts.database.write(command := act(opened, form))
    except InvalidRefusal as refusal:
        return show_link(
            request, parts, opened, errors=[translate(each) for each in refusal.reasons], status=422
        )
    except Refusal as refusal:
        return show_link(
            request, parts, opened, errors=[translate(each) for each in refusal.reasons], status=409
        )
    if isinstance(command, DisownLink):
        await parts.database.write(
            NoteAccess(
                what="not_me",
                person=opened.person.id,
                item=opened.view.item.id,
                link=opened.link.id,
            )
        )
        sentences = [
            translate(
                "The link no longer serves and the Office was told. Please delete the "
                "mail; you need do nothing more."
            )
        ]
        return render(
            "link.html",
            {
                "agency": parts.agency,
                "view": None,
                "heading": translate("Thank you for telling us."),
                "sentences": sentences,
            },
        )
    after = await open_link(request, token)
    return show_link(request, parts, after or opened)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One item of a list, with what its reader may decide alike for several."""

    view: ItemView
    transitions: tuple[Transition, ...]


@router.get("/together")
async def choose_many(request: Request, asker: Asker) -> Response:
    """Show what waits for me with one decision for those I choose."""
    parts = application(request)
    codes = request.query_params.getlist("code")
    return await _many(request, asker, parts, codes, results=[], errors=[])


async def _many(
    request: Request,
    asker: Caller,
    parts: Application,
    codes: list[str],
    *,
    results: list[dict[str, str]],
    errors: list[str],
    status: int = 200,
) -> Response:
    choices = await parts.database.report(
        lambda connection: _choices(parts, connection, asker, codes[:_MANY])
    )
    values = {
        "choices": choices,
        "codes": codes,
        "transitions": list(
            {each.id: each for choice in choices for each in choice.transitions}.values()
        ),
        "results": results,
        "errors": errors,
        "key": secrets.token_hex(16),
        "most": _MANY,
    }
    return page(request, asker, "many.html", values, status)


def _choices(
    parts: Application, connection: Connection, asker: Caller, codes: list[str]
) -> list[Choice]:
    """Return the items of ``codes`` that the asker sees, each with the transitions open to them that ask for nothing of its own."""
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
        alike = tuple(each for each in open_ones if not _wants_a_page(each))
        found.append(
            Choice(
                view=item_view(parts.context, connection, item, asker.person.id), transitions=alike
            )
        )
    return found


def _wants_a_page(transition: Transition) -> bool:
    """Return whether a transition asks for what one form for many cannot."""
    return transition.numbered or transition.by is Actor.AUTHOR or bool(transition.confirms)


@router.post("/together")
async def decide_many(request: Request, asker: Asker) -> Response:
    """Take one decision on each chosen item, as it was shown; each is judged by itself and has its own result."""
    parts = application(request)
    form = await read_form(request)
    codes = [str(each) for each in form.getlist("code")]
    transition = str(form.get("decision") or "")
    if not codes or not transition or len(codes) > _MANY:
        errors = [
            translate(
                "Choose one to {many} items and a decision. Nothing was recorded.", many=_MANY
            )
        ]
        return await _many(
            request,
            asker,
            parts,
            [str(each) for each in form.getlist("shown")],
            results=[],
            errors=errors,
            status=422,
        )
    try:
        method = await _method_for_many(parts, asker, form, codes, transition)
    except SecondFactorRefusal as refusal:
        errors = [
            *(translate(each) for each in refusal.reasons),
            translate("Nothing was recorded."),
        ]
        shown = [str(each) for each in form.getlist("shown")]
        return await _many(
            request,
            asker,
            parts,
            shown,
            results=[],
            errors=errors,
            status=429 if refusal.is_locked else 403,
        )
    results = [
        await _one_of_many(parts, asker, form, code, transition, method)
        for code in dict.fromkeys(codes)
    ]
    left = [
        str(each)
        for each in form.getlist("shown")
        if str(each) not in {each["code"] for each in results if not each["problem"]}
    ]
    return await _many(request, asker, parts, left, results=results, errors=[])


def _is_for_a_page(
    parts: Application, connection: Connection, asker: Caller, code: str, transition: str
) -> bool:
    item = visible_item(connection, code, asker.person)
    found = transitions_for(parts.context, connection, item, asker.person)
    return any(
        each.transition.id == transition and _wants_a_page(each.transition) for each in found
    )


async def _method_for_many(
    parts: Application, asker: Caller, form: FormData, codes: list[str], transition: str
) -> Method:
    """Return how the asker is known for this list: by a factor given once for it where the step wants one. Raises SecondFactorRefusal."""

    def wants_factor(connection: Connection) -> bool:
        chosen = _choices(parts, connection, asker, codes)
        return any(
            each.id == transition and each.second_factor
            for choice in chosen
            for each in choice.transitions
        )

    if await parts.database.report(wants_factor):
        return await prove(parts, asker.person.id, form)
    return asker.method


async def _one_of_many(
    parts: Application, asker: Caller, form: FormData, code: str, transition: str, method: Method
) -> dict[str, str]:
    version = counter(str(form.get(f"version-{code}") or ""))
    try:
        if version is None:
            raise InvalidRefusal(
                reason("version", "The version you have seen is missing. Reload the page.")
            )
        if await parts.database.read(
            lambda connection: _is_for_a_page(parts, connection, asker, code, transition)
        ):
            raise InvalidRefusal(
                reason("together", "This step is not done in bulk. Open each item.")
            )
        await parts.database.write(
            Decide(
                code=code,
                transition=transition,
                actor=asker.person.id,
                version=version,
                via=Via.BULK,
                method=method,
                command_id=f"{form_key(form)}:{code}",
                digest=form_digest(form),
                comment=str(form.get("comment") or ""),
            )
        )
    except Refusal as refusal:
        return {
            "code": code,
            "problem": " ".join(translate(each) for each in refusal.reasons) or translate(refusal),
        }
    return {"code": code, "problem": ""}
