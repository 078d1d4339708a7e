"""What an entry of a subject committed to of the rows kept about it, and what differs now.

The one place that reads the commitment: commands refuse to build on rows that differ
(``commands.recorded_rows``), verification names them (``queries.subject_ties``).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import orjson
from sqlalchemy import Connection

from workflow.history import commit, verify_history
from workflow.history.verify_history import IncompleteError, TamperedError
from workflow.store import history
from workflow.store.history import StoredEntry, StoredText
from workflow.store.subject_rows import ROW, ROWS_CHANGED, STEPWISE, Kept

Row = dict[str, object]
Changes = dict[str, dict[str, Row | None]]
"""Rows as they are now, by table and key; None for one that is gone."""


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
    """Return what was kept after an entry, by what it and, if need be, those before committed to.

    None for one older than such commitments. Raises TamperedError, IncompleteError where a text is
    another or gone.
    """
    if entry.subject.partition(":")[0] in STEPWISE:
        return _step_by_step(connection, entry)
    text = history.text_at(connection, entry.subject, entry.seq, ROW)
    said = _committed_text(entry, ROW, text)
    return None if said is None else orjson.loads(said)


def _committed_text(entry: StoredEntry, name: str, text: StoredText | None) -> str | None:
    """Return the text ``name`` of an entry, which must be the one that it committed to."""
    commitment = orjson.loads(entry.body)["commitments"].get(name)
    if commitment is None:
        return None
    of = f"{entry.subject} entry {entry.seq}"
    if text is None:
        raise IncompleteError(f"{of}: what it says of its row is missing")
    is_same = commit(text.salt, text.text) == commitment
    verify_history.require(is_same, of, "committed to another text as its row")
    return text.text


def _step_by_step(connection: Connection, entry: StoredEntry) -> Kept | None:
    """Return what was kept after an entry, by all entries of its subject up to it."""
    subject, kept = entry.subject, None
    texts = history.texts_of(connection, [subject])
    for each in history.entries_of(connection, subject):
        if each.seq > entry.seq:
            break
        if whole := _committed_text(each, ROW, texts.get((subject, each.seq, ROW))):
            kept = orjson.loads(whole)
        changed = _committed_text(each, ROWS_CHANGED, texts.get((subject, each.seq, ROWS_CHANGED)))
        if changed:
            kept = after_changes(kept or {}, orjson.loads(changed))
    return kept


def after_changes(kept: Kept, changed: Changes) -> Kept:
    """Return ``kept`` after its rows changed."""
    tables = {table: dict(rows) for table, rows in kept.items()}
    for table, rows in changed.items():
        now = tables.setdefault(table, {})
        for key, row in rows.items():
            if row is None:
                now.pop(key, None)
            else:
                now[key] = row
    return {table: rows for table, rows in tables.items() if rows}


def changes(found: Iterable[RowDifference]) -> Changes:
    """Return rows that differ as a text says it."""
    said: Changes = {}
    for each in found:
        said.setdefault(each.table, {})[each.key] = each.after
    return said


def left_behind(connection: Connection, entry: StoredEntry) -> Kept:
    """Return what was kept after an entry, for readers; empty where nobody can tell any more."""
    try:
        return committed_rows(connection, entry) or {}
    except (IncompleteError, TamperedError):
        return {}


def differences(before: Kept, after: Kept) -> Iterator[RowDifference]:
    """Yield the rows that differ, in order."""
    for table in sorted({*before, *after}):
        old, new = before.get(table, {}), after.get(table, {})
        for key in sorted({*old, *new}):
            if old.get(key) != new.get(key):
                yield RowDifference(table=table, key=key, before=old.get(key), after=new.get(key))
