"""Histories as the product writes them, made without a database: for the verifiers and the bench.

Owns an agency of the sample's positions, and items that go through a definition as its rules allow.
The same seed makes the same history.
"""

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from tests.agency_events import AgencyEvents
from workflow import canonical
from workflow.definition import load_definition
from workflow.history import checkpoints, verify_history
from workflow.rules import vocabulary

ROOT = Path(__file__).parents[1]
START = datetime(2022, 5, 4, 1, tzinfo=UTC)
ORIGIN = checkpoints.origin_of("00112233445566aa")
PRIVATE = checkpoints.signing_key(b"k" * 32)
KEY = str(checkpoints.verifier_key(ORIGIN, PRIVATE))
DEPARTMENTS = ("hop-tac-quoc-te", "lanh-su", "quan-ly-bien-gioi")
PEOPLE: dict[int, tuple[str, str | None]] = {
    number: (position, department)
    for number, (position, department) in enumerate(
        [
            *((position, each) for each in DEPARTMENTS for position in ("staff", "head", "deputy")),
            ("chief", "van-phong"), ("officer", "van-phong"), ("clerk", None), ("director", None),
            ("deputy_director", None), ("auditor", None), ("admin", None),
        ],
        1,
    )
}  # fmt: skip
CHIEF, OFFICER, CLERK, DIRECTOR, DEPUTY_DIRECTOR = 10, 11, 12, 13, 14
BESIDE = 0.15
"""How much of a history is about something else than items."""
ADVICE: dict[str, Any] = {
    "id": "advice",
    "version": 1,
    "initial": "drafted",
    "states": [
        {"id": "drafted", "held_by_author": True, "editable": True},
        {
            "id": "asked",
            "holders": [
                {"positions": ["head"], "within": "department"},
                {"positions": ["chief", "officer"]},
            ],
            "sign_off": {"approve": "agree", "reject": "refuse", "approvals": {"count": 2}},
        },
        {"id": "agreed", "final": True},
        {"id": "refused", "final": True},
    ],
    "transitions": [
        {"id": "ask", "from": ["drafted"], "to": ["asked"], "by": "author"},
        {"id": "agree", "from": ["asked"], "to": ["agreed"], "by_email": True},
        {"id": "refuse", "from": ["asked"], "to": ["refused"], "by_email": True},
    ],
}
"""As far as a verifier reads a definition: several who sign off."""


def definition_texts() -> list[str]:
    """Return the canonical texts of the definitions that items follow here."""
    nomination = (ROOT / "definitions" / "nomination.yaml").read_text("utf-8")
    loaded = load_definition(nomination, "nomination.yaml", vocabulary())
    return [loaded.text, canonical.encode(ADVICE).decode()]


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(slots=True)
class Drafted:
    """An item on its way."""

    code: str
    author: int
    department: str
    definition: str
    state: str
    content: str
    version: int = 1
    step: int = 1
    seq: int = 1
    head: str = ""
    answers: list[list[Any]] = field(default_factory=list)
    concerned: list[int] = field(default_factory=list)


class History:
    """Makes lines in the order of the log; ``ends``: where each subject is."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - the same again
        self.at = START
        self.ends: dict[str, tuple[int, str]] = {}
        self.items: list[Drafted] = []
        self.definitions = {_sha(each): each for each in definition_texts()}
        self.nomination, self.advice = self.definitions
        self.texts: list[dict[str, Any]] = []
        self.files: dict[str, bytes] = {}
        self.commands = 0
        self.events = AgencyEvents(self.random, PEOPLE)

    def line(self, subject: str, kind: str, data: dict[str, Any], **members: Any) -> dict[str, Any]:
        """Return the next line of ``subject``; ``texts`` among the members become commitments."""
        seq, prev = self.ends.get(subject, (0, verify_history.GENESIS))
        self.commands += 1
        self.at += timedelta(seconds=self.random.random() * 4)
        commitments = {}
        for name, text in members.pop("texts", {}).items():
            salt = self.random.randbytes(32)
            commitments[name] = hashlib.sha256(salt + text.encode()).hexdigest()
            self.texts.append(
                {"subject": subject, "seq": seq + 1, "name": name, "salt": salt.hex(), "text": text}
            )
        body = {
            **_EMPTY, "v": 1, "subject": subject, "seq": seq + 1, "type": kind, "data": data,
            "at": canonical.instant(self.at), "command_id": f"c{self.commands}",
            "commitments": commitments, **members,
        }  # fmt: skip
        return self.appended(subject, seq + 1, prev, canonical.encode(body).decode())

    def appended(self, subject: str, seq: int, prev: str, body: str) -> dict[str, Any]:
        """Return a line, which is the end of its subject from now on."""
        digest = hashlib.sha256(b"\x02" + bytes.fromhex(prev) + body.encode()).hexdigest()
        self.ends[subject] = (seq, digest)
        return {"subject": subject, "seq": seq, "prev": prev, "hash": digest, "body": body}

    def founding(self) -> Iterator[dict[str, Any]]:
        """Yield how the agency begins: its definitions, people and the key of its checkpoints."""
        yield self.line("agency", "genesis", {"deployment": "00112233445566aa", "software": "1"})
        for of_hash, text in self.definitions.items():
            said = orjson.loads(text)
            yield self.line(
                f"definition:{said['id']}", "definition_published", {"version": said["version"]},
                definition_hash=of_hash,
            )  # fmt: skip
        for number, (position, department) in PEOPLE.items():
            yield self.line(
                f"person:{number}", "person_added", {"department": department, "is_active": True},
                position=position, via="import",
                texts={"email": f"p{number}@so.example", "name": f"Người số {number}"},
            )  # fmt: skip
        yield self.line("agency", "checkpoint_key_added", {"key": KEY}, via="clock")

    def drafted(self, kind: str) -> Iterator[dict[str, Any]]:
        """Yield an item's beginning."""
        department = self.random.choice(DEPARTMENTS)
        author = 1 + DEPARTMENTS.index(department) * 3
        item = Drafted(
            code=f"DN-2022-{len(self.items) + 1:04}", author=author, department=department,
            definition=kind, state="drafted", content=self.random.randbytes(32).hex(),
            concerned=[author + 2] if self.random.random() < 0.1 else [],
        )  # fmt: skip
        self.items.append(item)
        data = {
            "holders": [[author, None]],
            "due_at": None,
            "campaign": "c",
            "department": department,
            **({"concerned": item.concerned} if item.concerned else {}),
        }
        yield self.line(
            f"item:{item.code}", "created", data, actor=author, position="staff", via="page",
            method="session", to="drafted", version=1, step=1, content_hash=item.content,
            definition_hash=kind,
        )  # fmt: skip

    def holders(self, item: Drafted) -> list[list[Any]]:
        """Return who holds an item where it is."""
        first = 1 + DEPARTMENTS.index(item.department) * 3
        return [
            [each, None]
            for each in {
                "drafted": [item.author], "submitted": [first + 1, first + 2],
                "department_approved": [CHIEF, OFFICER], "office_reviewed": [DIRECTOR],
                "director_signed": [CLERK], "sent_to_ban_tdkt": [CLERK], "received": [CLERK],
                "asked": [first + 1, CHIEF, OFFICER],
            }.get(item.state, [])
            if each not in {*(seat for seat, _ in item.answers), *item.concerned}
        ]  # fmt: skip

    def due(self) -> str:
        """Return when a step is due: at the end of a day."""
        day = self.at + timedelta(days=self.random.randrange(2, 6))
        return canonical.instant(day.replace(hour=10, minute=0, second=0, microsecond=0))

    def moved(
        self, item: Drafted, transition: str, to: str, actor: int, **more: Any
    ) -> dict[str, Any]:
        """Return the entry of a decision that moves an item."""
        before, item.state, item.answers = item.state, to, []
        item.version, item.step = item.version + 1, item.step + 1
        data = {"holders": self.holders(item), "due_at": self.due(), **more.pop("data", {})}
        members = {"via": "link", "method": "link", **more}
        return self.line(
            f"item:{item.code}", "transition", data, actor=actor, position=PEOPLE[actor][0],
            transition=transition, version=item.version, step=item.step, to=to,
            decided_version=item.version - 1, content_hash=item.content,
            definition_hash=item.definition, **{"from": before}, **members,
        )  # fmt: skip

    def in_place(
        self, item: Drafted, kind: str, actor: int | None, data: dict[str, Any], **more: Any
    ) -> dict[str, Any]:
        """Return an entry that leaves an item where it is."""
        ways = {} if actor is None else {"via": "page", "method": "session"}
        if actor is not None:
            ways["position"] = PEOPLE[actor][0] or ""
        return self.line(
            f"item:{item.code}", kind, data, actor=actor, to=item.state, version=item.version,
            step=item.step, content_hash=item.content, definition_hash=item.definition,
            **{"from": item.state, **ways, **more},
        )  # fmt: skip

    def edited(self, item: Drafted) -> dict[str, Any]:
        """Return the entry of an edit."""
        item.content, item.version = self.random.randbytes(32).hex(), item.version + 1
        files = [_sha(item.content)] if item.content < "6" else []
        self.files.update(dict.fromkeys(files, item.content.encode()))
        return self.in_place(
            item, "edited", item.author, {"files": files}, decided_version=item.version - 1
        )

    def lived(self, item: Drafted) -> Iterator[dict[str, Any]]:
        """Yield an item's life to its end, by this way or that."""
        chance = self.random.random
        if chance() < 0.5:
            yield self.edited(item)
        if item.definition == self.advice:
            yield from self._asked(item)
            return
        page = {"via": "page", "method": "session"}
        head = item.author + (1 if item.concerned else self.random.randrange(1, 3))
        office = self.random.choice((CHIEF, OFFICER))
        yield self.moved(item, "submit", "submitted", item.author, **page)
        if chance() < 0.15:
            yield self.moved(item, "return", "drafted", head, texts={"comment": "Bổ sung số liệu"})
            yield self.edited(item)
            yield self.moved(item, "submit", "submitted", item.author, **page)
        if chance() < 0.2:
            yield self.in_place(item, "commented", head, {}, texts={"comment": "Đã xem"})
        yield self.moved(item, "approve_department", "department_approved", head)
        if chance() < 0.1:
            item.state, before = "submitted", item.state
            item.version, item.step = item.version + 1, item.step + 1
            data = {
                "holders": self.holders(item),
                "due_at": None,
                "undoes": self.ends[f"item:{item.code}"][0],
            }
            yield self.in_place(
                item, "undone", head, data, transition="approve_department",
                decided_version=item.version - 1, **{"from": before},
            )  # fmt: skip
            yield self.moved(item, "approve_department", "department_approved", head)
        if chance() < 0.1:
            yield self.in_place(item, "holders_changed", None, {"holders": self.holders(item)})
        yield self.moved(item, "review_office", "office_reviewed", office)
        yield self.moved(item, "sign_director", "director_signed", DIRECTOR, method="pin")
        sent = {"number": f"{self.commands}/TTr", "issued_on": "2022-06-01", "channel": "mail"}
        yield self.moved(item, "send_to_board", "sent_to_ban_tdkt", CLERK, data={"dispatch": sent})
        yield self.moved(item, "acknowledge", "received", CLERK, **page)
        yield self.moved(item, "record_award", "awarded", CLERK, **page)
        if chance() < 0.05:
            data = {"decided_on": "2023-03-01", "number": "45/QĐ-SNgV"}
            yield self.in_place(item, "award_withdrawn", CLERK, data, texts={"comment": "Có đơn"})

    def _asked(self, item: Drafted) -> Iterator[dict[str, Any]]:
        yield self.moved(item, "ask", "asked", item.author, via="page", method="session")
        order = [each for each, _ in self.holders(item)]
        self.random.shuffle(order)
        answer, to = self.random.choice((("agree", "agreed"), ("refuse", "refused")))
        first, second = order[:2]
        item.answers.append([first, answer])
        item.version += 1
        given = {"seat": first, "answers": list(item.answers), "members": 3}
        yield self.in_place(
            item, "signed_off", first, {"holders": self.holders(item), "due_at": None, **given},
            transition=answer, decided_version=item.version - 1,
        )  # fmt: skip
        given = {"seat": second, "answers": [*item.answers, [second, answer]], "members": 3}
        yield self.moved(item, answer, to, second, data=given)

    def entries(self, count: int, at_once: int = 4) -> Iterator[dict[str, Any]]:
        """Yield the founding and then items side by side, until ``count`` entries are there."""
        made = 0
        for line in self.founding():
            yield line
            made += 1
        lives: list[Iterator[dict[str, Any]]] = []
        while made < count:
            if self.random.random() < BESIDE:
                subject, kind, members = self.events.next()
                yield self.line(subject, kind, members.pop("data"), **members)
                made += 1
                continue
            if len(lives) < at_once:
                kind = self.advice if self.random.random() < 0.2 else self.nomination
                yield from self.drafted(kind)
                made += 1
                lives.append(self.lived(self.items[-1]))
                continue
            life = self.random.choice(lives)
            try:
                yield next(life)
                made += 1
            except StopIteration:
                lives.remove(life)

    def item_rows(self) -> Iterator[dict[str, Any]]:
        """Yield the lines of ``items.jsonl``."""
        for each in self.items:
            seq, head = self.ends[f"item:{each.code}"]
            yield {
                "code": each.code, "state": each.state, "version": each.version,
                "step": each.step, "content_hash": each.content, "seq": seq, "head": head,
            }  # fmt: skip


_EMPTY: dict[str, Any] = {
    "actor": None, "on_behalf_of": None, "position": None, "via": "cli", "method": "none",
    "transition": None, "from": None, "to": None, "version": None, "step": None,
    "decided_version": None, "content_hash": None, "definition_hash": None,
}  # fmt: skip


def judged(definition: str, body: dict[str, Any], item: verify_history.Subject) -> None:
    """Judge an entry of ``item``, which follows ``definition``, and fold it."""
    verifier = verify_history.Verifier({"d": definition})
    verifier.published.add("d")
    whole = {**_EMPTY, "subject": "item:x", "data": {}, "at": "2022-06-15T02:12:00.000000Z", **body}
    verifier.line = whole = {"seq": item.seq + 1, **whole, "definition_hash": "d"}
    verifier.follow(whole, item)
