"""A dossier as whom it was sent to sees it by a link: what they may answer, what was answered.

Owns who such a token speaks for: a body outside, and no person of the agency. It never writes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from workflow.context import Context
from workflow.definition import Definition, Label, State, Transition
from workflow.history.payloads import Decision
from workflow.links import Keys, LinkStatus, Purpose, RecipientLink, find_by_token
from workflow.lookups.recipients import is_in, items_of, status_of
from workflow.model import Content, Item
from workflow.queries.timeline import EntryView, timeline
from workflow.store import dossiers, recipient_links
from workflow.store.dispatches import Sending


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedAnswer:
    """What was recorded of an item since it was sent.

    ``recipient``: who answered by their link; "" where the agency recorded it itself.
    """

    transition: str
    label: Label
    recipient: str
    at: datetime
    comment: str
    decision: str
    """Number of the decision on an award, where it says one."""
    decided_on: str
    seq: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredItem:
    """An item of a dossier: where it is, what may be answered, and what was."""

    item: Item
    definition: Definition
    content: Content
    state: State
    ways: tuple[Transition, ...]
    answers: tuple[RecordedAnswer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedDossier:
    """A link that this deployment issued, with what it leads to as it is now."""

    link: RecipientLink
    status: LinkStatus
    sending: Sending
    items: tuple[AnsweredItem, ...]


def find_recipient_link(
    connection: Connection, keys: Keys, token: str, purpose: Purpose
) -> RecipientLink | None:
    """Return the link of ``token``, whatever became of it; None where it is unknown or forged."""
    return find_by_token(keys, token, purpose, partial(recipient_links.find_link, connection))


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientLinkView:
    """A link to what an item left with, as the agency sees it."""

    name: str
    address: str
    expires_at: datetime
    revoked_at: datetime | None


def links_to(connection: Connection, item: Item) -> list[RecipientLinkView]:
    """Return the links to what an item left with, newest first."""
    return [
        RecipientLinkView(
            name=each.name,
            address=each.address,
            expires_at=each.expires_at,
            revoked_at=each.revoked_at,
        )
        for each in recipient_links.links_of(connection, item.id)
    ]


def served_dossier(context: Context, connection: Connection, link: RecipientLink) -> int | None:
    """Return the id of the dossier that a link leads to, while the link serves; else None."""
    if status_of(connection, link, context.clock()) is not LinkStatus.LIVE:
        return None
    found = dossiers.led_by(connection, link.item_id, link.version)
    return found.id if found else None


def open_dossier(
    context: Context, connection: Connection, link: RecipientLink, only: str = ""
) -> OpenedDossier | None:
    """Return what a link leads to; ``only``: one of its items, by its code. None: nothing left."""
    status, found = status_of(connection, link, context.clock()), items_of(connection, link)
    wanted = [each for each in found if not only or each.code == only] or found
    contents = context.contents.of(connection, wanted)
    dossier = dossiers.led_by(connection, link.item_id, link.version)
    if dossier is None:
        return None
    sending = Sending(
        notation=dossier.notation,
        issued_on=dossier.issued_on,
        channel=dossier.channel,
        dossier=dossier.id,
    )
    shown = (_answered(context, connection, link, each, contents[each.id]) for each in wanted)
    if status is not LinkStatus.LIVE:
        shown = (replace(each, ways=()) for each in shown)
    return OpenedDossier(link=link, status=status, sending=sending, items=tuple(shown))


def _answered(
    context: Context,
    connection: Connection,
    link: RecipientLink,
    item: Item,
    content: Content,
) -> AnsweredItem:
    book = context.rulebooks.of(connection, item.definition_hash)
    ways = {
        each.id: each
        for each in book.definition.transitions
        if each.by_recipient and item.state in each.from_states
    }
    is_there = is_in(connection, link, item)
    entries = timeline(context, connection, item)
    return AnsweredItem(
        item=item,
        definition=book.definition,
        content=content,
        state=book.states[item.state],
        ways=tuple(ways.values()) if is_there and item.gathered_in is None else (),
        answers=tuple(_answers(link, entries)),
    )


def _answers(link: RecipientLink, entries: Sequence[EntryView]) -> Iterator[RecordedAnswer]:
    """Yield what was recorded since the sending, until it left again, oldest first."""
    for each in entries:
        fact, way = each.fact, each.transition
        if way is None or (fact.version or 0) <= link.version:
            continue
        if way.sends:
            return
        if way.by_recipient:
            yield _answer(each, way)


def _answer(entry: EntryView, way: Transition) -> RecordedAnswer:
    payload = entry.fact.payload
    award = payload.award if isinstance(payload, Decision) else None
    return RecordedAnswer(
        transition=way.id,
        label=way.label,
        recipient=entry.recipient,
        at=entry.entry.at,
        comment=entry.comment or "",
        decision=award.number if award else "",
        decided_on=award.decided_on if award else "",
        seq=entry.entry.seq,
        hash=entry.entry.hash.hex(),
    )
