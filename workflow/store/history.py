"""Statements about history entries: append and read, nothing else.

Owns the way entries reach the database, in sets. It never updates or deletes an entry; the database
refuses that too.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import islice

from sqlalchemy import Connection, bindparam, exists, func, insert, literal_column, select

from workflow.history import GENESIS, Entry, Fact, fact_in
from workflow.history.agency_payloads import CheckpointKeyAdded
from workflow.history.entry_types import EntryType
from workflow.model import PersonId
from workflow.store import schema
from workflow.store.instants import read, read_required, written
from workflow.store.mapping import Mapper
from workflow.store.prepared import ByKeys, Prepared

_history = schema.history.c
_texts = schema.history_texts.c
_log = schema.history_log.c


@dataclass(frozen=True, kw_only=True)  # no slots: the parsed body is kept beside the fields
class StoredEntry:
    """A history entry as it is kept; ``body`` is the exact hashed text."""

    id: int
    subject: str
    seq: int
    prev: bytes
    hash: bytes
    body: str
    item_id: int | None
    command_id: str
    command_digest: str | None
    actor: PersonId | None
    type: str
    at: datetime
    decided_version: int | None
    on_behalf_of: PersonId | None
    transition: str | None
    via: str | None
    method: str | None

    @cached_property
    def fact(self) -> Fact:
        """Return what the body says."""
        return fact_in(self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredText:
    """A text that a body commits to, with its salt; erasable."""

    subject: str
    seq: int
    name: str
    salt: bytes
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """An entry to be stored, its item, and the digest of the command that made it."""

    entry: Entry
    item_id: int | None = None
    command_digest: str | None = None


ENTRY = Mapper(StoredEntry, schema.history)
_TEXT = Mapper(StoredText, schema.history_texts)
_INSERT = Prepared(insert(schema.history), is_keyed=True)
_INSERT_TEXTS = Prepared(insert(schema.history_texts), is_keyed=True)
BY_COMMAND = ByKeys(select(*ENTRY.columns), _history.command_id)
"""The entries that were made under ids of commands."""
_BY_SUBJECT = Prepared(
    select(*ENTRY.columns).where(_history.subject == bindparam("subject")).order_by(_history.seq)
)
_ONE = Prepared(
    select(*ENTRY.columns).where(
        _history.subject == bindparam("subject"), _history.seq == bindparam("seq")
    )
)
_BY_SUBJECTS = ByKeys(select(*ENTRY.columns).order_by(_history.seq), _history.subject)
_LOCK = Prepared(
    select(func.pg_advisory_xact_lock(literal_column("7413"), func.hashtext(bindparam("subject"))))
)
"""The first key says that the second one is of a chain; migrations and other programs have other
ones."""
_LAST = Prepared(
    select(*ENTRY.columns)
    .where(_history.subject == bindparam("subject"))
    .order_by(_history.seq.desc())
    .limit(1)
)
DECIDERS = ByKeys(
    select(_history.item_id, _history.actor)
    .where(_history.decided_version.is_not(None))
    .distinct(),
    _history.subject,
)
"""Who has ever decided on items or edited them, by their subjects."""
_LATEST = Prepared(select(_history.at).order_by(_history.at.desc()).limit(1))
_LAST_DECISION = Prepared(
    select(*ENTRY.columns)
    .where(_history.item_id == bindparam("item"), _history.decided_version.is_not(None))
    .order_by(_history.decided_version.desc())
    .limit(1)
)
_PAGE = Prepared(
    select(*ENTRY.columns)
    .where(_history.id > bindparam("after"))
    .order_by(_history.id)
    .limit(bindparam("count"))
)
_KEYS = Prepared(
    select(*ENTRY.columns)
    .where(_history.subject == "agency", _history.type == EntryType.CHECKPOINT_KEY_ADDED.value)
    .order_by(_history.seq)
)
_ACTS = Prepared(
    select(*ENTRY.columns)
    .where(_history.actor == bindparam("by"), _history.id > bindparam("after"))
    .order_by(_history.id)
)
_FIRST_STAFFED = Prepared(
    select(_history.at)
    .where(
        _history.type == EntryType.PERSON_ADDED.value,
        ~_history.body.contains('"position":"admin"', autoescape=True),
    )
    .order_by(_history.id)
    .limit(1)
)
_LOG_PAGE = 1000
_IN_LOG = Prepared(
    select(*ENTRY.columns, _log.position)
    .join_from(schema.history_log, schema.history, _log.entry == _history.id)
    .where(_log.position > bindparam("after"))
    .order_by(_log.position)
    .limit(bindparam("count"))
)
_OUT_OF_LOG = Prepared(
    select(*ENTRY.columns)
    .where(_history.id > bindparam("after"), ~exists().where(_log.entry == _history.id))
    .order_by(_history.id)
    .limit(bindparam("count"))
)
_STRAY_TEXTS = select(*_TEXT.columns).where(
    ~exists().where(_history.subject == _texts.subject, _history.seq == _texts.seq)
)
_ENDS = (
    select(_history.subject, func.max(_history.seq).label("seq"))
    .where(_history.subject.not_like(literal_column("'item:%'")))
    .group_by(_history.subject)
    .subquery()
)
_LASTS = (
    select(_history.subject, func.max(_history.seq).label("seq"))
    .where(_history.subject.like(bindparam("kind") + ":%"), _history.at <= bindparam("moment"))
    .group_by(_history.subject)
    .subquery()
)
_LAST_THEN = Prepared(
    select(*ENTRY.columns)
    .join(_LASTS, (_history.subject == _LASTS.c.subject) & (_history.seq == _LASTS.c.seq))
    .order_by(_history.id)
)
_LAST_BESIDE_ITEMS = Prepared(
    select(*ENTRY.columns)
    .join(_ENDS, (_history.subject == _ENDS.c.subject) & (_history.seq == _ENDS.c.seq))
    .order_by(_history.subject)
)
_TEXT_AT = Prepared(
    select(*_TEXT.columns).where(
        _texts.subject == bindparam("subject"),
        _texts.seq == bindparam("seq"),
        _texts.name == bindparam("name"),
    )
)
_TEXTS = ByKeys(select(*_TEXT.columns), _texts.subject)


def append_entries(connection: Connection, entries: Sequence[NewEntry]) -> None:
    """Append entries and their texts.

    A double decision breaks a unique key and the whole set with it.
    """
    _INSERT.many(
        connection,
        [
            {
                "subject": new.entry.fact.subject,
                "seq": new.entry.seq,
                "prev": new.entry.prev,
                "hash": new.entry.hash,
                "body": new.entry.body,
                "item_id": new.item_id,
                "type": new.entry.fact.type.value,
                "actor": new.entry.fact.actor,
                "at": written(new.entry.fact.at),
                "decided_version": new.entry.fact.decided_version,
                "command_id": new.entry.fact.command_id,
                "command_digest": new.command_digest,
                "on_behalf_of": new.entry.fact.on_behalf_of,
                "transition": new.entry.fact.transition,
                "via": new.entry.fact.via,
                "method": new.entry.fact.method,
            }
            for new in entries
        ],
    )
    texts = [
        {
            "subject": new.entry.fact.subject,
            "seq": new.entry.seq,
            "name": name,
            "salt": new.entry.salts[name],
            "text": text,
        }
        for new in entries
        for name, text in new.entry.fact.texts.items()
    ]
    _INSERT_TEXTS.many(connection, texts)


def entries_by_command(
    connection: Connection, command_ids: Iterable[str]
) -> dict[tuple[PersonId | None, str], StoredEntry]:
    """Return the entries that commands made, by actor and command id."""
    found = map(ENTRY.read, BY_COMMAND.rows(connection, command_ids))
    return {(entry.actor, entry.command_id): entry for entry in found}


def entries_of(connection: Connection, subject: str) -> list[StoredEntry]:
    """Return the chain of ``subject``, oldest first.

    A subject's chain is short: one item's or one deadline's life.
    """
    return [ENTRY.read(row) for row in _BY_SUBJECT.rows(connection, {"subject": subject})]


def entries_by_subject(
    connection: Connection, subjects: Iterable[str]
) -> dict[str, list[StoredEntry]]:
    """Return the chain of each of ``subjects``, oldest first."""
    found: dict[str, list[StoredEntry]] = {each: [] for each in subjects}
    for entry in map(ENTRY.read, _BY_SUBJECTS.rows(connection, found)):
        found[entry.subject].append(entry)
    return found


def entry_at(connection: Connection, subject: str, seq: int) -> StoredEntry | None:
    """Return entry ``seq`` of ``subject``, or None."""
    return ENTRY.find(_ONE.one(connection, {"subject": subject, "seq": seq}))


def latest_instant(connection: Connection) -> datetime | None:
    """Return the latest instant that any entry bears, or None."""
    return read(_LATEST.scalar(connection, {}))


def last_instant_of(connection: Connection, subject: str) -> datetime | None:
    """Return the instant of the last entry of ``subject``, or None."""
    row = _LAST.one(connection, {"subject": subject})
    return None if row is None else read_required(row.at)


def last_entry(connection: Connection, subject: str) -> StoredEntry | None:
    """Return the last entry of ``subject``, or None."""
    row = _LAST.one(connection, {"subject": subject})
    return None if row is None else ENTRY.read(row)


def end_of_chain(connection: Connection, subject: str) -> tuple[int, bytes]:
    """Return the last seq and hash of ``subject``; (0, GENESIS) where it has none.

    The chain is the caller's until the transaction ends: whoever read its end without that would
    append to an entry that has been followed already. Only chains that no row stands for need it;
    an item's end is in its row, which is locked.
    """
    if connection.dialect.name != "sqlite":  # where one connection writes at a time
        _LOCK.rows(connection, {"subject": subject})
    row = _LAST.one(connection, {"subject": subject})
    return (0, GENESIS) if row is None else (row.seq, bytes(row.hash))


def acts_since(connection: Connection, actor: PersonId, after: int) -> list[StoredEntry]:
    """Return the entries of what ``actor`` did after the entry with the id ``after``."""
    return [ENTRY.read(row) for row in _ACTS.rows(connection, {"by": actor, "after": after})]


def last_decision(connection: Connection, item_id: int) -> StoredEntry | None:
    """Return the newest entry that decided on an item, or None."""
    return ENTRY.find(_LAST_DECISION.one(connection, {"item": item_id}))


def deciders_of(connection: Connection, subjects: Iterable[str]) -> dict[int, set[PersonId | None]]:
    """Return who has ever decided on or edited each of the items ``subjects``, by item id."""
    found: dict[int, set[PersonId | None]] = {}
    for item, actor in DECIDERS.rows(connection, subjects):
        found.setdefault(item, set()).add(actor)
    return found


def page_of_entries(connection: Connection, *, after: int, count: int) -> list[StoredEntry]:
    """Return up to ``count`` entries with ids above ``after``, in order."""
    return [ENTRY.read(row) for row in _PAGE.rows(connection, {"after": after, "count": count})]


def count_entries(connection: Connection) -> int:
    """Return how many entries there are: the highest id, for none is ever deleted."""
    return int(connection.execute(select(func.max(_history.id))).scalar() or 0)


def all_entries(connection: Connection, page: int = 1000) -> Iterator[StoredEntry]:
    """Yield every entry in order of id, in pages."""
    after = 0
    while entries := page_of_entries(connection, after=after, count=page):
        yield from entries
        after = entries[-1].id


def entries_in_log(connection: Connection) -> Iterator[StoredEntry]:
    """Yield every entry in the order of the log, then those that have no place yet, in pages."""
    after = -1
    while rows := _IN_LOG.rows(connection, {"after": after, "count": _LOG_PAGE}):
        yield from map(ENTRY.read, rows)
        after = rows[-1].position
    after = 0
    while rows := _OUT_OF_LOG.rows(connection, {"after": after, "count": _LOG_PAGE}):
        yield from map(ENTRY.read, rows)
        after = rows[-1].id


def checkpoint_keys(connection: Connection) -> list[str]:
    """Return the public keys under which checkpoints were ever signed, the oldest first."""
    found = map(ENTRY.read, _KEYS.rows(connection, {}))
    return [
        each.fact.payload.key for each in found if isinstance(each.fact.payload, CheckpointKeyAdded)
    ]


def first_staffed_at(connection: Connection) -> datetime | None:
    """Return when the first came who is no administrator, or None; it is near the beginning."""
    return read(_FIRST_STAFFED.scalar(connection, {}))


def texts_in_log(connection: Connection) -> Iterator[StoredText]:
    """Yield every text that still exists, in the order of the log, and last those of no entry."""
    entries = entries_in_log(connection)
    while page := list(islice(entries, _LOG_PAGE)):
        found: dict[tuple[str, int], list[StoredText]] = {}
        for key, text in sorted(texts_of(connection, {each.subject for each in page}).items()):
            found.setdefault(key[:2], []).append(text)
        for each in page:
            yield from found.get((each.subject, each.seq), ())
    yield from map(_TEXT.read, connection.execute(_STRAY_TEXTS))


def last_entries_beside_items(connection: Connection) -> list[StoredEntry]:
    """Return the last entry of each subject that is no item."""
    return [ENTRY.read(row) for row in _LAST_BESIDE_ITEMS.rows(connection, {})]


def last_entries_then(connection: Connection, kind: str, moment: datetime) -> list[StoredEntry]:
    """Return the last entry by ``moment`` of each subject of ``kind``, in order."""
    rows = _LAST_THEN.rows(connection, {"kind": kind, "moment": written(moment)})
    return [ENTRY.read(row) for row in rows]


def text_at(connection: Connection, subject: str, seq: int, name: str) -> StoredText | None:
    """Return a text of an entry, or None where it does not exist any more."""
    row = _TEXT_AT.one(connection, {"subject": subject, "seq": seq, "name": name})
    return None if row is None else _TEXT.read(row)


def texts_of(
    connection: Connection, subjects: Iterable[str]
) -> dict[tuple[str, int, str], StoredText]:
    """Return the texts that still exist for ``subjects``, by subject, seq and name."""
    rows = _TEXTS.rows(connection, subjects)
    found = map(_TEXT.read, rows)
    return {(each.subject, each.seq, each.name): each for each in found}
