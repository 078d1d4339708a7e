"""The body of a history entry, its hash, and how entries follow one another.

Owns the format ``v`` 1, which is final: old entries are never rewritten. A body holds persons by
id, and names and free text only as salted commitments; the texts and salts live apart and can be
erased. Pure.
"""

import hashlib
import keyword
from collections.abc import Hashable
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Final

import orjson
from pydantic import TypeAdapter

from workflow import canonical
from workflow.history import (
    agency_payloads,
    inspection_payloads,
    past_award_payloads,
    payloads,
    privacy_payloads,
    proceeding_payloads,
    round_payloads,
)
from workflow.history.entry_types import EntryType
from workflow.history.payloads import Payload
from workflow.model import Json, PersonId

FORMAT = 1
GENESIS = bytes(32)
"""``prev`` of a subject's first entry."""
_PAYLOADS: Final = {
    each.type: each
    for module in (
        *(payloads, agency_payloads, privacy_payloads, inspection_payloads),
        *(past_award_payloads, proceeding_payloads, round_payloads),
    )
    for each in vars(module).values()
    if isinstance(each, type) and issubclass(each, Payload) and "type" in vars(each)
}
SALT_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What is recorded about a subject; what does not apply is None.

    ``texts`` enter the body as commitments, and are not in a fact that was read from a body.
    """

    subject: str
    payload: Payload
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
    texts: dict[str, str] = field(default_factory=dict)

    @property
    def type(self) -> EntryType:
        """Return the type of the entry."""
        return self.payload.type


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
    """Return ``fact`` as entry ``seq`` after ``prev``; ``salts``: 32 random bytes for each text."""
    body = canonical.encode(
        {
            "v": FORMAT,
            "subject": fact.subject,
            "seq": seq,
            "type": fact.type.value,
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
            "data": data_of(fact.payload),
            "commitments": {name: commit(salts[name], text) for name, text in fact.texts.items()},
        }
    )
    return Entry(
        fact=fact, seq=seq, prev=prev, hash=entry_hash(prev, body), body=body.decode(), salts=salts
    )


def fact_in(body: str) -> Fact:
    """Return what a body says; its texts are elsewhere. Raises ValueError where it is no body."""
    said = orjson.loads(body)
    return Fact(
        subject=said["subject"],
        payload=payload_in(EntryType(said["type"]), said["data"]),
        at=datetime.fromisoformat(said["at"]),
        actor=said["actor"],
        on_behalf_of=said["on_behalf_of"],
        position=said["position"],
        via=said["via"],
        method=said["method"],
        transition=said["transition"],
        from_state=said["from"],
        to_state=said["to"],
        version=said["version"],
        step=said["step"],
        decided_version=said["decided_version"],
        content_hash=said["content_hash"],
        definition_hash=said["definition_hash"],
        command_id=said["command_id"],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChange:
    """From which state to which an entry leads; ``how``: its transition, else its type.

    ``is_carried``: it went along with another item, by that one's decision.
    """

    how: str
    from_state: str | None
    to_state: str | None
    definition_hash: str | None
    is_carried: bool


def move_in(body: str) -> StateChange:
    """Return the move that a body tells of, at a tenth of what ``fact_in`` costs."""
    said = orjson.loads(body)
    return StateChange(
        how=said["transition"] or said["type"],
        from_state=said["from"],
        to_state=said["to"],
        definition_hash=said["definition_hash"],
        is_carried=bool(said["data"].get("carried_by")),
    )


DERIVED = (
    "type",
    "actor",
    "decided_version",
    "command_id",
    "at",
    "on_behalf_of",
    "transition",
    "via",
    "method",
)
"""The members of a body that stand in columns too, for lists to look through."""


def derived_columns(body: str) -> tuple[object, ...]:
    """Return what a body says of the members in ``DERIVED``, in that order; it may be forged."""
    said: dict[str, object] = orjson.loads(body)
    return tuple(said.get(name) for name in DERIVED)


def data_of(payload: Payload) -> dict[str, Json]:
    """Return a payload as the member ``data`` of a body."""
    return _members(payload)


def payload_in(kind: EntryType, data: dict[str, Json]) -> Payload:
    """Return the payload that ``data`` is. Raises ValueError where it is none of that type."""
    named = {f"{key}_" if keyword.iskeyword(key) else key: value for key, value in data.items()}
    return _reader(kind).validate_python(named)


def _members(value: Hashable) -> dict[str, Json]:
    members = {}
    for name, key, default in _fields(type(value)):
        each = getattr(value, name)
        if each != default:
            members[key] = _json(each)
    return members


def _json(value: Hashable) -> Json:
    match value:
        case StrEnum():
            return value.value
        case None | str() | int():
            return value
        case tuple():
            return [_json(each) for each in value]
        case datetime():
            return canonical.instant(value)
        case _:
            return _members(value)


@cache
def _fields(kind: type) -> list[tuple[str, str, object]]:
    """Return the fields of a payload's class: name, key in ``data``, and default."""
    if not is_dataclass(kind):
        raise TypeError(f"{kind.__name__} is no part of a payload")
    return [(each.name, each.name.removesuffix("_"), each.default) for each in fields(kind)]


@cache
def _reader(kind: EntryType) -> TypeAdapter[Payload]:
    return TypeAdapter(_PAYLOADS[kind])
