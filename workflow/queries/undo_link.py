"""A link that takes a change back, as whoever holds its token finds it: whose, of what, its state.

Owns who such a token speaks for. It never writes.
"""

from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from workflow.context import Context
from workflow.history.agency_payloads import ChangeUndone
from workflow.links import Keys, Purpose, find_by_token
from workflow.lookups.account_changes import UndoStanding, decided_meanwhile, standing_of
from workflow.model import Person
from workflow.store import account_changes, history
from workflow.store.account_changes import UndoableChange
from workflow.store.history import StoredEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedUndo:
    """A link that this deployment issued, with its change and its person as they are now.

    ``made``: the entry of the change; ``undone``: the one that took it back. ``meanwhile``: the
    decisions made by it, ``subject/seq`` each.
    """

    change: UndoableChange
    person: Person
    by: Person | None
    made: StoredEntry
    standing: UndoStanding
    undone: StoredEntry | None
    meanwhile: tuple[str, ...]


def find_undo_link(
    context: Context, connection: Connection, keys: Keys, token: str
) -> OpenedUndo | None:
    """Return the link of ``token``, whatever became of it; None where it is unknown or forged."""
    find = partial(account_changes.find_change, connection)
    change = find_by_token(keys, token, Purpose.UNDO, find)
    if change is None:
        return None
    subject = f"person:{change.person}"
    made = history.entry_at(connection, subject, change.seq)
    if made is None:
        return None
    now = context.clock()
    directory = context.directory(connection, now)
    undone = history.entry_at(connection, subject, change.undone_seq) if change.undone_seq else None
    return OpenedUndo(
        change=change,
        person=directory.people[change.person],
        by=directory.people.get(made.actor) if made.actor is not None else None,
        made=made,
        standing=standing_of(connection, directory, change, now),
        undone=undone,
        meanwhile=undone.fact.payload.meanwhile
        if undone is not None and isinstance(undone.fact.payload, ChangeUndone)
        else tuple(f"{each.subject}/{each.seq}" for each in decided_meanwhile(connection, change)),
    )
