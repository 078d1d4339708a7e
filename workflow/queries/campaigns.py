"""How a campaign goes: how far each department is, and whom nominations are for."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from sqlalchemy import Connection

from workflow.context import Context
from workflow.definition import Campaign, Label, Stage, granted_states
from workflow.errors import NotFoundRefusal
from workflow.lookups.campaigns import campaign_of
from workflow.messages import lazy
from workflow.model import Department, DepartmentId, Json
from workflow.rules import Rulebook
from workflow.store import campaigns, definitions, items, merits, people
from workflow.store.campaigns import StateCount
from workflow.store.prepared import Row

MOST_COUNTED = 5_000
"""Newest items of a campaign whose standing is counted."""
CONTENTS_READ = 2000
"""Newest nominations whose content is read for the balance; more than an agency writes in years.
Where there are more, it says so."""
campaign_names = definitions.campaign_names
plan_readers = campaigns.reads_of
_HANDED_IN = frozenset({Stage.ON_THE_WAY, Stage.THROUGH})
_FIGURES: Final = (
    *(each.value for each in Stage),
    *("grantable", "granted", "late", "new_drafting", "new_granted", "new_late"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """One department in a campaign: items being drafted, on their way, and through.

    Beside them those given up, those that can be granted and were sent, those granted, those late
    in their step (sent ones too), and the merits noted. ``new_``: of them, since this Monday.
    """

    department: Department
    drafting: int
    on_the_way: int
    through: int
    given_up: int
    grantable: int
    granted: int
    late: int
    merits: int
    new_drafting: int
    new_granted: int
    new_late: int

    @property
    def total(self) -> int:
        """Return how many items there are that were not given up."""
        return self.drafting + self.on_the_way + self.through


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Nominees of handed-in nominations counted by what a choice says of them, by field.

    ``counted_of_newest`` where not all were read.
    """

    counts: Mapping[Label, Mapping[Label, int]]
    counted_of_newest: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """A campaign as the Directorate reads it."""

    campaign: Campaign
    progress: tuple[Progress, ...]
    late: Mapping[tuple[str, str], int]
    """How many of the counted items are late, by kind and state."""
    balance: Balance
    counted_of_newest: int | None
    """So many newest items are counted where there are more."""


def overview(
    context: Context, connection: Connection, identity: str, only: DepartmentId | None
) -> Overview:
    """Return how a campaign goes: in all departments, or in ``only`` one.

    Raises NotFoundRefusal.
    """
    campaign = campaign_of(connection, identity)
    if campaign is None:
        raise NotFoundRefusal(lazy("this campaign"))
    is_cut = campaigns.count_items(connection, identity, MOST_COUNTED + 1) > MOST_COUNTED
    counts = _counts_of(context, connection, identity, only)
    return Overview(
        campaign=campaign,
        progress=_progress(context, connection, identity, only, counts),
        late=_late_by_state(context, connection, counts),
        balance=_balance(context, connection, identity, only),
        counted_of_newest=MOST_COUNTED if is_cut else None,
    )


def progress_of(
    context: Context, connection: Connection, identity: str, only: DepartmentId | None
) -> tuple[Progress, ...]:
    """Return how far the items of a campaign are, department by department."""
    counts = _counts_of(context, connection, identity, only)
    return _progress(context, connection, identity, only, counts)


def _counts_of(
    context: Context, connection: Connection, identity: str, only: DepartmentId | None
) -> list[StateCount]:
    now = context.clock()
    today = context.calendar.local_day(now)
    monday = datetime.combine(
        today - timedelta(days=today.weekday()), time.min, context.calendar.zone
    )
    found = campaigns.counts_of(connection, identity, now=now, monday=monday, most=MOST_COUNTED)
    return [each for each in found if only in (None, each.department)]


def _progress(
    context: Context,
    connection: Connection,
    identity: str,
    only: DepartmentId | None,
    counts: Sequence[StateCount],
) -> tuple[Progress, ...]:
    noted = Counter(each.department for each in merits.merits_of(connection, identity))
    progress = []
    for department in (
        each for each in people.all_departments(connection) if only in (None, each.id)
    ):
        found: Counter[str] = Counter()
        for each in counts:
            if each.department == department.id:
                found.update(_figures(context.rulebooks.of(connection, each.definition_hash), each))
        progress.append(
            Progress(
                department=department,
                merits=noted[department.id],
                **{name: found[name] for name in _FIGURES},
            )
        )
    return tuple(progress)


def _figures(book: Rulebook, counted: StateCount) -> dict[str, int]:
    """Return what items that stand alike add to the figures of their department."""
    stage, final = book.stages[counted.state], granted_states(book.definition)
    is_granted = counted.state in final
    return {
        stage.value: counted.count,
        "grantable": counted.count if final and stage is Stage.THROUGH else 0,
        "granted": counted.count if is_granted else 0,
        "late": counted.late,
        "new_drafting": counted.come_since if stage is Stage.DRAFTING else 0,
        "new_granted": counted.come_since if is_granted else 0,
        "new_late": counted.late_since,
    }


def _late_by_state(
    context: Context, connection: Connection, counts: Sequence[StateCount]
) -> Counter[tuple[str, str]]:
    late: Counter[tuple[str, str]] = Counter()
    for each in counts:
        kind = context.rulebooks.of(connection, each.definition_hash).definition.id
        late[kind, each.state] += each.late
    return late


def _balance(
    context: Context, connection: Connection, identity: str, only: DepartmentId | None
) -> Balance:
    """Count handed-in nominations by each choice marked for the balance that the law asks for."""
    found: dict[Label, dict[Label, int]] = {}
    is_cut = False
    for kind, book in context.rulebooks.newest(connection).items():
        fields = [each for each in book.definition.fields if each.balance]
        read = _chosen if book.definition.nominates else _said
        rows = campaigns.states_of(connection, identity, kind, CONTENTS_READ + 1) if fields else []
        is_cut |= len(rows) > CONTENTS_READ
        counted = [
            each
            for each in rows[:CONTENTS_READ]
            if only in (None, each.department)
            and context.rulebooks.of(connection, each.definition_hash).stages[each.state]
            in _HANDED_IN
        ]
        said_of = read(context, connection, counted)
        for field in fields:
            labels = _labels(context, connection, kind, field.id)
            values = Counter(str(each.get(field.id, "")) for each in said_of)
            newest = {choice.id for choice in field.choices}
            found[field.label] = {
                label: values[choice]
                for choice, label in labels.items()
                if choice in newest or values[choice]
            }
    return Balance(counts=found, counted_of_newest=CONTENTS_READ if is_cut else None)


def _chosen(
    context: Context, connection: Connection, rows: Sequence[Row]
) -> list[Mapping[str, Json]]:
    """Return what was chosen for each nominee of nominations."""
    return [each.chosen for each in context.counted.of(connection, context.rulebooks, rows)]


def _said(
    context: Context, connection: Connection, rows: Sequence[Row]
) -> list[Mapping[str, Json]]:
    """Return the fields of items that nominate nobody."""
    found = items.items_by_id(connection, [each.id for each in rows])
    contents = context.contents.of(connection, list(found.values()))
    return [each.fields for each in contents.values()]


def _labels(context: Context, connection: Connection, kind: str, field: str) -> dict[str, Label]:
    """Return the choices of a field as the newest version that has them calls them.

    No choice that an item may still name is lost.
    """
    books = [each for each in context.rulebooks.all(connection) if each.definition.id == kind]
    labels: dict[str, Label] = {}
    for book in reversed(books):
        for choice in (
            choice for each in book.definition.fields if each.id == field for choice in each.choices
        ):
            labels.setdefault(choice.id, choice.label)
    return labels
