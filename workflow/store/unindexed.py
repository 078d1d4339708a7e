"""A column by which SQLite looks nothing up: what keeps a query to the index it is made for.

SQLite knows no figures of what a table holds, and takes any equality for rarer than a range or an
order. PostgreSQL knows them, and chooses itself.
"""

from typing import TypeVar

from sqlalchemy import ColumnElement
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

_T = TypeVar("_T")


class _Unindexed(FunctionElement[_T]):
    """The one column that is its clause."""

    inherit_cache = True
    name = "unindexed"


def unindexed(column: ColumnElement[_T]) -> ColumnElement[_T]:
    """Return a column's value, by which no index is chosen on SQLite."""
    found: _Unindexed[_T] = _Unindexed(column)
    found.type = column.type
    return found


@compiles(_Unindexed)
def _plain(element: _Unindexed[object], compiler: SQLCompiler, **options: bool) -> str:
    return compiler.process(element.clauses, **options)


@compiles(_Unindexed, "sqlite")
def _with_plus(element: _Unindexed[object], compiler: SQLCompiler, **options: bool) -> str:
    return f"+{compiler.process(element.clauses, **options)}"
