"""Time-stamps of checkpoints as rows: an authority's answer, kept as it came."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select

from workflow.store import schema
from workflow.store.instants import written
from workflow.store.mapping import Mapper
from workflow.store.prepared import Prepared


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTimestamp:
    """The answer of an authority about the checkpoint of a size (DER), and when it came."""

    size: int
    answer: bytes
    kept_at: datetime


_timestamps = schema.timestamps.c
_TIMESTAMP = Mapper(StoredTimestamp, schema.timestamps)
_ALL = Prepared(select(*_TIMESTAMP.columns).order_by(_timestamps.size))
_OF = Prepared(select(_timestamps.size).where(_timestamps.size == bindparam("of_size")))
_NEWEST = Prepared(select(*_TIMESTAMP.columns).order_by(_timestamps.size.desc()).limit(1))
_INSERT = Prepared(insert(schema.timestamps))


def all_timestamps(connection: Connection) -> list[StoredTimestamp]:
    """Return every time-stamp, that of the smallest checkpoint first."""
    return [_TIMESTAMP.read(row) for row in _ALL.rows(connection, {})]


def newest_timestamp(connection: Connection) -> StoredTimestamp | None:
    """Return the time-stamp of the largest checkpoint that has one."""
    row = _NEWEST.one(connection, {})
    return None if row is None else _TIMESTAMP.read(row)


def keep_timestamp(connection: Connection, stamp: StoredTimestamp) -> bool:
    """Keep a time-stamp; False where its checkpoint has one."""
    if _OF.one(connection, {"of_size": stamp.size}) is not None:
        return False
    _INSERT.run(
        connection,
        {"size": stamp.size, "answer": stamp.answer, "kept_at": written(stamp.kept_at)},
    )
    return True
