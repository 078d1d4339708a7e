"""What entries about imported awards of earlier years say; they belong to those of ``payloads``.

To whom an award was given by name, and for what, stands in erasable texts alone.
"""

from dataclasses import dataclass
from typing import ClassVar

from workflow.history.entry_types import EntryType
from workflow.history.payloads import Confirmable
from workflow.history.privacy_payloads import Erasure
from workflow.model import PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class PastAwardImported(Confirmable):
    """An award given before the product came was brought in; ``decided_on``: ISO 8601."""

    type: ClassVar[EntryType] = EntryType.PAST_AWARD_IMPORTED
    award: str
    decided_on: str
    person: PersonId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PastAwardWithdrawn(Confirmable):
    """It was brought in wrongly, or taken back since: it counts no more."""

    type: ClassVar[EntryType] = EntryType.PAST_AWARD_WITHDRAWN


@dataclass(frozen=True, slots=True, kw_only=True)
class PastAwardErased(Erasure):
    """To whom it was given and for what was erased."""

    type: ClassVar[EntryType] = EntryType.PAST_AWARD_ERASED
