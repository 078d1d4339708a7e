"""The ledger of reminders: everything planned, sent, overtaken and failed, and the entries behind one mail."""

from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import RowId, application
from api.web.dates import hour_and_day
from api.web.rendering import Asker, page
from notifications.reminder_register import reason_of
from notifications.translation import translate
from workflow.errors import NotFoundRefusal, NotPermittedRefusal, reason
from workflow.messages import lazy
from workflow.people import by_given_name, may_watch
from workflow.store import deadlines, people, reminder_ledger

router = APIRouter(prefix="/reminders")
STATES = {
    "planned": lazy("To be sent"),
    "sent": lazy("Sent"),
    "superseded": lazy("Not needed"),
    "failed": lazy("Could not be sent"),
}
_SHOWN = 300


@router.get("")
async def show_ledger(request: Request, asker: Asker, state: str = "", who: RowId = 0) -> Response:
    """Show the ledger, what is to come first; the filters live in the address."""
    if not may_watch(asker.person):
        raise NotPermittedRefusal(
            reason(
                "office",
                "Only the Office, the Directorate and auditors may see the register of reminders.",
            )
        )
    parts = application(request)
    rows = await parts.database.report(parts.reminders.rows)
    known, by_id, names = await parts.database.read(_names)
    wanted = [row for row in rows if state in ("", row.state) and who in (0, int(row.person))]
    shown = [
        {
            "at": hour_and_day(parts, row.at),
            "person": known[row.person].name,
            "about": _about(by_id.get(row.deadline), row.departments, names),
            "reason": row.reason,
            "state": STATES[row.state],
            "look": {"sent": "is-done", "failed": "is-late", "planned": "is-waiting"}.get(
                row.state, "is-plain"
            ),
        }
        for row in reversed(wanted)
    ]
    values = {
        "rows": shown[:_SHOWN],
        "count": len(shown),
        "limit": _SHOWN,
        "states": STATES,
        "state": state,
        "who": who,
        "people": sorted(
            {row.person for row in rows}, key=lambda each: by_given_name(known[each].name)
        ),
        "known": known,
    }
    return page(request, asker, "reminders.html", values)


@router.get("/{message}")
async def show_entry(request: Request, asker: Asker, message: RowId) -> Response:
    """Show why a mail went: the entries it carried, to whoever got it and to the Office."""
    parts = application(request)

    def found(connection: Connection) -> list[dict[str, Any]]:
        known, by_id, names = _names(connection)
        carried = reminder_ledger.ledger_by_outbox(connection, [message])
        if not may_watch(asker.person):
            carried = [row for row in carried if row.person == asker.person.id]
        return [
            {
                "person": known[row.person].name,
                "about": _about(by_id.get(row.deadline), row.departments, names),
                "due": hour_and_day(parts, by_id[row.deadline].due_at)
                if row.deadline in by_id
                else "",
                "at": hour_and_day(parts, row.at),
                "reason": reason_of(row),
                "rung": row.rung,
                "state": STATES[row.state],
                "message_id": row.message_id or "",
            }
            for row in carried
        ]

    entries = await parts.database.read(found)
    if not entries:
        raise NotFoundRefusal(lazy("this reminder"))
    return page(request, asker, "reminder.html", {"entries": entries})


def _names(connection: Connection) -> tuple[dict[Any, Any], dict[int, Any], dict[str, str]]:
    return (
        {each.id: each for each in people.all_people(connection)},
        {each.id: each for each in deadlines.all_deadlines(connection)},
        {str(each.id): each.name for each in people.all_departments(connection)},
    )


def _about(deadline: Any, departments: tuple[str, ...], names: dict[str, str]) -> str:  # noqa: ANN401 - a Deadline or None
    kind = (
        translate("{called} report", called=deadline.called)
        if deadline is not None
        else translate("Report")
    )
    return f"{kind}: {', '.join(names.get(each, each) for each in departments)}"
