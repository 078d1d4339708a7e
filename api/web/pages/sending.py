"""What an item left with, and what became of that: its links, how it arrived, what amended it.

The clerk's and the Office's to write, the auditors' to read. Each form is one command; refused, the
page is shown again with what was typed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.responses import Response

from api.auth.access_log import AccessKind
from api.auth.callers import Asker, Parts, application
from api.auth.sessions import Caller
from api.composition import Application
from api.problems import page_status
from api.web.dates import iso_day
from api.web.flash import redirect_with_flash
from api.web.forms import page_cause, read_form, shown_again
from api.web.labels import CHANNELS
from api.web.openings import Opening, openings
from api.web.rendering import FormPage, render_page
from notifications.amendments_in_words import amended_words
from notifications.translation import translate
from workflow.command import AnyCommand
from workflow.commands.amend_sending import AmendSending, RecordDelivery, RevokeRecipientLink
from workflow.errors import NotFoundRefusal, Refusal
from workflow.history.payloads import DeliveryRecorded, IssueAmended
from workflow.lookups.items import visible_item
from workflow.messages import Message, lazy
from workflow.model import Item
from workflow.people import may_read_history, may_register
from workflow.queries.listing import Sending, dispatch_of
from workflow.queries.recipient_link import RecipientLinkView, links_to
from workflow.queries.timeline import timeline
from workflow.values import counter

router = APIRouter(prefix="/items")
_MOST_OPENINGS = 50
_MOST_NUMBERS = 999_999
_HOW = {
    "correction": lazy("Correct: a letter; the form or the way of issuing was wrong"),
    "replacement": lazy("Replace: a new document of the same kind; the content was wrong"),
    "recall": lazy("Recall: a notice; the document is used no more"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingPage(FormPage):
    """What an item left with, and what became of it."""

    template: ClassVar[str] = "sending.html"
    item: Item
    sending: Sending
    channel: Message
    links: Sequence[RecipientLinkView]
    opened: Sequence[Opening]
    delivered: Sequence[tuple[str, str]]
    """Code or receipt, and day, of each time that it arrived."""
    amended: Sequence[str]
    is_kept_here: bool
    may_write: bool
    ways: Sequence[tuple[str, Message]]
    now: datetime


@router.get("/{sent}/sending")
async def show_sending(request: Request, asker: Asker, sent: str) -> Response:
    """Show what an item left with, and what became of it."""
    return render_page(request, asker, await _page(request, asker, sent))


async def _page(request: Request, asker: Caller, code: str) -> SendingPage:
    parts = application(request)
    return await parts.database.report(lambda connection: _shown(parts, connection, asker, code))


def _shown(parts: Application, connection: Connection, asker: Caller, code: str) -> SendingPage:
    item, person = visible_item(connection, code, asker.person), asker.person
    sending = dispatch_of(connection, item.id)
    if sending is None or not (may_register(person) or may_read_history(person)):
        raise NotFoundRefusal(lazy("the item {code}", code=code))
    said = [each.fact.payload for each in timeline(parts.context, connection, item)]
    opened = openings(parts, connection, item=item.id, count=_MOST_OPENINGS, kinds=_BY_RECIPIENT)
    return SendingPage(
        item=item,
        sending=sending,
        channel=CHANNELS[sending.channel],
        links=links_to(connection, item),
        opened=opened,
        delivered=[
            (each.reference, each.delivered_on)
            for each in said
            if isinstance(each, DeliveryRecorded)
        ],
        amended=[amended_words(each) for each in said if isinstance(each, IssueAmended)],
        is_kept_here=parts.context.outgoing.is_kept_here,
        may_write=may_register(person),
        ways=[*_HOW.items()],
        now=parts.clock.now(),
    )


_BY_RECIPIENT = (AccessKind.ANSWER_OPENED, AccessKind.PACKAGE_OPENED)


@router.post("/{sent}/sending/amendments")
async def amend(request: Request, parts: Parts, asker: Asker, sent: str) -> Response:
    """Record a correction, a replacement or a recall, and give its document a number."""
    form = await read_form(request)
    command = AmendSending(
        code=sent,
        cause=page_cause(asker, form, "amend"),
        how=str(form.get("how") or ""),
        why=str(form.get("why") or ""),
        unit=str(form.get("unit") or ""),
        number=counter(str(form.get("number") or ""), most=_MOST_NUMBERS) or None,
        issued_on=iso_day(str(form.get("issued_on") or "")) or None,
    )
    told = translate("Recorded. Whoever was told of the sending is told of this.")
    return await _run(request, parts, asker, form, command, told)


@router.post("/{sent}/sending/deliveries")
async def deliver(request: Request, parts: Parts, asker: Asker, sent: str) -> Response:
    """Record that the dossier arrived."""
    form = await read_form(request)
    command = RecordDelivery(
        code=sent,
        cause=page_cause(asker, form, "deliver"),
        reference=str(form.get("reference") or ""),
        delivered_on=iso_day(str(form.get("delivered_on") or "")),
    )
    return await _run(request, parts, asker, form, command, translate("It is written down."))


@router.post("/{sent}/sending/revoke")
async def revoke(request: Request, parts: Parts, asker: Asker, sent: str) -> Response:
    """Take the links back by which the dossier is fetched and answered."""
    form = await read_form(request)
    command = RevokeRecipientLink(code=sent, cause=page_cause(asker, form, "revoke"))
    return await _run(request, parts, asker, form, command, translate("The links serve no more."))


async def _run(
    request: Request,
    parts: Application,
    asker: Caller,
    form: FormData,
    command: AnyCommand,
    told: str,
) -> Response:
    code = request.path_params["sent"]
    try:
        await parts.database.write(command)
    except NotFoundRefusal:
        raise
    except Refusal as refusal:
        shown = shown_again(await _page(request, asker, code), form, refusal)
        return render_page(request, asker, shown, page_status(refusal))
    return redirect_with_flash(request, asker, f"/items/{code}/sending", told)
