"""What the interface takes and answers of awards that were given before the product came."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from api.v1.schemas.answers import Answer
from api.v1.schemas.items import Body, Short
from workflow.commands.past_awards import MOST_AT_ONCE

_Kind = Literal["individual", "collective"]
_Commendation = Literal["regular", "themed", "ad_hoc"]


class NewPastAward(Body):
    """An award, by the ids of the file of awards; days in ISO 8601.

    ``email``: of a person who is or was of the agency; ``authority`` left out: who was competent on
    the day; ``commendation`` left out: ``regular`` of a title, ``themed`` of a form.
    """

    nominee: Short
    kind: _Kind
    award: Short
    number: Short
    decided_on: Short
    email: Short = ""
    department: Short = ""
    authority: Short = ""
    commendation: _Commendation | None = None
    reason: str = ""
    first_day: Short = ""
    last_day: Short = ""


class NewPastAwards(Body):
    """Awards to be imported, all or none; those that are here already are passed over."""

    awards: Annotated[list[NewPastAward], Field(min_length=1, max_length=MOST_AT_ONCE)]


class PastAwardWithdrawing(Body):
    """Why an imported award counts no more; ``whole``: all awards of its import."""

    reason: str
    whole: bool = False


class PastAwardAnswer(Answer):
    """An imported award; erased texts are empty, ``imported_by`` null: the command line."""

    id: int
    nominee: str
    email: str | None
    kind: _Kind
    department: str | None
    award: str
    commendation: _Commendation
    authority: str
    number: str
    decided_on: date
    first_day: date | None
    last_day: date | None
    reason: str
    imported_by: str | None
    confirmed_by: str | None
    imported_at: AwareDatetime
    withdrawn_by: str | None
    withdrawn_at: AwareDatetime | None
    withdrawn_why: str | None


class ImportAnswer(Answer):
    """How many awards were brought in, and how many were here already."""

    added: int
    known: int
