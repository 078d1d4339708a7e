"""What the interface takes and answers of what is pending against people and departments."""

from datetime import date
from typing import Literal

from pydantic import AwareDatetime

from api.v1.schemas.answers import Answer
from api.v1.schemas.items import Body, RealDay

Kind = Literal["discipline", "inspection", "investigation", "complaint", "press"]
Outcome = Literal["cleared", "settled", "disciplined"]


class NewProceeding(Body):
    """What is pending since a local day, by which document of a day.

    ``person``: the address of whom it is against; else ``department``.
    """

    kind: Kind
    since: RealDay
    document: str
    document_on: RealDay
    person: str = ""
    department: str = ""
    words: str = ""


class ProceedingEnding(Body):
    """How it ended, by which document; ``served_on``: when a discipline was or will be served."""

    outcome: Outcome
    ended_on: RealDay
    document: str
    document_on: RealDay
    served_on: RealDay | None = None
    words: str = ""


class ProceedingCorrecting(Body):
    """How it truly ended, null where it has not, and what was written wrongly."""

    end: ProceedingEnding | None
    reason: str


class EndAnswer(Answer):
    """How it ended, by which document; erased texts are empty."""

    outcome: Outcome
    ended_on: date
    document: str
    document_on: date
    served_on: date | None
    words: str


class CorrectionAnswer(Answer):
    """A correction: how it truly ended, or null; ``confirmed_by``: where a second person did."""

    end: EndAnswer | None
    reason: str
    corrected_by: str
    confirmed_by: str | None
    corrected_at: AwareDatetime


class Proceeding(Answer):
    """What is or was pending, against the person of an address or a department; null: not ended."""

    id: int
    person: str | None
    department: str | None
    kind: Kind
    since: date
    document: str
    document_on: date
    words: str
    opened_by: str
    opened_at: AwareDatetime
    outcome: Outcome | None
    ended_on: date | None
    end_document: str | None
    end_document_on: date | None
    served_on: date | None
    end_words: str | None
    closed_by: str | None
    closed_at: AwareDatetime | None


class ProceedingAnswer(Proceeding):
    """A proceeding with its end as it was first written, and each correction, oldest first."""

    first_end: EndAnswer | None
    corrections: list[CorrectionAnswer]
