"""The log of accesses: who opened what, or failed to; written aside, never awaited by a reader."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self, TypedDict, Unpack

from fastapi import Request
from sqlalchemy import Connection, insert, select

from workflow.command import Upkeep
from workflow.commands.execute import Transaction, UseCases, as_set
from workflow.database import Database
from workflow.model import ItemId, PersonId
from workflow.store import schema
from workflow.store.instants import written
from workflow.store.mapping import Mapper
from workflow.store.prepared import Prepared

_INSERT = Prepared(insert(schema.accesses))
_LONGEST_ADDRESS = 45
"""Characters of an IPv6 address in its longest form."""


class AccessKind(StrEnum):
    """What is noted of an access."""

    LINK_OPENED = "link_opened"
    PROPOSAL_OPENED = "proposal_opened"
    UNDO_OPENED = "undo_opened"
    ANSWER_OPENED = "answer_opened"
    PACKAGE_OPENED = "package_opened"
    ITEM_OPENED = "item_opened"
    FILE_READ = "file_read"
    NOT_ME = "not_me"
    RESET_ASKED = "reset_asked"
    FACTOR_REFUSED = "factor_refused"
    HISTORY_EXPORTED = "history_exported"
    PERSONAL_DATA_READ = "personal_data_read"
    EVALUATION_READ = "evaluation_read"


class _Who(TypedDict, total=False):
    """What is known of an access beside where it came from."""

    person: PersonId | None
    item: ItemId | None
    link: bytes | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteAccess(Upkeep[None]):
    """One access. Run again it is noted twice: better than not at all."""

    what: AccessKind
    person: PersonId | None = None
    item: ItemId | None = None
    link: bytes | None = None
    note: str = ""
    address: str = ""
    """Where from, as the request says through trusted proxies."""

    @classmethod
    def of(cls, request: Request, what: AccessKind, **who: Unpack[_Who]) -> Self:
        """Return the access that a request is, with the address it came from."""
        address = request.client.host if request.client else ""
        return cls(what=what, address=address[:_LONGEST_ADDRESS], **who)


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
                "what": each.what.value,
                "person": each.person,
                "item_id": each.item,
                "link_id": each.link,
                "note": each.note[:200],
                "address": each.address,
            }
            for each in noted
        ],
    )


def aside(database: Database, access: NoteAccess) -> None:
    """Write an access down while its reader goes on; nothing depends on whether it is kept."""
    task = asyncio.ensure_future(database.write(access))
    _running.add(task)
    task.add_done_callback(_finished)


_running: set[asyncio.Future[None]] = set()


def _finished(task: asyncio.Future[None]) -> None:
    _running.discard(task)
    if not task.cancelled():
        task.exception()  # a note that could not be written is not the reader's concern


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One access as it was noted."""

    id: int
    at: datetime
    what: str
    person: PersonId | None
    item_id: ItemId | None
    note: str
    address: str


_ACCESS = Mapper(Access, schema.accesses)


def accesses(
    connection: Connection,
    *,
    item: ItemId | None,
    person: PersonId | None,
    before: int | None,
    count: int,
    kinds: Collection[AccessKind] = (),
) -> list[Access]:
    """Return up to ``count`` accesses below ``before``, newest first: of an item, of a person.

    ``kinds``: of these alone, where some are named.
    """
    column = schema.accesses.c
    query = select(*_ACCESS.columns).order_by(column.id.desc()).limit(count)
    if item is not None:
        query = query.where(column.item_id == item)
    if person is not None:
        query = query.where(column.person == person)
    if before is not None:
        query = query.where(column.id < before)
    if kinds:
        query = query.where(column.what.in_([each.value for each in kinds]))
    return [_ACCESS.read(row) for row in connection.execute(query).all()]


USE_CASES: UseCases = {NoteAccess: as_set(NoteAccess, _write)}
