"""Verify an exported history with nothing but Python.

    python3 verify_history.py EXPORT_FOLDER [CHECKPOINT_FILE ...]

Owns every check of FORMAT.md; standard library alone (Python 3.9 or newer), offline. Checkpoint
files left the house earlier. Exit: 0 ok, 1 tampered (names the bad entry), 2 incomplete, 3 usage.
"""

from __future__ import annotations

import email
import gc
import json
import re
import sys
import unicodedata
from array import array
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from itertools import groupby, zip_longest
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

OK, TAMPERED, INCOMPLETE, USAGE = 0, 1, 2, 3
GENESIS = "00" * 32
Json = dict[str, Any]
Body = Json
Line = Json
Lines = Iterable[Line]
Definitions = Mapping[str, "str | bytes"]
ROWS: dict[str, dict[str, type]] = {  # the members of a line of each file, in their order
    "entries.jsonl": {"subject": str, "seq": int, "prev": str, "hash": str, "body": str},
    "log.jsonl": {"position": int, "hash": str},
    "items.jsonl": {"code": str, "state": str, "version": int, "step": int, "content_hash": str}
    | {"seq": int, "head": str},
    "people.jsonl": {"id": int, "email": str, "name": str},
    "salts.jsonl": {"subject": str, "seq": int, "name": str, "salt": str, "text": str},
}
NAMED_SO = """proceeding_erased finding_closed request_answered deadline_changed merit_nominated
    inspection_recorded request_erased merit_noted campaign_read definition_published person_changed
    merit_recorded request_received finding_opened inspection_planned hold_placed campaign_launched
    deadline_set hold_lifted proposal_rejected proposal_made proceeding_corrected
    document_registered inspection_ended department_renamed past_award_withdrawn past_award_imported
    proposal_confirmed person_erased past_award_erased merit_erased proceeding_opened
    proceeding_closed finding_noted department_added person_added"""
KINDS = {  # the closed vocabulary: the types of entries, by what the subject is; and those above
    "item": """edited signed_off opinion_asked commented migrated opinion_given due_changed arrived
    escalated recused holders_changed issue_amended holders_urged link_revoked nominee_decided
    reassigned signed_copy_added award_withdrawn undone gathered text_erased created transition""",
    "deadline": "reminded extension_asked extension_granted extension_refused reminders_snoozed",
    "person": """delegation_added delegation_ended absence_added absence_ended change_undone
        factor_set factor_removed factors_resealed token_made token_ended feed_made feed_ended""",
    "round": """box_key_taken vote_opened vote_cast vote_counted vote_recounted count_challenged
        challenge_answered round_set round_cancelled round_closed""",
    "agency": """checkpoint_key_added proposal_rules_set agency_changed genesis
        calendar_set privacy_rules_set retention_applied""",
}
SUBJECT_OF = {name: name.rpartition("_")[0] for name in NAMED_SO.split()}
SUBJECT_OF |= {name: kind for kind, names in KINDS.items() for name in names.split()}
ERASES = {name for name in SUBJECT_OF if name.endswith("_erased")}
CHANGES_ITEM = {"created", "transition", "edited", "migrated", "signed_off", "undone"}
FORMS = {
    (str,): "subject type at via method command_id",
    (str, type(None)): "position transition from to content_hash definition_hash",
    (int,): "v seq",
    (int, type(None)): "actor on_behalf_of version step decided_version",
    (dict,): "data commitments",
}
MEMBERS = {name: types for types, names in FORMS.items() for name in names.split()}  # of a body
WRITTEN = {str: r'"(?P<%s>[^"\\\x00-\x1f]*)"', int: "(?P<%s>0|-?[1-9][0-9]{0,14})"}
USUAL = re.compile(  # a body as it mostly is: `usual_body` takes what is behind its data apart
    r'(\{"actor":(?:[0-9]+|null)),"at":"([^"]*)","command_id":"([ !#-\[\]-~]*)","commitments":'
    r'(?:\{(?:"([a-z_]+)":"([0-9a-f]{64})")?\}),"content_hash":(?:null|"([0-9a-f]{64})"),'
    r'"data":(\{.*\})(,"decided_version":.*)'
)
TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3])(?::[0-5][0-9]){2}\.[0-9]{6}Z")
OWN = {"at", "command_id", "commitments", "content_hash", "data", "seq", "subject"}
SHARED = frozenset(MEMBERS.keys() - OWN)
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"(:?)')
FACTORS, OFFICE = {"pin", "totp", "passkey"}, {"chief", "officer"}
METHODS = {"session", "token", "link", "none", *FACTORS}
VIA = {"page", "api", "link", "clock", "bulk", "import", "cli"}
UNDO_WITHIN, SETTLING = timedelta(minutes=11), timedelta(minutes=1)  # a minute to settle or wait


class TamperedError(Exception):
    """Something does not follow from what it should follow from; the message names the entry."""


class IncompleteError(Exception):
    """Something that must be there is not; the message names it."""


def require(is_so: object, name: str, what: str) -> None:
    """Raise TamperedError unless ``is_so``."""
    if not is_so:
        raise TamperedError(f"{name} {what}")


read = json.JSONDecoder(parse_float=int, parse_constant=int).raw_decode  # refuses fractions
encode_sorted = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode
quote = json.encoder.encode_basestring
instant = lru_cache(1_000)(lambda at: datetime.fromisoformat(at[:-1]))  # as a body has it


def parse_body(line: Line) -> Body:
    """Return a body that is in canonical form and complete."""
    text, name = line["body"], f"{line['subject']} entry {line['seq']}"
    try:
        try:
            body = usual_body(text, line["subject"], line["seq"])
        except ValueError:  # whatever is wrong, or only unusual
            body = canonical.__wrapped__(text, frozenset(MEMBERS))
        wrong = _fault(body)
    except (ValueError, RecursionError) as exc:
        raise TamperedError(f"{name}: its body is not canonical JSON ({exc})") from exc
    require(not wrong, name, wrong)
    return body


def usual_body(text: str, subject: str, seq: int) -> Body:
    """Return a body put together of parts, most of which came before. Raises ValueError."""
    usual = USUAL.fullmatch(text)
    actor, at, command, name, digest, content, data, rest = usual.groups() if usual else [""] * 8
    rest, is_subject, to = rest.rpartition(f',"subject":{quote(subject)},"to":')
    rest, is_seq, step = rest.rpartition(f',"seq":{seq},"step":')
    if not (is_subject and is_seq and subject.isascii()):
        raise ValueError("it has parts of another kind")
    return {
        **canonical(f'{actor}{rest},"step":{step},"to":{to}', SHARED), "subject": subject,
        "seq": seq, "at": at, "command_id": command, "content_hash": content,
        "commitments": {name: digest} if name else {}, "data": canonical(data),
    }  # fmt: skip


@lru_cache(5_000)
def canonical(text: str, members: frozenset[str] = frozenset()) -> Json:
    """Return the object that a text in canonical form is, with these members of a body if any."""
    value, end = read(text)
    is_exact = end == len(text) and text[:1] == "{" and encode_sorted(value) == text
    keys = () if text.isascii() else [key for key, colon in STRING.findall(text) if colon]
    is_plain = all(map(str.isascii, keys)) and unicodedata.is_normalized("NFC", text)
    bare = STRING.sub("", text) if re.search("[0-9]{16}", text) else ""
    if not (is_exact and is_plain and all(int(e) < 2**53 for e in re.findall("[0-9]{16,}", bare))):
        raise ValueError("it is not in canonical form")
    is_typed = value.keys() == members and all(type(value[e]) in MEMBERS[e] for e in value)
    if members and not (is_typed and value["v"] == 1):
        raise ValueError("it does not have the members of format 1")
    return value  # type: ignore[no-any-return]  # an object, for it begins so


def _fault(body: Body) -> str:
    kind, at = body["type"], body["at"]
    if SUBJECT_OF.get(kind) != body["subject"].partition(":")[0]:
        return f"is of a type that there is not, or not of its subject: {kind}"
    if body["via"] not in VIA or body["method"] not in METHODS:
        return "came by a way that there is not"
    if not (TIME.fullmatch(at) and instant(at[:10] + "T00:00:00Z")):
        return f"is dated {at}"
    proof = ("link", "link") if "recipient" in body["data"] else (body["via"], "none")
    is_proven = body["actor"] is not None or (body["via"], body["method"]) == proof
    return "" if is_proven else "was proven by nobody"


class Rules:
    """One definition, ready to be asked."""

    def __init__(self, definition: Json) -> None:
        self.definition, self.kind = definition, str(definition["id"])
        self.states: dict[str, Json] = {each["id"]: each for each in definition["states"]}
        self.moves: dict[tuple[object, object], list[Json]] = {}
        for each in definition["transitions"]:
            for state in each["from"]:
                self.moves.setdefault((state, each["id"]), []).append(each)
        guarantees = definition.get("guarantees") or {}
        self.never_the_author = set(guarantees.get("never_the_author") or ())
        self.passages = {e["to"]: set(e["through"]) for e in guarantees.get("passages") or ()}
        self.carrying = {e["id"] for e in definition["transitions"] if e.get("carries")}
        self.apart: dict[str, set[str]] = {}
        for first, second in guarantees.get("different_people") or ():
            self.apart.setdefault(first, set()).add(second)
            self.apart.setdefault(second, set()).add(first)
        self.finds = lru_cache(10_000)(self._finds)

    def _finds(self, state: str, department: str | None, who: Standing) -> bool:
        return who.is_active and any(
            who.position in rule["positions"]
            and (who.department == department or rule.get("within") != "department")
            and department in (rule.get("departments") or (department,))
            and department not in rule.get("except_departments", ())
            for rule in self.states[state].get("holders") or ()
        )


class Standing(NamedTuple):
    """In which position somebody works."""

    position: str | None
    department: str | None
    is_active: bool


@dataclass
class Person:
    """A person as far as the history has told; stand-ins: who, first and last day, kinds if any."""

    standings: list[Standing]  # the present one, and the one before
    settled: str  # until when both count
    stand_ins: dict[tuple[str, int], tuple[int, str, str, list[str]]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)  # name and address, as far as they are kept

    def at(self, moment: str) -> list[Standing]:
        """Return the standing, and the one before where that was a moment ago."""
        return self.standings[:1] if moment > self.settled else self.standings


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
    definition: str | None = None
    author: int | None = None
    department: str | None = None
    migrated: bool = False
    into: str | None = None  # the code of the report that it goes with
    recused: tuple[int, ...] = ()
    concerned: tuple[int, ...] = ()  # whom the content names: they never hold the item
    moves: tuple[int, ...] = ()  # to whom it was reassigned in this step
    answers: tuple[tuple[int, str], ...] = ()  # what each seat has answered in this round
    taken: tuple[tuple[int, str, int, int], ...] = ()  # entry, transition, actor, seat
    visited: tuple[str, ...] = ()
    last: tuple[object, ...] = ()  # type, entry, origin, transition, actor
    last_at: str = ""


@dataclass
class Report:
    """What was verified."""

    entries: int = 0
    subjects: MutableMapping[str, Subject] = field(default_factory=dict)
    sealed: int = 0
    checkpoints: list[int] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)


class Verifier:
    """Folds entries in their order, and refuses the first that does not follow."""

    def __init__(self, definitions: Definitions, report: Report | None = None) -> None:
        self.definitions = definitions
        self.report = report or Report()
        self.people: dict[int, Person] = {}
        self.published: set[str] = set()
        self.keys: list[str] = []
        self.relaxed: list[str] = []  # what one person may do alone
        self.missing: dict[tuple[str, int], set[str]] | None = None  # texts; None: none are given
        self.files: dict[tuple[str, str], str] = {}  # which entry names a file; none: erased
        self.carrying: set[int] = set()  # what carries others: a fingerprint of such a decision
        self.carried: dict[int, str] = {}  # which of those an entry claims to go along with
        self.commands = array("q")  # a fingerprint of each actor with each of their commands
        self.numbers: set[str] = set()  # that documents were given, each with its year
        self.line: Line = {}
        self._rules: dict[str, Rules] = {}
        self._shared: dict[object, Any] = {}  # equal values of many items, kept once

    def fail(self, what: str) -> NoReturn:
        """Refuse the present entry."""
        raise TamperedError(f"{self.line['subject']} entry {self.line['seq']} {what}")

    def refuse(self, is_so: object, what: str) -> None:
        """Refuse the present entry where ``is_so``."""
        if is_so:
            self.fail(what)

    def add(self, line: Line) -> Body:
        """Verify an entry against all before it, and fold it."""
        self.line = line
        name, seq, body = line["subject"], line["seq"], parse_body(line)
        if (body["subject"], body["seq"]) != (name, seq):
            self.fail("does not repeat what its body says")
        subject = self.report.subjects.get(name) or self.report.subjects.setdefault(name, Subject())
        if seq != subject.seq + 1:
            self.fail(f"does not follow entry {subject.seq}: one was removed, added or moved")
        self.refuse(line["prev"] != subject.head, "does not name the hash of the entry before it")
        hashed = sha256(b"\x02" + bytes.fromhex(subject.head) + line["body"].encode())
        self.refuse(hashed.hexdigest() != line["hash"], "does not have the hash it claims")
        self.refuse(body["at"] < subject.at, "is dated before the entry that precedes it")
        try:
            self._verify_actor(body)
            if name.startswith("item:"):
                self.follow(body, subject)
            else:
                self.fold(body, body["data"])
            sent = body["data"].get("registered") or body["data"].get("dispatch")
            if sent and not body["data"].get("carried_by"):
                given = f"{sent['number']} of {sent['issued_on'][:4]}"
                self.refuse(given in self.numbers, f"gives the number {given} again")
                self.numbers.add(given)
            if body["type"] in ERASES:
                self._erase(body, body["data"])
        except (LookupError, TypeError, ValueError, AttributeError) as exc:
            self.fail(f"does not say what its type says ({exc!r})")
        subject.seq, subject.head, subject.at = seq, line["hash"], body["at"]
        self.report.entries += 1
        return body

    def _erase(self, body: Body, data: Json) -> None:
        is_alone = data.get("proposed_by") in {None, body["actor"]} and body["via"] != "cli"
        is_alone &= "erasures" not in self.relaxed
        self.refuse(is_alone, "erases what one person alone may not")
        self.report.unchecked.append(f"{len(data['texts'])} texts erased from {body['subject']}")
        for seq, name in data["texts"] if self.missing is not None else ():
            names = (self.missing or {}).get((body["subject"], seq), set())
            self.refuse(name not in names, "erases a text that is there, or never was")
            names.remove(name)

    def verify_texts(self, body: Body, rows: Iterable[Json]) -> None:
        """Verify that texts are those that an entry committed to, and fold a person's."""
        left = dict(body["commitments"])
        for row in rows:
            name, salt = row["name"], row["salt"]
            entry = f"{row['subject']} entry {row['seq']}:"
            require(name in left, entry, "a text belongs to no commitment")
            is_salt = re.fullmatch("[0-9a-f]{64}", salt)
            salted = bytes.fromhex(salt if is_salt else "") + row["text"].encode()
            is_other = sha256(salted).hexdigest() != left.pop(name)
            self.refuse(is_other, f"committed to another text as its {name}")
            if body["type"] in {"person_added", "person_changed"}:
                self.people[int(row["subject"][7:])].texts[name] = row["text"]
        if left and self.missing is not None:
            self.missing[body["subject"], body["seq"]] = set(left)

    def _verify_actor(self, body: Body) -> None:
        if (actor := body["actor"]) is None:
            return
        self.commands.append(hash((actor, body["command_id"])))
        if (person := self.people.get(actor)) is None:
            self.fail(f"is by a person who did not exist: {actor}")
        positions = [each.position for each in person.at(body["at"]) if each.is_active]
        self.refuse(not positions, f"is by a person who had left: {actor}")
        if body["step"] is not None and (position := body["position"]) not in (None, *positions):
            self.fail(f"is by a person who did not hold the position {position}: {actor}")

    def fold(self, body: Body, data: Json) -> None:
        """Fold what an entry says that is about no item."""
        kind = body["type"]
        if body["subject"].startswith("person:"):
            self._fold_person(body, data, int(body["subject"][7:]))
        elif kind == "definition_published":
            rules = self._rules_of(body)
            named = (f"definition:{rules.kind}", rules.definition["version"])
            self.refuse(named != (body["subject"], data["version"]), "publishes another definition")
            self.published.add(body["definition_hash"])
        elif kind == "checkpoint_key_added":
            self.keys.append(data["key"])
        self.relaxed = data["relaxed"] if kind == "proposal_rules_set" else self.relaxed

    def _fold_person(self, body: Body, data: Json, number: int) -> None:
        kind, position, person = body["type"], body["position"], self.people.get(number)
        if (person is None) is not (kind == "person_added"):
            self.fail("adds a person who is there, or is about one who is not")
        stand_ins, texts = (person.stand_ins, person.texts) if person else ({}, {})
        what = kind.partition("_")[0]
        if kind in {"delegation_added", "absence_added"}:
            is_away = what == "absence"
            who, kinds = (data["stand_in"], []) if is_away else (data["to_person"], data["kinds"])
            stand_ins[what, data[what]] = (who, data["starts_on"], data["ends_on"], kinds)
        elif kind in {"delegation_ended", "absence_ended"}:
            who, starts, _, kinds = stand_ins[what, data[what]]
            stand_ins[what, data[what]] = (who, starts, data["ends_on"], kinds)
        elif kind in {"person_added", "person_changed"}:
            before = person.standings[:1] if person else []
            position = position or (before[0].position if before else None)
            standing = Standing(position, data["department"], data["is_active"])
            until = instant(min(body["at"], "9999-12-31T23:58:59.999999Z")) + SETTLING
            settled = until.isoformat(timespec="microseconds") + "Z"
            self.people[number] = Person([standing, *before], settled, stand_ins, texts)
        elif person and kind == "person_erased":
            self.refuse(person.standings[0].is_active, "erases a person who works here")
            person.texts = {"name": f"#{number}", "email": f"person-{number}@erased.invalid"}

    def _rules_of(self, body: Body) -> Rules:
        if (key := body["definition_hash"]) not in self._rules:
            if key not in self.definitions:
                name = f"{body['subject']} entry {body['seq']}"
                raise IncompleteError(f"{name}: its definition {key} is not in the export")
            self._rules[key] = Rules(json.loads(self.definitions[key]))
        return self._rules[key]

    def follow(self, body: Body, item: Subject) -> None:
        """Verify that an entry starts where its item was, by a way its definition has; fold it."""
        rules, kind = self._rules_of(body), body["type"]
        self.refuse(body["definition_hash"] not in self.published, "has an unpublished definition")
        if kind != "created":
            self._verify_start(body, item)
        judged_as = "transition" if kind == "signed_off" else kind
        if judge := getattr(self, f"_judge_{judged_as}", None):
            judge(body, item, rules)
        data = body["data"]
        item.into = data["into"] if kind == "gathered" else item.into
        if kind == "recused" or "kept_apart" in data:
            item.recused += (body["actor"],) if kind == "recused" else (*data["kept_apart"],)
        item.concerned = tuple(data.get("concerned", item.concerned))
        for each in data.get("files") or ():
            key = (body["subject"], each)
            named = self.files.get(key) or f"{key[0]} entry {body['seq']}"
            self.files[key] = "" if kind == "text_erased" else named
        if kind in CHANGES_ITEM:
            self._move(body, item)
        for holder, seat in data.get("holders") or ():
            if not self._may_hold(body, item, rules, [holder, seat]):
                self.fail(f"gives the item to somebody whom no rule finds: {holder}")

    def _judge_created(self, body: Body, item: Subject, rules: Rules) -> None:
        start, data = (body["version"], body["step"], body["from"]), body["data"]
        if item.seq or start != (1, 1, None) or body["decided_version"] is not None:
            self.fail("creates an item that exists")
        if body["to"] != rules.definition["initial"] or data["holders"] != [[body["actor"], None]]:
            self.fail("creates an item otherwise than its definition begins")
        item.author, department = body["actor"], data["department"]
        item.department = self._shared.setdefault(department, department)

    def _verify_start(self, body: Body, item: Subject) -> None:
        kind = body["type"]
        self.refuse(not item.seq, "is about an item that was not created")
        self.refuse(body["from"] != item.state, f"starts elsewhere, but the item was {item.state}")
        of = body["data"]["from_definition"] if kind == "migrated" else body["definition_hash"]
        self.refuse(of != item.definition, "follows another definition than its item")
        due = (item.version + 1, item.version) if kind in CHANGES_ITEM else (item.version, None)
        self.refuse((body["version"], body["decided_version"]) != due, "skips or repeats a version")
        was = (item.state, item.step, item.content_hash)
        if kind in {"transition", "undone"}:
            self.refuse(body["step"] != item.step + 1, "skips or repeats a step")
            self.refuse(body["content_hash"] != item.content_hash, "decides on another content")
        elif kind != "edited" and (body["to"], body["step"], body["content_hash"]) != was:
            only = "moves to another version" if kind == "migrated" else "adds to it"
            self.fail(f"changes state, step or content while it only {only}")

    def _move(self, body: Body, item: Subject) -> None:
        kind, to, share = body["type"], body["to"], self._shared.setdefault
        item.moves = item.moves if item.step == body["step"] else ()
        item.answers = item.answers if kind == "signed_off" else ()
        item.migrated = item.migrated or kind == "migrated"
        if to not in item.visited:
            item.visited = share((*item.visited, to), (*item.visited, to))
        last = (kind, body["seq"], body["from"], body["transition"], body["actor"])
        item.last, item.last_at, item.state = share(last, last), body["at"], share(to, to)
        item.version, item.step, of = body["version"], body["step"], body["definition_hash"]
        item.content_hash, item.definition = body["content_hash"], share(of, of)

    def _judge_transition(self, body: Body, item: Subject, rules: Rules) -> None:
        transition, actor, kind = body["transition"], body["actor"], body["type"]
        sign_off = rules.states[body["from"]].get("sign_off", {})
        answers = [sign_off[each] for each in sign_off if each not in {"approvals", "rejections"}]
        if kind == "signed_off" and transition not in answers:
            self.fail(f"answers what the definition does not ask in {body['from']}: {transition}")
        found = [
            self._objection(each, body, item, rules)
            for each in rules.moves.get((body["from"], transition), ())
            if kind == "signed_off" or body["to"] in each["to"]
        ]
        self.refuse(not found, f"has a transition that the definition does not have: {transition}")
        self.refuse(all(found), found[0])
        number, command = (body["data"].get("dispatch") or {}).get("number"), body["command_id"]
        if number or (kind != "signed_off" and transition in rules.carrying):
            self.carrying.add(hash((body["subject"], actor, command, number)))
        if by := body["data"].get("carried_by"):
            decision = (f"item:{by}", actor, command.removesuffix(body["subject"][4:]), number)
            self.carried[hash(decision)] = f"{body['subject']} entry {body['seq']}"
        if transition in rules.never_the_author and actor == item.author:
            self.fail(f"is by the author, who never takes {transition}")
        if not item.migrated and not rules.passages.get(body["to"], set()).issubset(item.visited):
            self.fail(f"leads to {body['to']} past a state that it must pass")
        if actor is None:
            return
        seat = actor if body["on_behalf_of"] is None else body["on_behalf_of"]
        for _, before, who, _ in item.taken:
            if who == actor and before in rules.apart.get(transition, ()):
                self.fail(f"is by who took {before}, which the definition keeps apart")
        if seat != actor and any(who == actor and seat != of for _, _, who, of in item.taken):
            self.fail("is by a stand-in who has acted on the item already")
        if transition in answers:
            self._answer(body, item, sign_off, seat)
        taken = (*item.taken, (body["seq"], transition, actor, seat))
        item.taken = self._shared.setdefault(taken, taken)

    def _objection(self, move: Json, body: Body, item: Subject, rules: Rules) -> str:
        actor, seat, data = body["actor"], body["on_behalf_of"], body["data"]
        by = "clock" if "recipient" in data and move.get("by_recipient") else move.get("by")
        guards = {guard["name"] for guard in move.get("guards", ())}
        wrong = {
            "is by the clock, or in place of it": (by == "clock") is not (actor is None),
            "is not by the author": by == "author" and not self._owns(body, item, rules),
            "is by somebody whom the item did not wait for": by in {None, "holder"}
            and not self._may_hold(body, item, rules, [actor, seat]),
            "was not proven by a second factor": move.get("second_factor")
            and body["method"] not in FACTORS,
            "came by a link, which its definition does not offer": body["via"] == "link"
            and not move.get("by_email"),
            "gives no reason": move.get("comment") == "required"
            and "comment" not in body["commitments"],
            "has no number": move.get("numbered") and not body["data"].get("dispatch"),
            "is not decided with the report that it goes with": "travels_alone" in guards
            and body["data"].get("carried_by") != item.into,
            "is by the author": "not_the_author" in guards and actor == item.author,
            "is by somebody of the item's own department": "another_department" in guards
            and actor is not None
            and all(each[1] == item.department for each in self.people[actor].at(body["at"])),
        }
        return next((what for what, is_so in wrong.items() if is_so), "")

    def _answer(self, body: Body, item: Subject, sign_off: Json, seat: int) -> None:
        data, answers = body["data"], {**dict(item.answers), seat: body["transition"]}
        self.refuse(data["seat"] != seat or dict(data["answers"]) != answers, "has other answers")
        item.answers = tuple(answers.items())
        members, approving = data["members"], [*answers.values()].count(sign_off["approve"])
        rejecting = len(answers) - approving
        is_approved = _suffices(sign_off["approvals"], approving, members)
        is_open = _suffices(sign_off["approvals"], members - rejecting, members)
        share = sign_off.get("rejections")
        is_rejected = is_open is False or (share and _suffices(share, rejecting, members))
        settled = is_approved if body["transition"] == sign_off["approve"] else is_rejected
        if settled is not None and bool(settled) is not (body["type"] == "transition"):
            self.fail("is settled by other answers than the definition asks for")

    def _may_hold(self, body: Body, item: Subject, rules: Rules, seat: list[int | None]) -> bool:
        (person, for_whom), barred = seat, (item.author, *item.recused, *item.concerned)
        if rules.states[item.state or ""].get("held_by_author"):
            return person == item.author and for_whom is None
        if person is None or person in barred or for_whom in barred:
            return False
        if for_whom is None:
            return person in item.moves or self._is_found(body, item, rules, person)
        is_found = self._is_found(body, item, rules, for_whom)
        return is_found and self._stands_in(body, rules, person, for_whom)

    def _is_found(self, body: Body, item: Subject, rules: Rules, person: int) -> bool:
        standings = self.people[person].at(body["at"]) if person in self.people else ()
        return any(rules.finds(item.state, item.department, each) for each in standings)

    def _owns(self, body: Body, item: Subject, rules: Rules) -> bool:
        actor, state, seat = body["actor"], rules.states[body["from"]], body["on_behalf_of"]
        is_found = state.get("held_by_author") and self._is_found(body, item, rules, actor)
        is_beside = is_found and actor not in (*item.recused, *item.concerned)
        return seat is None and bool(actor == item.author or is_beside)

    def _stands_in(self, body: Body, rules: Rules, person: int, for_whom: int) -> bool:
        today, given = instant(body["at"]).date(), self.people[for_whom].stand_ins.values()
        first, last = str(today + timedelta(1)), str(today - timedelta(1))
        return any(
            who == person and starts <= first and last <= ends and (not of or rules.kind in of)
            for who, starts, ends, of in given
        )

    def _judge_edited(self, body: Body, item: Subject, rules: Rules) -> None:
        state = rules.states[body["from"]]
        if not self._owns(body, item, rules) or not state.get("editable"):
            self.fail("edits what its author may not edit, or is not by the author")
        back = (state.get("edit_voids") or {}).get("to")
        is_said = (body["to"], body["step"]) in {(body["from"], item.step), (back, item.step + 1)}
        self.refuse(not is_said, "edits the item into a state which its definition does not say")

    def _judge_undone(self, body: Body, item: Subject, rules: Rules) -> None:
        said = ("transition", body["data"].get("undoes"), body["to"], body["transition"])
        self.refuse((last := item.last)[:4] != said, "undoes something else than the last decision")
        may = any(each.get("undo") for each in rules.moves.get((last[2], last[3]), ()))
        self.refuse(not may, "undoes what its definition does not let anybody undo")
        is_late = instant(body["at"]) - instant(item.last_at) > UNDO_WITHIN
        is_other = body["actor"] != last[4] and body["position"] not in OFFICE
        self.refuse(is_late or is_other, "undoes a decision of somebody else, or after ten minutes")
        item.taken = tuple(each for each in item.taken if each[0] != last[1])

    def _judge_reassigned(self, body: Body, item: Subject, rules: Rules) -> None:
        to, state = body["data"]["to"], rules.states[item.state or ""]
        named = {each for rule in state.get("holders") or () for each in rule["positions"]}
        self.refuse(body["position"] not in OFFICE, "is not by the Office")
        if not any(e.is_active and e.position in named for e in self.people[to].at(body["at"])):
            self.fail(f"gives the item to somebody whom no rule finds: {to}")
        item.moves = (*item.moves, to)


def _suffices(share: object, saying: int, members: int) -> bool | None:
    if share in ("any", "all"):
        return saying > 0 and (share == "any" or saying >= members)
    if not isinstance(share, dict) or share.get("of_each_group"):
        return None  # only the groups would tell
    if share.get("count"):
        return saying >= int(share["count"])
    return saying > 0 and saying * 100 >= int(share["percent"]) * members


class Checkpoint(NamedTuple):
    """A note as far as the standard library can read it; ``name`` says which file it is from."""

    name: str
    origin: str
    size: int
    root: bytes


NOTE = re.compile(  # origin, size and root of a checkpoint on a line each, wherever they stand
    r"(?m)^(?:> ?)?(thidua/[^\s+]+)\r?\n(?:> ?)?([0-9]{1,18})\r?\n(?:> ?)?([A-Za-z0-9+/]{43}=)\r?$"
)
SIGNED = re.compile(  # a whole note (C2SP tlog-checkpoint in a signed-note)
    r"(thidua/[^\s+]+)\n(0|[1-9][0-9]{0,17})\n([A-Za-z0-9+/]{43}=)\n\n"
    r"((?:\u2014 [^\s+]+ [A-Za-z0-9+/]{8,}={0,2}\n)+)"
)


def read_checkpoints(path: Path) -> list[Checkpoint]:
    """Return the checkpoints in a note or a saved mail. Raises ValueError where there is none."""
    notes = {note for text in _texts_of(path.read_bytes()) for note in NOTE.findall(text)}
    found = [(origin, int(size), b64decode(root)) for origin, size, root in notes]
    if not found:
        raise ValueError(f"{path.name} holds no checkpoint")
    return [Checkpoint(path.name, *each) for each in sorted(found)]


def read_own_checkpoint(name: str, raw: bytes) -> tuple[Checkpoint, list[str]]:
    """Return a checkpoint of an export by its file, and name and id of the keys that signed it."""
    note = SIGNED.fullmatch(raw.decode("utf-8", "replace"))
    root = b64decode(note[3]) if note else b""
    written = f"checkpoints/{int(note[2]):012}.txt" if note else None
    if not note or (name, note[3]) != (written, b64encode(root).decode()):
        raise TamperedError(f"{name} is no checkpoint of its size")
    by = [k for n, k in re.findall(r" (\S+) (\S{8})", note[4]) if n == note[1]]
    keys = [f"{note[1]}+{b64decode(each)[:4].hex()}" for each in by]
    return Checkpoint(name, note[1], int(note[2]), root), keys


def _texts_of(raw: bytes) -> Iterator[str]:
    yield raw.decode("utf-8-sig", "replace")
    for part in email.message_from_bytes(raw).walk():
        if part.get_content_maintype() == "text":
            yield bytes(part.get_payload(decode=True) or b"").decode("utf-8", "replace")


class Log:
    """The tree over all entries while it grows (RFC 6962), and the checkpoints to be passed."""

    def __init__(self, checkpoints: Iterable[Checkpoint], report: Report) -> None:
        self._report = report
        self._wanted: dict[int, list[Checkpoint]] = {}
        for each in checkpoints:
            self._wanted.setdefault(each.size, []).append(each)
        self._origins = {each.origin for group in self._wanted.values() for each in group}
        self._peaks: list[tuple[int, bytes]] = []

    def sealing(self, lines: Iterable[Line], log: Iterable[Json]) -> Iterator[Line]:
        """Yield the entries, each compared with its line of the log; the rest is open."""
        require(len(self._origins) <= 1, "the checkpoints", "are of different logs")
        for position, (line, place) in enumerate(zip_longest(lines, log)):
            if line is None:
                raise IncompleteError(f"the log goes on at position {position}")
            if place and (place["position"], place["hash"]) != (position, line["hash"]):
                name = f"{line['subject']} entry {line['seq']}"
                raise TamperedError(f"{name} is not what the log has at position {position}")
            yield line
            if place:
                self._add(line)
        for size, missed in sorted(self._wanted.items()):
            end = f"the log ends after {self._report.sealed}"
            raise IncompleteError(f"{missed[0].name} is of {size} entries, {end}")

    def _add(self, line: Line) -> None:
        level, found = 0, sha256(b"\x00" + bytes.fromhex(line["hash"])).digest()
        while self._peaks and self._peaks[-1][0] == level:
            found = sha256(b"\x01" + self._peaks.pop()[1] + found).digest()
            level += 1
        self._peaks.append((level, found))
        self._report.sealed += 1
        for each in self._wanted.pop(self._report.sealed, ()):
            span = f"from {(self._report.checkpoints or [0])[-1]} to {each.size - 1}, up to"
            name = f"{each.name} (size {each.size}): an entry at position {span} {line['subject']}"
            require(self._root() == each.root, name, f"entry {line['seq']}, is not what was there")
            self._report.checkpoints.append(each.size)

    def _root(self) -> bytes:
        found = b""
        for _, each in reversed(self._peaks):
            found = sha256(b"\x01" + each + found).digest() if found else each
        return found


def verify_entries(
    lines: Lines, definitions: Definitions, report: Report | None = None, texts: Lines | None = None
) -> Verifier:
    """Verify entries in the order of the log; ``texts`` that they committed to in the same one."""
    verifier = Verifier(definitions, report)
    verifier.missing = None if texts is None else {}
    groups = groupby(texts or (), lambda row: (row["subject"], row["seq"]))
    of, group = next(groups, (None, iter(())))
    for line in lines:
        body = verifier.add(line)
        if of == (line["subject"], line["seq"]):
            verifier.verify_texts(body, group)
            of, group = next(groups, (None, iter(())))
        elif body["commitments"]:
            verifier.verify_texts(body, ())
    if of:
        found = verifier.report.subjects.get(of[0], Subject()).seq
        if found < of[1]:
            raise IncompleteError(f"{of[0]}: entries after {found} are missing, a text has {of[1]}")
        raise TamperedError(f"{of[0]} entry {of[1]}: a text belongs to no commitment")
    for (subject, seq), names in (verifier.missing or {}).items():
        for name in sorted(names):
            raise IncompleteError(f"{subject} entry {seq}: its {name} is missing, and not erased")
    for decision, name in verifier.carried.items():
        require(decision in verifier.carrying, name, "goes along with a decision that is not there")
    return verifier


def verify_commands(fingerprints: Iterable[int], again: Iterable[Line]) -> None:
    """Verify that nobody used a command's id twice; ``again``: the entries once more."""
    ordered, seen = sorted(fingerprints), set()
    doubled = {each for place, each in enumerate(ordered[1:]) if each == ordered[place]}
    for line in again if doubled else ():
        body = json.loads(line["body"])
        command = (body["actor"], body["command_id"])
        if body["actor"] is not None and hash(command) in doubled:
            name = f"{line['subject']} entry {line['seq']}"
            require(command not in seen, name, f"uses the command {command[1]} again")
            seen.add(command)


def verify_items(lines: Iterable[Json], report: Report) -> None:
    """Verify that the table of items says what the history says."""
    listed = set()
    for line in lines:
        name = f"item:{line['code']}"
        item = report.subjects.get(name) or Subject()
        if not item.seq or item.seq < line["seq"]:
            missing = f"entries after {item.seq} are missing, the item has {line['seq']}"
            raise IncompleteError(f"{name}: {missing}")
        require(name not in listed, name, "has two rows")
        listed.add(name)
        is_end = item.seq == line["seq"] and item.head == line["head"]
        require(is_end, name, "ends at another entry than its row says")
        for key in ("state", "version", "step", "content_hash"):
            said = getattr(item, key)
            require(said == line[key], name, f"has {key} {line[key]}, but its history says {said}")
    for name in (e for e in report.subjects if e.startswith("item:") and e not in listed):
        raise IncompleteError(f"{name} has a history, but no row in items.jsonl")


def verify_people(rows: Iterable[Json], people: Mapping[int, Person]) -> None:
    """Verify that the people listed are those of the history, by the names it committed to."""
    listed = set()
    for row in rows:
        name = f"person:{row['id']}"
        require(row["id"] in people, name, "is listed, but was never added")
        require(row["id"] not in listed, name, "has two rows")
        listed.add(row["id"])
        for key in ("name", "email"):
            is_same = row[key] == people[row["id"]].texts.get(key, row[key])
            require(is_same, name, f"is listed by another {key} than the history has")
    for each in sorted(people.keys() - listed):
        raise IncompleteError(f"person:{each} has a history, but no row in people.jsonl")


def read_lines(path: Path) -> Iterator[Json]:
    """Yield the objects of a JSON lines file; each line must be written as FORMAT.md says."""
    if not path.exists():
        raise IncompleteError(f"the file {path.name} is missing")
    *first, last = members = ROWS[path.name]
    forms = (f'"{key}":{WRITTEN[members[key]] % key},' for key in first)
    head = re.compile("{" + "".join(forms) + f'"{last}":')
    numbers = [key for key in first if members[key] is int]
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            line: Json = {}
            try:
                text = raw.decode()
                if found := head.match(text):
                    line = {**found.groupdict(), **{key: int(found[key]) for key in numbers}}
                    line[last] = text[found.end() + 1 : -3].replace('\\"', '"')  # as it mostly is
                is_written = found and text == f"{found[0]}{quote(line[last])}}}\n"
                if found and not is_written:
                    line[last], _ = read(text, found.end())
                    is_written = text == f"{found[0]}{quote(line[last])}}}\n"
            except (ValueError, RecursionError, TypeError):
                is_written = None
            if not is_written:
                entry = f"{line['subject']} entry {line['seq']}" if "subject" in line else "it"
                what = f"is not JSON as the format writes it, or {entry} has other members"
                raise TamperedError(f"{path.name} line {number} {what}")
            yield line


def read_definitions(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield each definition by the hash of its file, which must be its name."""
    if not (folder / "definitions").is_dir():
        raise IncompleteError("the folder definitions is missing")
    for path in sorted((folder / "definitions").glob("*")):
        text = path.read_bytes()
        if f"{sha256(text).hexdigest()}.json" != path.name:
            raise TamperedError(f"definitions/{path.name} does not have the hash that is its name")
        yield path.stem, text


def verify_sums(folder: Path) -> bool:
    """Verify the hashes in SHA256SUMS where there are some; return whether there are."""
    if not (folder / "SHA256SUMS").exists():
        return False
    text = (folder / "SHA256SUMS").read_bytes().decode("utf-8", "replace")
    require(text.endswith("\n"), "SHA256SUMS", "was cut off")
    for line in text[:-1].split("\n"):
        expected, _, name = line.partition("  ")
        if name in {"people.jsonl", "salts.jsonl"} and not (folder / name).exists():
            continue
        if not (folder / name).is_file():
            raise IncompleteError(f"the file {name!r} is missing")
        digest = sha256()
        with (folder / name).open("rb") as file:
            for piece in iter(lambda: file.read(1 << 20), b""):
                digest.update(piece)
        require(digest.hexdigest() == expected, name, "is not the file that was exported")
    return True


def verify_files(folder: Path, named: Mapping[tuple[str, str], str]) -> None:
    """Verify the bytes of each file that an entry names, by their hash."""
    listed = {path.name: sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}
    wanted = {of_hash: entry for (_, of_hash), entry in named.items() if entry}
    for of_hash, entry in wanted.items():
        if of_hash not in listed:
            raise IncompleteError(f"{entry}: the file {of_hash} is missing")
        require(listed[of_hash] == of_hash, entry, f"named the file {of_hash}, which is another")
    for each in listed:
        require(each in wanted, f"files/{each}", "is named by no entry")


def verify_folder(folder: Path, outside: Iterable[Checkpoint] = ()) -> Report:
    """Verify a whole export, also against checkpoints from ``outside`` it."""
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder} is not a folder: give the folder of an export")
    notes = {f"checkpoints/{e.name}": e for e in sorted((folder / "checkpoints").glob("*"))}
    own = [read_own_checkpoint(name, path.read_bytes()) for name, path in notes.items()]
    definitions = dict(read_definitions(folder))
    log = Log([*(each for each, _ in own), *outside], report := Report())
    texts = read_lines(folder / "salts.jsonl") if (folder / "salts.jsonl").exists() else None
    lines = log.sealing(read_lines(folder / "entries.jsonl"), read_lines(folder / "log.jsonl"))
    verifier = verify_entries(lines, definitions, report, texts)
    verify_commands(verifier.commands, read_lines(folder / "entries.jsonl"))
    verify_items(read_lines(folder / "items.jsonl"), report)
    for key in definitions:
        require(key in verifier.published, f"definitions/{key}.json", "was never published")
    known = {"+".join(each.split("+")[:2]) for each in verifier.keys}
    for checkpoint, keys in own:
        require(known.intersection(keys), checkpoint.name, "is signed by no key of the history")
    if (folder / "people.jsonl").exists():
        verify_people(read_lines(folder / "people.jsonl"), verifier.people)
    report.unchecked += [] if texts is not None else ["names and addresses of people"]
    report.unchecked += [f"a second person for {each}" for each in verifier.relaxed]
    if (folder / "files").is_dir():
        verify_files(folder / "files", verifier.files)
    else:
        report.unchecked.append("bytes of attached files, which are not in the export")
    if not verify_sums(folder):
        report.unchecked.append("bytes that nothing commits to, for there is no SHA256SUMS")
    return report


def main(arguments: list[str]) -> int:
    """Verify the export named in ``arguments`` and return the exit status."""
    folder, *files = map(Path, arguments or ["no folder"])
    try:
        outside = [each for path in files for each in read_checkpoints(path)]
        report = verify_folder(folder, outside)
    except (OSError, ValueError) as exc:
        print(f"{exc}\nusage: verify_history.py EXPORT_FOLDER [FILE ...]", file=sys.stderr)
        return USAGE
    except (TamperedError, IncompleteError) as exc:
        is_tampered = isinstance(exc, TamperedError)
        print(f"{'TAMPERED' if is_tampered else 'INCOMPLETE'}: {exc}")
        return TAMPERED if is_tampered else INCOMPLETE
    print(f"OK: {report.entries} entries of {len(report.subjects)} subjects")
    print(f"In the log: {report.sealed}; checkpoints that agree: {len(report.checkpoints)}")
    if report.entries > max(report.checkpoints, default=0):
        print("UNDECIDED: entries after the last checkpoint may still have been exchanged")
    told = ["signatures of checkpoints", "time-stamps", "conditions in CEL", *report.unchecked]
    print("UNCHECKED:", "; ".join(told))
    return OK


if __name__ == "__main__":
    gc.disable()  # what is read makes no cycles, and to look for them costs time
    raise SystemExit(main(sys.argv[1:]))
