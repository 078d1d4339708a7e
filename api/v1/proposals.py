"""``/api/v1/proposals``: what gives power waits here for a second person, who has a factor."""

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Asker, Parts, RowId
from api.auth.second_factor import GivenFactor, write_proven
from api.auth.sessions import Caller
from api.composition import Application
from api.cursors import read_cursor, write_cursor
from api.json_response import OrjsonResponse
from api.request_bodies import KnownCallerRoute
from api.v1.dependencies import cause_of
from api.v1.responses import list_response
from api.v1.schemas.proposals import Confirming, Rejecting
from api.v1.serializers import moment
from notifications.proposals_in_words import words_of
from notifications.translation import translate
from workflow.commands.confirm_proposal import ConfirmProposal, RejectProposal
from workflow.commands.proposals import Proposed
from workflow.errors import NotFoundRefusal
from workflow.messages import lazy
from workflow.model import Person
from workflow.queries.proposals import (
    ProposalView,
    proposal_for,
    proposals_for,
    weakened_by,
)

router = APIRouter(prefix="/proposals", route_class=KnownCallerRoute)


@router.get("")
async def list_proposals(parts: Parts, asker: Asker, cursor: str | None = None) -> Response:
    """Return what the caller proposed, may confirm or, as an auditor, reads, newest first."""
    before = read_cursor(cursor)

    def load_proposals(connection: Connection) -> tuple[list[dict[str, object]], int | None]:
        views, after = proposals_for(parts.context, connection, asker.person, before)
        return [_proposal_json(parts, connection, each) for each in views], after

    found, after = await parts.database.read(load_proposals)
    return list_response(found, write_cursor(after) if after is not None else None)


@router.post("/{proposal}/confirm")
async def confirm(
    request: Request, parts: Parts, asker: Asker, proposal: RowId, body: Confirming
) -> Response:
    """Let what was proposed happen; the caller is a second person and gives a factor."""
    # A factor is not part of what was said: the same answer again is known whatever code it brings.
    command = ConfirmProposal(proposal=proposal, cause=cause_of(request, asker, {}))
    await write_proven(parts, command, GivenFactor(pin=body.pin, totp=body.totp))
    return OrjsonResponse(await _proposal_answer(parts, proposal, asker.person))


@router.post("/{proposal}/reject")
async def reject(
    request: Request, parts: Parts, asker: Asker, proposal: RowId, body: Rejecting
) -> Response:
    """Let what was proposed not happen, and say why; its proposer takes it back by this too."""
    cause = cause_of(request, asker, body.model_dump())
    command = RejectProposal(proposal=proposal, comment=body.comment, cause=cause)
    await parts.database.write(command)
    return OrjsonResponse(await _proposal_answer(parts, proposal, asker.person))


async def proposed_response(parts: Application, asker: Caller, outcome: Proposed) -> Response:
    """Return that what was asked for is proposed, and who may confirm it."""
    shown = await _proposal_answer(parts, outcome.id, asker.person)
    names = ("id", "what", "by", "confirmers", "until")
    return OrjsonResponse({"proposal": {name: shown[name] for name in names}}, status_code=202)


async def _proposal_answer(parts: Application, identity: int, reader: Person) -> dict[str, object]:
    def load_proposal(connection: Connection) -> dict[str, object]:
        view = proposal_for(parts.context, connection, identity, reader)
        if view is None:
            raise NotFoundRefusal(lazy("this proposal"))
        return _proposal_json(parts, connection, view)

    return await parts.database.read(load_proposal)


def _proposal_json(
    parts: Application, connection: Connection, view: ProposalView
) -> dict[str, object]:
    """Return a proposal as the interface shows it."""
    proposal = view.proposal
    return {
        "id": proposal.id,
        "what": " ".join(words_of(parts.context, connection, view)),
        "by": view.by.email,
        "confirmers": [each.email for each in view.confirmers],
        "until": moment(proposal.until),
        "kinds": proposal.grants,
        "weakened": [translate(each) for each in weakened_by(parts.context, connection, view)],
        "state": view.state,
        "proposed_at": moment(proposal.proposed_at),
        "decided_by": view.decided_by.email if view.decided_by else None,
        "decided_at": moment(proposal.decided_at),
        "comment": proposal.comment,
    }
