"""Whether the register of outgoing documents holds what the entries gave numbers for, and no more.

Owns the verdict on its rows. That no number was given twice, the history itself is verified for.
"""

from sqlalchemy import Connection

from workflow.definition import LETTER
from workflow.history.verify_history import Body, IncompleteError, require
from workflow.store import schema, whole_tables
from workflow.store.prepared import Row

Given = tuple[str, str]
"""Number with symbol, and day."""


class RegisterFold:
    """The numbers that entries gave, by subject and number of the entry."""

    def __init__(self) -> None:
        self._given: dict[tuple[str, int], list[Given]] = {}
        self._kinds: dict[str, str] = {}

    def follow(self, body: Body) -> None:
        """Go on with the next entry."""
        data = body["data"]
        found = [] if data.get("carried_by") else [data.get("dispatch")]
        found.append(data.get("registered"))
        if body["subject"].startswith("document:"):
            self._kinds[body["subject"]] = data["kind"]
        numbers = [(each["number"], each["issued_on"]) for each in found if each]
        if numbers:
            self._given[body["subject"], body["seq"]] = numbers

    def verify(self, connection: Connection) -> None:
        """Compare with every row. Raises TamperedError, IncompleteError: the first that differs."""
        missing = {
            (*given, subject, seq)
            for (subject, seq), numbers in self._given.items()
            for given in numbers
        }
        for row in whole_tables.rows(connection, schema.register):
            name = f"register {row.notation} of {row.year}"
            said = (row.notation, row.issued_on, row.subject, row.seq)
            require(said in missing, name, "was given by no entry of the history")
            missing.discard(said)
            kind = self._kinds.get(row.subject, row.kind)
            require(_is_whole(row, kind), name, "has another number than its symbol says")
        for number, day, subject, seq in sorted(missing):
            raise IncompleteError(f"{subject} entry {seq}: its number {number} of {day} is missing")


def _is_whole(row: Row, kind: str) -> bool:
    number, _, symbol = row.notation.partition("/")
    is_kind = row.kind == LETTER or symbol.startswith(f"{row.kind}-")
    is_same = number == f"{row.number:02d}" and row.year == int(row.issued_on[:4])
    return is_kind and is_same and kind == row.kind and row.kind in row.series.split("+")
