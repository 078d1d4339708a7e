"""What each type of history entry says beyond the members that every body has.

Owns one frozen type for each ``EntryType``; ``chain`` writes it as the member ``data`` and reads it
back. Those of deadlines, people and the agency stand in ``agency_payloads``. A field is a member of
``data`` by the same name (one named like a word of Python ends in ``_``); one that has a default
is left out while it has it. What is written is never rewritten: a payload may gain fields with a
default, and never lose or rename one. No personal data.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum
from typing import ClassVar, Final, TypeVar

from pydantic import ConfigDict

from workflow.command import DossierRecipient
from workflow.history.entry_types import EntryType
from workflow.model import DepartmentId, DispatchChannel, Holder, PersonId
from workflow.verdicts import SignedFileVerdict

_Narrow = TypeVar("_Narrow", bound="Payload")
Seat = tuple[PersonId, PersonId | None]
"""A holder as recorded: the person, and on whose behalf."""


class SignatureForm(StrEnum):
    """How a document was signed: by hand on paper, or digitally in the file itself."""

    PAPER = "paper"
    DIGITAL = "digital"


class Amendment(StrEnum):
    """What was done about a document that was issued (NĐ 30/2020/NĐ-CP, Điều 18)."""

    CORRECTION = "correction"
    REPLACEMENT = "replacement"
    RECALL = "recall"


class Unchanged(Enum):
    """Says that an entry leaves a value as it was, where None is a value too."""

    UNCHANGED = "unchanged"


UNCHANGED: Final = Unchanged.UNCHANGED


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """What an entry says beyond the members that every body has."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
    type: ClassVar[EntryType]


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmable(Payload):
    """What may be proposed first: by whom, in which proposal, where its actor confirmed it."""

    proposal: int | None = None
    proposed_by: PersonId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatched:
    """Number, day (ISO) and channel that a dossier left with."""

    number: str
    issued_on: str
    channel: DispatchChannel


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """Number and symbol, and day (ISO), under which a document stands in the register."""

    number: str
    issued_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardGiven:
    """Which award was given, by whom (ids of the file of awards), by which decision of which day.

    ``number`` is empty where it was not known when the award was recorded.
    """

    award: str
    authority: str
    number: str
    decided_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionReported:
    """The decision of the agency's own head that a dossier reports, and how many it awards."""

    number: str
    decided_on: str
    awarded: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NomineeResult:
    """What became of one row of a list of nominees; ``award`` None: not awarded."""

    row: int
    award: AwardGiven | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureGround:
    """How somebody signed for the head (``KT.``, ``TL.``, ``TUQ.``), and on what.

    ``basis``: assignment, regulation, authorisation, absence, process; ``delegation``: the one
    whose document says so.
    """

    form: str
    basis: str
    delegation: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldersSet(Payload):
    """An entry that says who holds the item after it."""

    holders: tuple[Seat, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepEntered(HoldersSet):
    """An entry that begins a stay: who holds the item, and until when."""

    due_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Created(StepEntered):
    """An item was drafted."""

    type: ClassVar[EntryType] = EntryType.CREATED
    campaign: str
    department: DepartmentId
    concerned: tuple[PersonId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited(Payload):
    """The content was edited; ``files`` by hash.

    ``concerned``: whom it names now, where that is new. Holders where the item waits for others,
    due date where it went back.
    """

    type: ClassVar[EntryType] = EntryType.EDITED
    files: tuple[str, ...]
    holders: tuple[Seat, ...] | None = None
    due_at: datetime | Unchanged | None = UNCHANGED
    concerned: tuple[PersonId, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision(StepEntered):
    """An entry that decides; ``mend`` names the fields that a return asks to mend.

    Where several sign off: the seat answered for, all answers by seat, and how many are asked.
    ``award``: what the nominee was given; ``nominees``: what became of each of a list.
    ``signed_for``: on what somebody signed for the head.
    ``carried_by``: the code of the item by whose decision it was made: the consolidated report, or
    what gave a dossier its number. ``reports``: the decision on awards that a dossier tells the
    board of. ``registered``: the decision on an award that was given its number by this one.
    ``recipient``: who took it by the link of a dossier sent to them, being nobody of the agency.
    """

    seat: PersonId | None = None
    answers: tuple[tuple[PersonId, str], ...] = ()
    members: int | None = None
    dispatch: Dispatched | None = None
    mend: tuple[str, ...] = ()
    award: AwardGiven | None = None
    carried_by: str | None = None
    nominees: tuple[NomineeResult, ...] = ()
    reports: DecisionReported | None = None
    signed_for: SignatureGround | None = None
    registered: Registered | None = None
    recipient: DossierRecipient | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitionTaken(Decision):
    """A transition was taken."""

    type: ClassVar[EntryType] = EntryType.TRANSITION


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedOff(Decision):
    """One answer of several that leaves the item where it is."""

    type: ClassVar[EntryType] = EntryType.SIGNED_OFF


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone(StepEntered):
    """The last decision was taken back; ``undoes`` is its seq."""

    type: ClassVar[EntryType] = EntryType.UNDONE
    undoes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Migrated(StepEntered):
    """The item follows another version of its definition; the hash is of the one before.

    ``kept_apart``: who decides on it no more, for they proposed this or that version.
    """

    type: ClassVar[EntryType] = EntryType.MIGRATED
    from_definition: str
    proposal: int | None = None
    proposed_by: PersonId | None = None
    kept_apart: tuple[PersonId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldersChanged(HoldersSet):
    """Positions, people or delegations changed."""

    type: ClassVar[EntryType] = EntryType.HOLDERS_CHANGED


@dataclass(frozen=True, slots=True, kw_only=True)
class Recused(HoldersSet):
    """A holder is concerned and dropped out."""

    type: ClassVar[EntryType] = EntryType.RECUSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Reassigned(HoldersSet):
    """The Office put somebody in a holder's place."""

    type: ClassVar[EntryType] = EntryType.REASSIGNED
    from_: PersonId
    to: PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class DueChanged(Payload):
    """Until when the step is due was set anew: the calendar changed, or the council passed it."""

    type: ClassVar[EntryType] = EntryType.DUE_CHANGED
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionAsked(Payload):
    """Somebody was asked for an opinion."""

    type: ClassVar[EntryType] = EntryType.OPINION_ASKED
    opinion: int
    of: PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionGiven(Payload):
    """Somebody gave the opinion they were asked for."""

    type: ClassVar[EntryType] = EntryType.OPINION_GIVEN
    opinion: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Commented(Payload):
    """Somebody commented."""

    type: ClassVar[EntryType] = EntryType.COMMENTED


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldersUrged(Payload):
    """The Office urged whoever holds the item, which is late."""

    type: ClassVar[EntryType] = EntryType.HOLDERS_URGED
    people: tuple[PersonId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationSent(Payload):
    """A timer told somebody that the item has waited ``days`` working days."""

    type: ClassVar[EntryType] = EntryType.ESCALATED
    days: int
    told: tuple[PersonId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardWithdrawn(Payload):
    """The award that an earlier entry tells of was withdrawn, by a decision of its own.

    ``nominee``: whose, by the row of a list.
    """

    type: ClassVar[EntryType] = EntryType.AWARD_WITHDRAWN
    number: str
    decided_on: str
    nominee: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NomineeDecided(Payload):
    """What became of a row of a list that waited when the list had its outcome."""

    type: ClassVar[EntryType] = EntryType.NOMINEE_DECIDED
    nominee: NomineeResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered(Payload):
    """From now on the item goes with the consolidated report ``into``; None: by itself again."""

    type: ClassVar[EntryType] = EntryType.GATHERED
    into: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedCopyAdded(Payload):
    """The signed document was uploaded: the one file in ``files``, by its hash, and its size.

    ``is_sealed_here``: the program itself added the agency's signature to the copy before.
    ``verdict``: what its digital signatures are worth, where it has some; whom each names and who
    certified that stand in the texts ``signer_1``, ``issuer_1`` and so on.
    """

    type: ClassVar[EntryType] = EntryType.SIGNED_COPY_ADDED
    form: SignatureForm
    files: tuple[str, ...]
    size: int
    verdict: SignedFileVerdict | None = None
    is_sealed_here: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueAmended(Payload):
    """What was issued as ``of``, of ``of_day``, was amended by the document ``registered``."""

    type: ClassVar[EntryType] = EntryType.ISSUE_AMENDED
    how: Amendment
    of: str
    of_day: str
    registered: Registered


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRecorded(Payload):
    """What left as ``of`` arrived on a day (ISO), by the code or receipt ``reference``."""

    type: ClassVar[EntryType] = EntryType.ARRIVED
    of: str
    channel: DispatchChannel
    reference: str
    delivered_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientLinkRevoked(Payload):
    """Whom the item was sent to as ``of`` fetches and answers it by link no more."""

    type: ClassVar[EntryType] = EntryType.LINK_REVOKED
    of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRegistered(Payload):
    """A document that no item became was given a number, and stands in the register."""

    type: ClassVar[EntryType] = EntryType.DOCUMENT_REGISTERED
    kind: str
    registered: Registered


def seats_of(holders: Iterable[Holder]) -> tuple[Seat, ...]:
    """Return holders as they are recorded."""
    return tuple((each.person, each.on_behalf_of) for each in holders)


def narrow(payload: Payload, kind: type[_Narrow]) -> _Narrow:
    """Return a payload that must be of ``kind``. Raises TypeError."""
    if not isinstance(payload, kind):
        raise TypeError(f"a payload of {payload.type} is no {kind.__name__}")
    return payload
