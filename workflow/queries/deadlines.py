"""What pages and API read of deadlines, the requests about them and their reminders.

Nothing here writes.
"""

from sqlalchemy import Connection

from workflow.deadlines import Deadline
from workflow.errors import NotFoundRefusal
from workflow.messages import lazy
from workflow.model import Item, Person
from workflow.people import may_see_deadline
from workflow.store import deadlines, extensions, reminder_ledger

all_deadlines = deadlines.all_deadlines
kinds_called = deadlines.kinds_called
ladder_json = deadlines.ladder_json
snoozes = deadlines.snoozes
Extension = extensions.Extension
extensions_of = extensions.extensions_of
LedgerRow = reminder_ledger.LedgerRow
ledger_by_outbox = reminder_ledger.ledger_by_outbox


def visible_deadlines(connection: Connection, person: Person) -> list[Deadline]:
    """Return every deadline that concerns ``person``."""
    return [
        each for each in all_deadlines(connection) if may_see_deadline(person, each.departments)
    ]


def deadline_by_id(connection: Connection, deadline: int, person: Person | None = None) -> Deadline:
    """Return a deadline, to ``person`` only one that concerns them. Raises NotFoundRefusal."""
    found = deadlines.find_deadline(connection, deadline)
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
