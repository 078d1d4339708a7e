"""What differs between two entries of the history, in what they say and in what they left behind.

Owns the comparison of any two entries: the members of their bodies; of one item, the contents that
they were about, as the reader may see them; of other subjects, all that was kept about them, by the
rows that each entry committed to. Reads only.
"""

from collections.abc import Iterator

import orjson
from sqlalchemy import Connection

from workflow.context import Context
from workflow.history import data_of
from workflow.lookups.kept_rows import left_behind
from workflow.messages import InWords, Message
from workflow.model import Person
from workflow.queries.items import item_view
from workflow.rules import Difference, Piece, differences, readable
from workflow.store import item_contents, items
from workflow.store.history import StoredEntry

_SECRET = ("password_hash", "pin_hash", "totp_secret", "public_key", "credential_id")
"""Columns of which only whether they changed is anybody's business."""


def entry_differences(
    context: Context,
    connection: Connection,
    pair: tuple[StoredEntry, StoredEntry],
    reader: Person,
    words: InWords,
) -> list[Difference]:
    """Return what differs between two entries, as ``reader`` may see it."""
    contents = content_differences(context, connection, pair, reader, words)
    return [*contents, *recorded_differences(connection, pair)]


def recorded_differences(
    connection: Connection, pair: tuple[StoredEntry, StoredEntry]
) -> list[Difference]:
    """Return what differs in what two entries say and left behind, by the names in the record."""
    one, other = (dict(_named_values(connection, each)) for each in pair)
    return [
        _difference(name, one.get(name, ""), other.get(name, ""))
        for name in sorted({*one, *other})
        if one.get(name) != other.get(name)
    ]


def _named_values(connection: Connection, entry: StoredEntry) -> Iterator[tuple[str, str]]:
    """Yield what an entry says, and what was kept about its subject then, by name."""
    fact = entry.fact
    for name in ("type", "transition", "from_state", "to_state", "position", "via", "method"):
        yield name, str(getattr(fact, name) or "")
    for name in ("actor", "on_behalf_of", "version", "step", "definition_hash", "content_hash"):
        value = getattr(fact, name)
        yield name, "" if value is None else str(value)
    for name, value in data_of(fact.payload).items():
        yield f"data.{name}", orjson.dumps(value).decode()
    for table, rows in left_behind(connection, entry).items():
        for key, columns in rows.items():
            for column, value in columns.items():
                is_secret = column in _SECRET
                yield f"{table}.{key}.{column}", f"#{value!s:.8}" if is_secret else str(value)


def content_differences(
    context: Context,
    connection: Connection,
    pair: tuple[StoredEntry, StoredEntry],
    reader: Person,
    words: InWords,
) -> list[Difference]:
    """Return how the contents of one item differ that two entries were about."""
    one, other = pair
    item = items.find_item(connection, one.subject.removeprefix("item:"))
    if item is None or one.subject != other.subject:
        return []
    before, after = (
        item_contents.content_at(connection, item.id, each.fact.content_hash or "") for each in pair
    )
    if before is None or after is None:
        return []
    view = item_view(context, connection, item, reader.id)
    return differences(
        view.definition,
        readable(before, view.withheld),
        readable(after, view.withheld),
        view.names,
        words,
    )


def _difference(name: str, old: str, new: str) -> Difference:
    pieces = (Piece(what="removed", text=old), Piece(what="added", text=new))
    label = Message("{name}", (("name", name),))
    return Difference(label=label, pieces=tuple(each for each in pieces if each.text))
