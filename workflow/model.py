"""The values that every part of thidua speaks in: ids, choices, persons, items.

Owns no behaviour beyond small questions a value can answer about itself. It must never import
anything of ours.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, auto
from typing import NewType

PersonId = NewType("PersonId", int)
ItemId = NewType("ItemId", int)
DepartmentId = NewType("DepartmentId", str)
ContentHash = NewType("ContentHash", str)
"""Lower-case hex SHA-256 of what is decided on."""
JsonScalar = str | int | bool | None
Json = JsonScalar | list["Json"] | dict[str, "Json"]
"""What the canonical encoder accepts: no floats anywhere."""


class Position(StrEnum):
    """The position a person holds; it decides what the person may do."""

    STAFF = "staff"
    HEAD = "head"
    DEPUTY = "deputy"
    CHIEF = "chief"
    OFFICER = "officer"
    CLERK = "clerk"
    DIRECTOR = "director"
    DEPUTY_DIRECTOR = "deputy_director"
    AUDITOR = "auditor"
    ADMIN = "admin"


OFFICE = frozenset({Position.CHIEF, Position.OFFICER})
DIRECTORATE = frozenset({Position.DIRECTOR, Position.DEPUTY_DIRECTOR})
DRAFTERS = frozenset(
    {Position.STAFF, Position.HEAD, Position.DEPUTY, Position.CHIEF, Position.OFFICER}
)
"""Who drafts, always for the own department. In the Office the chief is head and the officer is
staff."""
HEADS = frozenset({Position.HEAD, Position.CHIEF})
STAFF = frozenset({Position.STAFF, Position.OFFICER})
LEADERS = DIRECTORATE | HEADS | {Position.DEPUTY}
"""Who leads the agency or a unit of it, first or as a deputy."""
NEVER_DECIDE = frozenset({Position.AUDITOR, Position.ADMIN})
"""Who watches, and who keeps the product: neither decides on an item, by whatever way."""
READS_ALL = OFFICE | DIRECTORATE | {Position.CLERK, Position.AUDITOR}


class Via(StrEnum):
    """The channel that a decision came through."""

    PAGE = "page"
    API = "api"
    LINK = "link"
    CLOCK = "clock"
    BULK = "bulk"
    IMPORT = "import"
    CLI = "cli"


class Method(StrEnum):
    """How the person was known, or what second factor was given."""

    SESSION = "session"
    TOKEN = "token"  # noqa: S105 - the name of a method, not a secret
    LINK = "link"
    PIN = "pin"
    TOTP = "totp"
    PASSKEY = "passkey"
    NONE = "none"


FACTORS = frozenset({Method.PIN, Method.TOTP, Method.PASSKEY})
"""The methods that prove a second factor."""


class FindingChange(StrEnum):
    """What became of a finding."""

    OPENED = "opened"
    NOTED = "noted"
    CLOSED = "closed"


class Grant(StrEnum):
    """What gives somebody power, or sets a nominee free, and so needs a second person."""

    POSITIONS = "positions"
    ADDRESSES = "addresses"  # where the links of somebody with power go
    DELEGATIONS = "delegations"
    """Standing in for somebody who did not say so themselves."""
    DEFINITIONS = "definitions"
    MIGRATIONS = "migrations"
    ERASURES = "erasures"
    """Taking texts and personal data away for good: it takes evidence away."""
    CORRECTIONS = "corrections"
    PAST_AWARDS = "past_awards"


class RequestKind(StrEnum):
    """What a data subject may ask of whoever holds personal data (Law 91/2025/QH15)."""

    ACCESS = auto()
    CORRECTION = auto()
    ERASURE = auto()
    RESTRICTION = auto()
    OBJECTION = auto()
    COMPLAINT = auto()


class RequestState(StrEnum):
    """How a data subject's request stands."""

    RECEIVED = auto()
    ACKNOWLEDGED = auto()
    GRANTED = auto()
    REFUSED = auto()


class KeptKind(StrEnum):
    """Kinds of data that a retention period may end."""

    DRAFTS = auto()
    """Items that were never handed in."""
    ENDED = auto()
    """Items that ended without ever being sent: given up, rejected."""
    LEAVERS = auto()
    """People who no longer work here."""
    REQUESTS = auto()
    """What data subjects asked, once it is answered."""


class ProposalState(StrEnum):
    """What became of a proposal; one that is open past its end has lapsed."""

    OPEN = auto()
    CONFIRMED = auto()
    REJECTED = auto()


class ProposalDecision(StrEnum):
    """What somebody answers to a proposal."""

    CONFIRM = auto()
    REJECT = auto()


class ExtensionState(StrEnum):
    """What became of the more time that a department asked for."""

    ASKED = "asked"
    GRANTED = "granted"
    REFUSED = "refused"


class MeritStanding(StrEnum):
    """What became of a good example; ``nominated`` comes with a nomination, not by the Office."""

    NOTED = "noted"
    FOLLOWED = "followed"
    NOMINATED = "nominated"
    CLOSED = "closed"


class ReminderState(StrEnum):
    """The state of a reminder in the ledger."""

    PLANNED = "planned"
    SENT = "sent"
    SUPERSEDED = "superseded"
    FAILED = "failed"


class ReminderReason(StrEnum):
    """Why a reminder goes, or does not; in the ledger, a detail may follow after a space."""

    RUNG = "rung"
    """A rung of the deadline's ladder came due."""
    BY_HAND = "by_hand"
    MET = "met"
    SNOOZED = "snoozed"
    """Its reader put it off; the detail is until which day (ISO)."""
    OVERTAKEN = "overtaken"
    """A later rung came due before this one went."""
    DEADLINE_MOVED = "deadline_moved"
    RECIPIENT_LEFT = "recipient_left"
    NOTHING_OWED = "nothing_owed"
    """All that its mail was to remind of was delivered, or reminded of otherwise."""
    UNWRITABLE = "unwritable"
    NOT_SENT = "not_sent"
    """The detail is the server's answer."""
    SENT_AGAIN = "sent_again"


class MeritKind(StrEnum):
    """Whose merit it is: one person's, or a collective's."""

    INDIVIDUAL = "individual"
    COLLECTIVE = "collective"


class DispatchChannel(StrEnum):
    """The way that a dossier leaves by."""

    MAIL = "mail"
    POST = "post"
    HAND = "hand"
    AXIS = "axis"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody of the agency, as known now.

    ``name`` is what others read; samples name people by position.
    """

    id: PersonId
    email: str
    name: str
    position: Position
    department: DepartmentId | None
    is_active: bool = True

    @property
    def is_erased(self) -> bool:
        """Return whether name and address were erased; what they did stays under their number."""
        return self.email == erased_address(self.id)


ERASED_DOMAIN = "@erased.invalid"  # of what stands for erased addresses; nobody is given one


def erased_address(person: PersonId) -> str:
    """Return what stands in place of an erased person's address (RFC 2606: never deliverable)."""
    return f"person-{person}{ERASED_DOMAIN}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    """One *phòng* of the agency; ``is_office`` marks Văn phòng Sở."""

    id: DepartmentId
    name: str
    is_office: bool = False


class SignedFor(StrEnum):
    """How somebody signs for another (NĐ 30/2020/NĐ-CP, Điều 13).

    A deputy, by order, or by a written, limited delegation.
    """

    KT = "KT."
    TL = "TL."
    TUQ = "TUQ."


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegation:
    """A dated right to act for another (NĐ 30/2020/NĐ-CP, Điều 13).

    Days are local and inclusive, ISO ``YYYY-MM-DD``.
    """

    id: int
    from_person: PersonId
    to_person: PersonId
    starts_on: str
    ends_on: str
    document: str
    form: SignedFor
    kinds: tuple[str, ...] = ()
    departments: tuple[DepartmentId, ...] = ()
    """The kinds of item (definition ids), and departments, it is limited to; all where empty."""
    terms: str = ""  # the limit of its content, in words


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """Days on which somebody is away, local and inclusive.

    ``stand_in`` decides for them meanwhile, None: nobody by name.
    """

    id: int
    person: PersonId
    starts_on: str
    ends_on: str
    stand_in: PersonId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reassignment:
    """Somebody put in a holder's place, in one step of an item."""

    step: int
    from_person: PersonId
    to_person: PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Whose an item is: what its holders are found by, beside its state."""

    kind: str
    author: PersonId
    department: DepartmentId
    recused: tuple[PersonId, ...] = ()
    concerned: tuple[PersonId, ...] = ()

    @property
    def barred(self) -> frozenset[PersonId]:
        """Return who never holds it."""
        return frozenset((self.author, *self.recused, *self.concerned))


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One nomination or report, as its row says; ``seq`` and ``head`` end its chain."""

    id: ItemId
    code: str
    type: str
    definition_hash: str
    campaign: str
    department: DepartmentId
    author: PersonId
    title: str
    period: str | None
    state: str
    version: int
    step: int
    content_hash: ContentHash
    due_at: datetime | None
    since: datetime
    seq: int
    head: bytes
    concerned: tuple[PersonId, ...] = ()
    recused: tuple[PersonId, ...] = ()
    """Whom the content names as concerned, and who said so themselves: they never hold it."""
    reassigned: tuple[Reassignment, ...] = ()
    """Who was put in whose place; each counts in its step only."""
    gathered_in: str | None = None  # the code of the consolidated report that it goes with
    erasures: int = 0

    @property
    def subject(self) -> str:
        """Return the history subject of this item."""
        return f"item:{self.code}"

    @property
    def origin(self) -> Origin:
        """Return whose it is."""
        return Origin(
            kind=self.type,
            author=self.author,
            department=self.department,
            recused=self.recused,
            concerned=self.concerned,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file attached to an item.

    Its bytes lie in the content-addressed store under ``sha256`` (hex).
    """

    sha256: str
    name: str
    size: int
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What is decided on: title, fields by id, files.

    ``salt`` keeps the hash from betraying a short text; ``erased``: the fields that are no more.
    """

    title: str
    fields: dict[str, Json]
    files: tuple[StoredFile, ...]
    salt: str
    erased: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A person an item waits for; ``on_behalf_of`` is set while a delegation makes them one."""

    person: PersonId
    on_behalf_of: PersonId | None = None
