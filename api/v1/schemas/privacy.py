"""The bodies and answers about personal data: requests, holds, erasures, retention."""

from datetime import date
from typing import Annotated

from pydantic import AwareDatetime, Field, JsonValue, StringConstraints

from api.v1.schemas.answers import Answer
from api.v1.schemas.items import Body
from workflow.model import KeptKind, RequestKind, RequestState

_Line = Annotated[str, StringConstraints(max_length=254)]
_Words = Annotated[str, StringConstraints(max_length=8000)]
_Number = Annotated[int, Field(ge=1, le=2**31 - 1)]
_Subject = Annotated[str, StringConstraints(max_length=270)]


class NewRequest(Body):
    """``POST /privacy/requests``; without ``name`` the caller asks for themselves."""

    kind: RequestKind
    words: _Words
    name: _Line = ""
    contact: _Line = ""
    received_on: date | None = None


class Answering(Body):
    """``POST /privacy/requests/{id}``; ``puts_off``: it is answered later, once."""

    state: RequestState
    answer: _Words = ""
    puts_off: bool = False


class NewHold(Body):
    """``POST /privacy/holds``; ``about``: item:CODE, merit:ID, proceeding:ID, person:ADDRESS."""

    about: _Subject
    reason: _Words


class Lifting(Body):
    """``POST /privacy/holds/{id}/lift``."""

    reason: _Words


class Erasing(Body):
    """``POST /privacy/erasures``; ``of``: item:CODE, merit:ID, request:ID or person:ADDRESS.

    Of an item: numbers of ``entries`` whose words go, ``fields`` by id or ``(title)``, ``files`` by
    hash. ``request``: the data subject's, which asks for it.
    """

    of: _Subject
    reason: _Words
    entries: Annotated[tuple[_Number, ...], Field(max_length=500)] = ()
    fields: Annotated[tuple[_Line, ...], Field(max_length=200)] = ()
    files: Annotated[tuple[_Line, ...], Field(max_length=200)] = ()
    request: _Number | None = None


class Removing(Body):
    """``POST /privacy/retention``: all that is past its period today, as the plan shows it."""

    reason: _Words


class RequestAnswer(Answer):
    """What a data subject asked, and how it stands; ``person``: the address of who works here."""

    id: int
    kind: RequestKind
    person: str | None
    name: str
    contact: str
    words: str
    received_on: date
    due_on: date
    state: RequestState
    answer: str
    answered_by: str | None
    answered_at: AwareDatetime | None


class HoldAnswer(Answer):
    """What must not be erased, since when and until when."""

    id: int
    about: str
    reason: str
    placed_by: str | None
    placed_at: AwareDatetime
    lifted_by: str | None
    lifted_at: AwareDatetime | None
    lift_reason: str


class ErasedAnswer(Answer):
    """What was erased, where the agency's rules let one person do it."""

    erased: str


class RetentionPeriodAnswer(Answer):
    """How long a kind of data is kept, by which text; null: nothing of it ends by itself."""

    kind: KeptKind
    months: int | None
    source: str | None


class OverdueAnswer(Answer):
    """What is past its period; ``hold``: the number of the hold that keeps it all the same."""

    kind: KeptKind
    subject: str
    since: AwareDatetime
    hold: int | None


class RetentionAnswer(Answer):
    """What would be removed today; ``left``: how many more wait for the next time."""

    day: date
    periods: list[RetentionPeriodAnswer]
    removed: list[OverdueAnswer]
    left: int
    held: list[OverdueAnswer]


class RemovedAnswer(Answer):
    """How much was removed, where the agency's rules let one person do it."""

    removed: int


class OutsideAnswer(Answer):
    """What no erasure here reaches: backups, for so long, by that rule."""

    backups_months: int
    source: str


class PersonalDataAnswer(Answer):
    """Everything that is held on a person, by what it is; ``outside``: what is elsewhere.

    ``cut``: of which parts there is more than is handed out here.
    """

    email: str
    at: AwareDatetime
    data: dict[str, list[dict[str, JsonValue]]]
    cut: list[str]
    outside: OutsideAnswer
