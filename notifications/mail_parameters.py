"""What each kind of mail is written from, beside its person and its item.

Owns one frozen type for each, and its form in the column ``params``: JSON, a member for each field
by the same name. A letter may have to be written from what an earlier program stored: a type may
gain fields with a default, and never lose or rename one. No sentence, no name of a person.
"""

from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import cache
from typing import TypeVar

import orjson
from pydantic import TypeAdapter, ValidationError

from workflow.events import (
    AbsenceChange,
    AccountChange,
    ReleaseReason,
    RequestMoment,
    Saying,
    TaskReason,
)
from workflow.history.payloads import Amendment
from workflow.model import (
    ContentHash,
    DepartmentId,
    DispatchChannel,
    FindingChange,
    ItemId,
    PersonId,
)
from workflow.office_events import VisitChange
from workflow.store.instants import written
from workflow.voting import RoundNews

P = TypeVar("P", bound="Parameters")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """What a mail is written from; by itself, nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskParameters(Parameters):
    """The task of one step on one content."""

    step: int
    content_hash: ContentHash
    state: str
    why: TaskReason


@dataclass(frozen=True, slots=True, kw_only=True)
class InformedParameters(Parameters):
    """What was done to its reader's item; the ``actor`` None is the clock."""

    transition: str
    actor: PersonId | None
    version: int
    is_undone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasedParameters(Parameters):
    """Why an item waits for its reader no longer."""

    why: ReleaseReason = ReleaseReason.HOLDERS


@dataclass(frozen=True, slots=True, kw_only=True)
class StuckParameters(Parameters):
    """The state in which nobody can handle an item."""

    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalatedParameters(Parameters):
    """The state in which an item has waited so many working days."""

    state: str
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerParameters(Parameters):
    """Whose link, PIN or passkey it is about; its reader may be somebody else."""

    owner: PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyParameters(OwnerParameters):
    """Whose passkey was added; ``undo``: by which change its owner ends it, in hex."""

    undo: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoneParameters(OwnerParameters):
    """Whose change was taken back, by which entry of theirs."""

    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountParameters(Parameters):
    """What became other for the account of its reader, or of ``owner``, and who did it.

    ``undo``: by which change its reader takes it back, in hex.
    """

    what: AccountChange
    by: PersonId | None
    at: datetime
    undo: str = ""
    owner: PersonId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionParameters(Parameters):
    """Who said what kind of thing of an item."""

    actor: PersonId
    what: Saying


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmedParameters(Parameters):
    """What was decided by a link, and when."""

    transition: str
    definition_hash: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldParameters(Parameters):
    """The ``place``-th telling of a transition that was taken from ``source``."""

    transition: str
    source: str
    place: int
    state: str
    actor: PersonId | None
    definition_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeParameters(Parameters):
    """How a dossier left; ``name``: of the body outside that is told.

    With the decision on awards that it reports: its number, day, and for how many. ``along``: how
    many items leave with what gave the number.
    """

    number: str
    issued_on: date
    channel: DispatchChannel
    name: str
    decision_number: str = ""
    decided_on: date | None = None
    awarded: int = 0
    along: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageParameters(Parameters):
    """With which number and day a dossier left; ``link``: the id (in hex) of what both links are.

    ``name``: of the body outside that fetches and answers it.
    """

    link: str
    number: str
    issued_on: date
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredParameters(Parameters):
    """What whom a dossier was sent to answered, on which items."""

    transition: str
    version: int
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendedParameters(Parameters):
    """What became of the document ``of``, by which one; ``name``: of the body that is told."""

    name: str
    how: Amendment
    of: str
    of_day: date
    number: str
    issued_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationParameters(Parameters):
    """Who may act for whom, and by which document."""

    from_person: PersonId
    to_person: PersonId
    starts_on: date
    ends_on: date
    document: str
    undo: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationEndedParameters(Parameters):
    """Who acts for whom no more."""

    from_person: PersonId
    to_person: PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsenceParameters(Parameters):
    """Who is away, and what became of that absence."""

    away: PersonId
    stand_in: PersonId | None
    starts_on: date
    ends_on: date
    what: AbsenceChange
    undo: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemindNowParameters(Parameters):
    """What the Office reminds of, in its own words."""

    deadline: int
    department: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UrgedParameters(Parameters):
    """What is late with its reader, and the Office's own words."""

    items: tuple[ItemId, ...]
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitParameters(Parameters):
    """Which visit of which department, on which local day and by whom, is planned or given up."""

    inspection: int
    what: VisitChange
    department: DepartmentId
    on_day: date
    inspectors: tuple[PersonId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyParameters(Parameters):
    """The week, by its Monday."""

    week: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestParameters(Parameters):
    """When it was to leave: it gathers what waited for that."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingParameters(Parameters):
    """The finding, what became of it, and by whom."""

    finding: int
    what: FindingChange
    actor: PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundParameters(Parameters):
    """The round of the council, and what is told of it."""

    round: int
    what: RoundNews


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionParameters(Parameters):
    """The extension that was asked for or decided."""

    extension: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarParameters(Parameters):
    """The day that was set, and what is due at another time by it."""

    day: date
    deadlines: tuple[int, ...]
    items: tuple[ItemId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorParameters(Parameters):
    """The checkpoint, by how many entries it covers."""

    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalParameters(Parameters):
    """The proposal that waits for its reader."""

    proposal: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestParameters(Parameters):
    """The data subject's request, and how far it has come."""

    request: int
    moment: RequestMoment


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryParameters(Parameters):
    """The entry of the history that tells of it."""

    subject: str
    seq: int


class FieldsOf:
    """The fields of a value by name, as the outbox keeps them."""

    def __init__(self, value: object) -> None:
        self._value = value

    def __getitem__(self, name: str) -> object:
        found = getattr(self._value, name)
        return written(found) if isinstance(found, datetime) else found


def params_of(kind: type[Parameters], occasion: object) -> str:
    """Return the column ``params``: what the occasion calls by the names of the fields."""
    names = _names(kind)  # type: ignore[arg-type]  # a class has a hash
    values = {name: getattr(occasion, name) for name in names}
    return orjson.dumps(values, _instant, orjson.OPT_PASSTHROUGH_DATETIME).decode()


@cache
def _names(kind: type[Parameters]) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind))


def _instant(value: date) -> str | None:
    return written(value) if isinstance(value, datetime) else value.isoformat()


def read_params(kind: type[P], text: str) -> P:
    """Return the parameters of a column. Raises ValueError, which quotes nothing."""
    try:
        found: P = _reader(kind).validate_json(text)  # type: ignore[arg-type]  # a class has a hash
    except ValidationError as exc:
        # Its own words quote what was stored: that would bring what a person typed into the log.
        message = f"{kind.__name__} cannot be read: {exc.error_count()} of its fields are wrong"
        raise ValueError(message) from None
    return found


@cache
def _reader(kind: type[P]) -> TypeAdapter[P]:
    return TypeAdapter(kind)
