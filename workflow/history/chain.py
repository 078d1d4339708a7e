"""The body of a history entry, its hash, and how entries follow one another.

Owns the format ``v`` 1, which is final: old entries are never rewritten. A body holds persons by id, and names and free
text only as salted commitments; the texts and salts live apart and can be erased. Pure.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from workflow import canonical
from workflow.model import Json, PersonId

FORMAT = 1
GENESIS = bytes(32)
"""``prev`` of a subject's first entry."""
SALT_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What is to be recorded about a subject; what does not apply is None. ``texts`` enter the body as commitments."""

    subject: str
    type: str
    at: datetime
    actor: PersonId | None
    via: str
    method: str
    command_id: str
    on_behalf_of: PersonId | None = None
    position: str | None = None
    transition: str | None = None
    from_state: str | None = None
    to_state: str | None = None
    version: int | None = None
    step: int | None = None
    decided_version: int | None = None
    content_hash: str | None = None
    definition_hash: str | None = None
    data: dict[str, Json] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A fact in its chain, ready to be stored. ``salts`` by text name."""

    fact: Fact
    seq: int
    prev: bytes
    hash: bytes
    body: str
    salts: dict[str, bytes]


def commit(salt: bytes, text: str) -> str:
    """Return the commitment to ``text``: hex SHA-256 of salt ‖ UTF-8 text."""
    return hashlib.sha256(salt + text.encode()).hexdigest()


def entry_hash(prev: bytes, body: bytes) -> bytes:
    """Return SHA-256 of 0x02 ‖ prev ‖ body."""
    return hashlib.sha256(b"\x02" + prev + body).digest()


def append(fact: Fact, *, seq: int, prev: bytes, salts: dict[str, bytes]) -> Entry:
    """Return ``fact`` as entry ``seq`` after ``prev``; ``salts`` holds one salt of 32 random bytes per text."""
    body = canonical.encode(
        {
            "v": FORMAT,
            "subject": fact.subject,
            "seq": seq,
            "type": fact.type,
            "at": canonical.instant(fact.at),
            "actor": fact.actor,
            "on_behalf_of": fact.on_behalf_of,
            "position": fact.position,
            "via": fact.via,
            "method": fact.method,
            "transition": fact.transition,
            "from": fact.from_state,
            "to": fact.to_state,
            "version": fact.version,
            "step": fact.step,
            "decided_version": fact.decided_version,
            "content_hash": fact.content_hash,
            "definition_hash": fact.definition_hash,
            "command_id": fact.command_id,
            "data": fact.data,
            "commitments": {name: commit(salts[name], text) for name, text in fact.texts.items()},
        }
    )
    return Entry(
        fact=fact, seq=seq, prev=prev, hash=entry_hash(prev, body), body=body.decode(), salts=salts
    )
