"""What the last entry of a subject committed to of the rows kept about it, and what differs now.

The one place that reads the commitment: commands refuse to build on rows that differ
(``commands.recorded_rows``), verification names them (``queries.subject_ties``).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import orjson
from sqlalchemy import Connection

from workflow.history import commit, verify_history
from workflow.history.verify_history import IncompleteError
from workflow.store import history
from workflow.store.history import StoredEntry
from workflow.store.subject_rows import ROW, Kept

Row = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowDifference:
    """A row that is not as it was; None where there was none, or is none any more."""

    table: str
    key: str
    before: Row | None
    after: Row | None

    @property
    def columns(self) -> list[str]:
        """Return the columns that differ."""
        before, after = self.before or {}, self.after or {}
        return [each for each in sorted({*before, *after}) if before.get(each) != after.get(each)]


def committed_rows(connection: Connection, entry: StoredEntry) -> Kept | None:
    """Return what an entry committed to; None for one older than such commitments.

    Raises TamperedError, IncompleteError where its text is another or gone.
    """
    commitment = orjson.loads(entry.body)["commitments"].get(ROW)
    if commitment is None:
        return None
    name = f"{entry.subject} entry {entry.seq}"
    text = history.text_at(connection, entry.subject, entry.seq, ROW)
    if text is None:
        raise IncompleteError(f"{name}: what it says of its row is missing")
    is_same = commit(text.salt, text.text) == commitment
    verify_history.require(is_same, name, "committed to another text as its row")
    kept: Kept = orjson.loads(text.text)
    return kept


def differences(before: Kept, after: Kept) -> Iterator[RowDifference]:
    """Yield the rows that differ, in order."""
    for table in sorted({*before, *after}):
        old, new = before.get(table, {}), after.get(table, {})
        for key in sorted({*old, *new}):
            if old.get(key) != new.get(key):
                yield RowDifference(table=table, key=key, before=old.get(key), after=new.get(key))
