"""Entries that are like one that was verified before, told by their bytes alone.

Owns what makes two entries alike: every byte but those that name the subject, chain, date and hash
it, name its command, its content and the text it commits to, and those of its data that nothing is
judged by; each of these is verified as what it is. An item must also stand where all is the same
that its entries are judged by, and people must be what they were. The verifier judges the rest.
"""

import re
from binascii import unhexlify
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, fields
from hashlib import sha256
from operator import attrgetter
from typing import Final, NamedTuple

import orjson

from workflow.history import EntryType, verify_history
from workflow.history.verify_history import Body, Line, Person, Standing, Subject, Verifier
from workflow.queries.known_lines import (
    LINE,
    NO_TEXT,
    OPENING,
    PLAIN,
    Form,
    Promise,
    data_in,
    form_of,
    likeness,
)

_ROW: Final = b'{"code":"%b",%b,"content_hash":"%b","seq":%d,"head":"%b"}\n'
_CODE: Final = len(b'{"code":"')
_TELLING: Final = {
    EntryType.PERSON_ADDED,
    EntryType.PERSON_CHANGED,
    EntryType.DELEGATION_ADDED,
    EntryType.DELEGATION_ENDED,
    EntryType.ABSENCE_ADDED,
    EntryType.ABSENCE_ENDED,
    EntryType.DEFINITION_PUBLISHED,
    EntryType.CHECKPOINT_KEY_ADDED,
    EntryType.PROPOSAL_RULES_SET,
}
"""Types of entries that tell what those of other subjects are judged by."""
_ALONE: Final = {
    *(*verify_history.ERASES, *_TELLING),
    EntryType.MIGRATED,
    EntryType.REASSIGNED,
    EntryType.DOCUMENT_REGISTERED,
}
"""Types of entries that hang on more than what alike ones share, or do more than change an item."""
_TYPE: Final = rb",\"type\":\""
_KEYED: Final = 48
"""By so many bytes of a line's end alike ones are looked up, before all are compared."""
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
    row: bytes = b""
    """What an item's row says of it."""
    steps: dict[object, list["KnownStep"]] = field(default_factory=dict)


@dataclass(slots=True)
class Judged:
    """A person by whom a step was judged, as what; ``seen``: found to be that, and to stay so."""

    number: int
    standings: set[Standing]
    seen: Person | None = None


@dataclass(slots=True)
class KnownStep:
    """What an entry was found to do: those that are alike do so again."""

    to: Stand
    form: Form
    actor: int | None
    judged: list[Judged]
    moves: bool
    undoes: bool
    """It takes back what was done a short while ago, which alike ones need not."""
    is_settled: bool = False
    """These people were found to be what they were, and none has changed since."""


@dataclass(slots=True)
class Chain:
    """The end of a subject's chain."""

    stand: Stand
    is_item: bool
    seq: int = 0
    head: bytes = _BEGIN
    at: bytes = b""
    content: bytes | None = None
    moved_at: bytes = b""

    def row_of(self, code: bytes) -> bytes:
        """Return the line that says where an item is; nothing where its content has no plain hash.

        The code is as it is written, without an escape.
        """
        if self.content is None or not self.content.isalnum():
            return b""
        return _ROW % (code, self.stand.row, self.content, self.seq, self.head)


class Start(NamedTuple):
    """Where an entry began that was not known, and how it is written."""

    stand: Stand
    key: object
    raw: bytes
    found: re.Match[bytes]


class KnownSteps:
    """The entries that a verifier has seen the like of, and where each chain ends."""

    def __init__(self, verifier: Verifier) -> None:
        self.verifier = verifier
        self._chains: dict[bytes, Chain] = {}
        self._stands: dict[tuple[object, ...], Stand] = {}
        self._kinds: dict[bytes, Stand] = {}
        self._begin = self._stand_of(Subject())
        self._count = 0
        self._days: set[bytes] = set()
        self._judged_by: dict[int, list[KnownStep]] = {}
        self._settled = b""
        self._start: Start | None = None

    def take(self, name: bytes, raw: bytes) -> Promise | None:
        """Take an entry that is known, and return the text that it commits to.

        None, with nothing done, where it is unknown or not right.
        """
        self._start = None
        chain = self._chains.get(name) or self._begun(name)
        if chain is None:
            return None
        opening = OPENING % (name, (seq := chain.seq + 1), chain.head)
        found = LINE.match(raw, len(opening)) if raw.startswith(opening) else None
        if found is None:
            return None
        of_hash, actor, at, day, command, about, digest, content, data = found.groups()
        is_same, has_none = content == chain.content, content is None
        is_plain = (is_same or has_none or content.isalnum()) and (not about or digest.isalnum())
        said = likeness(data) if is_plain and day in self._days else None
        if said is None:
            return None
        like, marks, has_files, text = said
        judged_by = (seq, is_same, like) if chain.is_item else marks
        key = (judged_by, actor, about, has_none, raw[-_KEYED:])
        rest = raw[found.end() :]
        for known in chain.stand.steps.get(key, ()):
            if known.form.rest % (seq, name) == rest:
                break
        else:
            known = None
        begins = (unhexlify(chain.head), actor, at, command, digest or b"", content or b"")
        if (
            known is None
            or at < chain.at
            or sha256(known.form.hashed % (*begins, text, seq, name)).hexdigest().encode()
            != of_hash
            or (known.undoes and not _is_soon(chain.moved_at, at))
            or not ((known.is_settled and at > self._settled) or self._are_people(known, at))
            or (marks and not self._send(name, known, command, data))
        ):
            self._start = Start(chain.stand, key, raw, found)
            return None
        if known.actor is not None:
            self.verifier.commands.append(hash((known.actor, command.decode())))
        if seq == 1:
            self._chains[name] = chain
        chain.stand, chain.seq, chain.head, chain.at = known.to, seq, of_hash, at
        chain.content = content
        chain.moved_at = at if known.moves else chain.moved_at
        if has_files and chain.is_item:
            self._name_files(name.decode(), seq, data)
        return Promise(seq, about, digest) if about else NO_TEXT

    def judge(self, line: Line) -> Body:
        """Have the verifier judge an entry that `take` did not know, and learn what it does."""
        name, start = line["subject"].encode(), self._start
        self._hand_over(name)
        body = self.verifier.add(line)
        self._note_people(body)
        subject = self.verifier.report.subjects[line["subject"]]
        is_item = name.startswith(b"item:")
        stand = self._stand_of(subject) if is_item else self._kind_of(name)
        at, text = body["at"].encode(), subject.content_hash
        content = None if text is None else text.encode()
        self._chains[name] = Chain(
            *(stand, is_item, subject.seq, subject.head.encode()),
            *(at, content, subject.last_at.encode()),
        )
        self._days.add(at[:10])
        if start and self._is_repeated(body):
            self._learn(name, body, stand, start)
        if self._count > _MOST_KNOWN:
            self._forget()
        return body

    def _learn(self, name: bytes, body: Body, to: Stand, start: Start) -> None:
        form = form_of(name, body["seq"], start.raw, start.found)
        if form is None:
            return
        people, at = self.verifier.people, body["at"]
        numbers = {body["actor"], *(each for each, _ in _holders_of(body))} - {None}
        step = KnownStep(
            to,
            form,
            body["actor"],
            [Judged(each, {*people[each].at(at)}) for each in numbers],
            body["type"] in verify_history.CHANGES_ITEM,
            body["type"] == EntryType.UNDONE,
        )
        start.stand.steps.setdefault(start.key, []).append(step)
        for each in numbers:
            self._judged_by.setdefault(each, []).append(step)
        self._count += 1

    def fold(self, raw: bytes) -> None:
        """Fold what an entry says that all judge by, and that is judged elsewhere."""
        begins = raw.rfind(_TYPE) + len(_TYPE)
        if raw[begins : raw.find(b"\\", begins)].decode() in _TELLING:
            self.verifier.line = line = orjson.loads(raw)
            body = orjson.loads(line["body"])
            self.verifier.fold(body, body["data"])
            self._note_people(body)

    @property
    def entries(self) -> int:
        """Return how many entries there were."""
        return sum(each.seq for each in self._chains.values())

    @property
    def subjects(self) -> Collection[bytes]:
        """Return the names of all that entries were about."""
        return self._chains.keys()

    def hand_over_all(self) -> None:
        """Give every chain to the verifier."""
        for name in self._chains:
            self._hand_over(name)

    def are_items(self, rows: Iterable[bytes]) -> bool:
        """Return whether lines are the rows that all items have by their chains, as mostly written.

        Where they are not, the verifier says what is wrong, if anything.
        """
        left = {each for each in self._chains if each.startswith(b"item:")}
        for raw in rows:
            code = raw[_CODE : raw.find(b'"', _CODE)]
            chain = self._chains.get(name := b"item:" + code)
            if name not in left or chain is None or raw != chain.row_of(code):
                return False
            left.remove(name)
        return not left

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
            self.verifier.report.subjects[name.decode()] = subject

    def _begun(self, name: bytes) -> Chain | None:
        """Return the beginning of a chain; of a person only the verifier judges that."""
        if name.startswith(b"person:") or not PLAIN.fullmatch(name):
            return None
        is_item = name.startswith(b"item:")
        return Chain(self._begin if is_item else self._kind_of(name), is_item)

    def _stand_of(self, subject: Subject) -> Stand:
        said = _said_of(subject)
        found = self._stands.get(said)
        if found is None:
            row = {name: getattr(subject, name) for name in ("state", "version", "step")}
            found = self._stands[said] = Stand(said, orjson.dumps(row)[1:-1])
        return found

    def _kind_of(self, name: bytes) -> Stand:
        kind = name.partition(b":")[0]
        return self._kinds.get(kind) or self._kinds.setdefault(kind, Stand(self._begin.said))

    def _forget(self) -> None:
        for each in (*self._stands.values(), *self._kinds.values()):
            each.steps.clear()
        self._stands, self._judged_by, self._count = {}, {}, 0

    def _note_people(self, body: Body) -> None:
        if body["type"] in {EntryType.PERSON_ADDED, EntryType.PERSON_CHANGED}:
            person = self.verifier.people[int(body["subject"][7:])]
            if body["type"] == EntryType.PERSON_CHANGED and len(set(person.standings)) == 1:
                return  # another name or address: nobody is judged by those
            for step in self._judged_by.get(int(body["subject"][7:]), ()):
                step.is_settled = False
            self._settled = max(self._settled, person.settled.encode())

    def _is_repeated(self, body: Body) -> bool:
        """Return whether what an entry does follows from what it shares with those alike."""
        decision = (body["subject"], body["actor"], body["command_id"], None)
        return (
            body["type"] not in _ALONE
            and body["on_behalf_of"] is None
            and not {"carried_by", "registered"} & body["data"].keys()
            and hash(decision) not in self.verifier.carrying
            and all(for_whom is None for _, for_whom in _holders_of(body))
        )

    def _are_people(self, step: KnownStep, at: bytes) -> bool:
        """Return whether people are what they were when a step was judged."""
        is_settled = at > self._settled
        people, moment = self.verifier.people, at.decode()
        for each in step.judged:
            person = people[each.number]
            if person is each.seen and is_settled:
                continue
            if {*person.at(moment)} != each.standings:
                return False
            each.seen = person if is_settled else None
        step.is_settled = is_settled
        return True

    def _send(self, name: bytes, step: KnownStep, command: bytes, data: bytes) -> bool:
        """Note the number that an entry gives; False where only the verifier can judge it."""
        sent, verifier = data_in(data).get("dispatch"), self.verifier
        if sent is None:
            return True
        number = sent["number"]
        if not number or (given := f"{number} of {sent['issued_on'][:4]}") in verifier.numbers:
            return False
        verifier.numbers.add(given)
        verifier.carrying.add(hash((name.decode(), step.actor, command.decode(), number)))
        return True

    def _name_files(self, subject: str, seq: int, data: bytes) -> None:
        files = self.verifier.files
        for each in data_in(data).get("files", ()):
            files[subject, each] = files.get((subject, each)) or f"{subject} entry {seq}"


def _is_soon(before: bytes, at: bytes) -> bool:
    """Return whether what was done before may still be undone."""
    earlier, later = (verify_history.instant(each.decode()) for each in (before, at))
    return later - earlier <= verify_history.UNDO_WITHIN


def _holders_of(body: Body) -> list[list[int | None]]:
    is_item = body["subject"].startswith("item:")
    return (body["data"].get("holders") or []) if is_item else []
