"""What people do behind a link beside deciding: undo, stand aside, say “this is not me”.

A link grants these for its own item and person; what it serves for is judged here by its status.
"""

from collections.abc import Callable

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from api.auth.access_log import AccessKind, NoteAccess
from api.auth.callers import application
from api.composition import Application
from api.problems import page_status
from api.web.errors import reasons_in_words
from api.web.form_fields import text_in
from api.web.forms import form_key, read_form
from api.web.pages.link import show_link
from api.web.pages.link_notice import link_cause, show_sentence, unknown_link
from api.web.pages.link_state import open_link, open_page
from notifications.translation import translate
from workflow.command import AnyCommand
from workflow.commands.recuse import Recuse
from workflow.commands.report_misdirected_link import DisownLink
from workflow.commands.undo import Undo
from workflow.errors import InvalidRefusal, LinkRefusal, Refusal, reason
from workflow.links import LinkStatus, refusal_of
from workflow.queries.link import GenuineLink

router = APIRouter(prefix="/a")


@router.post("/{token}/undo")
async def undo_by_link(request: Request, token: str) -> Response:
    """Take back the decision that this link made, and no other."""

    def command(link: GenuineLink, form: FormData) -> Undo:
        _require_tick(form)
        cause = link_cause(link, form_key(form), form)
        return Undo(code=link.item.code, cause=cause, entry=link.link.used_entry)

    return await _by_link(request, token, {LinkStatus.USED}, command)


@router.post("/{token}/recuse")
async def recuse_by_link(request: Request, token: str) -> Response:
    """Drop out of the item in the step that this link is about."""

    def command(link: GenuineLink, form: FormData) -> Recuse:
        why = text_in(form, "comment")
        return Recuse(code=link.item.code, cause=link_cause(link, form_key(form), form), why=why)

    return await _by_link(request, token, {LinkStatus.LIVE}, command)


@router.post("/{token}/not-me")
async def not_me(request: Request, token: str) -> Response:
    """End the link of whoever says that it was not meant for them, and tell the Office.

    Also where somebody has used it.
    """

    def command(link: GenuineLink, form: FormData) -> DisownLink:
        _require_tick(form)
        return DisownLink(code=link.item.code, cause=link_cause(link, form_key(form), form))

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
            status, errors = page_status(refusal), reasons_in_words(refusal)
        else:
            if isinstance(command, DisownLink):
                return await _thanks(request, parts, link)
    opened = await open_page(request, token)
    if opened is None:
        return await unknown_link(request)
    return show_link(request, opened, errors=errors, status=status)


async def _thanks(request: Request, parts: Application, link: GenuineLink) -> Response:
    await parts.database.write(
        NoteAccess.of(
            request, AccessKind.NOT_ME, person=link.person.id, item=link.item.id, link=link.link.id
        )
    )
    return show_sentence(
        request,
        translate("Thank you for telling us."),
        translate(
            "The link no longer serves and the Office was told. Please delete the "
            "mail; you need do nothing more."
        ),
    )
