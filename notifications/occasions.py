"""What causes a mail and is no event of the core: what the clock, accounts and dossiers cause.

Owns the values alone. ``person`` is whom the mail goes to.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from workflow.events import DossierSent
from workflow.model import PersonId
from workflow.recipient_events import SendingAmended


@dataclass(frozen=True, slots=True, kw_only=True)
class RemindersDue:
    """Reminders came due for a person: the first of them, the local day, when their mail goes."""

    person: PersonId
    day: date
    deadline: int
    rung: int
    due_on: str
    leaves_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekBegan:
    """A week began in which something needs the Office; by its Monday."""

    person: PersonId
    week: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestDue:
    """An hour of a person's choice, at which what waits for it comes in one mail."""

    person: PersonId
    at: datetime


INVITATION_LIVES = timedelta(hours=24)
"""How long the link serves that invites a new person."""
RESET_LIVES = timedelta(minutes=30)
"""How long one serves that resets a password, or that the command line printed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetAsked:
    """Somebody asked to set a person's password anew."""

    person: PersonId
    at: datetime


FACTOR_ATTEMPTS = 5
FACTOR_LOCK = timedelta(minutes=15)
"""After so many wrong entries a second factor is locked for so long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorLocked:
    """The second factor of ``owner`` was entered wrongly ``FACTOR_ATTEMPTS`` times."""

    person: PersonId
    owner: PersonId
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyAdded:
    """``owner`` added a passkey; ``undo``: the id (in hex) of what ends it again, for them."""

    person: PersonId
    owner: PersonId
    credential_id: str
    undo: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchNoted(DossierSent):
    """A dossier was sent to the board; a body outside, ``name`` at ``address``, is to know."""

    outside: str
    address: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendmentNoted(SendingAmended):
    """What was sent is corrected, replaced or recalled; a body outside that knew of it is told."""

    outside: str
    address: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorDue:
    """The checkpoint of a ``size`` is to leave the house: to a person, or an ``address`` outside.

    ``reader``: what tells the two apart.
    """

    reader: str
    size: int
    person: PersonId | None = None
    address: str | None = None
