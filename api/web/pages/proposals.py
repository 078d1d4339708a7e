"""What was proposed and waits for a second person: read, confirmed with a factor, or rejected."""

import difflib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Asker, Parts, RowId
from api.auth.second_factor import factor_in, write_proven
from api.auth.sessions import Caller
from api.composition import Application
from api.cursors import read_cursor, write_cursor
from api.problems import page_status
from api.web.dates import hour_and_day
from api.web.errors import reasons_in_words
from api.web.flash import redirect_with_flash
from api.web.form_fields import text_in
from api.web.forms import key_again, page_cause, read_form
from api.web.list_files import list_file, whole_list
from api.web.rendering import Page, render_page
from notifications.proposals_in_words import words_of
from notifications.translation import translate
from workflow.commands.confirm_proposal import ConfirmProposal, RejectProposal
from workflow.errors import InvalidRefusal, NotFoundRefusal, Refusal, reason
from workflow.messages import Message, lazy
from workflow.model import Grant, Person, ProposalDecision
from workflow.queries import people
from workflow.queries.proposals import (
    ProposalView,
    proposal_for,
    proposals_for,
    waiting,
    weakened_by,
)

router = APIRouter(prefix="/proposals")
_LINES_SHOWN = 400
_COLUMNS = (
    lazy("Number"),
    lazy("What is proposed"),
    lazy("Proposed by"),
    lazy("When"),
    lazy("State"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalRow:
    """A proposal in a list: what it would do, who made it, how it stands."""

    id: int
    what: Sequence[str]
    by: str
    at: str
    standing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalsPage(Page):
    """The proposals that the reader made, may confirm or, as an auditor, reads."""

    template: ClassVar[str] = "proposals.html"
    rows: Sequence[ProposalRow]
    next: str | None
    """Where the page of earlier ones begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalPage(Page):
    """One proposal, with the forms of whoever may answer it."""

    template: ClassVar[str] = "proposal.html"
    row: ProposalRow
    until: str
    confirmers: Sequence[str]
    gainers: Sequence[str]
    weakened: Sequence[Message]
    erases: bool
    difference: Sequence[str]
    comment: str
    may_confirm: bool
    is_own: bool
    typed: str
    key: str
    decisions: type[ProposalDecision] = ProposalDecision
    errors: Sequence[str] = ()


@router.get("")
async def show_proposals(
    request: Request, parts: Parts, asker: Asker, cursor: str | None = None
) -> Response:
    """Show what the reader proposed, may confirm or, as an auditor, reads."""
    before = read_cursor(cursor)

    def load_page(connection: Connection) -> ProposalsPage:
        views, after = proposals_for(parts.context, connection, asker.person, before)
        return ProposalsPage(
            rows=[proposal_row(parts, connection, each) for each in views],
            next=write_cursor(after) if after is not None else None,
        )

    return render_page(request, asker, await parts.database.read(load_page))


@router.get(".xlsx")
async def download_proposals(parts: Parts, asker: Asker) -> Response:
    """Return the proposals that the reader may see as a sheet."""

    def rows_below(
        connection: Connection, before: int | None
    ) -> tuple[list[list[str]], int | None]:
        views, after = proposals_for(parts.context, connection, asker.person, before)
        read = [proposal_row(parts, connection, each) for each in views]
        rows = [
            [str(each.id), "\n".join(each.what), each.by, each.at, each.standing] for each in read
        ]
        return rows, after

    rows = await whole_list(parts, rows_below)
    return await list_file(parts, lazy("Proposals"), _COLUMNS, rows, file="de-nghi")


@router.get("/{proposal}")
async def show_proposal(request: Request, parts: Parts, asker: Asker, proposal: RowId) -> Response:
    """Show what is proposed, who may confirm it, and what became of it."""
    return render_page(request, asker, await _page(parts, proposal, asker.person))


@router.post("/{proposal}")
async def answer(request: Request, parts: Parts, asker: Asker, proposal: RowId) -> Response:
    """Confirm or reject; refused, the page comes back with the reason."""
    form = await read_form(request)
    comment = text_in(form, "comment")
    cause = page_cause(asker, form)
    try:
        match form.get("decision"):
            case ProposalDecision.CONFIRM:
                command = ConfirmProposal(proposal=proposal, cause=cause)
                await write_proven(parts, command, factor_in(form))
            case ProposalDecision.REJECT:
                await parts.database.write(
                    RejectProposal(proposal=proposal, comment=comment, cause=cause)
                )
            case _:
                raise InvalidRefusal(reason("decision", "Choose to confirm or to reject."))
    except NotFoundRefusal:
        raise
    except Refusal as refusal:
        shown = await _page(parts, proposal, asker.person)
        shown = replace(
            shown,
            typed=comment,
            errors=reasons_in_words(refusal),
            key=key_again(form, refusal),
        )
        return render_page(request, asker, shown, page_status(refusal))
    told = (
        translate("Confirmed; it is in force.")
        if form.get("decision") == ProposalDecision.CONFIRM
        else translate("Rejected; nothing was changed.")
    )
    return redirect_with_flash(request, asker, f"/proposals/{proposal}", told)


def proposal_row(parts: Application, connection: Connection, view: ProposalView) -> ProposalRow:
    """Return a proposal as a list shows it."""
    proposal = view.proposal
    return ProposalRow(
        id=proposal.id,
        what=words_of(parts.context, connection, view),
        by=view.by.name,
        at=hour_and_day(parts, proposal.proposed_at),
        standing=_standing(parts, view),
    )


def waiting_about_person(
    parts: Application, connection: Connection, person: Person
) -> list[ProposalRow]:
    """Return what waits for its confirmation about a person."""
    return [
        proposal_row(parts, connection, each)
        for each in waiting(parts.context, connection)
        if person.id in each.proposal.gainers or each.parameters.get("person") == person.id
    ]


def waiting_about_process(
    parts: Application, connection: Connection, identity: str
) -> list[ProposalRow]:
    """Return what waits for its confirmation about a process: a version, or moving items to one."""
    books = parts.context.rulebooks

    def is_about(view: ProposalView) -> bool:
        said = view.parameters
        if "to_hash" in said:
            return books.of(connection, said["to_hash"]).definition.id == identity
        return "text" in said and said["id"] == identity

    found = waiting(parts.context, connection)
    return [proposal_row(parts, connection, each) for each in found if is_about(each)]


def _standing(parts: Application, view: ProposalView) -> str:
    proposal = view.proposal
    if view.decided_by is not None and proposal.decided_at is not None:
        said = {"name": view.decided_by.name, "at": hour_and_day(parts, proposal.decided_at)}
        if view.state == "confirmed":
            return translate("Confirmed by {name} at {at}: it has happened.", **said)
        return translate("Rejected by {name} at {at}: it has not happened.", **said)
    if view.state == "lapsed":
        return translate("Lapsed without an answer: it has not happened.")
    return translate(
        "It has not happened yet. {names} may confirm it.",
        names=", ".join(each.name for each in view.confirmers) or translate("Nobody"),
    )


async def _page(parts: Application, identity: int, reader: Person) -> ProposalPage:
    def load_page(connection: Connection) -> ProposalPage:
        view = proposal_for(parts.context, connection, identity, reader)
        if view is None:
            raise NotFoundRefusal(lazy("this proposal"))
        known = people.people_by_id(connection)
        return ProposalPage(
            row=proposal_row(parts, connection, view),
            until=hour_and_day(parts, view.proposal.until),
            confirmers=[each.name for each in view.confirmers],
            gainers=[known[each].name for each in view.proposal.gainers],
            weakened=weakened_by(parts.context, connection, view),
            erases=Grant.ERASURES in view.proposal.grants,
            difference=difference_in(parts, connection, view),
            comment=view.proposal.comment or "",
            may_confirm=reader in view.confirmers,
            is_own=reader.id == view.by.id and view.state == "open",
            typed="",
            key=secrets.token_hex(16),
        )

    return await parts.database.read(load_page)


def difference_in(parts: Application, connection: Connection, view: ProposalView) -> list[str]:
    """Return the lines in which a proposed process differs from the one that it follows."""
    if view.proposal.command != "PublishDefinition":
        return []
    before = parts.context.rulebooks.text_of(connection, view.definition_before) or "{}"
    old, new = (
        json.dumps(json.loads(text), indent=1, ensure_ascii=False).splitlines()
        for text in (before, view.parameters["text"])
    )
    lines = list(difflib.unified_diff(old, new, lineterm="", n=2))[2:]
    if (left := len(lines) - _LINES_SHOWN) > 0:
        cut = translate(
            "… and {count} more line: compare the definitions before you answer.",
            "… and {count} more lines: compare the definitions before you answer.",
            count=left,
        )
        return [*lines[:_LINES_SHOWN], cut]
    return lines


def to_proposal(request: Request, asker: Caller, proposal: int) -> Response:
    """Lead whoever proposed something to the page that says so, and who confirms it."""
    told = translate("Proposed. It happens once a second person has confirmed it.")
    return redirect_with_flash(request, asker, f"/proposals/{proposal}", told)
