"""The item as the document will read (NĐ 30/2020/NĐ-CP, Phụ lục I), for paper."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Asker, Parts
from api.composition import Application
from api.web.dates import document_day, hour_and_day
from api.web.rendering import Page, render_alone
from api.web.signatures import SignatureBlock, signature_of, signature_words
from notifications.translation import DEFAULT_LANGUAGE, speaking
from workflow.definition import Campaign, Group, ItemField
from workflow.lookups.agency import Agency
from workflow.lookups.campaigns import campaign_of
from workflow.lookups.signatures import signature_on
from workflow.queries.gathering import SideBySide, gathered_view
from workflow.queries.items import ItemView, visible_view
from workflow.queries.listing import Sending, dispatch_of
from workflow.queries.timeline import signing_entries

router = APIRouter(prefix="/items")


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintPage(Page):
    """An item as a document."""

    template: ClassVar[str] = "print.html"
    agency: Agency
    view: ItemView
    dispatch: Sending | None
    date_line: str
    basis: Sequence[str]
    """What the document rests on and carries out, a line each: Căn cứ …, Thực hiện …"""
    groups: Sequence[tuple[Group, Sequence[ItemField]]]
    """The groups that say something, each with its fields that do."""
    recipients: Sequence[str]
    signature: SignatureBlock
    approved: str
    """When the document was approved, and on what its signature rests; empty until it was."""
    gathered: SideBySide | None
    """The figures of the departments and their sum, where it was gathered from reports."""


@router.get("/{code}/print")
async def print_item(parts: Parts, asker: Asker, code: str) -> Response:
    """Show the item as the document will read (NĐ 30/2020/NĐ-CP, Phụ lục I)."""

    def load_page(connection: Connection) -> PrintPage:
        view = visible_view(parts.context, connection, code, asker.person)
        signed = signing_entries(parts.context, connection, view.item)
        dispatch = dispatch_of(connection, view.item.id)
        campaign = campaign_of(connection, view.item.campaign)
        return PrintPage(
            agency=parts.agency,
            view=view,
            dispatch=dispatch,
            date_line=date_line(dispatch.issued_on if dispatch else None),
            basis=[
                *(
                    f"Căn cứ {each.text}"
                    for each in view.definition.legal_basis
                    if each.is_in_force(_day_of(parts, view, dispatch))
                ),
                *(f"Thực hiện {each}" for each in plans_of(campaign)),
            ],
            groups=_filled_groups(view),
            gathered=gathered_view(parts.context, connection, view, asker.person)
            if view.definition.gathers
            else None,
            recipients=[each.name for each in campaign.recipients] if campaign else [],
            signature=signature_of(parts, connection, signed[-1] if signed else None),
            approved=_approved(parts, connection, view),
        )

    return render_alone(await parts.database.read(load_page))


def _approved(parts: Application, connection: Connection, view: ItemView) -> str:
    found = signature_on(parts.context, connection, view.item)
    if found is None:
        return ""
    with speaking(DEFAULT_LANGUAGE):
        rests = signature_words(parts, connection, found)
        return f"{hour_and_day(parts, found.approved_at)} ({rests})"


def plans_of(campaign: Campaign | None) -> Iterator[str]:
    """Yield the plans that are carried out: the superior's, then the agency's own."""
    if campaign is None:
        return
    above, own = campaign.parent_plan, campaign.launch_document
    if above is not None:
        day = f" {document_day(above.issued_on)}" if above.issued_on else ""
        about = f" về {above.subject[:1].lower()}{above.subject[1:]}" if above.subject else ""
        yield f"Kế hoạch số {above.number}{day} của {above.issuer}{about}"
    title = own.title.removeprefix("Kế hoạch ")
    day = f" {document_day(own.issued_on)}" if own.issued_on else ""
    number = f" số {own.number}" if own.number else ""
    yield f"Kế hoạch{number}{day} của {campaign.owner} {title[:1].lower()}{title[1:]}"


def _filled_groups(view: ItemView) -> list[tuple[Group, list[ItemField]]]:
    """Return the groups with their fields that say something, without those that say nothing."""
    filled = [
        each
        for each in view.fields
        if view.content.fields.get(each.id) not in (None, "", [])
        and each.id not in view.definition.unwritten
    ]
    groups = [
        (group, [each for each in filled if each.group == group.id])
        for group in view.definition.groups
    ]
    return [(group, said) for group, said in groups if said]


def _day_of(parts: Application, view: ItemView, dispatch: Sending | None) -> date:
    """Return the day whose law the document rests on.

    When it was issued, else when the item came to where it is.
    """
    return (
        date.fromisoformat(dispatch.issued_on)
        if dispatch
        else parts.context.calendar.local_day(view.item.since)
    )


def date_line(issued_on: str | None) -> str:
    """Return the date as a document writes it, with room for one that is not known yet."""
    if issued_on is None:
        return "ngày      tháng      năm"
    return document_day(date.fromisoformat(issued_on))
