"""The past of an item: what each version changed, its way, and the item as it was at a moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Asker, Parts
from api.web.dates import hour_and_day, past_moment
from api.web.rendering import Page, render_page
from notifications.translation import translate
from workflow.definition import to_svg
from workflow.lookups.items import visible_item
from workflow.queries.changes import ItemVersion, versions_of
from workflow.queries.history import StoredEntry
from workflow.queries.items import ItemView, visible_view
from workflow.queries.past_items import view_as_of
from workflow.queries.timeline import timeline, visits_of

router = APIRouter(prefix="/items")
MOST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionsPage(Page):
    """The versions of an item's content, newest first, each with what it changed."""

    template: ClassVar[str] = "versions.html"
    view: ItemView
    versions: Sequence[ItemVersion]
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AsOfPage(Page):
    """An item as it was at a moment, by the entry that made it so."""

    template: ClassVar[str] = "as_of.html"
    view: ItemView
    entry: StoredEntry
    moment: str


@router.get("/{code}/versions")
async def show_versions(request: Request, parts: Parts, asker: Asker, code: str) -> Response:
    """Show what each version of an item changed, newest first."""

    def read(connection: Connection) -> VersionsPage:
        view = visible_view(parts.context, connection, code, asker.person)
        entries = timeline(parts.context, connection, view.item)
        versions = versions_of(parts.context, connection, view, entries, translate, most=MOST)
        return VersionsPage(view=view, versions=versions, most=MOST)

    return render_page(request, asker, await parts.database.report(read))


@router.get("/{code}/way.svg")
async def draw_way(parts: Parts, asker: Asker, code: str) -> Response:
    """Return the way that an item has gone, drawn on its process."""

    def draw(connection: Connection) -> str:
        view = visible_view(parts.context, connection, code, asker.person)
        return to_svg(
            view.definition,
            visits_of(timeline(parts.context, connection, view.item)),
            parts.clock.now(),
            words=translate,
            stands_alone=True,
        )

    return Response(
        await parts.database.read(draw),
        media_type="image/svg+xml",
        headers={"Cache-Control": "no-store"},
    )


@router.get("/{code}/as-of")
async def show_as_of(
    request: Request, parts: Parts, asker: Asker, code: str, at: str = ""
) -> Response:
    """Show an item as it was at a moment: its state, whom it waited for, its content.

    ``at`` as ``past_moment`` takes it.
    """
    moment = past_moment(parts, at)

    def load_page(connection: Connection) -> AsOfPage:
        view, entry = view_as_of(
            parts.context,
            connection,
            visible_item(connection, code, asker.person),
            moment,
            asker.person.id,
        )
        return AsOfPage(view=view, entry=entry, moment=hour_and_day(parts, moment))

    return render_page(request, asker, await parts.database.report(load_page))
