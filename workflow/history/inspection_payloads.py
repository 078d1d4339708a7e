"""What entries about inspections say; they belong to the payloads of ``payloads``."""

from dataclasses import dataclass
from typing import ClassVar

from workflow.history.entry_types import EntryType
from workflow.history.payloads import Payload
from workflow.model import DepartmentId, PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionPlanned(Payload):
    """The Office plans to visit a department; ``deadline``: by which it answers for that."""

    type: ClassVar[EntryType] = EntryType.INSPECTION_PLANNED
    campaign: str
    department: DepartmentId
    on_day: str
    inspectors: tuple[PersonId, ...]
    deadline: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionRecorded(Payload):
    """What was found; ``mend_by``: the local day by which it is mended, ``deadline`` of that."""

    type: ClassVar[EntryType] = EntryType.INSPECTION_RECORDED
    mend_by: str | None = None
    deadline: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionEnded(Payload):
    """What was found is mended, or the visit was given up."""

    type: ClassVar[EntryType] = EntryType.INSPECTION_ENDED
    outcome: str
