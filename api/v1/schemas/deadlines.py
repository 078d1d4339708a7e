"""The bodies that the interface takes beside items: deadlines, people, standing in, merits. Loaded with the routes that take them."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from api.v1.schemas.items import Body, Day, Instant, RealDay, Short
from workflow.deadlines import MOST_OCCURRENCES, Audience, Every, Roll, Rung
from workflow.model import SignedFor


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
    due_at: Instant
    roll: Roll = Roll.PREVIOUS
    ladder: list[RungBody] | None = None
    confirm: bool = False
    name: Annotated[str, StringConstraints(max_length=80)] = ""
    data_until: RealDay | None = None
    repeats: RepeatsBody | None = None


class DeadlineChange(Body):
    """``PATCH /deadlines/{id}``."""

    departments: Annotated[list[Short], Field(min_length=1, max_length=200)] | None = None
    due_at: Instant | None = None
    roll: Roll | None = None
    ladder: list[RungBody] | None = None
    confirm: bool = False
    name: Annotated[str, StringConstraints(max_length=80)] | None = None
    data_until: RealDay | None = None


class Snoozing(Body):
    """``POST /deadlines/{id}/snooze``: the local day until which one is not reminded; null: be reminded as planned again."""

    until: RealDay | None


class Reminding(Body):
    """``POST /deadlines/{id}/remind``."""

    department: Short
    message: Annotated[str, StringConstraints(max_length=2000)]


class Asking(Body):
    """``POST /deadlines/{id}/extensions``."""

    department: Short | None = None
    wanted_at: Instant
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


class DepartmentName(Body):
    """``PATCH /departments/{department}``."""

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
    happened_on: RealDay


class MeritNoting(Body):
    """``POST /merits/{id}/notes``."""

    standing: Literal["noted", "followed", "closed"]
    words: Annotated[str, StringConstraints(max_length=2000)] = ""
