"""Which rules of awards a decision asks before it is taken, or comes back by an undo.

Owns by what a transition asks them. Writes nothing.
"""

from collections.abc import Iterable

from sqlalchemy import Connection

from workflow.context import Context
from workflow.definition import Transition
from workflow.errors import Reason
from workflow.lookups.held_nominees import held_by_rules
from workflow.lookups.nominations import forbidden_by_rules
from workflow.model import Content, Item, Person


def forbidden_on(
    context: Context,
    connection: Connection,
    item: Item,
    content: Content | None,
    taken: Iterable[Transition],
    asker: Person | None,
) -> list[Reason]:
    """Return what the rules of awards forbid where one of ``taken`` asks them, told to ``asker``.

    Whoever signs, and whoever sends to who decides, is told of what is pending at that moment,
    whatever was judged before. The outcome asks by the day of its decision (``award_decision``).
    """
    ways = tuple(taken)
    if content is None:
        return []
    if any(each.judged for each in ways):
        return forbidden_by_rules(context, connection, item, content, asker)
    if any(each.signs or each.sends for each in ways):
        return held_by_rules(context, connection, item, content, asker)
    return []
