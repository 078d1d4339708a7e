"""Views of the list of items that a person keeps under a name: filters and columns, as they stand in the address.

Owns the table ``saved_views``. A view is its owner's alone and shows nothing that its owner may not see: it is only an address.
"""

from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy import Connection, bindparam, delete, insert, select

from workflow import values
from workflow.canonical import is_storable
from workflow.command import Upkeep
from workflow.commands.execute import Transaction, UseCases, one_by_one
from workflow.errors import InvalidRefusal, reason
from workflow.model import PersonId
from workflow.store import schema
from workflow.store.prepared import Prepared

MOST = 20
_NAME_LIMIT = 60
_QUERY_LIMIT = 1000
_views = schema.saved_views.c
_OF = Prepared(
    select(_views.id, _views.name, _views.query)
    .where(_views.person == bindparam("of_person"))
    .order_by(_views.id)
)
_ADD = Prepared(insert(schema.saved_views))
_DROP = Prepared(
    delete(schema.saved_views).where(
        _views.id == bindparam("of_id"), _views.person == bindparam("of_person")
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedView:
    """One view: its name and the query of its address."""

    id: int
    name: str
    query: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveView(Upkeep[None]):
    """Keep a view of the list; one of the same name is replaced."""

    is_repeatable: ClassVar[bool] = True
    person: PersonId
    name: str
    query: str
    contends_for: ClassVar[str] = "views"


@dataclass(frozen=True, slots=True, kw_only=True)
class DropView(Upkeep[None]):
    """Forget a view of a person."""

    is_repeatable: ClassVar[bool] = True
    person: PersonId
    view: int
    contends_for: ClassVar[str] = "views"


def views_of(connection: Connection, person: PersonId) -> list[SavedView]:
    """Return the views that a person keeps, oldest first."""
    return [
        SavedView(id=row.id, name=row.name, query=row.query)
        for row in _OF.rows(connection, {"of_person": person})
    ]


def _drop(transaction: Transaction, command: DropView) -> None:
    _DROP.run(transaction.connection, {"of_id": command.view, "of_person": command.person})


def _save(transaction: Transaction, command: SaveView) -> None:
    connection = transaction.connection
    name = values.line(command.name)
    known = views_of(connection, command.person)
    same = [each for each in known if each.name == name]
    if (
        values.line_fault(name, _NAME_LIMIT)
        or len(command.query) > _QUERY_LIMIT
        or not is_storable(command.query)
    ):
        raise InvalidRefusal(
            reason("name", "Name this view, up to {limit} characters.", limit=_NAME_LIMIT)
        )
    if len(known) >= MOST and not same:
        raise InvalidRefusal(
            reason("views", "You have saved {most} views. Remove one, then save again.", most=MOST)
        )
    for each in same:
        _DROP.run(connection, {"of_id": each.id, "of_person": command.person})
    _ADD.run(connection, {"person": command.person, "name": name, "query": command.query})


USE_CASES: UseCases = {
    SaveView: one_by_one(SaveView, _save),
    DropView: one_by_one(DropView, _drop),
}
