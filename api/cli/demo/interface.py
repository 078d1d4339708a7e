"""The demo's interface as people use it: real requests, each with its person's token.

Owns who asks and how the clock is moved. It decides nothing and writes no row but tokens.
"""

import asyncio
import html
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from api.auth.tokens import new_token
from api.cli.demo.demo import Demo
from notifications.tick import tick
from notifications.translation import translate
from workflow.queries.audit import verify_database
from workflow.store import people

_Value = TypeVar("_Value")
PIN = "246810"
WAIT_SECONDS = 60


class FailedError(Exception):
    """A step did not come out as it should; the message says which."""


class RefusedError(FailedError):
    """The product refused; ``rules``: of its reasons."""

    def __init__(self, message: str, rules: frozenset[str]) -> None:
        super().__init__(message)
        self.rules = rules


@dataclass(slots=True)
class Interface:
    """A served demo, asked by whoever works there."""

    demo: Demo
    base_url: str
    loop: asyncio.AbstractEventLoop
    _tokens: dict[str, str] = field(default_factory=dict)

    def run(self, work: Coroutine[object, object, _Value]) -> _Value:
        """Run ``work`` on the server's loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    def go_to(self, moment: datetime) -> None:
        """Move the clock to ``moment``, unless it is past it already, and let it tick."""
        self.demo.clock.advance(max(moment - self.demo.clock.now(), timedelta(0)))
        self.run(tick(self.demo.parts.database, self.demo.parts.reminders))
        delivery = self.demo.parts.delivery
        if delivery is not None:
            delivery.wake()

    def deliver(self) -> None:
        """Send every mail that is due."""
        delivery = self.demo.parts.delivery
        if delivery is not None:
            self.run(delivery.deliver_due())

    def verify(self) -> str:
        """Return what the check of the whole history says. Raises FailedError."""
        verdict = self.run(self.demo.parts.database.report(verify_database))
        require(verdict.status == 0, translate(verdict.sentence))
        return translate(verdict.sentence)

    def call(
        self, email: str, asked: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> Any:  # noqa: ANN401 - JSON
        """Return the answer to what is ``asked``, as ``GET /items``. Raises RefusedError."""
        method, path = asked.split(" ", 1)
        url = f"{self.base_url}/api/v1{path}"
        request = urllib.request.Request(url, method=method)  # noqa: S310 - our own
        request.add_header("Authorization", f"Bearer {self._token(email)}")
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        try:
            # Our own address, as the request says.
            with urllib.request.urlopen(request, timeout=WAIT_SECONDS) as said:  # noqa: S310 - so
                return json.load(said)
        except urllib.error.HTTPError as exc:
            raise _refused(exc, asked) from exc

    def _token(self, email: str) -> str:
        if email not in self._tokens:
            database = self.demo.parts.database
            known = {each.email: each.id for each in self.run(database.report(people.all_people))}
            expires_at = self.demo.clock.now() + timedelta(days=3650)
            self._tokens[email], command = new_token(known[email], expires_at)
            self.run(database.write(command))
        return self._tokens[email]


def _refused(exc: urllib.error.HTTPError, asked: str) -> RefusedError:
    read = exc.read().decode()
    try:
        reasons = json.loads(read).get("reasons") or []
    except ValueError:
        reasons = []
    told = translate(
        "{asked} answered {code}: {read}",
        asked=asked,
        code=exc.code,
        read=read[:300],
    )
    return RefusedError(told, frozenset(str(each.get("rule")) for each in reasons))


def require(is_so: object, what: str) -> None:
    """Raise FailedError unless ``is_so``."""
    if not is_so:
        raise FailedError(what)


def fetch(url: str, form: dict[str, str] | None = None) -> str:
    """Return a page of the demo, or what it says to a form. Raises FailedError if refused."""
    data = urllib.parse.urlencode(form).encode() if form is not None else None
    try:
        with urllib.request.urlopen(url, data, timeout=WAIT_SECONDS) as said:  # noqa: S310 - ours
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
