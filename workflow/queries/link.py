"""A link as whoever holds its token finds it: whose, good for what now, and its receipt.

Owns who a token speaks for. It never writes; that a link was opened is noted elsewhere, and nothing
depends on it.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from workflow.context import Context
from workflow.definition import Label
from workflow.links import Keys, Link, LinkStatus, is_genuine, parse, status_of
from workflow.model import Item, Person
from workflow.people import Directory
from workflow.queries.timeline import EntryView
from workflow.rules import Rulebook
from workflow.rules.outcomes import After
from workflow.store import items, links


@dataclass(frozen=True, slots=True, kw_only=True)
class GenuineLink:
    """A link that this deployment issued, with its person and item as they are now."""

    link: Link
    person: Person
    item: Item
    rulebook: Rulebook
    directory: Directory
    status: LinkStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One act on an item, as its receipt tells it.

    ``label`` is what the act is called, in both languages.
    """

    transition: str
    label: Label | None
    actor: Person | None
    at: datetime
    comment: str
    seq: int
    hash: str


def find_link(
    context: Context, connection: Connection, keys: Keys, token: str
) -> GenuineLink | None:
    """Return the link of ``token``, whatever became of it; None where it is unknown or forged."""
    parsed = parse(token)
    link = links.find_links(connection, [parsed.id]).get(parsed.id) if parsed else None
    if parsed is None or link is None or not is_genuine(keys, link, parsed):
        return None
    item = items.items_by_id(connection, [link.item])[link.item]
    # Read again after the item: a decision moves the item and uses the link up at once, and without
    # a snapshot the item may be the newer of the two.
    link = links.find_links(connection, [link.id])[link.id]
    now = context.clock()
    directory = context.directory(connection, now)
    return GenuineLink(
        link=link,
        person=directory.people[link.person],
        item=item,
        rulebook=context.rulebooks.of(connection, item.definition_hash),
        directory=directory,
        status=status_of(link, step=item.step, content_hash=item.content_hash, now=now),
    )


def receipt_of(entry: EntryView) -> Receipt:
    """Return the receipt of an entry that was read."""
    return Receipt(
        transition=entry.fact.transition or "",
        label=entry.label,
        actor=entry.actor,
        at=entry.entry.at,
        comment=entry.comment or "",
        seq=entry.entry.seq,
        hash=entry.entry.hash.hex(),
    )


def receipt_after(rulebook: Rulebook, after: After) -> Receipt:
    """Return the receipt of a decision from its outcome; the same as ``receipt_of`` its entry."""
    fact = after.entry.fact
    transition = fact.transition or ""
    taken = rulebook.taken(fact.from_state or "", transition)
    return Receipt(
        transition=transition,
        label=taken.label if taken else None,
        actor=after.directory.people.get(fact.actor) if fact.actor is not None else None,
        at=fact.at,
        comment=fact.texts.get("comment", ""),
        seq=after.entry.seq,
        hash=after.entry.hash.hex(),
    )
