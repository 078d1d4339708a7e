"""The bodies about deadlines, reminders and extensions."""

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from api.v1.schemas.items import Body, Instant, RealDay, Short
from workflow.deadlines import (
    DEFAULT_LADDER,
    MOST_OCCURRENCES,
    Audience,
    Deadline,
    Every,
    Repeats,
    Roll,
    Rung,
)
from workflow.lookups.deadline_terms import DeadlineTerms
from workflow.model import DepartmentId


class RungBody(Body):
    """One rung of a ladder."""

    days: Annotated[int, Field(ge=-120, le=120)]
    to: Annotated[list[Audience], Field(min_length=1)]
    words: Annotated[str, StringConstraints(max_length=2000)] = ""

    def rung(self) -> Rung:
        """Return the rung as a value."""
        return Rung(days=self.days, to=tuple(dict.fromkeys(self.to)), words=self.words.strip())


def _rungs(ladder: list[RungBody]) -> tuple[Rung, ...]:
    return tuple(each.rung() for each in ladder)


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


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

    def terms(self) -> DeadlineTerms:
        """Return what the deadline says."""
        return DeadlineTerms(
            campaign=self.campaign,
            kind=self.kind,
            departments=tuple(DepartmentId(each) for each in self.departments),
            due_at=self.due_at,
            roll=self.roll,
            ladder=DEFAULT_LADDER if self.ladder is None else _rungs(self.ladder),
            name=self.name,
            data_until=_iso(self.data_until),
        )

    def series(self) -> Repeats | None:
        """Return the series that it begins, if any."""
        if self.repeats is None:
            return None
        return Repeats(every=self.repeats.every, times=self.repeats.times)


class DeadlineChange(Body):
    """``PATCH /deadlines/{id}``."""

    departments: Annotated[list[Short], Field(min_length=1, max_length=200)] | None = None
    due_at: Instant | None = None
    roll: Roll | None = None
    ladder: list[RungBody] | None = None
    confirm: bool = False
    name: Annotated[str, StringConstraints(max_length=80)] | None = None
    data_until: RealDay | None = None

    def terms(self, before: Deadline) -> DeadlineTerms:
        """Return what the deadline says then; ``data_until`` null takes that day away."""
        return DeadlineTerms(
            campaign=before.campaign,
            kind=before.kind,
            departments=before.departments
            if self.departments is None
            else tuple(DepartmentId(each) for each in self.departments),
            due_at=self.due_at or before.due_at,
            roll=self.roll or before.roll,
            ladder=before.ladder if self.ladder is None else _rungs(self.ladder),
            name=before.name if self.name is None else self.name,
            data_until=_iso(self.data_until)
            if "data_until" in self.model_fields_set
            else before.data_until,
        )


class Snoozing(Body):
    """``POST /deadlines/{id}/snooze``: the local day until which one is not reminded.

    Null: be reminded as planned again.
    """

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
