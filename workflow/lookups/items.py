"""Which items there are for somebody, and which transition an entry of their history records."""

from sqlalchemy import Connection

from workflow.context import Context
from workflow.definition import Transition
from workflow.errors import NotFoundRefusal
from workflow.messages import lazy
from workflow.model import Item, Person
from workflow.people import scope_of
from workflow.store import held_items, items, opinions, rounds
from workflow.store.held_items import HeldItem
from workflow.store.history import StoredEntry


def visible_item(connection: Connection, code: str, person: Person) -> Item:
    """Return the item ``code``. Raises NotFoundRefusal where it does not exist for ``person``.

    It exists for whoever sees its department, holds it, is asked about it, or sits in a round of
    the council that it is before.
    """
    item = items.find_item(connection, code)
    if item is None or not may_see(connection, item, person):
        raise NotFoundRefusal(lazy("the item {code}", code=code))
    return item


def may_see(connection: Connection, item: Item, person: Person) -> bool:
    """Return whether ``item`` exists for ``person``."""
    return (
        scope_of(person).covers(item.department)
        or holds(connection, item, person)
        or _is_asked(connection, item, person)
        or rounds.is_before(connection, item.id, person.id)
    )


def _is_asked(connection: Connection, item: Item, person: Person) -> bool:
    return any(
        each.asked_of == person.id and each.answered_at is None
        for each in opinions.opinions_of(connection, item.id)
    )


def pending_holders(connection: Connection, item: Item) -> list[HeldItem]:
    """Return whom ``item`` waits for, as it is written down."""
    return held_items.holders_by_item(connection, [item.id]).get(item.id, [])


def holds(connection: Connection, item: Item, person: Person) -> bool:
    """Return whether ``item`` waits for ``person``."""
    return any(each.person == person.id for each in pending_holders(connection, item))


def transition_of(
    context: Context, connection: Connection, entry: StoredEntry
) -> Transition | None:
    """Return what the definition that ``entry`` was made under says of its transition."""
    transition, definition = entry.fact.transition, entry.fact.definition_hash
    if not transition or not definition:
        return None
    book = context.rulebooks.of(connection, definition)
    return book.taken(entry.fact.from_state or "", transition)


def open_items(context: Context, connection: Connection) -> list[Item]:
    """Return every item that its own definition does not call ended, by id."""
    rulebooks = {each.hash: each for each in context.rulebooks.all(connection)}
    states = {
        state.id
        for book in rulebooks.values()
        for state in book.definition.states
        if not state.final
    }
    # A state may end one kind of item and not another, so each item is asked by its own rules.
    return [
        each
        for each in items.items_in_states(connection, sorted(states))
        if not rulebooks[each.definition_hash].states[each.state].final
    ]
