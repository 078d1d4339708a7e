"""The list of items: as a page and as a sheet.

Filters and columns live in its address; views of it are kept under a name.
"""

import asyncio
import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.datastructures import QueryParams
from starlette.responses import Response

from api.auth.callers import Asker, Parts, RowId
from api.auth.sessions import Caller
from api.composition import Application
from api.downloads import private_file
from api.spreadsheets import plain_cell
from api.web.dates import hour_and_day
from api.web.excerpts import Excerpt, excerpt
from api.web.flash import redirect_with_flash
from api.web.form_fields import text_in
from api.web.forms import read_form
from api.web.hints import Hint, hint_for
from api.web.item_filters import (
    ONLY,
    ListFilters,
    address_but,
    list_address,
    list_filters,
    wanted_by,
)
from api.web.list_files import list_file
from api.web.list_pages import ListPages, find_page, pages_beside
from api.web.rendering import Page, render_page
from api.web.saved_views import DropView, SaveView
from api.web.view_saving import save_shown
from notifications.translation import Number, counted, translate
from workflow.messages import Message, lazy
from workflow.people import scope_of
from workflow.queries import people
from workflow.queries.campaigns import campaign_names
from workflow.queries.items import ItemView
from workflow.queries.listing import (
    MOST_COUNTED,
    PAGE_LIMIT,
    count_items,
    item_ids,
    listed_views,
)
from workflow.queries.personal import SavedView, views_of
from workflow.search_words import Sought

router = APIRouter(prefix="/items")
EXPORTED = 5000
"""Rows a sheet has at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListColumn:
    """A column of the list: its id in the address, its label, and what it says of an item."""

    id: str
    label: Message
    says: Callable[[Application, ItemView, dict[str, str]], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage(Page):
    """A page of the list, with the filters and columns that it was asked for."""

    template: ClassVar[str] = "items.html"
    views: Sequence[ItemView]
    sought: str
    excerpts: Mapping[str, Excerpt]
    """Where an item says what was searched for, by code, where its title does not."""
    bound: str
    """Among how many the best match is looked for, where that is not among all."""
    without_search: str
    """The address of the list without what was searched for."""
    view_here: str
    """The query of the saved view that is narrowed here; empty where it is none."""
    rest: str
    """How many items the filters find that are not here; empty where they all are."""
    place: str
    """How many items the filters find on all pages, and which of them are here."""
    said_more: Sequence[Mapping[str, str]]
    """What each chosen column says, by code."""
    columns: Sequence[ListColumn]
    choosable: Sequence[ListColumn]
    filters: ListFilters
    address: str
    hint: Hint | None
    saved: Sequence[SavedView]
    ready: Sequence[tuple[str, Message, str | None]]
    """The views that everybody has: the query of each, what it is called, how many it finds.

    What waits for the asker is counted by My work, without their own drafts.
    """
    pages: ListPages


_ALWAYS = (
    ListColumn(id="code", label=lazy("Item code"), says=lambda _, view, __: view.item.code),
    ListColumn(id="title", label=lazy("Title"), says=lambda _, view, __: view.content.title),
    ListColumn(
        id="type", label=lazy("Kind"), says=lambda _, view, __: translate(view.definition.label)
    ),
    ListColumn(
        id="state", label=lazy("State"), says=lambda _, view, __: translate(view.state.label_now)
    ),
    ListColumn(
        id="holders",
        label=lazy("Waiting for"),
        says=lambda _, view, __: "; ".join(each.person.name for each in view.holders),
    ),
    ListColumn(
        id="due",
        label=lazy("Due"),
        says=lambda parts, view, _: (
            hour_and_day(parts, view.item.due_at) if view.item.due_at else ""
        ),
    ),
)
CHOSEN = (
    ListColumn(
        id="department",
        label=lazy("Department"),
        says=lambda _, view, names: names.get(view.item.department, ""),
    ),
    ListColumn(id="author", label=lazy("Author"), says=lambda _, view, __: view.author.name),
    ListColumn(
        id="campaign",
        label=lazy("Campaigns"),
        says=lambda _, view, names: names.get(view.item.campaign, ""),
    ),
    ListColumn(
        id="since",
        label=lazy("At this step since"),
        says=lambda parts, view, _: hour_and_day(parts, view.item.since),
    ),
)


def _columns(query: QueryParams) -> list[ListColumn]:
    return [each for each in CHOSEN if each.id in query.getlist("columns")]


def _names(connection: Connection) -> dict[str, str]:
    departments = {str(each.id): each.name for each in people.all_departments(connection)}
    return {**departments, **dict(campaign_names(connection))}


@router.get("")
async def list_items(
    request: Request, parts: Parts, asker: Asker, cursor: str | None = None
) -> Response:
    """Show the items that the asker may see, filtered, newest first."""
    door = parts.database.report if "q" in request.query_params else parts.database.read
    shown = await door(
        lambda connection: _list_page(parts, connection, asker, request.query_params, cursor)
    )
    return render_page(request, asker, shown)


def _list_page(
    parts: Application,
    connection: Connection,
    asker: Caller,
    query: QueryParams,
    cursor: str | None,
) -> ListPage:
    wanted = wanted_by(parts, connection, asker, query)
    found = find_page(parts, connection, asker, wanted, query, cursor)
    count = count_items(connection, scope_of(asker.person), wanted)
    views = listed_views(parts.context, connection, found.shown, asker.person.id)
    names, columns = _names(connection), _columns(query)
    saved, bare = views_of(connection, asker.person.id), _bare(list_address(query))
    ready = _ready(parts, connection, asker, saved)
    kept = [*(each.query for each in saved), *(each for each, *_ in ready)]
    return ListPage(
        views=views,
        sought=query.get("q", ""),
        excerpts=_excerpts(views, query.get("q", "")),
        without_search=f"/items?{bare}" if bare else "/items",
        view_here=next((each for each in kept if _bare(each) == bare), ""),
        rest=_rest_in_words(len(views), count),
        bound=found.bound,
        place=_place_in_words(found.passed + 1, len(views), count),
        said_more=[
            {view.item.code: column.says(parts, view, names) for view in views}
            for column in columns
        ],
        columns=columns,
        choosable=CHOSEN,
        filters=list_filters(parts, connection, query),
        address=list_address(query),
        hint=hint_for(connection, asker.person, "items"),
        saved=saved,
        ready=ready,
        pages=pages_beside(query, cursor, found),
    )


def _ready(
    parts: Application, connection: Connection, asker: Caller, saved: Sequence[SavedView]
) -> list[tuple[str, Message, str | None]]:
    """Return the views that everybody has, but those that the asker keeps under a name."""
    own, scope, found = {each.query for each in saved}, scope_of(asker.person), []
    for only, label in ONLY.items():
        wanted = wanted_by(parts, connection, asker, QueryParams({"only": only}))
        if f"only={only}" not in own:
            count = None if wanted.holder else count_items(connection, scope, wanted)
            said = None if count is None else counted(count, MOST_COUNTED)
            found.append((f"only={only}", label, said))
    return found


def _excerpts(views: Sequence[ItemView], q: str) -> dict[str, Excerpt]:
    sought = Sought(q)
    said = {view.item.code: excerpt(view, sought) for view in views} if sought.words else {}
    return {code: each for code, each in said.items() if each is not None}


def _bare(address: str) -> str:
    """Return the query of a list's address without what it searches for, and in which order."""
    return address_but(QueryParams(parse_qsl(address)), "q", "sort")


def _rest_in_words(shown: int, count: int) -> str:
    """Return how many of the items that were found a page does not show, as far as counted."""
    if count > MOST_COUNTED:
        return translate("the others are not on this page")
    if count == shown:
        return ""
    return translate(
        "{count} other is not on this page",
        "{count} others are not on this page",
        count=count - shown,
    )


def _place_in_words(first: int, shown: int, count: int) -> str:
    """Return which items of how many a page shows, as far as they are counted."""
    last, most = first + shown - 1, f"{Number(MOST_COUNTED):,.0f}"
    if count > MOST_COUNTED >= first:
        return translate(
            "{first}–{last} of more than {most} items", first=first, last=last, most=most
        )
    if count > MOST_COUNTED:
        return translate("More than {most} items", most=most)
    if count > shown > 0:
        return translate("{first}–{last} of {total} items", first=first, last=last, total=count)
    return translate("{count} item", "{count} items", count=count)


@router.get(".xlsx")
async def download_sheet(request: Request, parts: Parts, asker: Asker) -> Response:
    """Return what the list shows as a sheet."""
    columns, rows = await parts.database.report(
        lambda connection: _table(parts, connection, asker, request.query_params)
    )
    return await list_file(parts, lazy("Items"), columns, rows, file="ho-so")


@router.get(".csv")
async def download_csv(request: Request, parts: Parts, asker: Asker) -> Response:
    """Return what the list shows as CSV in UTF-8, which Excel opens as such."""
    columns, rows = await parts.database.report(
        lambda connection: _table(parts, connection, asker, request.query_params)
    )
    content = await asyncio.to_thread(_csv, columns, rows)
    day = parts.context.calendar.local_day(parts.clock.now())
    return private_file(content, "text/csv; charset=utf-8", f"ho-so-{day}.csv")


def _csv(columns: list[str], rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([plain_cell(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _table(
    parts: Application, connection: Connection, asker: Caller, query: QueryParams
) -> tuple[list[str], list[list[str]]]:
    """Return labels and rows of everything the filters find, newest first.

    Beyond ``EXPORTED`` rows the last says that there is more.
    """
    wanted = replace(wanted_by(parts, connection, asker, query), is_by_due=False)
    scope = scope_of(asker.person)
    columns, names = [*_ALWAYS, *_columns(query)], _names(connection)
    rows: list[list[str]] = []
    before: int | None = None
    while len(rows) <= EXPORTED:
        ids = item_ids(connection, scope, wanted, before=before, count=PAGE_LIMIT)
        views = listed_views(parts.context, connection, ids, asker.person.id)
        rows += [[column.says(parts, view, names) for column in columns] for view in views]
        if len(ids) < PAGE_LIMIT:
            break
        before = ids[-1]
    if len(rows) > EXPORTED:
        cut = translate(
            "Only the newest item is here. Narrow the filters for the others.",
            "Only the newest {count} items are here. Narrow the filters for the others.",
            count=EXPORTED,
        )
        rows = [*rows[:EXPORTED], [cut, *[""] * (len(columns) - 1)]]
    return [translate(each.label) for each in columns], rows


@router.post("/views")
async def save_view(request: Request, asker: Asker) -> Response:
    """Keep the filters and columns that the form was shown with under a name."""
    form = await read_form(request)
    address = list_address(QueryParams(parse_qsl(text_in(form, "query"))))
    command = SaveView(person=asker.person.id, name=text_in(form, "name"), query=address)
    told = translate("The view is kept; it stands above the list.")
    return await save_shown(request, asker, command, "/items", told)


@router.post("/views/{view}/forget")
async def forget_view(request: Request, parts: Parts, asker: Asker, view: RowId) -> Response:
    """Forget a view."""
    await parts.database.write(DropView(person=asker.person.id, view=view))
    told = translate("The view is forgotten.")
    return redirect_with_flash(request, asker, "/items", told)
