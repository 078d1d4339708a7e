"""Planning backwards from the board's day, and what past items took.

For the Office, and for whoever answers for a department.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import ClassVar

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Asker, Parts
from api.composition import Application
from api.web.dates import iso_day
from api.web.errors import reasons_in_words
from api.web.list_files import list_file
from api.web.rendering import Page, render_page
from notifications.translation import translate
from workflow.deadlines import FEWEST, Forecast, Risk, Step
from workflow.errors import InvalidRefusal, Refusal, reason
from workflow.messages import Message, lazy
from workflow.model import DepartmentId, Person
from workflow.people import scope_of
from workflow.queries import people
from workflow.queries.back_planning import (
    OPEN_ITEMS,
    PAST_ITEMS,
    Ahead,
    BackPlan,
    back_plan,
    sent_kinds,
)
from workflow.queries.quality import MOST_LATE, Quality, quality, quality_way
from workflow.rules import Rulebook
from workflow.values import day

router = APIRouter(prefix="/deadlines")
_CODES = 100
"""So many items of a department are named in each step; the list has them all."""
_COLUMNS = (
    lazy("Department"),
    lazy("Items"),
    lazy("Returns, of all items"),
    lazy("Late now"),
    lazy("Steps passed late"),
)


RISKS = {
    Risk.HIGH: lazy("high"),
    Risk.MEDIUM: lazy("medium"),
    Risk.LOW: lazy("low"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StepAhead:
    """The open items at one step: all have the same way ahead, so the same chance.

    Those that are late in the step already stand apart.
    """

    label: Message
    needs: int
    days_left: int
    chance: Forecast | None
    risk: Risk | None
    is_late: bool
    step: str
    """The id of the state."""
    codes: Mapping[DepartmentId, Sequence[str]]
    count: int

    @property
    def is_in_danger(self) -> bool:
        """Return whether these may well come too late."""
        return self.risk not in {None, Risk.LOW} or self.needs > self.days_left


@dataclass(frozen=True, slots=True, kw_only=True)
class BackPlanPage(Page):
    """The plan for one kind of item and one day: the chosen one, else the earliest possible."""

    template: ClassVar[str] = "backplan.html"
    kinds: Mapping[str, str]
    kind: str
    on: str
    today: date
    departments: Mapping[DepartmentId, str]
    plan: BackPlan | None = None
    ahead: Sequence[StepAhead] = ()
    at_risk: Mapping[Risk | None, int] = field(default_factory=dict)
    """How many open items there are of each risk; None: of too few figures."""
    risks: Mapping[Risk, Message] = field(default_factory=lambda: RISKS)
    fewest: int = FEWEST
    most_codes: int = _CODES
    most: int = OPEN_ITEMS
    errors: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityRow:
    """What the items of one department took."""

    department: DepartmentId
    name: str
    count: int
    returns: str
    late_now: int
    late: str
    """So many of the steps that are over were late."""
    medians: Mapping[str, float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityPage(Page):
    """Returns, days in each step and lateness per department, of one kind of item."""

    template: ClassVar[str] = "quality.html"
    kinds: Mapping[str, str]
    kind: str
    steps: Sequence[Step]
    rows: Sequence[QualityRow]
    late_share: str
    """How many of the steps that are over were late, of all departments that are shown."""
    longest: float
    """The most working days of all: of a slowest step, or of a step's limit."""
    most: int = PAST_ITEMS
    most_late: int = MOST_LATE


@router.get("/backplan")
async def show_back_plan(
    request: Request,
    parts: Parts,
    asker: Asker,
    type: str = "",  # noqa: A002 - the address's name
    on: str = "",
) -> Response:
    """Show the latest day of each step before a day, and what is likely to be late."""

    def load_page(connection: Connection) -> BackPlanPage:
        kinds = _kinds(parts.context.rulebooks.newest(connection))
        today = parts.context.calendar.local_day(parts.clock.now())
        shown = BackPlanPage(
            kinds=kinds,
            kind=type,
            on=on,
            today=today,
            departments=people.department_names(connection),
        )
        if not kinds:
            return shown
        try:
            chosen = day_of(on) if on else None
            planned = back_plan(parts.context, connection, type, chosen)
        except Refusal as refusal:
            return replace(shown, errors=reasons_in_words(refusal))
        scope = scope_of(asker.person)
        ahead = [each for each in planned.ahead if scope.covers(each.department)]
        counts = Counter(each.risk for each in ahead)
        return replace(
            shown,
            kind=planned.definition.id,
            plan=planned,
            ahead=_by_step(ahead),
            at_risk=counts,
        )

    shown = await parts.database.report(load_page)
    return render_page(request, asker, shown, 422 if shown.errors else 200)


def _by_step(ahead: Sequence[Ahead]) -> list[StepAhead]:
    """Return open items by step, the likeliest to be late first, those of too few figures last."""
    groups: dict[tuple[Message, int, Forecast | None, bool], list[Ahead]] = defaultdict(list)
    for each in ahead:
        groups[each.state, each.needs, each.chance, each.is_late].append(each)
    steps = [
        StepAhead(
            label=label,
            needs=needs,
            days_left=members[0].days_left,
            chance=chance,
            risk=members[0].risk,
            is_late=is_late,
            step=members[0].step,
            codes=_codes(members),
            count=len(members),
        )
        for (label, needs, chance, is_late), members in groups.items()
    ]
    return sorted(steps, key=_urgency)


def _urgency(step: StepAhead) -> tuple[bool, int, int]:
    percent = -step.chance.percent if step.chance else 1
    return (not step.is_late, percent, -step.needs)


def _codes(members: Sequence[Ahead]) -> dict[DepartmentId, list[str]]:
    codes: dict[DepartmentId, list[str]] = defaultdict(list)
    for each in members:
        codes[each.department].append(each.code)
    return codes


def _kinds(newest: Mapping[str, Rulebook]) -> dict[str, str]:
    """Return what each kind of item that is sent is called."""
    return {each: translate(sent.label) for each, sent in sent_kinds(newest).items()}


def day_of(text: str) -> date:
    """Return the day that ``text`` names. Raises InvalidRefusal."""
    found = day(iso_day(text))
    if found is None:
        raise InvalidRefusal(
            reason(
                "on",
                "The day must be real, for example 15/06/2022. Write again the day on which "
                "the board receives the items.",
            )
        )
    return found


@router.get("/quality")
async def show_quality(
    request: Request,
    parts: Parts,
    asker: Asker,
    type: str = "",  # noqa: A002 - the address's name
) -> Response:
    """Show what items took, per department: one's own, or all for those who see all."""

    def load_page(connection: Connection) -> QualityPage:
        newest = parts.context.rulebooks.newest(connection)
        kinds = _kinds(newest)
        kind = type if type in kinds else next(iter(kinds), "")
        found = _quality(parts, connection, kind, asker.person) if kind else []
        days = [median for each in found for median in each.medians.values() if median]
        steps = quality_way(newest[kind]) if kind else []
        return QualityPage(
            kinds=kinds,
            kind=kind,
            steps=steps,
            rows=_rows(connection, found),
            late_share=_share(
                sum(each.late_steps for each in found), sum(each.steps for each in found)
            ),
            longest=longest_of(days, steps),
        )

    return render_page(request, asker, await parts.database.report(load_page))


@router.get("/quality.xlsx")
async def download_quality(
    parts: Parts,
    asker: Asker,
    type: str = "",  # noqa: A002 - the address's name
) -> Response:
    """Return the figures of one kind of item as a sheet, as the reader may see them."""

    def load(connection: Connection) -> tuple[Sequence[Step], list[QualityRow]]:
        newest = parts.context.rulebooks.newest(connection)
        kinds = _kinds(newest)
        kind = type if type in kinds else next(iter(kinds), "")
        if not kind:
            return (), []
        return quality_way(newest[kind]), quality_rows(parts, connection, kind, asker.person)

    steps, found = await parts.database.report(load)
    rows = [
        [
            each.name,
            each.count,
            each.returns,
            each.late_now,
            each.late,
            *("" if (days := each.medians.get(step.state)) is None else days for step in steps),
        ]
        for each in found
    ]
    columns = (*_COLUMNS, *(each.label for each in steps))
    return await list_file(parts, lazy("Quality, efficiency, pace"), columns, rows, file="tien-do")


def longest_of(days: Iterable[float], steps: Iterable[Step]) -> float:
    """Return the most of ``days`` and of the limits of ``steps``: all of one bar's width."""
    limits = [each.working_days for each in steps if each.working_days is not None]
    return max([*days, *limits], default=0) or 1


def quality_rows(
    parts: Application, connection: Connection, kind: str, person: Person
) -> list[QualityRow]:
    """Return what items of ``kind`` took, of each department that ``person`` may read."""
    return _rows(connection, _quality(parts, connection, kind, person))


def _quality(
    parts: Application, connection: Connection, kind: str, person: Person
) -> list[Quality]:
    scope = scope_of(person)
    return [
        each for each in quality(parts.context, connection, kind) if scope.covers(each.department)
    ]


def _rows(connection: Connection, found: Sequence[Quality]) -> list[QualityRow]:
    names = people.department_names(connection)
    return [
        QualityRow(
            department=each.department,
            name=names[each.department],
            count=each.count,
            returns=_times(each.returns, each.count),
            medians=each.medians,
            late_now=each.late_now,
            late=_share(each.late_steps, each.steps),
        )
        for each in found
    ]


def _share(late: int, steps: int) -> str:
    """Return so many of so many in figures, with the percentage where there is any."""
    return f"{late}/{steps}{_percent(late, steps)}"


def _times(returns: int, items: int) -> str:
    """Return how often items were returned, with the percentage of all where there is any."""
    return translate("{count} time", "{count} times", count=returns) + _percent(returns, items)


def _percent(part: int, whole: int) -> str:
    percent = round(100 * part / whole) if whole else 0
    return f" ({percent} %)" if percent else ""
