"""What an agency's other files may say: campaigns, organization, calendar, a deadline.

Owns their pydantic models. They describe; they never act. Anything not named here is refused
(``extra="forbid"``).
"""

from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from workflow.addresses import parse_mailbox
from workflow.definition.fields import Choice
from workflow.definition.outgoing import OutgoingRules
from workflow.definition.parts import Identifier, Part, Slug, Words
from workflow.definition.signing import Signing
from workflow.messages import lazy
from workflow.model import Grant, KeptKind, Position, RequestKind


class Reference(Part):
    """A document that the campaign or a criterion rests on."""

    number: str
    issued_on: date
    issuer: str
    subject: str | None = None


class Criterion(Part):
    """One criterion of a content group; ``quantitative`` names what is counted."""

    id: Identifier
    text: str
    legal_basis: tuple[Reference, ...] = ()
    quantitative: tuple[str, ...] = ()
    secrecy_warning: bool = False


class CriteriaGroup(Part):
    """One content group of the plan (II.1 to II.3)."""

    id: Identifier
    title: str
    criteria: Annotated[tuple[Criterion, ...], Field(min_length=1)]


class Duty(Part):
    """Who answers for what (part III.2 of a plan)."""

    who: str
    duties: Annotated[tuple[str, ...], Field(min_length=1)]


class Recipient(Part):
    """One line of Nơi nhận, in the plan's order; ``outside``: a body that is told of awards."""

    name: str
    id: Slug
    outside: bool = False


class LaunchDocument(Part):
    """The document that launches the campaign; number and date stay empty until they are known."""

    kind: Literal["KH"]
    title: str
    number: str | None = None
    issued_on: date | None = None
    signed_by: str
    closing: str


class LaunchWords(Part):
    """What the plan of a campaign says where the form that launches one does not ask.

    ``{name}`` in title and closing is the campaign's.
    """

    title: str
    signed_by: str
    closing: str
    content: str
    recognition: Annotated[tuple[Choice, ...], Field(min_length=1)]
    organization: Annotated[tuple[Duty, ...], Field(min_length=1)]
    recipients: Annotated[tuple[Recipient, ...], Field(min_length=1)]


class Campaign(Part):
    """An emulation movement, with its plan, dates and criteria."""

    id: Slug
    name: str
    year: Annotated[int, Field(ge=2000, le=2100)]
    owner: str
    form: Literal["themed", "regular"]
    launch_document: LaunchDocument
    parent_plan: Reference | None = None
    """The superior's plan that it carries out; None: the agency launches it by itself."""
    purpose: str
    requirements: Annotated[tuple[str, ...], Field(min_length=1)]
    recognition: Annotated[tuple[Choice, ...], Field(min_length=1)]
    content: Annotated[tuple[CriteriaGroup, ...], Field(min_length=1)]
    starts_on: date
    ends_on: date
    organization: Annotated[tuple[Duty, ...], Field(min_length=1)]
    recipients: Annotated[tuple[Recipient, ...], Field(min_length=1)]
    linked_campaigns: tuple[Slug, ...] = ()
    obligated_departments: Literal["all"] | tuple[Slug, ...] = "all"
    source_notes: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.ends_on < self.starts_on:
            raise ValueError(
                lazy("'ends_on' lies before 'starts_on': correct one of the two dates")
            )
        return self


def _mailbox(text: str) -> str:
    found = parse_mailbox(text.strip())
    if found is None:
        raise ValueError(
            lazy(
                "“{text}” is not a mail address: write one bare address, like name@agency.vn",
                text=text,
            )
        )
    return found.address


Address = Annotated[str, AfterValidator(_mailbox)]
"""One mail address, as it is kept; checked where it is written, for no mail can be sent to
anything else."""


class DepartmentEntry(Part):
    """One department of the organization file."""

    id: Slug
    name: str
    is_office: bool = False


class PersonEntry(Part):
    """One person of the organization file."""

    email: Address
    name: Words
    position: Position
    department: Slug | None = None
    pin: Annotated[str, StringConstraints(pattern=r"^\d{6,12}$")] | None = None


class OutsideAddress(Part):
    """A mailbox outside the agency that gets notices."""

    id: Slug
    name: str
    email: Address
    organ_id: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z.]{0,13}$")] = ""


_NEVER_CONFIRM = frozenset({Position.STAFF, Position.AUDITOR})


class GrantRule(Part):
    """Who proposes what gives power, and who confirms it; ``otherwise``: where none of these may.

    Nobody confirms what they proposed or gain by.
    """

    propose: Annotated[tuple[Position, ...], Field(min_length=1)]
    confirm: Annotated[tuple[Position, ...], Field(min_length=1)]
    otherwise: tuple[Position, ...] = ()

    @model_validator(mode="after")
    def _confirmers_have_power_to_lose(self) -> Self:
        if wrong := sorted(_NEVER_CONFIRM.intersection((*self.confirm, *self.otherwise))):
            raise ValueError(
                lazy(
                    "{positions} never confirm: one person alone may add staff, and auditors "
                    "decide nothing. Name other positions",
                    positions=", ".join(wrong),
                )
            )
        return self


_OF_PEOPLE = GrantRule(
    propose=(Position.CHIEF, Position.OFFICER, Position.ADMIN),
    confirm=(Position.DIRECTOR, Position.DEPUTY_DIRECTOR),
)
_OF_PROCESSES = GrantRule(
    propose=(Position.ADMIN,), confirm=(Position.CHIEF,), otherwise=(Position.DIRECTOR,)
)


_OF_RECORDS = GrantRule(
    propose=(Position.CHIEF, Position.OFFICER),
    confirm=(Position.DIRECTOR, Position.DEPUTY_DIRECTOR),
)


class ProposalRules(Part):
    """Who proposes and who confirms each kind of what gives power; ``relaxed``: one is enough."""

    positions: GrantRule = _OF_PEOPLE
    addresses: GrantRule = _OF_PEOPLE
    delegations: GrantRule = _OF_PEOPLE
    definitions: GrantRule = _OF_PROCESSES
    migrations: GrantRule = _OF_PROCESSES
    erasures: GrantRule = _OF_RECORDS
    corrections: GrantRule = _OF_RECORDS
    past_awards: GrantRule = _OF_RECORDS
    relaxed: tuple[Grant, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _without_factors(cls, given: object) -> object:
        """Leave out a kind of earlier files: nobody sets the factor of another."""
        if not isinstance(given, dict):
            return given
        kept = {name: rule for name, rule in given.items() if name != "factors"}
        relaxed = kept.get("relaxed")
        if isinstance(relaxed, list):
            kept["relaxed"] = [each for each in relaxed if each != "factors"]
        return kept

    def of(self, grant: Grant) -> GrantRule:
        """Return the rule for one kind."""
        rule: GrantRule = getattr(self, grant.value)
        return rule


class Term(Part):
    """Within how many days something is to be done, and the legal text that says so.

    Counted from the day after; ``working``: in working days. ``source`` empty: the program's own.
    """

    days: Annotated[int, Field(ge=1, le=400)]
    working: bool = False
    source: str = ""


class RetentionPeriod(Part):
    """How many months a kind of data is kept once its purpose is over, and by which text."""

    months: Annotated[int, Field(ge=1, le=1200)]
    source: str = ""


class PrivacyRules(Part):
    """Due days of data subjects' requests, and how long data is kept; each with its source.

    The numbers here are for an agency whose file says nothing. Nothing that was ever sent ends by
    a period: archive law says how long that is kept.
    """

    acknowledgement: Term = Term(days=2, working=True)
    access: Term = Term(days=10)
    correction: Term = Term(days=10)
    erasure: Term = Term(days=20)
    restriction: Term = Term(days=15)
    objection: Term = Term(days=15)
    complaint: Term = Term(days=15)
    extension: Term = Term(days=15)
    drafts: RetentionPeriod | None = None
    ended: RetentionPeriod | None = None
    leavers: RetentionPeriod | None = None
    requests: RetentionPeriod | None = None
    backups: RetentionPeriod = RetentionPeriod(months=12)

    def term(self, kind: RequestKind) -> Term:
        """Return within which term a request of a kind is to be answered."""
        found: Term = getattr(self, kind.value)
        return found

    def period(self, kind: KeptKind) -> RetentionPeriod | None:
        """Return how long a kind of data is kept; None: nothing of it ends by itself."""
        found: RetentionPeriod | None = getattr(self, kind.value)
        return found


class Organization(Part):
    """An agency: departments, people, outside recipients, who proposes and who confirms."""

    name: str
    symbol: str
    superior: str
    place: str
    departments: Annotated[tuple[DepartmentEntry, ...], Field(min_length=1)]
    people: tuple[PersonEntry, ...]
    outside: tuple[OutsideAddress, ...] = ()
    proposals: ProposalRules = ProposalRules()
    privacy: PrivacyRules = PrivacyRules()
    signing: Signing = Signing()
    outgoing: OutgoingRules = OutgoingRules()

    @model_validator(mode="after")
    def _those_who_sign_are_known(self) -> Self:
        deputies = {each.email for each in self.people if each.position is Position.DEPUTY_DIRECTOR}
        departments = {each.id for each in self.departments}
        for assignment in self.signing.assignments:
            if assignment.deputy not in deputies:
                raise ValueError(
                    lazy(
                        "signing: '{email}' is no deputy director of this file: KT. is signed by a "
                        "deputy (Decree 30/2020/NĐ-CP, Article 13.1)",
                        email=assignment.deputy,
                    )
                )
            if unknown := sorted(set(assignment.departments) - departments):
                raise ValueError(
                    lazy(
                        "signing: unknown department '{department}': use one of {known}",
                        department=unknown[0],
                        known=", ".join(sorted(departments)),
                    )
                )
        return self

    @model_validator(mode="after")
    def _who_answers_is_known(self) -> Self:
        known, answers = [each.id for each in self.outside], self.outgoing.answered_by
        if answers is not None and answers not in known:
            raise ValueError(
                lazy(
                    "outgoing: '{id}' in 'answered_by' is nobody in 'outside': use one of {known}",
                    id=answers,
                    known=", ".join(known),
                )
            )
        return self

    @model_validator(mode="after")
    def _people_stand_in_known_departments(self) -> Self:
        known = {each.id for each in self.departments}
        for person in self.people:
            if person.department is not None and person.department not in known:
                raise ValueError(
                    lazy(
                        "{email}: unknown department '{department}': use one of {known}",
                        email=person.email,
                        department=person.department,
                        known=", ".join(sorted(known)),
                    )
                )
        return self


class DeadlineFile(Part):
    """A deadline in a file, for looking ahead.

    ``due_at`` is local unless it names an offset; ``replaces`` an existing one by its id.
    """

    campaign: Slug
    kind: Identifier
    departments: Annotated[tuple[Slug, ...], Field(min_length=1)]
    due_at: datetime
    roll: Literal["previous", "next", "none"] = "previous"
    replaces: int | None = None


class CalendarCorrection(Part):
    """A day on which the holidays library is overruled, with the notice that says so."""

    day: date
    working: bool
    notice: str


class CalendarCorrections(Part):
    """Corrections over the holidays library, and the hours of a working day."""

    opens_at: Annotated[str, StringConstraints(pattern=r"^\d{2}:\d{2}$")]
    closes_at: Annotated[str, StringConstraints(pattern=r"^\d{2}:\d{2}$")]
    corrections: tuple[CalendarCorrection, ...] = ()
