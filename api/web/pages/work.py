"""My work: what waits for me, what I drafted, what my department owes."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import application
from api.auth.sessions import Caller
from api.composition import Application
from api.web.hints import hint_for
from api.web.rendering import page, signed_in
from notifications.mail_context import days_left
from workflow.lookups.obligations import obligations
from workflow.people import scope_of
from workflow.queries.changes import returned_of
from workflow.queries.items import item_views
from workflow.store import deadlines, items
from workflow.store.listing import ItemFilter, count_items, item_ids

router = APIRouter()
Asker = Annotated[Caller, Depends(signed_in)]
_PAGE = 50


@router.get("/")
async def my_work(request: Request, asker: Asker) -> Response:
    """Show what waits for me, what I drafted, and which reports my department owes."""
    parts = application(request)

    def found(connection: Connection) -> dict[str, Any]:
        held = items.items_by_id(connection, ids := items.held_by(connection, asker.person.id))
        books = parts.context.rulebooks
        of_author = {
            each
            for each in ids
            if books.of(connection, held[each].definition_hash)
            .states[held[each].state]
            .held_by_author
        }
        waiting = [each for each in ids if each not in of_author]
        drafts = [held[each] for each in ids if each in of_author]
        returned = returned_of(
            parts.context,
            connection,
            item_views(parts.context, connection, drafts, asker.person.id),
        )
        mine = ItemFilter(author=asker.person.id)
        drafted = item_ids(connection, scope_of(asker.person), mine, before=None, count=_PAGE)
        known = items.items_by_id(connection, drafted)
        back = {each.view.item.id for each in returned}
        first = [held[each] for each in waiting[:_PAGE]]
        return {
            "returned": returned,
            "waiting": item_views(parts.context, connection, first, asker.person.id),
            "waiting_count": len(waiting),
            "mine": item_views(
                parts.context,
                connection,
                [known[each] for each in drafted if each not in back],
                asker.person.id,
            ),
            "mine_count": count_items(connection, scope_of(asker.person), mine),
            "most": _PAGE,
            "deadlines": _owed(parts, connection, asker),
            "hint": hint_for(connection, asker.person, "work"),
        }

    return page(request, asker, "work.html", await parts.database.read(found))


def _owed(parts: Application, connection: Connection, asker: Caller) -> list[dict[str, Any]]:
    """Return the open obligations of the asker's department."""
    calendar, now = parts.context.calendar, parts.clock.now()
    met = obligations(parts.context, connection).met
    return [
        {
            "kind": each.called,
            "day": each.due_at.astimezone(calendar.zone).strftime("%d/%m/%Y"),
            "left": days_left(calendar, now, each.due_at),
            "is_late": each.due_at < now,
        }
        for each in deadlines.all_deadlines(connection)
        if asker.person.department in each.departments
        and (each.campaign, each.kind, asker.person.department) not in met
    ]
