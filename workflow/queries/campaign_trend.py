"""How a campaign goes over time: what was handed in and what was sent, week by week.

Reads only. An item counts once in each: what was returned since, or given up, does not count. Of a
campaign with more items than ``MOST_COUNTED`` the newest are counted.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection

from workflow.context import Context
from workflow.definition import Campaign, Stage
from workflow.model import DepartmentId
from workflow.queries.campaigns import MOST_COUNTED
from workflow.rules import Rulebook
from workflow.store import campaigns

_HANDED_IN = frozenset({Stage.ON_THE_WAY, Stage.THROUGH})


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """So many items were handed in, and sent, in the week from ``monday``."""

    monday: date
    handed_in: int
    sent: int


def trend(
    context: Context, connection: Connection, campaign: Campaign, only: DepartmentId | None
) -> tuple[Week, ...]:
    """Return each week from the campaign's start to now, or to its end; empty before anything."""
    books = {each.hash: each for each in context.rulebooks.all(connection)}
    handing_in = {each for book in books.values() for each in _leading_to(book, _HANDED_IN)}
    sending = {each for book in books.values() for each in _leading_to(book, {Stage.THROUGH})}
    handed_in: Counter[date] = Counter()
    sent: Counter[date] = Counter()
    for each in campaigns.last_moves(
        connection, campaign.id, handing_in=handing_in, sending=sending, most=MOST_COUNTED
    ):
        stage = books[each.definition_hash].stages[each.state]
        if only in (None, each.department) and stage in _HANDED_IN:
            if each.handed_in is not None:
                handed_in[_monday(context.calendar.local_day(each.handed_in))] += each.count
            if each.sent is not None and stage is Stage.THROUGH:
                sent[_monday(context.calendar.local_day(each.sent))] += each.count
    first, final = _bounds(context, campaign, [*handed_in, *sent])
    return tuple(
        Week(monday=monday, handed_in=handed_in[monday], sent=sent[monday])
        for monday in (first + timedelta(weeks=n) for n in range((final - first).days // 7 + 1))
    )


def _leading_to(book: Rulebook, stages: frozenset[Stage] | set[Stage]) -> set[str]:
    """Return the transitions by which an item comes into ``stages`` from before them."""
    return {
        each.id
        for each in book.definition.transitions
        if any(book.stages[to] in stages for to in each.to)
        and any(book.stages[state] not in stages | {Stage.GIVEN_UP} for state in each.from_states)
    }


def _bounds(context: Context, campaign: Campaign, mondays: Sequence[date]) -> tuple[date, date]:
    """Return the first and last Monday to show: the campaign's so far, and all that happened."""
    today = context.calendar.local_day(context.clock())
    starts, ends = _monday(campaign.starts_on), _monday(min(today, campaign.ends_on))
    return min([starts, *mondays]), max([starts, ends, *mondays])


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
