"""The page by which whom a dossier was sent to answers it, and fetches its package.

GET and HEAD change nothing but the log of accesses: a scanner that follows the links in a mail
answers nothing. No session is granted, and nobody of the agency is named. ``link`` sends here what
is such a link.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from fastapi import Request
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, Response

from api.auth.access_log import AccessKind, NoteAccess, aside
from api.auth.callers import application
from api.auth.rate_limits import Limit
from api.composition import Application
from api.problems import page_status
from api.web.dates import day_text, hour_and_day
from api.web.deciding import FIELDS, NO_FACTORS, Deciding, deciding, only_asked
from api.web.errors import FormError, reasons_in_words
from api.web.form_fields import day_in, text_in
from api.web.forms import form_digest, read_form
from api.web.pages.decide import award_from_form
from api.web.pages.link_notice import show_sentence, unknown_link
from api.web.rendering import Page, render_alone
from notifications.translation import translate
from workflow.command import Cause
from workflow.commands.answer_dossier import AnswerDossier, ChosenItem, link_refusal
from workflow.definition import OutgoingRules, Transition
from workflow.errors import Refusal, StaleRefusal
from workflow.links import LinkStatus, Purpose, RecipientLink, token_for
from workflow.lookups.agency import Agency
from workflow.lookups.nominations import Examination, examinations, without_reasons
from workflow.model import Method, Via
from workflow.queries.recipient_link import (
    AnsweredItem,
    OpenedDossier,
    RecordedAnswer,
    find_recipient_link,
    open_dossier,
)
from workflow.values import counter

_ANSWERS = Limit(name="recipient-answer", count=60, minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierRow:
    """One item of the dossier in words: what it is, where it stands, what was answered."""

    code: str
    label: object
    title: str
    state: object
    chosen: str
    """As what the form names it; "" where nothing is left to answer."""
    answers: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerPage(Page):
    """What a dossier holds, what may be answered, and what was."""

    template: ClassVar[str] = "answer_link.html"
    agency: Agency
    heading: str
    number: str
    issued_on: str
    rows: Sequence[DossierRow]
    open_rows: Sequence[DossierRow]
    """Those that may still be answered."""
    asked: Deciding | None
    """None where nothing is left to answer."""
    is_recorded: bool
    chosen: Sequence[str]
    errors: Sequence[str]
    typed: dict[str, str]
    here: str
    """The link's own path."""
    fetch: str
    """Where the package is fetched; "" where it is not any more."""
    issued_to: str
    until: str


async def show_opened(request: Request, token: str) -> Response:
    """Show a dossier to whom it was sent to, with the answers that are open."""
    link = await _find_link(request, token)
    if link is None:
        return await unknown_link(request)
    purpose = request.headers.get("sec-purpose", "")
    note = f"{request.method} {purpose}"[:60]
    access = NoteAccess.of(
        request, AccessKind.ANSWER_OPENED, item=link.item_id, link=link.id, note=note
    )
    aside(application(request).database, access)
    response = await _render(request, link)
    return HTMLResponse(status_code=200) if request.method == "HEAD" else response


async def answer(request: Request, token: str) -> Response:
    """Record the answer that was chosen; what was answered before is shown, and stays."""
    parts, link = application(request), await _find_link(request, token)
    if link is None:
        return await unknown_link(request)
    if not await parts.limits.take(_ANSWERS, link.id.hex()):
        heading = translate("Too many answers were sent")
        return show_sentence(request, heading, translate("Wait ten minutes."), status=429)
    form, opened = await read_form(request), await _open_dossier(parts, link)
    if opened is None:
        return await unknown_link(request)
    if ended := link_refusal(opened.status):
        return await _render(request, link, errors=_refusal_words(ended), status=page_status(ended))
    if unchosen := _unchosen(form, opened):
        return await _render(request, link, form=form, errors=[unchosen], status=400)
    command = _command(form, opened)
    try:
        await parts.database.write(command)
    except Refusal as refusal:
        again = await _open_dossier(parts, link)
        if again is None or not _is_recorded(again, command):
            errors, status = _refusal_words(refusal), page_status(refusal)
            return await _render(request, link, form=form, errors=errors, status=status)
    return await _render(request, link, is_recorded=True)


def _unchosen(form: FormData, opened: OpenedDossier) -> FormError | None:
    """Return what was not chosen, or None."""
    known = {way.id for each in opened.items for way in each.definition.transitions}
    if form.get("decision") not in known:
        said = translate("Choose a decision, then send again. Nothing was recorded.")
        return FormError.at("decision", said)
    if not _chosen(form):
        said = translate("Choose what the answer is about. Nothing was recorded.")
        return FormError.at("item", said)
    return None


def _chosen(form: FormData) -> tuple[ChosenItem, ...]:
    """Return the items that a form is about, each once, in the versions that were shown."""
    found: dict[str, ChosenItem] = {}
    for each in form.getlist("item"):
        code, _, number = str(each).partition("@")
        version = counter(number)
        if version is not None:
            found[code] = ChosenItem(code=code, version=version)
    return tuple(found.values())


def _command(form: FormData, opened: OpenedDossier) -> AnswerDossier:
    decision = str(form.get("decision"))
    ways = [way for each in opened.items for way in each.ways if way.id == decision]
    asked = only_asked(form, ways)
    return AnswerDossier(
        cause=Cause(
            actor=None,
            via=Via.LINK,
            method=Method.LINK,
            command_id=f"recipient:{secrets.token_hex(16)}",
            digest=form_digest(form),
        ),
        link=opened.link.id,
        transition=decision,
        chosen=_chosen(form),
        to=text_in(asked, "to") or None,
        comment=text_in(form, "comment"),
        until=day_in(asked, "until") or None,
        award=award_from_form(asked),
    )


def _is_recorded(opened: OpenedDossier, command: AnswerDossier) -> bool:
    """Return whether this link has just answered the same: the form was sent twice."""
    last = {each.item.code: each.answers[-1] for each in opened.items if each.answers}
    return all(
        (found := last.get(each.code)) is not None
        and bool(found.recipient)
        and (found.transition, found.comment) == (command.transition, command.comment.strip())
        for each in command.chosen
    )


def _refusal_words(refusal: Refusal) -> list[str]:
    """Return a refusal in words; who of the agency acted meanwhile is nobody's business outside."""
    if isinstance(refusal, StaleRefusal):
        return [
            translate(
                "The dossier was answered or changed meanwhile. What was recorded is shown below; "
                "nothing was added."
            )
        ]
    return reasons_in_words(refusal, FIELDS)


async def _find_link(
    request: Request, token: str, purpose: Purpose = Purpose.ANSWER
) -> RecipientLink | None:
    parts = application(request)
    return await parts.database.read(
        lambda connection: find_recipient_link(connection, parts.keys, token, purpose)
    )


async def _open_dossier(
    parts: Application, link: RecipientLink, only: str = ""
) -> OpenedDossier | None:
    return await parts.database.report(
        lambda connection: open_dossier(parts.context, connection, link, only)
    )


async def _render(
    request: Request,
    link: RecipientLink,
    *,
    form: FormData | None = None,
    errors: Sequence[str] = (),
    status: int = 200,
    is_recorded: bool = False,
) -> HTMLResponse:
    parts, only = application(request), request.query_params.get("item", "")

    def page(connection: Connection) -> AnswerPage | None:
        opened = open_dossier(parts.context, connection, link, only)
        if opened is None:
            return None
        found = _page(parts, connection, opened, form)
        heading = translate("Recorded: the agency has your answer.")
        told = replace(found, errors=errors)
        return replace(told, is_recorded=True, heading=heading) if is_recorded else told

    shown = await parts.database.report(page)
    if shown is None:
        return show_sentence(request, translate("This link was not found"), status=404)
    return render_alone(shown, status)


def _page(
    parts: Application,
    connection: Connection,
    opened: OpenedDossier,
    form: FormData | None,
) -> AnswerPage:
    rows = [_row(parts, each) for each in opened.items]
    link, typed = opened.link, {name: str(value) for name, value in (form or {}).items()}
    open_items = [each for each in opened.items if each.ways]
    token = token_for(parts.keys, Purpose.PACKAGE, link.bound)
    return AnswerPage(
        agency=parts.agency,
        heading=_heading(opened),
        number=opened.sending.notation,
        issued_on=day_text(opened.sending.issued_on),
        rows=rows,
        open_rows=[each for each in rows if each.chosen],
        asked=_open_answers(parts, connection, open_items) if open_items else None,
        is_recorded=False,
        chosen=[str(each) for each in form.getlist("item")] if form is not None else [],
        errors=(),
        typed=typed,
        here="/a/" + token_for(parts.keys, Purpose.ANSWER, link.bound),
        fetch=f"/a/{token}" if opened.status is LinkStatus.LIVE else "",
        issued_to=link.name,
        until=hour_and_day(parts, link.expires_at),
    )


def _heading(opened: OpenedDossier) -> str:
    if ended := ended_words(opened.status):
        return ended
    if any(each.ways for each in opened.items):
        return translate("Please answer the dossier {number}.", number=opened.sending.notation)
    return translate("Nothing is left to answer.")


def ended_words(status: LinkStatus) -> str:
    """Return why a link serves no more; "" while it does."""
    match status:
        case LinkStatus.REVOKED:
            return translate("This link was revoked.")
        case LinkStatus.EXPIRED:
            return translate("This link has expired.")
        case LinkStatus.MOVED:
            return translate("The dossier was sent anew: the link in the newest mail serves.")
        case _:
            return ""


def _row(parts: Application, shown: AnsweredItem) -> DossierRow:
    item = shown.item
    return DossierRow(
        code=item.code,
        label=shown.definition.label,
        title=shown.content.title,
        state=shown.state.label_now,
        chosen=f"{item.code}@{item.version}" if shown.ways else "",
        answers=[_answer_words(parts, each) for each in shown.answers],
    )


def _answer_words(parts: Application, answer: RecordedAnswer) -> str:
    """Return one answer in words; what the agency recorded itself is told without a person."""
    who = answer.recipient or translate("The agency")
    words = translate(
        "{who}: {what}, {at}.",
        who=who,
        what=translate(answer.label),
        at=hour_and_day(parts, answer.at),
    )
    if answer.decision:
        day = day_text(answer.decided_on)
        words += " " + translate("Decision {number} of {day}.", number=answer.decision, day=day)
    return f"{words} {answer.comment}".strip()


def _open_answers(
    parts: Application, connection: Connection, open_items: Sequence[AnsweredItem]
) -> Deciding:
    """Return the answers that some item takes; of one alone, what became of each nominee.

    Of a list only those whom others than the agency's own head award.
    """
    ways: dict[str, Transition] = {way.id: way for each in open_items for way in each.ways}
    first = open_items[0]
    takes_result = any(each.result for each in ways.values())
    examined = _examined(parts, connection, first) if takes_result and len(open_items) == 1 else []
    examined = [each for each in examined if not (each.route and each.route.is_decided_here)]
    # Who numbers the agency's own documents does not matter to whom they are sent.
    return deciding(first.definition, [*ways.values()], NO_FACTORS, OutgoingRules(), examined)


def _examined(
    parts: Application, connection: Connection, shown: AnsweredItem
) -> Sequence[Examination]:
    context, item = parts.context, shown.item
    author = context.directory(connection, context.clock()).people[item.author]
    found = examinations(context, connection, author, item, shown.content)
    return without_reasons(connection, found)
