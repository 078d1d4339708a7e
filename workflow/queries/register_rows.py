"""Whether the register of outgoing documents holds what the entries gave numbers for, and no more.

Owns the verdict on its rows. That no number was given twice, the history itself is verified for.
"""

from collections.abc import Mapping

from sqlalchemy import Connection

from workflow.definition import LETTER, NAMES
from workflow.history.verify_history import Body, IncompleteError, require
from workflow.store import schema, whole_tables
from workflow.store.prepared import Row
from workflow.values import searchable

Given = tuple[str, str]
"""Number with symbol, and day."""


class RegisterFold:
    """The numbers that entries gave, by subject and number of the entry, in their order."""

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

    def verify(self, connection: Connection, codes: Mapping[int, str]) -> None:
        """Compare with every row, all but ``series``, which no entry says.

        ``codes``: of the items, by id. Raises TamperedError, IncompleteError for the first that
        differs.
        """
        places = {entry: place for place, entry in enumerate(self._given)}
        missing = {
            (*given, subject, seq)
            for (subject, seq), numbers in self._given.items()
            for given in numbers
        }
        about = {
            f"document:{row.id}": row.about
            for row in whole_tables.rows(connection, schema.documents)
        }
        last = -1
        for row in whole_tables.rows(connection, schema.register):
            name = f"register {row.notation} of {row.year}"
            said = (row.notation, row.issued_on, row.subject, row.seq)
            require(said in missing, name, "was given by no entry of the history")
            missing.discard(said)
            kind = self._kinds.get(row.subject, row.kind)
            require(_is_whole(row, kind), name, "has another number than its symbol says")
            code = None if row.item_id is None else f"item:{codes.get(row.item_id)}"
            is_own = code == (None if row.subject in self._kinds else row.subject)
            require(is_own, name, "shows another item than its entry is about")
            require(
                row.search in _words(row, about.get(row.subject, "")),
                name,
                "has words in search that it does not say",
            )
            place = places[row.subject, row.seq]
            require(place >= last, name, "stands in another order than the numbers were given in")
            last = place
        for number, day, subject, seq in sorted(missing):
            raise IncompleteError(f"{subject} entry {seq}: its number {number} of {day} is missing")


def _words(row: Row, about: str) -> set[str]:
    """Return what ``search`` may be: folded; the migration that filled it only lowered."""
    lowered = {row.notation.lower(), row.notation.encode().lower().decode()}
    return {searchable(row.notation, about)} | (set() if about else lowered)


def _is_whole(row: Row, kind: str) -> bool:
    number, _, symbol = row.notation.partition("/")
    named = symbol.partition("-")[0]
    is_kind = named == row.kind or (row.kind == LETTER and named not in NAMES)
    is_same = number == f"{row.number:02d}" and row.year == int(row.issued_on[:4])
    return is_kind and is_same and kind == row.kind and row.kind in row.series.split("+")
