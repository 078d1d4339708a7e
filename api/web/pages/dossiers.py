"""Dossiers: what left under one number, its package, and sending several nominations so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.responses import Response

from api.auth.callers import Asker, Parts, RowId, application
from api.auth.permissions import require_register_reader
from api.auth.second_factor import factor_in, write_proven
from api.auth.sessions import Caller
from api.composition import Application
from api.cursors import next_cursor, read_cursor
from api.dossier_package import package_answer
from api.kept_packages import PackageProgress
from api.web.choices import Choices
from api.web.dates import day_text, hour_and_day
from api.web.flash import redirect_with_flash
from api.web.forms import page_cause, read_form, refused_form
from api.web.labels import CHANNELS
from api.web.list_files import list_file, whole_list
from api.web.pages.decide import dispatch_from_form
from api.web.rendering import FormPage, Page, render_page, shown_again
from notifications.translation import translate
from workflow.commands.send_dossier import NamedItem, SendDossier
from workflow.definition import NAMES
from workflow.errors import Refusal
from workflow.messages import Message, lazy
from workflow.model import DispatchChannel
from workflow.queries.campaigns import campaign_names
from workflow.queries.dossiers import (
    DossierItem,
    DossierLine,
    DossierView,
    LeavingItem,
    dossier_view,
    dossiers_page,
    leaving_items,
)
from workflow.queries.listing import PAGE_LIMIT
from workflow.values import counter

router = APIRouter(prefix="/dossiers")
_PAGE = 50
_COLUMNS = (
    lazy("Number of the document"),
    lazy("Issuing day"),
    lazy("Title"),
    lazy("Campaign"),
    lazy("Way of sending"),
    lazy("Number of items"),
    lazy("Item"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DossiersPage(FormPage):
    """What left, the last first, and the nominations that wait for the reader to send them."""

    template: ClassVar[str] = "dossiers.html"
    lines: Sequence[DossierLine]
    channels: Mapping[DispatchChannel, Message]
    leaving: Choices
    chosen: Sequence[str]
    ways: Choices
    usual_way: str
    is_kept_here: bool
    asks_factor: bool
    first: str | None
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierPage(Page):
    """A dossier: with which number it left, what it holds, and where that stands."""

    template: ClassVar[str] = "dossier.html"
    view: DossierView
    title: str
    terms: Sequence[tuple[str, str]]
    items: Sequence[tuple[DossierItem, str]]
    """Each with what its state is called."""
    making: PackageProgress | None
    """How far its package is, while it is made."""


@router.get("")
async def show_dossiers(request: Request, asker: Asker, cursor: str | None = None) -> Response:
    """Show what left, and the form to send more; ``?round=``: whose nominations are chosen."""
    passed = counter(request.query_params.get("round") or "")
    return render_page(request, asker, await _page(request, asker, cursor, passed))


async def _page(
    request: Request, asker: Caller, cursor: str | None = None, council_round: int | None = None
) -> DossiersPage:
    require_register_reader(asker)
    parts, before = application(request), read_cursor(cursor)

    def load(connection: Connection) -> DossiersPage:
        found = dossiers_page(connection, before=before, count=_PAGE + 1)
        after = next_cursor([each.dossier.id for each in found], _PAGE)
        leaving = leaving_items(parts.context, connection, asker.person)
        names = dict(campaign_names(connection))
        return DossiersPage(
            lines=found[:_PAGE],
            channels=CHANNELS,
            leaving=[(_choice_value(each), _choice_words(each, names)) for each in leaving],
            chosen=[_choice_value(each) for each in leaving if each.round == council_round]
            if council_round
            else [],
            ways=[(each.value, translate(said)) for each, said in CHANNELS.items()],
            usual_way=parts.context.outgoing.channel,
            is_kept_here=parts.context.outgoing.is_kept_here,
            asks_factor=any(_asks_factor(parts, connection, each) for each in leaving),
            first="/dossiers" if cursor else None,
            next=f"/dossiers?cursor={after}" if after else None,
        )

    return await parts.database.report(load)


@router.get(".xlsx")
async def download_dossiers(parts: Parts, asker: Asker) -> Response:
    """Return all that left as a sheet."""
    require_register_reader(asker)

    def rows_below(
        connection: Connection, before: int | None
    ) -> tuple[list[list[object]], int | None]:
        found = dossiers_page(connection, before=before, count=PAGE_LIMIT)
        names = dict(campaign_names(connection))
        rows = [_row(each, names) for each in found]
        return rows, found[-1].dossier.id if len(found) == PAGE_LIMIT else None

    rows = await whole_list(parts, rows_below)
    return await list_file(parts, lazy("Dossiers"), _COLUMNS, rows, file="bo-ho-so")


def _row(line: DossierLine, campaigns: Mapping[str, str]) -> list[object]:
    left = line.dossier
    return [
        left.notation,
        day_text(left.issued_on),
        left.title,
        campaigns.get(left.campaign, left.campaign),
        translate(CHANNELS[left.channel]),
        line.count,
        left.code,
    ]


def _choice_value(leaving: LeavingItem) -> str:
    return f"{leaving.item.code}:{leaving.item.version}"


def _choice_words(leaving: LeavingItem, campaigns: Mapping[str, str]) -> str:
    item = leaving.item
    within = leaving.group or campaigns.get(item.campaign, item.campaign)
    return f"{item.code} · {item.title} ({within})"


def _asks_factor(parts: Application, connection: Connection, leaving: LeavingItem) -> bool:
    item = leaving.item
    way = parts.context.rulebooks.of(connection, item.definition_hash).sending(item.state)
    return way is not None and way.second_factor


@router.post("")
async def send_dossier(request: Request, parts: Parts, asker: Asker) -> Response:
    """Send the chosen nominations under one number; refused, the form comes back as typed."""
    form = await read_form(request)
    try:
        made = await write_proven(parts, _command(form, asker), factor_in(form))
    except Refusal as refusal:
        return refused_form(request, asker, await _page(request, asker), form, refusal)
    view = await parts.database.read(lambda connection: dossier_view(connection, made))
    told = translate("The dossier has left with the number {number}.", number=view.dossier.notation)
    return redirect_with_flash(request, asker, f"/dossiers/{made}", told)


def _command(form: FormData, asker: Caller) -> SendDossier:
    """Return what the form asks for. Raises InvalidRefusal for a number that is none."""
    chosen = (str(each).rpartition(":") for each in form.getlist("items"))
    return SendDossier(
        cause=page_cause(asker, form),
        items=tuple(NamedItem(code=code, version=counter(seen)) for code, _, seen in chosen),
        dispatch=dispatch_from_form(form),
    )


@router.get("/{dossier_id}")
async def show_dossier(request: Request, parts: Parts, asker: Asker, dossier_id: RowId) -> Response:
    """Show a dossier."""
    require_register_reader(asker)

    def load(connection: Connection) -> DossierPage:
        view = dossier_view(connection, dossier_id)
        found, rules = view.dossier, parts.context.rulebooks
        books = [rules.of(connection, each.item.definition_hash) for each in view.items]
        names = dict(campaign_names(connection))
        return DossierPage(
            view=view,
            title=f"{NAMES.get(found.kind, found.kind)} {found.notation}",
            terms=[
                (translate("Day"), day_text(found.issued_on)),
                (translate("Way of sending"), translate(CHANNELS[found.channel])),
                (translate("Sent at"), hour_and_day(parts, found.sent_at)),
                (translate("Sent by"), view.sender.name if view.sender else ""),
                (translate("Campaign"), names.get(found.campaign, found.campaign)),
            ],
            items=[
                (each, translate(book.states[each.item.state].label))
                for each, book in zip(view.items, books, strict=True)
            ],
            making=parts.packages.progress(dossier_id),
        )

    page = await parts.database.read(load)
    return shown_again(render_page(request, asker, page), page.making)


@router.get("/{dossier_id}/package.zip")
async def download_package(
    request: Request, parts: Parts, asker: Asker, dossier_id: RowId
) -> Response:
    """Return the package of a dossier, which its manifest checks offline.

    A large one is waited for on the dossier's page.
    """
    return await package_answer(request, parts, asker, dossier_id, f"/dossiers/{dossier_id}")
