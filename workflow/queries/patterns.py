"""How often each pattern is found in a span of the history, and what a pattern must know for that.

Owns the way from definitions and the agency's clock to the terms of a pattern. It counts and leads
to entries; it judges nothing.
"""

from collections.abc import Iterator
from datetime import datetime, time

from sqlalchemy import Connection

from workflow.context import Context
from workflow.definition import Actor
from workflow.store.patterns import TYPES, Pattern, PatternTerms

__all__ = [
    "TYPES",
    "Pattern",
    "PatternTerms",
    "night_in_utc",
    "terms_of",
]

NIGHT_FROM, NIGHT_TO = time(22), time(6)
_DAY_MINUTES = 24 * 60


def terms_of(
    context: Context, connection: Connection, pattern: Pattern, around: datetime
) -> PatternTerms:
    """Return what a pattern needs; ``around``: the instant whose offset from UTC the night has."""
    by_author, hands_in, returns = set(), set(), set()
    for book in context.rulebooks.all(connection):
        states = {each.id: each for each in book.definition.states}
        for each in book.definition.transitions:
            if each.by is Actor.AUTHOR or all(
                states[state].held_by_author for state in each.from_states
            ):
                by_author.add(each.id)
            if each.hands_in:
                hands_in.add(each.id)
            if each.is_return:
                returns.add(each.id)
    return PatternTerms(
        pattern=pattern,
        by_author=frozenset(by_author),
        hands_in=frozenset(hands_in),
        returns=frozenset(returns),
        night=tuple(night_in_utc(around.astimezone(context.calendar.zone))),
    )


def night_in_utc(local: datetime) -> Iterator[tuple[str, str]]:
    """Yield the spans of the day in UTC that are night at the offset of ``local``."""
    offset = local.utcoffset()
    shift = int(offset.total_seconds()) // 60 if offset else 0
    first = (NIGHT_FROM.hour * 60 - shift) % _DAY_MINUTES
    last = (NIGHT_TO.hour * 60 - shift) % _DAY_MINUTES
    if first < last:
        yield _hour(first), _hour(last)
    else:
        yield _hour(first), _hour(_DAY_MINUTES)
        yield _hour(0), _hour(last)


def _hour(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
