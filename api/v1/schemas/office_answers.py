"""What the interface answers beside items, as types; like those of ``answers`` never run."""

from datetime import date

from pydantic import AwareDatetime, Field, JsonValue

from api.auth.scopes import TokenScope
from api.v1.schemas.answers import Answer, DefinitionReference, HolderAnswer
from workflow.deadlines import Audience, Risk, Roll
from workflow.definition import Campaign, Definition
from workflow.model import MeritKind, Method, Position, SignedFor


class RungAnswer(Answer):
    """One rung of a deadline's ladder."""

    days: int
    to: list[Audience]
    words: str | None = None


class DeadlineAnswer(Answer):
    """A deadline; ``due_at`` is the instant after rolling off rest days."""

    id: int
    version: int
    campaign: str
    kind: str
    departments: list[str]
    due_at: AwareDatetime
    roll: Roll
    ladder: list[RungAnswer]
    name: str
    data_until: date | None
    series: int | None


class ReminderAnswer(Answer):
    """A reminder that went or will go; without a deadline it is another kind of mail."""

    deadline: int | None
    rung: int | None
    person: str
    email: str
    departments: list[str]
    at: AwareDatetime
    state: str
    reason: str
    message_id: str | None


class RemindedAnswer(Answer):
    """Whom the Office reminded by hand."""

    deadline: int
    department: str
    message: str
    people: list[str]
    at: AwareDatetime


class SnoozedAnswer(Answer):
    """Until which working day one's reminders are put off."""

    deadline: int
    until: date | None


class StepAnswer(Answer):
    """One step of a plan made backwards."""

    state: str
    label: str
    working_days: int | None
    leave_by: date
    median_days: float | None
    ninetieth_days: float | None


class AheadAnswer(Answer):
    """One open item against the plan; the percentages are lowest, likeliest, highest."""

    code: str
    department: str
    days_left: int
    needs_days: int
    late_percent: tuple[int, int, int] | None
    risk: Risk | None


class BackPlanAnswer(Answer):
    """The latest day of each step, and open items against it: of each step the 1,000 oldest."""

    type: str
    on: date
    slack_days: int
    past_items: int
    steps: list[StepAnswer]
    items: list[AheadAnswer]


class ExtensionAnswer(Answer):
    """A department's request for another day, and the Office's answer."""

    id: int
    deadline: int
    department: str
    asked_by: str
    asked_at: AwareDatetime
    wanted_at: AwareDatetime
    why: str
    state: str
    answer: str


class DelegationAnswer(Answer):
    """Who decides for whom, on which days, by which document."""

    id: int
    from_: str = Field(alias="from")
    to: str
    starts_on: date
    ends_on: date
    document: str
    form: SignedFor
    kinds: list[str]
    departments: list[str]
    terms: str


class AbsenceAnswer(Answer):
    """Who is away, and who stands in."""

    id: int
    person: str
    stand_in: str | None
    starts_on: date
    ends_on: date


class PositionAnswer(Answer):
    """A position that somebody holds."""

    position: Position
    department: str | None


class MeAnswer(Answer):
    """The caller."""

    email: str
    name: str
    positions: list[PositionAnswer]
    department: str | None
    delegations: list[DelegationAnswer]
    method: Method
    scopes: list[TokenScope] | None


class OwnSessionAnswer(Answer):
    """One of one's sessions; ``factor``: what proved it beside the password."""

    id: str
    opened_at: AwareDatetime
    seen_at: AwareDatetime
    expires_at: AwareDatetime
    factor: Method | None
    address: str
    agent: str
    is_this: bool


class OwnTokenAnswer(Answer):
    """One of one's tokens; ``scopes`` null: good for all that its person may do."""

    id: str
    created_at: AwareDatetime
    seen_at: AwareDatetime | None
    expires_at: AwareDatetime
    scopes: list[TokenScope] | None


class EndedTokenAnswer(Answer):
    """The token that has ended."""

    id: str


class PersonAnswer(Answer):
    """A person."""

    email: str
    name: str
    position: Position
    department: str | None
    is_active: bool


class DepartmentAnswer(Answer):
    """A department."""

    id: str
    name: str
    is_office: bool


class PermissionRow(Answer):
    """Which transitions a position may take in a state."""

    state: str
    position: str
    transitions: list[str]


class DefinitionAnswer(Definition):
    """A definition with its hash and its permission matrix."""

    hash: str
    matrix: tuple[PermissionRow, ...]


class CampaignAnswer(Campaign):
    """A campaign, whole."""


class NewItemExample(Answer):
    """A body that ``POST /items`` accepts as it is."""

    type: str
    campaign: str
    title: str
    fields: dict[str, JsonValue]


class MeritAnswer(Answer):
    """A merit of a campaign."""

    id: int
    campaign: str
    recognition: str
    whose_kind: MeritKind
    whose: str
    department: str
    what: str
    story: str
    happened_on: date
    recorded_by: str
    recorded_at: AwareDatetime
    standing: str
    code: str | None


class NoteAnswer(Answer):
    """A note on a merit."""

    by: str
    at: AwareDatetime
    standing: str
    words: str


class MeritWithNotes(MeritAnswer):
    """A merit with the notes on it."""

    notes: list[NoteAnswer]


class DefinitionThenAnswer(DefinitionReference):
    """The version of a process by which items began; ``since``: when it was published."""

    since: AwareDatetime


class CalendarThenAnswer(Answer):
    """The calendar that due days were computed by; the days are those of the year."""

    zone: str
    opens_at: str
    closes_at: str
    is_working: bool
    rest_days: list[date]
    work_days: list[date]


class OpenItemAnswer(Answer):
    """An item on its way, and whom it waited for."""

    code: str
    type: str
    definition_version: int
    state: str
    since: AwareDatetime
    due_at: AwareDatetime | None
    holders: list[HolderAnswer]


class PastAgencyAnswer(Answer):
    """The agency at an instant, of the local ``day``; absences and delegations are that day's.

    ``erased`` and ``altered``: subjects of which what was kept then is gone, or is not what their
    entry committed to. ``is_cut``: more items were open.
    """

    day: date
    departments: list[DepartmentAnswer]
    people: list[PersonAnswer]
    absences: list[AbsenceAnswer]
    delegations: list[DelegationAnswer]
    definitions: list[DefinitionThenAnswer]
    calendar: CalendarThenAnswer | None
    items: list[OpenItemAnswer]
    is_cut: bool
    erased: list[str]
    altered: list[str]
