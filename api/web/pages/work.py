"""My work: what waits for me, what came back, what I drafted, what my department owes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Asker, Parts
from api.composition import Application
from api.web.dates import due_marker
from api.web.hints import FirstStep, Hint, first_steps, hint_for
from api.web.pages.proposals import ProposalRow, proposal_row
from api.web.pages.system_state import system_state
from api.web.pending_answers import asked_of
from api.web.rendering import Page, render_page
from workflow.deadlines import Deadline
from workflow.lookups.obligations import obligations
from workflow.model import Item, Person, Position
from workflow.people import may_watch, scope_of
from workflow.queries import deadlines
from workflow.queries.changes import Returned, returned_of
from workflow.queries.findings import AuditFinding
from workflow.queries.items import ItemView, item_views
from workflow.queries.listing import (
    MOST_COUNTED,
    MOST_WAITING,
    ItemFilter,
    count_items,
    item_ids,
    listed_views,
    waiting_for,
)

router = APIRouter()
_PAGE = 50
_URGENCIES = {"overdue": "late", "late": "late", "soon": "soon", "soft": "later"}
"""Of each tone of a due day, the group that it stands in; the groups in their order."""


class WorkTab(StrEnum):
    """The tabs of My work, in their order; the first that is not empty is shown unasked."""

    WAITING = "waiting"
    RETURNED = "returned"
    MINE = "mine"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkGroup:
    """What waits and is alike urgent: late, soon or later; how much that is, and what is shown."""

    urgency: str
    count: int
    views: Sequence[ItemView]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkPage(Page):
    """One tab of my work, and how much is in each; what another tab shows is left empty."""

    template: ClassVar[str] = "work.html"
    tab: WorkTab
    counts: Mapping[WorkTab, int]
    groups: Sequence[WorkGroup]
    """What waits for the reader: what is late, what is due soon, what has more time."""
    waiting_count: int
    """How many items wait for the reader, whether or not the page shows them."""
    returned: Sequence[Returned]
    mine: Sequence[ItemView]
    most: int
    deadlines: Sequence[Deadline]
    hint: Hint | None
    first_steps: Sequence[FirstStep]
    """What a newcomer begins with, while nothing waits."""
    next_deadline: Deadline | None
    """What is due next of the deadlines that the reader sees, while nothing waits."""
    proposals: Sequence[ProposalRow]
    findings: Sequence[AuditFinding]
    """Open findings of the audit that ask the reader."""
    most_waiting: int = MOST_WAITING
    most_counted: int = MOST_COUNTED


@router.get("/")
async def my_work(request: Request, parts: Parts, asker: Asker, tab: str = "") -> Response:
    """Show what waits for me, what came back to me, or what I drafted; or how the system fares."""
    if asker.person.position is Position.ADMIN:
        state = await parts.database.report(
            lambda connection: system_state(parts, connection, asker.person)
        )
        return render_page(request, asker, state)
    shown = await parts.database.read(
        lambda connection: _loaded(parts, connection, asker.person, tab)
    )
    return render_page(request, asker, shown)


def _loaded(parts: Application, connection: Connection, reader: Person, tab: str) -> WorkPage:
    context = parts.context
    waiting, drafts = waiting_for(context, connection, reader.id)
    returned = returned_of(context, connection, item_views(context, connection, drafts, reader.id))
    asked = asked_of(context, connection, reader)
    scope, by_me = scope_of(reader), ItemFilter(author=reader.id)
    counts = {
        WorkTab.WAITING: len(waiting) + asked.count,
        WorkTab.RETURNED: len(returned),
        WorkTab.MINE: count_items(connection, scope, by_me),
    }
    here = _tab(tab, counts)
    now = parts.clock.now()
    first = item_views(context, connection, waiting[:_PAGE], reader.id)
    mine = item_ids(connection, scope, by_me, before=None, count=_PAGE)
    known, hint = deadlines.all_deadlines(connection), hint_for(connection, reader, "work")
    is_idle = here is WorkTab.WAITING and not counts[here]
    return WorkPage(
        tab=here,
        counts=counts,
        groups=_groups(parts, waiting, first),
        waiting_count=len(waiting),
        returned=returned if here is WorkTab.RETURNED else (),
        mine=listed_views(context, connection, mine, reader.id) if here is WorkTab.MINE else (),
        most=_PAGE,
        deadlines=_owed(parts, connection, reader, known),
        hint=hint,
        first_steps=first_steps(connection, reader) if is_idle else (),
        next_deadline=_next(reader, known, now) if is_idle else None,
        proposals=[proposal_row(parts, connection, each) for each in asked.proposals],
        findings=asked.findings,
    )


def _groups(
    parts: Application, waiting: Sequence[Item], shown: Sequence[ItemView]
) -> list[WorkGroup]:
    mark = due_marker(parts)
    count = Counter(_URGENCIES[mark(each.due_at).tone] for each in waiting)
    found: dict[str, list[ItemView]] = {each: [] for each in _URGENCIES.values()}
    for view in shown:
        found[_URGENCIES[mark(view.item.due_at).tone]].append(view)
    return [
        WorkGroup(urgency=urgency, count=count[urgency], views=views)
        for urgency, views in found.items()
    ]


def _tab(asked: str, counts: Mapping[WorkTab, int]) -> WorkTab:
    wanted = next((each for each in WorkTab if each.value == asked), None)
    return wanted or next((each for each in WorkTab if counts[each]), WorkTab.WAITING)


def _owed(
    parts: Application, connection: Connection, reader: Person, known: Sequence[Deadline]
) -> list[Deadline]:
    met = obligations(parts.context, connection).met
    return [
        each
        for each in known
        if reader.department in each.departments
        and (each.campaign, each.kind, reader.department) not in met
    ]


def _next(reader: Person, known: Sequence[Deadline], now: datetime) -> Deadline | None:
    seen = [each for each in known if may_watch(reader) or reader.department in each.departments]
    coming = (each for each in seen if each.due_at > now)
    return min(coming, key=lambda each: each.due_at, default=None)
