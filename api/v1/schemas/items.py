"""The bodies that the interface takes: closed, parsed once at the edge."""

from datetime import date, datetime
from typing import Annotated, cast

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    model_validator,
)

from notifications.translation import translate
from workflow.canonical import is_storable
from workflow.model import Json
from workflow.values import FIRST_YEAR, LARGEST_COUNTER, LAST_YEAR, day, is_known_instant, tidied


def _day(given: object) -> date:
    found = day(given) if isinstance(given, str) else None
    if found is None:
        raise ValueError(
            translate(
                "must be a day that exists, from {first} to {last}, written as YYYY-MM-DD",
                first=FIRST_YEAR,
                last=LAST_YEAR,
            )
        )
    return found


def _text_of_day(given: object) -> str:
    return _day(given).isoformat()


def _written(given: object) -> object:
    if not isinstance(given, str):
        raise ValueError(_instant_wanted())  # noqa: TRY004 - pydantic's kind
    return given


def _known(moment: datetime) -> datetime:
    if not is_known_instant(moment):
        raise ValueError(_instant_wanted())
    return moment


def _instant_wanted() -> str:
    return translate(
        "must be an instant with an offset, from {first} to {last}, like 2022-06-15T09:00:00+07:00",
        first=FIRST_YEAR,
        last=LAST_YEAR,
    )


Short = Annotated[str, StringConstraints(max_length=300)]
Counter = Annotated[int, Field(strict=True, ge=1, le=LARGEST_COUNTER)]
"""A version or a number that the product counts: what no database could hold is refused here."""
Day = Annotated[
    str, BeforeValidator(_text_of_day), StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
]
"""A day as text, as the core keeps it."""
RealDay = Annotated[date, BeforeValidator(_day)]
Instant = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_known)]


TypedFactor = Annotated[str, StringConstraints(max_length=12)] | None
"""A PIN or a code of an app, as typed; which of both it is, says the member's name."""


class Body(BaseModel):
    """A request body: takes no field that it does not name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _holds_only_text_that_can_be_kept(cls, data: object) -> object:
        data = tidied(data)
        waiting = [data]
        while waiting:
            each = waiting.pop()
            if isinstance(each, str) and not is_storable(each):
                raise ValueError(
                    translate("the text has control characters or broken characters; delete them")
                )
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

    def json_fields(self) -> dict[str, Json]:
        """Return the fields as the core takes them; floats are refused by its field checks."""
        return cast("dict[str, Json]", self.fields)


class ItemChange(Body):
    """``PATCH /items/{code}``: fields merge by key, null removes one."""

    title: str | None = None
    fields: dict[str, JsonValue] | None = None

    def json_fields(self) -> dict[str, Json] | None:
        """Return the fields as the core takes them; floats are refused by its field checks."""
        return None if self.fields is None else cast("dict[str, Json]", self.fields)


class NomineeResultBody(Body):
    """What became of one row of a list of nominees; without ``awarded``: as the council voted."""

    row: Annotated[int, Field(strict=True, ge=1, le=200)]
    awarded: bool | None = None
    award: Short | None = None
    authority: Short | None = None
    decision_number: Short | None = None
    decided_on: Day | None = None
    reason: Annotated[str, StringConstraints(max_length=1000)] = ""


class TransitionRequest(Body):
    """``POST /items/{code}/transitions``."""

    transition: Short
    comment: Annotated[str, StringConstraints(max_length=4000)] | None = None
    version: Counter | None = None
    to: Short | None = None
    pin: TypedFactor = None
    totp: TypedFactor = None
    number: Annotated[int, Field(ge=1, le=999_999)] | None = None
    issued_on: Day | None = None
    channel: Short | None = None
    mend: Annotated[tuple[Short, ...], Field(max_length=100)] | None = None
    award: Short | None = None
    authority: Short | None = None
    decision_number: Short | None = None
    decided_on: Day | None = None
    nominees: Annotated[tuple[NomineeResultBody, ...], Field(max_length=200)] | None = None
