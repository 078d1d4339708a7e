"""The page behind a link to vote: the nominations, the paper, and its number once it is cast.

As an approver's link: GET and HEAD change nothing, and it serves for this one paper and for no
session. That it was opened is not written down, and what was chosen only in the sealed paper.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import Request
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, Response

from api.auth.callers import application
from api.problems import page_status
from api.web.ballots import (
    PaperRow,
    choices_in,
    choices_on_paper,
    paper_rows,
    receipt_in_groups,
    receipt_sentences,
    run_in,
)
from api.web.dates import day_text, hour_and_day
from api.web.errors import reasons_in_words
from api.web.forms import read_form
from api.web.pages.link_notice import link_cause, open_for_reader, unknown_link
from api.web.rendering import Page, render_alone
from notifications.translation import translate
from workflow.commands.cast_vote import CastVote
from workflow.errors import LinkEndedRefusal, LinkRefusal, Refusal
from workflow.links import LinkStatus
from workflow.lookups.agency import Agency
from workflow.messages import Message
from workflow.queries.rounds import OpenedBallot, Round, find_ballot_link


@dataclass(frozen=True, slots=True, kw_only=True)
class BallotPage(Page):
    """A paper to cast, or what became of it."""

    template: ClassVar[str] = "ballot_link.html"
    agency: Agency
    heading: str
    sentences: Sequence[str]
    round: Round
    day: str
    rows: Sequence[PaperRow]
    choices: Sequence[tuple[str, Message]]
    is_secret: bool
    is_live: bool
    receipt: str
    errors: Sequence[str]
    here: str
    issued_to: str
    until: str


async def show_opened(request: Request, token: str) -> Response:
    """Show the paper that a link is for, or what became of it."""
    opened = await _find_link(request, token)
    if opened is None:
        return await unknown_link(request)
    if request.method == "HEAD":
        return HTMLResponse(status_code=200)
    return _render(request, opened)


async def answer(request: Request, token: str) -> Response:
    """Cast the paper."""
    opened = await _find_link(request, token)
    if opened is None:
        return await unknown_link(request)
    if opened.status is not LinkStatus.LIVE:
        return _show_ended(request, opened)
    form = await read_form(request)
    command = CastVote(
        round=opened.link.round_id,
        run=run_in(form),
        choices=choices_in(form, opened.found),
        link=opened.link.id,
        cause=link_cause(opened, f"link:{secrets.token_hex(16)}"),
    )
    try:
        cast = await application(request).database.write(command)
    except Refusal as refusal:
        again = await _find_link(request, token) or opened
        if again.status is not LinkStatus.LIVE:  # the same link sent twice at once, or overtaken
            return _show_ended(request, again)
        said = reasons_in_words(refusal, {})
        return _render(request, again, errors=said, form=form, status=page_status(refusal))
    after = await _find_link(request, token) or opened
    return _render(request, after, receipt=cast.receipt)


def _show_ended(request: Request, opened: OpenedBallot) -> HTMLResponse:
    is_over = opened.status in {LinkStatus.REVOKED, LinkStatus.EXPIRED}
    refusal = LinkEndedRefusal() if is_over else LinkRefusal()
    return _render(request, opened, status=page_status(refusal))


async def _find_link(request: Request, token: str) -> OpenedBallot | None:
    """Return the link if it is genuine; from here on its reader's language is spoken."""
    parts = application(request)
    return await open_for_reader(
        request,
        lambda connection: find_ballot_link(parts.context, connection, parts.keys, token),
        lambda _, opened: opened,
    )


def _render(
    request: Request,
    opened: OpenedBallot,
    *,
    errors: Sequence[str] = (),
    form: FormData | None = None,
    receipt: str = "",
    status: int = 200,
) -> HTMLResponse:
    parts, found = application(request), opened.found
    shown = BallotPage(
        agency=parts.agency,
        heading=_heading(opened.status),
        sentences=receipt_sentences() if receipt else [],
        round=found.round,
        day=day_text(found.round.held_on),
        rows=paper_rows(opened.cases, opened.person.id, form),
        choices=choices_on_paper(),
        is_secret=found.is_secret,
        is_live=opened.status is LinkStatus.LIVE,
        receipt=receipt_in_groups(receipt),
        errors=errors,
        here="/a/" + request.path_params["token"],
        issued_to=opened.person.name,
        until=hour_and_day(parts, opened.link.expires_at),
    )
    return render_alone(shown, status)


def _heading(status: LinkStatus) -> str:
    match status:
        case LinkStatus.LIVE:
            return translate("Your vote is asked for in a round of the council.")
        case LinkStatus.USED:
            return translate("Recorded: you have voted. Nobody votes twice.")
        case LinkStatus.REVOKED:
            return translate("This link was revoked. Sign in to vote.")
        case LinkStatus.EXPIRED:
            return translate("This link has expired. Sign in to vote.")
        case _:
            return translate("No vote is asked of you in this round now.")
