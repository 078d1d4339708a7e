"""Which reports are owed, by whom, and who is to approve what was submitted."""

from sqlalchemy import Connection

from workflow.context import Context
from workflow.deadlines import Obligation, Obligations
from workflow.lookups.inspections import with_inspections
from workflow.messages import Message, lazy, verbatim
from workflow.model import HEADS, Position
from workflow.people import Directory
from workflow.store import deadlines

_HEADS = HEADS | {Position.DEPUTY}


def obligations(context: Context, connection: Connection) -> Obligations:
    """Return which reports are in, who drafts the others, and which wait to be approved.

    Each state is judged within its own definition version.
    """
    books = context.rulebooks.all(connection)
    stages = {
        (book.hash, state): book.obligation_stage(state) for book in books for state in book.states
    }
    together = frozenset(
        book.definition.answers for book in books if book.definition.answers is not None
    )
    owed = deadlines.load_obligations(connection, stages, together)
    return with_inspections(connection, owed)


def approved_by(owed: Obligations, obligation: Obligation, directory: Directory) -> Message:
    """Return in words who is to approve what a department submitted.

    By name where it is not for those who lead the department.
    """
    people = [directory.people[each] for each in owed.awaiting.get(obligation, ())]
    if any(each.position in _HEADS and each.department == obligation[2] for each in people):
        return lazy("the head of the department")
    if not people:
        return lazy("somebody whom the Office has yet to find")
    return verbatim(", ".join(each.name for each in people))
