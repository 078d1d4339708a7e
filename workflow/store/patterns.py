"""Statements that find patterns in the history: facts to look at, never a verdict.

Owns the condition that each pattern is of one entry, read by the same statements as every filter.
Each candidate is judged by a few steps down an index; which entries are candidates the caller
bounds by time.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import (
    ColumnElement,
    String,
    and_,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.selectable import NamedFromClause

from workflow.history import EntryType
from workflow.store import schema

QUICK_SECONDS = 10
CONFIRMED_SECONDS = 60
BURST = 5
"""Decisions of one person within an hour on either side that make a burst."""
_BURST_SECONDS = 3600
_OPENED = ("link_opened", "item_opened")
_DECIDED = (EntryType.TRANSITION.value, EntryType.SIGNED_OFF.value)
_h, _opened = schema.history.c, schema.accesses.c
_Condition = ColumnElement[bool]


class Pattern(StrEnum):
    """What entries may be looked at for."""

    QUICK = "quick"
    TWICE = "twice"
    NIGHT = "night"
    UNCHANGED = "unchanged"
    CONFIRMED_AT_ONCE = "confirmed_at_once"


TYPES: dict[Pattern, frozenset[EntryType]] = {
    Pattern.QUICK: frozenset({EntryType.TRANSITION, EntryType.SIGNED_OFF}),
    Pattern.TWICE: frozenset({EntryType.TRANSITION, EntryType.SIGNED_OFF}),
    Pattern.NIGHT: frozenset({EntryType.TRANSITION, EntryType.SIGNED_OFF}),
    Pattern.UNCHANGED: frozenset({EntryType.TRANSITION}),
    Pattern.CONFIRMED_AT_ONCE: frozenset({EntryType.PROPOSAL_CONFIRMED}),
}
"""Of which types the entries of a pattern are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternTerms:
    """A pattern, and what it must know of definitions and of the agency's night.

    ``by_author``: transitions that only an author takes. ``hands_in``: those of them that hand an
    item in. ``returns``: those that send it back.
    ``night``: spans of the day in UTC, ``HH:MM`` from and to, that are night where the agency is.
    """

    pattern: Pattern
    by_author: frozenset[str] = field(default=frozenset())
    hands_in: frozenset[str] = field(default=frozenset())
    returns: frozenset[str] = field(default=frozenset())
    night: tuple[tuple[str, str], ...] = ()


class _Shifted(FunctionElement[str]):
    """An instant as it is kept, so many seconds later, or earlier if negative."""

    type = String()
    inherit_cache = True
    name = "shifted"


@compiles(_Shifted, "sqlite")
def _shifted_in_sqlite(element: _Shifted, compiler: SQLCompiler, **kw: object) -> str:
    at, seconds = element.clauses
    # Milliseconds, of six digits: text of both is compared, so the others are noughts.
    return (
        f"strftime('%Y-%m-%dT%H:%M:%f000Z', {compiler.process(at, **kw)}, "
        f"{compiler.process(seconds, **kw)} || ' seconds')"
    )


@compiles(_Shifted, "postgresql")
def _shifted_in_postgresql(element: _Shifted, compiler: SQLCompiler, **kw: object) -> str:
    at, seconds = element.clauses
    moment = f"CAST({compiler.process(at, **kw)} AS timestamptz) AT TIME ZONE 'UTC'"
    span = f"{compiler.process(seconds, **kw)} * interval '1 second'"
    return f'to_char({moment} + {span}, \'YYYY-MM-DD"T"HH24:MI:SS.US"Z"\')'


class _Member(FunctionElement[str]):
    """A member of a body, as text."""

    type = String()
    inherit_cache = True
    name = "said"


@compiles(_Member, "sqlite")
def _said_in_sqlite(element: _Member, compiler: SQLCompiler, **kw: object) -> str:
    body, member = element.clauses
    return f"json_extract({compiler.process(body, **kw)}, '$.' || {compiler.process(member, **kw)})"


@compiles(_Member, "postgresql")
def _said_in_postgresql(element: _Member, compiler: SQLCompiler, **kw: object) -> str:
    body, member = element.clauses
    return f"(CAST({compiler.process(body, **kw)} AS jsonb) ->> {compiler.process(member, **kw)})"


def condition_of(terms: PatternTerms) -> _Condition:
    """Return what an entry of a pattern must meet, beside being of one of its types."""
    match terms.pattern:
        case Pattern.QUICK:
            return _is_quick()
        case Pattern.TWICE:
            return _is_second_part(terms)
        case Pattern.NIGHT:
            return _is_in_burst(terms)
        case Pattern.UNCHANGED:
            return _is_unchanged(terms)
        case Pattern.CONFIRMED_AT_ONCE:
            return _is_confirmed_at_once()


def _later(at: ColumnElement[str], seconds: int) -> ColumnElement[str]:
    return _Shifted(at, literal_column(str(seconds)))


def _said(body: ColumnElement[str], member: str) -> ColumnElement[str]:
    return _Member(body, literal_column(f"'{member}'"))


def _is_quick() -> _Condition:
    """Decided within seconds of the first opening since the item last changed."""
    earliest = _later(_h.at, -QUICK_SECONDS)
    mine = and_(
        _opened.item_id == _h.item_id,
        _opened.person == _h.actor,
        _opened.what.in_(_OPENED),
        _opened.at <= _h.at,
    )
    before = _entry("before")
    changed_at = (
        select(func.max(before.c.at))
        .where(before.c.item_id == _h.item_id, before.c.decided_version == _h.decided_version - 1)
        .scalar_subquery()
    )
    return and_(
        exists().where(mine, _opened.at > earliest),
        ~exists().where(mine, _opened.at <= earliest, _opened.at > func.coalesce(changed_at, "")),
    )


def _is_second_part(terms: PatternTerms) -> _Condition:
    """Decided by somebody who drafted the item, or decided on it in another position or place."""
    other = _entry("other")
    own = sorted(terms.by_author)
    behalf = func.coalesce(_h.on_behalf_of, 0) != func.coalesce(other.c.on_behalf_of, 0)
    position = _said(_h.body, "position") != _said(other.c.body, "position")
    took_other_part = and_(
        other.c.type.in_(_DECIDED), other.c.transition.not_in(own), or_(behalf, position)
    )
    return and_(
        _h.transition.not_in(own),
        exists().where(
            other.c.item_id == _h.item_id,
            other.c.actor + 0 == _h.actor,  # an item has few entries, a person has many
            other.c.id < _h.id,
            or_(other.c.type == EntryType.CREATED.value, took_other_part),
        ),
    )


def _is_in_burst(terms: PatternTerms) -> _Condition:
    """Decided at night, as one of several of the same person around that hour."""
    hour = func.substr(_h.at, 12, 5)
    near = _entry("near")
    one_of_many = (
        select(literal(1))
        .where(
            near.c.at.between(_later(_h.at, -_BURST_SECONDS), _later(_h.at, _BURST_SECONDS)),
            near.c.actor + 0 == _h.actor,
            near.c.decided_version.is_not(None),
        )
        .limit(1)
        .offset(BURST - 1)
    )
    at_night = or_(*(and_(hour >= first, hour < last) for first, last in terms.night))
    return and_(at_night, one_of_many.exists())


def _is_unchanged(terms: PatternTerms) -> _Condition:
    """Handed in again as it was sent back."""
    back = _entry("back")
    return and_(
        _h.transition.in_(sorted(terms.hands_in)),
        exists().where(
            back.c.item_id == _h.item_id,
            back.c.decided_version == _h.decided_version - 1,
            back.c.transition.in_(sorted(terms.returns)),
            _said(back.c.body, "content_hash") == _said(_h.body, "content_hash"),
        ),
    )


def _is_confirmed_at_once() -> _Condition:
    """Confirmed within a minute of having been proposed."""
    made = _entry("made")
    return exists().where(
        made.c.subject == _h.subject,
        made.c.type == EntryType.PROPOSAL_MADE.value,
        made.c.at > _later(_h.at, -CONFIRMED_SECONDS),
    )


def _entry(name: str) -> NamedFromClause:
    return schema.history.alias(name)
