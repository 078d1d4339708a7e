"""Settle: the write command that records how attempts to send ended.

Owns what each ending makes of a message, and how often and when one is tried again. An attempt
whose lease was lost meanwhile settles nothing: whoever holds the message now settles it.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from sqlalchemy import Connection, bindparam, update

from notifications.messages import UNWRITABLE, AnyMessage, Ending, SendingAttempt
from notifications.outbox_states import OutboxState
from workflow.command import Upkeep
from workflow.commands.execute import Transaction, UseCases, one_by_one
from workflow.model import ReminderReason, ReminderState
from workflow.store import reminder_ledger, schema
from workflow.store.instants import written
from workflow.store.prepared import Prepared

TRIES = 30
"""Tries before a message is given up: four to five days by these steps (RFC 5321 §4.5.4.1).

Counted, not told by the clock: neither a clock that is set right nor a week of being switched off
gives up what was hardly tried.
"""
_STEPS_MINUTES = (5, 15, 30, 60, 120, 240)
"""Minutes between tries; the last one repeats."""
_UNWRITABLE_TRIES = 3
_CHANNEL_WAIT = timedelta(seconds=60)
_DETAIL_MOST = 300

_outbox = schema.outbox.c
_END = Prepared(
    update(schema.outbox)
    .where(
        _outbox.id == bindparam("old_id"),
        _outbox.lease_token == bindparam("token"),
        _outbox.state == OutboxState.LEASED.value,
    )
    .values(
        state=bindparam("new_state"),
        attempts=_outbox.attempts + bindparam("tries"),
        next_at=bindparam("new_next_at"),
        scheduled_at=bindparam("ended_at"),
        last_code=bindparam("detail"),
        sent_at=bindparam("at"),
        possible_duplicates=_outbox.possible_duplicates + bindparam("doubts"),
        lease_token=None,
        lease_until=None,
    )
)
# A part keeps its ``next_at``: it goes with a digest, or not at all.
_END_PART = Prepared(
    update(schema.outbox)
    .where(
        _outbox.id == bindparam("old_id"),
        _outbox.lease_token == bindparam("token"),
        _outbox.state == OutboxState.LEASED.value,
    )
    .values(
        state=bindparam("new_state"),
        last_code=bindparam("detail"),
        sent_at=bindparam("at"),
        lease_token=None,
        lease_until=None,
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleMessages(Upkeep[int]):
    """Record how attempts ended; answers how many were still under their lease."""

    attempts: tuple[SendingAttempt, ...]
    contends_for: ClassVar[str] = "outbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What becomes of a message after an attempt; ``waits``: until it may be tried again."""

    state: OutboxState
    waits: timedelta = timedelta()
    was_tried: bool = True
    is_doubtful: bool = False
    """Whether the relay may have taken the letter all the same."""


def outcome_of(attempt: SendingAttempt, jitter: float) -> Outcome:
    """Return what an ending makes of a message; ``jitter`` stretches the wait for the next try."""
    match attempt.ending:
        case Ending.SENT:
            return Outcome(state=OutboxState.SENT)
        case Ending.DEAD:
            return Outcome(state=OutboxState.DEAD)
        case Ending.NOT_TRIED:
            return Outcome(state=OutboxState.NEW, was_tried=False)
        case Ending.CHANNEL_TEMPORARY | Ending.CHANNEL_PERMANENT:
            return Outcome(state=OutboxState.NEW, waits=_CHANNEL_WAIT, was_tried=False)
        case Ending.RETRY | Ending.AMBIGUOUS:
            tried = attempt.message.attempts
            most = _UNWRITABLE_TRIES if attempt.detail.startswith(UNWRITABLE) else TRIES
            if tried + 1 >= most:
                return Outcome(state=OutboxState.DEAD)
            minutes = _STEPS_MINUTES[min(tried, len(_STEPS_MINUTES) - 1)]
            return Outcome(
                state=OutboxState.NEW,
                waits=timedelta(minutes=minutes * jitter),
                is_doubtful=attempt.ending is Ending.AMBIGUOUS,
            )


def _settle(transaction: Transaction, command: SettleMessages) -> int:
    # Nothing here is durable before the commit. If the process dies until then, the relay has some
    # letters and the outbox says leased: after the lease they are claimed and sent again, with the
    # same link and the same Message-ID, so that a reader's program knows them as the same.
    return sum(
        _settle_one(transaction.connection, attempt, transaction.now)
        for attempt in command.attempts
    )


def _settle_one(connection: Connection, attempt: SendingAttempt, now: datetime) -> int:
    message = attempt.message
    outcome = outcome_of(attempt, random.uniform(0.8, 1.2))  # noqa: S311 - jitter, not a secret
    values = {
        "old_id": message.id,
        "token": message.lease_token,
        "new_state": outcome.state.value,
        "tries": int(outcome.was_tried),
        "new_next_at": written(now + outcome.waits),
        "detail": attempt.detail[:_DETAIL_MOST],
        "at": written(now if outcome.state is OutboxState.SENT else None),
        "ended_at": written(now),
        "doubts": int(outcome.is_doubtful),
    }
    if _END.run(connection, values) != 1:
        return 0
    if outcome.state is OutboxState.SENT:
        reminder_ledger.settle_sent(connection, message.id)
    elif outcome.state is OutboxState.DEAD:
        why = f"{ReminderReason.NOT_SENT} {attempt.detail}"[:_DETAIL_MOST]
        reminder_ledger.settle_reminders(
            connection, message.id, state=ReminderState.FAILED, why=why
        )
    _settle_parts(connection, message, now if outcome.state is OutboxState.SENT else None)
    return 1


def _settle_parts(connection: Connection, digest: AnyMessage, sent_at: datetime | None) -> None:
    """Settle what a digest gathered: not sent, it waits for its next try, or another digest."""
    state = OutboxState.NEW if sent_at is None else OutboxState.SENT
    ended = {
        "new_state": state.value,
        "detail": None if sent_at is None else digest.kind.value,
        "at": written(sent_at),
        "token": digest.lease_token,
    }
    for part in digest.parts:
        _END_PART.run(connection, {**ended, "old_id": part.id})


USE_CASES: UseCases = {SettleMessages: one_by_one(SettleMessages, _settle)}
