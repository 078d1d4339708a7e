"""Minutes of a round of the council and its tally sheet, as the paper will read.

NĐ 30/2020/NĐ-CP, Phụ lục I for the form; what stands in them follows Điều 84 of Law 06/2022/QH15.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Asker, Parts, RowId
from api.web.dates import document_day
from api.web.rendering import Page, render_alone
from api.web.rounds_in_words import ATTENDANCES, MEETINGS, ROLES, VOTINGS
from notifications.translation import speak, translate
from workflow.errors import NotFoundRefusal
from workflow.lookups.agency import Agency
from workflow.messages import lazy
from workflow.queries.rounds import CaseView, RoundView, SeatView, round_view
from workflow.rounds import written_share
from workflow.voting import Attendance, RoundState, Voting

router = APIRouter(prefix="/rounds")


@dataclass(frozen=True, slots=True, kw_only=True)
class MinutesPage(Page):
    """A counted round as minutes with their tally sheet."""

    template: ClassVar[str] = "round_minutes.html"
    agency: Agency
    view: RoundView
    date_line: str
    meeting: str
    voting: str
    members: Sequence[tuple[SeatView, str, str]]
    present: int
    cases: Sequence[tuple[CaseView, str]]
    chair: str
    secretary: str
    is_secret: bool
    is_closed: bool
    papers: int


@router.get("/{round_id}/minutes")
async def print_minutes(parts: Parts, asker: Asker, round_id: RowId) -> Response:
    """Show minutes and tally sheet, once the votes are counted."""
    speak("vi")  # an official document, whoever reads it

    def load_page(connection: Connection) -> MinutesPage:
        view = round_view(parts.context, connection, round_id, asker.person)
        if not view.is_counted:
            raise NotFoundRefusal(lazy("these minutes"))
        by_role = {each.seat.role: each.person.name for each in view.seats}
        chair, secretary, *_ = ROLES
        return MinutesPage(
            agency=parts.agency,
            view=view,
            date_line=document_day(date.fromisoformat(view.round.held_on)),
            meeting=translate(MEETINGS[view.round.meeting]),
            voting=translate(VOTINGS[view.round.voting]),
            members=[
                (
                    each,
                    translate(ROLES[each.seat.role]),
                    translate(ATTENDANCES[each.seat.attendance]),
                )
                for each in view.seats
            ],
            present=sum(each.seat.attendance is not Attendance.ABSENT for each in view.seats),
            cases=[(each, written_share(each.case.threshold)) for each in view.cases],
            chair=by_role[chair],
            secretary=by_role[secretary],
            is_secret=view.round.voting is Voting.SECRET,
            is_closed=view.round.state is RoundState.CLOSED,
            papers=view.found.voted,
        )

    return render_alone(await parts.database.read(load_page))
