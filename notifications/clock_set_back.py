"""What a clock that ran ahead leaves behind, once it is set right.

Owns the one command that frees it: mail put off to a time that only that clock knew, leases that
no lease can last, reminders of rungs that have not come yet. What was planned ahead of time is
forgotten, and planned again when its time comes.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from sqlalchemy import bindparam, delete, or_, select, update

from notifications.messages import LEASE, Kind
from notifications.outbox_states import UNSENT, OutboxState
from workflow.command import Upkeep
from workflow.commands.execute import Transaction, UseCases, one_by_one
from workflow.store import schema
from workflow.store.instants import written

CLOCKS_DIFFER = timedelta(minutes=5)
"""How far the clocks of several machines may lie apart."""

_outbox = schema.outbox.c
_AHEAD = (UNSENT, _outbox.scheduled_at > bindparam("soon"))
_PLANNED_AHEAD = select(_outbox.id).where(*_AHEAD, _outbox.kind == Kind.REMINDER.value)
_FORGET_ROWS = delete(schema.reminders).where(
    or_(
        schema.reminders.c.outbox_id.in_(_PLANNED_AHEAD),
        (schema.reminders.c.outbox_id.is_(None)) & (schema.reminders.c.at > bindparam("soon")),
    )
)
_FORGET_DIGESTS = delete(schema.outbox).where(_outbox.id.in_(_PLANNED_AHEAD))
_FREE = (
    update(schema.outbox)
    .where(
        UNSENT,
        or_(_outbox.scheduled_at > bindparam("soon"), _outbox.lease_until > bindparam("longest")),
    )
    .values(
        state=OutboxState.NEW.value,
        lease_token=None,
        lease_until=None,
        next_at=bindparam("now_is"),
        scheduled_at=bindparam("now_is"),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowClock(Upkeep[int]):
    """Free what only a clock that ran ahead holds back; answers how many messages were freed."""

    contends_for: ClassVar[str] = "outbox"


def _follow(transaction: Transaction, _command: FollowClock) -> int:
    connection, now = transaction.connection, transaction.now
    soon = {"soon": written(now + CLOCKS_DIFFER)}
    connection.execute(_FORGET_ROWS, soon)
    connection.execute(_FORGET_DIGESTS, soon)
    return connection.execute(
        _FREE, {**soon, "longest": written(now + LEASE + CLOCKS_DIFFER), "now_is": written(now)}
    ).rowcount


USE_CASES: UseCases = {FollowClock: one_by_one(FollowClock, _follow)}
