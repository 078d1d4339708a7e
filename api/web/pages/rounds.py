"""Rounds of the council: the list, a round with its count, and the acts of who runs it.

The code of a key of a secret ballot is shown to whom it is, on the answer to the act that takes it,
and on no other page.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.responses import Response

from api.auth.callers import Asker, Parts, RowId, application
from api.auth.sessions import Caller
from api.composition import Application
from api.cursors import next_cursor, read_cursor
from api.official_documents import round_documents
from api.web.ballots import CHOICES, blind_cause, receipt_in_groups
from api.web.dates import day_text, hour_and_day
from api.web.flash import redirect_with_flash
from api.web.form_fields import text_in
from api.web.forms import read_form, refused_form
from api.web.list_files import list_file, whole_list
from api.web.rendering import FormPage, Page, render_page
from api.web.rounds_in_words import ATTENDANCES, MEETINGS, ROLES, STATES, TONES, VOTINGS
from notifications.translation import translate
from workflow.command import RoundCommand
from workflow.commands.close_round import AnswerChallenge, CancelRound, ChallengeCount, CloseRound
from workflow.commands.count_vote import CountVote, RecountVote
from workflow.commands.open_vote import OpenVote, is_early
from workflow.errors import Refusal
from workflow.messages import Message, lazy
from workflow.people import may_set_deadlines
from workflow.queries.campaigns import campaign_names
from workflow.queries.dossiers import leaving_items
from workflow.queries.listing import PAGE_LIMIT
from workflow.queries.rounds import CaseView, RoundView, SeatView, round_view, rounds_for
from workflow.rounds import written_share
from workflow.voting import BallotChoice, RoundState, Voting

router = APIRouter(prefix="/rounds")
_PAGE = 50
_COLUMNS = (
    lazy("Title"),
    lazy("Campaign"),
    lazy("Day"),
    lazy("Form of the meeting"),
    lazy("Way of voting"),
    lazy("State"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundLine:
    """A round in the list."""

    id: int
    title: str
    meta: str
    state: Message
    tone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundsPage(Page):
    """The rounds that the reader may see, newest first."""

    template: ClassVar[str] = "rounds.html"
    rows: Sequence[RoundLine]
    may_prepare: bool
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengeRow:
    """What somebody has against a count, and what was answered."""

    id: int
    said: str
    words: str
    answer: str
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundPage(FormPage):
    """A round: terms, members, nominations, count, and what the reader may do."""

    template: ClassVar[str] = "round.html"
    view: RoundView
    here: str
    held_on: str
    terms: Sequence[tuple[str, str]]
    state: Message
    tone: str
    members: Sequence[tuple[str, str, str, str, bool]]
    """Of each: the number, the name, role and how they take part, whether they have voted, and
    whether the reader gets their paper.
    """
    cases: Sequence[tuple[CaseView, str]]
    """Each with the share that it needs."""
    challenges: Sequence[ChallengeRow]
    receipts: Sequence[str]
    code: str = ""
    """Of the reader's key, on the answer to taking it alone."""
    is_secret: bool
    documents: Sequence[tuple[str, Message]]
    """The official documents that it can have now, each with its address."""
    states: type[RoundState] = RoundState
    choices: Mapping[BallotChoice, Message]
    voting: str
    early: str
    """What whoever begins the vote confirms, before the day of the meeting; else empty."""
    may_send: bool
    """Whether nominations that it has passed wait for the reader to send them."""


@router.get("")
async def show_rounds(
    request: Request, parts: Parts, asker: Asker, cursor: str | None = None
) -> Response:
    """Show the rounds: all to who watches over all, to others those they sit in."""
    before = read_cursor(cursor)

    def load_page(connection: Connection) -> RoundsPage:
        found = rounds_for(connection, asker.person, before=before, count=_PAGE + 1)
        after = next_cursor([each.id for each in found], _PAGE)
        return RoundsPage(
            rows=[
                RoundLine(
                    id=each.id,
                    title=each.title,
                    meta=f"{day_text(each.held_on)} · {translate(VOTINGS[each.voting])}",
                    state=STATES[each.state],
                    tone=TONES[each.state],
                )
                for each in found[:_PAGE]
            ],
            may_prepare=may_set_deadlines(asker.person),
            next=f"/rounds?cursor={after}" if after else None,
        )

    return render_page(request, asker, await parts.database.read(load_page))


@router.get(".xlsx")
async def download_rounds(parts: Parts, asker: Asker) -> Response:
    """Return the rounds that the reader may see as a sheet."""

    def rows_below(
        connection: Connection, before: int | None
    ) -> tuple[list[list[str]], int | None]:
        found = rounds_for(connection, asker.person, before=before, count=PAGE_LIMIT)
        names = dict(campaign_names(connection))
        rows = [
            [
                each.title,
                names.get(each.campaign, each.campaign),
                day_text(each.held_on),
                translate(MEETINGS[each.meeting]),
                translate(VOTINGS[each.voting]),
                translate(STATES[each.state]),
            ]
            for each in found
        ]
        return rows, found[-1].id if len(found) == PAGE_LIMIT else None

    rows = await whole_list(parts, rows_below)
    return await list_file(parts, lazy("Rounds of the council"), _COLUMNS, rows, file="dot-xet")


@router.get("/{round_id}")
async def show_round(request: Request, parts: Parts, asker: Asker, round_id: RowId) -> Response:
    """Show a round."""
    return render_page(request, asker, await _page(parts, asker, round_id))


async def _page(parts: Application, asker: Caller, number: int) -> RoundPage:
    def load_page(connection: Connection) -> RoundPage:
        view = round_view(parts.context, connection, number, asker.person)
        leaving = leaving_items(parts.context, connection, asker.person)
        may_send = any(each.round == number for each in leaving)
        papers = round_documents(parts, connection, view, asker.person)
        return _round_page(parts, view, papers, may_send=may_send)

    return await parts.database.read(load_page)


def _member_row(seat: SeatView) -> tuple[str, str, str, str, bool]:
    voted = translate("Has voted") if seat.has_voted else ""
    return str(seat.person.id), seat.person.name, _seat_words(seat), voted, seat.gets_paper


def _seat_words(view: SeatView) -> str:
    role, attendance = ROLES[view.seat.role], ATTENDANCES[view.seat.attendance]
    return f"{translate(role)} · {translate(attendance)}"


def _round_page(
    parts: Application,
    view: RoundView,
    documents: Sequence[tuple[str, Message]],
    *,
    may_send: bool,
) -> RoundPage:
    found, people = view.round, view.people.people
    return RoundPage(
        documents=documents,
        view=view,
        here=f"/rounds/{found.id}",
        held_on=day_text(found.held_on),
        terms=[
            (translate("Day"), day_text(found.held_on)),
            (translate("Place"), found.place),
            (translate("Form"), translate(MEETINGS[found.meeting])),
            (translate("Vote"), translate(VOTINGS[found.voting])),
            (translate("Quorum"), written_share(found.quorum)),
            (translate("Base of every share"), _base_words(view)),
        ],
        state=STATES[found.state],
        tone=TONES[found.state],
        members=[_member_row(each) for each in view.seats],
        cases=[(each, written_share(each.case.threshold)) for each in view.cases],
        challenges=[
            ChallengeRow(
                id=each.id,
                said=translate(
                    "{name}, at {at}",
                    name=people[each.person].name,
                    at=hour_and_day(parts, each.at),
                ),
                words=each.words,
                answer=each.answer or "",
                is_open=each.answered_at is None,
            )
            for each in view.challenges
        ],
        receipts=[receipt_in_groups(each) for each in view.receipts],
        is_secret=found.voting is Voting.SECRET,
        choices=CHOICES,
        voting=translate(VOTINGS[found.voting]),
        early=_early_words(parts, view),
        may_send=may_send,
    )


def _base_words(view: RoundView) -> str:
    if view.round.concerned_count:
        return translate("All members")
    return translate("All members but those who are concerned")


def _early_words(parts: Application, view: RoundView) -> str:
    if not is_early(view.round, parts.context):
        return ""
    day = day_text(view.round.held_on)
    return translate("The meeting is on {day}; I mean to begin the vote before it", day=day)


@router.post("/{round_id}/vote")
async def open_vote(request: Request, parts: Parts, asker: Asker, round_id: RowId) -> Response:
    """Put a round to the vote; of a secret ballot, show the code of one's own key this once."""
    form = await read_form(request)
    cause, may_be_early = blind_cause(asker, form, "vote"), bool(form.get("early"))
    command = OpenVote(round=round_id, cause=cause, may_be_early=may_be_early)
    try:
        opened = await parts.database.write(command)
    except Refusal as refusal:
        return await _refused(request, asker, round_id, form, refusal)
    page = await _page(parts, asker, round_id)
    if not opened.code:
        told = (
            translate(
                "The code of this key was shown once, and is not shown again. Without it written "
                "down take the key anew, before anybody votes."
            )
            if page.is_secret
            else translate("The round is put to the vote; its members are mailed their links.")
        )
        return redirect_with_flash(request, asker, f"/rounds/{round_id}", told)
    page = replace(page, code=opened.code)
    return render_page(request, asker, page)


async def _refused(
    request: Request, asker: Caller, number: int, form: FormData, refusal: Refusal
) -> Response:
    parts = application(request)
    page = await _page(parts, asker, number)
    return refused_form(request, asker, page, form, refusal)


@router.post("/{round_id}/count")
async def count_vote(request: Request, asker: Asker, round_id: RowId) -> Response:
    """End the vote and count it."""
    form = await read_form(request)
    codes = tuple(text_in(form, each) for each in ("code", "second_code"))
    command = CountVote(round=round_id, codes=codes, cause=blind_cause(asker, form, "count"))
    told = translate("The votes are counted, and the council is told.")
    return await _submit(request, asker, form, command, told)


async def _submit(
    request: Request, asker: Caller, form: FormData, command: RoundCommand[int], told: str
) -> Response:
    try:
        await application(request).database.write(command)
    except Refusal as refusal:
        return await _refused(request, asker, command.round, form, refusal)
    return redirect_with_flash(request, asker, f"/rounds/{command.round}", told)


@router.post("/{round_id}/recount")
async def recount_vote(request: Request, asker: Asker, round_id: RowId) -> Response:
    """Count again what was counted."""
    form = await read_form(request)
    command = RecountVote(round=round_id, cause=blind_cause(asker, form, "recount"))
    told = translate("Counted again: the count is the same.")
    return await _submit(request, asker, form, command, told)


@router.post("/{round_id}/challenges")
async def challenge_count(request: Request, asker: Asker, round_id: RowId) -> Response:
    """Say what is wrong with the count."""
    form = await read_form(request)
    words = text_in(form, "words")
    command = ChallengeCount(
        round=round_id, words=words, cause=blind_cause(asker, form, "challenge")
    )
    told = translate("Your challenge is recorded; the round is not closed before its answer.")
    return await _submit(request, asker, form, command, told)


@router.post("/{round_id}/challenges/{challenge}/answer")
async def answer_challenge(
    request: Request, asker: Asker, round_id: RowId, challenge: RowId
) -> Response:
    """Answer a challenge, or let the vote be held again."""
    form = await read_form(request)
    command = AnswerChallenge(
        round=round_id,
        challenge=challenge,
        words=text_in(form, "words"),
        repeats=form.get("do") == "repeat",
        cause=blind_cause(asker, form, f"answer{challenge}"),
    )
    told = translate("The challenge is answered.")
    return await _submit(request, asker, form, command, told)


@router.post("/{round_id}/close")
async def close_round(request: Request, asker: Asker, round_id: RowId) -> Response:
    """Close a counted round for good."""
    form = await read_form(request)
    command = CloseRound(round=round_id, cause=blind_cause(asker, form, "close"))
    told = translate("The round is closed; what has passed goes to be signed.")
    return await _submit(request, asker, form, command, told)


@router.post("/{round_id}/cancel")
async def cancel_round(request: Request, asker: Asker, round_id: RowId) -> Response:
    """Give a round up before it is counted."""
    form = await read_form(request)
    words = text_in(form, "words")
    command = CancelRound(round=round_id, words=words, cause=blind_cause(asker, form, "cancel"))
    told = translate("The round is given up; its nominations are free for another.")
    return await _submit(request, asker, form, command, told)
