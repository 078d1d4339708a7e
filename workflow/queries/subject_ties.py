"""Whether what is kept about people, deadlines and so on is what their last entries committed to.

Owns the verdict on the rows of each subject that are there now. Items have no such commitment: what
is kept about them follows from their entries alone. The texts and the entries themselves are
verified elsewhere.
"""

from sqlalchemy import Connection

from workflow.history.verify_history import IncompleteError, TamperedError
from workflow.lookups.kept_rows import RowDifference, committed_rows, differences
from workflow.store import history, subject_rows
from workflow.store.history import StoredEntry


def verify_subjects(connection: Connection) -> None:
    """Compare with every row. Raises TamperedError, IncompleteError: the first that differs."""
    last = {each.subject: each for each in history.last_entries_beside_items(connection)}
    for subject in sorted(set(subject_rows.subjects(connection)) - set(last)):
        raise TamperedError(f"{subject} is kept in the database, but it has no history")
    for entry in last.values():
        _verify(connection, entry)


def is_as_recorded(connection: Connection, subject: str) -> bool:
    """Return whether what is kept about a subject is what its last entry committed to."""
    entry = history.last_entry(connection, subject)
    if entry is None:
        return not subject_rows.kept_about(connection, subject)
    try:
        _verify(connection, entry)
    except (TamperedError, IncompleteError):
        return False
    return True


def _verify(connection: Connection, entry: StoredEntry) -> None:
    kept = subject_rows.kept_about(connection, entry.subject)
    for difference in differences(committed_rows(connection, entry) or {}, kept):
        _name(entry.subject, difference)


def _name(subject: str, difference: RowDifference) -> None:
    """Raise an error that names a row that differs, and the first column."""
    name = f"{subject} {difference.table} {difference.key}"
    if difference.after is None:
        raise IncompleteError(f"{name} is missing")
    if difference.before is None:
        raise TamperedError(f"{name} was never recorded")
    column = difference.columns[0]
    now, then = difference.after.get(column), difference.before.get(column)
    raise TamperedError(f"{name} has {column} {now!s:.80}, but its history says {then!s:.80}")
