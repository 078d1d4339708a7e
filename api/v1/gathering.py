"""``/deadlines/{id}/gather``, ``/items/{code}/gathered``: the agency's report and its sources."""

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Asker, Parts, RowId
from api.json_response import OrjsonResponse
from api.request_bodies import KnownCallerRoute
from api.v1.dependencies import cause_of
from api.v1.responses import item_response
from api.v1.schemas.gathering import Gathering
from notifications.translation import translate
from workflow.commands.gather_reports import GatherReports
from workflow.queries.gathering import SideBySide, gathered_view
from workflow.queries.items import ItemView, visible_view
from workflow.queries.past_items import view_after

router = APIRouter(route_class=KnownCallerRoute)


@router.post("/deadlines/{deadline_id}/gather", status_code=201)
async def gather(
    request: Request, parts: Parts, asker: Asker, deadline_id: RowId, body: Gathering
) -> Response:
    """Gather the reports of a deadline into the agency's, or gather anew into ``code``."""
    command = GatherReports(
        cause=cause_of(request, asker, body.model_dump(exclude_unset=True)),
        deadline=deadline_id,
        code=body.code,
        version=body.version,
    )
    written = await parts.database.write(command)

    def load(connection: Connection) -> tuple[ItemView, SideBySide]:
        view, _ = view_after(parts.context, connection, written.code, written.seq, asker.person.id)
        return view, gathered_view(parts.context, connection, view, asker.person)

    view, shown = await parts.database.read(load)
    return item_response(view, status=201, left_out=[each.id for each in shown.left_out])


@router.get("/items/{code}/gathered")
async def get_gathered(parts: Parts, asker: Asker, code: str) -> Response:
    """Return a consolidated report beside the reports that it was gathered from."""

    def load(connection: Connection) -> SideBySide:
        view = visible_view(parts.context, connection, code, asker.person)
        return gathered_view(parts.context, connection, view, asker.person)

    return OrjsonResponse(_json(await parts.database.read(load)))


def _json(shown: SideBySide) -> dict[str, object]:
    return {
        "code": shown.code,
        "sources": [
            {
                "department": each.department,
                "report": each.report,
                "version": each.version,
                "content_hash": each.content,
                "alone": each.alone,
            }
            for each in shown.sources
        ],
        "missing": list(shown.missing),
        "lines": [
            {
                "field": each.field.id,
                "values": list(each.values),
                "together": each.together,
                "said": each.said,
                "is_own": each.is_own,
                "is_left_out": each.is_left_out,
                "is_kept": each.is_kept,
            }
            for each in shown.lines
        ],
        "news": [translate(each) for each in shown.news],
        "left_out": [each.id for each in shown.left_out],
    }
