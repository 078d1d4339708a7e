"""What the Office has to see to, each with its repair: items, deadlines, mail, clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Asker, Parts, RowId
from api.auth.sessions import Caller
from api.composition import Application
from api.problems import page_status
from api.web.errors import reasons_in_words
from api.web.flash import redirect_with_flash
from api.web.form_fields import text_in
from api.web.forms import page_cause, read_form
from api.web.rendering import Page, render_page
from notifications.anchors import SealingHealth
from notifications.mail_health import SendAgain, Troubles, troubles
from notifications.mails import MAILS
from notifications.messages import Kind
from notifications.translation import translate
from workflow.addresses import as_kept
from workflow.command import Cause
from workflow.commands.people import ChangeAddress
from workflow.deadlines import Deadline
from workflow.errors import NotFoundRefusal, Refusal
from workflow.messages import Message, lazy
from workflow.model import ItemId, Person, PersonId
from workflow.people import require_office
from workflow.queries import deadlines, people
from workflow.queries.attention import MOST_NAMED, Concern, Worry, concerns
from workflow.queries.items import ItemView
from workflow.queries.listing import listed_views

router = APIRouter(prefix="/office")
CAUSES = {
    Worry.STUCK: lazy("Items that nobody can handle"),
    Worry.EXTENSION: lazy("More time asked for, waiting for an answer"),
    Worry.REQUEST: lazy("Requests on personal data"),
    Worry.LATE_REPORT: lazy("Overdue reports"),
    Worry.LATE_ITEM: lazy("Items late at a step, not yet sent"),
    Worry.NOBODY_REMINDED: lazy("Deadlines that remind nobody"),
    Worry.DUE_SOON: lazy("Reports due soon"),
    Worry.UNCONFIRMED: lazy("Sent, answer late"),
}
REMINDED_TOGETHER = frozenset({Worry.LATE_REPORT, Worry.DUE_SOON})
"""Causes whose departments are reminded of what they owe."""
URGED_TOGETHER = frozenset({Worry.LATE_ITEM, Worry.UNCONFIRMED})
"""Causes in which whoever holds the items is urged."""
_SHOWN, _UNFOLDED = 8, 50
PHASES = {
    "clock": lazy("release mail that a fast clock had put off"),
    "holders": lazy("update holders for the day"),
    "timers": lazy("let the timers of items fire"),
    "reminders": lazy("plan the reminders of deadlines"),
    "weekly": lazy("write the Office's weekly mail"),
    "requests": lazy("remind of requests on personal data"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcernGroup:
    """What has one cause; ``reminds``: whoever it lies with can be urged together."""

    worry: Worry
    heading: Message
    concerns: Sequence[Concern]

    @property
    def reminds(self) -> bool:
        """Return whether one reminder can go to everybody of the group."""
        return self.worry in REMINDED_TOGETHER | URGED_TOGETHER


@dataclass(frozen=True, slots=True, kw_only=True)
class AttentionPage(Page):
    """Everything to see to: what is stuck, late or silent, and which mails did not arrive."""

    template: ClassVar[str] = "watching.html"
    groups: Sequence[ConcernGroup]
    views: Mapping[ItemId, ItemView]
    """The late items that are shown."""
    called: Mapping[int, Deadline]
    """The deadlines that concerns are about."""
    wrong: Troubles
    sealing: SealingHealth
    unstamped_since: datetime | None
    phases: Mapping[str, Message]
    letters: Mapping[Kind, Message]
    """What each kind of mail is called."""
    people: Mapping[PersonId, Person]
    count: int
    shown: int = _SHOWN
    """So many of a group are shown at once; the others unfold."""
    unfolded: int = _UNFOLDED
    """So many items of a group are shown at all; the list has the others."""
    most: int = MOST_NAMED
    errors: Sequence[str] = ()


@router.get("")
async def show(request: Request, parts: Parts, asker: Asker) -> Response:
    """Show everything to see to now, gravest first."""
    return render_page(request, asker, await _attention(parts, asker))


async def _attention(parts: Application, asker: Caller) -> AttentionPage:
    require_office(asker.person)

    def load_page(connection: Connection) -> AttentionPage:
        wrong = troubles(parts.context, connection)
        every = concerns(parts.context, connection)
        groups = [
            ConcernGroup(
                worry=worry,
                heading=heading,
                concerns=[each for each in every if each.worry is worry],
            )
            for worry, heading in CAUSES.items()
        ]
        ids = [
            each.item
            for group in groups
            if group.worry in URGED_TOGETHER
            for each in group.concerns[:_UNFOLDED]
            if each.item is not None
        ]
        views = listed_views(parts.context, connection, ids, asker.person.id)
        return AttentionPage(
            groups=[each for each in groups if each.concerns],
            views={each.item.id: each for each in views},
            called={each.id: each for each in deadlines.all_deadlines(connection)},
            wrong=wrong,
            sealing=parts.anchors.health(connection),
            unstamped_since=(
                parts.timestamps.missing_since(connection) if parts.timestamps else None
            ),
            phases=PHASES,
            letters={kind: mail.label for kind, mail in MAILS.items()},
            people=people.people_by_id(connection),
            count=len(every) + len(wrong.undelivered) + len(wrong.failed_phases),
        )

    return await parts.database.report(load_page)


@router.post("/letters/{message}/again")
async def send_letter_again(
    request: Request, parts: Parts, asker: Asker, message: RowId
) -> Response:
    """Send an undeliverable letter again, its person's address corrected where one is given."""
    require_office(asker.person)
    form = await read_form(request)
    address = text_in(form, "address").strip()
    wrong = await parts.database.report(lambda connection: troubles(parts.context, connection))
    letter = next((each for each in wrong.undelivered if each.message == message), None)
    if letter is None:
        raise NotFoundRefusal(lazy("this mail"))
    cause = page_cause(asker, form)
    correction = await _correction(parts, cause, letter.person, address)
    try:
        await parts.database.write(SendAgain(cause=cause, message=message, address=correction))
    except Refusal as refusal:
        shown = replace(await _attention(parts, asker), errors=reasons_in_words(refusal))
        return render_page(request, asker, shown, page_status(refusal))
    if parts.delivery is not None:
        parts.delivery.wake()
    told = translate("The mail will be sent again at once.")
    if correction is not None:
        told = translate("The address is mended; the mail will be sent again to the new one.")
    return redirect_with_flash(request, asker, "/office", told)


async def _correction(
    parts: Application, cause: Cause, who: PersonId | None, address: str
) -> ChangeAddress | None:
    """Return the change to the person's address if another was given."""
    known = await parts.database.read(people.people_by_id)
    person = known.get(who) if who is not None else None
    if person is None or not address or as_kept(address) == person.email:
        return None
    return ChangeAddress(person=person.id, email=address, cause=cause)
