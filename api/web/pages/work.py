"""My work: what waits for me, what I drafted, what my department owes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Asker, Parts
from api.auth.sessions import Caller
from api.composition import Application
from api.web.hints import Hint, hint_for
from api.web.pages.proposals import ProposalRow, proposal_row
from api.web.rendering import Page, render_page
from workflow.deadlines import Deadline
from workflow.lookups.obligations import obligations
from workflow.people import scope_of
from workflow.queries import deadlines
from workflow.queries.changes import Returned, returned_of
from workflow.queries.findings import AuditFinding, newest_findings
from workflow.queries.items import ItemView, item_views
from workflow.queries.listing import (
    PAGE_LIMIT,
    ItemFilter,
    count_items,
    item_ids,
    listed_views,
    waiting_for,
)
from workflow.queries.proposals import awaiting

router = APIRouter()
_PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkPage(Page):
    """What waits for the reader, what was returned, what they drafted, what is owed."""

    template: ClassVar[str] = "work.html"
    returned: Sequence[Returned]
    waiting: Sequence[ItemView]
    waiting_count: int
    chosen: str
    """The query that names all that waits, for deciding on many."""
    mine: Sequence[ItemView]
    mine_count: int
    most: int
    deadlines: Sequence[Deadline]
    now: datetime
    hint: Hint | None
    proposals: Sequence[ProposalRow]
    findings: Sequence[AuditFinding]
    """Open findings of the audit that ask the reader."""


@router.get("/")
async def my_work(request: Request, parts: Parts, asker: Asker) -> Response:
    """Show what waits for me, what I drafted, and which reports my department owes."""

    def load_page(connection: Connection) -> WorkPage:
        waiting, drafts = waiting_for(parts.context, connection, asker.person.id)
        returned = returned_of(
            parts.context,
            connection,
            item_views(parts.context, connection, drafts, asker.person.id),
        )
        mine = ItemFilter(author=asker.person.id)
        scope = scope_of(asker.person)
        back = {each.view.item.id for each in returned if each.view.item.author == asker.person.id}
        drafted = [
            each
            for each in item_ids(
                connection, scope, mine, before=None, count=min(_PAGE + len(back), PAGE_LIMIT)
            )
            if each not in back
        ]
        first = waiting[:_PAGE]
        return WorkPage(
            returned=returned,
            waiting=item_views(parts.context, connection, first, asker.person.id),
            chosen=urlencode([("code", each.code) for each in first]),
            waiting_count=len(waiting),
            mine=listed_views(parts.context, connection, drafted[:_PAGE], asker.person.id),
            mine_count=count_items(connection, scope, mine),
            most=_PAGE,
            deadlines=_owed(parts, connection, asker),
            now=parts.clock.now(),
            hint=hint_for(connection, asker.person, "work"),
            proposals=[
                proposal_row(parts, connection, each)
                for each in awaiting(parts.context, connection, asker.person)
            ],
            findings=newest_findings(
                connection, addressee=asker.person.id, only_open=True, before=None, count=_PAGE
            ),
        )

    return render_page(request, asker, await parts.database.read(load_page))


def _owed(parts: Application, connection: Connection, asker: Caller) -> list[Deadline]:
    department = asker.person.department
    met = obligations(parts.context, connection).met
    return [
        each
        for each in deadlines.all_deadlines(connection)
        if department in each.departments and (each.campaign, each.kind, department) not in met
    ]
