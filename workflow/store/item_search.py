"""Which items hold parts of words, by an index that the database keeps itself.

On SQLite it is FTS5, which knows where every three letters stand. On PostgreSQL an ordinary role
can create no extension: there it is the words of each item, and of all words every three letters.
Triggers keep both. Whoever looks here looks at the items too: an index finds less, and never more.
"""

import json
from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import Connection, TextClause, text

_GRAM: Final = 3
"""Letters; a shorter part is found in nearly every item, and soon by reading the newest."""
FEW: Final = 1000
"""Items up to which it is said which; of more, a list is filled sooner by reading the newest."""
_FEW_OF_ANY: Final = 5000
"""The same where one of several texts is looked for."""
_MOST_WORDS: Final = 1000
"""Words that a part may stand in; more, as of a code's year, tell nothing."""
_MOST_ASKED: Final = 50
"""Texts up to which the index is asked."""
_ON_SQLITE: Final = text("SELECT rowid FROM item_search WHERE item_search MATCH :held LIMIT :most")
_WORDS: Final = text(
    "SELECT asked.part, found.word FROM json_to_recordset(CAST(:asked AS json)) "
    "AS asked(part text, grams text[]), LATERAL (SELECT word FROM search_words "
    "WHERE grams @> asked.grams AND strpos(word, asked.part) > 0 LIMIT :most) AS found"
)


def few_holding(connection: Connection, parts: Collection[str]) -> list[int] | None:
    """Return the ids of the items that may hold every one of ``parts``, folded for search.

    None where these are more than ``FEW``, or the index cannot tell.
    """
    return _few(connection, [parts], FEW)


def few_holding_any(connection: Connection, texts: Collection[str]) -> list[int] | None:
    """Return the ids of the items that may hold one of ``texts``; None as ``few_holding``.

    However many they are, the index is asked as often as for one.
    """
    if len(texts) > _MOST_ASKED:
        return None
    return _few(connection, [[each] for each in texts], _FEW_OF_ANY)


def _few(connection: Connection, ways: Sequence[Collection[str]], few: int) -> list[int] | None:
    """Return the ids of the items that may hold every part of one of ``ways``."""
    known = [[part for part in way if len(part) >= _GRAM] for way in ways]
    if not all(known):
        return None
    if connection.dialect.name == "sqlite":
        held = " OR ".join(f"({_phrases(each)})" for each in known)
        found = connection.execute(_ON_SQLITE, {"held": held, "most": few + 1})
    else:
        words = _words_holding(connection, known)
        if not all(words):
            return None
        query, values = _holding_words(words)
        found = connection.execute(query, {**values, "most": few + 1})
    ids = [int(each) for each in found.scalars()]
    return sorted(ids) if len(ids) <= few else None


def _phrases(parts: Collection[str]) -> str:
    doubled = (each.replace('"', '""') for each in parts)
    return " AND ".join(f'"{each}"' for each in doubled)


def _words_holding(
    connection: Connection, ways: Sequence[Collection[str]]
) -> list[list[Sequence[str]]]:
    """Return for each of ``ways`` the words that hold its parts, where these tell something."""
    split = [{word for part in way for word in part.split() if len(word) >= _GRAM} for way in ways]
    asked = [
        {"part": part, "grams": [part[at : at + _GRAM] for at in range(len(part) - _GRAM + 1)]}
        for part in sorted(set().union(*split))
    ]
    found: dict[str, list[str]] = {str(each["part"]): [] for each in asked}
    for part, word in connection.execute(
        _WORDS, {"asked": json.dumps(asked), "most": _MOST_WORDS + 1}
    ):
        found[part].append(word)
    return [
        [words for part in sorted(way) if len(words := found[part]) <= _MOST_WORDS] for way in split
    ]


def _holding_words(ways: Sequence[Sequence[Sequence[str]]]) -> tuple[TextClause, dict[str, object]]:
    """Return the query for the items with a word of each list, in one of ``ways``."""
    values: dict[str, object] = {}
    held = []
    for way in ways:
        first = len(values)
        values |= {f"words_{first + at}": words for at, words in enumerate(way)}
        conditions = (f"words && CAST(:words_{first + at} AS text[])" for at in range(len(way)))
        held.append(f"({' AND '.join(conditions)})")
    query = f"SELECT item_id FROM item_search WHERE {' OR '.join(held)} LIMIT :most"  # noqa: S608
    return text(query), values
