"""What an item left with, and what became of that: its links, how it arrived, what amended it.

The clerk's and the Office's to write, the auditors' to read. Each form is one command; refused, the
page is shown again with what was typed.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import ClassVar

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.responses import Response

from api.auth.access_log import AccessKind, NoteAccess
from api.auth.callers import Asker, Parts, application
from api.auth.sessions import Caller
from api.composition import Application
from api.downloads import private_file
from api.official_documents import drawn, writing_for
from api.web.accesses_in_words import Opening, recipient_openings
from api.web.flash import redirect_with_flash
from api.web.form_fields import DOCUMENT_NUMBER, day_in, number_in, text_in
from api.web.forms import page_cause, read_form, refused_form
from api.web.labels import CHANNELS
from api.web.rendering import FormPage, render_page
from notifications.amendments_in_words import amended_words
from notifications.translation import translate
from workflow.command import AnyCommand
from workflow.commands.amend_sending import AmendSending, RecordDelivery, RevokeRecipientLink
from workflow.documents import EdxmlFile, EdxmlMessage, Organ, edxml
from workflow.errors import InvalidRefusal, NotFoundRefusal, Refusal, reason
from workflow.history.payloads import DeliveryRecorded, IssueAmended
from workflow.lookups.items import visible_item
from workflow.lookups.signatures import signature_on
from workflow.messages import Message, lazy
from workflow.model import Item, StoredFile
from workflow.people import may_read_register, may_register, require_registrar
from workflow.queries.document_facts import issue_of
from workflow.queries.dossier_documents import PackedDocument, packed_documents
from workflow.queries.dossiers import sent_with
from workflow.queries.items import item_view
from workflow.queries.listing import Sending, dispatch_of
from workflow.queries.recipient_link import RecipientLinkView, links_to
from workflow.queries.register import line_of
from workflow.queries.timeline import timeline

router = APIRouter(prefix="/items")
_MOST_OPENINGS = 50
_MOST_BYTES = 100_000_000
"""Of the files in one edXML file."""
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
    return await parts.database.report(lambda connection: _load(parts, connection, asker, code))


def _load(parts: Application, connection: Connection, asker: Caller, code: str) -> SendingPage:
    item, person = visible_item(connection, code, asker.person), asker.person
    sending = dispatch_of(connection, item.id)
    if sending is None or not may_read_register(person):
        raise NotFoundRefusal(lazy("the item {code}", code=code))
    payloads = [each.fact.payload for each in timeline(parts.context, connection, item)]
    opened = recipient_openings(parts, connection, item.id, _MOST_OPENINGS)
    return SendingPage(
        item=item,
        sending=sending,
        channel=CHANNELS[sending.channel],
        links=links_to(connection, item),
        opened=opened,
        delivered=[
            (each.reference, each.delivered_on)
            for each in payloads
            if isinstance(each, DeliveryRecorded)
        ],
        amended=[amended_words(each) for each in payloads if isinstance(each, IssueAmended)],
        is_kept_here=parts.context.outgoing.is_kept_here,
        may_write=may_register(person),
        ways=[*_HOW.items()],
        now=parts.clock.now(),
    )


@router.get("/{sent}/sending.edxml")
async def download_edxml(request: Request, parts: Parts, asker: Asker, sent: str) -> Response:
    """Return the document as an edXML file, for import into the agency's document system."""
    found = await parts.database.report(
        lambda connection: _exchanged(parts, connection, asker, sent)
    )
    content = await asyncio.to_thread(_edxml_of, parts, found)
    note = NoteAccess.of(request, AccessKind.FILE_READ, person=asker.person.id, note="edxml")
    await parts.database.write(note)
    return private_file(content, "application/xml", f"{sent}.edxml")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Exchanged:
    """What an edXML file is made of; ``letter``: as made here, where no signed one is kept."""

    message: EdxmlMessage
    letter: Sequence[PackedDocument]
    files: Sequence[StoredFile]


def _exchanged(parts: Application, connection: Connection, asker: Caller, code: str) -> _Exchanged:
    item, agency = visible_item(connection, code, asker.person), parts.agency
    require_registrar(asker.person)
    sending = dispatch_of(connection, item.id)
    written = writing_for(parts, asker.person)
    line = line_of(written, connection, sending.notation, sending.issued_on) if sending else None
    if sending is None or line is None:
        raise NotFoundRefusal(lazy("the item {code}", code=code))
    signature = signature_on(parts.context, connection, item)
    signed = [signature.copy.file] if signature and signature.copy else []
    files = [*signed, *item_view(parts.context, connection, item, asker.person.id).content.files]
    if sum(each.size for each in files) > _MOST_BYTES:
        raise InvalidRefusal(reason("files", "The files are too large for one edXML file."))
    to = [agency.recipient] if agency.recipient else list(agency.outside)
    message = EdxmlMessage(
        sender=Organ(id=agency.outgoing.organ_id, name=agency.name),
        recipients=[Organ(id=each.organ_id, name=each.name, email=each.email) for each in to],
        notation=sending.notation,
        issued_on=date.fromisoformat(sending.issued_on),
        place=agency.place,
        type_name=line.kind_name,
        subject=line.about,
        signer=line.signer,
        position="",
        at=parts.clock.now().astimezone(parts.context.calendar.zone),
        files=(),
    )
    writing = partial(writing_for, parts)
    made = packed_documents(writing, connection, sent_with(connection, item), issue_of(sending))
    return _Exchanged(message=message, letter=[] if signed else made[:1], files=files)


def _edxml_of(parts: Application, found: _Exchanged) -> bytes:
    letter = [
        EdxmlFile(
            name=f"{each.kind.value}-CHUA-KY.pdf",
            media_type="application/pdf",
            content=drawn(parts.settings, each.kind.value, each.made),
        )
        for each in found.letter
    ]
    read = [
        EdxmlFile(name=each.name, media_type=each.media_type, content=parts.files.get(each.sha256))
        for each in found.files
    ]
    return edxml(replace(found.message, files=[*letter, *read]))


@router.post("/{sent}/sending/amendments")
async def amend(request: Request, asker: Asker, sent: str) -> Response:
    """Record a correction, a replacement or a recall, and give its document a number."""
    form = await read_form(request)
    try:
        number = number_in(form, "number", DOCUMENT_NUMBER)
    except InvalidRefusal as refusal:
        return refused_form(request, asker, await _page(request, asker, sent), form, refusal)
    command = AmendSending(
        code=sent,
        cause=page_cause(asker, form, "amend"),
        how=text_in(form, "how"),
        why=text_in(form, "why"),
        unit=text_in(form, "unit"),
        number=number,
        issued_on=day_in(form, "issued_on") or None,
    )
    told = translate("Recorded. Whoever was told of the sending is told of this.")
    return await _submit(request, asker, form, command, told)


@router.post("/{sent}/sending/deliveries")
async def deliver(request: Request, asker: Asker, sent: str) -> Response:
    """Record that the dossier arrived."""
    form = await read_form(request)
    command = RecordDelivery(
        code=sent,
        cause=page_cause(asker, form, "deliver"),
        reference=text_in(form, "reference"),
        delivered_on=day_in(form, "delivered_on"),
    )
    return await _submit(request, asker, form, command, translate("It is written down."))


@router.post("/{sent}/sending/revoke")
async def revoke(request: Request, asker: Asker, sent: str) -> Response:
    """Take the links back by which the dossier is fetched and answered."""
    form = await read_form(request)
    command = RevokeRecipientLink(code=sent, cause=page_cause(asker, form, "revoke"))
    return await _submit(request, asker, form, command, translate("The links serve no more."))


async def _submit(
    request: Request, asker: Caller, form: FormData, command: AnyCommand, told: str
) -> Response:
    parts, code = application(request), request.path_params["sent"]
    try:
        await parts.database.write(command)
    except NotFoundRefusal:
        raise
    except Refusal as refusal:
        return refused_form(request, asker, await _page(request, asker, code), form, refusal)
    return redirect_with_flash(request, asker, f"/items/{code}/sending", told)
