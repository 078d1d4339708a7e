"""``/deadlines/{id}/gather``, ``/items/{code}/gathered``: the agency's report and its sources."""

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Asker, Parts, RowId
from api.json_response import OrjsonResponse
from api.request_bodies import KnownCallerRoute
from api.v1.dependencies import cause_of
from api.v1.responses import item_response_after
from api.v1.schemas.gathering import Gathering
from notifications.translation import translate
from workflow.commands.gather_reports import GatherReports
from workflow.queries.gathering import SideBySide, gathered_view
from workflow.queries.items import visible_view

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
    return await item_response_after(parts, written.code, written.seq, asker.person.id, status=201)


@router.get("/items/{code}/gathered")
async def get_gathered(parts: Parts, asker: Asker, code: str) -> Response:
    """Return a consolidated report beside the reports that it was gathered from."""

    def load(connection: Connection) -> SideBySide:
        view = visible_view(parts.context, connection, code, asker.person)
        return gathered_view(parts.context, connection, view)

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
            }
            for each in shown.lines
        ],
        "news": [translate(each) for each in shown.news],
    }
