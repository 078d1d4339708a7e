"""The Director's decision on awards (Quyết định khen thưởng), as the paper will read.

NĐ 30/2020/NĐ-CP, Phụ lục I for the form. For one nomination, and for all that a round passed.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Asker, Parts, RowId
from api.composition import Application
from api.web.dates import document_day
from api.web.pages.printing import date_line, plans_of
from api.web.rendering import Page, render_alone
from api.web.signatures import SignatureBlock, signature_of
from notifications.translation import speak
from workflow.awards import Reward
from workflow.lookups.agency import Agency
from workflow.lookups.campaigns import campaign_of
from workflow.model import Department
from workflow.queries import people
from workflow.queries.award_decisions import (
    AwardDecision,
    decision_on_item,
    decision_on_round,
)
from workflow.queries.timeline import signing_entries

router = APIRouter()
_WHOSE = {"collective": "mỗi tập thể", "individual": "mỗi cá nhân"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionPage(Page):
    """A decision on awards, on paper."""

    template: ClassVar[str] = "award_decision.html"
    agency: Agency
    decision: AwardDecision
    back: str
    notation: str
    date_line: str
    movement: str
    bases: Sequence[str]
    rewards: Sequence[str]
    """A sentence each; empty where the file of awards says nothing."""
    units: Sequence[str]
    recipients: Sequence[str]
    signature: SignatureBlock


@router.get("/items/{code}/award-decision")
async def print_item_decision(parts: Parts, asker: Asker, code: str) -> Response:
    """Show the decision on one nomination that the Director may award."""

    def found(connection: Connection) -> AwardDecision:
        return decision_on_item(parts.context, connection, code, asker.person)

    return await _printed(parts, found, f"/items/{code}")


@router.get("/rounds/{round_id}/award-decision")
async def print_round_decision(parts: Parts, asker: Asker, round_id: RowId) -> Response:
    """Show the decision on all that a round passed and the Director may award."""

    def found(connection: Connection) -> AwardDecision:
        return decision_on_round(parts.context, connection, round_id, asker.person)

    return await _printed(parts, found, f"/rounds/{round_id}")


async def _printed(
    parts: Application, found: Callable[[Connection], AwardDecision], back: str
) -> Response:
    speak("vi")  # an official document, whoever reads it
    return render_alone(
        await parts.database.read(
            lambda connection: _page(parts, connection, found(connection), back)
        )
    )


def _page(
    parts: Application, connection: Connection, decision: AwardDecision, back: str
) -> DecisionPage:
    campaign = campaign_of(connection, decision.campaign)
    departments = people.all_departments(connection)
    signed = [
        entry
        for item in decision.items
        for entry in signing_entries(parts.context, connection, item)[-1:]
    ]
    outside = [each.name for each in campaign.recipients if each.outside] if campaign else []
    return DecisionPage(
        agency=parts.agency,
        decision=decision,
        back=back,
        notation=decision.number or f"      /QĐ-{parts.agency.symbol}",
        date_line=date_line(decision.decided_on or None),
        movement=campaign.name if campaign else "",
        bases=[
            *(f"Căn cứ {each}" for each in (*decision.bases, *plans_of(campaign))),
            *_minutes(decision.council_day),
        ],
        rewards=[
            _reward(str(group.award), each) for group in decision.groups for each in group.rewards
        ],
        units=[each.name for each in departments],
        recipients=["Như Điều 3", *outside, f"Lưu: VT, {_office(departments)}"],
        signature=signature_of(parts, connection, signed[-1] if signed else None),
    )


def _minutes(council_day: date | None) -> list[str]:
    """Return the line that names the council's minutes, where it met."""
    if council_day is None:
        return []
    return [f"Theo Biên bản họp Hội đồng Thi đua - Khen thưởng {document_day(council_day)}"]


def _reward(award: str, reward: Reward) -> str:
    multiple = reward.multiple.replace(".", ",")
    return f"{_WHOSE[reward.kind]} được tặng {award}: {multiple} lần mức lương cơ sở"


def _office(departments: Iterable[Department]) -> str:
    return next((each.name for each in departments if each.is_office), "VP")
