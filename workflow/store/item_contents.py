"""Statements about what an item says and what is attached to it.

Owns every version of an item's content, each kept once, and the names of attached files; their
bytes lie in ``store.files``. Runs inside the caller's transaction and never commits.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, insert, select

from workflow.history import body_hash, restore_content
from workflow.model import Content, ContentHash, Item, ItemId, PersonId, StoredFile
from workflow.store import erasures, schema, whole_tables
from workflow.store.genuine import genuine
from workflow.store.instants import written
from workflow.store.prepared import ByKeys, Prepared, Row

_items = schema.items.c
_INSERT_CONTENT = Prepared(insert(schema.contents))
_HAS_CONTENT = Prepared(
    select(schema.contents.c.version).where(
        schema.contents.c.item_id == bindparam("item"), schema.contents.c.hash == bindparam("hash")
    )
)
_contents = schema.contents.c
_CONTENT_AT = Prepared(
    select(_contents.body).where(
        _contents.item_id == bindparam("item"), _contents.hash == bindparam("of_hash")
    )
)
_PRESENT_CONTENTS = ByKeys(
    select(_contents.item_id, _contents.hash, _contents.body).select_from(
        schema.contents.join(
            schema.items, (_items.id == _contents.item_id) & (_items.content_hash == _contents.hash)
        )
    ),
    _items.id,
)
_files = schema.files.c
_ATTACHED = Prepared(
    select(func.coalesce(func.sum(_files.size), 0))
    .select_from(schema.files.join(schema.items, _items.id == _files.item_id))
    .where(_items.department == bindparam("of_department"))
)
_HAS_FILE = Prepared(
    select(_files.size).where(
        _files.item_id == bindparam("item"), _files.sha256 == bindparam("of_hash")
    )
)
_NAMED = Prepared(select(_files.sha256).where(_files.sha256 == bindparam("of_hash")).limit(1))
_ADD_FILE = Prepared(insert(schema.files))


def insert_content(
    connection: Connection,
    item: ItemId,
    body: str,
    *,
    content_hash: ContentHash,
    version: int,
    at: datetime,
) -> None:
    """Keep a version of an item's content; the same content twice is kept once."""
    if _HAS_CONTENT.one(connection, {"item": item, "hash": content_hash}) is None:
        _INSERT_CONTENT.run(
            connection,
            {
                "item_id": item,
                "hash": content_hash,
                "version": version,
                "body": body,
                "created_at": written(at),
            },
        )


def contents_of(connection: Connection, items: Sequence[Item]) -> dict[ItemId, Content]:
    """Return the content of each item, by id, as it was when ``items`` were read."""
    rows = _PRESENT_CONTENTS.rows(connection, [item.id for item in items])
    present = {
        (row.item_id, row.hash): _read(connection, row.item_id, row.body, row.hash) for row in rows
    }
    found = {
        item.id: present.get((item.id, item.content_hash))
        or content_at(connection, item.id, item.content_hash)
        for item in items
    }
    return {item: content for item, content in found.items() if content is not None}


def content_at(connection: Connection, item: ItemId, content_hash: str) -> Content | None:
    """Return the content of ``item`` with that hash, or None."""
    body = _CONTENT_AT.scalar(connection, {"item": item, "of_hash": content_hash})
    return None if body is None else _read(connection, item, body, content_hash)


def _read(connection: Connection, item: ItemId, body: str, content_hash: str) -> Content:
    return restore_content(genuine_body(connection, item, body, content_hash))


def genuine_body(connection: Connection, item: ItemId, body: str, content_hash: str) -> str:
    """Return ``body``: a content, or what is left of it where an entry says that it lost texts.

    Raises AlteredError where it is neither.
    """
    if body_hash(body) == content_hash:
        return body
    left = erasures.hashes_left(connection, item).get(content_hash, content_hash)
    return genuine(body, left, "content")


def all_contents(connection: Connection) -> Iterator[Row]:
    """Yield every content, with the columns of its item that come from its present content."""
    lists = [_items[each] for each in ("type", "title", "search", "period", "content_hash")]
    return whole_tables.rows(connection, schema.contents, schema.items, lists)


def attached_bytes(connection: Connection, department: str) -> int:
    """Return how many bytes the items of a department have had attached, ever."""
    return int(_ATTACHED.scalar(connection, {"of_department": department}))


def note_file(
    connection: Connection, item: Item, file: StoredFile, *, added_by: PersonId, at: datetime
) -> None:
    """Note that a file was attached to an item; the same file twice is noted once."""
    if _HAS_FILE.one(connection, {"item": item.id, "of_hash": file.sha256}) is None:
        row = {
            "item_id": item.id,
            "sha256": file.sha256,
            "name": file.name,
            "size": file.size,
            "media_type": file.media_type,
        }
        _ADD_FILE.run(connection, {**row, "added_by": added_by, "added_at": written(at)})


def is_named(connection: Connection, sha256: str) -> bool:
    """Return whether any item names a file, now or in its past."""
    return _NAMED.one(connection, {"of_hash": sha256}) is not None


def file_hashes(connection: Connection) -> list[str]:
    """Return the hash of every file that an item names, now or in its past."""
    return list(
        connection.execute(select(_files.sha256).distinct().order_by(_files.sha256)).scalars()
    )
