"""What the outbox holds: intents to mail, never a rendered body or a usable link.

Owns the values that pass between outbox, rendering and delivery.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Generic, TypeVar

from notifications.mail_parameters import Parameters
from workflow.links import Link
from workflow.model import ItemId, PersonId

P_co = TypeVar("P_co", bound=Parameters, covariant=True)


class Kind(StrEnum):
    """The kinds of mail; ``mails`` says all about each."""

    TASK = "task"
    INFORMED = "informed"
    RELEASED = "released"
    NOTICE = "notice"
    DELEGATION = "delegation"
    DELEGATION_ENDED = "standing_in_ended"
    ABSENCE = "absence"
    REMINDER = "reminder"
    REMIND_NOW = "remind_now"
    URGED = "urged"
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
    ACCOUNT = "account"
    UNDONE = "undone"
    ANCHOR = "anchor"
    PROPOSAL = "proposal"
    FINDING = "finding"
    ROUND = "round"
    PRIVACY = "privacy"
    DIGEST = "digest"
    AUDITOR = "auditor"
    CALENDAR = "calendar"
    INSPECTION = "inspection"
    PACKAGE = "package"
    ANSWERED = "answered"
    AMENDED = "amended"


class Carried(StrEnum):
    """What a mail lets its reader do, beside reading it."""

    NOTHING = "nothing"
    LINK = "link"
    """A link to decide by."""
    GATHERED = "gathered"
    """What the messages that it gathers carry."""
    SETUP_CODE = "setup_code"
    """A code to set a password; its purpose is the kind of the mail."""


LEASE = timedelta(seconds=45)
"""How long a message belongs to whoever claimed it; no answer of a relay is waited for so long."""
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
class OutboxMessage(Generic[P_co]):
    """A claimed outbox message.

    ``person``: None for a body outside. ``link``: the row that its link derives from. ``parts``:
    the messages that it gathers.
    """

    id: int
    dedupe_key: str
    message_id: str
    kind: Kind
    person: PersonId | None
    address: str
    item_id: ItemId | None
    parameters: P_co
    attempts: int
    created_at: datetime
    lease_token: str
    link: Link | None = None
    code_token: str | None = None
    parts: "tuple[AnyMessage, ...]" = ()


AnyMessage = OutboxMessage[Parameters]


def required_person(message: AnyMessage) -> PersonId:
    """Return whom a message is for. Raises ValueError where that is a body outside."""
    if message.person is None:
        raise ValueError("a message to nobody of the agency")
    return message.person


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingAttempt:
    """How an attempt to send ended; ``detail``: the server's answer without addresses."""

    message: AnyMessage
    ending: Ending
    detail: str
