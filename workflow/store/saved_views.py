"""Statements about the views of a list that a person keeps: of items, or of the history."""

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, insert, select

from workflow.model import PersonId
from workflow.store import schema
from workflow.store.mapping import Mapper
from workflow.store.prepared import Prepared


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedView:
    """One view: its name and the query of its address."""

    id: int
    name: str
    query: str


ITEMS = "items"
HISTORY = "history"
_views = schema.saved_views.c
_VIEW = Mapper(SavedView, schema.saved_views)
_OF = Prepared(
    select(*_VIEW.columns)
    .where(_views.person == bindparam("of_person"), _views.list == bindparam("of_list"))
    .order_by(_views.id)
)
_ADD = Prepared(insert(schema.saved_views))
_DROP = Prepared(
    delete(schema.saved_views).where(
        _views.id == bindparam("of_id"), _views.person == bindparam("of_person")
    )
)


def views_of(connection: Connection, person: PersonId, of: str = ITEMS) -> list[SavedView]:
    """Return the views of a list that a person keeps, oldest first."""
    return list(map(_VIEW.read, _OF.rows(connection, {"of_person": person, "of_list": of})))


def insert_view(
    connection: Connection, person: PersonId, name: str, query: str, of: str = ITEMS
) -> None:
    """Keep a view of a person."""
    _ADD.run(connection, {"person": person, "name": name, "query": query, "list": of})


def drop_view(connection: Connection, person: PersonId, view: int) -> None:
    """Forget a view of a person."""
    _DROP.run(connection, {"of_id": view, "of_person": person})
