"""Steps of items that are like one that was verified before, told by their bytes alone.

Owns what makes two entries alike: every byte but those that name the item, chain, date and hash
it, name its command and content, its due day and dispatch; each of these is verified as what it is.
They must also start where all is the same that an entry is judged by. The verifier judges the rest.
"""

import re
from binascii import unhexlify
from dataclasses import dataclass, field, fields, replace
from hashlib import sha256
from typing import Final, NamedTuple

from workflow.history import EntryType, verify_history
from workflow.history.verify_history import Body, Subject, Verifier

_OPENING: Final = b'{"subject":"'
_START: Final = len(_OPENING)
_HASHES: Final = 64 + len(b'","hash":"') + 64
_AT, _COMMAND = b'\\"at\\":\\"', b'\\",\\"command_id\\":\\"'
_CONTENT, _AGAIN = b'\\"content_hash\\":\\"', b'\\"subject\\":\\"'
_DUE, _DISPATCH = b'\\"due_at\\":\\"', b'\\"dispatch\\":{'
_INSTANT: Final = len("2022-05-04T01:00:00.000000Z")
_CLOCK = re.compile(rb":[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z")
_HOUR: Final = len("2022-05-04T01")
_PLAIN = re.compile(rb"[ !#-\[\]-~]*")
_HASH = re.compile(rb"[0-9a-f]{64}")
_SENT = re.compile(
    rb'\\"dispatch\\":\{\\"channel\\":\\"[a-z_]*\\",\\"issued_on\\":\\"[0-9-]{10}\\",'
    rb'\\"number\\":\\"[ !#-\[\]-~]*\\"\}'
)
_WRITES: Final = {EntryType.CREATED, EntryType.EDITED}
_MEMORABLE: Final = {
    *_WRITES,
    EntryType.TRANSITION,
    EntryType.SIGNED_OFF,
    EntryType.HOLDERS_CHANGED,
}
_MOST_STEPS: Final = 50_000
_OWN: Final = ("head", "at", "content_hash", "last_at")
"""What an item has for itself; all else of a subject is where it stands."""
_STANDS: Final = tuple(each.name for each in fields(Subject) if each.name not in _OWN)


class LineParts(NamedTuple):
    """The parts of a line; ``like``: all that it has in common with lines that are alike."""

    like: bytes
    prev: bytes
    hash: bytes
    body: bytes
    at: bytes
    command: bytes
    content: bytes


@dataclass(slots=True)
class CommonStand:
    """Where items stand that all came the same way, and the known steps from there."""

    said: tuple[object, ...]
    steps: dict[bytes, "KnownStep"] = field(default_factory=dict)


class KnownStep(NamedTuple):
    """What a known step leads to; ``writes``: another content, ``moves``: the item."""

    to: CommonStand
    actor: int | None
    writes: bool
    moves: bool


@dataclass(slots=True)
class ItemPosition:
    """Where an item is."""

    stand: CommonStand
    head: bytes
    at: bytes
    content: bytes
    moved_at: bytes


class KnownSteps:
    """The items whose steps are told by their bytes; a verifier has the others' subjects."""

    def __init__(self, verifier: Verifier) -> None:
        self._verifier = verifier
        self._stands: dict[tuple[object, ...], CommonStand] = {}
        self._places: dict[bytes, ItemPosition] = {}
        self._hours: set[bytes] = set()
        self._settled_at = b""
        self._count = 0
        self._steps_of: dict[int, list[tuple[CommonStand, bytes]]] = {}
        self._start = ItemPosition(
            self._stand_of(Subject()), verify_history.GENESIS.encode(), b"", b"", b""
        )
        self._before = self._start

    def told(self, raw: bytes, subject: bytes) -> LineParts | None:
        """Return the parts of a line, or None where it is none that could be known."""
        end = _START + len(subject)
        prev = raw.find(b',"prev":"', end) + len(b',"prev":"')
        at = raw.find(_AT, prev + _HASHES) + len(_AT)
        command = at + _INSTANT + len(_COMMAND)
        command_end = raw.find(b'\\"', command)
        content = raw.find(_CONTENT, command_end) + len(_CONTENT)
        again = raw.rfind(_AGAIN, content) + len(_AGAIN)
        is_whole = end < prev < at < command_end < content < again and b"\0" not in raw
        if not (is_whole and raw.startswith(_OPENING) and raw.startswith(subject, again)):
            return None
        between = self._without_terms(raw, content + 64, again)
        if between is None:
            return None
        body = prev + _HASHES + len(b'","body":"')
        hashed = prev + _HASHES - 64
        like = b"\0".join(
            (
                raw[end:prev],
                raw[prev + 64 : hashed],
                raw[hashed + 64 : at],
                raw[at + _INSTANT : command],
                raw[command_end:content],
                between,
                raw[again + len(subject) :],
            )
        )
        return LineParts(
            like,
            raw[prev : prev + 64],
            raw[hashed : hashed + 64],
            raw[body:-3].replace(b'\\"', b'"'),
            raw[at : at + _INSTANT],
            raw[command:command_end],
            raw[content : content + 64],
        )

    def take(self, subject: bytes, told: LineParts) -> bool:
        """Take a step that is known; False, with nothing done, where it is unknown or not right."""
        known = self._places.get(subject)
        place = known or self._start
        step = place.stand.steps.get(told.like)
        if (
            step is None
            or told.prev != place.head
            or not place.at <= told.at > self._settled_at
            or not self._is_instant(told.at)
            or not _PLAIN.fullmatch(told.command)
            or not (_HASH.fullmatch(told.content) if step.writes else told.content == place.content)
            or sha256(b"\x02" + unhexlify(told.prev) + told.body).hexdigest() != told.hash.decode()
        ):
            return False
        if step.actor is not None:
            self._verifier.commands.append(hash((step.actor, told.command.decode())))
        if known is None:
            place = self._places[subject] = replace(self._start)
        place.stand, place.head, place.at, place.content = step.to, told.hash, told.at, told.content
        if step.moves:
            place.moved_at = told.at
        return True

    def hand_over(self, subject: bytes) -> None:
        """Give an item to the verifier, which judges its next entry."""
        if subject not in self._places:
            self._before = self._start
            return
        place = self._before = self._places.pop(subject)
        self._verifier.report.subjects[subject.decode()] = Subject(
            **dict(zip(_STANDS, place.stand.said, strict=True)),  # type: ignore[arg-type]  # own
            head=place.head.decode(),
            at=place.at.decode(),
            content_hash=place.content.decode() or None,
            last_at=place.moved_at.decode(),
        )

    def hand_over_all(self) -> None:
        """Give every item to the verifier."""
        for subject in list(self._places):
            self.hand_over(subject)

    def learn(self, subject: bytes, told: LineParts | None, body: Body) -> None:
        """Take an item back after the verifier found its next entry right, and keep that step."""
        item = self._verifier.report.subjects.pop(subject.decode())
        to = self._stand_of(item)
        self._places[subject] = ItemPosition(
            to,
            item.head.encode(),
            item.at.encode(),
            (item.content_hash or "").encode(),
            item.last_at.encode(),
        )
        self._hours.add(item.at[:_HOUR].encode())
        data, kind = body["data"], body["type"]
        is_memorable = (
            told is not None
            and kind in _MEMORABLE
            and b"\\" not in told.body
            and told.at > self._settled_at
            and body["on_behalf_of"] is None
            and not data.get("files")
            and not data.get("carried_by")
            and (body["subject"], body["actor"], body["command_id"]) not in self._verifier.carrying
            and all(behalf is None for _, behalf in data.get("holders") or ())
        )
        if told is not None and is_memorable:
            if self._count >= _MOST_STEPS:
                self._forget()
            self._count += 1
            moves, writes = kind in verify_history.CHANGES_ITEM, kind in _WRITES
            self._before.stand.steps[told.like] = KnownStep(to, body["actor"], writes, moves)
            for each in {body["actor"], *(holder for holder, _ in data.get("holders") or ())}:
                self._steps_of.setdefault(each, []).append((self._before.stand, told.like))

    def note_person(self, body: Body) -> None:
        """Forget what was judged by what a person was; what a moment ago was so counts as well.

        A name, an address, a factor, a delegation changes nothing that a known step was judged by.
        """
        number = int(body["subject"].partition(":")[2])
        person = self._verifier.people[number]
        if body["type"] != EntryType.PERSON_CHANGED or person.standings[0] == person.standings[-1]:
            return
        for stand, like in self._steps_of.pop(number, ()):
            stand.steps.pop(like, None)
        self._settled_at = max(self._settled_at, person.settled.encode())

    def _forget(self) -> None:
        for each in self._stands.values():
            each.steps.clear()
        self._steps_of.clear()
        self._count = 0

    def _stand_of(self, item: Subject) -> CommonStand:
        said = tuple(getattr(item, name) for name in _STANDS)
        return self._stands.setdefault(said, CommonStand(said))

    def _is_instant(self, at: bytes) -> bool:
        return at[:_HOUR] in self._hours and bool(_CLOCK.fullmatch(at, _HOUR))

    def _without_terms(self, raw: bytes, start: int, stop: int) -> bytes | None:
        """Return what stands between without due day and dispatch, which must be plain."""
        kept = b""
        sent = raw.find(_DISPATCH, start, stop)
        if sent >= 0:
            found = _SENT.match(raw, sent)
            if found is None:
                return None
            kept, start = raw[start:sent] + b"dispatch\0", found.end()
        due = raw.find(_DUE, start, stop) + len(_DUE)
        if due >= start + len(_DUE):
            if not _PLAIN.fullmatch(raw, due, due + _INSTANT):
                return None
            kept, start = kept + raw[start:due], due + _INSTANT
        return kept + b"\0" + raw[start:stop]
