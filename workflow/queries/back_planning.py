"""Look ahead to the board's day: each step's latest day, what past items took, who may be late."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from workflow.context import Context
from workflow.deadlines import (
    FEWEST,
    Forecast,
    LatestDay,
    Risk,
    Step,
    backwards,
    forecasts,
    spell_of,
)
from workflow.definition import Actor, Definition, Stage, State, awaited_in
from workflow.errors import InvalidRefusal, reason
from workflow.messages import Message
from workflow.model import DepartmentId, Item
from workflow.rules import Rulebook
from workflow.store import durations
from workflow.store.durations import Running

PAST_ITEMS = 300
"""So many past items of each state are looked at."""
OPEN_ITEMS = 1000
"""So many open items of each step are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """One open item against the day: working days left, the way ahead, how likely it is late.

    ``is_late``: it has already stood in its step, ``stood`` working days, for longer than it may.
    """

    code: str
    department: DepartmentId
    step: str
    state: Message
    days_left: int
    needs: int
    chance: Forecast | None
    stood: int
    is_late: bool

    @property
    def risk(self) -> Risk | None:
        """Return the risk in a word: never low for what is late already; None of few figures."""
        foretold = self.chance.risk if self.chance else None
        return Risk.MEDIUM if self.is_late and foretold is not Risk.HIGH else foretold


@dataclass(frozen=True, slots=True, kw_only=True)
class BackPlan:
    """The latest day of each step, the slack in working days to the first, and open items.

    ``has_more``: some step has more than ``OPEN_ITEMS``, of which the oldest are looked at.
    """

    definition: Definition
    target: date
    days: tuple[LatestDay, ...]
    slack: int
    ahead: tuple[Ahead, ...]
    has_more: bool
    past_items: int


def straight_way(rulebook: Rulebook) -> list[Step]:
    """Return the states on the shortest way to the board; empty where there is none."""
    definition = rulebook.definition
    goals = {to for each in definition.transitions if each.sends for to in each.to}
    ways = {definition.initial: [definition.initial]}
    waiting = [definition.initial]
    for state in waiting:
        if state in goals:
            known = {each.id: each for each in definition.states}
            return _steps([known[each] for each in ways[state][:-1]])
        onward = [
            each.to[0]
            for each in definition.transitions
            if state in each.from_states and each.by is not Actor.CLOCK and len(each.to) == 1
        ]
        for to in onward:
            if to not in ways:
                ways[to] = [*ways[state], to]
                waiting.append(to)
    return []


def _steps(states: Sequence[State]) -> list[Step]:
    """Return states as steps, called after whom they wait for where that tells them apart."""
    names = [awaited_in(each) for each in states]
    return [
        Step(
            state=each.id,
            label=name
            if names.count(name) == 1
            else Message("{label}", (("label", each.label_now),)),
            working_days=each.working_days,
        )
        for each, name in zip(states, names, strict=True)
    ]


def sent_kinds(newest: Mapping[str, Rulebook]) -> dict[str, Definition]:
    """Return the kinds of items that lead to the board, by id."""
    return {each: book.definition for each, book in newest.items() if straight_way(book)}


def back_plan(
    context: Context, connection: Connection, kind: str, target: date | None = None
) -> BackPlan:
    """Return the plan backwards from ``target`` for items of ``kind``.

    Without a day, from the earliest that an item begun today reaches where each step takes its
    whole time. Without a kind, for the first whose items are handed in together, else the first
    that is sent.
    Raises InvalidRefusal for a kind that is never sent.
    """
    newest = context.rulebooks.newest(connection)
    sent = sent_kinds(newest)
    kind = kind or next((each for each, its in sent.items() if its.answers), next(iter(sent), ""))
    rulebook = newest.get(kind)
    if rulebook is None or kind not in sent:
        raise InvalidRefusal(
            reason(
                "type",
                "There is no process “{kind}” that leads to the board. Choose another kind "
                "of item.",
                kind=kind,
            )
        )
    steps = straight_way(rulebook)
    calendar = context.calendar
    past = _past(context, connection, rulebook, steps)
    today = calendar.local_day(context.clock())
    whole = sum(step.working_days or 0 for step in steps)
    target = target or calendar.shift(today, whole)
    left = calendar.between(today, target)
    versions, has_more = _open_items(context, connection, kind)
    ahead = [each for book, own in versions for each in _ahead(context, book, own, left, past)]
    days = backwards(target, steps, _spent(steps, past, ahead), calendar)
    return BackPlan(
        definition=rulebook.definition,
        target=target,
        days=tuple(days),
        slack=left - whole,
        ahead=tuple(sorted(ahead, key=lambda each: each.code)),
        has_more=has_more,
        past_items=len(past),
    )


def _spent(
    steps: Sequence[Step], past: Sequence[Mapping[str, int]], ahead: Sequence[Ahead]
) -> dict[str, list[int]]:
    """Return the working days in each step: of past items, and so far of those standing there.

    Of the latter only where past items alone say something.
    """
    spent = {
        step.state: [each[step.state] for each in past if step.state in each] for step in steps
    }
    for step in steps:
        if len(spent[step.state]) >= FEWEST:
            spent[step.state] += [each.stood for each in ahead if each.step == step.state]
    return spent


def usual_days(context: Context, connection: Connection, item: Item) -> tuple[int, float] | None:
    """Return how many past items there are, and their median of working days to the sending.

    Counted from where ``item`` is; None from too few.
    """
    rulebook = context.rulebooks.of(connection, item.definition_hash)
    steps = straight_way(rulebook)
    ids = [step.state for step in steps]
    if item.state not in ids:
        return None
    to_come = ids[ids.index(item.state) + (item.state == rulebook.definition.initial) :]
    past = _past(context, connection, rulebook, steps)
    spell = spell_of(
        [
            sum(each[state] for state in to_come)
            for each in past
            if all(state in each for state in to_come)
        ]
    )
    return None if spell.median is None else (spell.count, spell.median)


def _past(
    context: Context, connection: Connection, rulebook: Rulebook, steps: Sequence[Step]
) -> list[dict[str, int]]:
    """Return each sent item's working days in each state of the way; stays in one are added."""
    wanted = {step.state for step in steps}
    kind = rulebook.definition.id
    books = [each for each in context.rulebooks.all(connection) if each.definition.id == kind]
    through = {
        state for book in books for state, stage in book.stages.items() if stage is Stage.THROUGH
    }
    found = durations.newest_in(connection, kind, sorted(through - wanted), PAST_ITEMS)
    spent: dict[int, dict[str, int]] = {}
    calendar = context.calendar
    for stay in context.stays.of(connection, found):
        if stay.state in wanted:
            took = calendar.between(calendar.local_day(stay.entered), calendar.local_day(stay.left))
            of_item = spent.setdefault(stay.item, {})
            of_item[stay.state] = of_item.get(stay.state, 0) + took
    return list(spent.values())


def _open_items(
    context: Context, connection: Connection, kind: str
) -> tuple[list[tuple[Rulebook, list[Running]]], bool]:
    """Return the open items of each version of a kind, and whether some step has more of them.

    Older versions may name states otherwise.
    """
    books = [each for each in context.rulebooks.all(connection) if each.definition.id == kind]
    states = sorted({step.state for book in books for step in straight_way(book)})
    found = durations.oldest_in(connection, kind, states, OPEN_ITEMS + 1)
    beyond = {
        state
        for state, count in Counter(each.state for each in found).items()
        if count > OPEN_ITEMS
    }
    return [
        (book, [each for each in found if each.definition_hash == book.hash]) for book in books
    ], bool(beyond)


def _ahead(
    context: Context,
    rulebook: Rulebook,
    items: Sequence[Running],
    left: int,
    past: Sequence[Mapping[str, int]],
) -> Iterator[Ahead]:
    """Yield the open items of one version."""
    way = straight_way(rulebook)
    chances = forecasts(left, [step.state for step in way], past) if items else {}
    needs = {
        step.state: sum(each.working_days or 0 for each in way[place:])
        for place, step in enumerate(way)
    }
    labels = {step.state: step.label for step in way}
    calendar, now = context.calendar, context.clock()
    today = calendar.local_day(now)
    for item in (each for each in items if each.state in labels):
        yield Ahead(
            code=item.code,
            department=item.department,
            step=item.state,
            state=labels[item.state],
            stood=calendar.between(calendar.local_day(item.since), today),
            days_left=left,
            needs=needs[item.state],
            chance=chances.get(item.state),
            is_late=item.due_at is not None and item.due_at < now,
        )
