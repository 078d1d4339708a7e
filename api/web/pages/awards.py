"""The register of awards: what was given to whom by which decision, as a page and a sheet.

Owns no row: it shows what the histories of the items say. Withdrawing is a later entry.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Asker, Parts
from api.auth.sessions import Caller
from api.composition import Application
from api.cursors import read_cursor, write_cursor
from api.web.choices import Choices
from api.web.dates import day_text
from api.web.flash import redirect_with_flash
from api.web.form_fields import day_in, text_in
from api.web.forms import page_cause, read_form, refused_form, shown_again
from api.web.list_files import list_file, whole_list
from api.web.rendering import FormPage, render_page
from notifications.translation import translate
from workflow.commands.decide_nominee import DecideNominee
from workflow.commands.nominee_results import NomineeOutcome
from workflow.commands.withdraw_award import WithdrawAward
from workflow.errors import Refusal
from workflow.lookups.award_register import RegisterPage, award_register
from workflow.lookups.given_awards import GivenAward
from workflow.messages import lazy
from workflow.people import may_set_deadlines, scope_of
from workflow.queries.listing import PAGE_LIMIT
from workflow.queries.past_awards import past_awards_for
from workflow.rounds import item_of
from workflow.values import counter

router = APIRouter(prefix="/awards")
_PAGE = 50
_Given = tuple[list[GivenAward], int | None]
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
    """The awards that the reader may see, a page of them, the newest nomination first."""

    template: ClassVar[str] = "awards.html"
    rows: Sequence[GivenAward]
    standing: Choices
    """Awards here that the reader may record as withdrawn: the item's code, and what it is."""
    undecided: Choices
    """Nominees of lists of whom nothing is recorded yet, for who may record it."""
    first: str | None
    next: str | None


@router.get("")
async def show_awards(
    request: Request, parts: Parts, asker: Asker, cursor: str | None = None
) -> Response:
    """Show the register, a page of it."""
    return render_page(request, asker, await _awards_page(parts, asker, cursor))


async def _page(parts: Application, asker: Caller, before: int | None, count: int) -> RegisterPage:
    return await parts.database.report(
        lambda connection: award_register(
            parts.context, connection, scope_of(asker.person), before=before, count=count
        )
    )


async def _awards_page(parts: Application, asker: Caller, cursor: str | None = None) -> AwardsPage:
    page = await _page(parts, asker, read_cursor(cursor), _PAGE)
    standing = [
        (each.code, f"{each.code}: {each.called_nominee}, {translate(each.called)}")
        for each in page.awards
        if not each.is_withdrawn
    ]
    is_office = may_set_deadlines(asker.person)
    undecided = [(code, f"{code}: {name}") for code, name in page.undecided]
    return AwardsPage(
        rows=page.awards,
        standing=standing if is_office else (),
        undecided=undecided if is_office else (),
        first="/awards" if cursor else None,
        next=f"/awards?cursor={write_cursor(page.after)}" if page.after else None,
    )


@router.get(".xlsx")
async def download_awards(parts: Parts, asker: Asker) -> Response:
    """Return the whole register as a sheet."""
    scope = scope_of(asker.person)

    def recorded(connection: Connection, before: int | None) -> _Given:
        page = award_register(parts.context, connection, scope, before=before, count=PAGE_LIMIT)
        return list(page.awards), page.after

    def imported(connection: Connection, before: int | None) -> _Given:
        page = past_awards_for(parts.context, connection, scope, before=before, count=PAGE_LIMIT)
        after = page[-1].kept.id if len(page) == PAGE_LIMIT else None
        return [each.given for each in page], after

    given = [*await whole_list(parts, recorded), *await whole_list(parts, imported)]
    rows: list[list[object]] = [
        [
            each.called_nominee,
            translate(each.called),
            translate(each.authority),
            each.number,
            day_text(each.decided_on),
            each.department or "",
            each.code or translate("(imported from earlier years)"),
            each.withdrawn_why if each.is_withdrawn else "",
        ]
        for each in given
    ]
    return await list_file(parts, lazy("Awards"), _COLUMNS, rows, file="khen-thuong")


@router.post("/withdraw")
async def record_withdrawal(request: Request, parts: Parts, asker: Asker) -> Response:
    """Record that an award was withdrawn; refused, the register comes back with the reasons."""
    form = await read_form(request)
    chosen = text_in(form, "code")
    code = item_of(chosen)
    try:
        await parts.database.write(
            WithdrawAward(
                code=code,
                nominee=_row_in(chosen),
                cause=page_cause(asker, form, code),
                number=text_in(form, "number"),
                decided_on=day_in(form, "decided_on"),
                why=text_in(form, "why"),
            )
        )
    except Refusal as refusal:
        shown = shown_again(await _awards_page(parts, asker), form, refusal)
        return render_page(request, asker, shown, 422)
    told = translate("The withdrawal is recorded.")
    return redirect_with_flash(request, asker, "/awards", told)


@router.post("/decide")
async def record_late_result(request: Request, parts: Parts, asker: Asker) -> Response:
    """Record what became of a nominee who waited; refused, the register comes back with why."""
    form = await read_form(request)
    chosen = text_in(form, "waited")
    code = item_of(chosen)
    outcome = NomineeOutcome(
        row=_row_in(chosen),
        is_awarded={"given": True, "refused": False}.get(text_in(form, "result")),
        number=text_in(form, "decision_number"),
        decided_on=day_in(form, "decided"),
        why=text_in(form, "why_not"),
    )
    try:
        cause = page_cause(asker, form, code)
        await parts.database.write(DecideNominee(code=code, cause=cause, outcome=outcome))
    except Refusal as refusal:
        return refused_form(request, asker, await _awards_page(parts, asker), form, refusal)
    told = translate("The result is recorded.")
    return redirect_with_flash(request, asker, f"/items/{code}", told)


def _row_in(chosen: str) -> int:
    """Return the row of a list that an award's code names; 0 in a nomination of one."""
    return counter(chosen.removeprefix(item_of(chosen))[1:]) or 0
