"""The sealed log as rows: places of entries, hashes of complete subtrees, checkpoints.

Owns the order of the log: it is that of the entries' numbers among those not yet sealed, and what
has a place keeps it. Subtrees are stored at every eighth level; what lies between is hashed when it
is asked for, out of at most 255 neighbours.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import (
    BigInteger,
    Connection,
    and_,
    bindparam,
    exists,
    func,
    insert,
    literal_column,
    select,
)

from workflow.history import merkle
from workflow.store import schema
from workflow.store.instants import written
from workflow.store.mapping import Mapper
from workflow.store.prepared import Prepared

STRIDE = 8
"""Levels from one stored level to the next."""
WIDTH = 1 << STRIDE

_history = schema.history.c
_log = schema.history_log.c
_nodes = schema.history_log_nodes.c
_checkpoints = schema.checkpoints.c

_SIZE = Prepared(select(func.coalesce(func.max(_log.position) + 1, 0)))
_NEWEST_SEALED = Prepared(
    select(func.coalesce(func.max(_log.entry), 0)).where(
        _log.position >= select(func.max(_log.position)).scalar_subquery() - WIDTH
    )
)
_UNSEALED = (
    select(_history.id, _history.hash)
    .where(_history.id > bindparam("after"), ~exists().where(_log.entry == _history.id))
    .order_by(_history.id)
    .limit(bindparam("count"))
    .subquery()
)
_PLACE_OF_NEXT = func.row_number().over(order_by=_UNSEALED.c.id) - literal_column("1")
# Within the database: others' commands wait meanwhile, and no row need come here and go back.
_SEAL = Prepared(
    insert(schema.history_log).from_select(
        ["position", "entry", "hash"],
        select(
            bindparam("start", type_=BigInteger) + _PLACE_OF_NEXT, _UNSEALED.c.id, _UNSEALED.c.hash
        ).order_by(_UNSEALED.c.id),
    )
)
_LEFT_BEHIND = Prepared(
    select(_history.id)
    .where(_history.id <= bindparam("before"), ~exists().where(_log.entry == _history.id))
    .order_by(_history.id)
    .limit(1)
)
_OLDEST_UNSEALED = Prepared(
    select(_history.at)
    .where(_history.id > bindparam("after"), ~exists().where(_log.entry == _history.id))
    .order_by(_history.id)
    .limit(1)
)
_INSERT_NODES = Prepared(insert(schema.history_log_nodes))
_LEAVES = Prepared(
    select(_log.hash)
    .where(_log.position >= bindparam("start"), _log.position < bindparam("stop"))
    .order_by(_log.position)
)
_SUBTREES = Prepared(
    select(_nodes.hash)
    .where(
        _nodes.level == bindparam("level"),
        _nodes.place >= bindparam("start"),
        _nodes.place < bindparam("stop"),
    )
    .order_by(_nodes.place)
)
_PAGE = Prepared(
    select(_log.position, _log.entry, _log.hash)
    .where(_log.position >= bindparam("start"))
    .order_by(_log.position)
    .limit(bindparam("count"))
)
_SENT_SINCE = Prepared(
    select(_history.id)
    .select_from(schema.history_log)
    .join(schema.history, _log.entry == _history.id)
    .join(
        schema.dispatches,
        and_(
            schema.dispatches.c.item_id == _history.item_id,
            schema.dispatches.c.version == _history.decided_version + 1,
        ),
    )
    .where(_log.position >= bindparam("start"))
    .limit(1)
)
_PAGE_ROWS = 10_000
_LOOK_BACK = 10_000
"""Entries before the newest sealed one among which a transaction may have ended late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCheckpoint:
    """A signed checkpoint as it is kept; ``note`` is the text that leaves the house."""

    size: int
    note: str
    reason: str
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an entry stands in the log."""

    position: int
    subject: str
    seq: int
    hash: bytes


_CHECKPOINT = Mapper(StoredCheckpoint, schema.checkpoints)
_PLACE_OF = Mapper(
    Place, schema.history_log, named={"subject": _history.subject, "seq": _history.seq}
)
_PLACE = Prepared(
    select(*_PLACE_OF.columns)
    .join_from(schema.history_log, schema.history, _log.entry == _history.id)
    .where(_history.subject == bindparam("subject"))
    .order_by(_log.position)
)
_PLACE_AT = Prepared(
    select(*_PLACE_OF.columns)
    .join_from(schema.history_log, schema.history, _log.entry == _history.id)
    .where(_log.position == bindparam("position"))
)
_CHECKPOINTS_BEFORE = Prepared(
    select(*_CHECKPOINT.columns)
    .where(_checkpoints.size < bindparam("before"))
    .order_by(_checkpoints.size.desc())
    .limit(bindparam("count"))
)
_NEWEST_CHECKPOINT = Prepared(
    select(*_CHECKPOINT.columns).order_by(_checkpoints.size.desc()).limit(1)
)
_CHECKPOINTS = Prepared(
    select(*_CHECKPOINT.columns)
    .where(_checkpoints.size > bindparam("after"))
    .order_by(_checkpoints.size)
)
_CHECKPOINT_OF = Prepared(
    select(*_CHECKPOINT.columns).where(_checkpoints.size == bindparam("of_size"))
)
_INSERT_CHECKPOINT = Prepared(insert(schema.checkpoints))


def size(connection: Connection) -> int:
    """Return how many entries have a place."""
    return int(_SIZE.scalar(connection, {}))


def seal(
    connection: Connection, limit: int, *, after: int | None = None, looks_back: bool = True
) -> int:
    """Give up to ``limit`` entries the next places and store the subtrees that they complete.

    ``after``: look behind that entry; None: near the newest, or only behind it, where it does not
    look back. Returns how many were sealed.
    A crash before the commit leaves nothing; after it the next call goes on behind them.
    """
    start = size(connection)
    looks_from = after
    if looks_from is None:
        looks_from = _looks_from(connection) if looks_back else _newest_sealed(connection)
    sealed = _SEAL.run(connection, {"after": looks_from, "count": limit, "start": start})
    _complete_subtrees(connection, start, start + sealed)
    return sealed


def left_behind(connection: Connection) -> int | None:
    """Return the entry behind which one has no place that ``seal`` would not find by itself.

    None where there is none. It reads the whole log, so it is for the start and for no write.
    """
    found = _LEFT_BEHIND.scalar(connection, {"before": _looks_from(connection)})
    return None if found is None else int(found) - 1


def oldest_unsealed_at(connection: Connection) -> datetime | None:
    """Return when the oldest entry without a place was made, or None."""
    found = _OLDEST_UNSEALED.scalar(connection, {"after": _looks_from(connection)})
    return datetime.fromisoformat(found) if found else None


def nodes(connection: Connection) -> merkle.Nodes:
    """Return what gives the hash of any complete subtree; what it reads it keeps.

    That raises ValueError where rows are missing, which nothing of ours takes away.
    """

    @cache
    def row(level: int, block: int) -> tuple[bytes, ...]:
        """Return the hashes of one stored level that share a parent on the next stored level."""
        bounds = {"start": block * WIDTH, "stop": (block + 1) * WIDTH}
        if level == 0:
            return tuple(merkle.leaf_hash(each.hash) for each in _LEAVES.rows(connection, bounds))
        found = _SUBTREES.rows(connection, {"level": level, **bounds})
        return tuple(each.hash for each in found)

    @cache
    def node(level: int, place: int) -> bytes:
        stored, above = level - level % STRIDE, level % STRIDE
        first = place << above
        start = first % WIDTH
        found = row(stored, first // WIDTH)[start : start + (1 << above)]
        if len(found) != 1 << above:
            raise ValueError(f"the log has a gap near position {first << stored}")
        return merkle.fold(found)

    return node


def root(connection: Connection, of_size: int) -> bytes:
    """Return the root over the first ``of_size`` entries."""
    return merkle.root(of_size, nodes(connection))


def places_of(connection: Connection, subject: str) -> list[Place]:
    """Return where the entries of a subject stand."""
    return [_PLACE_OF.read(row) for row in _PLACE.rows(connection, {"subject": subject})]


def place_at(connection: Connection, position: int) -> Place | None:
    """Return what stands at a position."""
    row = _PLACE_AT.one(connection, {"position": position})
    return None if row is None else _PLACE_OF.read(row)


def whole(connection: Connection) -> Iterator[tuple[int, int, bytes]]:
    """Yield position, entry and hash of the whole log, in order."""
    start = 0
    while rows := _PAGE.rows(connection, {"start": start, "count": _PAGE_ROWS}):
        yield from ((row.position, row.entry, row.hash) for row in rows)
        start = rows[-1].position + 1


def keep_checkpoint(connection: Connection, checkpoint: StoredCheckpoint) -> None:
    """Keep a checkpoint; one of its size or a larger one may not be there yet."""
    _INSERT_CHECKPOINT.run(
        connection,
        {
            "size": checkpoint.size,
            "note": checkpoint.note,
            "reason": checkpoint.reason,
            "made_at": written(checkpoint.made_at),
        },
    )


def newest_checkpoint(connection: Connection) -> StoredCheckpoint | None:
    """Return the checkpoint of the largest size."""
    row = _NEWEST_CHECKPOINT.one(connection, {})
    return None if row is None else _CHECKPOINT.read(row)


def checkpoints_before(connection: Connection, before: int, count: int) -> list[StoredCheckpoint]:
    """Return up to ``count`` checkpoints of less than a size, the largest first."""
    rows = _CHECKPOINTS_BEFORE.rows(connection, {"before": before, "count": count})
    return [_CHECKPOINT.read(row) for row in rows]


def checkpoint_of(connection: Connection, of_size: int) -> StoredCheckpoint | None:
    """Return the checkpoint of a size."""
    row = _CHECKPOINT_OF.one(connection, {"of_size": of_size})
    return None if row is None else _CHECKPOINT.read(row)


def checkpoints(connection: Connection, after: int = 0) -> list[StoredCheckpoint]:
    """Return every checkpoint beyond a size, the smallest first."""
    return [_CHECKPOINT.read(row) for row in _CHECKPOINTS.rows(connection, {"after": after})]


def has_sent_since(connection: Connection, position: int) -> bool:
    """Return whether a sealed entry from ``position`` on sent an item to the board."""
    return _SENT_SINCE.one(connection, {"start": position}) is not None


def _newest_sealed(connection: Connection) -> int:
    return int(_NEWEST_SEALED.scalar(connection, {}))


def _looks_from(connection: Connection) -> int:
    return max(0, _newest_sealed(connection) - _LOOK_BACK)


def _complete_subtrees(connection: Connection, start: int, stop: int) -> None:
    """Store the subtrees that leaves ``start`` to before ``stop`` completed, level by level."""
    level = 0
    while stop // WIDTH > start // WIDTH:
        node = nodes(connection)
        start, stop, level = start // WIDTH, stop // WIDTH, level + STRIDE
        _INSERT_NODES.many(
            connection,
            [
                {"level": level, "place": place, "hash": _joined(node, level, place)}
                for place in range(start, stop)
            ],
        )


def _joined(node: merkle.Nodes, level: int, place: int) -> bytes:
    return merkle.node_hash(node(level - 1, place * 2), node(level - 1, place * 2 + 1))
