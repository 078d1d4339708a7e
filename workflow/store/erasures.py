"""Statements that take texts and personal data away for good, and what they left.

Owns the only deletes of what people wrote. Who calls one records an entry that names exactly what
is gone; it never touches an entry, and never commits.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import orjson
from sqlalchemy import Connection, Table, bindparam, delete, func, or_, select, update

from workflow.canonical import encode
from workflow.history import EntryType, verify_history
from workflow.history.privacy_payloads import TextName
from workflow.model import ContentHash, Item, ItemId, PersonId
from workflow.store import schema
from workflow.store.past_awards import ImportedAward, empty_past_awards
from workflow.store.prepared import Prepared, changed, update_row

_texts, _contents, _files = schema.history_texts.c, schema.contents.c, schema.files.c
_outbox, _proposals, _history = schema.outbox.c, schema.proposals.c, schema.history.c
ERASED_PROPOSAL = orjson.dumps({"of": {}, "base": "", "salt": ""}).decode()
_TEXTS_OF = Prepared(
    select(_texts.seq, _texts.name)
    .where(_texts.subject == bindparam("of_subject"))
    .order_by(_texts.seq, _texts.name)
)
_ADDRESSES_OF = Prepared(
    select(_texts.text)
    .where(_texts.subject == bindparam("of_subject"), _texts.name == "email")
    .distinct()
)
_DROP_TEXT = Prepared(
    delete(schema.history_texts).where(
        _texts.subject == bindparam("of_subject"),
        _texts.seq == bindparam("of_seq"),
        _texts.name == bindparam("of_name"),
    )
)
_BODIES = Prepared(
    select(_contents.hash, _contents.body)
    .where(_contents.item_id == bindparam("of_item"))
    .order_by(_contents.version)
)
_REDUCE = Prepared(
    update(schema.contents)
    .where(_contents.item_id == bindparam("of_item"), _contents.hash == bindparam("of_hash"))
    .values(body=bindparam("left"))
)
_ITEM_LEFT = ("seq", "head", "title", "search", "erasures")
_LEAVE_ITEM = update_row(schema.items, known=("id", "seq"), new=_ITEM_LEFT)
_ERASURES_OF = Prepared(
    select(_history.body)
    .where(_history.item_id == bindparam("of_item"), _history.type == EntryType.TEXT_ERASED.value)
    .order_by(_history.seq)
)
_PERSONAL: Sequence[tuple[Table, str]] = (
    (schema.sessions, "person"),
    (schema.api_tokens, "person"),
    (schema.calendar_feeds, "person"),
    (schema.setup_codes, "person"),
    (schema.passkeys, "person"),
    (schema.credentials, "person"),
    (schema.preferences, "person"),
    (schema.account_changes, "person"),
    (schema.proposal_links, "person"),
    (schema.saved_views, "person"),
    (schema.typings, "person"),
    (schema.snoozes, "person"),
)
"""What is kept for a person alone: all of it goes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemLeft:
    """What the row of an item says when texts of it are gone."""

    title: str
    search: str
    seq: int
    head: bytes


def count_erasures(connection: Connection) -> int:
    """Return how often something was erased, of whatever kind."""
    query = select(func.count(_history.id)).where(_history.type.in_(verify_history.ERASES))
    return int(connection.execute(query).scalar_one())


def texts_of(connection: Connection, subject: str) -> list[TextName]:
    """Return the texts that the entries of ``subject`` still have, oldest first."""
    return [(row.seq, row.name) for row in _TEXTS_OF.rows(connection, {"of_subject": subject})]


def drop_texts(connection: Connection, subject: str, texts: Collection[TextName]) -> None:
    """Erase texts of entries, with their salts."""
    _DROP_TEXT.many(
        connection,
        [{"of_subject": subject, "of_seq": seq, "of_name": name} for seq, name in texts],
    )


def bodies_of(connection: Connection, item: ItemId) -> dict[ContentHash, str]:
    """Return every content of an item as it is kept, by the hash it was decided under."""
    rows = _BODIES.rows(connection, {"of_item": item})
    return {ContentHash(row.hash): row.body for row in rows}


def leave_content(connection: Connection, item: ItemId, of_hash: str, left: str) -> None:
    """Keep what is left of a content under the hash that it was decided under."""
    _REDUCE.run(connection, {"of_item": item, "of_hash": of_hash, "left": left})


def leave_item(connection: Connection, item: Item, left: ItemLeft) -> bool:
    """Write an item's row; return whether its chain was as read."""
    new = {
        "seq": left.seq,
        "head": left.head,
        "title": left.title,
        "search": left.search,
        "erasures": item.erasures + 1,
    }
    old = {"id": item.id, "seq": item.seq}
    return _LEAVE_ITEM.run(connection, changed(old, new)) == 1


def hashes_left(connection: Connection, item: ItemId) -> dict[str, str]:
    """Return the hash of what is left of each content that lost texts, by its own hash."""
    left: dict[str, str] = {}
    for row in _ERASURES_OF.rows(connection, {"of_item": item}):
        left |= dict(orjson.loads(row.body)["data"].get("contents", []))
    return left


def drop_files(connection: Connection, item: ItemId, files: Collection[str]) -> None:
    """Forget that files were attached to an item; bytes that no item names are swept away."""
    connection.execute(delete(schema.files).where(_files.item_id == item, _files.sha256.in_(files)))


def drop_typed(connection: Connection, code: str) -> None:
    """Forget what anybody is typing into the form of an item."""
    connection.execute(delete(schema.typings).where(schema.typings.c.form == f"item/{code}"))


def drop_personal(connection: Connection, person: PersonId) -> None:
    """Erase what is kept for a person alone, where mail went, and from where they came."""
    for table, column in _PERSONAL:
        connection.execute(delete(table).where(table.c[column] == person))
    settled = _outbox.state.not_in(("new", "leased"))
    connection.execute(
        update(schema.outbox)
        .where(_outbox.person == person, settled)
        .values(address=None, last_code=None)
    )
    connection.execute(delete(schema.outbox).where(_outbox.person == person, ~settled))
    accesses = schema.accesses
    connection.execute(
        update(accesses).where(accesses.c.person == person).values(note="", address="")
    )


def proposals_naming(connection: Connection, person: PersonId) -> list[int]:
    """Return the proposals whose words name a person: as whom they are about, or by an address.

    By any that was ever theirs: who was proposed under one may have had another since.
    """
    words = func.lower(_proposals.parameters)
    addresses = _ADDRESSES_OF.rows(connection, {"of_subject": f"person:{person}"})
    of_person = f'"person":{person}'
    names = or_(
        *(words.contains(row.text.lower(), autoescape=True) for row in addresses),
        words.contains(f"{of_person},", autoescape=True),
        words.contains(f"{of_person}}}", autoescape=True),
    )
    found = select(_proposals.id).where(names).order_by(_proposals.id)
    return list(connection.execute(found).scalars())


def empty_proposals(connection: Connection, proposals: Collection[int]) -> None:
    """Erase the words of proposals; that they were made and answered stays."""
    connection.execute(
        update(schema.proposals)
        .where(_proposals.id.in_(proposals))
        .values(parameters=ERASED_PROPOSAL)
    )


def empty_merit(connection: Connection, merit: int, name: str) -> None:
    """Erase whose a merit was, what it tells, and the notes on it."""
    merits, notes = schema.merits, schema.merit_notes
    connection.execute(
        update(merits).where(merits.c.id == merit).values(whose=name, what=name, story="")
    )
    connection.execute(update(notes).where(notes.c.merit_id == merit).values(words=""))


def empty_request(connection: Connection, request: int) -> None:
    """Erase who asked what, and the answer; kind, days and outcome stay."""
    requests = schema.privacy_requests
    connection.execute(
        update(requests)
        .where(requests.c.id == request)
        .values(name="", contact="", words="", answer="")
    )


def empty_past_award(connection: Connection, award: ImportedAward) -> None:
    """Erase to whom an imported award was given and for what; and the proposals that say it."""
    empty_past_awards(connection, [award.id])
    named = or_(
        _proposals.parameters.contains(encode(award.nominee).decode(), autoescape=True),
        _proposals.parameters.contains(f'"award":{award.id},'),
    )
    of_awards = _proposals.command.in_(("ImportAwards", "WithdrawPastAward", "NameAwardee"))
    words = select(_proposals.id).where(of_awards, named)
    empty_proposals(connection, list(connection.execute(words).scalars()))


def empty_proceeding(connection: Connection, proceeding: int) -> None:
    """Erase by which document something was pending and how it ended; kind and days stay.

    And what its corrections and the proposals of them say.
    """
    found = schema.proceedings
    gone = {"document": "", "words": ""}
    connection.execute(update(found).where(found.c.id == proceeding).values(**gone))
    ended = (found.c.id == proceeding) & found.c.closed_at.is_not(None)
    connection.execute(update(found).where(ended).values(end_document="", end_words=""))
    corrections = schema.proceeding_corrections
    of_it = corrections.c.proceeding_id == proceeding
    gone = {"document": "", "words": "", "why": ""}
    connection.execute(update(corrections).where(of_it).values(**gone))
    proposed = _proposals.parameters.contains(f'"proceeding":{proceeding},')
    words = select(_proposals.id).where(_proposals.command == "CorrectProceeding", proposed)
    empty_proposals(connection, list(connection.execute(words).scalars()))
