"""What is wrong with mail and clock: undeliverable letters, a waiting outbox, a silent clock.

Owns what stands on the Office's page beside the concerns of the core, and the command that sends a
dead letter again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

import orjson
from sqlalchemy import Connection, bindparam, case, func, select, update

from notifications.messages import BAD_ADDRESS, NO_SMTPUTF8, UNWRITABLE, Kind
from notifications.outbox_states import IS_DEAD, UNSENT, OutboxState
from notifications.translation import translate
from workflow.command import Command
from workflow.commands.execute import Transaction, UseCases, one_by_one
from workflow.commands.people import ChangeAddress, change_address
from workflow.context import Context
from workflow.model import PersonId, ReminderReason
from workflow.people import require_office
from workflow.store import definitions, reminder_ledger, schema
from workflow.store.counting import count_up_to
from workflow.store.instants import read, read_required, written
from workflow.store.prepared import Prepared

LAST_TICK = "last_tick"
LAST_REMINDED = "last_reminded"
"""Setting: up to when rungs have been looked for; behind the last tick where that phase failed."""
TICK_FAILURES = "tick_failures"
"""Setting: which phases of the tick fail, since when and how, as JSON; empty where none does."""
CLOCK_SILENT = timedelta(minutes=3)
MAIL_WAITS = timedelta(minutes=15)
_MOST_DEAD = 1000
"""Undeliverable letters are counted up to here where a page only says how many."""

_outbox = schema.outbox.c
_DEAD = Prepared(
    select(
        _outbox.id,
        _outbox.person,
        _outbox.address,
        _outbox.kind,
        _outbox.last_code,
        _outbox.created_at,
    )
    .where(IS_DEAD)
    .order_by(_outbox.id.desc())
)
_COUNT_UNSENT = Prepared(select(func.count()).select_from(schema.outbox).where(UNSENT))
_SEND_AGAIN = Prepared(
    update(schema.outbox)
    .where(IS_DEAD, _outbox.id == bindparam("old_id"))
    .values(
        state=OutboxState.NEW.value,
        attempts=0,
        link_id=None,
        next_at=bindparam("now"),
        scheduled_at=bindparam("now"),
        due_at=bindparam("now"),
        last_code=None,
    )
)
# What was never answered waits since it was to leave, however often the relay could not be reached;
# what its own server put off waits from its next try on.
_WAITING = Prepared(
    select(func.min(case((_outbox.attempts == 0, _outbox.due_at), else_=_outbox.next_at))).where(
        UNSENT
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SendAgain(Command[bool]):
    """Try an undeliverable letter again, to its person's address of then.

    ``address``: how that is corrected first. Answers whether the letter was undeliverable.
    """

    message: int
    address: ChangeAddress | None = None
    contends_for: ClassVar[str] = "outbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class Undelivered:
    """A letter that could not be delivered: to a person, or to an outside ``address``."""

    message: int
    person: PersonId | None
    address: str | None
    kind: Kind | None
    """None: of a program later than this one."""
    detail: str
    since: datetime

    @property
    def why(self) -> str:
        """Return why it could not be delivered, and what to do."""
        return in_words(self.detail)


def in_words(detail: str) -> str:
    """Return the end of an attempt as a sentence, with the server's code for whoever asks there."""
    if detail.startswith(UNWRITABLE):
        return translate(
            "This mail could not be written because something is wrong with its data "
            "({detail}). Tell the administrator.",
            detail=detail,
        )
    if detail == NO_SMTPUTF8:
        return translate(
            "The mail server takes no address with letters beyond ASCII. Use an "
            "address without diacritics."
        )
    if detail == BAD_ADDRESS:
        return translate(
            "No mail can be sent to this address. Correct it to one like name@agency.vn."
        )
    if detail.startswith("5"):
        return translate(
            "The receiving server refused it for good ({detail}). Check the address "
            "with the recipient.",
            detail=detail,
        )
    return translate(
        "The receiving server did not take it after many tries ({detail}).", detail=detail
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedPhase:
    """A phase of the clock's tick that fails, since when, and the name of the error."""

    name: str
    detail: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Troubles:
    """All that is wrong with mail and clock; a time is None where that is in order."""

    undelivered: tuple[Undelivered, ...]
    failed_phases: tuple[FailedPhase, ...]
    waiting_since: datetime | None
    clock_silent_since: datetime | None

    def __bool__(self) -> bool:
        """Return whether anything is wrong."""
        return bool(
            self.undelivered or self.failed_phases or self.waiting_since or self.clock_silent_since
        )


def troubles(context: Context, connection: Connection) -> Troubles:
    """Return what is wrong with mail and clock now."""
    now = context.clock()
    waiting, ticked = oldest_waiting(connection), read(definitions.setting(connection, LAST_TICK))
    return Troubles(
        undelivered=tuple(
            Undelivered(
                message=row.id,
                person=None if row.person is None else PersonId(row.person),
                address=row.address,
                kind=Kind(row.kind) if row.kind in set(Kind) else None,
                detail=row.last_code or "",
                since=read_required(row.created_at),
            )
            for row in _DEAD.rows(connection, {})
        ),
        failed_phases=failed_phases(connection),
        waiting_since=waiting if waiting is not None and now - waiting > MAIL_WAITS else None,
        clock_silent_since=ticked if ticked is not None and now - ticked > CLOCK_SILENT else None,
    )


def failed_phases(connection: Connection) -> tuple[FailedPhase, ...]:
    """Return which phases of the tick fail now."""
    kept = orjson.loads(definitions.setting(connection, TICK_FAILURES) or "{}")
    return tuple(
        FailedPhase(name=name, detail=each["detail"], since=read_required(each["since"]))
        for name, each in kept.items()
    )


def note_failures(connection: Connection, failed: Mapping[str, str], now: datetime) -> None:
    """Keep which phases fail, and by which error; since when stays for one that failed before."""
    before = {each.name: each for each in failed_phases(connection)}
    if not before and not failed:
        return
    kept = {
        name: {"detail": detail, "since": written(before[name].since if name in before else now)}
        for name, detail in failed.items()
    }
    definitions.put_setting(connection, TICK_FAILURES, orjson.dumps(kept).decode())


def oldest_waiting(connection: Connection) -> datetime | None:
    """Return since when the oldest unsent message has been due, or None."""
    return read(_WAITING.scalar(connection, {}))


def count_unsent(connection: Connection) -> int:
    """Return how many messages are not sent yet."""
    return int(_COUNT_UNSENT.scalar(connection, {}))


def count_waiting(connection: Connection, most: int) -> int:
    """Return how many messages are not sent yet, not counting beyond ``most``."""
    return count_up_to(connection, UNSENT, most)


def count_dead(connection: Connection, most: int) -> int:
    """Return how many messages are undeliverable, not counting beyond ``most``."""
    return count_up_to(connection, IS_DEAD, most)


def count_troubles(connection: Connection) -> int:
    """Return how many letters are undeliverable and how many phases of the tick fail."""
    return count_dead(connection, _MOST_DEAD) + len(failed_phases(connection))


def send_again(transaction: Transaction, command: SendAgain) -> bool:
    """Put a dead letter back among the due ones, as if it were new, with its reminders."""
    require_office(transaction.directory.active(command.cause.actor))
    if command.address is not None:
        change_address(transaction, command.address)
    connection, now = transaction.connection, transaction.now
    if _SEND_AGAIN.run(connection, {"old_id": command.message, "now": written(now)}) != 1:
        return False
    why = ReminderReason.SENT_AGAIN.value
    reminder_ledger.plan_again(connection, command.message, why=why)
    return True


USE_CASES: UseCases = {SendAgain: one_by_one(SendAgain, send_again)}
