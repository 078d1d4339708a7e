"""Tasks that follow one another on one item become one mail.

Owns what happens to the mail of a task that has not left when the next one is written for the same
person, item and step, and how often an author who is still typing may write to a holder. A mail
that may have left is never changed.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, literal_column, select, update

from notifications.mail_parameters import TaskParameters, params_of, read_params
from notifications.messages import Kind
from notifications.outbox_states import HELD_BACK, OutboxState
from workflow.events import TaskAssigned, TaskReason
from workflow.store import schema
from workflow.store.instants import read_required, written
from workflow.store.prepared import Prepared, Row

QUIET = timedelta(seconds=4)
"""How long after an edit its mail waits for the next one."""
MOST_QUIET = timedelta(minutes=1)
"""How long a mail waits for edits that follow one another."""
BETWEEN = timedelta(minutes=10)
"""How long after the mail of an edit the next one goes at the earliest.

Meanwhile the page of the older link says so, and mails a fresh one.
"""
_LOOKED_AT = 20

_outbox = schema.outbox.c
_OF_HOLDER = Prepared(
    select(
        _outbox.id,
        _outbox.state,
        _outbox.attempts,
        _outbox.possible_duplicates,
        _outbox.next_at,
        _outbox.params,
        _outbox.created_at,
        _outbox.sent_at,
    )
    .where(
        _outbox.item_id == bindparam("of_item"),
        _outbox.person == bindparam("of_person"),
        _outbox.kind == literal_column(f"'{Kind.TASK.value}'"),
    )
    .order_by(_outbox.id.desc())
    .limit(_LOOKED_AT)
)
_REPLACE = Prepared(
    update(schema.outbox)
    .where(
        _outbox.id == bindparam("old_id"),
        _outbox.state == OutboxState.NEW.value,
        _outbox.attempts == 0,
    )
    .values(
        params=bindparam("new_params"),
        link_id=None,
        next_at=bindparam("at"),
        scheduled_at=bindparam("now"),
    )
)


def coalesce(connection: Connection, event: TaskAssigned, now: datetime) -> datetime | None:
    """Return when the mail of a task may leave; None where one that has not left says it now."""
    if event.why == TaskReason.ENTERED:
        return now  # the first of its step: nothing waits
    rows = _OF_HOLDER.rows(connection, {"of_item": event.item, "of_person": event.person})
    earliest = _earliest(rows, now) if event.why == TaskReason.EDITED else now
    pending = _pending(rows, event)
    if pending is None:
        return max(earliest, now + QUIET) if event.why == TaskReason.EDITED else now
    said = read_params(TaskParameters, pending.params)
    why = said.why if said.why is TaskReason.ENTERED else event.why
    at = now
    if why is TaskReason.EDITED:
        longest = read_required(pending.created_at) + MOST_QUIET
        at = max(earliest, min(now + QUIET, max(longest, now)))
    # One that a digest will gather goes on waiting for it, until it is asked for.
    waits_for_digest = pending.next_at == HELD_BACK and event.why is not TaskReason.RESENT
    values = {
        "old_id": pending.id,
        "new_params": params_of(TaskParameters, replace(event, why=why)),
        "at": HELD_BACK if waits_for_digest else written(at),
        "now": written(now),
    }
    return None if _REPLACE.run(connection, values) == 1 else at


def _pending(rows: list[Row], event: TaskAssigned) -> Row | None:
    """Return the mail of the same step that certainly nobody has got.

    That is one which is not on its way, and was never handed over without an answer.
    """
    for row in rows:
        is_untried = (
            row.state == OutboxState.NEW and not row.attempts and not row.possible_duplicates
        )
        if is_untried and read_params(TaskParameters, row.params).step == event.step:
            return row
    return None


def _earliest(rows: list[Row], now: datetime) -> datetime:
    """Return when the next mail about an edit may go: some time after the last one left.

    A time to come, of a clock that ran ahead, is no last time.
    """
    sent = [
        read_required(row.sent_at)
        for row in rows
        if row.sent_at is not None
        and read_params(TaskParameters, row.params).why is TaskReason.EDITED
    ]
    return max((each + BETWEEN for each in sent if each <= now), default=now)
