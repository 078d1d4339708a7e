"""A link as it was opened: whose it is, what it asks for, what became of it, and everything that its page shows.

Owns who a token speaks for. It is read anew for every request, and the language is the reader's from then on.
"""

from dataclasses import dataclass
from datetime import datetime

from fastapi import Request
from sqlalchemy import Connection

from api.auth.callers import application
from api.auth.second_factor import passkey_options
from api.composition import Application
from api.locale import chosen
from api.web.rendering import hour_and_day
from notifications.preferences import LANGUAGE, preference
from notifications.translation import language, speak, translate
from workflow.commands.undo import undoable_until
from workflow.history import EntryType
from workflow.history.payloads import Undone
from workflow.links import Link, LinkStatus, is_genuine, parse, status_of
from workflow.model import Person
from workflow.queries.changes import Compared, changed_since_decided
from workflow.queries.items import (
    EntryView,
    ItemView,
    TransitionView,
    item_view,
    receipt_of,
    timeline,
    transitions_for,
)
from workflow.store import items, links


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A genuine link with all that its page shows."""

    link: Link
    person: Person
    language: str
    view: ItemView
    department: str
    status: LinkStatus
    answers: tuple[TransitionView, ...]
    passkey_options: str
    """By which a browser asks this person's passkey to sign; empty where no answer needs it, or they have none."""
    receipt: EntryView | None
    last: EntryView | None
    holds_now: bool
    changed_since: str
    compared: Compared | None
    undoable_until: datetime | None
    """Until when this person can take back what this link decided."""
    undone: EntryView | None
    """The entry that took back what this link decided."""


async def open_link(request: Request, token: str) -> Opened | None:
    """Return the link of ``token`` if it is genuine, whatever became of it, else None.

    From here on the language is spoken that the reader chose in this browser, else that of whom the link was issued to.
    """
    parts = application(request)
    code = chosen(request.cookies)
    opened = await parts.database.read(lambda connection: _opened(parts, connection, token, code))
    if opened is not None:
        speak(opened.language)
    return opened


def _opened(
    parts: Application, connection: Connection, token: str, code: str | None
) -> Opened | None:
    parsed = parse(token)
    link = links.find_links(connection, [parsed.id]).get(parsed.id) if parsed else None
    if parsed is None or link is None or not is_genuine(parts.keys, link, parsed):
        return None
    item = items.items_by_id(connection, [link.item])[link.item]
    directory = parts.context.directory(connection, parts.clock.now())
    person = directory.people[link.person]
    speak(code or preference(connection, person.id, LANGUAGE) or "")
    entries = timeline(parts.context, connection, item)
    decisions = [each for each in entries if each.entry.type == EntryType.TRANSITION]
    view = item_view(parts.context, connection, item, person.id)
    # Read again after the item: a decision moves the item and uses the link up at once, and without a snapshot the item may be newer.
    link = links.find_links(connection, [link.id])[link.id]
    answers = tuple(
        each
        for each in transitions_for(parts.context, connection, item, person)
        if each.is_allowed and each.transition.by_email
    )
    asks_factor = any(each.transition.second_factor for each in answers)
    return Opened(
        link=link,
        person=person,
        language=language(),
        view=view,
        department=directory.departments[item.department].name,
        status=status_of(
            link, step=view.item.step, content_hash=view.item.content_hash, now=parts.clock.now()
        ),
        answers=answers,
        passkey_options=passkey_options(parts, connection, person.id, item) if asks_factor else "",
        receipt=receipt_of(parts.context, connection, item, link.used_entry)
        if link.used_entry is not None
        else None,
        last=decisions[-1] if decisions else None,
        holds_now=any(holder.person.id == person.id for holder in view.holders)
        and not view.state.held_by_author,
        changed_since=_changed_since(parts, entries, person),
        compared=changed_since_decided(parts.context, connection, view, entries, translate),
        undoable_until=undoable_until(parts.context, connection, item, person, link.used_entry)
        if link.used_entry is not None
        else None,
        undone=next(
            (
                each
                for each in entries
                if isinstance(each.fact.payload, Undone)
                and each.fact.payload.undoes == link.used_entry
            ),
            None,
        ),
    )


def _changed_since(parts: Application, entries: list[EntryView], person: Person) -> str:
    """Return what changed since this person last decided on the item, or nothing on the first round."""
    mine = [
        each
        for each in entries
        if each.actor is not None
        and each.actor.id == person.id
        and each.entry.type == EntryType.TRANSITION
    ]
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
