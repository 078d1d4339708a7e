"""What is held on oneself: every part of it, as an archive, and what one asks about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Asker, Parts
from api.auth.sessions import Caller
from api.composition import Application
from api.downloads import private_file
from api.personal_data import SECTIONS, personal_archive
from api.web.flash import redirect_with_flash
from api.web.form_fields import text_in
from api.web.forms import page_cause, read_form, refused_form
from api.web.pages.privacy import RequestRow, request_row
from api.web.rendering import FormPage, render_page
from notifications.requests_in_words import KINDS, outside_words
from notifications.translation import translate
from workflow.commands.privacy_requests import RecordRequest
from workflow.errors import InvalidRefusal, NotFoundRefusal, Refusal, reason
from workflow.messages import Message, lazy
from workflow.model import RequestKind
from workflow.people import require_office
from workflow.queries import people, privacy
from workflow.queries.privacy import PrivacyRequest

router = APIRouter()


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnDataPage(FormPage):
    """How much of what is held, one's requests with their answers, and the form for one more."""

    template: ClassVar[str] = "own_data.html"
    parts: Sequence[tuple[Message, int]]
    requests: Sequence[tuple[PrivacyRequest, RequestRow]]
    kinds: Mapping[RequestKind, Message]
    outside: str


@router.get("/account/data")
async def show(request: Request, parts: Parts, asker: Asker) -> Response:
    """Show what is held on the reader, by kinds, and their requests."""
    return render_page(request, asker, await _page(parts, asker))


async def _page(parts: Application, asker: Caller) -> OwnDataPage:
    today = parts.context.calendar.local_day(parts.clock.now()).isoformat()

    def load(connection: Connection) -> OwnDataPage:
        held = privacy.held_on(parts.context, connection, asker.person)
        known = people.people_by_id(connection)
        return OwnDataPage(
            parts=[(label, len(held[name])) for name, label in SECTIONS.items() if held[name]],
            requests=[
                (each, request_row(each, known, today))
                for each in privacy.requests_of(connection, asker.person.id)
            ],
            kinds=KINDS,
            outside=outside_words(privacy.privacy_rules(connection)),
        )

    return await parts.database.report(load)


@router.post("/account/data")
async def ask(request: Request, parts: Parts, asker: Asker) -> Response:
    """Ask something about one's own data; refused, the form comes back."""
    form = await read_form(request)
    chosen = text_in(form, "kind")
    try:
        if chosen not in set(RequestKind):
            raise InvalidRefusal(reason("kind", "Choose what you ask for."))
        command = RecordRequest(
            kind=RequestKind(chosen),
            words=text_in(form, "words"),
            cause=page_cause(asker, form),
        )
        await parts.database.write(command)
    except Refusal as refusal:
        return refused_form(request, asker, await _page(parts, asker), form, refusal)
    told = translate("Your request is in the register; the Office is told.")
    return redirect_with_flash(request, asker, "/account/data", told)


@router.get("/account/data.zip")
async def download(request: Request, asker: Asker) -> Response:
    """Hand out everything that is held on the reader."""
    archive = await personal_archive(request, asker, asker.person)
    return private_file(archive, "application/zip", "du-lieu-ca-nhan.zip")


@router.get("/privacy/people/{email}.zip")
async def download_of(request: Request, parts: Parts, asker: Asker, email: str) -> Response:
    """Hand out to the Office everything that is held on a person, for whoever asked."""
    require_office(asker.person)
    person = await parts.database.read(lambda c: people.person_by_email(c, email))
    if person is None:
        raise NotFoundRefusal(lazy("anybody with the address {email}", email=email))
    archive = await personal_archive(request, asker, person)
    return private_file(archive, "application/zip", "du-lieu-ca-nhan.zip")
