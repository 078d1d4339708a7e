"""Verify an exported history with nothing but Python.

    python3 verify_history.py EXPORT_FOLDER [CHECKPOINT_FILE ...]

Owns every check that FORMAT.md describes. Standard library only, offline; it must never import
anything of the product. The checkpoint files are notes that left the house earlier, or saved mails.
Exit status: 0 ok, 1 tampered (the first bad entry is named), 2 incomplete (a file or entries are
missing), 3 usage. What it cannot check it names: signatures need more than the standard library.
"""

import base64
import binascii
import email
import hashlib
import json
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypedDict

OK, TAMPERED, INCOMPLETE, USAGE = 0, 1, 2, 3
GENESIS = "00" * 32


class Line(TypedDict):
    """A line of ``entries.jsonl``."""

    subject: str
    seq: int
    prev: str
    hash: str
    body: str


Body = TypedDict(
    "Body",
    {
        "v": int,
        "subject": str,
        "seq": int,
        "type": str,
        "at": str,
        "actor": int | None,
        "on_behalf_of": int | None,
        "position": str | None,
        "via": str,
        "method": str,
        "transition": str | None,
        "from": str | None,
        "to": str | None,
        "version": int,  # of an item's entry, as the next one; null elsewhere
        "step": int,
        "decided_version": int | None,
        "content_hash": str | None,
        "definition_hash": str | None,
        "command_id": str,
        "data": dict[str, object],
        "commitments": dict[str, str],
    },
)
FIELDS = set(Body.__annotations__)


Definition = dict[str, Any]
"""A published definition: it was checked when it was published, and its hash says it is that
one."""
Definitions = dict[str, Definition]


class ItemRow(TypedDict):
    """A line of ``items.jsonl``."""

    code: str
    state: str
    version: int
    step: int
    content_hash: str
    seq: int
    head: str


class TextRow(TypedDict):
    """A line of ``salts.jsonl``."""

    subject: str
    seq: int
    name: str
    salt: str
    text: str


TYPES = set(
    """
    created edited transition signed_off undone migrated holders_changed recused reassigned
    opinion_asked opinion_given commented escalated deadline_set deadline_changed reminded
    extension_asked extension_granted extension_refused reminders_snoozed person_added
    person_changed delegation_added absence_added absence_ended department_added
    department_renamed merit_recorded merit_noted merit_nominated definition_published
    campaign_launched campaign_read checkpoint_key_added genesis
    """.split()  # noqa: SIM905 - a list of one word a line would be longer than what it checks
)
CHANGES_ITEM = {"created", "transition", "edited", "migrated", "signed_off", "undone"}


class TamperedError(Exception):
    """Something does not follow from what it should follow from; the message names the entry."""


class IncompleteError(Exception):
    """Something that must be there is not; the message names it."""


@dataclass
class Subject:
    """The end of one chain as far as it has been read, and what it says about its item."""

    seq: int = 0
    head: str = GENESIS
    at: str = ""
    state: str | None = None
    version: int = 0
    step: int = 0
    content_hash: str | None = None
    decided: set[int | None] = field(default_factory=set)
    last: Body | None = None


@dataclass
class Report:
    """What was verified."""

    entries: int = 0
    subjects: dict[str, Subject] = field(default_factory=dict)
    sealed: int = 0
    checkpoints: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Checkpoint:
    """A note as far as the standard library can read it; ``name`` says which file it is from."""

    name: str
    origin: str
    size: int
    root: bytes


def main(arguments: list[str]) -> int:
    """Verify the export named in ``arguments`` and return the exit status."""
    if not arguments:
        print(
            "usage: python3 verify_history.py EXPORT_FOLDER [CHECKPOINT_FILE ...]", file=sys.stderr
        )
        return USAGE
    folder, *files = map(Path, arguments)
    if not folder.is_dir():
        print(f"{folder} is not a folder: give the folder of an export", file=sys.stderr)
        return USAGE
    try:
        outside = [each for path in files for each in read_checkpoints(path)]
    except (OSError, ValueError) as exc:
        print(f"no checkpoint can be read: {exc}", file=sys.stderr)
        return USAGE
    try:
        report = verify_folder(folder, outside)
    except TamperedError as exc:
        print(f"TAMPERED: {exc}")
        return TAMPERED
    except IncompleteError as exc:
        print(f"INCOMPLETE: {exc}")
        return INCOMPLETE
    print(f"OK: {report.entries} entries of {len(report.subjects)} subjects")
    print(f"In the log: {report.sealed}; checkpoints that agree: {len(report.checkpoints)}")
    if report.entries > max(report.checkpoints, default=0):
        print("UNDECIDED: entries after the last checkpoint may still have been exchanged")
    print("UNCHECKED: signatures of checkpoints, conditions written in CEL")
    return OK


def verify_folder(folder: Path, outside: Iterable[Checkpoint] = ()) -> Report:
    """Verify a whole export, also against checkpoints from ``outside`` it.

    Raises TamperedError and IncompleteError.
    """
    definitions = dict(read_definitions(folder))
    own = [
        each
        for path in sorted((folder / "checkpoints").glob("*.txt"))
        for each in read_checkpoints(path)
    ]
    report = Report()
    log = Log([*own, *outside], report)
    entries = log.sealing(read_lines(folder / "entries.jsonl"), read_lines(folder / "log.jsonl"))
    verify_entries(entries, definitions, report)
    verify_items(read_lines(folder / "items.jsonl"), report)
    if (folder / "salts.jsonl").exists():
        verify_texts(read_lines(folder / "salts.jsonl"), read_lines(folder / "entries.jsonl"))
    return report


def read_lines(path: Path) -> Iterator[Any]:
    """Yield the objects of a JSON lines file."""
    if not path.exists():
        raise IncompleteError(f"the file {path.name} is missing")
    with path.open(encoding="utf-8", newline="\n") as file:
        for number, line in enumerate(file, 1):
            try:
                yield json.loads(line)
            except ValueError as exc:
                raise TamperedError(f"{path.name} line {number} is not JSON") from exc


def read_definitions(folder: Path) -> Iterator[tuple[str, Definition]]:
    """Yield each definition by the hash of its file, which must be its name."""
    if not (folder / "definitions").is_dir():
        raise IncompleteError("the folder definitions is missing")
    for path in sorted((folder / "definitions").glob("*.json")):
        text = path.read_bytes()
        if hashlib.sha256(text).hexdigest() != path.stem:
            raise TamperedError(f"definitions/{path.name} does not have the hash that is its name")
        yield path.stem, json.loads(text)


NOTE = re.compile(
    r"^(?:> ?)?(thidua/[^\s+]+)\r?\n(?:> ?)?([0-9]{1,18})\r?\n(?:> ?)?([A-Za-z0-9+/]{43}=)\r?$",
    re.MULTILINE,
)
"""Origin, size and root of a checkpoint on a line each, wherever in a text they stand."""


def read_checkpoints(path: Path) -> list[Checkpoint]:
    """Return the checkpoints in a note or a saved mail. Raises ValueError where there is none."""
    found = []
    notes = [note for text in texts_of(path.read_bytes()) for note in NOTE.findall(text)]
    for origin, size, root in dict.fromkeys(notes):
        try:
            found.append(Checkpoint(path.name, origin, int(size), base64.b64decode(root)))
        except binascii.Error as exc:
            raise ValueError(f"{path.name} has a root that is none") from exc
    if not found:
        raise ValueError(f"{path.name} holds no checkpoint")
    return found


def texts_of(raw: bytes) -> Iterator[str]:
    """Yield a file as it stands and, where it is a mail, each of its texts without their coding."""
    yield raw.decode("utf-8-sig", "replace")
    for part in email.message_from_bytes(raw).walk():
        if part.get_content_maintype() == "text":
            decoded = part.get_payload(decode=True)
            yield decoded.decode("utf-8", "replace") if isinstance(decoded, bytes) else ""


class Log:
    """The tree over all entries while it grows (RFC 6962), and the checkpoints to be passed."""

    def __init__(self, checkpoints: Iterable[Checkpoint], report: Report) -> None:
        self._report = report
        self._wanted: dict[int, list[Checkpoint]] = {}
        for each in checkpoints:
            self._wanted.setdefault(each.size, []).append(each)
        self._origins = {each.origin for group in self._wanted.values() for each in group}
        self._peaks: list[tuple[int, bytes]] = []

    def sealing(self, lines: Iterable[Line], log: Iterable[Mapping[str, object]]) -> Iterator[Line]:
        """Yield the entries, each compared with its line of the log; the rest is open."""
        require(len(self._origins) <= 1, "the checkpoints", "are of different logs")
        places = iter(log)
        place = next(places, None)
        for position, line in enumerate(lines):
            if place is not None:
                name = f"{line.get('subject')} entry {line.get('seq')}"
                agrees = (place.get("position"), place.get("hash")) == (position, line.get("hash"))
                require(agrees, name, f"is not what the log has at position {position}")
                yield line
                self._add(bytes.fromhex(line["hash"]), name)
                place = next(places, None)
            else:
                yield line
        if place is not None:
            raise IncompleteError(f"the log goes on at position {place.get('position')}")
        for size, missed in sorted(self._wanted.items()):
            raise IncompleteError(
                f"{missed[0].name} is of {size} entries, the log ends after {self._report.sealed}"
            )

    def _add(self, data: bytes, name: str) -> None:
        level, found = 0, hashlib.sha256(b"\x00" + data).digest()
        while self._peaks and self._peaks[-1][0] == level:
            found = hashlib.sha256(b"\x01" + self._peaks.pop()[1] + found).digest()
            level += 1
        self._peaks.append((level, found))
        self._report.sealed += 1
        for each in self._wanted.pop(self._report.sealed, ()):
            passed = max(self._report.checkpoints, default=0)
            require(
                self.root() == each.root,
                f"{each.name} (size {each.size}):",
                f"an entry at a position from {passed} to {each.size - 1}, up to {name}, "
                "is not the one that was there",
            )
            self._report.checkpoints.append(each.size)

    def root(self) -> bytes:
        """Return the root over all entries so far."""
        found = b""
        for _, each in reversed(self._peaks):
            found = hashlib.sha256(b"\x01" + each + found).digest() if found else each
        return found


def verify_entries(
    lines: Iterable[Line], definitions: Definitions, report: Report | None = None
) -> Report:
    """Verify form, chain, order and the rules of items for entries in their order of storage."""
    report = report or Report()
    for line in lines:
        subject = report.subjects.setdefault(str(line.get("subject")), Subject())
        verify_entry(line, subject, definitions)
        report.entries += 1
    return report


def verify_entry(line: Line, subject: Subject, definitions: Definitions) -> None:
    """Verify one entry against the end of its chain, and advance it."""
    name = f"{line.get('subject')} entry {line.get('seq')}"
    members = Line.__annotations__
    require(set(line) == set(members), name, f"has other members than {', '.join(members)}")
    body = parse_body(line["body"], name)
    is_same = body["subject"] == line["subject"] and body["seq"] == line["seq"]
    require(is_same, name, "does not repeat what its body says")
    gap = f"does not follow entry {subject.seq}: an entry was removed, added or moved"
    require(line["seq"] == subject.seq + 1, name, gap)
    require(line["prev"] == subject.head, name, "does not name the hash of the entry before it")
    hashed = b"\x02" + bytes.fromhex(line["prev"]) + line["body"].encode()
    digest = hashlib.sha256(hashed).hexdigest()
    require(digest == line["hash"], name, "does not have the hash it claims")
    require(body["at"] >= subject.at, name, "is dated before the entry that precedes it")
    if line["subject"].startswith("item:"):
        verify_item_rules(body, subject, definitions, name)
    subject.seq, subject.head, subject.at = line["seq"], line["hash"], body["at"]


def parse_body(text: str, name: str) -> Body:
    """Return a body that is in canonical form and complete."""
    try:
        body: Body = json.loads(
            text, object_pairs_hook=no_duplicates, parse_float=no_floats, parse_constant=no_floats
        )
    except ValueError as exc:
        raise TamperedError(f"{name}: its body is not canonical JSON ({exc})") from exc
    canonical = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    is_canonical = canonical == text and unicodedata.is_normalized("NFC", text)
    require(is_canonical, name, "is not in canonical form")
    is_complete = isinstance(body, dict) and body.get("v") == 1 and set(body) == FIELDS
    require(is_complete, name, "does not have the members of format 1")
    require(body["type"] in TYPES, name, f"is of a type that there is not: {body['type']}")
    return body


def no_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return an object whose keys are all different."""
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


def no_floats(text: str) -> None:
    """Refuse numbers with a fraction."""
    raise ValueError(f"{text} is not an integer")


def verify_item_rules(body: Body, subject: Subject, definitions: Definitions, name: str) -> None:
    """Verify that an entry starts where the item's last one ended, by a step its definition has."""
    if body["type"] == "created":
        is_first = subject.seq == 0 and body["version"] == 1 and body["step"] == 1
        require(is_first, name, "creates an item that exists")
    elif body["type"] in CHANGES_ITEM:
        wrong_start = f"starts from {body['from']}, but the item was {subject.state}"
        require(body["from"] == subject.state, name, wrong_start)
        decided = body["decided_version"]
        is_next = decided == subject.version and body["version"] == subject.version + 1
        require(is_next, name, "skips or repeats a version")
        require(decided not in subject.decided, name, "decides twice on one version")
        subject.decided.add(decided)
    if body["type"] == "transition":
        require(body["step"] == subject.step + 1, name, "skips or repeats a step")
        has_kept = body["content_hash"] == subject.content_hash
        require(has_kept, name, "decides on another content than the item had")
        verify_transition(body, definitions, name)
    if body["type"] == "edited":
        verify_edit(body, subject, definitions, name)
    was = (subject.state, subject.step, subject.content_hash)
    kept = (body["to"], body["step"], body["content_hash"]) == was
    if body["type"] == "migrated":
        require(kept, name, "changes state, step or content while it only moves to another version")
    if body["type"] == "signed_off":
        require(kept, name, "changes state, step or content while it only answers")
        verify_answer(body, definitions, name)
    if body["type"] == "undone":
        verify_undo(body, subject, name)
    if body["type"] in CHANGES_ITEM:
        subject.last = body
        subject.state, subject.version, subject.step = body["to"], body["version"], body["step"]
        subject.content_hash = body["content_hash"]


def definition_of(body: Body, definitions: Definitions, name: str) -> Definition:
    """Return the definition in force for an entry, which the export must hold."""
    found = definitions.get(body["definition_hash"] or "")
    if found is None:
        raise IncompleteError(
            f"{name}: its definition {body['definition_hash']} is not in the export"
        )
    return found


def verify_transition(body: Body, definitions: Definitions, name: str) -> None:
    """Verify that the definition in force allows the transition."""
    definition = definition_of(body, definitions, name)
    allowed = any(
        each["id"] == body["transition"]
        and body["from"] in each["from"]
        and body["to"] in each["to"]
        for each in definition["transitions"]
    )
    require(
        allowed,
        name,
        f"takes a transition that the definition does not have: {body['transition']} "
        f"from {body['from']} to {body['to']}",
    )


def verify_edit(body: Body, subject: Subject, definitions: Definitions, name: str) -> None:
    """Verify that an edit leaves the item where it is, or sends it where its definition says."""
    if (body["to"], body["step"]) == (body["from"], subject.step):
        return
    definition = definition_of(body, definitions, name)
    back = [
        (each.get("edit_voids") or {}).get("to")
        for each in definition["states"]
        if each["id"] == body["from"]
    ]
    is_said = body["step"] == subject.step + 1 and body["to"] in back
    way = f"from {body['from']} to {body['to']}"
    require(is_said, name, f"edits the item {way}, which its definition does not say")


def verify_undo(body: Body, subject: Subject, name: str) -> None:
    """Verify that exactly the last decision is taken back, and nothing else with it."""
    last = subject.last
    undoes = (last["type"], last["seq"], last["from"], last["transition"]) if last else None
    claims = ("transition", body["data"].get("undoes"), body["to"], body["transition"])
    require(undoes == claims, name, "undoes something else than the last decision")
    require(body["step"] == subject.step + 1, name, "skips or repeats a step")
    has_kept = body["content_hash"] == subject.content_hash
    require(has_kept, name, "changes the content while it only undoes")


def verify_answer(body: Body, definitions: Definitions, name: str) -> None:
    """Verify that several sign off in that state, and that this is one of their answers."""
    definition = definition_of(body, definitions, name)
    answers = [
        answer
        for each in definition["states"]
        for key, answer in (each.get("sign_off") or {}).items()
        if each["id"] == body["from"] and key not in {"approvals", "rejections"}
    ]
    unasked = f"answers what the definition does not ask in {body['from']}: {body['transition']}"
    require(body["transition"] in answers, name, unasked)


def verify_items(lines: Iterable[ItemRow], report: Report) -> None:
    """Verify that the table of items says what the history says."""
    listed = set()
    for line in lines:
        name = f"item:{line['code']}"
        subject = report.subjects.get(name)
        if subject is None or subject.seq < line["seq"]:
            last = subject.seq if subject else 0
            raise IncompleteError(
                f"{name}: entries after {last} are missing, the item has {line['seq']}"
            )
        listed.add(name)
        is_end = subject.seq == line["seq"] and subject.head == line["head"]
        require(is_end, name, "ends at another entry than its row says")
        row: Mapping[str, object] = line
        for key in ("state", "version", "step", "content_hash"):
            said = getattr(subject, key)
            require(said == row[key], name, f"has {key} {row[key]}, but its history says {said}")
    for name in report.subjects:
        if name.startswith("item:") and name not in listed:
            raise IncompleteError(f"{name} has a history, but no row in items.jsonl")


def verify_texts(texts: Iterable[TextRow], lines: Iterable[Line]) -> None:
    """Verify that every text still kept is the one its entry committed to."""
    wanted = {(each["subject"], each["seq"], each["name"]): each for each in texts}
    for line in lines:
        for name, commitment in json.loads(line["body"])["commitments"].items():
            each = wanted.pop((line["subject"], line["seq"], name), None)
            if each is not None:
                salted = bytes.fromhex(each["salt"]) + each["text"].encode()
                entry = f"{line['subject']} entry {line['seq']}"
                is_same = hashlib.sha256(salted).hexdigest() == commitment
                require(is_same, entry, f"committed to another text as its {name}")
    for subject, seq, _ in wanted:
        raise TamperedError(f"{subject} entry {seq}: a text belongs to no commitment")


def require(is_so: object, name: str, what: str) -> None:
    """Raise TamperedError unless ``is_so``."""
    if not is_so:
        raise TamperedError(f"{name} {what}")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
