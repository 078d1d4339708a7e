"""What is past its retention period, by the agency's own rules. Nothing here writes.

Owns when a kind of data is over: a draft when nobody touched it, an item when it ended without ever
being sent, a person when they left, a request when it was answered. What was sent is archive law's.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import Connection

from workflow.context import Context
from workflow.definition import PrivacyRules
from workflow.history import TITLE
from workflow.lookups.privacy import notes_about, present_hold, privacy_rules
from workflow.model import Item, KeptKind
from workflow.store import dispatches, history, items, people, privacy, proceedings

MOST_AT_ONCE = 200
"""Subjects that one proposal removes: what is more waits for the next."""
_Only = Collection[str] | None
"""The subjects that are looked at; None: all."""
_Found = Iterator[tuple[str, str, datetime]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue:
    """Something past its period: whose history tells of it, what it is called, since when."""

    kind: KeptKind
    subject: str
    name: str
    since: datetime
    hold: int | None
    """The hold that keeps it all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionPlan:
    """What would be removed on a local day, and what a hold keeps.

    ``removed``: at most ``MOST_AT_ONCE``; ``left``: how many are past their period beside these.
    """

    day: date
    rules: PrivacyRules
    removed: Sequence[Overdue]
    left: int
    held: Sequence[Overdue]


def retention_plan(context: Context, connection: Connection, day: date) -> RetentionPlan:
    """Return what is past its period on ``day``."""
    found = list(_overdue(context, connection, day, None))
    removable = [each for each in found if each.hold is None]
    return RetentionPlan(
        day=day,
        rules=privacy_rules(connection),
        removed=removable[:MOST_AT_ONCE],
        left=max(len(removable) - MOST_AT_ONCE, 0),
        held=[each for each in found if each.hold is not None],
    )


def still_overdue(
    context: Context, connection: Connection, day: date, subjects: Collection[str]
) -> list[Overdue]:
    """Return those of ``subjects`` that are past their period on ``day`` and under no hold.

    For a write: nothing else is looked at, and their items are locked.
    """
    found = _overdue(context, connection, day, subjects)
    return [each for each in found if each.hold is None]


def _overdue(context: Context, connection: Connection, day: date, only: _Only) -> Iterator[Overdue]:
    rules = privacy_rules(connection)
    for kind in KeptKind:
        period = rules.period(kind)
        if period is None:
            continue
        before = context.calendar.at(months_before(day, period.months), time(0))
        for subject, name, since in _FINDERS[kind](context, connection, before, only):
            hold = present_hold(connection, subject)
            yield Overdue(
                kind=kind,
                subject=subject,
                name=name,
                since=since,
                hold=None if hold is None else hold.id,
            )


def months_before(day: date, months: int) -> date:
    """Return the day that lies ``months`` back; the last of its month where that is shorter."""
    years, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(years, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise ValueError(day)


def _items_in(connection: Connection, states: Collection[str], only: _Only) -> Iterable[Item]:
    """Return the items in ``states``; of those that are named, each is locked."""
    if only is None:
        return items.items_in_states(connection, sorted(states))
    codes = [each.removeprefix("item:") for each in only if each.startswith("item:")]
    named = items.lock_items(connection, codes).values()
    return [each for each in named if each.state in states]


def _drafts(context: Context, connection: Connection, before: datetime, only: _Only) -> _Found:
    books = context.rulebooks.all(connection)
    for item in _items_in(connection, {each.definition.initial for each in books}, only):
        initial = context.rulebooks.of(connection, item.definition_hash).definition.initial
        touched = history.last_instant_of(connection, item.subject) or item.since
        is_draft = item.state == initial and item.step == 1 and touched < before
        if is_draft and _has_words(context, connection, item):
            yield item.subject, item.code, touched


def _ended_items(context: Context, connection: Connection, before: datetime, only: _Only) -> _Found:
    books = context.rulebooks.all(connection)
    final = {each.id for book in books for each in book.definition.states if each.final}
    for item in _items_in(connection, final, only):
        state = context.rulebooks.of(connection, item.definition_hash).states[item.state]
        is_over = state.final and item.since < before
        if (
            is_over
            and dispatches.dispatch_of(connection, item.id) is None
            and _has_words(context, connection, item)
        ):
            yield item.subject, item.code, item.since


def _has_words(context: Context, connection: Connection, item: Item) -> bool:
    """Return whether an item still has what a period ends."""
    content = context.contents.of(connection, [item])[item.id]
    return TITLE not in content.erased


def _leavers(_context: Context, connection: Connection, before: datetime, only: _Only) -> _Found:
    for each in people.all_people(connection):
        subject = f"person:{each.id}"
        is_meant = only is None or subject in only
        if is_meant and not each.is_active and not each.is_erased:
            left = history.last_instant_of(connection, subject)
            against = proceedings.proceedings_against(connection, [each.id], ())
            about = notes_about(connection, each.id)
            is_kept = any(one.closed_at is None for one in against) or any(
                present_hold(connection, one) for one in about
            )
            if left is not None and left < before and not is_kept:
                yield subject, each.name, left


def _requests(_context: Context, connection: Connection, before: datetime, only: _Only) -> _Found:
    for each in privacy.answered_before(connection, before):
        subject = f"request:{each.id}"
        if only is None or subject in only:
            yield subject, f"#{each.id}", each.answered_at or each.recorded_at


_FINDERS = {
    KeptKind.DRAFTS: _drafts,
    KeptKind.ENDED: _ended_items,
    KeptKind.LEAVERS: _leavers,
    KeptKind.REQUESTS: _requests,
}
