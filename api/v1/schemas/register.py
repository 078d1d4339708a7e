"""What the interface takes and answers of the register of outgoing documents."""

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from api.v1.schemas.answers import Answer
from api.v1.schemas.items import Body, RealDay
from workflow.model import DispatchChannel

_Line = Annotated[str, StringConstraints(min_length=1, max_length=500)]
_Perhaps = Annotated[str, StringConstraints(max_length=500)]


class NewDocument(Body):
    """``POST /register``: a document that no item becomes.

    ``number`` only where the agency's own system gives it; ``unit``: of a công văn (``CV``), the
    abbreviation of who drafted it.
    """

    kind: Annotated[str, StringConstraints(min_length=1, max_length=5)]
    about: _Line
    signer: _Line
    recipients: _Line
    kept_by: _Perhaps = ""
    unit: Annotated[str, StringConstraints(max_length=20)] = ""
    note: _Perhaps = ""
    copies: Annotated[int, Field(ge=1, le=9_999)] | None = None
    number: Annotated[int, Field(ge=1, le=999_999)] | None = None
    issued_on: RealDay | None = None


class RegisterLineAnswer(Answer):
    """A line of the register; ``code``: of the item that the document was, or null.

    ``along``: how many other items left under the same number; ``dossier``: its id.
    """

    notation: str
    kind: str
    number: int
    issued_on: date
    registered_on: date
    is_back_dated: bool
    about: str
    signer: str
    recipients: str
    kept_by: str
    copies: int | None
    sent_on: date | None
    channel: DispatchChannel | None
    note: str
    code: str | None
    along: int
    dossier: int | None
