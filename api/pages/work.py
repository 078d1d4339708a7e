"""My work: what waits for me, what I drafted, what my department owes."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.asking import application
from api.composition import Application
from api.pages.hints import hint_for
from api.pages.site import page, signed_in
from api.sessions import Caller
from notifications.desk import days_left
from workflow.people import scope_of
from workflow.service import obligations
from workflow.service.comparing import returned_of
from workflow.service.views import item_views
from workflow.store import deadlines, items
from workflow.store.listing import ItemFilter, item_ids

router = APIRouter()
Asker = Annotated[Caller, Depends(signed_in)]
_PAGE = 50


@router.get("/")
async def my_work(request: Request, asker: Asker) -> Response:
    """Show what waits for me, what I drafted, and which reports my department owes."""
    parts = application(request)

    def found(connection: Connection) -> dict[str, Any]:
        ids = items.held_by(connection, asker.person.id)[:_PAGE]
        mine = item_ids(connection, scope_of(asker.person), ItemFilter(author=asker.person.id), before=None, count=_PAGE)
        known = items.items_by_id(connection, [*ids, *mine])
        drafted = item_views(parts.context, connection, [known[each] for each in mine], asker.person.id)
        returned = returned_of(parts.context, connection, drafted)
        back = {each.view.item.id for each in returned}
        return {
            "returned": returned,
            "waiting": item_views(parts.context, connection, [known[each] for each in ids if known[each].state != "drafted"], asker.person.id),
            "mine": [each for each in drafted if each.item.id not in back],
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
            "left": days_left(calendar.between(calendar.local_day(now), calendar.local_day(each.due_at))),
            "is_late": each.due_at < now,
        }
        for each in deadlines.all_deadlines(connection)
        if asker.person.department in each.departments and (each.campaign, each.kind, asker.person.department) not in met
    ]
