"""Statements about the register of outgoing documents: rows are added, and none is changed.

Owns the lock by which one number is given at a time, and the pages of the register.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVarTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    bindparam,
    func,
    insert,
    literal_column,
    or_,
    select,
)

from workflow.model import ItemId
from workflow.store import schema
from workflow.store.mapping import Mapper
from workflow.store.prepared import ByKeys, Prepared, Values

PAGE_LIMIT = 200
Columns = TypeVarTuple("Columns")


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterRow:
    """A number that was given, on which day (ISO), and by which entry."""

    id: int
    year: int
    series: str
    kind: str
    number: int
    notation: str
    issued_on: str
    subject: str
    seq: int
    item_id: ItemId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document in the register that no item became, as whoever registered it said."""

    id: int
    kind: str
    about: str
    signer: str
    recipients: str
    kept_by: str
    copies: int | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterFilter:
    """What of the register is shown: of a year, of one kind, with words (folded) in it."""

    year: int
    kind: str | None = None
    text: str | None = None


_register, _items = schema.register.c, schema.items.c
_ROW = Mapper(RegisterRow, schema.register)
_DOCUMENT = Mapper(Document, schema.documents)
_INSERT = Prepared(insert(schema.register))
_INSERT_DOCUMENT = Prepared(insert(schema.documents).returning(schema.documents.c.id))
_DOCUMENTS = ByKeys(select(*_DOCUMENT.columns), schema.documents.c.id)
_OF_KIND = (_register.year == bindparam("of_year")) & (_register.kind == bindparam("of_kind"))
_LAST = Prepared(select(*_ROW.columns).where(_OF_KIND).order_by(_register.number.desc()).limit(1))
_FIND = Prepared(select(*_ROW.columns).where(_OF_KIND, _register.number == bindparam("of_number")))
_BY_NOTATION = Prepared(
    select(*_ROW.columns).where(
        _register.year == bindparam("of_year"), _register.notation == bindparam("of_notation")
    )
)
_FIRST_YEAR = Prepared(select(_register.year).order_by(_register.year).limit(1))
_LAST_YEAR = Prepared(select(_register.year).order_by(_register.year.desc()).limit(1))
_LOCK = Prepared(select(func.pg_advisory_xact_lock(literal_column("7414"), literal_column("0"))))
"""The register is one book: whoever gives a number has it until the transaction ends."""


def lock_register(connection: Connection) -> None:
    """Wait for whoever is giving a number; on SQLite one connection writes at a time anyway."""
    if connection.dialect.name != "sqlite":
        _LOCK.rows(connection, {})


def last_of(connection: Connection, year: int, kinds: Iterable[str]) -> RegisterRow | None:
    """Return the row with the highest number of a series in a year, or None.

    ``kinds``: those of the series, which are few.
    """
    found = [
        row
        for kind in kinds
        if (row := _ROW.find(_LAST.one(connection, {"of_year": year, "of_kind": kind})))
    ]
    return max(found, key=lambda each: each.number, default=None)


def find_number(connection: Connection, year: int, kind: str, number: int) -> RegisterRow | None:
    """Return the row of a number of a kind, or None."""
    named = {"of_year": year, "of_kind": kind, "of_number": number}
    return _ROW.find(_FIND.one(connection, named))


def find_notation(connection: Connection, year: int, notation: str) -> RegisterRow | None:
    """Return the row of a number with its symbol in a year, or None."""
    named = {"of_year": year, "of_notation": notation}
    return _ROW.find(_BY_NOTATION.one(connection, named))


def insert_number(connection: Connection, values: Values) -> None:
    """Add a number; its unique keys decide where two give one at once."""
    _INSERT.run(connection, values)


def insert_document(connection: Connection, values: Values) -> int:
    """Add a document that no item became, and return its id."""
    return int(_INSERT_DOCUMENT.scalar(connection, values))


def documents_by_id(connection: Connection, ids: Iterable[int]) -> dict[int, Document]:
    """Return documents that no item became, by id."""
    found = map(_DOCUMENT.read, _DOCUMENTS.rows(connection, ids))
    return {each.id: each for each in found}


def years(connection: Connection) -> list[int]:
    """Return the years from the register's first to its last, the last first."""
    first, last = _FIRST_YEAR.one(connection, {}), _LAST_YEAR.one(connection, {})
    return [] if first is None or last is None else [*range(last.year, first.year - 1, -1)]


def kinds_in(connection: Connection, year: int) -> list[str]:
    """Return the kinds of documents that a year's register has."""
    query = select(_register.kind).where(_register.year == year).distinct()
    return sorted(connection.execute(query).scalars())


def register_page(
    connection: Connection, wanted: RegisterFilter, *, before: int | None, count: int
) -> Sequence[RegisterRow]:
    """Return up to ``count`` rows, what was registered last first, those before ``before``."""
    query = (
        _narrowed(select(*_ROW.columns), wanted)
        .order_by(_register.id.desc())
        .limit(min(count, PAGE_LIMIT + 1))
    )
    if before is not None:
        query = query.where(_register.id < before)
    return [_ROW.read(row) for row in connection.execute(query)]


def count_rows(connection: Connection, wanted: RegisterFilter) -> int:
    """Return how many rows ``wanted`` finds."""
    query = _narrowed(select(func.count(_register.id)), wanted)
    return int(connection.execute(query).scalar_one())


def _narrowed(query: Select[*Columns], wanted: RegisterFilter) -> Select[*Columns]:
    query = query.where(_register.year == wanted.year)
    if wanted.kind is not None:
        query = query.where(_register.kind == wanted.kind)
    if wanted.text:
        query = query.select_from(
            schema.register.outerjoin(schema.items, _items.id == _register.item_id)
        )
        query = query.where(*(_says(word) for word in wanted.text.split()))
    return query


def _says(word: str) -> ColumnElement[bool]:
    return or_(
        _register.search.contains(word, autoescape=True),
        _items.search.contains(word, autoescape=True),
    )
