"""Statements about imported awards of earlier years: added, withdrawn once, their words erased."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, bindparam, false, func, insert, select, update

from workflow.model import DepartmentId, PersonId
from workflow.people import Scope
from workflow.store import schema
from workflow.store.instants import written
from workflow.store.mapping import Mapper
from workflow.store.prepared import ByKeys, Prepared, Values
from workflow.values import LARGEST_ID


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedAward:
    """An award given before the product came; days are ISO texts, empty where nothing is said.

    ``known_as``: by what the nominee is found, ``known_as`` of a nominee; empty once erased.
    ``imported_by`` None: the command line.
    """

    id: int
    known_as: str
    nominee: str
    person: PersonId | None
    kind: str
    department: DepartmentId | None
    award: str
    commendation: str
    authority: str
    number: str
    decided_on: str
    first_day: str
    last_day: str
    reason: str
    imported_by: PersonId | None
    confirmed_by: PersonId | None
    imported_at: datetime
    withdrawn_by: PersonId | None
    withdrawn_at: datetime | None
    withdrawn_why: str | None

    @property
    def subject(self) -> str:
        """Return the name of its history."""
        return f"past_award:{self.id}"

    @property
    def key(self) -> tuple[str, ...]:
        """Return what is equal in two that tell of one award."""
        return (self.known_as, self.award, self.decided_on, self.number)

    @property
    def is_withdrawn(self) -> bool:
        """Return whether it counts no more."""
        return self.withdrawn_at is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class PastAwardEnd:
    """Who withdrew imported awards, when and why; ``by`` None: the command line."""

    by: PersonId | None
    at: datetime
    why: str


_awards = schema.past_awards.c
_AWARD = Mapper(ImportedAward, schema.past_awards)
_EVERY = select(*_AWARD.columns).order_by(_awards.id)
_INSERT = Prepared(insert(schema.past_awards).returning(_awards.id))
_BY_ID = Prepared(select(*_AWARD.columns).where(_awards.id == bindparam("wanted")))
_IMPORTED_AT = Prepared(_EVERY.where(_awards.imported_at == bindparam("wanted")))
_TO = ByKeys(_EVERY, _awards.known_as)
_OF_PERSON = Prepared(_EVERY.where(_awards.person == bindparam("wanted")))
_WITHDRAW = Prepared(
    update(schema.past_awards)
    .where(_awards.id == bindparam("old_id"), _awards.withdrawn_at.is_(None))
    .values(
        withdrawn_by=bindparam("by"),
        withdrawn_at=bindparam("at"),
        withdrawn_why=bindparam("why"),
    )
)


def insert_past_award(connection: Connection, values: Values) -> int:
    """Insert an award and return its number."""
    return int(_INSERT.scalar(connection, values))


def withdraw_past_award(connection: Connection, award: int, end: PastAwardEnd) -> bool:
    """Write down that it counts no more; return whether it did until now."""
    values = {"old_id": award, "by": end.by, "at": written(end.at), "why": end.why}
    return _WITHDRAW.run(connection, values) == 1


def find_past_award(connection: Connection, award: int) -> ImportedAward | None:
    """Return an imported award, or None."""
    return _AWARD.find(_BY_ID.one(connection, {"wanted": award}))


def imported_with(connection: Connection, award: ImportedAward) -> list[ImportedAward]:
    """Return the awards of the same import, itself among them."""
    rows = _IMPORTED_AT.rows(connection, {"wanted": written(award.imported_at)})
    found = map(_AWARD.read, rows)
    return [each for each in found if each.imported_by == award.imported_by]


def past_awards_to(connection: Connection, known_as: Iterable[str]) -> list[ImportedAward]:
    """Return what nominees who are known so were given, withdrawn or not."""
    return list(map(_AWARD.read, _TO.rows(connection, filter(None, known_as))))


def past_awards_of(connection: Connection, person: PersonId) -> list[ImportedAward]:
    """Return what a person was given, withdrawn or not."""
    return list(map(_AWARD.read, _OF_PERSON.rows(connection, {"wanted": person})))


def past_awards_page(
    connection: Connection, scope: Scope, *, before: int | None, count: int
) -> list[ImportedAward]:
    """Return up to ``count`` awards below ``before`` within ``scope``, the last imported first."""
    query = (
        select(*_AWARD.columns)
        .where(_awards.id < (LARGEST_ID if before is None else before), *_within(scope))
        .order_by(_awards.id.desc())
        .limit(count)
    )
    return [_AWARD.read(row) for row in connection.execute(query)]


def past_awards_decided(
    connection: Connection, scope: Scope, first: date, last: date
) -> list[ImportedAward]:
    """Return the awards within ``scope`` decided from ``first`` to ``last``, inclusive."""
    between = _awards.decided_on.between(first.isoformat(), last.isoformat())
    query = _EVERY.where(between, *_within(scope))
    return [_AWARD.read(row) for row in connection.execute(query)]


def count_past_awards(connection: Connection, scope: Scope) -> int:
    """Return how many imported awards are within ``scope``, withdrawn or not."""
    query = select(func.count()).select_from(schema.past_awards).where(*_within(scope))
    return int(connection.execute(query).scalar_one())


def empty_past_awards(connection: Connection, awards: Collection[int]) -> None:
    """Erase to whom awards were given and for what; which award, when and by whom stays."""
    wanted = _awards.id.in_(awards)
    gone = {"known_as": "", "nominee": "", "reason": ""}
    connection.execute(update(schema.past_awards).where(wanted).values(**gone))
    withdrawn = wanted & _awards.withdrawn_at.is_not(None)
    connection.execute(update(schema.past_awards).where(withdrawn).values(withdrawn_why=""))


def _within(scope: Scope) -> tuple[ColumnElement[bool], ...]:
    if scope.is_everything:
        return ()
    return (false() if scope.department is None else _awards.department == scope.department,)
