"""What people do on a page or behind a link beside deciding.

Undo, recuse themselves, say “this is not me”.
"""

from collections.abc import Callable

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from api.auth.access_log import NoteAccess
from api.auth.callers import application
from api.auth.sessions import Caller
from api.composition import Application
from api.problems import page_status
from api.web.forms import form_digest, form_key, read_form
from api.web.pages.item import show_refused
from api.web.pages.link import show_link, show_sentence, unknown_link
from api.web.pages.link_state import open_link, open_page
from api.web.rendering import Asker
from notifications.translation import translate
from workflow.command import AnyCommand, Cause
from workflow.commands.opinions import AskOpinion, Comment, GiveOpinion
from workflow.commands.reassign import Reassign
from workflow.commands.recuse import Recuse
from workflow.commands.report_misdirected_link import DisownLink
from workflow.commands.undo import Undo
from workflow.errors import InvalidRefusal, LinkRefusal, NotFoundRefusal, Refusal, reason
from workflow.links import LinkStatus, refusal_of
from workflow.model import Method, Via
from workflow.queries.link import GenuineLink

router = APIRouter()


@router.post("/items/{code}/undo")
async def undo(request: Request, asker: Asker, code: str) -> Response:
    """Take back the last decision."""
    form = await read_form(request)
    command = Undo(
        code=code,
        cause=Cause(
            actor=asker.person.id,
            via=Via.PAGE,
            method=asker.method,
            command_id=form_key(form),
            digest=form_digest(form),
        ),
    )
    return await _done(request, asker, code, command)


@router.post("/items/{code}/recuse")
async def recuse(request: Request, asker: Asker, code: str) -> Response:
    """Drop out of an item that one is concerned by."""
    form = await read_form(request)
    why = str(form.get("comment") or "")
    command = Recuse(
        code=code,
        cause=Cause(
            actor=asker.person.id,
            via=Via.PAGE,
            method=asker.method,
            command_id=form_key(form),
            digest=form_digest(form),
        ),
        why=why,
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
        cause=Cause(
            actor=asker.person.id,
            via=Via.PAGE,
            method=asker.method,
            command_id=key,
            digest=form_digest(form),
        ),
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
            cause=Cause(
                actor=asker.person.id,
                via=Via.PAGE,
                method=asker.method,
                command_id=key,
                digest=form_digest(form),
            ),
        )
    else:
        key = f"{form_key(form)}:give"
        command = GiveOpinion(
            code=code,
            words=words,
            cause=Cause(
                actor=asker.person.id,
                via=Via.PAGE,
                method=asker.method,
                command_id=key,
                digest=form_digest(form),
            ),
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
        cause=Cause(
            actor=asker.person.id,
            via=Via.PAGE,
            method=asker.method,
            command_id=key,
            digest=form_digest(form),
        ),
    )
    return await _done(request, asker, code, command, typed={"comment-words": words}, to="comments")


async def _done(
    request: Request,
    asker: Caller,
    code: str,
    command: AnyCommand,
    *,
    typed: dict[str, str] | None = None,
    to: str = "",
) -> Response:
    """Run a command and show the item, at the part called ``to``.

    Refused, with why and what was typed, by the ids of the fields.
    """
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

    def command(link: GenuineLink, form: FormData) -> Undo:
        _require_tick(form)
        code, person = link.item.code, link.person.id
        return Undo(
            code=code,
            cause=Cause(
                actor=person,
                via=Via.LINK,
                method=Method.LINK,
                command_id=form_key(form),
                digest=form_digest(form),
            ),
            entry=link.link.used_entry,
        )

    return await _by_link(request, token, {LinkStatus.USED}, command)


@router.post("/a/{token}/recuse")
async def recuse_by_link(request: Request, token: str) -> Response:
    """Drop out of the item in the step that this link is about."""

    def command(link: GenuineLink, form: FormData) -> Recuse:
        code, person, why = link.item.code, link.person.id, str(form.get("comment") or "")
        return Recuse(
            code=code,
            cause=Cause(
                actor=person,
                via=Via.LINK,
                method=Method.LINK,
                command_id=form_key(form),
                digest=form_digest(form),
            ),
            why=why,
        )

    return await _by_link(request, token, {LinkStatus.LIVE}, command)


@router.post("/a/{token}/not-me")
async def not_me(request: Request, token: str) -> Response:
    """End the link of whoever says that it was not meant for them, and tell the Office.

    Also where somebody has used it.
    """

    def command(link: GenuineLink, form: FormData) -> DisownLink:
        _require_tick(form)
        return DisownLink(
            code=link.item.code,
            cause=Cause(
                actor=link.person.id,
                via=Via.LINK,
                method=Method.LINK,
                command_id=form_key(form),
            ),
        )

    serving = {LinkStatus.LIVE, LinkStatus.CHANGED, LinkStatus.USED}
    return await _by_link(request, token, serving, command)


def _require_tick(form: FormData) -> None:
    """Refuse where the box was not ticked: machines that press every button tick none.

    Raises InvalidRefusal.
    """
    if form.get("confirm") != "yes":
        raise InvalidRefusal(
            reason("confirm", "Tick the box to confirm, then send again. Nothing was recorded.")
        )


_Act = Callable[[GenuineLink, FormData], AnyCommand]


async def _by_link(request: Request, token: str, serving: set[LinkStatus], act: _Act) -> Response:
    """Run what ``act`` makes of a genuine link whose status is one of ``serving``.

    The others only show what became of them.
    """
    parts = application(request)
    link = await open_link(request, token)
    if link is None:
        return await unknown_link(request)
    form = await read_form(request)
    status, errors = 200, []
    if link.status not in serving:
        # A live link has decided nothing that it could take back.
        status = page_status(refusal_of(link.status) or LinkRefusal())
    else:
        try:
            await parts.database.write(command := act(link, form))
        except Refusal as refusal:
            # What a link cannot do any more is not forbidden to its person: the item went on.
            if not isinstance(refusal, InvalidRefusal):
                refusal = LinkRefusal(*refusal.reasons)
            status, errors = page_status(refusal), [translate(each) for each in refusal.reasons]
        else:
            if isinstance(command, DisownLink):
                return await _thanks(request, parts, link)
    opened = await open_page(request, token)
    if opened is None:
        return await unknown_link(request)
    return show_link(request, opened, errors=errors, status=status)


async def _thanks(request: Request, parts: Application, link: GenuineLink) -> Response:
    await parts.database.write(
        NoteAccess(what="not_me", person=link.person.id, item=link.item.id, link=link.link.id)
    )
    return show_sentence(
        request,
        translate("Thank you for telling us."),
        translate(
            "The link no longer serves and the Office was told. Please delete the "
            "mail; you need do nothing more."
        ),
    )
