"""What an auditor reads beside the list of entries: openings, and how often patterns are found."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, ClassVar
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Asker, Parts
from api.auth.permissions import require_auditor
from api.cursors import next_cursor, read_cursor
from api.history_filters import (
    PATTERN_LABELS,
    HistoryQuery,
    count_in_words,
    entry_filter,
    entry_pair,
)
from api.web.accesses_in_words import Opening, openings
from api.web.choices import Choices, everybody_choices
from api.web.dates import iso_day
from api.web.history_sentences import Sentence, sentence
from api.web.list_files import list_file, whole_list
from api.web.rendering import Page, render_page
from api.web.subject_titles import titles_of
from notifications.translation import translate
from workflow.messages import lazy
from workflow.queries.entry_differences import content_differences, recorded_differences
from workflow.queries.history import MOST_COUNTED, count_found
from workflow.queries.listing import PAGE_LIMIT, find_item
from workflow.queries.timeline import entry_views
from workflow.rules import Difference

router = APIRouter(prefix="/history")
_COLUMNS = (
    lazy("When"),
    lazy("Who"),
    lazy("What"),
    lazy("Item"),
    lazy("From which address"),
)
_PAGE = 50
_SPAN_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningsPage(Page):
    """Who opened what, newest first."""

    template: ClassVar[str] = "openings.html"
    rows: Sequence[Opening]
    people: Choices
    code: str
    who: str
    next: str | None


@router.get("/openings")
async def show_openings(
    request: Request,
    parts: Parts,
    asker: Asker,
    code: str = "",
    who: str = "",
    cursor: str | None = None,
) -> Response:
    """Show who opened links, items and files, when and where from."""
    require_auditor(asker)

    def found(connection: Connection) -> OpeningsPage:
        wanted = entry_filter(parts, connection, HistoryQuery(code=code, who=who))
        item = find_item(connection, code.strip().upper()) if wanted.subject else None
        is_anything = item is not None or wanted.subject is None
        rows = (
            openings(
                parts,
                connection,
                item=item.id if item else None,
                person=wanted.person,
                before=read_cursor(cursor),
                count=_PAGE + 1,
            )
            if is_anything
            else []
        )
        kept = {name: value for name, value in (("code", code), ("who", who)) if value}
        cursor_after = next_cursor([each.id for each in rows], _PAGE)
        after = {**kept, "cursor": cursor_after} if cursor_after else None
        return OpeningsPage(
            rows=rows[:_PAGE],
            people=everybody_choices(connection),
            code=code,
            who=who,
            next=f"/history/openings?{urlencode(after)}" if after else None,
        )

    return render_page(request, asker, await parts.database.read(found))


@router.get("/openings.xlsx")
async def download_openings(parts: Parts, asker: Asker) -> Response:
    """Return everything that was opened as a sheet."""
    require_auditor(asker)

    def rows_below(
        connection: Connection, before: int | None
    ) -> tuple[list[list[str]], int | None]:
        found = openings(parts, connection, item=None, person=None, before=before, count=PAGE_LIMIT)
        rows = [[each.at, each.who, each.what, each.code or "", each.address] for each in found]
        return rows, found[-1].id if len(found) == PAGE_LIMIT else None

    rows = await whole_list(parts, rows_below)
    return await list_file(parts, lazy("Openings"), _COLUMNS, rows, file="luot-mo")


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternsPage(Page):
    """How often each pattern is found in a span: facts to look at, no verdict."""

    template: ClassVar[str] = "patterns.html"
    rows: Sequence[tuple[str, str, str]]
    """What a pattern is, how many entries it has, and the address of them."""
    since: str
    until: str


@router.get("/patterns")
async def show_patterns(
    request: Request, parts: Parts, asker: Asker, since: str = "", until: str = ""
) -> Response:
    """Count the entries of each pattern in a span of days, a month where none is given."""
    require_auditor(asker)
    today = parts.context.calendar.local_day(parts.clock.now())
    last = iso_day(until) or today.isoformat()
    first = iso_day(since) or (today - timedelta(days=_SPAN_DAYS)).isoformat()

    def load_page(connection: Connection) -> PatternsPage:
        rows = []
        for pattern, label in PATTERN_LABELS.items():
            query = HistoryQuery(pattern=pattern.value, since=first, until=last)
            count = count_found(connection, entry_filter(parts, connection, query))
            words = count_in_words(count, MOST_COUNTED)
            rows.append((translate(label), words, f"/history?{query.address}"))
        return PatternsPage(rows=rows, since=first, until=last)

    return render_page(request, asker, await parts.database.report(load_page))


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferencePage(Page):
    """Two entries, and what differs between them."""

    template: ClassVar[str] = "difference.html"
    entries: Sequence[Sentence]
    found: Sequence[Difference]
    """In the item's content."""
    recorded: Sequence[Difference]
    """In the record itself, by its own names."""


@router.get("/difference")
async def show_difference(
    request: Request,
    parts: Parts,
    asker: Asker,
    entry: Annotated[list[str], Query()] = [],  # noqa: B006 - never changed
) -> Response:
    """Show what differs between two entries, the earlier one first."""
    require_auditor(asker)

    def load_page(connection: Connection) -> DifferencePage:
        pair = entry_pair(connection, entry)
        views = entry_views(parts.context, connection, pair)
        titles = titles_of(parts, connection, views)
        return DifferencePage(
            entries=[sentence(parts, each, titles) for each in views],
            found=content_differences(parts.context, connection, pair, asker.person, translate),
            recorded=recorded_differences(connection, pair),
        )

    return render_page(request, asker, await parts.database.report(load_page))
