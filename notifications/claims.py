"""Claim and settle: the two write commands of delivery.

Claiming leases messages for 45 seconds under a fencing token, drops those that are no longer relevant, and creates the
link a mail needs. Settling records how attempts ended; a lease that was lost meanwhile settles nothing.

Crash order: after a claim and before settling, the lease runs out and the same message is claimed again, with the same
link row and the same Message-ID. Nothing is lost; at worst the same mail arrives twice and is known as the same.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

import orjson
import structlog
from sqlalchemy import Connection, bindparam, or_, select, update
from sqlalchemy.exc import DBAPIError

from notifications.capabilities import Capabilities
from notifications.messages import LEASE, UNWRITABLE, Attempt, Ending, Kind, Message
from notifications.outbox_states import UNSENT, OutboxState
from notifications.translation import translate
from workflow.command import Upkeep
from workflow.commands.execute import Transaction, UseCases, one_by_one
from workflow.context import Context
from workflow.links import Link
from workflow.lookups.obligations import obligations
from workflow.messages import lazy
from workflow.model import Item, ItemId, Person, PersonId, ReminderState
from workflow.store import deadlines, held_items, items, links, reminder_ledger, schema
from workflow.store.instants import read_required, written
from workflow.store.prepared import Prepared, Row

BATCH = 50
_STEPS_MINUTES = (5, 15, 30, 60, 120, 240)
"""Minutes between tries; the last one repeats."""
TRIES = 30
"""Tries before a message is given up: they take four to five days by these steps (RFC 5321 §4.5.4.1).

Counted, not told by the clock: neither a clock that is set right nor a week of being switched off gives up what was hardly tried.
"""
_CHANNEL_WAIT = timedelta(seconds=60)
_UNWRITABLE_TRIES = 3
_UNWRITTEN = lazy("The mail could not be written.")

log = structlog.get_logger()

_outbox = schema.outbox.c
_DUE = Prepared(
    select(
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
    .where(
        UNSENT,
        _outbox.next_at <= bindparam("now"),
        or_(_outbox.state == OutboxState.NEW.value, _outbox.lease_until < bindparam("now")),
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
_BURY = Prepared(
    update(schema.outbox)
    .where(_outbox.id == bindparam("old_id"))
    .values(
        state=OutboxState.DEAD.value,
        last_code=bindparam("detail"),
        lease_token=None,
        lease_until=None,
    )
)
_RENEW = Prepared(
    update(schema.outbox)
    .where(
        UNSENT, _outbox.lease_token == bindparam("token"), _outbox.state == OutboxState.LEASED.value
    )
    .values(lease_until=bindparam("until"))
)
_END = Prepared(
    update(schema.outbox)
    .where(
        _outbox.id == bindparam("old_id"),
        _outbox.lease_token == bindparam("token"),
        _outbox.state == OutboxState.LEASED.value,
    )
    .values(
        state=bindparam("new_state"),
        attempts=bindparam("new_attempts"),
        next_at=bindparam("new_next_at"),
        scheduled_at=bindparam("ended_at"),
        last_code=bindparam("detail"),
        sent_at=bindparam("at"),
        possible_duplicates=_outbox.possible_duplicates + bindparam("doubt"),
        lease_token=None,
        lease_until=None,
    )
)
_RELEASE_ALL = Prepared(
    update(schema.outbox)
    .where(UNSENT, _outbox.state == OutboxState.LEASED.value)
    .values(state=OutboxState.NEW.value, lease_token=None, lease_until=None)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimMessages(Upkeep["Claimed"]):
    """Lease up to a batch of messages that are due."""

    is_repeatable: ClassVar[bool] = True
    contends_for: ClassVar[str] = "outbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewLease(Upkeep[int]):
    """Keep a batch for another lease."""

    is_repeatable: ClassVar[bool] = True
    token: str
    contends_for: ClassVar[str] = "outbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleMessages(Upkeep[int]):
    """Record how attempts ended."""

    is_repeatable: ClassVar[bool] = True
    attempts: tuple[Attempt, ...]
    contends_for: ClassVar[str] = "outbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseLeases(Upkeep[int]):
    """Free every lease: a single-process server does so at start, for its predecessor is gone."""

    is_repeatable: ClassVar[bool] = True
    contends_for: ClassVar[str] = "outbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """The messages to send now, and how many were found overtaken."""

    messages: tuple[Message, ...]
    superseded: int
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Round:
    """What the messages of one claim have in common."""

    at: datetime
    token: str
    people: Mapping[PersonId, Person]
    items: Mapping[ItemId, Item]
    links: Mapping[bytes, Link]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What the commands of delivery run with."""

    context: Context
    capabilities: Capabilities

    def use_cases(self) -> UseCases:
        """Return how each command of delivery is run."""
        return {
            ClaimMessages: one_by_one(ClaimMessages, self._claim),
            RenewLease: one_by_one(RenewLease, _renew),
            SettleMessages: one_by_one(SettleMessages, self._settle_all),
            ReleaseLeases: one_by_one(ReleaseLeases, _release),
        }

    def _settle_all(self, transaction: Transaction, command: SettleMessages) -> int:
        """Record endings; answer how many were still under their lease."""
        return sum(self._settle(transaction.connection, attempt) for attempt in command.attempts)

    def _claim(self, transaction: Transaction, _command: ClaimMessages) -> Claimed:
        """Lease what is due and still relevant."""
        connection, now = transaction.connection, transaction.now
        token = self.context.entropy(16).hex()
        rows = _DUE.rows(connection, {"now": written(now), "count": BATCH})
        if not rows:
            return Claimed(messages=(), superseded=0, failed=0)
        round_ = _Round(
            at=now,
            token=token,
            people=self.context.directory(connection, now).people,
            items=items.items_by_id(
                connection, {row.item_id for row in rows if row.item_id is not None}
            ),
            links=links.find_links(
                connection, [bytes(row.link_id) for row in rows if row.link_id is not None]
            ),
        )
        messages: list[Message] = []
        failed = 0
        for row in rows:
            try:
                message = self._claim_one(connection, row, round_)
            except (DBAPIError, connection.dialect.loaded_dbapi.Error):
                raise  # the database's trouble, not this message's: the whole round is made again
            except Exception as exc:
                log.exception("a message could not be claimed", outbox_id=row.id)
                _BURY.run(
                    connection, {"old_id": row.id, "detail": f"{UNWRITABLE} {type(exc).__name__}"}
                )
                reminder_ledger.settle_reminders(
                    connection, row.id, state=ReminderState.FAILED, why=translate(_UNWRITTEN)
                )
                failed += 1
                continue
            if message is not None:
                messages.append(message)
        return Claimed(
            messages=tuple(messages), superseded=len(rows) - len(messages) - failed, failed=failed
        )

    def _claim_one(self, connection: Connection, row: Row, round_: "_Round") -> Message | None:
        """Lease one message and give it its link; None where it need not go any more."""
        message = _message(row, round_.token, round_.people)
        lease = {"old_id": message.id, "until": written(round_.at + LEASE), "token": round_.token}
        _LEASE.run(connection, {**lease, "link": row.link_id})
        why = self._irrelevance(connection, message, round_.people, round_.items)
        if why is not None:
            self._supersede(connection, message, why, round_.at)
            return None
        first_link = round_.links.get(bytes(row.link_id or b""))
        given = self.capabilities.given(
            connection,
            message,
            round_.items.get(ItemId(message.item_id or 0)),
            first_link,
            round_.at,
        )
        if given.link is not first_link and given.link is not None:
            _LEASE.run(connection, {**lease, "link": given.link.id})
        return given

    def _irrelevance(
        self,
        connection: Connection,
        message: Message,
        people: Mapping[PersonId, Person],
        found: Mapping[ItemId, Item],
    ) -> str | None:
        """Return why a message need not go any more, or None."""
        person = people.get(message.person) if message.person is not None else None
        if message.person is not None and (person is None or not person.is_active):
            return translate("The recipient no longer works here.")
        match message.kind:
            case Kind.TASK:
                return self._task_irrelevance(connection, message, found)
            case Kind.REMINDER:
                return self._reminder_irrelevance(connection, message)
            case _:
                return None

    def _task_irrelevance(
        self, connection: Connection, message: Message, found: Mapping[ItemId, Item]
    ) -> str | None:
        item = found[ItemId(message.item_id or 0)]
        if (
            item.step != message.params["step"]
            or item.content_hash != message.params["content_hash"]
        ):
            return translate("The item has moved to another step or its content has changed.")
        if all(
            held.person != message.person
            for held in held_items.holders_by_item(connection, [item.id]).get(item.id, [])
        ):
            return translate("The recipient no longer holds the item.")
        return None

    def _reminder_irrelevance(self, connection: Connection, message: Message) -> str | None:
        """Drop from a digest what has been met meanwhile; a digest with nothing left does not go."""
        owed = obligations(self.context, connection)
        by_id = {each.id: each for each in deadlines.all_deadlines(connection)}
        left = 0
        for row in reminder_ledger.ledger_by_outbox(connection, [message.id]):
            deadline = by_id[row.deadline]
            if row.state is ReminderState.PLANNED and all(
                (deadline.campaign, deadline.kind, each) in owed.met for each in row.departments
            ):
                reminder_ledger.supersede_reminder(
                    connection, row.id, translate("The department has delivered its report.")
                )
            elif row.state is ReminderState.PLANNED:
                left += 1
        return (
            None if left else translate("The reports were delivered or the deadline has changed.")
        )

    def _supersede(self, connection: Connection, message: Message, why: str, now: datetime) -> None:
        _END.run(connection, _end_row(message, OutboxState.SUPERSEDED, now, detail=why))
        reminder_ledger.settle_reminders(
            connection, message.id, state=ReminderState.SUPERSEDED, why=why
        )

    def _settle(self, connection: Connection, attempt: Attempt) -> int:
        now = self.context.clock()
        message = attempt.message
        match attempt.ending:
            case Ending.SENT:
                done = _END.run(
                    connection,
                    _end_row(message, OutboxState.SENT, now, detail=attempt.detail, attempts=1),
                )
                if done:
                    reminder_ledger.settle_sent(connection, message.id)
            case Ending.DEAD:
                done = self._bury(connection, attempt, now)
            case Ending.RETRY | Ending.AMBIGUOUS:
                done = self._again(connection, attempt, now)
            case Ending.NOT_TRIED:
                done = _END.run(
                    connection, _end_row(message, OutboxState.NEW, now, detail=attempt.detail)
                )
            case Ending.CHANNEL_TEMPORARY | Ending.CHANNEL_PERMANENT:
                done = _END.run(
                    connection,
                    _end_row(
                        message,
                        OutboxState.NEW,
                        now,
                        detail=attempt.detail,
                        next_at=now + _CHANNEL_WAIT,
                    ),
                )
        return int(done == 1)

    def _bury(self, connection: Connection, attempt: Attempt, now: datetime) -> int:
        done = _END.run(
            connection,
            _end_row(attempt.message, OutboxState.DEAD, now, detail=attempt.detail, attempts=1),
        )
        if done:
            reminder_ledger.settle_reminders(
                connection,
                attempt.message.id,
                state=ReminderState.FAILED,
                why=translate("Not sent: {detail}", detail=attempt.detail)[:300],
            )
        return done

    def _again(self, connection: Connection, attempt: Attempt, now: datetime) -> int:
        message = attempt.message
        if message.attempts + 1 >= (
            _UNWRITABLE_TRIES if attempt.detail.startswith(UNWRITABLE) else TRIES
        ):
            return self._bury(connection, attempt, now)
        minutes = _STEPS_MINUTES[min(message.attempts, len(_STEPS_MINUTES) - 1)]
        wait = timedelta(minutes=minutes * random.uniform(0.8, 1.2))  # noqa: S311 - jitter, not a secret
        doubt = int(attempt.ending is Ending.AMBIGUOUS)
        return _END.run(
            connection,
            _end_row(
                message,
                OutboxState.NEW,
                now,
                detail=attempt.detail,
                attempts=1,
                next_at=now + wait,
                doubt=doubt,
            ),
        )


def _renew(transaction: Transaction, command: RenewLease) -> int:
    until = written(transaction.now + LEASE)
    return _RENEW.run(transaction.connection, {"token": command.token, "until": until})


def _release(transaction: Transaction, _command: ReleaseLeases) -> int:
    return _RELEASE_ALL.run(transaction.connection, {})


def _message(row: Row, token: str, people: Mapping[PersonId, Person]) -> Message:
    person = people.get(PersonId(row.person)) if row.person is not None else None
    return Message(
        id=row.id,
        dedupe_key=row.dedupe_key,
        message_id=row.message_id,
        kind=Kind(row.kind),
        person=None if row.person is None else PersonId(row.person),
        address=row.address or (person.email if person else ""),
        item_id=row.item_id,
        params=orjson.loads(row.params),
        attempts=row.attempts,
        created_at=read_required(row.created_at),
        lease_token=token,
    )


def _end_row(
    message: Message,
    state: OutboxState,
    now: datetime,
    *,
    detail: str,
    attempts: int = 0,
    next_at: datetime | None = None,
    doubt: int = 0,
) -> dict[str, Any]:
    return {
        "old_id": message.id,
        "token": message.lease_token,
        "new_state": state.value,
        "new_attempts": message.attempts + attempts,
        "new_next_at": written(next_at or now),
        "detail": detail[:300],
        "at": written(now) if state is OutboxState.SENT else None,
        "ended_at": written(now),
        "doubt": doubt,
    }
