"""Which reports are owed, and by whom."""

from sqlalchemy import Connection

from workflow.context import Context
from workflow.deadlines import Obligations
from workflow.store import deadlines


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
    return deadlines.load_obligations(connection, stages, together)
