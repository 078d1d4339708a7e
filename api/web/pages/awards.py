"""The register of awards: what was given to whom by which decision, as a page and a sheet.

Owns no row: it shows what the histories of the items say. Withdrawing is a later entry.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Asker, Parts
from api.auth.sessions import Caller
from api.composition import Application
from api.downloads import private_file
from api.spreadsheets import SHEET, sheet
from api.web.choices import Choices
from api.web.dates import day_text, hour_and_day, iso_day
from api.web.flash import redirect_with_flash
from api.web.forms import page_cause, read_form, shown_again
from api.web.rendering import FormPage, render_page
from notifications.translation import translate
from workflow.commands.withdraw_award import WithdrawAward
from workflow.errors import Refusal
from workflow.lookups.award_register import GivenAward, award_register
from workflow.messages import lazy
from workflow.people import may_set_deadlines, scope_of
from workflow.queries import people

router = APIRouter(prefix="/awards")
_COLUMNS = (
    lazy("Name"),
    lazy("Award"),
    lazy("Decided by"),
    lazy("Number of the decision"),
    lazy("Day of the decision"),
    lazy("Department"),
    lazy("Item"),
    lazy("Withdrawn"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardsPage(FormPage):
    """Every award that the reader may see, the newest decision first."""

    template: ClassVar[str] = "awards.html"
    rows: Sequence[GivenAward]
    standing: Choices
    """Awards that the reader may record as withdrawn: the item's code, and what it is."""


@router.get("")
async def show_awards(request: Request, parts: Parts, asker: Asker) -> Response:
    """Show the register."""
    return render_page(request, asker, await _awards_page(parts, asker))


async def _awards_page(parts: Application, asker: Caller) -> AwardsPage:
    def load_rows(connection: Connection) -> list[GivenAward]:
        # A person of the agency stands in an item by their address.
        names = {each.email: each.name for each in people.all_people(connection)}
        given = award_register(parts.context, connection, scope_of(asker.person))
        return [replace(each, nominee=names.get(each.nominee, each.nominee)) for each in given]

    rows = await parts.database.report(load_rows)
    standing = [
        (each.item.code, f"{each.item.code}: {each.called_nominee}, {translate(each.called)}")
        for each in rows
        if not each.is_withdrawn
    ]
    return AwardsPage(rows=rows, standing=standing if may_set_deadlines(asker.person) else ())


@router.get(".xlsx")
async def download_awards(parts: Parts, asker: Asker) -> Response:
    """Return the register as a sheet."""
    page = await _awards_page(parts, asker)
    rows: list[list[object]] = [
        [
            each.called_nominee,
            translate(each.called),
            translate(each.authority),
            each.number,
            day_text(each.decided_on),
            each.item.department,
            each.item.code,
            each.withdrawn_why if each.is_withdrawn else "",
        ]
        for each in page.rows
    ]
    now = parts.clock.now()
    title = translate(
        "{name}: awards given, {hour_and_day}",
        name=parts.agency.name,
        hour_and_day=hour_and_day(parts, now),
    )
    content = await asyncio.to_thread(sheet, translate("Awards"), title, _COLUMNS, rows)
    day = parts.context.calendar.local_day(now).isoformat()
    return private_file(content, SHEET, f"khen-thuong-{day}.xlsx")


@router.post("/withdraw")
async def record_withdrawal(request: Request, parts: Parts, asker: Asker) -> Response:
    """Record that an award was withdrawn; refused, the register comes back with the reasons."""
    form = await read_form(request)
    code = str(form.get("code") or "")
    try:
        await parts.database.write(
            WithdrawAward(
                code=code,
                cause=page_cause(asker, form, code),
                number=str(form.get("number") or ""),
                decided_on=iso_day(str(form.get("decided_on") or "")),
                why=str(form.get("why") or ""),
            )
        )
    except Refusal as refusal:
        shown = shown_again(await _awards_page(parts, asker), form, refusal)
        return render_page(request, asker, shown, 422)
    told = translate("The withdrawal is recorded.")
    return redirect_with_flash(request, asker, "/awards", told)
