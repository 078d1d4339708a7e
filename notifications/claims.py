"""Claim: the write commands by which delivery takes messages, keeps them and gives them back.

Claiming leases messages for 45 seconds under a fencing token, drops those that are no longer
relevant, and creates the link or code a mail needs. A lease that was lost settles nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import ClassVar

import structlog
from sqlalchemy import Connection, bindparam, literal_column, or_, select, update
from sqlalchemy.exc import DBAPIError

from notifications.batch import Batch
from notifications.capabilities import Capabilities
from notifications.mail_parameters import DigestParameters, read_params
from notifications.mails import MAILS
from notifications.messages import LEASE, UNWRITABLE, AnyMessage, Carried, Kind, OutboxMessage
from notifications.occasions import DigestDue
from notifications.outbox import Outbox
from notifications.outbox_states import HELD_BACK, UNSENT, OutboxState
from notifications.relevance import Overtaken
from workflow.command import Upkeep
from workflow.commands.execute import Transaction, UseCases, one_by_one
from workflow.context import Context
from workflow.links import Link
from workflow.model import ItemId, PersonId, ReminderReason, ReminderState
from workflow.store import links, reminder_ledger, schema
from workflow.store.instants import read_required, written
from workflow.store.prepared import Prepared, Row, Values

BATCH = 50
_MOST_GATHERED = 200
_FOLLOWS = timedelta(microseconds=1)
"""How far after a digest the one lies that brings what it had no room for: a key of its own."""
_GATHERING = frozenset(kind for kind, mail in MAILS.items() if mail.carries is Carried.GATHERED)

log = structlog.get_logger()

_outbox = schema.outbox.c
_IS_FREE = or_(_outbox.state == OutboxState.NEW.value, _outbox.lease_until < bindparam("now"))
_DUE_COLUMNS = (
    _outbox.id,
    _outbox.dedupe_key,
    _outbox.message_id,
    _outbox.kind,
    _outbox.person,
    _outbox.address,
    _outbox.item_id,
    _outbox.params,
    _outbox.attempts,
    _outbox.created_at,
    _outbox.link_id,
)
_DUE = Prepared(
    select(*_DUE_COLUMNS)
    .where(
        UNSENT,
        _outbox.next_at <= bindparam("now"),
        _IS_FREE,
    )
    .order_by(_outbox.next_at, _outbox.id)
    .limit(bindparam("count"))
    .with_for_update(skip_locked=True)
)
_LEASE = Prepared(
    update(schema.outbox)
    .where(_outbox.id == bindparam("old_id"))
    .values(
        state=OutboxState.LEASED.value,
        lease_until=bindparam("until"),
        lease_token=bindparam("token"),
        link_id=bindparam("link"),
    )
)
_CLOSE = Prepared(
    update(schema.outbox)
    .where(_outbox.id == bindparam("old_id"))
    .values(
        state=bindparam("new_state"),
        last_code=bindparam("detail"),
        lease_token=None,
        lease_until=None,
    )
)
_HELD_FOR_DIGEST = Prepared(
    select(*_DUE_COLUMNS)
    .where(
        UNSENT,
        _outbox.next_at == literal_column(f"'{HELD_BACK}'"),
        _outbox.person == bindparam("of_person"),
        _outbox.due_at <= bindparam("until"),
        _IS_FREE,
    )
    .order_by(_outbox.id)
    .limit(bindparam("count"))
    .with_for_update(skip_locked=True)
)
# What is gathered is leased with its digest, so that no other takes it meanwhile, and counts as
# tried: from here on no later task takes its place.
_GATHER = Prepared(
    update(schema.outbox)
    .where(_outbox.id == bindparam("old_id"))
    .values(
        state=OutboxState.LEASED.value,
        lease_until=bindparam("until"),
        lease_token=bindparam("token"),
        attempts=_outbox.attempts + 1,
        link_id=bindparam("link"),
    )
)
_RENEW = Prepared(
    update(schema.outbox)
    .where(
        UNSENT, _outbox.lease_token == bindparam("token"), _outbox.state == OutboxState.LEASED.value
    )
    .values(lease_until=bindparam("until"))
)
_RELEASE_ALL = Prepared(
    update(schema.outbox)
    .where(UNSENT, _outbox.state == OutboxState.LEASED.value)
    .values(state=OutboxState.NEW.value, lease_token=None, lease_until=None)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimMessages(Upkeep["Claimed"]):
    """Lease up to a batch of messages that are due."""

    contends_for: ClassVar[str] = "outbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewLease(Upkeep[int]):
    """Keep a batch for another lease."""

    token: str
    contends_for: ClassVar[str] = "outbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseLeases(Upkeep[int]):
    """Free every lease: a single-process server does so at start, its predecessor being gone."""

    contends_for: ClassVar[str] = "outbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """The messages to send now, and how many were found overtaken, and could not be read."""

    messages: tuple[AnyMessage, ...]
    superseded: int
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What the commands of claiming run with."""

    context: Context
    capabilities: Capabilities
    outbox: Outbox

    def use_cases(self) -> UseCases:
        """Return how each of these commands is run."""
        return {
            ClaimMessages: one_by_one(ClaimMessages, self._claim),
            RenewLease: one_by_one(RenewLease, _renew),
            ReleaseLeases: one_by_one(ReleaseLeases, _release),
        }

    def _claim(self, transaction: Transaction, _command: ClaimMessages) -> Claimed:
        """Lease what is due and still relevant.

        All of it is durable together, at the commit. If the process dies before, nothing was
        claimed. If it dies after, the leases run out and the messages are claimed again: with the
        same links, which their rows name from here on, and the same Message-IDs.
        """
        connection, now = transaction.connection, transaction.now
        rows = _DUE.rows(connection, {"now": written(now), "count": BATCH})
        if not rows:
            return Claimed(messages=(), superseded=0, failed=0)
        held = self._held_for_each(transaction, [row for row in rows if row.kind in _GATHERING])
        every = [*rows, *chain.from_iterable(held.values())]
        batch = Batch(
            context=self.context,
            connection=connection,
            at=now,
            message_ids=tuple(row.id for row in rows),
            item_ids=frozenset(row.item_id for row in every if row.item_id is not None),
        )
        earlier = links.find_links(
            connection, [bytes(row.link_id) for row in every if row.link_id is not None]
        )
        token = self.context.entropy(16).hex()
        messages: list[AnyMessage] = []
        failed = 0
        for row in rows:
            try:
                parts = tuple(self._gathered(batch, held.get(row.id, []), token, earlier))
                message = self._claim_one(
                    batch, row, token, earlier.get(bytes(row.link_id or b"")), parts
                )
            except (DBAPIError, connection.dialect.loaded_dbapi.Error):
                raise  # the database's trouble, not this message's: the whole claim is made again
            except Exception as exc:
                log.exception("a message could not be claimed", outbox_id=row.id)
                _bury(connection, row.id, exc)
                failed += 1
                continue
            if message is not None:
                messages.append(message)
        return Claimed(
            messages=tuple(messages), superseded=len(rows) - len(messages) - failed, failed=failed
        )

    def _claim_one(
        self,
        batch: Batch,
        row: Row,
        token: str,
        earlier: Link | None,
        parts: tuple[AnyMessage, ...],
    ) -> AnyMessage | None:
        """Lease one message with its link; None where it need not go any more."""
        message = replace(_message(batch, row, token), parts=parts)
        mail = MAILS[message.kind]
        why = _recipient_left(batch, message) or mail.overtaken(batch, message)
        if why is not None:
            for each in (message, *parts):
                _supersede(batch.connection, each.id, why)
            return None
        given = self.capabilities.given(message, batch, earlier, mail.carries)
        _LEASE.run(batch.connection, _lease(given, batch))
        return given

    def _gathered(
        self, batch: Batch, rows: list[Row], token: str, earlier: Mapping[bytes, Link]
    ) -> Iterator[AnyMessage]:
        """Yield what a digest gathers, with its links; what need not go any more is dropped."""
        for row in rows:
            try:
                message = _message(batch, row, token)
                mail = MAILS[message.kind]
                why = mail.overtaken(batch, message)
                before = earlier.get(bytes(row.link_id or b""))
                if why is None:
                    message = self.capabilities.given(message, batch, before, mail.carries)
            except (DBAPIError, batch.connection.dialect.loaded_dbapi.Error):
                raise
            except Exception as exc:
                log.exception("a message could not be gathered", outbox_id=row.id)
                _bury(batch.connection, row.id, exc)
                continue
            if why is None:
                _GATHER.run(batch.connection, _lease(message, batch))
                yield message
            else:
                _supersede(batch.connection, row.id, why)

    def _held_for_each(self, transaction: Transaction, digests: list[Row]) -> dict[int, list[Row]]:
        """Return what waits for each digest; what waits for two of one person goes with the first.

        What one has no room for goes with a digest that follows it at once.
        """
        held: dict[int, list[Row]] = {}
        taken: set[int] = set()
        for digest in digests:
            at = read_params(DigestParameters, digest.params).at
            found = _held_for(transaction, digest, at, most=len(digests) * _MOST_GATHERED + 1)
            mine = [each for each in found if each.id not in taken]
            held[digest.id] = mine[:_MOST_GATHERED]
            taken.update(each.id for each in held[digest.id])
            if len(mine) > _MOST_GATHERED:
                rest = DigestDue(person=PersonId(digest.person), at=at + _FOLLOWS)
                self.outbox.add(transaction.connection, [rest])
        return held


def _held_for(transaction: Transaction, digest: Row, until: datetime, most: int) -> list[Row]:
    """Return the messages that wait for a digest, or for an earlier one that never left."""
    return _HELD_FOR_DIGEST.rows(
        transaction.connection,
        {
            "of_person": digest.person,
            "until": written(until),
            "now": written(transaction.now),
            "count": most,
        },
    )


def _lease(message: AnyMessage, batch: Batch) -> Values:
    return {
        "old_id": message.id,
        "until": written(batch.at + LEASE),
        "token": message.lease_token,
        "link": None if message.link is None else message.link.id,
    }


def _message(batch: Batch, row: Row, token: str) -> AnyMessage:
    """Return a row as a message. Raises ValueError where a later program wrote it."""
    kind = Kind(row.kind)
    person = None if row.person is None else PersonId(row.person)
    found = None if person is None else batch.directory.people.get(person)
    return OutboxMessage(
        id=row.id,
        dedupe_key=row.dedupe_key,
        message_id=row.message_id,
        kind=kind,
        person=person,
        address=row.address or (found.email if found else ""),
        item_id=None if row.item_id is None else ItemId(row.item_id),
        parameters=read_params(MAILS[kind].parameters, row.params),
        attempts=row.attempts,
        created_at=read_required(row.created_at),
        lease_token=token,
    )


def _recipient_left(batch: Batch, message: AnyMessage) -> Overtaken | None:
    if message.person is None:
        return None
    person = batch.directory.people.get(message.person)
    is_here = person is not None and person.is_active
    return None if is_here else ReminderReason.RECIPIENT_LEFT


def _supersede(connection: Connection, message: int, why: Overtaken) -> None:
    _CLOSE.run(
        connection,
        {"old_id": message, "new_state": OutboxState.SUPERSEDED.value, "detail": why.value},
    )
    reminder_ledger.settle_reminders(
        connection, message, state=ReminderState.SUPERSEDED, why=why.value
    )


def _bury(connection: Connection, message: int, failure: Exception) -> None:
    """Give up a message that cannot be read, so that it holds up no other; the Office is shown."""
    detail = f"{UNWRITABLE} {type(failure).__name__}"
    _CLOSE.run(
        connection, {"old_id": message, "new_state": OutboxState.DEAD.value, "detail": detail}
    )
    reminder_ledger.settle_reminders(
        connection, message, state=ReminderState.FAILED, why=ReminderReason.UNWRITABLE.value
    )


def _renew(transaction: Transaction, command: RenewLease) -> int:
    until = written(transaction.now + LEASE)
    return _RENEW.run(transaction.connection, {"token": command.token, "until": until})


def _release(transaction: Transaction, _command: ReleaseLeases) -> int:
    # Durable at the commit. If the process dies before, the next start frees them as well; whoever
    # still sends one of them finds its lease gone, and settles nothing.
    return _RELEASE_ALL.run(transaction.connection, {})
