"""What people do on an item's page beside deciding: undo, stand aside, reassign, consult, comment.

Each form is one command; refused, the item is shown again with what was typed.
"""

from collections.abc import Mapping
from types import MappingProxyType

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from api.auth.callers import Asker, application
from api.auth.sessions import Caller
from api.web.errors import reasons_in_words
from api.web.forms import FormState, page_cause, read_form
from api.web.pages.item import show_refused
from workflow.command import AnyCommand
from workflow.commands.opinions import AskOpinion, Comment, GiveOpinion
from workflow.commands.reassign import Reassign
from workflow.commands.recuse import Recuse
from workflow.commands.undo import Undo
from workflow.errors import NotFoundRefusal, Refusal

router = APIRouter(prefix="/items")


@router.post("/{code}/undo")
async def undo(request: Request, asker: Asker, code: str) -> Response:
    """Take back the last decision."""
    form = await read_form(request)
    return await _run(request, asker, code, Undo(code=code, cause=page_cause(asker, form)))


@router.post("/{code}/recuse")
async def recuse(request: Request, asker: Asker, code: str) -> Response:
    """Drop out of an item that one is concerned by."""
    form = await read_form(request)
    why = str(form.get("comment") or "")
    command = Recuse(code=code, cause=page_cause(asker, form), why=why)
    return await _run(request, asker, code, command, {"why": why})


@router.post("/{code}/reassign")
async def reassign(request: Request, asker: Asker, code: str) -> Response:
    """Put somebody in a holder's place."""
    form = await read_form(request)
    old, new, why = (str(form.get(name) or "") for name in ("from", "to", "comment"))
    cause = page_cause(asker, form, "reassign")
    command = Reassign(code=code, cause=cause, from_=old, to=new, why=why)
    typed = {"from": old, "to": new, "why-reassign": why}
    return await _run(request, asker, code, command, typed)


@router.post("/{code}/opinions")
async def consult(request: Request, asker: Asker, code: str) -> Response:
    """Ask somebody what they think of the item, or answer."""
    form = await read_form(request)
    words, of = str(form.get("words") or ""), str(form.get("of") or "")
    if of:
        cause = page_cause(asker, form, "ask")
        question = AskOpinion(code=code, cause=cause, of=of, question=words)
        return await _run(request, asker, code, question, {"of": of, "question": words})
    answer = GiveOpinion(code=code, cause=page_cause(asker, form, "give"), words=words)
    # Who has answered may read the item no more: the way leads to their work.
    return await _run(request, asker, code, answer, {"of": of, "words": words}, to="/")


@router.post("/{code}/comments")
async def comment(request: Request, asker: Asker, code: str) -> Response:
    """Say something about the item to everybody who may read it."""
    form = await read_form(request)
    words = str(form.get("words") or "")
    command = Comment(code=code, cause=page_cause(asker, form, "comment"), words=words)
    typed = {"comment-words": words}
    return await _run(request, asker, code, command, typed, to=f"/items/{code}#comments")


async def _run(
    request: Request,
    asker: Caller,
    code: str,
    command: AnyCommand,
    typed: Mapping[str, str] = MappingProxyType({}),
    *,
    to: str = "",
) -> Response:
    """Run a command and lead to the item, or to the address ``to``.

    Refused, the item is shown with why and what was typed, by the ids of the fields.
    """
    try:
        await application(request).database.write(command)
    except NotFoundRefusal:
        raise
    except Refusal as refusal:
        state = FormState(typed=dict(typed), errors=reasons_in_words(refusal), status=409)
        return await show_refused(request, asker, code, state)
    return RedirectResponse(to or f"/items/{code}", status_code=303)
