"""Which reminders go to whom, when and why.

Owns the ladder and its reading. Pure: a plan is a function of deadlines, obligations, people,
calendar and the instant; planning once or a thousand times gives the same reminders. Writing them
down is the service's work.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from enum import StrEnum

from workflow.deadlines.working_calendar import Roll, WorkingCalendar
from workflow.messages import Message, lazy, verbatim
from workflow.model import DIRECTORATE, HEADS, OFFICE, STAFF, DepartmentId, PersonId
from workflow.people import Directory

REMINDS_AT = time(8, 0)
"""Local time of every rung."""


class Audience(StrEnum):
    """Who gets a rung."""

    DRAFTER = "drafter"
    HEAD = "head"
    OFFICE = "office"
    DIRECTORATE = "directorate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One step of a ladder: working days from the due day (negative: before), and who gets it.

    ``words``: what the Office says in it beside the facts; may name the places of ``RUNG_PLACES``.
    """

    days: int
    to: tuple[Audience, ...]
    words: str = ""


RUNG_PLACES = ("kind", "due", "left", "departments", "data_until")


NOMINATIONS = "nominations"
KIND_NAMES: Mapping[str, Message] = {
    "interim": lazy("interim"),
    "final": lazy("final"),
    NOMINATIONS: lazy("nominations"),
}
"""What the kinds are called that every campaign has (the plan, I.2 and III.2a)."""


_LATER = re.compile(r"(.+)-(\d{4})-(\d{2})")
"""The kind of a later deadline of a series: that of the first, and its month."""


INSPECTION = "inspection-"
MENDING = "mending-"
"""How the kinds of deadline begin that an inspection sets; its number follows."""


def inspection_in(kind: str) -> int | None:
    """Return the number of the inspection that set a deadline of that kind, or None."""
    found = re.fullmatch(f"(?:{INSPECTION}|{MENDING})([0-9]+)", kind)
    return int(found[1]) if found else None


def called(kind: str, name: str, series: int | None = None) -> Message:
    """Return what a kind of deadline is called: by the Office's own ``name`` where it has one.

    A later one of a ``series`` is called by its month too, unless the name says that already.
    """
    if kind.startswith(INSPECTION):
        return lazy("inspection of {department}", department=name)
    if kind.startswith(MENDING):
        return lazy("mending after the inspection")
    later = _LATER.fullmatch(kind) if series is not None else None
    first, month = (later[1], f"{later[3]}/{later[2]}") if later else (kind, "")
    own = verbatim(name) if name else KIND_NAMES.get(first, verbatim(first))
    return own if month in name else lazy("{called} (period {month})", called=own, month=month)


DEFAULT_LADDER = (
    Rung(days=-10, to=(Audience.DRAFTER,)),
    Rung(days=-5, to=(Audience.DRAFTER, Audience.HEAD)),
    Rung(days=-1, to=(Audience.DRAFTER, Audience.HEAD)),
    Rung(days=1, to=(Audience.DRAFTER, Audience.HEAD)),
    Rung(days=3, to=(Audience.DRAFTER, Audience.HEAD, Audience.DIRECTORATE)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """A due instant that the Office set for departments of a campaign.

    ``planned_from``: rungs before it never go.

    ``name``: what the Office calls a kind of its own; empty for the kinds everybody knows.
    ``data_until``: the last local day, ISO, whose figures the report counts; empty where the Office
    says none. ``series``: the first deadline of the series it came from.
    """

    id: int
    campaign: str
    kind: str
    due_at: datetime
    departments: tuple[DepartmentId, ...]
    ladder: tuple[Rung, ...]
    planned_from: datetime
    version: int
    roll: Roll = Roll.PREVIOUS
    name: str = ""
    data_until: str = ""
    series: int | None = None

    @property
    def called(self) -> Message:
        """Return what its kind is called, before "report" or "deadline"."""
        return called(self.kind, self.name, self.series)

    @property
    def owed(self) -> Message:
        """Return what is handed in by it: a report of its kind, or nominations, which are none."""
        if self.kind == NOMINATIONS and not self.name:
            return lazy("Nominations")
        return lazy("{called} report", called=self.called)


Snoozes = Mapping[tuple[int, PersonId], date]
"""Until which working day a person put off being reminded of a deadline, by the deadline's id and
the person."""

Obligation = tuple[str, str, DepartmentId]
"""Campaign, kind and department: who owes which report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligations:
    """What is fulfilled, and with whom lies what is not.

    ``drafters``: who still writes. ``awaiting``: what was submitted and waits to be approved, with
    whom it waits for: nothing is handed in before.
    """

    met: frozenset[Obligation]
    drafters: Mapping[Obligation, tuple[PersonId, ...]]
    awaiting: Mapping[Obligation, tuple[PersonId, ...]] = field(default_factory=dict)

    def approvers(self, obligation: Obligation, directory: Directory) -> list[PersonId]:
        """Return who is asked to approve what was submitted: of whom it waits for the heads.

        Whoever else it waits for where none of the department's heads may decide on it.
        """
        held = [
            person
            for each in self.awaiting.get(obligation, ())
            if (person := directory.active(each)) is not None
        ]
        heads = [
            each for each in held if each.position in HEADS and each.department == obligation[2]
        ]
        return [each.id for each in heads or held]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedReminder:
    """One reminder of one rung to one person, about ``departments``.

    ``due_on`` is the local due day, ISO.
    """

    deadline: int
    rung: int
    person: PersonId
    departments: tuple[DepartmentId, ...]
    at: datetime
    due_on: str
    is_met: bool = False
    snoozed_until: date | None = None

    @property
    def goes(self) -> bool:
        """Return whether it is to be sent.

        What it reminds of is owed, and its reader has not put it off.
        """
        return not self.is_met and self.snoozed_until is None

    @property
    def key(self) -> tuple[int, int, PersonId, str]:
        """Return what makes this reminder unique in the ledger."""
        return (self.deadline, self.rung, self.person, self.due_on)


def rung_instant(deadline: Deadline, rung: Rung, calendar: WorkingCalendar) -> datetime:
    """Return when ``rung`` goes: 08:00 local, counted in working days without the due day."""
    return calendar.at(calendar.shift(calendar.local_day(deadline.due_at), rung.days), REMINDS_AT)


def _wakes_at(deadline: Deadline, until: date, calendar: WorkingCalendar) -> datetime | None:
    """Return when a snooze until ``until`` ends with a reminder: 08:00 of that day.

    None where that is not before the due day.
    """
    return calendar.at(until, REMINDS_AT) if until < calendar.local_day(deadline.due_at) else None


def plan(
    deadlines: Iterable[Deadline],
    obligations: Obligations,
    directory: Directory,
    calendar: WorkingCalendar,
    snoozes: Snoozes | None = None,
) -> list[PlannedReminder]:
    """Return every reminder after each deadline's ``planned_from``, in order of instant.

    Rungs of departments that have fulfilled the obligation are in it with ``is_met``, and those
    that a person put off with ``snoozed_until``; they will not go. A snooze reaches only rungs
    before the due day, and ends with one reminder in their place.
    """
    planned: list[PlannedReminder] = []
    for deadline in deadlines:
        of_deadline = [
            each
            for rung in deadline.ladder
            for each in _rung_reminders(deadline, rung, obligations, directory, calendar)
        ]
        planned += (
            _with_snoozes(deadline, of_deadline, snoozes, calendar) if snoozes else of_deadline
        )
    return sorted(planned, key=lambda each: (each.at, each.deadline, each.rung, each.person))


def _with_snoozes(
    deadline: Deadline, planned: list[PlannedReminder], snoozes: Snoozes, calendar: WorkingCalendar
) -> Iterator[PlannedReminder]:
    """Yield ``planned`` with what was put off marked so, and the reminder that ends each snooze."""
    woken: dict[PersonId, PlannedReminder] = {}
    for each in planned:
        until = snoozes.get((deadline.id, each.person))
        wakes = _wakes_at(deadline, until, calendar) if until is not None else None
        if until is None or wakes is None or each.rung >= 0 or each.at >= wakes:
            yield each
            continue
        yield replace(each, snoozed_until=until)
        if wakes > deadline.planned_from and (
            each.person not in woken or woken[each.person].is_met
        ):
            days = -calendar.between(until, calendar.local_day(deadline.due_at))
            woken[each.person] = replace(each, rung=days, at=wakes)
    taken = {(each.person, each.at) for each in planned}
    yield from (each for each in woken.values() if (each.person, each.at) not in taken)


def split_due(
    planned: Iterable[PlannedReminder], now: datetime
) -> tuple[list[PlannedReminder], list[PlannedReminder]]:
    """Return what goes at ``now`` and what was overtaken.

    Of the rungs due by then, each person gets only the latest.
    """
    latest: dict[tuple[int, PersonId, str], PlannedReminder] = {}
    overtaken: list[PlannedReminder] = []
    for reminder in planned:
        if reminder.at > now or not reminder.goes:
            continue
        key = (reminder.deadline, reminder.person, reminder.due_on)
        if key in latest:
            overtaken.append(latest[key])
        latest[key] = reminder
    return list(latest.values()), overtaken


def reminded_by_hand(
    obligation: Obligation, obligations: Obligations, directory: Directory
) -> tuple[PersonId, ...]:
    """Return whom the Office's own reminder reaches for one obligation."""
    audience = (Audience.DRAFTER, Audience.HEAD)
    return tuple(dict.fromkeys(recipients_of(audience, obligation, obligations, directory)))


def recipients_of(
    audience: Iterable[Audience],
    obligation: Obligation,
    obligations: Obligations,
    directory: Directory,
) -> Iterator[PersonId]:
    """Yield who a rung for ``audience`` reaches for one obligation.

    Drafters are those who still write. What only waits to be approved goes to whoever may do so in
    their place and in the heads', and where nobody has begun, to the department's staff. The same
    person may come twice.
    """
    department = obligation[2]
    drafters = obligations.drafters.get(obligation, ())
    is_submitted = obligation in obligations.awaiting and not drafters
    approvers = obligations.approvers(obligation, directory) if is_submitted else []
    for each in audience:
        match each:
            case Audience.DRAFTER | Audience.HEAD if is_submitted:
                yield from approvers
            case Audience.DRAFTER:
                yield from [person for person in drafters if directory.active(person)] or (
                    person.id for person in directory.in_positions(STAFF, department)
                )
            case Audience.HEAD:
                yield from (person.id for person in directory.in_positions(HEADS, department))
            case Audience.OFFICE:
                yield from (person.id for person in directory.in_positions(OFFICE))
            case Audience.DIRECTORATE:
                yield from (person.id for person in directory.in_positions(DIRECTORATE))


def _rung_reminders(
    deadline: Deadline,
    rung: Rung,
    obligations: Obligations,
    directory: Directory,
    calendar: WorkingCalendar,
) -> Iterator[PlannedReminder]:
    at = rung_instant(deadline, rung, calendar)
    if at <= deadline.planned_from:
        return
    owing, settled = _reached(deadline, rung, obligations, directory)
    due_on = _local_due(deadline, calendar).isoformat()
    for person, departments in {**settled, **owing}.items():
        yield PlannedReminder(
            deadline=deadline.id,
            rung=rung.days,
            person=person,
            departments=departments,
            at=at,
            due_on=due_on,
            is_met=person not in owing,
        )


def _reached(
    deadline: Deadline, rung: Rung, obligations: Obligations, directory: Directory
) -> tuple[dict[PersonId, tuple[DepartmentId, ...]], dict[PersonId, tuple[DepartmentId, ...]]]:
    """Return whom a rung reaches for departments that still owe, and for the others."""
    owing: dict[PersonId, tuple[DepartmentId, ...]] = {}
    settled: dict[PersonId, tuple[DepartmentId, ...]] = {}
    for department in deadline.departments:
        obligation = (deadline.campaign, deadline.kind, department)
        reached = settled if obligation in obligations.met else owing
        for person in set(recipients_of(rung.to, obligation, obligations, directory)):
            reached[person] = (*reached.get(person, ()), department)
    return owing, settled


def _local_due(deadline: Deadline, calendar: WorkingCalendar) -> date:
    return calendar.local_day(deadline.due_at)
