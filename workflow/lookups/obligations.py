"""Which reports are owed, and by whom."""

from sqlalchemy import Connection

from workflow.context import Context
from workflow.deadlines import Obligations
from workflow.definition import Stage
from workflow.store import deadlines


def obligations(context: Context, connection: Connection) -> Obligations:
    """Return which reports are in, and who drafts the others.

    Each state is judged within its own definition version.
    """
    books = context.rulebooks.all(connection)
    judged = {
        (book.hash, state): book.is_handed_in(state) for book in books for state in book.states
    }
    given_up = frozenset(
        (book.hash, state)
        for book in books
        for state, stage in book.stages.items()
        if stage is Stage.GIVEN_UP
    )
    together = frozenset(
        book.definition.answers for book in books if book.definition.answers is not None
    )
    handed_in = frozenset(each for each, is_met in judged.items() if is_met)
    return deadlines.load_obligations(connection, handed_in, given_up - handed_in, together)
