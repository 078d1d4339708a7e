"""Whether what is kept about people, deadlines and so on is what their last entries committed to.

Owns the comparison of the text ``row`` of each subject's last entry with the rows that are there
now. Items have none: what is kept about them follows from their entries alone. The texts and the
entries themselves are verified elsewhere.
"""

import orjson
from sqlalchemy import Connection

from workflow.history import commit, verify_history
from workflow.history.verify_history import IncompleteError, TamperedError
from workflow.store import history, subject_rows
from workflow.store.history import StoredEntry
from workflow.store.subject_rows import ROW, Kept


def verify_subjects(connection: Connection) -> None:
    """Compare with every row. Raises TamperedError, IncompleteError: the first that differs."""
    last = {each.subject: each for each in history.last_entries_beside_items(connection)}
    for subject in sorted(set(subject_rows.subjects(connection)) - set(last)):
        raise TamperedError(f"{subject} is kept in the database, but it has no history")
    for subject, entry in last.items():
        _verify(connection, subject, entry)


def is_as_recorded(connection: Connection, subject: str) -> bool:
    """Return whether what is kept about a subject is what its last entry committed to."""
    entry = history.last_entry(connection, subject)
    if entry is None:
        return not subject_rows.kept_about(connection, subject)
    try:
        _verify(connection, subject, entry)
    except (TamperedError, IncompleteError):
        return False
    return True


def _verify(connection: Connection, subject: str, entry: StoredEntry) -> None:
    name = f"{subject} entry {entry.seq}"
    commitment = orjson.loads(entry.body)["commitments"].get(ROW)
    said: Kept = {}
    if commitment is not None:
        text = history.text_at(connection, subject, entry.seq, ROW)
        if text is None:
            raise IncompleteError(f"{name}: what it says of its row is missing")
        is_same = commit(text.salt, text.text) == commitment
        verify_history.require(is_same, name, "committed to another text as its row")
        said = orjson.loads(text.text)
    _compare(subject, subject_rows.kept_about(connection, subject), said)


def _compare(subject: str, kept: Kept, said: Kept) -> None:
    """Raise an error that names the first row and column that differ."""
    for table in sorted({*kept, *said}):
        present, recorded = kept.get(table, {}), said.get(table, {})
        for key in sorted({*present, *recorded}):
            name = f"{subject} {table} {key}"
            if key not in present:
                raise IncompleteError(f"{name} is missing")
            if key not in recorded:
                raise TamperedError(f"{name} was never recorded")
            for column in sorted({*present[key], *recorded[key]}):
                now, then = present[key].get(column), recorded[key].get(column)
                verify_history.require(
                    now == then,
                    name,
                    f"has {column} {now!s:.80}, but its history says {then!s:.80}",
                )
