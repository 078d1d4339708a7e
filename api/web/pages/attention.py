"""What the Office has to see to, on one page, each with its repair: items, deadlines, mail, clock."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import RedirectResponse, Response

from api.auth.callers import RowId, application
from api.auth.sessions import Caller
from api.web.dates import hour_and_day
from api.web.forms import form_digest, form_key, read_form
from api.web.rendering import Asker, page
from notifications.mail_health import SendAgain, Undelivered, troubles
from notifications.mails import MAILS
from notifications.translation import translate
from workflow.addresses import as_kept
from workflow.command import Cause
from workflow.commands.people import ChangeAddress
from workflow.errors import NotFoundRefusal, NotPermittedRefusal, Refusal, reason
from workflow.messages import lazy
from workflow.model import Person, PersonId, Via
from workflow.people import may_set_deadlines
from workflow.queries.attention import Worry, concerns
from workflow.store import people

router = APIRouter(prefix="/office")
_HEADINGS = {
    Worry.STUCK: lazy("Items that nobody can handle"),
    Worry.EXTENSION: lazy("More time asked for, waiting for an answer"),
    Worry.LATE_REPORT: lazy("Overdue reports"),
    Worry.LATE_ITEM: lazy("Items late at a step"),
    Worry.NOBODY_REMINDED: lazy("Deadlines that remind nobody"),
    Worry.DUE_SOON: lazy("Reports due soon"),
    Worry.UNCONFIRMED: lazy("Sent, outcome not recorded"),
}
_PHASES = {
    "clock": lazy("release mail that a fast clock had put off"),
    "holders": lazy("update holders for the day"),
    "timers": lazy("let the timers of items fire"),
    "reminders": lazy("plan the reminders of deadlines"),
    "weekly": lazy("write the Office's weekly mail"),
}


@router.get("")
async def show(request: Request, asker: Asker, done: str = "") -> Response:
    """Show everything to see to now, gravest first."""
    notices = {
        "again": translate("The mail will be sent again at once."),
        "address": translate("The address is mended; the mail will be sent again to the new one."),
    }
    return await _show(request, asker, notice=notices.get(done, ""))


async def _show(
    request: Request,
    asker: Caller,
    *,
    notice: str = "",
    errors: list[str] | None = None,
    status: int = 200,
) -> Response:
    _require_office(asker)
    parts = application(request)

    def found(connection: Connection) -> dict[str, Any]:
        known = {each.id: each for each in people.all_people(connection)}
        wrong = troubles(parts.context, connection)
        every = concerns(parts.context, connection)
        groups = [
            {
                "heading": _HEADINGS[worry],
                "rows": [
                    {"sentence": each.sentence, **_repair(each.code)}
                    for each in every
                    if each.worry is worry
                ],
            }
            for worry in Worry
        ]
        return {
            "groups": [each for each in groups if each["rows"]],
            "letters": [
                _letter(each, known, hour_and_day(parts, each.since)) for each in wrong.undelivered
            ],
            "waiting": hour_and_day(parts, wrong.waiting_since) if wrong.waiting_since else "",
            "silent": hour_and_day(parts, wrong.clock_silent_since)
            if wrong.clock_silent_since
            else "",
            "failed": [
                {
                    "what": _PHASES.get(each.name, each.name),
                    "since": hour_and_day(parts, each.since),
                    "detail": each.detail,
                }
                for each in wrong.failed_phases
            ],
            "count": len(every) + len(wrong.undelivered) + len(wrong.failed_phases),
        }

    values = await parts.database.report(found)
    return page(
        request,
        asker,
        "watching.html",
        {**values, "notice": notice, "errors": errors or []},
        status,
    )


def _repair(code: str | None) -> dict[str, str]:
    return (
        {"href": f"/items/{code}", "label": translate("Open the item")}
        if code
        else {"href": "/deadlines", "label": translate("Open the deadline")}
    )


def _letter(letter: Undelivered, known: Mapping[PersonId, Person], since: str) -> dict[str, Any]:
    person = known.get(letter.person) if letter.person is not None else None
    return {
        "id": letter.message,
        "what": MAILS[letter.kind].label if letter.kind else translate("Mail"),
        "who": person.name if person else letter.address,
        "address": person.email if person else "",
        "since": since,
        "detail": letter.why,
    }


@router.post("/letters/{message}/again")
async def send_letter_again(request: Request, asker: Asker, message: RowId) -> Response:
    """Send an undeliverable letter again, after correcting its person's address where one is given."""
    _require_office(asker)
    parts = application(request)
    form = await read_form(request)
    address = str(form.get("address") or "").strip()
    wrong = await parts.database.report(lambda connection: troubles(parts.context, connection))
    letter = next((each for each in wrong.undelivered if each.message == message), None)
    if letter is None:
        raise NotFoundRefusal(lazy("this mail"))
    cause = Cause(
        actor=asker.person.id,
        via=Via.PAGE,
        method=asker.method,
        command_id=form_key(form),
        digest=form_digest(form),
    )
    correction = await _correction(request, cause, letter.person, address)
    try:
        await parts.database.write(SendAgain(cause=cause, message=message, address=correction))
    except Refusal as refusal:
        return await _show(
            request, asker, errors=[translate(each) for each in refusal.reasons], status=422
        )
    if parts.delivery is not None:
        parts.delivery.wake()
    return RedirectResponse(f"/office?done={'address' if correction else 'again'}", status_code=303)


async def _correction(
    request: Request, cause: Cause, who: PersonId | None, address: str
) -> ChangeAddress | None:
    """Return the change to the person's address if another was given."""
    known = await application(request).database.read(
        lambda connection: {each.id: each for each in people.all_people(connection)}
    )
    person = known.get(who) if who is not None else None
    if person is None or not address or as_kept(address) == person.email:
        return None
    return ChangeAddress(person=person.id, email=address, cause=cause)


def _require_office(asker: Caller) -> None:
    if not may_set_deadlines(asker.person):
        raise NotPermittedRefusal(reason("office", "This page is for the Office."))
