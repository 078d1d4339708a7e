"""The departments' reports side by side, and what is gathered of them into the agency's report."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.responses import Response

from api.auth.callers import Asker, Parts, RowId, application
from api.auth.sessions import Caller
from api.composition import Application
from api.problems import page_status
from api.web.errors import reasons_in_words
from api.web.flash import redirect_with_flash
from api.web.forms import form_version, key_again, page_cause, read_form
from api.web.rendering import Page, fresh_key, render_page
from notifications.translation import translate
from workflow.commands.gather_reports import GatherReports
from workflow.errors import NotFoundRefusal, Refusal
from workflow.messages import lazy
from workflow.people import require_office
from workflow.queries import deadlines
from workflow.queries.gathering import SideBySide, gathered_view, may_gather_anew, to_gather
from workflow.queries.items import visible_view

router = APIRouter()


@dataclass(frozen=True, slots=True, kw_only=True)
class GatheringPage(Page):
    """The reports of a deadline side by side, with what the reader can do of them."""

    template: ClassVar[str] = "gathering.html"
    shown: SideBySide
    heading: str
    is_gathered: bool
    """Whether it shows a report that was gathered, beside what it was gathered from."""
    version: int = 0
    may_gather: bool = False
    key: str = field(default_factory=fresh_key)
    errors: Sequence[str] = ()
    left_out: str = ""
    """What is not taken up for lack of room, in a sentence; empty: everything is."""


def _left_out(shown: SideBySide) -> str:
    names = [translate(each.label) for each in shown.left_out]
    if not names:
        return ""
    return translate(
        "Not taken up, since it is too much for one field: {names}. Write it yourself.",
        names="; ".join(names),
    )


@router.get("/deadlines/{deadline_id}/gather")
async def gather_form(request: Request, parts: Parts, asker: Asker, deadline_id: RowId) -> Response:
    """Show what there is to gather for a deadline, and which departments are missing."""
    require_office(asker.person)
    return render_page(request, asker, await _to_gather(parts, deadline_id))


async def _to_gather(parts: Application, deadline_id: int) -> GatheringPage:
    def load(connection: Connection) -> GatheringPage:
        deadline = deadlines.deadline_by_id(connection, deadline_id)
        shown = to_gather(parts.context, connection, deadline)
        return GatheringPage(
            shown=shown,
            heading=translate("Gather the reports"),
            is_gathered=False,
            may_gather=bool(shown.sources) and not shown.code,
            left_out=_left_out(shown),
        )

    return await parts.database.read(load)


@router.post("/deadlines/{deadline_id}/gather")
async def gather(request: Request, parts: Parts, asker: Asker, deadline_id: RowId) -> Response:
    """Gather the reports of a deadline into a draft of the agency's."""
    form = await read_form(request)
    command = GatherReports(cause=page_cause(asker, form), deadline=deadline_id)
    try:
        written = await parts.database.write(command)
    except Refusal as refusal:
        page = await _to_gather(parts, deadline_id)
        return _refused(request, asker, page, form, refusal)
    told = translate("The reports are gathered. Read the draft, then write what is missing.")
    return await _to_gathered(request, asker, written.code, told)


async def _to_gathered(request: Request, asker: Caller, code: str, told: str) -> Response:
    """Go on to what was gathered; say with ``told`` what the report did not take."""
    page = await _gathered(request, asker, code)
    words = " ".join(filter(None, (told, page.left_out)))
    return redirect_with_flash(request, asker, f"/items/{code}/gathered", words)


def _refused(
    request: Request, asker: Caller, page: GatheringPage, form: FormData, refusal: Refusal
) -> Response:
    shown = replace(page, key=key_again(form, refusal), errors=reasons_in_words(refusal, {}))
    return render_page(request, asker, shown, page_status(refusal))


@router.get("/items/{code}/gathered")
async def show_gathered(request: Request, asker: Asker, code: str) -> Response:
    """Show a consolidated report beside the reports that it was gathered from."""
    return render_page(request, asker, await _gathered(request, asker, code))


async def _gathered(request: Request, asker: Caller, code: str) -> GatheringPage:
    parts = application(request)

    def load(connection: Connection) -> GatheringPage:
        view = visible_view(parts.context, connection, code, asker.person)
        shown = gathered_view(parts.context, connection, view, asker.person)
        is_writing = may_gather_anew(parts.context, connection, view.item, asker.person)
        return GatheringPage(
            shown=shown,
            heading=view.content.title,
            is_gathered=True,
            version=view.item.version,
            may_gather=is_writing and bool(shown.news),
            left_out=_left_out(shown),
        )

    return await parts.database.read(load)


@router.post("/items/{code}/gathered")
async def gather_anew(request: Request, parts: Parts, asker: Asker, code: str) -> Response:
    """Gather anew into a report that is still a draft; what the Office wrote stays."""
    form = await read_form(request)
    page = await _gathered(request, asker, code)
    if page.shown.deadline is None:
        raise NotFoundRefusal(lazy("the deadline of this report"))
    command = GatherReports(
        cause=page_cause(asker, form),
        deadline=page.shown.deadline.id,
        code=code,
        version=form_version(form),
    )
    try:
        await parts.database.write(command)
    except Refusal as refusal:
        return _refused(request, asker, page, form, refusal)
    told = translate("The reports are gathered anew; what the Office wrote has stayed.")
    return await _to_gathered(request, asker, code, told)
