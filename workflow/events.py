"""What has happened, told to whoever is passed as ``publish`` inside the same transaction.

A closed vocabulary of values in the past tense. No behaviour; it must never know who listens.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from workflow.model import (
    ContentHash,
    DispatchChannel,
    ExtensionState,
    FindingChange,
    ItemId,
    PersonId,
)
from workflow.office_events import DepartmentReminded, ItemsUrged, VisitSet
from workflow.recipient_events import SendingEvent
from workflow.voting import RoundMoved


class TaskReason(StrEnum):
    """Why a person is mailed a task."""

    ENTERED = "entered"
    """The item entered the state."""
    EDITED = "edited"
    """The content changed under them."""
    HOLDERS = "holders"
    """Who holds the item changed."""
    RESENT = "resent"
    """A fresh link was asked for."""
    OVERDUE = "overdue"
    """A timer of the state ran out."""


class ReleaseReason(StrEnum):
    """Why a person holds an item no longer."""

    HOLDERS = "holders"
    """Positions, people or delegations changed."""
    SETTLED = "settled"
    """Those who answered settled it."""
    UNDONE = "undone"
    """The decision that brought it to them was taken back."""


class Saying(StrEnum):
    """What somebody said of an item."""

    OPINION_ASKED = "opinion_asked"
    OPINION_GIVEN = "opinion_given"
    COMMENTED = "commented"


class AbsenceChange(StrEnum):
    """What became of an absence."""

    NOTED = "noted"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskAssigned:
    """A person holds an item in a step, or it changed; ``occurrence`` tells two tasks apart."""

    item: ItemId
    code: str
    person: PersonId
    step: int
    content_hash: ContentHash
    version: int
    state: str
    why: TaskReason
    occurrence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorInformed:
    """An author's item moved, and they hear of it unasked; ``actor`` None: the clock."""

    item: ItemId
    code: str
    person: PersonId
    version: int
    transition: str
    actor: PersonId | None
    comment: str
    is_undone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierSent:
    """A dossier was sent to the board by what gave its number; those outside get a notice."""

    item: ItemId
    code: str
    version: int
    number: str
    issued_on: str
    channel: DispatchChannel
    decision_number: str = ""
    """Of the agency's own head on awards, of ``decided_on``, for so many ``awarded``."""
    decided_on: str | None = None
    awarded: int = 0
    along: int = 0
    """How many items leave with it, under its number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationStarted:
    """A delegation was recorded; both persons hear of it."""

    delegation: int
    person: PersonId
    from_person: PersonId
    to_person: PersonId
    starts_on: str
    ends_on: str
    document: str
    undo: str = ""
    """The id (in hex) of what takes it back, for its giver."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationCutShort:
    """A delegation was ended before its last day; ``person`` is its giver or its taker."""

    delegation: int
    person: PersonId
    from_person: PersonId
    to_person: PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsenceRecorded:
    """An absence was noted or ended; both hear. ``undo``: by what the absent takes it back."""

    absence: int
    person: PersonId
    away: PersonId
    stand_in: PersonId | None
    starts_on: str
    ends_on: str
    what: AbsenceChange
    undo: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressChanged:
    """A person is written to at another address; what went to the one before opens nothing."""

    person: PersonId
    at: datetime


class AccountChange(StrEnum):
    """What became other for an account, or in the name of its person, who is told."""

    ADDRESS = "address"
    POSITION = "position"
    FACTOR = "factor"
    PASSWORD = "password"  # noqa: S105 - the name of a change, not a secret
    DELEGATION = "delegation"
    ABSENCE = "absence"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountChanged:
    """Something became other for the account of ``person`` (``owner``), by them or ``by``."""

    person: PersonId
    what: AccountChange
    by: PersonId | None
    at: datetime
    address: str | None = None
    """Where the mail goes, valid before; None: where theirs do."""
    undo: str = ""
    """The id (in hex) of what takes it back."""
    owner: PersonId | None = None
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountChangeUndone:
    """``owner`` took back a change of their account, by its entry ``seq``; ``person`` hears."""

    person: PersonId
    owner: PersonId
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonLeft:
    """A person works here no more; what they opened is to end."""

    person: PersonId
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonInvited:
    """A new person gets a link to set a password."""

    person: PersonId
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalMade:
    """Something that gives power waits for ``person``; ``occurrence`` tells two mails apart."""

    proposal: int
    person: PersonId
    occurrence: str = ""


class RequestMoment(StrEnum):
    """What is told of a data subject's request: to the Office, and last to whoever asked."""

    CAME = "came"
    UNACKNOWLEDGED = "unacknowledged"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    ACKNOWLEDGED = "acknowledged"
    PUT_OFF = "put_off"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestMoved:
    """A data subject's request has come so far that ``person`` is to know."""

    request: int
    moment: RequestMoment
    person: PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditorTold:
    """The command line erased, or an auditor's hold was lifted; ``person`` audits, and hears."""

    person: PersonId
    subject: str
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderReleased:
    """A person holds an item no longer: by positions, people, delegations, or others' answers."""

    item: ItemId
    code: str
    person: PersonId
    version: int
    occurrence: str
    why: ReleaseReason = ReleaseReason.HOLDERS


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemStuck:
    """An open item waits for nobody: no position, recusals, a delegation. The Office mends it."""

    item: ItemId
    code: str
    person: PersonId
    state: str
    occurrence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitionTold:
    """``person`` hears of a transition by its definition: its ``place``-th telling."""

    item: ItemId
    code: str
    person: PersonId
    version: int
    transition: str
    source: str
    place: int
    state: str
    actor: PersonId | None
    definition_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkDisowned:
    """A link issued to ``owner`` was not meant for them; ``person`` is one of the Office."""

    item: ItemId
    code: str
    step: int
    person: PersonId
    owner: PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalated:
    """An item has waited ``days`` working days; ``person`` hears of it and need not decide."""

    item: ItemId
    code: str
    person: PersonId
    state: str
    days: int
    occurrence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionConfirmed:
    """Somebody decided behind a link; ``person``, in whose name it was, hears of it."""

    item: ItemId
    code: str
    person: PersonId
    version: int
    transition: str
    definition_hash: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingMoved:
    """An auditor's finding asks ``person``, was answered, or was closed."""

    finding: int
    person: PersonId
    actor: PersonId
    what: FindingChange
    occurrence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidOfItem:
    """``actor`` said something of an item to ``person``: asked, answered, or commented."""

    item: ItemId
    code: str
    person: PersonId
    actor: PersonId
    what: Saying
    occurrence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionMoved:
    """An extension was asked for, granted or refused; ``person``: the Office's, or who asked."""

    extension: int
    person: PersonId
    deadline: int
    department: str
    state: ExtensionState
    wanted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarMoved:
    """The Office set a day of the calendar, and what ``person`` answers for is due otherwise."""

    person: PersonId
    day: date
    occurrence: str
    deadlines: tuple[int, ...]
    items: tuple[ItemId, ...]


Event = (
    TaskAssigned
    | AuthorInformed
    | DossierSent
    | DepartmentReminded
    | DelegationStarted
    | DelegationCutShort
    | AbsenceRecorded
    | AccountChanged
    | AccountChangeUndone
    | AddressChanged
    | PersonInvited
    | PersonLeft
    | HolderReleased
    | Escalated
    | ItemStuck
    | LinkDisowned
    | TransitionTold
    | ExtensionMoved
    | CalendarMoved
    | DecisionConfirmed
    | SaidOfItem
    | ItemsUrged
    | VisitSet
    | FindingMoved
    | RoundMoved
    | ProposalMade
    | RequestMoved
    | AuditorTold
    | SendingEvent
)
