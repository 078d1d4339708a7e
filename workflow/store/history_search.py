"""Statements that look through the whole history: filters, keyset pages, counts with a bound.

Owns how a filter becomes statements that each go down one index, newest first, and stop: what is
one of several (types, the parts a person may have in an entry) is looked for by one of each, so
that no list sorts or counts more of a large history than it shows.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    union,
    union_all,
)

from workflow.history import EntryType
from workflow.model import Method, PersonId, Via
from workflow.store import schema
from workflow.store.counting import count_up_to
from workflow.store.history import StoredEntry
from workflow.store.instants import written
from workflow.store.mapping import Mapper
from workflow.store.patterns import PatternTerms, condition_of
from workflow.store.prepared import Prepared

MOST_COUNTED = 10_000
"""Entries that are counted one by one; beyond them a list says that there are more."""
_PROBED = 2000
"""Entries up to which it is counted how many a filter reaches."""
_FEW_ITEMS = 2000
"""Items of a department that are gone through one by one; of more, some are always near the end."""
_history, _items = schema.history.c, schema.items.c
_ENTRY = Mapper(StoredEntry, schema.history)
_Condition = ColumnElement[bool]
_ACTS = Prepared(
    select(_history.type)
    .where(_history.actor == bindparam("by"))
    .order_by(_history.id.desc())
    .limit(literal_column("200"))
)
_CIRCUMSTANCES = (
    EntryType.DEFINITION_PUBLISHED,
    EntryType.PROPOSAL_RULES_SET,
    EntryType.PRIVACY_RULES_SET,
    EntryType.AGENCY_CHANGED,
    EntryType.CALENDAR_SET,
    EntryType.CAMPAIGN_LAUNCHED,
    EntryType.DEPARTMENT_ADDED,
    EntryType.DEPARTMENT_RENAMED,
    EntryType.PERSON_ADDED,
    EntryType.PERSON_CHANGED,
    EntryType.DELEGATION_ADDED,
    EntryType.DELEGATION_ENDED,
    EntryType.ABSENCE_ADDED,
    EntryType.ABSENCE_ENDED,
    EntryType.FACTOR_SET,
    EntryType.FACTOR_REMOVED,
    EntryType.CHANGE_UNDONE,
    EntryType.DEADLINE_SET,
    EntryType.DEADLINE_CHANGED,
    EntryType.PROPOSAL_CONFIRMED,
)
"""The circumstances of a decision: who may do what, by which rules and until when."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFilter:
    """Which entries are wanted; None: no condition.

    ``person``: who acted, for whom it was done, or whom it is about. ``department``: its items, and
    itself. ``since`` takes in, ``until`` leaves out. ``beside``: with what changed around it then.
    """

    subject: str | None = None
    person: PersonId | None = None
    department: str | None = None
    types: frozenset[EntryType] | None = None
    transition: str | None = None
    via: str | None = None
    method: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    beside: bool = False
    pattern: PatternTerms | None = None


def newest_found(
    connection: Connection, wanted: EntryFilter, *, before: int | None, count: int
) -> list[StoredEntry]:
    """Return up to ``count`` wanted entries with ids below ``before``, newest first."""
    found = _found(connection, wanted, before, count)
    if found is None:
        return []
    ids = select(found.subquery().c.id)
    query = select(*_ENTRY.columns).where(_history.id.in_(ids)).order_by(_history.id.desc())
    return [_ENTRY.read(row) for row in connection.execute(query.limit(count)).all()]


def count_found(connection: Connection, wanted: EntryFilter) -> int:
    """Return how many entries are wanted; of more than ``MOST_COUNTED``, one more than that."""
    found = _found(connection, wanted, None, MOST_COUNTED + 1)
    if found is None:
        return 0
    counted = connection.execute(select(func.count()).select_from(found.subquery())).scalar_one()
    return min(int(counted), MOST_COUNTED + 1)


def all_found(connection: Connection, wanted: EntryFilter, most: int) -> Iterator[StoredEntry]:
    """Yield up to ``most`` wanted entries, newest first, in pages."""
    before: int | None = None
    while most > 0 and (
        page := newest_found(connection, wanted, before=before, count=min(most, 1000))
    ):
        yield from page
        most -= len(page)
        before = page[-1].id


@dataclass(frozen=True, slots=True, kw_only=True)
class _Choice:
    """Conditions of which one must hold; ``loose`` are the same, but out of reach of an index.

    ``is_exclusive``: no entry meets two of them.
    """

    tight: Sequence[_Condition]
    loose: Sequence[_Condition]
    is_exclusive: bool = False


def _found(
    connection: Connection, wanted: EntryFilter, before: int | None, count: int
) -> Select[int] | None:
    """Return the statement that finds the newest ``count`` ids; None where nothing can be.

    Every filter has an index of its own, and no database's figures say how often one value of a few
    is there: so the filter that reaches least is followed, and the others are only looked at.
    """
    common = _within(connection, wanted)
    if common is None:
        return None
    choices = _choices(connection, wanted)
    followed = _least(connection, choices, common)
    if wanted.pattern is not None:
        common.append(condition_of(wanted.pattern))
    if before is not None:
        common.append(_history.id < before)
    ways = [each.tight if each is followed else each.loose for each in choices]
    parts = [
        select(
            select(_history.id)
            .where(*common, *chosen)
            .order_by(_history.id.desc())
            .limit(count)
            .subquery()
        )
        for chosen in product(*ways)
    ]
    if len(parts) == 1:
        return parts[0]
    # To look for doubles among ten thousand took 15 ms, where there are none 0.5.
    is_exclusive = all(
        each.is_exclusive or len(way) == 1 for each, way in zip(choices, ways, strict=True)
    )
    every = (union_all if is_exclusive else union)(*parts).subquery()
    return select(every.c.id).order_by(every.c.id.desc()).limit(count)


def _within(connection: Connection, wanted: EntryFilter) -> list[_Condition] | None:
    """Return the conditions that the span of time sets; None where it holds no entry."""
    at: list[_Condition] = []
    if wanted.since is not None:
        at.append(_history.at >= written(wanted.since))
    if wanted.until is not None:
        at.append(_history.at < written(wanted.until))
    if not at:
        return []
    # Ids and instants go up together, but for a clock that was set back: so both are asked for.
    bounds = select(func.min(_history.id), func.max(_history.id)).where(*at)
    first, last = connection.execute(bounds).one()
    if first is None:
        return None
    return [_history.id.between(first, last), *(_out_of_reach(each) for each in at)]


def _out_of_reach(condition: _Condition) -> _Condition:
    """Return a condition that no index answers: it is asked of each entry that another finds."""
    return case((condition, 1), else_=0) == 1


def _choices(connection: Connection, wanted: EntryFilter) -> list[_Choice]:
    """Return what must hold beside the span, what is likely to be the rarest first."""
    found: list[Sequence[_Condition]] = []
    if wanted.subject is not None:
        found.append(_about(connection, wanted.subject, is_beside=wanted.beside))
    if wanted.person is not None:
        about = _history.subject == f"person:{wanted.person}"
        found.append(
            [_history.actor == wanted.person, _history.on_behalf_of == wanted.person, about]
        )
    if wanted.transition is not None:
        found.append([_history.transition == wanted.transition])
    choices = [_Choice(tight=each, loose=list(map(_out_of_reach, each))) for each in found]
    if wanted.types is not None:
        types = [_history.type == each.value for each in sorted(wanted.types)]
        loose = list(map(_out_of_reach, types))
        choices.append(_Choice(tight=types, loose=loose, is_exclusive=True))
    if wanted.method is not None or wanted.via is not None:
        choices.insert(0, _known_by(wanted.via, wanted.method))
    if wanted.department is not None:
        choices.append(_of_department(connection, wanted.department))
    return choices


def _known_by(via: str | None, method: str | None) -> _Choice:
    """Return the conditions of a way, a method or both: one index has each pair in order."""
    ways, methods = [via] if via else list(Via), [method] if method else list(Method)
    pairs = [
        and_(_history.via == way, _history.method == known) for way in ways for known in methods
    ]
    asked = [
        column == value
        for column, value in ((_history.via, via), (_history.method, method))
        if value
    ]
    return _Choice(tight=pairs, loose=[_out_of_reach(and_(*asked))], is_exclusive=True)


def _least(
    connection: Connection, choices: Sequence[_Choice], within: Sequence[_Condition]
) -> _Choice | None:
    """Return the choice that reaches the fewest entries, as far as they are counted."""

    def reach(choice: _Choice) -> int:
        conditions = (and_(each, *within[:1]) for each in choice.tight)
        return sum(count_up_to(connection, each, _PROBED) for each in conditions)

    return choices[0] if len(choices) == 1 else min(choices, key=reach, default=None)


def _about(connection: Connection, subject: str, *, is_beside: bool) -> list[_Condition]:
    """Return the conditions of a subject, and of circumstances changed since its first entry."""
    its_own = _history.subject == subject
    if not is_beside:
        return [its_own]
    first = connection.execute(select(func.min(_history.id)).where(its_own)).scalar()
    return [
        its_own,
        *(
            and_(_history.type == each.value, _history.id > first)
            for each in _CIRCUMSTANCES
            if first is not None
        ),
    ]


def _of_department(connection: Connection, department: str) -> _Choice:
    """Return the conditions of a department's items, and of itself.

    Of few items each is looked up; many are met at once by whoever goes through all entries.
    """
    its_items = _items.department == department
    items = select(_items.id).where(its_items)
    is_small = count_up_to(connection, its_items, _FEW_ITEMS + 1) <= _FEW_ITEMS
    its_own = _history.subject == f"department:{department}"
    loose = [(_history.item_id + 0).in_(items), its_own]
    return _Choice(tight=[_history.item_id.in_(items), its_own] if is_small else loose, loose=loose)


def entries_by_reference(
    connection: Connection, references: Iterable[tuple[str, int]]
) -> dict[tuple[str, int], StoredEntry]:
    """Return the entries that stand at places (subject and number), by place."""
    places = [and_(_history.subject == subject, _history.seq == seq) for subject, seq in references]
    if not places:
        return {}
    rows = connection.execute(select(*_ENTRY.columns).where(or_(*places))).all()
    return {(each.subject, each.seq): each for each in map(_ENTRY.read, rows)}


def transitions_taken(connection: Connection) -> list[str]:
    """Return every transition that an entry names, each found by a step down the index."""
    found: list[str] = []
    above = ""
    while (
        following := connection.execute(
            select(func.min(_history.transition)).where(_history.transition > above)
        ).scalar()
    ) is not None:
        found.append(following)
        above = following
    return found


def latest_acts(connection: Connection, actor: PersonId) -> set[EntryType]:
    """Return of which types the latest entries are that somebody made."""
    return {EntryType(row.type) for row in _ACTS.rows(connection, {"by": actor})}
