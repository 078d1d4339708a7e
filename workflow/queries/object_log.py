"""The history as an object-centric event log for process mining: OCEL 2.0, in its JSON form.

Owns which objects there are (items, people, deadlines, proposals and so on) and how entries relate
to them. Persons stand under a salted number, fresh in each log, so that it names nobody and two
logs cannot be laid over each other. It is written as it is read, entry by entry.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

import orjson
from sqlalchemy import Connection

from workflow.canonical import instant
from workflow.history import EntryType
from workflow.history.payloads import HoldersSet
from workflow.model import PersonId
from workflow.store import history
from workflow.store.history import StoredEntry
from workflow.store.history_search import transitions_taken

_FOUND = {EntryType.FINDING_OPENED}
EVENT_ATTRIBUTES = ("via", "method", "position", "from", "to", "hash")


@dataclass(slots=True)
class _Objects:
    """The objects met so far: their types, and the states that items had since when."""

    salt: bytes
    types: dict[str, str] = field(default_factory=dict)
    states: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def person(self, person: PersonId) -> str:
        """Return the object of a person."""
        name = hashlib.sha256(self.salt + str(person).encode()).hexdigest()[:16]
        return self.named(f"person:{name}")

    def subject(self, subject: str) -> str:
        """Return the object that a subject is."""
        kind, _, name = subject.partition(":")
        return self.person(PersonId(int(name))) if kind == "person" else self.named(subject)

    def named(self, identity: str) -> str:
        """Return ``identity``, which is an object from now on."""
        self.types.setdefault(identity, identity.partition(":")[0])
        return identity


def write_ocel(connection: Connection, out: BinaryIO, salt: bytes) -> tuple[int, int]:
    """Write the log and return how many objects and events it has."""
    objects = _Objects(salt)
    count = 0
    out.write(b'{"eventTypes":')
    out.write(orjson.dumps(_types(_activities(connection), EVENT_ATTRIBUTES)))
    out.write(b',"events":[')
    for entry in history.all_entries(connection):
        out.write((b"," if count else b"") + orjson.dumps(_event(entry, objects)))
        count += 1
    out.write(b'],"objectTypes":')
    kinds = sorted({*objects.types.values()})
    out.write(orjson.dumps([_type(each, ("state",) if each == "item" else ()) for each in kinds]))
    out.write(b',"objects":[')
    out.writelines(
        (b"," if number else b"") + orjson.dumps(_object(identity, objects))
        for number, identity in enumerate(sorted(objects.types))
    )
    out.write(b"]}\n")
    return len(objects.types), count


def _activities(connection: Connection) -> list[str]:
    """Return every activity that an entry may be: its transition, else its type."""
    return sorted({*(each.value for each in EntryType), *transitions_taken(connection)})


def _types(names: list[str], attributes: tuple[str, ...]) -> list[dict[str, object]]:
    return [_type(each, attributes) for each in names]


def _type(name: str, attributes: tuple[str, ...]) -> dict[str, object]:
    return {"name": name, "attributes": [{"name": each, "type": "string"} for each in attributes]}


def _event(entry: StoredEntry, objects: _Objects) -> dict[str, object]:
    fact, at = entry.fact, instant(entry.at)
    subject = objects.subject(entry.subject)
    if fact.to_state and fact.to_state != fact.from_state:
        objects.states.setdefault(subject, []).append((at, fact.to_state))
    said = (fact.via, fact.method, fact.position, fact.from_state, fact.to_state, entry.hash.hex())
    return {
        "id": f"{subject}@{entry.seq}",
        "type": fact.transition or fact.type.value,
        "time": at,
        "attributes": [
            {"name": name, "value": value}
            for name, value in zip(EVENT_ATTRIBUTES, said, strict=True)
            if value is not None
        ],
        "relationships": [
            {"objectId": identity, "qualifier": qualifier}
            for identity, qualifier in dict.fromkeys(_relations(entry, subject, objects))
        ],
    }


def _relations(entry: StoredEntry, subject: str, objects: _Objects) -> Iterator[tuple[str, str]]:
    yield subject, "about"
    fact = entry.fact
    if fact.actor is not None:
        yield objects.person(fact.actor), "actor"
    if fact.on_behalf_of is not None:
        yield objects.person(fact.on_behalf_of), "on behalf of"
    if isinstance(fact.payload, HoldersSet):
        for person, _ in fact.payload.holders:
            yield objects.person(person), "holder"
    proposal = getattr(fact.payload, "proposal", None)
    if isinstance(proposal, int):
        yield objects.named(f"proposal:{proposal}"), "proposed in"
    about = getattr(fact.payload, "about", None)
    if isinstance(about, str):
        yield objects.subject(about), "found at" if fact.type in _FOUND else "held"


def _object(identity: str, objects: _Objects) -> dict[str, object]:
    return {
        "id": identity,
        "type": objects.types[identity],
        "attributes": [
            {"name": "state", "time": at, "value": state}
            for at, state in objects.states.get(identity, ())
        ],
        "relationships": [],
    }
