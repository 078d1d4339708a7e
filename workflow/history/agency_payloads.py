"""What entries about deadlines, people and the agency say; of items: ``payloads``."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from workflow.events import AccountChange
from workflow.history.entry_types import EntryType
from workflow.history.payloads import Confirmable, Payload
from workflow.model import DepartmentId, Grant, MeritStanding, PersonId, SignedFor


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRung:
    """One rung of a deadline's ladder."""

    days: int
    to: tuple[str, ...]
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineSet(Payload):
    """The terms of a new deadline; ``data_until`` is a day (ISO)."""

    type: ClassVar[EntryType] = EntryType.DEADLINE_SET
    campaign: str
    kind: str
    departments: tuple[DepartmentId, ...]
    due_at: datetime
    roll: str
    ladder: tuple[RecordedRung, ...]
    name: str = ""
    data_until: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineChanged(DeadlineSet):
    """The terms of a deadline after a change."""

    type: ClassVar[EntryType] = EntryType.DEADLINE_CHANGED


@dataclass(frozen=True, slots=True, kw_only=True)
class RemindedNow(Payload):
    """The Office reminded a department now; ``people`` were reached."""

    type: ClassVar[EntryType] = EntryType.REMINDED
    department: DepartmentId
    people: tuple[PersonId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionAsked(Payload):
    """A department asked for more time."""

    type: ClassVar[EntryType] = EntryType.EXTENSION_ASKED
    extension: int
    department: DepartmentId
    wanted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionGranted(Payload):
    """More time was granted; ``deadline`` is the department's from now on."""

    type: ClassVar[EntryType] = EntryType.EXTENSION_GRANTED
    extension: int
    department: DepartmentId
    deadline: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionRefused(ExtensionGranted):
    """More time was refused; ``deadline`` is the one that stays."""

    type: ClassVar[EntryType] = EntryType.EXTENSION_REFUSED


@dataclass(frozen=True, slots=True, kw_only=True)
class RemindersSnoozed(Payload):
    """A person put off their own reminders to a day (ISO); None: takes them again."""

    type: ClassVar[EntryType] = EntryType.REMINDERS_SNOOZED
    until: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonAdded(Confirmable):
    """A person was added."""

    type: ClassVar[EntryType] = EntryType.PERSON_ADDED
    department: str | None
    is_active: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonChanged(PersonAdded):
    """A person's details changed."""

    type: ClassVar[EntryType] = EntryType.PERSON_CHANGED


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationAdded(Confirmable):
    """A delegation was recorded; ``kinds`` are definition ids, all where empty, as ``departments``.

    One that ends on the last day of the calendar stands until it is ended: an assignment (KT.), or
    what the work regulation says (TL.).
    """

    type: ClassVar[EntryType] = EntryType.DELEGATION_ADDED
    delegation: int
    to_person: PersonId
    starts_on: str
    ends_on: str
    form: SignedFor
    kinds: tuple[str, ...]
    departments: tuple[DepartmentId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationEnded(Payload):
    """A delegation ended on another day than it was given for."""

    type: ClassVar[EntryType] = EntryType.DELEGATION_ENDED
    delegation: int
    ends_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorSet(Payload):
    """A password, PIN, authenticator or passkey of a person was set; never what it is."""

    type: ClassVar[EntryType] = EntryType.FACTOR_SET
    factor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorRemoved(FactorSet):
    """A factor of a person is no longer theirs."""

    type: ClassVar[EntryType] = EntryType.FACTOR_REMOVED


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorsResealed(Payload):
    """What is kept of a person's factors was sealed under another key; the factors are the same."""

    type: ClassVar[EntryType] = EntryType.FACTORS_RESEALED


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeUndone(Payload):
    """A person took back a change of their account: the one that the entry ``undoes`` tells of.

    What that changed stands in entries of its own, before this one. ``meanwhile``: the decisions
    made by it, ``subject/seq`` each; they stay.
    """

    type: ClassVar[EntryType] = EntryType.CHANGE_UNDONE
    what: AccountChange
    undoes: int
    meanwhile: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenMade(Payload):
    """A program may act for a person from now on; ``scopes`` empty: in all that they may do."""

    type: ClassVar[EntryType] = EntryType.TOKEN_MADE
    token: str
    scopes: tuple[str, ...]
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenEnded(Payload):
    """A token was ended before its time."""

    type: ClassVar[EntryType] = EntryType.TOKEN_ENDED
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedMade(Payload):
    """A person's calendar is at an address, the only one, from now on; ``address``: its hash."""

    type: ClassVar[EntryType] = EntryType.FEED_MADE
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEnded(Payload):
    """A person's calendar has no address any more."""

    type: ClassVar[EntryType] = EntryType.FEED_ENDED


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsenceAdded(Payload):
    """An absence was recorded."""

    type: ClassVar[EntryType] = EntryType.ABSENCE_ADDED
    absence: int
    stand_in: PersonId | None
    starts_on: str
    ends_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsenceEnded(Payload):
    """An absence ended on another day than it was recorded for."""

    type: ClassVar[EntryType] = EntryType.ABSENCE_ENDED
    absence: int
    ends_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentAdded(Payload):
    """A department was added."""

    type: ClassVar[EntryType] = EntryType.DEPARTMENT_ADDED
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentRenamed(DepartmentAdded):
    """A department was renamed."""

    type: ClassVar[EntryType] = EntryType.DEPARTMENT_RENAMED


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointKeyAdded(Payload):
    """Checkpoints are signed with another key from now on; ``key``: ``name+id+public key``."""

    type: ClassVar[EntryType] = EntryType.CHECKPOINT_KEY_ADDED
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalOpened(Payload):
    """Something that gives power was proposed; ``gainers``: who gains, and may not confirm it.

    ``parameters`` and ``base``: hashes of what is proposed, salted, and of what it changes.
    """

    type: ClassVar[EntryType] = EntryType.PROPOSAL_MADE
    command: str
    grants: tuple[Grant, ...]
    gainers: tuple[PersonId, ...]
    parameters: str
    base: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalConfirmed(Payload):
    """A second person confirmed a proposal; what it brought about is an entry of its own."""

    type: ClassVar[EntryType] = EntryType.PROPOSAL_CONFIRMED
    proposed_by: PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalRejected(ProposalConfirmed):
    """A proposal was rejected, or taken back by who made it."""

    type: ClassVar[EntryType] = EntryType.PROPOSAL_REJECTED


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalRulesSet(Payload):
    """Who proposes and confirms, by the hash of the rules; ``relaxed``: what one may do alone."""

    type: ClassVar[EntryType] = EntryType.PROPOSAL_RULES_SET
    hash: str
    relaxed: tuple[Grant, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeritRecorded(Payload):
    """A good example was noted."""

    type: ClassVar[EntryType] = EntryType.MERIT_RECORDED
    campaign: str
    recognition: str
    department: DepartmentId


@dataclass(frozen=True, slots=True, kw_only=True)
class MeritNoted(Payload):
    """The Office wrote a note on a good example."""

    type: ClassVar[EntryType] = EntryType.MERIT_NOTED
    standing: MeritStanding


@dataclass(frozen=True, slots=True, kw_only=True)
class MeritNominated(Payload):
    """A nomination, the item ``code``, was drafted from a good example."""

    type: ClassVar[EntryType] = EntryType.MERIT_NOMINATED
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingOpened(Payload):
    """An auditor found something at ``entry`` of the subject ``about``, and asks ``addressee``."""

    type: ClassVar[EntryType] = EntryType.FINDING_OPENED
    about: str
    entry: int
    addressee: PersonId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingNoted(Payload):
    """An auditor, or whom a finding asks, said something of it."""

    type: ClassVar[EntryType] = EntryType.FINDING_NOTED


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingClosed(Payload):
    """An auditor closed a finding."""

    type: ClassVar[EntryType] = EntryType.FINDING_CLOSED


@dataclass(frozen=True, slots=True, kw_only=True)
class DefinitionPublished(Confirmable):
    """A definition was published."""

    type: ClassVar[EntryType] = EntryType.DEFINITION_PUBLISHED
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignLaunched(Payload):
    """A campaign was launched; ``hash`` is of its text."""

    type: ClassVar[EntryType] = EntryType.CAMPAIGN_LAUNCHED
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignRead(Payload):
    """Somebody read the campaign's plan."""

    type: ClassVar[EntryType] = EntryType.CAMPAIGN_READ


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyChanged(Payload):
    """The agency is set up otherwise than before; ``hash`` is of what is kept of its file."""

    type: ClassVar[EntryType] = EntryType.AGENCY_CHANGED
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarSet(Payload):
    """The program computes due days by this calendar from now on; ``hash`` is of what is kept.

    Of ``years``: days (ISO) of the week not worked, and days of its end that are. ``day``: the
    one that somebody set; its notice is the comment.
    """

    type: ClassVar[EntryType] = EntryType.CALENDAR_SET
    hash: str
    zone: str
    opens_at: str
    closes_at: str
    years: tuple[int, ...]
    rest_days: tuple[str, ...]
    work_days: tuple[str, ...]
    day: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Genesis(Payload):
    """The database was made."""

    type: ClassVar[EntryType] = EntryType.GENESIS
    deployment: str
    software: str
