"""What is past its retention period, by the agency's own rules. Nothing here writes.

Owns when a kind of data is over: a draft when nobody touched it, an item when it ended without ever
being sent, a person when they left, a request when it was answered. What was sent is archive law's.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import Connection

from workflow.context import Context
from workflow.definition import PrivacyRules
from workflow.history import TITLE
from workflow.lookups.privacy import present_hold, privacy_rules
from workflow.model import Item, KeptKind
from workflow.store import dispatches, history, items, people, privacy

MOST_AT_ONCE = 200
"""Subjects that one proposal removes: what is more waits for the next."""


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
    found = list(_overdue(context, connection, day))
    removable = [each for each in found if each.hold is None]
    return RetentionPlan(
        day=day,
        rules=privacy_rules(connection),
        removed=removable[:MOST_AT_ONCE],
        left=max(len(removable) - MOST_AT_ONCE, 0),
        held=[each for each in found if each.hold is not None],
    )


def _overdue(context: Context, connection: Connection, day: date) -> Iterator[Overdue]:
    rules = privacy_rules(connection)
    for kind in KeptKind:
        period = rules.period(kind)
        if period is None:
            continue
        before = context.calendar.at(months_before(day, period.months), time(0))
        for subject, name, since in _FINDERS[kind](context, connection, before):
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


_Found = Iterator[tuple[str, str, datetime]]


def _drafts(context: Context, connection: Connection, before: datetime) -> _Found:
    books = context.rulebooks.all(connection)
    for item in items.items_in_states(connection, {each.definition.initial for each in books}):
        initial = context.rulebooks.of(connection, item.definition_hash).definition.initial
        touched = history.last_instant_of(connection, item.subject) or item.since
        is_draft = item.state == initial and item.step == 1 and touched < before
        if is_draft and _has_words(context, connection, item):
            yield item.subject, item.code, touched


def _ended(context: Context, connection: Connection, before: datetime) -> _Found:
    books = context.rulebooks.all(connection)
    final = {each.id for book in books for each in book.definition.states if each.final}
    for item in items.items_in_states(connection, sorted(final)):
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


def _leavers(_context: Context, connection: Connection, before: datetime) -> _Found:
    for each in people.all_people(connection):
        subject = f"person:{each.id}"
        if not each.is_active and not each.is_erased:
            left = history.last_instant_of(connection, subject)
            if left is not None and left < before:
                yield subject, each.name, left


def _requests(_context: Context, connection: Connection, before: datetime) -> _Found:
    for each in privacy.answered_before(connection, before):
        yield f"request:{each.id}", f"#{each.id}", each.answered_at or each.recorded_at


_FINDERS = {
    KeptKind.DRAFTS: _drafts,
    KeptKind.ENDED: _ended,
    KeptKind.LEAVERS: _leavers,
    KeptKind.REQUESTS: _requests,
}
