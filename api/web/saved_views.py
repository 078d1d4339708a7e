"""Views of the list of items, or of the history, that a person keeps under a name.

A view is its owner's alone and shows nothing that its owner may not see: it is only an address.
"""

from dataclasses import dataclass
from typing import ClassVar

from workflow import values
from workflow.canonical import is_storable
from workflow.command import Upkeep
from workflow.commands.execute import Transaction, UseCases, one_by_one
from workflow.errors import InvalidRefusal, reason
from workflow.model import PersonId
from workflow.store import saved_views

MOST = 20
_NAME_LIMIT = 60
_QUERY_LIMIT = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveView(Upkeep[None]):
    """Keep a view of the list; one of the same name is replaced."""

    person: PersonId
    name: str
    query: str
    of: str = saved_views.ITEMS
    contends_for: ClassVar[str] = "views"


@dataclass(frozen=True, slots=True, kw_only=True)
class DropView(Upkeep[None]):
    """Forget a view of a person."""

    person: PersonId
    view: int
    contends_for: ClassVar[str] = "views"


def _drop(transaction: Transaction, command: DropView) -> None:
    saved_views.drop_view(transaction.connection, command.person, command.view)


def _save(transaction: Transaction, command: SaveView) -> None:
    connection = transaction.connection
    name = values.line(command.name)
    known = saved_views.views_of(connection, command.person, command.of)
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
        saved_views.drop_view(connection, command.person, each.id)
    saved_views.insert_view(connection, command.person, name, command.query, command.of)


USE_CASES: UseCases = {
    SaveView: one_by_one(SaveView, _save),
    DropView: one_by_one(DropView, _drop),
}
