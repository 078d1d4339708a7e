"""How often a connection was written on: what tells a refusal that came before any write.

Owns the count, for Core's own statements and the prepared ones. Says nothing of what was written.
"""

from typing import Final

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.engine.interfaces import DBAPICursor

_COUNT: Final = "writes"


def count_write(connection: Connection) -> None:
    """Count one more statement that may have changed rows."""
    known = connection.info
    known[_COUNT] = known.get(_COUNT, 0) + 1


def writes_on(connection: Connection) -> int:
    """Return how many statements that may have changed rows ran on a connection so far."""
    return int(connection.info.get(_COUNT, 0))


def count_writes(engine: Engine) -> None:
    """Count what Core itself executes on the engine's connections; prepared ones do by themselves.

    Text that Core is given is not counted: no store writes by it.
    """
    event.listen(engine, "before_cursor_execute", _count)


def _count(
    connection: Connection,
    _cursor: DBAPICursor,
    _statement: str,
    _parameters: object,
    context: DefaultExecutionContext | None,
    _many: object,
) -> None:
    if context is not None and (context.isinsert or context.isupdate or context.isdelete):
        count_write(connection)
