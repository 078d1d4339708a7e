"""The page behind the link that takes a change of one's account back: what will happen, and asks.

GET and HEAD change nothing; the link serves once, for its own change and for no session. ``link``
sends here what is such a link.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import Request
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, Response

from api.auth.access_log import AccessKind
from api.auth.account_undo import UndoAccountChange
from api.auth.callers import application
from api.composition import Application
from api.problems import page_status
from api.web.dates import hour_and_day
from api.web.errors import reasons_in_words
from api.web.forms import read_form
from api.web.pages.link_notice import link_cause, note_aside, open_for_reader, unknown_link
from api.web.rendering import Page, render_alone
from notifications.decisions_in_words import decision_words
from notifications.letters.accounts import CHANGES
from notifications.position_names import POSITIONS
from notifications.translation import translate
from workflow.errors import LinkEndedRefusal, LinkRefusal, Refusal
from workflow.events import AccountChange
from workflow.links import LinkStatus
from workflow.lookups.agency import Agency
from workflow.messages import Message, lazy
from workflow.model import Position
from workflow.queries.undo_link import OpenedUndo, find_undo_link


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoPage(Page):
    """What a link takes back, or what became of it."""

    template: ClassVar[str] = "undo_link.html"
    agency: Agency
    heading: str
    what: Message
    by: str
    at: str
    effects: Sequence[Message | str]
    meanwhile: Sequence[str]
    receipt: str
    is_live: bool
    is_done: bool
    here: str
    issued_to: str
    until: str
    errors: Sequence[str] = ()


_EFFECTS = {
    AccountChange.ADDRESS: (
        lazy("Mails and links go to your earlier address again; those sent to the other one end."),
        lazy("Everybody who is signed in as you, and every token, is signed out."),
        lazy("A password or factor that was set since from the other address ends."),
    ),
    AccountChange.POSITION: (
        lazy("You have your earlier position again, and lose what the new one may."),
        lazy("Items that wait for you by the new position go to others."),
    ),
    AccountChange.FACTOR: (
        lazy("The PIN, authenticator app or passkey that was set signs no more."),
        lazy("Everybody who is signed in as you, and every token, is signed out."),
        lazy("To sign again you need a new one from the administrator."),
    ),
    AccountChange.PASSWORD: (
        lazy("The password that was set opens nothing more; the earlier one does not come back."),
        lazy("Everybody who is signed in as you, and every token, is signed out."),
        lazy("Set a new password by “Forgot password”, or ask the administrator for a link."),
    ),
    AccountChange.DELEGATION: (
        lazy("The delegation ends at once, and both of you are told."),
        lazy("Items that wait for the other person in your name wait for you alone."),
    ),
    AccountChange.ABSENCE: (
        lazy("The absence ends at once; whoever was to stand in for you is told."),
        lazy("Items that wait for you wait for nobody in your place."),
    ),
}
_AFTER_ALL = lazy("Decisions made meanwhile stay; auditors are told of each.")


async def show_opened(request: Request, token: str) -> Response:
    """Show what a link takes back, or what became of it."""
    opened = await _find_link(request, token)
    if opened is None:
        return await unknown_link(request)
    note_aside(request, AccessKind.UNDO_OPENED, opened.person.id, opened.change.id)
    if request.method == "HEAD":
        return HTMLResponse(status_code=200)
    return await _render(request, opened)


async def answer(request: Request, token: str) -> Response:
    """Take the change back, where the box was ticked: machines that press buttons tick none."""
    opened = await _find_link(request, token)
    if opened is None:
        return await unknown_link(request)
    form = await read_form(request)
    if opened.standing.status is not LinkStatus.LIVE:
        return await _show_ended(request, opened)
    if form.get("confirm") != "yes":
        told = translate("Tick the box to confirm, then send again. Nothing was recorded.")
        return await _render(request, opened, errors=[told], status=400)
    try:
        await application(request).database.write(_command(opened, form))
    except Refusal as refusal:
        again = await _find_link(request, token) or opened
        if again.standing.status is not LinkStatus.LIVE:  # sent twice at once, or overtaken
            return await _show_ended(request, again)
        errors = reasons_in_words(refusal)
        return await _render(request, again, errors=errors, status=page_status(refusal))
    return await _render(request, await _find_link(request, token) or opened)


def _command(opened: OpenedUndo, form: FormData) -> UndoAccountChange:
    cause = link_cause(opened, f"link:{secrets.token_hex(16)}", form)
    return UndoAccountChange(change=opened.change.id, cause=cause)


async def _show_ended(request: Request, opened: OpenedUndo) -> Response:
    """Show what became of a link that takes nothing back any more; used, it shows its receipt."""
    match opened.standing.status:
        case LinkStatus.USED:
            return await _render(request, opened)
        case LinkStatus.EXPIRED:
            return await _render(request, opened, status=page_status(LinkEndedRefusal()))
        case _:
            return await _render(request, opened, status=page_status(LinkRefusal()))


async def _find_link(request: Request, token: str) -> OpenedUndo | None:
    """Return the link if it is genuine; from here on its reader's language is spoken."""
    parts = application(request)
    return await open_for_reader(
        request,
        lambda connection: find_undo_link(parts.context, connection, parts.keys, token),
        lambda _, opened: opened,
    )


async def _render(
    request: Request, opened: OpenedUndo, *, errors: Sequence[str] = (), status: int = 200
) -> HTMLResponse:
    parts, change = application(request), opened.change
    is_live = opened.standing.status is LinkStatus.LIVE

    def page(connection: Connection) -> UndoPage:
        return UndoPage(
            agency=parts.agency,
            heading=_heading(opened),
            what=CHANGES[change.what],
            by=opened.by.name if opened.by else translate("By the server, or you"),
            at=hour_and_day(parts, opened.made.at),
            effects=[*_goes_back_to(opened), *_EFFECTS[change.what], _AFTER_ALL] if is_live else [],
            meanwhile=[
                decision_words(parts.context, connection, each) for each in opened.meanwhile
            ],
            receipt=_receipt(parts, opened),
            is_live=is_live,
            is_done=opened.undone is not None,
            here="/a/" + request.path_params["token"],
            issued_to=opened.person.name,
            until=hour_and_day(parts, change.until),
            errors=errors,
        )

    return render_alone(await parts.database.read(page), status)


def _goes_back_to(opened: OpenedUndo) -> list[str]:
    """Return to what exactly, where a change goes back to something."""
    before = opened.change.goes_back_to
    match opened.change.what:
        case AccountChange.ADDRESS:
            return [translate("Back to: {what}.", what=before["email"])]
        case AccountChange.POSITION:
            position = translate(POSITIONS[Position(before["position"])])
            return [translate("Back to: {what}.", what=position)]
        case _:
            return []


def _heading(opened: OpenedUndo) -> str:
    match opened.standing.status:
        case LinkStatus.LIVE:
            return translate("You may take this change back. Read first what will happen.")
        case LinkStatus.USED:
            return translate("Taken back: the change is no longer in force.")
        case _ if opened.standing.why is not None:
            return translate(opened.standing.why)
        case _:
            return translate("This change cannot be taken back any more.")


def _receipt(parts: Application, opened: OpenedUndo) -> str:
    if opened.undone is None:
        return ""
    return translate(
        "Receipt: entry {seq} of the history, hash {hash}, at {at}.",
        seq=opened.undone.seq,
        hash=opened.undone.hash.hex()[:16],
        at=hour_and_day(parts, opened.undone.at),
    )
