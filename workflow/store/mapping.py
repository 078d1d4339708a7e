"""Rows as values: the one place where a column's text or number becomes what Python means by it.

Owns the way between a row and a frozen dataclass whose fields are named like the columns: a column
is written in the schema and as a field. It runs no statement.
"""

import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar, Union, get_args, get_origin, get_type_hints

from sqlalchemy import ColumnElement, FromClause

from workflow.canonical import instant
from workflow.store.prepared import Row

Value = TypeVar("Value")
_Column = ColumnElement[Any]
Reader = Callable[..., object]


class Mapper(Generic[Value]):
    """Reads rows as values of a dataclass, and writes values as rows.

    ``named``: the columns of fields that are named otherwise or stand elsewhere. ``readers``: how a
    column is read whose type does not say it; a reader is given None where the column is empty.
    ``without``: fields that are no columns, which the caller gives.
    """

    def __init__(
        self,
        kind: type[Value],
        table: FromClause,
        *,
        named: dict[str, _Column] | None = None,
        readers: dict[str, Reader] | None = None,
        without: Sequence[str] = (),
    ) -> None:
        self._kind = kind
        hints = get_type_hints(kind)
        self._names = [
            each.name
            for each in fields(kind)  # type: ignore[arg-type]  # a dataclass, by contract
            if each.name not in without
        ]
        own = named or {}
        self.columns: tuple[_Column, ...] = tuple(
            own[name] if name in own else table.c[name] for name in self._names
        )
        """What a query selects, in order and before anything else, for its rows to be read."""
        found = {name: _reader_of(hints[name]) for name in self._names} | (readers or {})
        self._readers = [
            (place, reader)
            for place, name in enumerate(self._names)
            if (reader := found[name]) is not None
        ]

    def read(self, row: Row, **others: object) -> Value:
        """Return the value of a row; ``others`` are the fields that are no columns."""
        return self._made(list(row), **others)

    def read_named(self, columns: Mapping[str, object]) -> Value:
        """Return the value of columns by their names; those left out are empty."""
        return self._made([columns.get(each.name) for each in self.columns])

    def _made(self, values: list[object], **others: object) -> Value:
        for place, reader in self._readers:
            values[place] = reader(values[place])
        return self._kind(**dict(zip(self._names, values, strict=False)), **others)

    def find(self, row: Row | None) -> Value | None:
        """Return the value of a row that may not be there."""
        return None if row is None else self.read(row)

    def write(self, value: Value, *names: str) -> dict[str, object]:
        """Return the columns of a value, or those of the fields named, as the database keeps them.

        Only for fields that are read without a reader of their own.
        """
        return {
            column.name: _kept(getattr(value, name))
            for name, column in zip(self._names, self.columns, strict=True)
            if not names or name in names
        }


def _kept(value: object) -> object:
    if isinstance(value, datetime):
        return instant(value)
    return value.value if isinstance(value, StrEnum) else value


def _reader_of(hint: object) -> Reader | None:
    """Return how a column is read as a field of that type; None where it is as it comes."""
    if get_origin(hint) in {Union, types.UnionType}:
        (inner,) = (each for each in get_args(hint) if each is not type(None))
        reader = _reader_of(inner)
        return None if reader is None else _unless_none(reader)
    if hint is datetime:
        return datetime.fromisoformat
    if hint in {bytes, bool} or (isinstance(hint, type) and issubclass(hint, StrEnum)):
        return hint
    return None


def _unless_none(reader: Reader) -> Reader:
    return lambda value: None if value is None else reader(value)
