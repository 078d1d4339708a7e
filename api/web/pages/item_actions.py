"""What people do on an item's page beside deciding: undo, stand aside, reassign, consult, comment.

Each form is one command; refused, the item is shown again with what was typed.
"""

from collections.abc import Mapping
from types import MappingProxyType

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.auth.callers import Asker, application
from api.auth.sessions import Caller
from api.web.errors import reasons_in_words
from api.web.flash import redirect_with_flash
from api.web.form_fields import text_in
from api.web.forms import FormState, page_cause, read_form
from api.web.item_flash import item_flash
from api.web.pages.item import show_refused
from notifications.translation import translate
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
    did = translate("The last decision is undone.")
    return await _submit(request, asker, Undo(code=code, cause=page_cause(asker, form)), did)


@router.post("/{code}/recuse")
async def recuse(request: Request, asker: Asker, code: str) -> Response:
    """Drop out of an item that one is concerned by."""
    form = await read_form(request)
    why = text_in(form, "comment")
    command = Recuse(code=code, cause=page_cause(asker, form), why=why)
    did = translate("You stand aside; whoever handles the item now is told.")
    return await _submit(request, asker, command, did, {"why": why})


@router.post("/{code}/reassign")
async def reassign(request: Request, asker: Asker, code: str) -> Response:
    """Put somebody in a holder's place."""
    form = await read_form(request)
    old, new, why = (text_in(form, name) for name in ("from", "to", "comment"))
    cause = page_cause(asker, form, "reassign")
    command = Reassign(code=code, cause=cause, from_=old, to=new, why=why)
    typed = {"from": old, "to": new, "why-reassign": why}
    did = translate("Reassigned. Both people are told.")
    return await _submit(request, asker, command, did, typed)


@router.post("/{code}/opinions")
async def consult(request: Request, asker: Asker, code: str) -> Response:
    """Ask somebody what they think of the item, or answer."""
    form = await read_form(request)
    words, of = text_in(form, "words"), text_in(form, "of")
    if of:
        cause = page_cause(asker, form, "ask")
        question = AskOpinion(code=code, cause=cause, of=of, question=words)
        did = translate("The question is sent.")
        return await _submit(request, asker, question, did, {"of": of, "question": words})
    answer = GiveOpinion(code=code, cause=page_cause(asker, form, "give"), words=words)
    # Who has answered may read the item no more: the way leads to their work.
    did = translate("Your opinion is recorded; whoever asked is told.")
    return await _submit(request, asker, answer, did, {"of": of, "words": words}, to="/")


@router.post("/{code}/comments")
async def comment(request: Request, asker: Asker, code: str) -> Response:
    """Say something about the item to everybody who may read it."""
    form = await read_form(request)
    words = text_in(form, "words")
    command = Comment(code=code, cause=page_cause(asker, form, "comment"), words=words)
    typed = {"comment-words": words}
    did = translate("Your comment is there for everybody who may read the item.")
    return await _submit(request, asker, command, did, typed, to=f"/items/{code}#comments")


async def _submit(
    request: Request,
    asker: Caller,
    command: AnyCommand,
    did: str,
    typed: Mapping[str, str] = MappingProxyType({}),
    *,
    to: str = "",
) -> Response:
    """Run a command, say ``did``, and lead to the item, or to the address ``to``.

    Refused, the item is shown with why and what was typed, by the ids of the fields.
    """
    parts, code = application(request), request.path_params["code"]
    try:
        await parts.database.write(command)
    except NotFoundRefusal:
        raise
    except Refusal as refusal:
        state = FormState(typed=dict(typed), errors=reasons_in_words(refusal), status=409)
        return await show_refused(request, asker, code, state)
    told = await item_flash(parts, asker, code, did)
    return redirect_with_flash(request, asker, to or f"/items/{code}", told)
