"""The main job without a person: real HTTP, real SMTP, a moving clock, one line for each step.

A nomination and a department report go from draft to sent; every decision after ``submit`` is made
by a link taken from a mail that arrived. Fixed Idempotency-Keys: on existing data it completes what
is missing, on finished data it verifies.
"""

import asyncio
import html
import json
import re
import secrets
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypedDict, TypeVar

from api.auth.sessions import fingerprint, new_secret
from api.auth.tokens import CreateToken
from api.cli.demo.demo import Demo
from notifications.reminder_register import ReminderRow
from notifications.tick import tick
from notifications.translation import translate
from workflow.model import ReminderState
from workflow.queries.audit import verify_database
from workflow.store import people

_Value = TypeVar("_Value")
CAMPAIGN = "toan-dan-bao-ve-antq-2022"
PIN = "246810"
_WAIT_SECONDS = 60
_SENT = "sent_to_ban_tdkt"
_NEXT = {
    "submitted": "approve_department",
    "department_approved": "review_office",
    "office_reviewed": "sign_director",
    "director_signed": "send_to_board",
}
DEPARTMENTS = ["hop-tac-quoc-te", "lanh-su", "quan-ly-bien-gioi"]
_STAFF = {"staff.htqt@so.example", "staff.ls@so.example", "staff.bg@so.example"}
_HEADS = {"head.htqt@so.example", "head.ls@so.example", "head.bg@so.example"}
_DIRECTORATE = {"director@so.example", "deputy.director@so.example"}
_HTQT = {"staff.htqt@so.example", "head.htqt@so.example"}
DEADLINES = {"interim": "2022-06-17T17:00:00+07:00", "final": "2022-12-31T17:00:00+07:00"}
EXPECTED = {
    # Counted by hand on the calendars; htqt delivers its interim report before the first rung.
    "interim": {
        "2022-06-03": _STAFF - _HTQT,
        "2022-06-10": (_STAFF | _HEADS) - _HTQT,
        "2022-06-16": (_STAFF | _HEADS) - _HTQT,
        "2022-06-20": (_STAFF | _HEADS) - _HTQT,
        "2022-06-22": (_STAFF | _HEADS | _DIRECTORATE) - _HTQT,
    },
    # 31/12/2022 is a Saturday, so it is due on 30/12; 02/01/2023 is off for New Year's Day.
    "final": {
        "2022-12-16": _STAFF,
        "2022-12-23": _STAFF | _HEADS,
        "2022-12-29": _STAFF | _HEADS,
        "2023-01-03": _STAFF | _HEADS,
        "2023-01-05": _STAFF | _HEADS | _DIRECTORATE,
    },
}


class _Holder(TypedDict):
    email: str


class _ItemAnswer(TypedDict):
    """What is read of an item's answer."""

    code: str
    state: str
    title: str
    version: int
    holders: list[_Holder]


class FailedError(Exception):
    """A step did not come out as it should; the message says which."""


@dataclass(slots=True)
class Player:
    """Plays the job against a running demo."""

    demo: Demo
    base_url: str
    loop: asyncio.AbstractEventLoop
    tell: Callable[[str], None]
    _tokens: dict[str, str]

    def play(self) -> None:
        """Play everything. Raises FailedError."""
        deadlines = {kind: self._set_deadline(kind, due_at) for kind, due_at in DEADLINES.items()}
        for kind in ("nomination", "department_report"):
            self._take_to_board(kind)
        for kind in ("interim", "final"):
            self._pass_rungs(kind, deadlines[kind])
        self._verify()

    def _set_deadline(self, kind: str, due_at: str) -> int:
        body = {"campaign": CAMPAIGN, "kind": kind, "departments": DEPARTMENTS, "due_at": due_at}
        found = self._call(
            "officer@so.example", "POST", "/deadlines", body, key=f"headless-deadline-{kind}"
        )
        self.tell(
            translate(
                "deadline {kind}: {due_at} for {total} departments",
                kind=kind,
                due_at=found["due_at"],
                total=len(DEPARTMENTS),
            )
        )
        return int(found["id"])

    def _take_to_board(self, kind: str) -> None:
        author = "staff.htqt@so.example"
        body = self._call(author, "GET", f"/definitions/{kind}/example")
        code = self._call(author, "POST", "/items", body, key=f"headless-create-{kind}")["code"]
        item = self._call(author, "GET", f"/items/{code}")
        self.tell(f"{code}: {item['state']}, {item['title']}")
        if item["state"] == "drafted":
            request = {"transition": "submit", "version": item["version"]}
            item = self._call(
                author, "POST", f"/items/{code}/transitions", request, key=f"headless-submit-{kind}"
            )
            self.tell(
                translate(
                    "{code}: submitted through the API, waiting for {names}",
                    code=code,
                    names=", ".join(each["email"] for each in item["holders"]),
                )
            )
        while item["state"] in _NEXT:
            item = self._decide_by_link(author, item)
        require(
            item["state"] == _SENT,
            translate("{code} stopped at {state}", code=code, state=item["state"]),
        )
        self._require_notices(code)

    def _decide_by_link(self, author: str, item: _ItemAnswer) -> _ItemAnswer:
        decision = _NEXT[item["state"]]
        holders = {each["email"] for each in item["holders"]}
        ends_at = time.monotonic() + _WAIT_SECONDS
        while time.monotonic() < ends_at:
            for url, recipient in self._links(item["code"], holders):
                page = _fetch(url)
                version = re.search(r'name="version" value="(\d+)"', page)
                if version is None or f'value="{decision}"' not in page:
                    continue
                form = {
                    "decision": decision,
                    "version": html.unescape(version[1]),
                    "comment": "",
                    "pin": PIN if decision == "sign_director" else "",
                }
                _fetch(url, form)
                self.tell(
                    translate(
                        "{code}: {decision} by the link in the mail to {recipient}",
                        code=item["code"],
                        decision=decision,
                        recipient=recipient,
                    )
                )
                decided: _ItemAnswer = self._call(author, "GET", f"/items/{item['code']}")
                return decided
            time.sleep(0.05)
        raise FailedError(
            translate(
                "{code}: no mail with a link for the step {state} arrived",
                code=item["code"],
                state=item["state"],
            )
        )

    def _links(self, code: str, holders: set[str]) -> list[tuple[str, str]]:
        """Return the links mailed about ``code`` to ``holders``, newest first."""
        mails = [
            each
            for each in self.demo.mailbox.mails()
            if code in each.subject and each.recipient in holders
        ]
        # A demo that starts again may have another port; the token in the mail is what counts.
        return [
            (f"{self.base_url}/a/{link.rpartition('/')[2]}", each.recipient)
            for each in reversed(mails)
            for link in each.decision_links
        ]

    def _require_notices(self, code: str) -> None:
        wanted = {"ban-tdkt@tinh.example", "cong-an@tinh.example"}
        ends_at = time.monotonic() + _WAIT_SECONDS
        while time.monotonic() < ends_at:
            told = {each.recipient for each in self.demo.mailbox.mails() if code in each.text}
            if wanted <= told:
                self.tell(
                    translate(
                        "{code}: sent to the board; the board and the provincial police "
                        "received the notice",
                        code=code,
                    )
                )
                return
            time.sleep(0.05)
        raise FailedError(
            translate("{code}: the board or the provincial police received no notice", code=code)
        )

    def _pass_rungs(self, kind: str, deadline: int) -> None:
        for day, wanted in EXPECTED[kind].items():
            self._go_to(datetime.fromisoformat(f"{day}T08:00:01+07:00"))
            self._require_reminders(kind, deadline, day, wanted)
        rows = [row for row in self._ledger() if row.deadline == deadline and row.rung]
        days = {self._local_day(row) for row in rows}
        require(
            days <= set(EXPECTED[kind]),
            translate(
                "{kind} reminders also went out on other days: {days}",
                kind=kind,
                days=sorted(days - set(EXPECTED[kind])),
            ),
        )

    def _go_to(self, moment: datetime) -> None:
        """Move the clock to ``moment``, unless it is past it already, and let it tick."""
        self.demo.clock.advance(max(moment - self.demo.clock.now(), timedelta(0)))
        self._run(tick(self.demo.parts.database, self.demo.parts.reminders))
        delivery = self.demo.parts.delivery
        if delivery is not None:
            delivery.wake()

    def _require_reminders(self, kind: str, deadline: int, day: str, wanted: set[str]) -> None:
        ends_at = time.monotonic() + _WAIT_SECONDS
        reached: set[str] = set()
        while time.monotonic() < ends_at:
            rows = [
                row
                for row in self._ledger()
                if row.deadline == deadline and row.rung and self._local_day(row) == day
            ]
            reached = {self._email(row) for row in rows if row.state == ReminderState.SENT}
            if reached >= wanted and not any(row.state == ReminderState.PLANNED for row in rows):
                break
            time.sleep(0.05)
        require(
            reached == wanted,
            translate(
                "{kind} reminders on {day}: reached {reached}, should be {wanted}",
                kind=kind,
                day=day,
                reached=sorted(reached),
                wanted=sorted(wanted),
            ),
        )
        self.tell(
            translate(
                "{kind} reminders on {day}: {count} person, the right one on the right day",
                "{kind} reminders on {day}: {count} people, the right people on the right day",
                kind=kind,
                day=day,
                count=len(wanted),
            )
        )

    def _ledger(self) -> list[ReminderRow]:
        database = self.demo.parts.database
        return self._run(database.report(self.demo.parts.reminders.rows))

    def _email(self, row: ReminderRow) -> str:
        known = {
            each.id: each.email
            for each in self._run(self.demo.parts.database.report(people.all_people))
        }
        return str(known[row.person])

    def _local_day(self, row: ReminderRow) -> str:
        return self.demo.parts.context.calendar.local_day(row.at).isoformat()

    def _verify(self) -> None:
        verdict = self._run(self.demo.parts.database.report(verify_database))
        require(verdict.status == 0, translate(verdict.sentence))
        self.tell(translate(verdict.sentence))

    def _run(self, work: Coroutine[object, object, _Value]) -> _Value:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    def _call(
        self, email: str, method: str, path: str, body: object = None, key: str | None = None
    ) -> Any:  # noqa: ANN401 - JSON
        url = f"{self.base_url}/api/v1{path}"
        request = urllib.request.Request(url, method=method)  # noqa: S310 - our own
        request.add_header("Authorization", f"Bearer {self._token(email)}")
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        if key is not None:
            request.add_header("Idempotency-Key", key)
        try:
            # Our own address, as the request says.
            with urllib.request.urlopen(request, timeout=_WAIT_SECONDS) as said:  # noqa: S310 - so
                return json.load(said)
        except urllib.error.HTTPError as exc:
            raise FailedError(
                translate(
                    "{method} {path} answered {code}: {read}",
                    method=method,
                    path=path,
                    code=exc.code,
                    read=exc.read().decode()[:300],
                )
            ) from exc

    def _token(self, email: str) -> str:
        if email not in self._tokens:
            known = {
                each.email: each.id
                for each in self._run(self.demo.parts.database.report(people.all_people))
            }
            secret = new_secret()
            ends_at = self.demo.clock.now() + timedelta(days=3650)
            command = CreateToken(
                id=secrets.token_hex(8),
                token_hash=fingerprint(secret),
                person=known[email],
                expires_at=ends_at,
            )
            self._run(self.demo.parts.database.write(command))
            self._tokens[email] = secret
        return self._tokens[email]


def play_headless(
    demo: Demo, base_url: str, loop: asyncio.AbstractEventLoop, tell: Callable[[str], None]
) -> None:
    """Play the job on a server that runs on ``loop``. Raises FailedError."""
    Player(demo, base_url, loop, tell, {}).play()


def require(is_so: object, what: str) -> None:
    """Raise FailedError unless ``is_so``."""
    if not is_so:
        raise FailedError(what)


def _fetch(url: str, form: dict[str, str] | None = None) -> str:
    data = urllib.parse.urlencode(form).encode() if form is not None else None
    try:
        with urllib.request.urlopen(url, data, timeout=_WAIT_SECONDS) as said:  # noqa: S310 - ours
            return str(said.read().decode())
    except urllib.error.HTTPError as exc:
        if form is not None:
            raise FailedError(
                translate(
                    "the link answered {code}: {read}",
                    code=exc.code,
                    read=_words(exc.read().decode())[:300],
                )
            ) from exc
        return str(exc.read().decode())


def _words(page: str) -> str:
    """Return what a page says in its main part, without its marks."""
    main = page.partition("<main")[2].partition(">")[2].partition("</main>")[0] or page
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", main)).split())
