"""The private calendar of a person: its address made, made anew, ended; and the file behind it."""

import secrets

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.access_seals import is_feed_sealed
from api.auth.callers import Asker, Parts
from api.auth.factor_entries import by_themselves
from api.auth.sessions import fingerprint
from api.web.calendar_feeds import RenewFeed, entries_of
from api.web.forms import read_form
from api.web.rendering import PageLink, SentencePage, render_page
from notifications.letters.calendar_file import calendar_file
from notifications.preferences import LANGUAGE, preference
from notifications.translation import speak, translate
from workflow.errors import NotFoundRefusal
from workflow.messages import lazy
from workflow.model import PersonId
from workflow.queries.personal import feed_at

router = APIRouter()
_TOKEN_BYTES = 32
"""Nobody guesses one: no limit on tries is needed, and none can lock others out."""


@router.post("/deadlines/calendar/feed")
async def make_feed(request: Request, parts: Parts, asker: Asker) -> Response:
    """Make a new address and show it once; the one before ends. ``end``: only end it."""
    form = await read_form(request)
    by = by_themselves(asker.person.id, asker.method)
    back = [PageLink(href="/deadlines/calendar", label=translate("To the working calendar"))]
    if form.get("action") == "end":
        await parts.database.write(RenewFeed(person=asker.person.id, token_hash=None, by=by))
        shown = SentencePage(
            heading=translate("The private calendar was revoked"),
            sentences=[translate("The old address no longer serves.")],
            links=back,
        )
        return render_page(request, asker, shown)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    command = RenewFeed(person=asker.person.id, token_hash=fingerprint(token), by=by)
    await parts.database.write(command)
    words = translate(
        "Add this address to your calendar program (“subscribe”). It is shown "
        "once; whoever has it can see your calendar, so please do not share it."
    )
    shown = SentencePage(
        heading=translate("Your private calendar"),
        sentences=[words, f"{parts.settings.base_url}/feeds/{token}.ics"],
        links=back,
    )
    return render_page(request, asker, shown)


@router.get("/feeds/{token}.ics")
async def feed(parts: Parts, token: str) -> Response:
    """Return the calendar file behind an address; behind one that is not ours there is nothing."""

    def load_calendar(connection: Connection) -> bytes | None:
        found = feed_at(connection, fingerprint(token[:100]))
        if found is None or not is_feed_sealed(parts.keys, found):
            return None
        directory = parts.context.directory(connection, parts.clock.now())
        person = directory.active(PersonId(found.person))
        if person is None:
            return None
        # A calendar program sends no cookie.
        speak(preference(connection, person.id, LANGUAGE) or "")
        entries = entries_of(
            parts.context,
            connection,
            person,
            deployment=parts.keys.deployment,
            base_url=parts.settings.base_url,
        )
        return calendar_file(
            entries,
            name=translate("Emulation: {name}", name=parts.agency.name),
            zone=parts.context.calendar.zone,
            now=parts.clock.now(),
        )

    body = await parts.database.report(load_calendar)
    if body is None:
        raise NotFoundRefusal(lazy("this calendar"))
    headers = {
        "Content-Disposition": 'inline; filename="thidua.ics"',
        "Cache-Control": "private, no-store",
    }
    return Response(body, media_type="text/calendar; charset=utf-8", headers=headers)
