"""Who opened what, when and where from, in words: for auditors alone.

Owns what the accesses that are noted are called. It writes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from api.auth.access_log import Access, AccessKind, accesses
from api.composition import Application
from notifications.translation import translate
from workflow.messages import Message, lazy
from workflow.model import ItemId, PersonId
from workflow.queries import people
from workflow.queries.listing import items_by_id

_BY_RECIPIENT: Final = (AccessKind.ANSWER_OPENED, AccessKind.PACKAGE_OPENED)
KINDS: Final[Mapping[str, Message]] = {
    AccessKind.PROPOSAL_OPENED: lazy("opened the link of a proposal"),
    AccessKind.ANSWER_OPENED: lazy("opened the link to answer a dossier"),
    AccessKind.PACKAGE_OPENED: lazy("fetched the package of a dossier"),
    AccessKind.UNDO_OPENED: lazy("opened the link that takes a change of an account back"),
    AccessKind.LINK_OPENED: lazy("opened the link"),
    AccessKind.ITEM_OPENED: lazy("opened the item, signed in"),
    AccessKind.FILE_READ: lazy("took a file"),
    AccessKind.NOT_ME: lazy("said that the link was not meant for them"),
    AccessKind.RESET_ASKED: lazy("asked for a new password"),
    AccessKind.FACTOR_REFUSED: lazy("gave a wrong second factor"),
    AccessKind.HISTORY_EXPORTED: lazy("took the history along"),
    AccessKind.PERSONAL_DATA_READ: lazy("took what is held on a person"),
    AccessKind.EVALUATION_READ: lazy("read what is kept of a person's year"),
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


def _stranger(what: str) -> str:
    """Return who is named as nobody of the agency."""
    if what in _BY_RECIPIENT:
        return translate("Whom the dossier was sent to")
    return translate("Somebody unknown")


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
    return _in_words(parts, connection, found)


def recipient_openings(
    parts: Application, connection: Connection, item: ItemId, count: int
) -> list[Opening]:
    """Return up to ``count`` accesses by the links of whom an item was sent to, newest first."""
    found = accesses(
        connection, item=item, person=None, before=None, count=count, kinds=_BY_RECIPIENT
    )
    return _in_words(parts, connection, found)


def _in_words(parts: Application, connection: Connection, found: Sequence[Access]) -> list[Opening]:
    known = people.people_by_id(connection)
    about = items_by_id(connection, [each.item_id for each in found if each.item_id])
    zone = parts.context.calendar.zone
    return [
        Opening(
            id=each.id,
            at=each.at.astimezone(zone).strftime("%d/%m/%Y %H:%M:%S"),
            who=known[each.person].name if each.person in known else _stranger(each.what),
            what=translate(KINDS.get(each.what, each.what)),
            code=about[each.item_id].code if each.item_id in about else None,
            address=each.address,
        )
        for each in found
    ]
