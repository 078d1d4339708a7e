"""The page behind a link in a mail: what is asked, on which content, and the receipt.

GET and HEAD change nothing that anything depends on. The page grants this one decision and no
session. The order in which a POST is judged is part of the interface: the link, then what became of
it, then the form, then the rules. A POST reads the link and writes once; the receipt comes from the
outcome, and the page is read only where nothing was recorded.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Final, Protocol

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, Response

from api.auth.access_log import AccessKind
from api.auth.callers import application
from api.auth.second_factor import NEVER_SHOWN_AGAIN, decide_with_factor, factor_in
from api.composition import Application
from api.downloads import file_answer
from api.problems import page_status
from api.web.confirmations import confirmed_in
from api.web.dates import hour_and_day
from api.web.deciding import FIELDS, Deciding, deciding, only_asked
from api.web.errors import FormError, reasons_in_words
from api.web.form_fields import day_in, text_in
from api.web.forms import form_version, read_form
from api.web.pages import answer_link, ballot_link, package_link, proposal_link, undo_link
from api.web.pages.decide import award_from_form, dispatch_from_form
from api.web.pages.link_notice import link_cause, note_aside, show_sentence, unknown_link
from api.web.pages.link_sentences import sentences_of
from api.web.pages.link_state import OpenedLink, open_link, open_page, page_after
from api.web.rendering import Page, render_alone
from notifications.letters.about_items import named
from notifications.mail_context import short_day
from notifications.translation import translate
from workflow.commands.decide import Decide
from workflow.commands.people import ResendLink
from workflow.definition import Weight, weights_of
from workflow.errors import LinkRefusal, Refusal
from workflow.links import LinkStatus, Purpose, parse, refusal_of
from workflow.lookups.agency import Agency
from workflow.lookups.nominations import Examination
from workflow.queries.approvals import Approval
from workflow.queries.changes import Compared
from workflow.queries.items import ItemView, item_view
from workflow.queries.link import GenuineLink, Receipt

router = APIRouter(prefix="/a")


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkPage(Page):
    """What a genuine link asks for, or what became of it."""

    template: ClassVar[str] = "link.html"
    agency: Agency
    view: ItemView
    department: str
    heading: str
    sentences: Sequence[str]
    errors: Sequence[str]
    typed: Mapping[str, str]
    is_live: bool
    receipt: Receipt | None
    changed_since: str
    compared: Compared | None
    examined: Sequence[Examination]
    approvals: Sequence[str]
    last_request: str
    asked: Deciding
    weights: Mapping[str, Weight]
    """How much each answer counts, by its id."""
    may_ask_fresh: bool
    may_undo: bool
    undo_until: str
    has_just_decided: bool
    may_recuse: bool
    key: str
    here: str
    """The link's own path."""
    issued_to: str
    expires: str


class _LinkPages(Protocol):
    """The pages behind another kind of link."""

    async def show_opened(self, request: Request, token: str) -> Response: ...
    async def answer(self, request: Request, token: str) -> Response: ...


_OTHERS: Final[Mapping[Purpose, _LinkPages]] = {
    Purpose.PROPOSAL: proposal_link,
    Purpose.BALLOT: ballot_link,
    Purpose.UNDO: undo_link,
    Purpose.ANSWER: answer_link,
    Purpose.PACKAGE: package_link,
}


def _other_page(token: str) -> _LinkPages | None:
    """Return the pages behind a token that is not to decide an item."""
    return next((page for purpose, page in _OTHERS.items() if parse(token, purpose)), None)


@router.api_route("/{token}", methods=["GET", "HEAD"])
async def show_opened(request: Request, token: str) -> Response:
    """Show what a link asks for, or what became of it."""
    if (other := _other_page(token)) is not None:
        return await other.show_opened(request, token)
    opened = await open_page(request, token)
    if opened is None:
        return await unknown_link(request)
    _note_opening(request, opened.link)
    response = show_link(request, opened)
    return HTMLResponse(status_code=200) if request.method == "HEAD" else response


def _note_opening(request: Request, link: GenuineLink) -> None:
    note_aside(request, AccessKind.LINK_OPENED, link.person.id, link.link.id, item=link.item.id)


def show_link(
    request: Request,
    opened: OpenedLink,
    *,
    errors: list[str] | None = None,
    typed: dict[str, str] | None = None,
    status: int = 200,
) -> HTMLResponse:
    """Return the page of a genuine link: what is asked, or what became of it."""
    parts, link = application(request), opened.link
    heading, sentences = sentences_of(parts, opened)
    until = opened.undoable_until if opened.undone is None else None
    answers = [each.transition for each in opened.answers]
    shown = LinkPage(
        agency=parts.agency,
        view=opened.view,
        department=link.directory.departments[opened.view.item.department].name,
        heading=heading,
        sentences=sentences,
        errors=errors or [],
        typed=typed or {},
        is_live=link.status is LinkStatus.LIVE and bool(opened.answers),
        receipt=opened.receipt,
        changed_since=opened.changed_since,
        compared=opened.compared,
        examined=opened.examined,
        approvals=[_approval(parts, each) for each in opened.approvals],
        last_request=opened.last_request,
        asked=deciding(
            opened.view.definition,
            answers,
            opened.factors,
            parts.context.outgoing,
            opened.examined,
        ),
        weights=weights_of(opened.view.definition, opened.view.item.state, answers),
        may_ask_fresh=opened.holds_now and link.status is not LinkStatus.LIVE,
        may_undo=link.status is LinkStatus.USED and until is not None,
        undo_until=hour_and_day(parts, until) if until else "",
        has_just_decided=opened.has_just_decided,
        may_recuse=link.status is LinkStatus.LIVE and opened.holds_now,
        key=secrets.token_hex(16),
        here="/a/" + request.path_params["token"],
        issued_to=link.person.name,
        expires=hour_and_day(parts, link.link.expires_at),
    )
    return render_alone(shown, status)


def _approval(parts: Application, given: Approval) -> str:
    """Return one approval in words: who, what, on which day."""
    return translate(
        "{who}: {what}, {day}",
        who=named(given.who),
        what=translate(given.what),
        day=short_day(parts.context.calendar, parts.clock.now(), given.at),
    )


@router.post("/{token}")
async def decide_by_link(request: Request, token: str) -> Response:
    """Record the decision that was chosen on a link's page.

    Others' wrong links, from the same address, never lock a genuine one.
    """
    if (other := _other_page(token)) is not None:
        return await other.answer(request, token)
    parts = application(request)
    link = await open_link(request, token)
    if link is None:
        return await unknown_link(request)
    form = await read_form(request)
    typed = {name: str(value) for name, value in form.items() if name not in NEVER_SHOWN_AGAIN}
    status, errors = 200, list[str]()
    if ended := refusal_of(link.status):
        return await _show_ended(request, link, form, ended)
    if _is_unchosen(link, form):
        status = 400
        said = translate("Choose a decision, then send again. Nothing was recorded.")
        errors = [FormError.at("decision", said)]
    else:
        try:
            decided = await decide_with_factor(parts, _command(link, form), factor_in(form))
        except Refusal as refusal:
            status, errors = page_status(refusal), reasons_in_words(refusal, FIELDS)
        else:
            if after := page_after(parts, link, decided):
                return show_link(request, after)
    opened = await open_page(request, token)
    if opened is None:
        return await unknown_link(request)
    return show_link(request, opened, errors=errors, typed=typed, status=status)


async def _show_ended(
    request: Request, link: GenuineLink, form: FormData, ended: LinkRefusal
) -> Response:
    """Show what became of a link that decides nothing more.

    The decision that it made shows its receipt again.
    """
    opened = await open_page(request, request.path_params["token"])
    if opened is None:
        return await unknown_link(request)
    if link.status is not LinkStatus.USED:
        return show_link(request, opened, status=page_status(ended))
    if opened.receipt is not None and opened.receipt.transition == form.get("decision"):
        return show_link(request, replace(opened, has_just_decided=True))
    other = translate("You made another decision at this step, so this choice was not recorded.")
    return show_link(request, opened, errors=[other], status=page_status(ended))


def _is_unchosen(link: GenuineLink, form: FormData) -> bool:
    """Return whether the form names no decision of this process, or no version that was shown."""
    return form.get("decision") not in link.rulebook.transition_ids or form_version(form) is None


def _command(link: GenuineLink, form: FormData) -> Decide:
    """Return the decision that the form asks for.

    Raises InvalidRefusal for a number that is none.
    """
    decision = str(form.get("decision"))
    ways = link.rulebook.alternatives(link.item.state, decision)
    asked = only_asked(form, ways)
    return Decide(
        code=link.item.code,
        transition=decision,
        cause=link_cause(link, f"link:{secrets.token_hex(16)}", form),
        version=form_version(form),
        to=text_in(asked, "to") or None,
        comment=text_in(form, "comment"),
        until=day_in(asked, "until") or None,
        link=link.link.id,
        dispatch=dispatch_from_form(asked),
        award=award_from_form(asked),
        confirmed=confirmed_in(form),
        with_view=True,
    )


@router.post("/{token}/fresh")
async def ask_fresh_link(request: Request, token: str) -> Response:
    """Mail a fresh link to the registered address of whom this one was issued to."""
    parts = application(request)
    link = await open_link(request, token)
    if link is None:
        return await unknown_link(request)
    # One a minute at most: the occurrence is part of the mail's unique key.
    occurrence = parts.clock.now().strftime("r%Y%m%d%H%M")
    command = ResendLink(code=link.item.code, cause=link_cause(link, occurrence))
    sent = await parts.database.write(command)
    heading = (
        translate("A fresh link was sent to the registered address.")
        if sent
        else translate("The item no longer waits for you, so no fresh link is needed.")
    )
    return show_sentence(request, heading, translate("You may close this page."))


@router.get("/{token}/files/{sha256}")
async def get_file(request: Request, token: str, sha256: str) -> Response:
    """Return a file of the item to whom the live link was issued."""
    parts = application(request)
    link = await open_link(request, token)
    if link is None or link.status is not LinkStatus.LIVE:
        return await unknown_link(request)

    def seen(connection: Connection) -> ItemView:
        return item_view(parts.context, connection, link.item, link.person.id)

    view = await parts.database.read(seen)
    return await file_answer(request, view, sha256, link.person.id, link.link.id)
