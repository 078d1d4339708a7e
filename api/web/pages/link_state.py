"""What the page of a link shows: what is asked, on which content, or what became of it.

Owns the reading of it. The small part (whose link it is, what it is good for) is read for every
request; the rest only where a page is shown that no outcome of a command tells. From here on the
language is the reader's.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from fastapi import Request
from sqlalchemy import Connection

from api.auth.callers import application
from api.composition import Application
from api.web.dates import hour_and_day
from api.web.deciding import NO_FACTORS, OwnFactors, own_factors
from api.web.pages.link_notice import open_for_reader
from notifications.translation import translate
from workflow.commands.undo import undoable_after, undoable_until
from workflow.history import EntryType
from workflow.history.payloads import Undone
from workflow.links import LinkStatus
from workflow.lookups.nominations import Examination, examinations, without_reasons
from workflow.model import Person, PersonId
from workflow.queries.approvals import Approval, approvals_of
from workflow.queries.changes import Compared, changed_since_decided
from workflow.queries.items import ItemView, TransitionView, item_view, transitions_for
from workflow.queries.link import GenuineLink, Receipt, find_link, receipt_after, receipt_of
from workflow.queries.past_items import view_at_hand
from workflow.queries.timeline import EntryView, timeline
from workflow.rules.outcomes import Decided


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedLink:
    """A genuine link with all that its page shows."""

    link: GenuineLink
    view: ItemView
    answers: tuple[TransitionView, ...] = ()
    factors: OwnFactors = NO_FACTORS
    """By what this person can prove an answer; nothing where none needs that."""
    approvals: tuple[Approval, ...] = ()
    """Who has approved before, oldest first."""
    last_request: str = ""
    """What this person said when they handled the item last."""
    receipt: Receipt | None = None
    last: Receipt | None = None
    """The last decision on the item, whoever made it."""
    changed_since: str = ""
    compared: Compared | None = None
    examined: Sequence[Examination] = ()
    """What the law of its day says of each nominee; empty for what is no nomination."""
    undoable_until: datetime | None = None
    """Until when this person can take back what this link decided."""
    has_just_decided: bool = False
    """Whether the page answers the decision itself: then one press undoes it.

    A receipt that was only opened asks for a tick: machines that press every button tick none.
    """
    undone: Receipt | None = None
    """The act that took back what this link decided."""

    @property
    def holds_now(self) -> bool:
        """Return whether the item waits for whom the link was issued to."""
        person = self.link.person.id
        return not self.view.state.held_by_author and any(
            holder.person.id == person for holder in self.view.holders
        )


async def open_link(request: Request, token: str) -> GenuineLink | None:
    """Return the link of ``token`` if it is genuine, whatever became of it, else None.

    From here on the language is spoken that the reader chose in this browser, else that of whom the
    link was issued to.
    """
    parts = application(request)
    return await open_for_reader(
        request,
        lambda connection: find_link(parts.context, connection, parts.keys, token),
        lambda _, link: link,
    )


async def open_page(request: Request, token: str) -> OpenedLink | None:
    """Return the page of ``token`` in one read if it is genuine, else None.

    The language is chosen as by ``open_link``.
    """
    parts = application(request)
    return await open_for_reader(
        request,
        lambda connection: find_link(parts.context, connection, parts.keys, token),
        lambda connection, link: _page(parts, connection, link),
    )


def page_after(parts: Application, link: GenuineLink, decided: Decided) -> OpenedLink | None:
    """Return the page with the receipt of what the link has just decided.

    None where the outcome tells too little.
    """
    view = view_at_hand(parts.context, decided, link.person.id)
    if view is None or decided.after is None:
        return None
    return OpenedLink(
        link=replace(link, item=view.item, status=LinkStatus.USED),
        view=view,
        receipt=receipt_after(link.rulebook, decided.after),
        undoable_until=undoable_after(link.rulebook, decided.after),
        has_just_decided=True,
    )


def _page(parts: Application, connection: Connection, link: GenuineLink) -> OpenedLink:
    context, item, person = parts.context, link.item, link.person
    entries = timeline(context, connection, item)
    decisions = [each for each in entries if each.entry.type == EntryType.TRANSITION]
    answers = tuple(
        each
        for each in transitions_for(context, connection, item, person)
        if each.is_allowed and each.transition.by_email
    )
    view = item_view(context, connection, item, person.id)
    page = OpenedLink(
        link=link,
        view=view,
        answers=answers,
        factors=own_factors(
            parts, connection, person.id, item, [each.transition for each in answers]
        ),
        approvals=tuple(approvals_of(item, entries)),
        last_request=_last_request(entries, person),
        last=receipt_of(decisions[-1]) if decisions else None,
        changed_since=_changed_since(parts, entries, person),
        compared=changed_since_decided(context, connection, view, entries, translate),
        examined=without_reasons(
            connection, examinations(context, connection, person, item, view.content)
        ),
    )
    used = link.link.used_entry
    if used is None:
        return page
    return replace(
        page,
        receipt=next((receipt_of(each) for each in entries if each.entry.seq == used), None),
        undoable_until=undoable_until(context, connection, item, person, used),
        undone=next((receipt_of(each) for each in entries if _undoes(each) == used), None),
    )


def _undoes(entry: EntryView) -> int | None:
    payload = entry.fact.payload
    return payload.undoes if isinstance(payload, Undone) else None


def _last_request(entries: list[EntryView], person: Person) -> str:
    """Return the words with which this person decided last; nothing on the first round."""
    mine = [each for each in entries if _decided_by(each, person.id)]
    return (mine[-1].comment or "") if mine else ""


def _changed_since(parts: Application, entries: list[EntryView], person: Person) -> str:
    """Return what changed since this person last decided; nothing on the first round."""
    mine = [each for each in entries if _decided_by(each, person.id)]
    if not mine:
        return ""
    edits = [
        each
        for each in entries
        if each.entry.seq > mine[-1].entry.seq and each.entry.type == EntryType.EDITED
    ]
    at = hour_and_day(parts, mine[-1].entry.at)
    return (
        translate(
            "Since you handled it at {at}, the content was edited {count} time.",
            "Since you handled it at {at}, the content was edited {count} times.",
            at=at,
            count=len(edits),
        )
        if edits
        else translate("You handled this item at {at}; the content has not changed since.", at=at)
    )


def _decided_by(entry: EntryView, person: PersonId) -> bool:
    return (
        entry.actor is not None
        and entry.actor.id == person
        and entry.entry.type == EntryType.TRANSITION
    )
