"""The items of one kind by state, narrowed like the list."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.datastructures import QueryParams
from starlette.responses import Response

from api.auth.callers import Asker, Parts
from api.auth.sessions import Caller
from api.composition import Application
from api.web.dates import age_writer
from api.web.item_filters import (
    ListFilters,
    StateChoice,
    list_address,
    list_filters,
    state_choices,
    wanted_by,
)
from api.web.rendering import Page, render_page
from notifications.translation import Number, counted, translate
from workflow.model import ItemId
from workflow.people import Scope, scope_of
from workflow.queries.items import ItemView
from workflow.queries.listing import (
    MOST_COUNTED,
    ItemFilter,
    count_items,
    ids_back,
    item_ids,
    items_by_id,
    listed_views,
)

router = APIRouter(prefix="/items/board")
_CARDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A state of the board with its items, due or oldest first, how many there are and are late.

    Both are counted up to ``MOST_COUNTED``.
    """

    state: StateChoice
    views: Sequence[ItemView]
    count: int
    late: int
    see_all: str
    """The address of the list of all that are in this state."""

    @property
    def is_with_one(self) -> bool:
        """Whether all that are shown, more than one, wait for the same people."""
        held = {tuple(one.person.id for one in each.holders) for each in self.views}
        return len(self.views) > 1 and len(held) == 1 and () not in held


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemBoardPage(Page):
    """The items of one kind by state, narrowed like the list; states that end an item apart."""

    template: ClassVar[str] = "items_board.html"
    lanes: Sequence[Lane]
    ended: Sequence[Lane]
    ended_count: int
    late_only: str
    """The address of the board with what is late alone; empty where that is shown."""
    here: str
    """The state of the lane that a narrow screen shows."""
    lane_tabs: Sequence[tuple[str, str, str, bool]]
    """The lanes as tabs: address, label, count, whether it is the one shown."""
    age: Callable[[datetime], str]
    """What says for how long an item has been where it is."""
    filters: ListFilters
    kind: str
    kinds: Sequence[tuple[str, str, str, bool]]
    """The kinds as tabs: address, label, count of items, whether it is the one shown."""
    more_than: str
    """That there are more items than are counted."""
    most: int = MOST_COUNTED


@router.get("")
async def show_board(
    request: Request,
    parts: Parts,
    asker: Asker,
) -> Response:
    """Show the items of one kind by state, what is due first of each, narrowed like the list."""
    shown = await parts.database.read(
        lambda connection: _board(parts, connection, asker, request.query_params)
    )
    return render_page(request, asker, shown)


def _board(
    parts: Application, connection: Connection, asker: Caller, query: QueryParams
) -> ItemBoardPage:
    newest = parts.context.rulebooks.newest(connection)
    asked = query.get("type", "")
    kept = [pair for pair in query.multi_items() if pair[0] not in {"type", "state", "lane"}]
    wanted = wanted_by(parts, connection, asker, QueryParams(kept))
    counts = _counts(connection, asker, wanted, newest)
    kind = asked if asked in newest else max(newest, key=lambda each: counts[each])
    wanted = replace(wanted, type=kind)
    lanes = _lanes(parts, connection, asker, wanted, kept)
    ended = [each for each in lanes if each.state.is_final]
    shown = sorted(lanes, key=lambda each: each.state.is_final)
    here = _lane_of(shown, query.get("lane", ""))
    return ItemBoardPage(
        lanes=[each for each in lanes if not each.state.is_final],
        ended=ended,
        ended_count=sum(each.count for each in ended),
        late_only=_late_only(kept, kind),
        here=here,
        lane_tabs=_lane_tabs(shown, here, QueryParams([*kept, ("type", kind)])),
        age=age_writer(parts),
        filters=list_filters(parts, connection, QueryParams(kept)),
        kind=kind,
        more_than=translate("More than {most} items", most=f"{Number(MOST_COUNTED):,.0f}"),
        kinds=[
            (
                f"/items/board?{list_address(QueryParams([*kept, ('type', each)]))}",
                translate(book.definition.label),
                counted(counts[each], MOST_COUNTED),
                each == kind,
            )
            for each, book in newest.items()
        ],
    )


def _late_only(kept: Sequence[tuple[str, str]], kind: str) -> str:
    query = QueryParams([*(pair for pair in kept if pair[0] != "only"), ("type", kind)])
    return "" if ("only", "late") in kept else f"/items/board?{list_address(query, only='late')}"


def _counts(
    connection: Connection, asker: Caller, wanted: ItemFilter, kinds: Iterable[str]
) -> dict[str, int]:
    scope = scope_of(asker.person)
    return {each: count_items(connection, scope, replace(wanted, type=each)) for each in kinds}


def _lane_of(lanes: Sequence[Lane], asked: str) -> str:
    """Return the lane that was asked for, else the one in which most is late."""
    if asked in {each.state.id for each in lanes}:
        return asked
    return max(lanes, key=lambda each: each.late).state.id if lanes else ""


def _lane_tabs(
    lanes: Sequence[Lane], here: str, query: QueryParams
) -> list[tuple[str, str, str, bool]]:
    return [
        (
            f"/items/board?{list_address(query, lane=each.state.id)}",
            each.state.label,
            counted(each.count, MOST_COUNTED),
            each.state.id == here,
        )
        for each in lanes
    ]


def _lanes(
    parts: Application,
    connection: Connection,
    asker: Caller,
    wanted: ItemFilter,
    kept: Sequence[tuple[str, str]],
) -> list[Lane]:
    scope, now = scope_of(asker.person), parts.clock.now()
    lanes = []
    for state in state_choices(parts, connection, wanted.type):
        own = replace(wanted, state=state.id)
        count = count_items(connection, scope, own)
        if not count and state.is_optional:
            continue
        by_due = replace(own, is_by_due=not state.is_final)  # what has ended is due no more
        ids = _first_ids(connection, scope, by_due) if count else []
        rest = list_address(QueryParams([*kept, ("type", wanted.type), ("state", state.id)]))
        lanes.append(
            Lane(
                state=state,
                views=listed_views(parts.context, connection, ids, asker.person.id),
                count=count,
                late=count_items(connection, scope, replace(own, overdue_at=now)) if count else 0,
                see_all=f"/items?{rest}",
            )
        )
    return lanes


def _first_ids(connection: Connection, scope: Scope, wanted: ItemFilter) -> list[ItemId]:
    """Return what a lane shows: what is due first; then, without a due day, the oldest.

    Of a lane that is in no such order, the newest.
    """
    first = item_ids(connection, scope, wanted, before=None, count=_CARDS)
    if not wanted.is_by_due:
        return first
    known = items_by_id(connection, first)
    due = [each for each in first if known[each].due_at]
    left = len(first) - len(due)
    oldest = ids_back(connection, scope, wanted, before=None, count=left) if left else []
    return [*due, *oldest]
