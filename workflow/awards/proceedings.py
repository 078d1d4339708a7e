"""What may be pending against a nominee, and how it ends: the facts that rules of a hold judge by.

Owns which of it is pending on a day. It says nothing of who may read it. Pure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum, auto

from workflow.messages import Message, lazy


class ProceedingKind(StrEnum):
    """What is pending (principles of commendation, Decree 152/2025/NĐ-CP)."""

    DISCIPLINE = auto()
    INSPECTION = auto()
    INVESTIGATION = auto()
    COMPLAINT = auto()
    PRESS = auto()
    """Corruption that the press tells of, while it is verified."""


class ProceedingOutcome(StrEnum):
    """How it ended."""

    CLEARED = auto()
    """Nothing was found."""
    SETTLED = auto()
    """It ended without discipline: taken back, dropped, or reminded of."""
    DISCIPLINED = auto()


KINDS: Mapping[ProceedingKind, Message] = {
    ProceedingKind.DISCIPLINE: lazy("Discipline is being considered"),
    ProceedingKind.INSPECTION: lazy("Under inspection, with signs of a violation"),
    ProceedingKind.INVESTIGATION: lazy("Under investigation, prosecution or trial"),
    ProceedingKind.COMPLAINT: lazy("A complaint or denunciation is being verified"),
    ProceedingKind.PRESS: lazy("Corruption told of by the press is being verified"),
}
"""What each kind is called."""
OUTCOMES: Mapping[ProceedingOutcome, Message] = {
    ProceedingOutcome.CLEARED: lazy("Concluded: no violation"),
    ProceedingOutcome.SETTLED: lazy("Ended without discipline"),
    ProceedingOutcome.DISCIPLINED: lazy("Disciplined"),
}
"""What each outcome is called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A proceeding as the rules know it; ``served_on``: when a discipline was, or will be, served.

    ``ended_on`` None: it is pending still.
    """

    kind: ProceedingKind
    since: date
    document: str = ""
    document_on: date | None = None
    ended_on: date | None = None
    served_on: date | None = None

    def is_pending_on(self, day: date) -> bool:
        """Return whether it stands in the way on ``day``; no more from the day that it ended."""
        return self.since <= day and (self.ended_on is None or day < self.ended_on)


def served_on(proceedings: Iterable[Pending]) -> date | None:
    """Return when the last discipline was served; None where nobody was disciplined."""
    return max((each.served_on for each in proceedings if each.served_on), default=None)
