"""A member's paper on a page: their own after signing in, or handed out in the room on a tablet.

Whoever runs the round hands it out, as a paper from the roll; the member is told by mail.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.responses import Response

from api.auth.callers import Asker, Parts, RowId
from api.auth.sessions import Caller
from api.composition import Application
from api.problems import page_status
from api.web.ballots import (
    PaperRow,
    blind_cause,
    choices_in,
    choices_on_paper,
    paper_rows,
    receipt_in_groups,
    receipt_sentences,
    run_in,
)
from api.web.errors import reasons_in_words
from api.web.forms import read_form
from api.web.rendering import Page, fresh_key, render_page
from workflow.commands.cast_vote import CastVote
from workflow.errors import Refusal
from workflow.messages import Message
from workflow.model import PersonId
from workflow.queries.rounds import ballot_for

router = APIRouter(prefix="/rounds")


@dataclass(frozen=True, slots=True, kw_only=True)
class BoothPage(Page):
    """A member's paper, for themselves or handed out in the room."""

    template: ClassVar[str] = "booth.html"
    key: str
    errors: Sequence[str] = ()
    round: int
    title: str
    run: int
    member: int
    name: str
    rows: Sequence[PaperRow]
    choices: Sequence[tuple[str, Message]]
    is_secret: bool
    receipt: str = ""
    sentences: Sequence[str] = ()


@router.get("/{round_id}/papers/{member}")
async def show_booth(
    request: Request, parts: Parts, asker: Asker, round_id: RowId, member: RowId
) -> Response:
    """Show a member's paper: their own, or handed out in the room by who runs the round."""
    return render_page(request, asker, await _booth(parts, asker, round_id, member, None))


async def _booth(
    parts: Application, asker: Caller, number: int, member: int, form: FormData | None
) -> BoothPage:
    def load_page(connection: Connection) -> BoothPage:
        found, person, cases = ballot_for(parts.context, connection, number, member, asker.person)
        return BoothPage(
            key=fresh_key(),
            round=found.round.id,
            title=found.round.title,
            run=found.round.run,
            member=member,
            name=person.name,
            rows=paper_rows(cases, person.id, form) if found.awaits(person.id) else [],
            choices=choices_on_paper(),
            is_secret=found.is_secret,
        )

    return await parts.database.read(load_page)


@router.post("/{round_id}/papers/{member}")
async def cast_vote(
    request: Request, parts: Parts, asker: Asker, round_id: RowId, member: RowId
) -> Response:
    """Cast a member's paper, and show its number this once."""
    form = await read_form(request)

    def load(connection: Connection) -> dict[str, str]:
        found, _, _ = ballot_for(parts.context, connection, round_id, member, asker.person)
        return choices_in(form, found)

    command = CastVote(
        round=round_id,
        run=run_in(form),
        choices=await parts.database.read(load),
        member=PersonId(member),
        cause=blind_cause(asker, form, f"paper{member}"),
    )
    try:
        cast = await parts.database.write(command)
    except Refusal as refusal:
        page = await _booth(parts, asker, round_id, member, form)
        said = reasons_in_words(refusal, {})
        return render_page(request, asker, replace(page, errors=said), page_status(refusal))
    page = await _booth(parts, asker, round_id, member, None)
    number = receipt_in_groups(cast.receipt)
    shown = replace(page, receipt=number, sentences=receipt_sentences() if number else ())
    return render_page(request, asker, shown)
