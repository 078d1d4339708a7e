"""What is wrong with mail and clock, and how it is mended: undeliverable letters, a waiting outbox, a silent clock.

Owns what stands on the Office's page beside the concerns of the core, and the command that sends a dead letter again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, func, literal_column, select, update

from notifications.messages import Kind
from workflow.model import PersonId
from workflow.service import Context
from workflow.store import definitions, tables
from workflow.store.instants import read, read_required, written
from workflow.store.prepared import Prepared

LAST_TICK = "last_tick"
CLOCK_SILENT = timedelta(minutes=3)
MAIL_WAITS = timedelta(minutes=15)

_outbox = tables.outbox.c
_IS_DEAD = _outbox.state == literal_column("'dead'")
"""What the partial index is over, in its very words."""
_DEAD = Prepared(
    select(_outbox.id, _outbox.person, _outbox.address, _outbox.kind, _outbox.last_code, _outbox.created_at)
    .where(_IS_DEAD)
    .order_by(_outbox.id.desc())
)
_SEND_AGAIN = Prepared(
    update(tables.outbox).where(_IS_DEAD, _outbox.id == bindparam("old_id")).values(state="new", attempts=0, next_at=bindparam("now"))
)
_UNSENT = _outbox.state.in_([literal_column("'new'"), literal_column("'leased'")])
_WAITING = Prepared(select(func.min(_outbox.next_at)).where(_UNSENT))


@dataclass(frozen=True, slots=True, kw_only=True)
class SendAgain:
    """Try an undeliverable letter again, to whatever address its person has by now."""

    message: int
    key: str = "outbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class Undelivered:
    """A letter that could not be delivered: to a person, or to an outside ``address``."""

    message: int
    person: PersonId | None
    address: str | None
    kind: Kind
    detail: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Troubles:
    """All that is wrong with mail and clock; a time is None where that is in order."""

    undelivered: tuple[Undelivered, ...]
    waiting_since: datetime | None
    clock_silent_since: datetime | None

    def __bool__(self) -> bool:
        """Return whether anything is wrong."""
        return bool(self.undelivered or self.waiting_since or self.clock_silent_since)


def troubles(context: Context, connection: Connection) -> Troubles:
    """Return what is wrong with mail and clock now."""
    now = context.clock()
    waiting, ticked = oldest_waiting(connection), read(definitions.setting(connection, LAST_TICK))
    return Troubles(
        undelivered=tuple(
            Undelivered(
                message=row[0],
                person=None if row[1] is None else PersonId(row[1]),
                address=row[2],
                kind=Kind(row[3]),
                detail=row[4] or "",
                since=read_required(row[5]),
            )
            for row in _DEAD.rows(connection, {})
        ),
        waiting_since=waiting if waiting is not None and now - waiting > MAIL_WAITS else None,
        clock_silent_since=ticked if ticked is not None and now - ticked > CLOCK_SILENT else None,
    )


def oldest_waiting(connection: Connection) -> datetime | None:
    """Return since when the oldest unsent message has been due, or None."""
    return read(_WAITING.rows(connection, {})[0][0])


def send_again(context: Context, connection: Connection, commands: Sequence[SendAgain]) -> list[bool]:
    """Put dead letters back among the due ones; answer whether each was dead."""
    return [_SEND_AGAIN.run(connection, {"old_id": command.message, "now": written(context.clock())}) == 1 for command in commands]
