"""Who opened what, when and where from, in words: for auditors alone.

Owns what the accesses that are noted are called. It writes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from api.auth.access_log import accesses
from api.composition import Application
from notifications.translation import translate
from workflow.messages import Message, lazy
from workflow.model import ItemId, PersonId
from workflow.queries import people
from workflow.queries.listing import items_by_id

_WHAT: Final[Mapping[str, Message]] = {
    "proposal_opened": lazy("opened the link of a proposal"),
    "undo_opened": lazy("opened the link that takes a change of an account back"),
    "link_opened": lazy("opened the link"),
    "item_opened": lazy("opened the item, signed in"),
    "file_read": lazy("took a file"),
    "not_me": lazy("said that the link was not meant for them"),
    "reset_asked": lazy("asked for a new password"),
    "factor_refused": lazy("gave a wrong second factor"),
    "history_exported": lazy("took the history along"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """One access, as a person reads it; ``code``: of the item, where it is about one."""

    id: int
    at: str
    who: str
    what: str
    code: str | None
    address: str


def openings(
    parts: Application,
    connection: Connection,
    *,
    item: ItemId | None = None,
    person: PersonId | None = None,
    before: int | None = None,
    count: int,
) -> list[Opening]:
    """Return up to ``count`` accesses, newest first."""
    found = accesses(connection, item=item, person=person, before=before, count=count)
    known = people.people_by_id(connection)
    about = items_by_id(connection, [each.item_id for each in found if each.item_id])
    zone = parts.context.calendar.zone
    return [
        Opening(
            id=each.id,
            at=each.at.astimezone(zone).strftime("%d/%m/%Y %H:%M:%S"),
            who=known[each.person].name if each.person in known else translate("Somebody unknown"),
            what=translate(_WHAT.get(each.what, each.what)),
            code=about[each.item_id].code if each.item_id in about else None,
            address=each.address,
        )
        for each in found
    ]
