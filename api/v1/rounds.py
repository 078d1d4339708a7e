"""``/api/v1/council-rounds``: rounds of the council, their votes and what they came to."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Asker, Parts, RowId
from api.auth.sessions import Caller
from api.composition import Application
from api.cursors import next_cursor, read_cursor
from api.json_response import OrjsonResponse
from api.request_bodies import KnownCallerRoute
from api.v1.dependencies import cause_of
from api.v1.responses import list_response
from api.v1.schemas.rounds import (
    BoxCodes,
    CastPaper,
    ChallengeReply,
    NewRound,
    RoundMember,
    RoundMembers,
    RoundWords,
)
from api.v1.serializers import moment
from workflow.commands.cast_vote import CastVote
from workflow.commands.close_round import AnswerChallenge, CancelRound, ChallengeCount, CloseRound
from workflow.commands.count_vote import CountVote, RecountVote
from workflow.commands.open_vote import OpenVote
from workflow.commands.prepare_round import ChangeMembers, PrepareRound
from workflow.commands.round_terms import NamedCase, NamedSeat, RoundTerms
from workflow.model import PersonId
from workflow.queries import people
from workflow.queries.listing import PAGE_LIMIT
from workflow.queries.rounds import CaseView, Round, RoundView, round_view, rounds_for
from workflow.rounds import written_share

router = APIRouter(prefix="/council-rounds", route_class=KnownCallerRoute)


@router.get("")
async def list_rounds(
    parts: Parts,
    asker: Asker,
    limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT)] = 50,
    cursor: str | None = None,
) -> Response:
    """Return rounds, newest first: all to who watches over all, to others those they sit in."""
    before = read_cursor(cursor)

    def load_page(connection: Connection) -> list[Round]:
        return rounds_for(connection, asker.person, before=before, count=limit + 1)

    found = await parts.database.read(load_page)
    rows = [_row(each) for each in found[:limit]]
    return list_response(rows, next_cursor([each.id for each in found], limit))


@router.get("/{round_id}")
async def get_round(parts: Parts, asker: Asker, round_id: RowId) -> Response:
    """Return a round with its members, cases and, once counted, its count."""
    return await _response(parts, asker, round_id)


@router.post("", status_code=201)
async def add_round(request: Request, parts: Parts, asker: Asker, body: NewRound) -> Response:
    """Prepare a round; the Office's."""
    number = await parts.database.write(_prepared(request, asker, body, None))
    return await _response(parts, asker, number, status=201)


@router.post("/{round_id}")
async def set_round(
    request: Request, parts: Parts, asker: Asker, round_id: RowId, body: NewRound
) -> Response:
    """Set a round that is not put to the vote yet, as a whole; the Office's."""
    await parts.database.write(_prepared(request, asker, body, round_id))
    return await _response(parts, asker, round_id)


def _prepared(request: Request, asker: Caller, body: NewRound, number: int | None) -> PrepareRound:
    terms = RoundTerms(
        campaign=body.campaign,
        title=body.title,
        held_on=body.held_on,
        place=body.place,
        agenda=body.agenda,
        meeting=body.meeting,
        voting=body.voting,
        quorum=body.quorum,
        threshold=body.threshold,
        concerned_count=body.concerned_count,
        members=_seats(body.members),
        cases=tuple(
            NamedCase(code=each.code, threshold=each.threshold, concerned=tuple(each.concerned))
            for each in body.cases
        ),
    )
    return PrepareRound(
        terms=terms,
        round=number,
        seen=body.seen,
        invites=body.invites,
        cause=cause_of(request, asker, body.model_dump(mode="json")),
    )


def _seats(members: list[RoundMember]) -> tuple[NamedSeat, ...]:
    return tuple(
        NamedSeat(email=each.email, role=each.role, attendance=each.attendance) for each in members
    )


@router.post("/{round_id}/members")
async def change_members(
    request: Request, parts: Parts, asker: Asker, round_id: RowId, body: RoundMembers
) -> Response:
    """Change the council; once it was put to the vote, how its members take part. The Office's."""
    cause = cause_of(request, asker, body.model_dump(mode="json"))
    command = ChangeMembers(round=round_id, members=_seats(body.members), cause=cause)
    await parts.database.write(command)
    return await _response(parts, asker, round_id)


@router.post("/{round_id}/vote", status_code=201)
async def open_vote(request: Request, parts: Parts, asker: Asker, round_id: RowId) -> Response:
    """Put a round to the vote; of a secret ballot: take the chair's or the secretary's key.

    The answer has the code of one's own key, this once. With the second key the vote is open; until
    somebody votes, either of the two takes their key anew.
    """
    opened = await parts.database.write(
        OpenVote(round=round_id, cause=cause_of(request, asker, {}))
    )
    return await _response(parts, asker, round_id, status=201, code=opened.code)


@router.post("/{round_id}/papers", status_code=201)
async def cast_vote(
    request: Request, parts: Parts, asker: Asker, round_id: RowId, body: CastPaper
) -> Response:
    """Cast a paper: one's own, or, for who leads the round, one that was handed out in the room."""
    member = None if body.member is None else await _member(parts, body.member)
    # What was chosen is no part of the cause: a digest of so few choices would tell them.
    command = CastVote(
        round=round_id,
        run=body.run,
        choices={code: choice.value for code, choice in body.choices.items()},
        member=member,
        cause=cause_of(request, asker, {"run": body.run}),
    )
    cast = await parts.database.write(command)
    answer = {"round": cast.round, "run": body.run, "receipt": cast.receipt}
    return OrjsonResponse(answer, status_code=201)


async def _member(parts: Application, email: str) -> PersonId:
    """Return whom a paper is handed out to; an id that nobody has for one who is not there."""

    def find(connection: Connection) -> PersonId:
        found = [
            each.id for each in people.people_by_id(connection).values() if each.email == email
        ]
        return found[0] if found else PersonId(0)

    return await parts.database.read(find)


@router.post("/{round_id}/count")
async def count_vote(
    request: Request, parts: Parts, asker: Asker, round_id: RowId, body: BoxCodes
) -> Response:
    """End the vote and count it, with the codes of a secret ballot's two keys."""
    cause = cause_of(request, asker, {})
    command = CountVote(round=round_id, codes=tuple(body.codes), cause=cause)
    await parts.database.write(command)
    return await _response(parts, asker, round_id)


@router.post("/{round_id}/recount")
async def recount_vote(request: Request, parts: Parts, asker: Asker, round_id: RowId) -> Response:
    """Count again what was counted."""
    await parts.database.write(RecountVote(round=round_id, cause=cause_of(request, asker, {})))
    return await _response(parts, asker, round_id)


@router.post("/{round_id}/challenges", status_code=201)
async def challenge_count(
    request: Request, parts: Parts, asker: Asker, round_id: RowId, body: RoundWords
) -> Response:
    """Say what is wrong with the count; a member's, or the Office's."""
    cause = cause_of(request, asker, body.model_dump())
    await parts.database.write(ChallengeCount(round=round_id, words=body.words, cause=cause))
    return await _response(parts, asker, round_id, status=201)


@router.post("/{round_id}/challenges/{challenge}/answer")
async def answer_challenge(
    request: Request,
    parts: Parts,
    asker: Asker,
    round_id: RowId,
    challenge: RowId,
    body: ChallengeReply,
) -> Response:
    """Answer a challenge, or let the vote be held again."""
    command = AnswerChallenge(
        round=round_id,
        challenge=challenge,
        words=body.words,
        repeats=body.repeats,
        cause=cause_of(request, asker, body.model_dump()),
    )
    await parts.database.write(command)
    return await _response(parts, asker, round_id)


@router.post("/{round_id}/close")
async def close_round(request: Request, parts: Parts, asker: Asker, round_id: RowId) -> Response:
    """Close a counted round for good; by another than who counted it."""
    await parts.database.write(CloseRound(round=round_id, cause=cause_of(request, asker, {})))
    return await _response(parts, asker, round_id)


@router.post("/{round_id}/cancel")
async def cancel_round(
    request: Request, parts: Parts, asker: Asker, round_id: RowId, body: RoundWords
) -> Response:
    """Give a round up before it is counted."""
    cause = cause_of(request, asker, body.model_dump())
    await parts.database.write(CancelRound(round=round_id, words=body.words, cause=cause))
    return await _response(parts, asker, round_id)


async def _response(
    parts: Application, asker: Caller, number: int, *, status: int = 200, **more: object
) -> Response:
    def load(connection: Connection) -> RoundView:
        return round_view(parts.context, connection, number, asker.person)

    view = await parts.database.read(load)
    return OrjsonResponse({**_json(view), **more}, status_code=status)


def _row(found: Round) -> dict[str, object]:
    return {
        "id": found.id,
        "campaign": found.campaign,
        "title": found.title,
        "held_on": found.held_on,
        "meeting": found.meeting,
        "voting": found.voting,
        "state": found.state,
    }


def _json(view: RoundView) -> dict[str, object]:
    found = view.round

    def email(person: PersonId | None) -> str | None:
        return None if person is None else view.people.people[person].email

    return {
        **_row(found),
        "place": found.place,
        "agenda": found.agenda,
        "quorum": written_share(found.quorum),
        "concerned_count": found.concerned_count,
        "run": found.run,
        "keys": view.keys,
        "seen": view.seen,
        "members": [
            {
                "email": each.person.email,
                "name": each.person.name,
                "role": each.seat.role,
                "attendance": each.seat.attendance,
                "has_voted": each.has_voted,
            }
            for each in view.seats
        ],
        "cases": [_case_json(each) for each in view.cases],
        "receipts": list(view.receipts),
        "challenges": [
            {
                "id": each.id,
                "run": each.run,
                "by": email(each.person),
                "at": moment(each.at),
                "words": each.words,
                "answer": each.answer,
                "answered_by": email(each.answered_by),
                "answered_at": moment(each.answered_at),
                "repeats": each.repeats,
            }
            for each in view.challenges
        ],
        "counted_by": email(found.counted_by),
        "counted_at": moment(found.counted_at),
        "ended_by": email(found.ended_by),
        "ended_at": moment(found.ended_at),
    }


def _case_json(view: CaseView) -> dict[str, object]:
    case = view.case
    return {
        "code": case.code,
        "title": view.title,
        "threshold": written_share(case.threshold),
        "concerned": [each.email for each in view.concerned],
        "agree": case.agree,
        "disagree": case.disagree,
        "blank": case.blank,
        "base": case.base,
        "needed": view.needed,
        "passed": case.passed,
        "left_out": view.is_left_out,
        "votes": [{"email": who.email, "choice": vote.choice} for who, vote in view.named],
    }
