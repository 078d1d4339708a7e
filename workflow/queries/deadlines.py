"""What pages and API read of deadlines, the requests about them and their reminders.

Nothing here writes.
"""

from sqlalchemy import Connection

from workflow.deadlines import Deadline
from workflow.errors import NotFoundRefusal
from workflow.messages import lazy
from workflow.model import Item, Person
from workflow.people import may_see_deadline
from workflow.store.deadlines import (
    all_deadlines,
    find_deadline,
    kinds_called,
    ladder_json,
    snoozes,
)
from workflow.store.extensions import (
    Extension,
    extensions_of,
)
from workflow.store.reminder_ledger import (
    LedgerRow,
    ledger_by_outbox,
)

__all__ = [
    "Extension",
    "LedgerRow",
    "all_deadlines",
    "answered_deadline",
    "deadline_by_id",
    "extensions_of",
    "kinds_called",
    "ladder_json",
    "ledger_by_outbox",
    "snoozes",
    "visible_deadlines",
]


def visible_deadlines(connection: Connection, person: Person) -> list[Deadline]:
    """Return every deadline that concerns ``person``."""
    return [
        each for each in all_deadlines(connection) if may_see_deadline(person, each.departments)
    ]


def deadline_by_id(connection: Connection, deadline: int, person: Person | None = None) -> Deadline:
    """Return a deadline, to ``person`` only one that concerns them. Raises NotFoundRefusal."""
    found = find_deadline(connection, deadline)
    if found is None or (person is not None and not may_see_deadline(person, found.departments)):
        raise NotFoundRefusal(lazy("the deadline"))
    return found


def answered_deadline(connection: Connection, item: Item) -> Deadline | None:
    """Return the deadline that an item answers, or None."""
    return next(
        (
            each
            for each in all_deadlines(connection)
            if (each.campaign, each.kind) == (item.campaign, item.period)
            and item.department in each.departments
        ),
        None,
    )
