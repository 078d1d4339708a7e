"""What entries about proceedings say; they belong to the payloads of ``payloads``.

What is pending and why is sensitive: it stands in erasable texts alone, and an entry says no more
than against whom, that it ended, and that its end was corrected.
"""

from dataclasses import dataclass
from typing import ClassVar

from workflow.history.entry_types import EntryType
from workflow.history.payloads import Confirmable, Payload
from workflow.history.privacy_payloads import Erasure
from workflow.model import DepartmentId, PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class ProceedingOpened(Payload):
    """Something is pending against a person, or against a department."""

    type: ClassVar[EntryType] = EntryType.PROCEEDING_OPENED
    person: PersonId | None = None
    department: DepartmentId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProceedingClosed(Payload):
    """It has ended."""

    type: ClassVar[EntryType] = EntryType.PROCEEDING_CLOSED


@dataclass(frozen=True, slots=True, kw_only=True)
class ProceedingCorrected(Confirmable):
    """How it ended was written wrongly, and is corrected; a second person confirms what frees."""

    type: ClassVar[EntryType] = EntryType.PROCEEDING_CORRECTED


@dataclass(frozen=True, slots=True, kw_only=True)
class ProceedingErased(Erasure):
    """What was pending, by which document and how it ended, was erased."""

    type: ClassVar[EntryType] = EntryType.PROCEEDING_ERASED
