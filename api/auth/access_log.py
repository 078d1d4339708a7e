"""The log of accesses: who opened which link or file; written aside, never awaited by a reader."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert

from workflow.command import Upkeep
from workflow.commands.execute import Transaction, UseCases, as_set
from workflow.model import ItemId, PersonId
from workflow.store import schema
from workflow.store.instants import written
from workflow.store.prepared import Prepared

_INSERT = Prepared(insert(schema.accesses))


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteAccess(Upkeep[None]):
    """One access: ``link_opened``, ``file_read``, ``factor_refused`` and so on.

    Run again it is noted twice: better than not at all.
    """

    what: str
    person: PersonId | None = None
    item: ItemId | None = None
    link: bytes | None = None
    note: str = ""


def _write(transaction: Transaction, commands: Sequence[NoteAccess]) -> list[None]:
    note(transaction.connection, transaction.now, *commands)
    return [None] * len(commands)


def note(connection: Connection, now: datetime, *noted: NoteAccess) -> None:
    """Write accesses down inside another command's transaction."""
    _INSERT.many(
        connection,
        [
            {
                "at": written(now),
                "what": each.what,
                "person": each.person,
                "item_id": each.item,
                "link_id": each.link,
                "note": each.note[:200],
            }
            for each in noted
        ],
    )


USE_CASES: UseCases = {NoteAccess: as_set(NoteAccess, _write)}
