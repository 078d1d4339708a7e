"""The history, for auditors: everything readable, nothing writable."""

from datetime import datetime, time
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import RowId, application
from api.auth.sessions import Caller
from api.composition import Application
from api.v1.history import require_auditor
from api.v1.items import read_cursor, write_cursor
from api.web.history_sentences import sentence
from api.web.rendering import page, signed_in
from workflow.errors import InvalidRefusal, reason
from workflow.model import PersonId
from workflow.people import by_given_name
from workflow.queries.audit import verify_database
from workflow.queries.items import entry_views
from workflow.store import history, people
from workflow.values import day

router = APIRouter(prefix="/history")
_PAGE = 50
_ABOVE_ALL = 2**62


@router.get("")
async def show_history(
    request: Request,
    asker: Annotated[Caller, Depends(signed_in)],
    cursor: str | None = None,
    verify: bool = False,  # noqa: FBT001, FBT002 - a query parameter
    code: str = "",
    who: RowId = 0,
    until: str = "",
) -> Response:
    """Show the entries of every subject, of one item or of one person, newest first; verify all of them on request."""
    require_auditor(asker)
    parts = application(request)

    def found(connection: Connection) -> dict[str, Any]:
        wanted = code.strip().upper()
        entries = history.newest_entries(
            connection,
            before=read_cursor(cursor) or _before(parts, connection, until),
            count=_PAGE + 1,
            subject=f"item:{wanted}" if wanted else None,
            actor=PersonId(who) if who else None,
        )
        kept = {"code": code, "who": who or "", "until": until}
        address = urlencode({name: value for name, value in kept.items() if value})
        return {
            "entries": [
                sentence(parts, each)
                for each in entry_views(parts.context, connection, entries[:_PAGE])
            ],
            "next": f"/history?{address}&cursor={write_cursor(entries[_PAGE - 1].id)}"
            if len(entries) > _PAGE
            else None,
            "query": kept,
            "people": sorted(
                people.all_people(connection), key=lambda each: by_given_name(each.name)
            ),
        }

    values = await parts.database.read(found)
    verdict = await parts.database.report(verify_database) if verify else None
    return page(request, asker, "history.html", {**values, "verdict": verdict})


def _before(parts: Application, connection: Connection, until: str) -> int:
    """Return the id that the entries up to the end of a day lie below. Raises InvalidRefusal for a day that is none."""
    if not until:
        return _ABOVE_ALL
    last = day(until)
    if last is None:
        raise InvalidRefusal(
            reason("until", "The day must be real, as YYYY-MM-DD. Choose it again.")
        )
    end = datetime.combine(last, time.max, tzinfo=parts.context.calendar.zone)
    return history.first_id_after(connection, end) or _ABOVE_ALL
