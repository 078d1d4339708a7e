"""The outbox: intents to mail, written in the transaction that caused them.

Owns the table ``outbox`` and the way from events to rows. A row's dedupe key is unique, and so is the Message-ID made
of it: whatever is written twice goes once, and a retry is recognised as the same mail.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, insert, select

from notifications.coalescing import leaves_at, params_of
from notifications.messages import Kind
from notifications.outbox_states import OutboxState
from notifications.translation import translate
from workflow.commands.setup import Agency
from workflow.events import (
    AbsenceRecorded,
    AddressChanged,
    AuthorInformed,
    DecisionConfirmed,
    DelegationStarted,
    DepartmentReminded,
    DossierSent,
    Escalated,
    Event,
    ExtensionMoved,
    HolderReleased,
    ItemStuck,
    LinkDisowned,
    PersonInvited,
    PersonLeft,
    SaidOfItem,
    TaskAssigned,
    TransitionTold,
)
from workflow.store import schema
from workflow.store.instants import written
from workflow.store.prepared import Prepared

_outbox = schema.outbox.c


@lru_cache(maxsize=2)
def _insert(dialect: str) -> Prepared:
    """Return the insert that leaves what is there already; each database's own module is loaded only where it is used."""
    if dialect == "sqlite":
        from sqlalchemy.dialects import sqlite  # noqa: PLC0415 - see above

        return Prepared(sqlite.insert(schema.outbox).on_conflict_do_nothing())
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - see above

    return Prepared(postgresql.insert(schema.outbox).on_conflict_do_nothing())


_ID = Prepared(select(_outbox.id).where(_outbox.dedupe_key == bindparam("of_key")))
_HAND_REMINDER = Prepared(insert(schema.reminders))
_BY_HAND = 0
"""The rung of reminders that the Office sent by hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """An intent: to a person (whose address is looked up when it leaves) or to an outside address."""

    key: str
    kind: Kind
    person: int | None = None
    address: str | None = None
    item_id: int | None = None
    params: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbox:
    """Writes intents for one deployment."""

    deployment: str
    domain: str
    agency: Agency
    clock: Callable[[], datetime]

    def publish(self, connection: Connection, events: Sequence[Event]) -> None:
        """Write the mails that ``events`` cause. Called once, last, inside their transaction."""
        now = self.clock()
        by_time: dict[datetime, list[NewMessage]] = {}
        for event in events:
            # A task that a mail says which has not left needs none of its own.
            at = leaves_at(connection, event, now) if isinstance(event, TaskAssigned) else now
            if at is not None:
                by_time.setdefault(at, []).extend(self._messages(event))
        for at, messages in by_time.items():
            self.add(connection, messages, at)
        for event in events:
            if isinstance(event, DepartmentReminded):
                self._note_in_ledger(connection, event)

    def add(
        self,
        connection: Connection,
        messages: Iterable[NewMessage],
        next_at: datetime | None = None,
    ) -> None:
        """Write messages that are not there yet; they leave from ``next_at`` on (now by default)."""
        now = written(self.clock())
        leaves_at = written(next_at) or now
        rows = [
            {
                "dedupe_key": each.key,
                "message_id": self.message_id(each.key),
                "kind": each.kind.value,
                "person": each.person,
                "address": each.address,
                "item_id": each.item_id,
                "params": orjson.dumps(
                    each.params, option=orjson.OPT_PASSTHROUGH_DATACLASS
                ).decode(),
                "state": OutboxState.NEW.value,
                "attempts": 0,
                "possible_duplicates": 0,
                "next_at": leaves_at,
                "scheduled_at": now,
                "due_at": leaves_at,
                "created_at": now,
            }
            for each in messages
        ]
        _insert(connection.dialect.name).many(connection, rows)

    def id_of(self, connection: Connection, key: str) -> int:
        """Return the id of the message with that dedupe key."""
        return int(_ID.scalar(connection, {"of_key": key}))

    def message_id(self, key: str) -> str:
        """Return the stable Message-ID of a dedupe key (RFC 5322 §3.6.4)."""
        return f"<{hashlib.sha256(f'{self.deployment}:{key}'.encode()).hexdigest()[:32]}@{self.domain}>"

    def _note_in_ledger(self, connection: Connection, event: DepartmentReminded) -> None:
        row = {
            "deadline_id": event.deadline,
            "rung": _BY_HAND,
            "person": event.person,
            "due_on": event.occurrence,
            "departments": event.department,
            "at": event.occurrence,
            "state": "planned",
            "reason": translate("The Office reminded directly."),
            "outbox_id": self.id_of(connection, _remind_now_key(event)),
        }
        _HAND_REMINDER.run(connection, row)

    def _messages(self, event: Event) -> list[NewMessage]:
        match event:
            case TaskAssigned():
                key = f"task:{event.code}:{event.step}:{event.content_hash[:16]}:{event.person}:{event.occurrence}"
                return [
                    NewMessage(
                        key=key,
                        kind=Kind.TASK,
                        person=event.person,
                        item_id=event.item,
                        params=params_of(event),
                    )
                ]
            case AuthorInformed():
                key = f"informed:{event.code}:{event.version}:{event.person}"
                params = {
                    "transition": event.transition,
                    "actor": event.actor,
                    "version": event.version,
                    "is_undone": event.is_undone,
                }
                return [
                    NewMessage(
                        key=key,
                        kind=Kind.INFORMED,
                        person=event.person,
                        item_id=event.item,
                        params=params,
                    )
                ]
            case (
                HolderReleased()
                | ItemStuck()
                | Escalated()
                | LinkDisowned()
                | TransitionTold()
                | DecisionConfirmed()
                | SaidOfItem()
            ):
                return [_about_item(event)]
            case DossierSent():
                return [
                    _notice(event, outside.id, outside.email, outside.name)
                    for outside in self.agency.outside
                ]
            case DepartmentReminded():
                params = {
                    "deadline": event.deadline,
                    "department": event.department,
                    "message": event.message,
                }
                return [
                    NewMessage(
                        key=_remind_now_key(event),
                        kind=Kind.REMIND_NOW,
                        person=event.person,
                        params=params,
                    )
                ]
            case DelegationStarted() | AbsenceRecorded() | ExtensionMoved() | PersonInvited():
                return [_about_people(event)]
            case AddressChanged() | PersonLeft():
                return []


def _about_people(
    event: DelegationStarted | AbsenceRecorded | ExtensionMoved | PersonInvited,
) -> NewMessage:
    params: dict[str, Any]
    match event:
        case DelegationStarted():
            kind, occurrence = Kind.DELEGATION, f"{event.delegation}"
            params = {
                name: getattr(event, name)
                for name in ("from_person", "to_person", "starts_on", "ends_on", "document")
            }
        case AbsenceRecorded():
            kind, occurrence = Kind.ABSENCE, f"{event.absence}:{event.what}"
            params = {
                name: getattr(event, name)
                for name in ("away", "stand_in", "starts_on", "ends_on", "what")
            }
        case ExtensionMoved():
            kind, occurrence, params = (
                Kind.EXTENSION,
                f"{event.extension}:{event.state}",
                {"extension": event.extension},
            )
        case PersonInvited():
            key = f"invitation:{event.person}:{written(event.at)}"
            return NewMessage(key=key, kind=Kind.INVITATION, person=event.person, params={})
    return NewMessage(
        key=f"{kind.value}:{occurrence}:{event.person}",
        kind=kind,
        person=event.person,
        params=params,
    )


def _about_item(
    event: HolderReleased
    | ItemStuck
    | Escalated
    | LinkDisowned
    | TransitionTold
    | DecisionConfirmed
    | SaidOfItem,
) -> NewMessage:
    params: dict[str, Any]
    match event:
        case HolderReleased():
            kind, occurrence, params = Kind.RELEASED, event.occurrence, {"why": event.why}
        case ItemStuck():
            kind, occurrence, params = Kind.STUCK, event.occurrence, {"state": event.state}
        case Escalated():
            kind, occurrence, params = (
                Kind.ESCALATED,
                event.occurrence,
                {"state": event.state, "days": event.days},
            )
        case LinkDisowned():
            kind, occurrence, params = (
                Kind.DISOWNED,
                f"{event.step}:{event.owner}",
                {"owner": event.owner},
            )
        case SaidOfItem():
            kind, occurrence, params = (
                Kind.OPINION,
                event.occurrence,
                {"actor": event.actor, "what": event.what},
            )
        case DecisionConfirmed():
            kind, occurrence = Kind.CONFIRMED, f"{event.version}"
            params = {
                "transition": event.transition,
                "definition_hash": event.definition_hash,
                "at": written(event.at),
            }
        case TransitionTold():
            kind, occurrence = Kind.TOLD, f"{event.version}:{event.place}"
            names = ("transition", "source", "place", "state", "actor", "definition_hash")
            params = {name: getattr(event, name) for name in names}
    key = f"{kind.value}:{event.code}:{occurrence}:{event.person}"
    return NewMessage(key=key, kind=kind, person=event.person, item_id=event.item, params=params)


def _remind_now_key(event: DepartmentReminded) -> str:
    return f"remind-now:{event.deadline}:{event.department}:{event.occurrence}:{event.person}"


def _notice(event: DossierSent, identity: str, address: str, name: str) -> NewMessage:
    params = {
        "number": event.number,
        "issued_on": event.issued_on,
        "channel": event.channel,
        "name": name,
    }
    return NewMessage(
        key=f"notice:{event.code}:{event.version}:{identity}",
        kind=Kind.NOTICE,
        address=address,
        item_id=event.item,
        params=params,
    )
