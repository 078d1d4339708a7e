"""The page behind a proposal's link: what would happen, the answer, and its receipt.

As an approver's link: GET and HEAD change nothing, it serves for this one answer and for no
session, and a POST is judged in the same order. ``link`` sends here what is such a link.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from fastapi import Request
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, Response

from api.auth.access_log import AccessKind
from api.auth.callers import application
from api.auth.second_factor import (
    NEVER_SHOWN_AGAIN,
    factor_in,
    passkey_options_for,
    write_proven,
)
from api.composition import Application
from api.problems import page_status
from api.web.dates import hour_and_day
from api.web.deciding import FIELDS, NO_FACTORS, OwnFactors, factors_of
from api.web.errors import FormError, reasons_in_words
from api.web.form_fields import text_in
from api.web.forms import read_form
from api.web.pages.link_notice import link_cause, note_aside, open_for_reader, unknown_link
from api.web.pages.proposals import ProposalRow, difference_in, proposal_row
from api.web.rendering import Page, render_alone
from notifications.translation import translate
from workflow.commands.confirm_proposal import ConfirmProposal, RejectProposal
from workflow.errors import LinkEndedRefusal, LinkRefusal, Refusal
from workflow.links import LinkStatus
from workflow.lookups.agency import Agency
from workflow.messages import Message
from workflow.model import Grant, ProposalDecision, ProposalState
from workflow.queries.proposal_link import OpenedProposal, find_proposal_link
from workflow.queries.proposals import weakened_by


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalLinkPage(Page):
    """What a link asks to confirm, or what became of it."""

    template: ClassVar[str] = "proposal_link.html"
    agency: Agency
    row: ProposalRow
    heading: str
    sentences: Sequence[str]
    gainers: Sequence[str]
    erases: bool
    weakened: Sequence[Message]
    difference: Sequence[str]
    is_live: bool
    is_answered: bool
    factors: OwnFactors
    here: str
    issued_to: str
    until: str
    decisions: type[ProposalDecision] = ProposalDecision
    errors: Sequence[str] = ()
    typed: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refused:
    """Why an answer was not recorded, and what was typed with it."""

    status: int = 200
    errors: Sequence[str] = ()
    typed: Mapping[str, str] = field(default_factory=dict)


_NOTHING = _Refused()


async def show_opened(request: Request, token: str) -> Response:
    """Show what a proposal's link asks for, or what became of it."""
    opened = await _find_link(request, token)
    if opened is None:
        return await unknown_link(request)
    note_aside(request, AccessKind.PROPOSAL_OPENED, opened.person.id, opened.link.id)
    if request.method == "HEAD":
        return HTMLResponse(status_code=200)
    return await _render(request, opened)


async def answer(request: Request, token: str) -> Response:
    """Record the answer that was chosen on a link's page."""
    opened = await _find_link(request, token)
    if opened is None:
        return await unknown_link(request)
    form = await read_form(request)
    typed = {name: str(value) for name, value in form.items() if name not in NEVER_SHOWN_AGAIN}
    if opened.status is not LinkStatus.LIVE:
        return await _show_ended(request, opened, form)
    if form.get("decision") not in set(ProposalDecision):
        said = translate("Choose a decision, then send again. Nothing was recorded.")
        errors = [FormError.at("decision", said)]
        return await _render(request, opened, _Refused(status=400, errors=errors, typed=typed))
    try:
        await _record(application(request), opened, form)
    except Refusal as refusal:
        again = await _find_link(request, token) or opened
        if again.status is not LinkStatus.LIVE:  # the same link sent twice at once, or overtaken
            return await _show_ended(request, again, form)
        refused = _Refused(
            status=page_status(refusal), errors=reasons_in_words(refusal, FIELDS), typed=typed
        )
        return await _render(request, again, refused)
    return await _render(request, await _find_link(request, token) or opened)


async def _show_ended(request: Request, opened: OpenedProposal, form: FormData) -> Response:
    """Show what became of a link that answers nothing more; its own answer again: its receipt."""
    if opened.status in {LinkStatus.REVOKED, LinkStatus.EXPIRED}:
        return await _render(request, opened, _Refused(status=page_status(LinkEndedRefusal())))
    if opened.status is LinkStatus.USED and form.get("decision") == _answer_of(opened):
        return await _render(request, opened)
    other = translate("You gave another answer, so this choice was not recorded.")
    errors = [other] if opened.status is LinkStatus.USED else []
    return await _render(
        request, opened, _Refused(status=page_status(LinkRefusal()), errors=errors)
    )


async def _record(parts: Application, opened: OpenedProposal, form: FormData) -> None:
    cause = link_cause(opened, f"link:{secrets.token_hex(16)}", form)
    proposal, link = opened.link.proposal, opened.link.id
    if form.get("decision") == ProposalDecision.CONFIRM:
        confirm = ConfirmProposal(proposal=proposal, link=link, cause=cause)
        await write_proven(parts, confirm, factor_in(form), subject=_subject(opened))
    else:
        comment = text_in(form, "comment")
        reject = RejectProposal(proposal=proposal, comment=comment, link=link, cause=cause)
        await parts.database.write(reject)


def _subject(opened: OpenedProposal) -> str:
    """Return what a passkey's signature is to count for: this proposal, as it was shown."""
    return f"proposal {opened.link.proposal} {opened.view.proposal.parameters}"


def _answer_of(opened: OpenedProposal) -> ProposalDecision:
    is_confirmed = opened.view.proposal.state is ProposalState.CONFIRMED
    return ProposalDecision.CONFIRM if is_confirmed else ProposalDecision.REJECT


async def _find_link(request: Request, token: str) -> OpenedProposal | None:
    """Return the link if it is genuine; from here on its reader's language is spoken."""
    parts = application(request)
    return await open_for_reader(
        request,
        lambda connection: find_proposal_link(parts.context, connection, parts.keys, token),
        lambda _, opened: opened,
    )


async def _render(
    request: Request, opened: OpenedProposal, refused: _Refused = _NOTHING
) -> HTMLResponse:
    parts, view = application(request), opened.view

    def page(connection: Connection) -> ProposalLinkPage:
        people = parts.context.directory(connection, parts.clock.now()).people
        is_live = opened.status is LinkStatus.LIVE
        row = proposal_row(parts, connection, view)
        return ProposalLinkPage(
            agency=parts.agency,
            row=row,
            heading=_heading(opened),
            sentences=[] if is_live else [row.standing, *_receipt(opened)],
            gainers=[people[each].name for each in view.proposal.gainers],
            erases=Grant.ERASURES in view.proposal.grants,
            weakened=weakened_by(parts.context, connection, view),
            difference=difference_in(parts, connection, view),
            is_live=is_live,
            is_answered=opened.status is LinkStatus.USED,
            factors=_factors(parts, connection, opened) if is_live else NO_FACTORS,
            here="/a/" + request.path_params["token"],
            issued_to=opened.person.name,
            until=hour_and_day(parts, opened.link.expires_at),
            errors=refused.errors,
            typed=refused.typed,
        )

    return render_alone(await parts.database.read(page), refused.status)


def _factors(parts: Application, connection: Connection, opened: OpenedProposal) -> OwnFactors:
    person = opened.person.id
    options = passkey_options_for(parts, connection, person, _subject(opened))
    return factors_of(connection, person, options)


def _heading(opened: OpenedProposal) -> str:
    match opened.status:
        case LinkStatus.LIVE:
            return translate("Waiting to be confirmed or rejected")
        case LinkStatus.USED if _answer_of(opened) is ProposalDecision.CONFIRM:
            return translate("Recorded: you confirmed this proposal, and it has happened.")
        case LinkStatus.USED:
            return translate("Recorded: you rejected this proposal; it does not happen.")
        case LinkStatus.REVOKED:
            return translate("This link was revoked. Sign in to answer the proposal.")
        case LinkStatus.EXPIRED:
            return translate("This proposal had no answer for 14 days and has lapsed.")
        case _ if opened.view.decided_by is not None:
            name = opened.view.decided_by.name
            return translate("{name} has answered this proposal already.", name=name)
        case _:
            return translate("By the agency's rules somebody else has to answer this proposal now.")


def _receipt(opened: OpenedProposal) -> list[str]:
    if opened.receipt is None:
        return []
    return [
        translate(
            "Receipt: entry {seq} of the history, hash {hash}.",
            seq=opened.receipt.seq,
            hash=opened.receipt.hash.hex()[:16],
        )
    ]
