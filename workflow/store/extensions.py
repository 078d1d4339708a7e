"""Statements about extensions of deadlines."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from workflow.model import DepartmentId, ExtensionState, PersonId
from workflow.store import schema
from workflow.store.instants import written
from workflow.store.mapping import Mapper
from workflow.store.prepared import ByKeys, Prepared, Values

_extensions = schema.extensions.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """What a department asked for; ``answer``: the Office's words."""

    id: int
    deadline: int
    department: DepartmentId
    asked_by: PersonId
    asked_at: datetime
    wanted_at: datetime
    why: str
    state: ExtensionState
    answer: str


_EXTENSION = Mapper(
    Extension,
    schema.extensions,
    named={"deadline": _extensions.deadline_id},
    readers={"answer": lambda text: text or ""},
)
_BY_ID = Prepared(select(*_EXTENSION.columns).where(_extensions.id == bindparam("wanted")))
_BY_DEADLINE = ByKeys(select(*_EXTENSION.columns), _extensions.deadline_id)
_INSERT = Prepared(insert(schema.extensions).returning(_extensions.id))
_DECIDE = Prepared(
    update(schema.extensions)
    .where(_extensions.id == bindparam("old_id"), _extensions.state == ExtensionState.ASKED.value)
    .values(
        state=bindparam("new_state"),
        decided_by=bindparam("by"),
        decided_at=bindparam("at"),
        answer=bindparam("says"),
    )
)


def extension_by_id(connection: Connection, extension: int) -> Extension | None:
    """Return an extension, or None."""
    return _EXTENSION.find(_BY_ID.one(connection, {"wanted": extension}))


def extensions_of(connection: Connection, deadline_ids: Iterable[int]) -> list[Extension]:
    """Return what was asked for those deadlines, oldest first."""
    return sorted(
        (_EXTENSION.read(row) for row in _BY_DEADLINE.rows(connection, deadline_ids)),
        key=lambda each: each.id,
    )


def insert_extension(connection: Connection, values: Values) -> int:
    """Insert what was asked for and return its id."""
    return int(_INSERT.scalar(connection, {**values, "state": ExtensionState.ASKED.value}))


def decide_extension(
    connection: Connection,
    extension: int,
    *,
    state: ExtensionState,
    by: PersonId,
    at: datetime,
    answer: str,
) -> bool:
    """Record the decision on an extension that is still open; return whether it was."""
    values = {
        "old_id": extension,
        "new_state": state.value,
        "by": by,
        "at": written(at),
        "says": answer,
    }
    return _DECIDE.run(connection, values) == 1
