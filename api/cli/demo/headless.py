"""The main job without a person: real HTTP, real SMTP, a moving clock, one line for each step.

Two nominations, one of them past a round of the council, and a department report go from draft to
sent; every decision after ``submit``, and every vote, is made by a link from a mail that arrived.
Fixed Idempotency-Keys: on existing data it completes what is missing, on finished data it verifies.
"""

import asyncio
import html
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from api.cli.demo.council import pass_council
from api.cli.demo.demo import Demo
from api.cli.demo.interface import PIN, WAIT_SECONDS, FailedError, Interface, fetch, require
from notifications.reminder_register import ReminderRow
from notifications.translation import translate
from workflow.model import ReminderState
from workflow.store import people

CAMPAIGN = "toan-dan-bao-ve-antq-2022"
_SENT = "sent_to_ban_tdkt"
_NEXT = {
    "submitted": "approve_department",
    "department_approved": "review_office",
    "office_reviewed": "sign_director",
    "director_signed": "send_to_board",
}
_BEFORE_SIGNING = "office_reviewed"
_COUNCIL = "council"
"""What the nomination is called that goes past the council, and its procedure."""
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


@dataclass(slots=True)
class Player:
    """Plays the job against a running demo."""

    interface: Interface
    tell: Callable[[str], None]

    def play(self) -> None:
        """Play everything. Raises FailedError."""
        deadlines = {kind: self._set_deadline(kind, due_at) for kind, due_at in DEADLINES.items()}
        for kind in ("nomination", "department_report"):
            self._take_to_board(kind, kind)
        self._take_to_board("nomination", _COUNCIL)
        for kind in ("interim", "final"):
            self._pass_rungs(kind, deadlines[kind])
        self.tell(self.interface.verify())

    def _set_deadline(self, kind: str, due_at: str) -> int:
        body = {"campaign": CAMPAIGN, "kind": kind, "departments": DEPARTMENTS, "due_at": due_at}
        found = self.interface.call(
            "officer@so.example",
            "POST /deadlines",
            body,
            headers={"Idempotency-Key": f"headless-deadline-{kind}"},
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

    def _take_to_board(self, kind: str, name: str) -> None:
        """Take the example of a kind to the board, past the council where its name says so."""
        author = "staff.htqt@so.example"
        body = self.interface.call(author, f"GET /definitions/{kind}/example")
        if name == _COUNCIL:
            nominee = body["fields"]["nominee"]
            body["title"] = body["title"].replace(nominee, f"{nominee} A")
            body["fields"] |= {"procedure": _COUNCIL, "nominee": f"{nominee} A"}
        code = self.interface.call(
            author, "POST /items", body, headers={"Idempotency-Key": f"headless-create-{name}"}
        )["code"]
        item = self.interface.call(author, f"GET /items/{code}")
        self.tell(f"{code}: {item['state']}, {item['title']}")
        if item["state"] == "drafted":
            request = {"transition": "submit", "version": item["version"]}
            item = self.interface.call(
                author,
                f"POST /items/{code}/transitions",
                request,
                headers={"Idempotency-Key": f"headless-submit-{name}"},
            )
            self.tell(
                translate(
                    "{code}: submitted through the API, waiting for {names}",
                    code=code,
                    names=", ".join(each["email"] for each in item["holders"]),
                )
            )
        while item["state"] in _NEXT:
            if name == _COUNCIL and item["state"] == _BEFORE_SIGNING:
                pass_council(self.interface, CAMPAIGN, code, self.tell)
            item = self._decide_by_link(author, item)
        require(
            item["state"] == _SENT,
            translate("{code} stopped at {state}", code=code, state=item["state"]),
        )
        self._require_notices(code)

    def _decide_by_link(self, author: str, item: _ItemAnswer) -> _ItemAnswer:
        decision = _NEXT[item["state"]]
        holders = {each["email"] for each in item["holders"]}
        ends_at = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < ends_at:
            for url, recipient in self._links(item["code"], holders):
                page = fetch(url)
                version = re.search(r'name="version" value="(\d+)"', page)
                if version is None or f'value="{decision}"' not in page:
                    continue
                form = {
                    "decision": decision,
                    "version": html.unescape(version[1]),
                    "comment": "",
                    "pin": PIN if decision == "sign_director" else "",
                }
                fetch(url, form)
                self.tell(
                    translate(
                        "{code}: {decision} by the link in the mail to {recipient}",
                        code=item["code"],
                        decision=decision,
                        recipient=recipient,
                    )
                )
                decided: _ItemAnswer = self.interface.call(author, f"GET /items/{item['code']}")
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
            for each in self.interface.demo.mailbox.mails()
            if code in each.subject and each.recipient in holders
        ]
        # A demo that starts again may have another port; the token in the mail is what counts.
        return [
            (f"{self.interface.base_url}/a/{link.rpartition('/')[2]}", each.recipient)
            for each in reversed(mails)
            for link in each.decision_links
        ]

    def _require_notices(self, code: str) -> None:
        wanted = {"ban-tdkt@tinh.example", "cong-an@tinh.example"}
        ends_at = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < ends_at:
            told = {
                each.recipient for each in self.interface.demo.mailbox.mails() if code in each.text
            }
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
            self.interface.go_to(datetime.fromisoformat(f"{day}T08:00:01+07:00"))
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

    def _require_reminders(self, kind: str, deadline: int, day: str, wanted: set[str]) -> None:
        ends_at = time.monotonic() + WAIT_SECONDS
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
        database = self.interface.demo.parts.database
        return self.interface.run(database.report(self.interface.demo.parts.reminders.rows))

    def _email(self, row: ReminderRow) -> str:
        known = {
            each.id: each.email
            for each in self.interface.run(
                self.interface.demo.parts.database.report(people.all_people)
            )
        }
        return str(known[row.person])

    def _local_day(self, row: ReminderRow) -> str:
        return self.interface.demo.parts.context.calendar.local_day(row.at).isoformat()


def play_headless(
    demo: Demo, base_url: str, loop: asyncio.AbstractEventLoop, tell: Callable[[str], None]
) -> None:
    """Play the job on a server that runs on ``loop``. Raises FailedError."""
    Player(Interface(demo, base_url, loop), tell).play()
