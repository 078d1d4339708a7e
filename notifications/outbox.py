"""The outbox: intents to mail, written in the transaction that caused them.

Owns the table ``outbox`` and the way from events to rows. A row's dedupe key is unique, and so is
the Message-ID made of it: whatever is written twice goes once, and a retry is recognised as the
same mail. It must never send: what is written here leaves after the commit.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, time, timedelta
from typing import Final, TypeVar

from sqlalchemy import Connection, Insert, insert, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.base import SyntaxExtension

from notifications.mail_parameters import params_of
from notifications.mails import CAUSED_BY
from notifications.occasions import AmendmentNoted, DigestDue, DispatchNoted
from notifications.outbox_states import HELD_BACK, OutboxState
from notifications.preferences import digest_hours
from workflow.deadlines import WorkingCalendar
from workflow.events import (
    AddressChanged,
    DossierSent,
    Event,
    PersonLeft,
    TaskReason,
)
from workflow.lookups.agency import Agency
from workflow.model import PersonId, ReminderReason, ReminderState
from workflow.office_events import DepartmentReminded
from workflow.recipient_events import SendingAmended
from workflow.store import schema
from workflow.store.instants import written
from workflow.store.prepared import ByKeys, Prepared, Values

Occasion = TypeVar("Occasion")
MAILS_NOBODY: Final = (AddressChanged, PersonLeft)
"""The events that cause no mail."""
_BY_HAND = 0
"""The rung of reminders that the Office sent by hand."""

_outbox = schema.outbox.c
_IDS = ByKeys(select(_outbox.id, _outbox.dedupe_key), _outbox.dedupe_key)
_HAND_REMINDER = Prepared(insert(schema.reminders))


_MARGIN = timedelta(minutes=1)
"""A mail that is written so shortly before a digest waits for the next: that one may be leaving."""


def next_digest(calendar: WorkingCalendar, hours: Sequence[int], after: datetime) -> datetime:
    """Return the next of these hours on a working day."""
    day = calendar.local_day(after)
    while True:
        for hour in sorted(hours):
            at = calendar.at(day, time(hour))
            if calendar.is_working(day) and at > after + _MARGIN:
                return at
        day += timedelta(days=1)


class _UnlessThere(SyntaxExtension, ClauseElement):
    """The clause by which an insert leaves what is there already: the same in both databases."""

    inherit_cache = True

    def apply_to_insert(self, insert_stmt: Insert) -> None:
        """Stand after the values."""
        insert_stmt.apply_syntax_extension_point(lambda _: [self], "post_values")


@compiles(_UnlessThere)
def _on_conflict_do_nothing(_element: ClauseElement, _compiler: object, **_: object) -> str:
    return "ON CONFLICT DO NOTHING"


_ADD = Prepared(insert(schema.outbox).ext(_UnlessThere()), is_keyed=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbox:
    """Writes intents for one deployment."""

    deployment: str
    domain: str
    agency: Agency
    clock: Callable[[], datetime]
    calendar: Callable[[], WorkingCalendar]

    def publish(self, connection: Connection, events: Sequence[Event]) -> None:
        """Write the mails that ``events`` cause; called once, last, inside their transaction.

        They are durable with the commit that makes the events true. If the process dies before it,
        neither is; if it dies after, delivery finds the mails at its next look.
        """
        self.add(connection, (each for event in events for each in self._occasions(event)))
        for event in events:
            if isinstance(event, DepartmentReminded):
                self._note_in_ledger(connection, event)

    def add(self, connection: Connection, occasions: Iterable[object]) -> None:
        """Write the mails of ``occasions``, where they are not there yet."""
        now, occasions = self.clock(), list(occasions)
        is_gatherable = any(CAUSED_BY[type(each)].is_gathered for each in occasions)
        chosen = digest_hours(connection) if is_gatherable else {}
        rows: list[Values] = []
        for occasion in occasions:
            leaves_at = CAUSED_BY[type(occasion)].schedule(connection, occasion, now)
            if leaves_at is None:
                continue
            row = self._row(occasion, written(now), written(leaves_at))
            digest = self._digest_of(chosen, occasion, max(leaves_at, now))
            if digest is not None:
                hour = written(digest.at)
                row = {**row, "next_at": HELD_BACK, "due_at": hour}
                rows.append(self._row(digest, written(now), hour))
            rows.append(row)
        _ADD.many(connection, rows)

    def _digest_of(
        self, chosen: Mapping[PersonId, Sequence[int]], occasion: object, leaves_at: datetime
    ) -> DigestDue | None:
        """Return the digest that brings the mail of an occasion; None where it goes by itself."""
        person: PersonId | None = getattr(occasion, "person", None)
        is_asked_for = getattr(occasion, "why", None) is TaskReason.RESENT
        if person is None or is_asked_for or not CAUSED_BY[type(occasion)].is_gathered:
            return None
        hours = chosen.get(person)
        if not hours:
            return None
        return DigestDue(person=person, at=next_digest(self.calendar(), hours, leaves_at))

    def unwritten(self, connection: Connection, occasions: Sequence[Occasion]) -> list[Occasion]:
        """Return those of ``occasions`` that no mail tells of yet."""
        keys = [CAUSED_BY[type(each)].key_of(each) for each in occasions]
        known = {row.dedupe_key for row in _IDS.rows(connection, keys)}
        return [each for each, key in zip(occasions, keys, strict=True) if key not in known]

    def ids_of(self, connection: Connection, occasions: Sequence[object]) -> list[int]:
        """Return the ids of the messages of ``occasions``, in their order."""
        keys = [CAUSED_BY[type(each)].key_of(each) for each in occasions]
        found = {row.dedupe_key: int(row.id) for row in _IDS.rows(connection, keys)}
        return [found[key] for key in keys]

    def message_id(self, key: str) -> str:
        """Return the stable Message-ID of a dedupe key (RFC 5322 §3.6.4)."""
        digest = hashlib.sha256(f"{self.deployment}:{key}".encode()).hexdigest()
        return f"<{digest[:32]}@{self.domain}>"

    def _occasions(self, event: Event) -> Iterator[object]:
        """Yield what an event causes mail by: itself, or for each body outside a notice."""
        if isinstance(event, DossierSent | SendingAmended):
            noted = DispatchNoted if isinstance(event, DossierSent) else AmendmentNoted
            for outside in self.agency.outside:
                yield noted(
                    outside=outside.id,
                    address=outside.email,
                    name=outside.name,
                    **asdict(event),
                )
        elif not isinstance(event, MAILS_NOBODY):
            yield event

    def _row(self, occasion: object, now: str | None, leaves_at: str | None) -> Values:
        """Return a row: to a person, whose address is looked up when it leaves, or an address."""
        mail = CAUSED_BY[type(occasion)]
        key = mail.key_of(occasion)
        return {
            "dedupe_key": key,
            "message_id": self.message_id(key),
            "kind": mail.kind.value,
            "person": getattr(occasion, "person", None),
            "address": getattr(occasion, "address", None),
            "item_id": getattr(occasion, "item", None),
            "params": params_of(mail.parameters, occasion),
            "state": OutboxState.NEW.value,
            "attempts": 0,
            "possible_duplicates": 0,
            "next_at": leaves_at,
            "scheduled_at": now,
            "due_at": leaves_at,
            "created_at": now,
        }

    def _note_in_ledger(self, connection: Connection, event: DepartmentReminded) -> None:
        (message,) = self.ids_of(connection, [event])
        row = {
            "deadline_id": event.deadline,
            "rung": _BY_HAND,
            "person": event.person,
            "due_on": event.occurrence,
            "departments": event.department,
            "at": event.occurrence,
            "state": ReminderState.PLANNED.value,
            "reason": ReminderReason.BY_HAND.value,
            "outbox_id": message,
        }
        _HAND_REMINDER.run(connection, row)
