"""The history, for auditors: everything readable, nothing writable."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import ClassVar
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Asker, RowId, application
from api.auth.permissions import require_auditor
from api.composition import Application
from api.cursors import read_cursor, write_cursor
from api.web.history_sentences import Sentence, sentence
from api.web.rendering import Page, render_page
from notifications.proposals_in_words import relaxed_words
from workflow.errors import InvalidRefusal, reason
from workflow.lookups.proposals import proposal_rules
from workflow.model import Person, PersonId
from workflow.people import by_given_name
from workflow.queries import history, people
from workflow.queries.audit import Verdict, verify_database
from workflow.queries.timeline import entry_views
from workflow.values import day

router = APIRouter(prefix="/history")
_PAGE = 50
_ABOVE_ALL = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPage(Page):
    """A page of the history, and what verifying it found where that was asked for."""

    template: ClassVar[str] = "history.html"
    entries: Sequence[Sentence]
    next: str | None
    """The address of the older entries."""
    query: Mapping[str, str | int]
    people: Sequence[Person]
    relaxed: str
    """What one person may do alone here."""
    verdict: Verdict | None = None


@router.get("")
async def show_history(
    request: Request,
    asker: Asker,
    cursor: str | None = None,
    verify: bool = False,  # noqa: FBT001, FBT002 - a query parameter
    code: str = "",
    who: RowId = 0,
    until: str = "",
) -> Response:
    """Show the entries of every subject, of one item or of one person, newest first.

    All of them are verified on request.
    """
    require_auditor(asker)
    parts = application(request)

    def load_page(connection: Connection) -> HistoryPage:
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
        return HistoryPage(
            entries=[
                sentence(parts, each)
                for each in entry_views(parts.context, connection, entries[:_PAGE])
            ],
            next=f"/history?{address}&cursor={write_cursor(entries[_PAGE - 1].id)}"
            if len(entries) > _PAGE
            else None,
            query=kept,
            relaxed=relaxed_words(proposal_rules(connection)),
            people=sorted(people.all_people(connection), key=lambda each: by_given_name(each.name)),
        )

    shown = await parts.database.read(load_page)
    if verify:
        shown = replace(shown, verdict=await parts.database.report(verify_database))
    return render_page(request, asker, shown)


def _before(parts: Application, connection: Connection, until: str) -> int:
    """Return the id that the entries up to the end of a day lie below.

    Raises InvalidRefusal for a day that is none.
    """
    if not until:
        return _ABOVE_ALL
    last = day(until)
    if last is None:
        raise InvalidRefusal(
            reason("until", "The day must be real, as YYYY-MM-DD. Choose it again.")
        )
    end = datetime.combine(last, time.max, tzinfo=parts.context.calendar.zone)
    return history.first_id_after(connection, end) or _ABOVE_ALL
