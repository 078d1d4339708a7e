"""Which items hold parts of words, by an index that the database keeps itself.

On SQLite it is FTS5, which knows where every three letters stand. On PostgreSQL an ordinary role
can create no extension: there it is the words of each item, and of all words every three letters.
Triggers keep both. Whoever looks here looks at the items too: an index finds less, and never more.
"""

from collections.abc import Collection
from typing import Final

from sqlalchemy import Connection, TextClause, text

from workflow.store.prepared import Values

_GRAM: Final = 3
"""Letters; a shorter part is found in nearly every item, and soon by reading the newest."""
FEW: Final = 1000
"""Items up to which it is said which; of more, a list is filled sooner by reading the newest."""
_MOST_WORDS: Final = 1000
"""Words that a part may stand in; more, as of a code's year, tell nothing."""
_MOST_ASKED: Final = 50
"""Texts up to which the index is asked for each."""
_ON_SQLITE: Final = text("SELECT rowid FROM item_search WHERE item_search MATCH :parts LIMIT :most")
_WORDS: Final = text(
    "SELECT word FROM search_words WHERE grams @> CAST(:grams AS text[]) "
    "AND strpos(word, :part) > 0 LIMIT :most"
)


def few_holding(connection: Connection, parts: Collection[str]) -> list[int] | None:
    """Return the ids of the items that may hold every one of ``parts``, folded for search.

    None where these are more than ``FEW``, or the index cannot tell.
    """
    known = [each for each in parts if len(each) >= _GRAM]
    if not known:
        return None
    if connection.dialect.name == "sqlite":
        quoted = (each.replace('"', '""') for each in known)
        wanted = {"parts": " AND ".join(f'"{each}"' for each in quoted)}
        return _few(connection, _ON_SQLITE, wanted)
    return _few_by_words(connection, [word for each in known for word in each.split()])


def few_holding_any(connection: Connection, texts: Collection[str]) -> list[int] | None:
    """Return the ids of the items that may hold one of ``texts``; None as ``few_holding``."""
    if len(texts) > _MOST_ASKED:
        return None
    found: set[int] = set()
    for each in texts:
        few = few_holding(connection, [each])
        if few is None:
            return None
        found.update(few)
    return sorted(found)


def _few_by_words(connection: Connection, parts: Collection[str]) -> list[int] | None:
    conditions: dict[str, object] = {}
    for number, part in enumerate(each for each in parts if len(each) >= _GRAM):
        grams = [part[at : at + _GRAM] for at in range(len(part) - _GRAM + 1)]
        asked = {"grams": grams, "part": part, "most": _MOST_WORDS + 1}
        words = list(connection.execute(_WORDS, asked).scalars())
        if len(words) <= _MOST_WORDS:
            conditions[f"words_{number}"] = words
    if not conditions:
        return None
    held = " AND ".join(f"words && CAST(:{each} AS text[])" for each in conditions)
    query = f"SELECT item_id FROM item_search WHERE {held} LIMIT :most"  # noqa: S608 - numbered
    return _few(connection, text(query), conditions)


def _few(connection: Connection, query: TextClause, values: Values) -> list[int] | None:
    found = connection.execute(query, {**values, "most": FEW + 1}).scalars().all()
    return list(found) if len(found) <= FEW else None
