"""Entries that are like one that was verified before, told by their bytes alone.

Owns what makes two entries alike: every byte but those that name the subject, chain, date and hash
it, name its command, its content and the text it commits to, and those of its data that nothing is
judged by; each of these is verified as what it is. An item must also stand where all is the same
that its entries are judged by, and people must be what they were. The verifier judges the rest.
"""

import re
from binascii import unhexlify
from dataclasses import dataclass, field, fields
from functools import lru_cache
from hashlib import sha256
from operator import attrgetter
from typing import Final

import orjson

from workflow.history import EntryType, verify_history
from workflow.history.verify_history import Body, Line, Standing, Subject, Verifier

_LINE = re.compile(
    rb'\{"subject":"([ !#-\[\]-~]*)","seq":([1-9][0-9]{0,14}),"prev":"(.{64})","hash":"(.{64})",'
    rb'"body":"(\{\\"actor\\":(null|[0-9]{1,15}),\\"at\\":\\"'
    rb"((.{10})T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z)"
    rb'\\",\\"command_id\\":\\"([ !#-\[\]-~]*)\\",\\"commitments\\":'
    rb'\{(?:\\"([a-z_]+)\\":\\"([0-9a-f]{64})\\")?\},\\"content_hash\\":'
    rb'(?:null|\\"([0-9a-f]{64})\\"),\\"data\\":(\{.*\}),\\"decided_version\\":(.*)\})"\}\n',
    re.DOTALL,
)
"""A line as it mostly is. Greedy, so that it is fast: 1.3 µs; its parts are compared as wholes."""
_UNJUDGED = re.compile(r'"(due_at|issued_on|number)":"[^"\\\x00-\x1f]*"')
_FILES = re.compile(r'"files":\["[0-9a-f]{64}"(?:,"[0-9a-f]{64}")*\]')
_ALONE: Final = verify_history.ERASES | {
    EntryType.UNDONE,
    EntryType.MIGRATED,
    EntryType.REASSIGNED,
    EntryType.PERSON_ADDED,
    EntryType.PERSON_CHANGED,
    EntryType.DELEGATION_ADDED,
    EntryType.DELEGATION_ENDED,
    EntryType.ABSENCE_ADDED,
    EntryType.ABSENCE_ENDED,
    EntryType.DEFINITION_PUBLISHED,
    EntryType.CHECKPOINT_KEY_ADDED,
    EntryType.PROPOSAL_RULES_SET,
    EntryType.DOCUMENT_REGISTERED,
}
"""Types of entries that hang on more than what alike ones share, or do more than change an item."""
_MOST_KNOWN: Final = 50_000
_CHAIN: Final = {"seq", "head", "at", "content_hash", "last_at"}
"""What a subject has for itself; all else is where it stands."""
_STANDS: Final = [each.name for each in fields(Subject) if each.name not in _CHAIN]
_said_of = attrgetter(*_STANDS)
_BEGIN: Final = verify_history.GENESIS.encode()


@dataclass(slots=True)
class Stand:
    """Where items stand that all came the same way, and the known steps from there."""

    said: tuple[object, ...]
    steps: dict[object, "KnownStep"] = field(default_factory=dict)


@dataclass(slots=True)
class KnownStep:
    """What an entry was found to do: those that are alike do so again."""

    to: Stand
    actor: int | None
    judged: list[tuple[int, list[Standing]]]
    """People, as what they were judged."""
    moves: bool
    as_of: int
    """After how many changes of people they were found to be that."""


@dataclass(slots=True)
class Chain:
    """The end of a subject's chain."""

    stand: Stand
    seq: int = 0
    head: bytes = _BEGIN
    at: bytes = b""
    content: bytes | None = None
    moved_at: bytes = b""


_NO_TEXTS: Final[Body] = {"commitments": {}}


@lru_cache(20_000)
def _likeness(data: bytes) -> str | None:
    """Return what data are judged by; None where they are not in canonical form, or unusual."""
    try:
        text = data.replace(b'\\"', b'"').decode()
        verify_history.canonical(text)
    except (ValueError, RecursionError):
        return None
    is_escaped = text.replace('"', '\\"').encode() == data and "\\" not in text
    return _UNJUDGED.sub(r'"\1"', _FILES.sub('"files"', text)) if is_escaped else None


class KnownSteps:
    """The entries that a verifier has seen the like of, and where each chain ends."""

    def __init__(self, verifier: Verifier) -> None:
        self._verifier = verifier
        self._chains: dict[bytes, Chain] = {}
        self._stands: dict[tuple[object, ...], Stand] = {}
        self._kinds: dict[bytes, Stand] = {}
        self._begin = self._stand_of(Subject())
        self._count = 0
        self._days: set[bytes] = set()
        self._changes = 0
        self._settled = b""
        self._start: tuple[Stand, object] | None = None

    def take(self, raw: bytes) -> Body | None:
        """Take an entry that is known, and return the texts that it commits to.

        None, with nothing done, where it is unknown or not right.
        """
        self._start = None
        if (found := _LINE.fullmatch(raw)) is None:
            return None
        (name, number, prev, of_hash, body, actor, at, day, command, about, digest, content, data,
         rest) = found.groups()  # fmt: skip
        rest, is_own, to = rest.rpartition(b',\\"subject\\":\\"' + name + b'\\",\\"to\\":')
        rest, is_numbered, step = rest.rpartition(b',\\"seq\\":' + number + b',\\"step\\":')
        chain = self._chains.get(name) or self._begun(name)
        like = _likeness(data) if is_own and is_numbered and day in self._days else None
        if chain is None or like is None:
            return None
        key: tuple[object, ...] = (actor, about, rest, step, to)
        if is_item := name.startswith(b"item:"):
            key = (number, content == chain.content, like, *key)
        known = chain.stand.steps.get(key)
        self._start = chain.stand, key
        if (
            known is None
            or prev != chain.head
            or int(number) != chain.seq + 1
            or at < chain.at
            or not self._are_people(known, at)
            or _hash_of(prev, body) != of_hash
        ):
            return None
        if known.actor is not None:
            self._verifier.commands.append(hash((known.actor, command.decode())))
        if not chain.seq:
            self._chains[name] = chain
        chain.seq += 1
        chain.stand, chain.head, chain.at, chain.content = known.to, of_hash, at, content
        if known.moves:
            chain.moved_at = at
        if is_item and b'\\"files\\":[\\"' in data:
            self._name_files(name.decode(), chain.seq, data)
        if about is None:
            return _NO_TEXTS
        return {
            "subject": name.decode(),
            "seq": chain.seq,
            "type": "",
            "commitments": {about.decode(): digest.decode()},
        }

    def judge(self, line: Line) -> Body:
        """Have the verifier judge an entry that `take` did not know, and learn what it does."""
        name, start = line["subject"].encode(), self._start
        self._hand_over(name)
        body = self._verifier.add(line)
        self._note_people(body)
        subject = self._verifier.report.subjects[line["subject"]]
        is_item = name.startswith(b"item:")
        stand = self._stand_of(subject) if is_item else self._kind_of(name)
        at, text = body["at"].encode(), subject.content_hash
        content = None if text is None else text.encode()
        self._chains[name] = Chain(
            stand, subject.seq, subject.head.encode(), at, content, subject.last_at.encode()
        )
        self._days.add(at[:10])
        if start and self._is_repeated(body):
            actor, people = body["actor"], self._verifier.people
            judged = {actor, *(each for each, _ in _holders_of(body))} - {None}
            before, key = start
            before.steps[key] = KnownStep(
                stand,
                actor,
                [(each, people[each].at(body["at"])) for each in judged],
                body["type"] in verify_history.CHANGES_ITEM,
                self._changes if at > self._settled else -1,
            )
            self._count += 1
        if self._count > _MOST_KNOWN:
            self._forget()
        return body

    def hand_over_all(self) -> None:
        """Give every chain to the verifier."""
        for name in self._chains:
            self._hand_over(name)

    def _hand_over(self, name: bytes) -> None:
        if chain := self._chains.get(name):
            self._verifier.report.subjects[name.decode()] = Subject(
                **dict(zip(_STANDS, chain.stand.said, strict=True)),  # type: ignore[arg-type] # own
                seq=chain.seq,
                head=chain.head.decode(),
                at=chain.at.decode(),
                content_hash=None if chain.content is None else chain.content.decode(),
                last_at=chain.moved_at.decode(),
            )

    def _begun(self, name: bytes) -> Chain | None:
        """Return the beginning of a chain; of a person only the verifier judges that."""
        if name.startswith(b"person:"):
            return None
        return Chain(self._begin if name.startswith(b"item:") else self._kind_of(name))

    def _stand_of(self, subject: Subject) -> Stand:
        said = _said_of(subject)
        return self._stands.setdefault(said, Stand(said))

    def _kind_of(self, name: bytes) -> Stand:
        kind = name.partition(b":")[0]
        return self._kinds.get(kind) or self._kinds.setdefault(kind, Stand(self._begin.said))

    def _forget(self) -> None:
        for each in (*self._stands.values(), *self._kinds.values()):
            each.steps.clear()
        self._stands, self._count = {}, 0

    def _note_people(self, body: Body) -> None:
        if body["type"] in {EntryType.PERSON_ADDED, EntryType.PERSON_CHANGED}:
            person = self._verifier.people[int(body["subject"][7:])]
            self._changes += 1
            self._settled = max(self._settled, person.settled.encode())

    def _is_repeated(self, body: Body) -> bool:
        """Return whether what an entry does follows from what it shares with those alike.

        What gives a number does not: nobody else was given it.
        """
        decision = (body["subject"], body["actor"], body["command_id"], None)
        return (
            body["type"] not in _ALONE
            and body["on_behalf_of"] is None
            and not {"carried_by", "dispatch", "registered"} & body["data"].keys()
            and decision not in self._verifier.carrying
            and all(for_whom is None for _, for_whom in _holders_of(body))
        )

    def _are_people(self, step: KnownStep, at: bytes) -> bool:
        """Return whether people are what they were when a step was judged."""
        is_settled = at > self._settled
        if step.as_of == self._changes and is_settled:
            return True
        people, moment = self._verifier.people, at.decode()
        are_same = all(people[each].at(moment) == then for each, then in step.judged)
        if are_same and is_settled:
            step.as_of = self._changes
        return are_same

    def _name_files(self, subject: str, seq: int, data: bytes) -> None:
        names: dict[str, list[str]] = orjson.loads(data.replace(b'\\"', b'"'))
        files = self._verifier.files
        for each in names.get("files", ()):
            files[subject, each] = files.get((subject, each)) or f"{subject} entry {seq}"


def _holders_of(body: Body) -> list[list[int | None]]:
    is_item = body["subject"].startswith("item:")
    return (body["data"].get("holders") or []) if is_item else []


def _hash_of(prev: bytes, body: bytes) -> bytes:
    """Return the hash of an entry, from its body as it is written in a line."""
    whole = b"\x02" + unhexlify(prev) + body.replace(b'\\"', b'"')
    return sha256(whole).hexdigest().encode()
