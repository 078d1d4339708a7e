"""What a link of a body outside is good for, and on which items it is answered.

Owns both for the page and for the command: they never judge a link differently.
"""

from datetime import datetime

from sqlalchemy import Connection

from workflow.links import LinkStatus, RecipientLink
from workflow.lookups.agency import load_agency
from workflow.model import Item
from workflow.store import dossiers, items


def status_of(connection: Connection, link: RecipientLink, now: datetime) -> LinkStatus:
    """Return what a genuine link is good for, whatever became of the items.

    It ends where the agency's file names another body, or another address of it.
    """
    recipient = load_agency(connection).recipient
    named = (recipient.id, recipient.email) if recipient else None
    if link.revoked_at is not None or named != (link.recipient, link.address):
        return LinkStatus.REVOKED
    if link.expires_at <= now:
        return LinkStatus.EXPIRED
    is_newest = any(is_in(connection, link, each) for each in items_of(connection, link))
    return LinkStatus.LIVE if is_newest else LinkStatus.MOVED


def items_of(connection: Connection, link: RecipientLink) -> list[Item]:
    """Return what the dossier holds that the link leads to, in the order of their making."""
    found = dossiers.led_by(connection, link.item_id, link.version)
    members = dossiers.members_of(connection, [found.id])[found.id] if found else []
    held = items.items_by_id(connection, [each.item_id for each in members])
    return [held[each.item_id] for each in members]


def is_in(connection: Connection, link: RecipientLink, item: Item) -> bool:
    """Return whether an item has not left in another dossier since."""
    found = dossiers.led_by(connection, link.item_id, link.version)
    return found is not None and dossiers.dossier_of(connection, item.id) == found.id
