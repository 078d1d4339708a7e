"""The item that a command is about, locked, and who gives the command.

Owns the refusal that an act on an item begins with: to whoever may not see it, it does not exist.
"""

from workflow.command import Cause
from workflow.commands.execute import Transaction
from workflow.errors import NotFoundRefusal
from workflow.lookups.items import visible_item
from workflow.messages import lazy
from workflow.model import Item, Person
from workflow.store import items


def locked_item(transaction: Transaction, cause: Cause, code: str) -> tuple[Item, Person]:
    """Return the item ``code``, locked, and its reader who acts. Raises NotFoundRefusal."""
    item = items.lock_items(transaction.connection, [code]).get(code)
    person = transaction.directory.active(cause.actor)
    if item is None or person is None:
        raise NotFoundRefusal(lazy("the item {code}", code=code))
    visible_item(transaction.connection, code, person)
    return item, person
