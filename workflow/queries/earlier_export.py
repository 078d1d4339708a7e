"""Whether a database still holds what left the house earlier, in an export.

Owns the comparison entry by entry, each at its place in the log: what was restored from an older
copy has fewer, a history written anew or forked has others. Whether the export is right in itself
is its verifier's matter.
"""

from collections.abc import Iterator
from itertools import islice, zip_longest
from pathlib import Path

from sqlalchemy import Connection

from workflow.history.verify_history import (
    IncompleteError,
    Line,
    read_lines,
    require,
)
from workflow.store import history


def compare_with_export(connection: Connection, folder: Path) -> int:
    """Compare every entry of an export with the database's; return how many there are.

    Raises TamperedError where one is another, IncompleteError where they are missing.
    """
    lines = read_lines(folder / "entries.jsonl")
    sealed = sum(1 for _ in read_lines(folder / "log.jsonl"))
    count = 0
    held = history.entries_in_log(connection)
    for line, entry in zip_longest(islice(lines, sealed), islice(held, sealed)):
        if line is None:
            raise IncompleteError("entries.jsonl has fewer entries than log.jsonl")
        if entry is None:
            raise IncompleteError(
                f"{sealed - count} entries of the export, from {_name(line)} on, are not in the "
                "database: it was restored from an older copy, or they were cut off"
            )
        is_same = (entry.subject, entry.seq, entry.hash.hex(), entry.body) == (
            line["subject"],
            line["seq"],
            line["hash"],
            line["body"],
        )
        require(is_same, _name(line), f"of the export is not what stands at position {count} now")
        count += 1
    return count + _compare_unsealed(connection, lines)


def _compare_unsealed(connection: Connection, lines: Iterator[Line]) -> int:
    """Compare entries that had no place in the log yet; they may have any by now."""
    count = 0
    for line in lines:
        entry = history.entry_at(connection, line["subject"], line["seq"])
        if entry is None:
            raise IncompleteError(f"{_name(line)} of the export is not in the database")
        is_same = (entry.hash.hex(), entry.body) == (line["hash"], line["body"])
        require(is_same, _name(line), "of the export is not what the database has")
        count += 1
    return count


def _name(line: Line) -> str:
    return f"{line['subject']} entry {line['seq']}"
