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
from typing import Final, NamedTuple

import orjson

from workflow.history import EntryType, verify_history
from workflow.history.verify_history import Body, Line, Person, Standing, Subject, Verifier

_LINE = re.compile(
    rb'\{"subject":"([ !#-\[\]-~]*)","seq":([1-9][0-9]{0,14}),"prev":"(.{64})","hash":"(.{64})",'
    rb'"body":"\{\\"actor\\":(null|[0-9]{1,15}),\\"at\\":\\"'
    rb"((.{10})T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z)"
    rb'\\",\\"command_id\\":\\"([ !#-\[\]-~]*)\\",\\"commitments\\":'
    rb'\{(?:\\"([a-z_]+)\\":\\"([0-9a-f]{64})\\")?\},\\"content_hash\\":'
    rb'(?:null|\\"([0-9a-f]{64})\\"),\\"data\\":',
    re.DOTALL,
)
"""A line as it mostly is, up to its data; what follows is compared as a whole."""
_UNJUDGED = re.compile(rb'"(due_at|issued_on|number)":"[ !#-\[\]-~]*"')
_MARKS = re.compile(rb'"(?:dispatch|registered|recipient)":')
_FILES = re.compile(rb'"files":\["[0-9a-f]{64}"(?:,"[0-9a-f]{64}")*\]')
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
class Judged:
    """A person by whom a step was judged, as what; ``seen``: found to be that, and to stay so."""

    number: int
    standings: list[Standing]
    seen: Person | None = None


@dataclass(slots=True)
class KnownStep:
    """What an entry was found to do: those that are alike do so again."""

    to: Stand
    tail: tuple[bytes, bytes, bytes]
    """What all their bodies have behind their data, their number and their subject."""
    actor: int | None
    judged: list[Judged]
    moves: bool
    as_of: int = -1
    """After how many changes of people these were found to be what they were."""


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


class Likeness(NamedTuple):
    """What data are judged by."""

    like: bytes
    """All that may matter of an item's data; of others', only the marks do."""
    marks: tuple[bytes, ...]
    plain: bytes
    """The data as they were hashed."""


@lru_cache(20_000)
def _likeness(data: bytes) -> Likeness | None:
    """Return what is said of data; None where they are not in canonical form, or unusual."""
    plain = data.replace(b'\\"', b'"')
    like = _FILES.sub(b'"files":[""]', _UNJUDGED.sub(rb'"\1":""', plain))
    if b"\\" in plain or plain.replace(b'"', b'\\"') != data or not _is_canonical(like):
        return None
    return Likeness(like, tuple(_MARKS.findall(plain)), plain)


@lru_cache(20_000)
def _is_canonical(data: bytes) -> bool:
    try:
        verify_history.canonical(data.decode())
    except (ValueError, RecursionError):
        return False
    return True


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
        self._start: tuple[Stand, object, tuple[bytes, bytes, bytes]] | None = None

    def take(self, raw: bytes) -> Body | None:
        """Take an entry that is known, and return the texts that it commits to.

        None, with nothing done, where it is unknown or not right.
        """
        self._start = None
        if (found := _LINE.match(raw)) is None:
            return None
        parts = found.groups()
        name, number, prev, of_hash, actor, at, day, command, about, digest, content = parts
        data, _, rest = raw[found.end() :].partition(b',\\"decided_version\\":')
        rest, is_own, to = rest.rpartition(b',\\"subject\\":\\"' + name + b'\\",\\"to\\":')
        rest, has_seq, step = rest.rpartition(b',\\"seq\\":' + number + b',\\"step\\":')
        chain = self._chains.get(name) or self._begun(name)
        is_usual = is_own and has_seq and to.endswith(b'}"}\n') and day in self._days
        likeness = _likeness(data) if is_usual else None
        if chain is None or likeness is None:
            return None
        like, marks, plain = likeness
        key: tuple[object, ...] = (marks, actor, about, rest, step, to)
        if is_item := name.startswith(b"item:"):
            key = (number, content == chain.content, like, *key)
        known = chain.stand.steps.get(key)
        self._start = chain.stand, key, (rest, step, to)
        if (
            known is None
            or prev != chain.head
            or int(number) != chain.seq + 1
            or at < chain.at
            or not self._are_people(known, at)
            or _hash_of(parts, plain, known.tail) != of_hash
            or (marks and not self._send(name, known, command, plain))
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
        if is_item and b'"files":["' in plain:
            self._name_files(name.decode(), chain.seq, plain)
        return _committing(name, chain.seq, about, digest) if about else _NO_TEXTS

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
            before, key, ends = start
            before.steps[key] = KnownStep(
                stand,
                _tail_of(*ends),
                actor,
                [Judged(each, people[each].at(body["at"])) for each in judged],
                body["type"] in verify_history.CHANGES_ITEM,
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
            subject = Subject()
            vars(subject).update(
                zip(_STANDS, chain.stand.said, strict=True),
                seq=chain.seq,
                head=chain.head.decode(),
                at=chain.at.decode(),
                content_hash=None if chain.content is None else chain.content.decode(),
                last_at=chain.moved_at.decode(),
            )
            self._verifier.report.subjects[name.decode()] = subject

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
        """Return whether what an entry does follows from what it shares with those alike."""
        decision = (body["subject"], body["actor"], body["command_id"], None)
        return (
            body["type"] not in _ALONE
            and body["on_behalf_of"] is None
            and not {"carried_by", "registered"} & body["data"].keys()
            and hash(decision) not in self._verifier.carrying
            and all(for_whom is None for _, for_whom in _holders_of(body))
        )

    def _are_people(self, step: KnownStep, at: bytes) -> bool:
        """Return whether people are what they were when a step was judged."""
        is_settled = at > self._settled
        if step.as_of == self._changes and is_settled:
            return True
        people, moment = self._verifier.people, at.decode()
        for each in step.judged:
            person = people[each.number]
            if person is each.seen and is_settled:
                continue
            if person.at(moment) != each.standings:
                return False
            each.seen = person if is_settled else None
        step.as_of = self._changes if is_settled else -1
        return True

    def _send(self, name: bytes, step: KnownStep, command: bytes, data: bytes) -> bool:
        """Note the number that an entry gives; False where only the verifier can judge it."""
        sent, verifier = orjson.loads(data).get("dispatch"), self._verifier
        if sent is None:
            return True
        number = sent["number"]
        if not number or (given := f"{number} of {sent['issued_on'][:4]}") in verifier.numbers:
            return False
        verifier.numbers.add(given)
        verifier.carrying.add(hash((name.decode(), step.actor, command.decode(), number)))
        return True

    def _name_files(self, subject: str, seq: int, data: bytes) -> None:
        names: dict[str, list[str]] = orjson.loads(data)
        files = self._verifier.files
        for each in names.get("files", ()):
            files[subject, each] = files.get((subject, each)) or f"{subject} entry {seq}"


def _holders_of(body: Body) -> list[list[int | None]]:
    is_item = body["subject"].startswith("item:")
    return (body["data"].get("holders") or []) if is_item else []


def _committing(name: bytes, seq: int, about: bytes, digest: bytes) -> Body:
    """Return what is asked of the body of an entry that commits to a text."""
    commitments = {about.decode(): digest.decode()}
    return {"subject": name.decode(), "seq": seq, "type": "", "commitments": commitments}


def _tail_of(rest: bytes, step: bytes, to: bytes) -> tuple[bytes, bytes, bytes]:
    """Return the end of a body as it was hashed, without its number and its subject."""
    rest, step, to = (each.replace(b'\\"', b'"') for each in (rest, step, to))
    return (
        b',"decided_version":' + rest + b',"seq":',
        b',"step":' + step + b',"subject":"',
        b'","to":' + to.removesuffix(b'"}\n'),
    )


def _hash_of(parts: tuple[bytes, ...], data: bytes, tail: tuple[bytes, bytes, bytes]) -> bytes:
    """Return the hash of an entry, put together of the parts of its line.

    To look for every quotation mark of its body would take three times as long.
    """
    name, number, prev, _, actor, at, _, command, about, digest, content = parts
    rest, step, to = tail
    texts = b'"%b":"%b"' % (about, digest) if about else b""
    quoted = b'"%b"' % content if content else b"null"
    whole = (
        b"\x02", unhexlify(prev), b'{"actor":', actor, b',"at":"', at, b'","command_id":"', command,
        b'","commitments":{', texts, b'},"content_hash":', quoted, b',"data":', data,
        rest, number, step, name, to,
    )  # fmt: skip
    return sha256(b"".join(whole)).hexdigest().encode()
