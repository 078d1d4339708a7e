"""The bodies that the interface takes: closed, parsed once at the edge."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, StringConstraints, model_validator

from workflow.canonical import is_storable
from workflow.deadlines import MOST_OCCURRENCES, Audience, Every, Roll, Rung
from workflow.model import SignedFor

Short = Annotated[str, StringConstraints(max_length=300)]
Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class Body(BaseModel):
    """A request body: takes no field that it does not name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _holds_only_text_that_can_be_kept(cls, data: object) -> object:
        waiting = [data]
        while waiting:
            each = waiting.pop()
            if isinstance(each, str) and not is_storable(each):
                raise ValueError("văn bản có ký tự điều khiển hoặc ký tự hỏng; hãy xóa các ký tự đó")
            if isinstance(each, dict):
                waiting += [*each.keys(), *each.values()]
            elif isinstance(each, list):
                waiting += each
        return data


class NewItem(Body):
    """``POST /items``."""

    type: Short
    campaign: Short
    title: str
    fields: dict[str, JsonValue] = Field(default_factory=dict)
    department: Short | None = None

    def json_fields(self) -> dict[str, Any]:
        """Return the fields as the core takes them; floats are refused by its field checks."""
        return dict(self.fields)


class ItemChange(Body):
    """``PATCH /items/{code}``: fields merge by key, null removes one."""

    title: str | None = None
    fields: dict[str, JsonValue] | None = None

    def json_fields(self) -> dict[str, Any] | None:
        """Return the fields as the core takes them; floats are refused by its field checks."""
        return None if self.fields is None else dict(self.fields)


class TransitionRequest(Body):
    """``POST /items/{code}/transitions``."""

    transition: Short
    comment: Annotated[str, StringConstraints(max_length=4000)] | None = None
    version: Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)] | None = None
    to: Short | None = None
    pin: Annotated[str, StringConstraints(max_length=12)] | None = None
    totp: Annotated[str, StringConstraints(max_length=8)] | None = None
    number: Annotated[int, Field(ge=1, le=999_999)] | None = None
    issued_on: Day | None = None
    channel: Short | None = None
    mend: Annotated[tuple[Short, ...], Field(max_length=100)] | None = None


class RungBody(Body):
    """One rung of a ladder."""

    days: Annotated[int, Field(ge=-120, le=120)]
    to: Annotated[list[Audience], Field(min_length=1)]
    words: Annotated[str, StringConstraints(max_length=2000)] = ""

    def rung(self) -> Rung:
        """Return the rung as a value."""
        return Rung(days=self.days, to=tuple(dict.fromkeys(self.to)), words=self.words.strip())


class RepeatsBody(Body):
    """A series: ``times`` occurrences in all."""

    every: Every
    times: Annotated[int, Field(ge=2, le=MOST_OCCURRENCES)]


class NewDeadline(Body):
    """``POST /deadlines`` and ``/deadlines/preview``."""

    campaign: Short
    kind: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
    departments: Annotated[list[Short], Field(min_length=1, max_length=200)]
    due_at: AwareDatetime
    roll: Roll = Roll.PREVIOUS
    ladder: list[RungBody] | None = None
    confirm: bool = False
    name: Annotated[str, StringConstraints(max_length=80)] = ""
    data_until: date | None = None
    repeats: RepeatsBody | None = None


class DeadlineChange(Body):
    """``PATCH /deadlines/{id}``."""

    departments: Annotated[list[Short], Field(min_length=1, max_length=200)] | None = None
    due_at: AwareDatetime | None = None
    roll: Roll | None = None
    ladder: list[RungBody] | None = None
    confirm: bool = False
    name: Annotated[str, StringConstraints(max_length=80)] | None = None
    data_until: date | None = None


class Snoozing(Body):
    """``POST /deadlines/{id}/snooze``: the local day until which one is not reminded; null: be reminded as planned again."""

    until: date | None


class Reminding(Body):
    """``POST /deadlines/{id}/remind``."""

    department: Short
    message: Annotated[str, StringConstraints(max_length=2000)]


class Asking(Body):
    """``POST /deadlines/{id}/extensions``."""

    department: Short | None = None
    wanted_at: AwareDatetime
    why: Annotated[str, StringConstraints(max_length=2000)]


class ExtensionDecision(Body):
    """``POST /extensions/{id}``."""

    granted: bool
    answer: Annotated[str, StringConstraints(max_length=2000)] = ""


class NewDelegation(Body):
    """``POST /delegations``."""

    from_email: Annotated[str, Field(alias="from", max_length=254)]
    to_email: Annotated[str, Field(alias="to", max_length=254)]
    starts_on: Day
    ends_on: Day
    document: Short
    form: SignedFor | None = None
    kinds: Annotated[tuple[Short, ...], Field(max_length=20)] = ()
    terms: Annotated[str, StringConstraints(max_length=2000)] = ""


class NewAbsence(Body):
    """``POST /absences``; ``person`` None: oneself."""

    person: Short | None = None
    stand_in: Short | None = None
    starts_on: Day
    ends_on: Day


class NewPerson(Body):
    """``POST /people``."""

    email: Short
    name: Short
    position: Short
    department: Short | None = None


class NewDepartment(Body):
    """``POST /departments``."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,59}$")]
    name: Short


class PersonChange(Body):
    """``PATCH /people/{email}``: what is not named stays as it is."""

    email: Short | None = None
    name: Short | None = None
    position: Short | None = None
    department: Short | None = None
    is_active: bool | None = None


class NewMerit(Body):
    """``POST /merits``."""

    campaign: Short
    recognition: Short
    whose_kind: Literal["individual", "collective"]
    whose: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    what: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    story: Annotated[str, StringConstraints(max_length=4000)] = ""
    happened_on: date


class MeritNoting(Body):
    """``POST /merits/{id}/notes``."""

    standing: Literal["noted", "followed", "closed"]
    words: Annotated[str, StringConstraints(max_length=2000)] = ""
