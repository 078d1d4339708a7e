"""What the interface takes and answers of what became of a document after it was sent."""

from typing import Annotated

from pydantic import Field

from api.v1.schemas.answers import Answer
from api.v1.schemas.items import Body, Day, Short
from workflow.history.payloads import Amendment


class NewAmendment(Body):
    """How what was sent is amended, and why; its letter gets a number as ``send_to_board`` does.

    ``unit``: of a letter, the abbreviation of who drafted it.
    """

    how: Amendment
    reason: str
    unit: Short = ""
    number: Annotated[int, Field(ge=1, le=999_999)] | None = None
    issued_on: Day | None = None


class NewDelivery(Body):
    """That it arrived: by which code or receipt, on which day."""

    reference: Short
    delivered_on: Day


class SealedCopy(Body):
    """The SHA-256 of the signed document that the agency's signature is added to."""

    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class AmendmentAnswer(Answer):
    """Number and day of the document that amends."""

    number: str
    issued_on: str


class SendingEntry(Answer):
    """The number of the entry that tells of it."""

    seq: int
