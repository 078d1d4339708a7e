"""What the outbox holds: intents to mail, never a rendered body or a usable link.

Owns the values that pass between outbox, rendering and delivery. No behaviour.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from workflow.links import Link
from workflow.model import PersonId


class Kind(StrEnum):
    """The kinds of mail."""

    TASK = "task"
    INFORMED = "informed"
    RELEASED = "released"
    NOTICE = "notice"
    DELEGATION = "delegation"
    ABSENCE = "absence"
    REMINDER = "reminder"
    REMIND_NOW = "remind_now"
    INVITATION = "invitation"
    RESET = "reset"
    LOCKED = "locked"
    PASSKEY = "passkey"
    ESCALATED = "escalated"
    STUCK = "stuck"
    DISOWNED = "disowned"
    TOLD = "told"
    WEEKLY = "weekly"
    EXTENSION = "extension"
    CONFIRMED = "confirmed"
    OPINION = "opinion"


LEASE = timedelta(seconds=45)
"""How long a message belongs to whoever claimed it; longer than any one answer of a relay is waited for."""
NO_SMTPUTF8 = "no SMTPUTF8"
BAD_ADDRESS = "bad address"
UNWRITABLE = "render"
"""Begins the detail of an attempt for which no letter could be written."""


class Ending(StrEnum):
    """What became of an attempt to send (the table of SMTP outcomes)."""

    SENT = "sent"
    RETRY = "retry"
    DEAD = "dead"
    AMBIGUOUS = "ambiguous"
    CHANNEL_TEMPORARY = "channel_temporary"
    CHANNEL_PERMANENT = "channel_permanent"
    NOT_TRIED = "not_tried"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A claimed outbox message. ``link`` is the row its link derives from; ``code_id`` that of a set-up code."""

    id: int
    dedupe_key: str
    message_id: str
    kind: Kind
    person: PersonId | None
    address: str
    item_id: int | None
    params: dict[str, Any]
    attempts: int
    created_at: datetime
    lease_token: str
    link: Link | None = None
    code_token: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """How one attempt to send a message ended; ``detail`` is the server's answer without addresses."""

    message: Message
    ending: Ending
    detail: str
