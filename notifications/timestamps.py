"""Time-stamps: an authority outside says since when at the latest a checkpoint was there.

Owns which checkpoint is sent to it (its hash alone), when, and for how long its silence is borne.
An authority that is silent or answers wrongly is told to the Office; it holds up nothing.
"""

import asyncio
import socket
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from threading import Timer
from typing import Final, Self

import structlog
from sqlalchemy import Connection

from notifications.anchors import goes_out
from workflow.commands.seal_log import KeepTimestamp
from workflow.context import Context
from workflow.database import Database
from workflow.history.timestamps import LARGEST_ANSWER, TimestampAuthority, question
from workflow.store import sealed_log, timestamps
from workflow.store.sealed_log import StoredCheckpoint

SECONDS: Final = 10
"""How long an authority's whole answer is waited for, however it comes in."""
BORNE: Final = timedelta(hours=1)
"""How long a checkpoint may lack its time-stamp before somebody is told."""
_AGAIN: Final = timedelta(minutes=5)

log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class Timestamps:
    """Has the checkpoints that leave the house stamped by one authority."""

    context: Context
    url: str
    authority: TimestampAuthority
    _not_before: datetime | None = field(default=None, init=False)

    async def ask(self, database: Database) -> bool:
        """Have the newest checkpoint stamped, if that is due; return whether it was.

        One that failed is tried again some minutes later, in no tighter circle.
        """
        now = self.context.clock()
        if self._not_before is not None and now < self._not_before <= now + _AGAIN:
            return False
        due = await database.report(lambda connection: self._due(connection, now))
        if due is None:
            return False
        try:
            answer, stamped_at = await asyncio.to_thread(self._answer, due.note)
        except (OSError, ValueError, HTTPException) as exc:
            self._not_before = now + _AGAIN
            log.warning("no time-stamp", size=due.size, reason=f"{type(exc).__name__}: {exc}"[:200])
            return False
        self._not_before = None
        log.info("a checkpoint was time-stamped", size=due.size, at=str(stamped_at))
        return await database.write(KeepTimestamp(size=due.size, answer=answer))

    def missing_since(self, connection: Connection) -> datetime | None:
        """Return since when a checkpoint has lacked its time-stamp for too long, or None."""
        then = self.context.clock() - BORNE
        due = self._due(connection, then)
        return None if due is None or due.made_at > then else due.made_at

    def _due(self, connection: Connection, now: datetime) -> StoredCheckpoint | None:
        """Return the newest checkpoint, where it is to be stamped now."""
        last = timestamps.newest_timestamp(connection)
        new = sealed_log.checkpoints(connection, after=last.size if last else 0)
        is_due = bool(new) and goes_out(new, last.kept_at if last else None, now)
        return new[-1] if is_due else None

    def _answer(self, note: str) -> tuple[bytes, datetime]:
        asked = question(note)
        request = urllib.request.Request(  # noqa: S310 - the setting takes http and https alone
            self.url, asked.body, {"Content-Type": "application/timestamp-query"}
        )
        with _TimeLimit(SECONDS) as limit:
            opener = urllib.request.build_opener(_Plain(limit), _Secure(limit))
            with opener.open(request, timeout=SECONDS) as reply:
                answer: bytes = reply.read(LARGEST_ANSWER + 1)
        if len(answer) > LARGEST_ANSWER:
            raise ValueError("the answer is too long for a time-stamp")
        return answer, self.authority.stamped_at(answer, note, asked.nonce)


class _TimeLimit:
    """Ends every connection of an exchange when its time is over, whatever still drips in."""

    def __init__(self, seconds: float) -> None:
        self._sockets: list[socket.socket] = []
        self._timer = Timer(seconds, self._end)
        self._timer.daemon = True
        self._is_over = False

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._timer.join()
        for each in self._sockets:
            each.close()

    def watch(self, connected: socket.socket) -> None:
        """End this one too; by a copy, as TLS takes the socket itself over."""
        self._sockets.append(connected.dup())
        if self._is_over:
            self._end()

    def _end(self) -> None:
        self._is_over = True
        for each in list(self._sockets):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


class _Watched(HTTPConnection):
    limit: _TimeLimit | None = None

    def connect(self) -> None:
        super().connect()
        if self.limit is not None:
            self.limit.watch(self.sock)


class _WatchedSecure(HTTPSConnection, _Watched):
    """Watched before its TLS begins: ``HTTPSConnection`` connects by the class that follows it."""


def _maker(kind: type[_Watched], limit: _TimeLimit) -> Callable[..., HTTPConnection]:
    """Return what makes connections of ``kind`` that end with ``limit``."""

    def make(host: str, timeout: float) -> HTTPConnection:
        made = kind(host, timeout=timeout)
        made.limit = limit
        return made

    return make


class _Plain(urllib.request.HTTPHandler):
    def __init__(self, limit: _TimeLimit) -> None:
        super().__init__()
        self._make = _maker(_Watched, limit)

    def http_open(self, req: urllib.request.Request) -> HTTPResponse:
        return self.do_open(self._make, req)


class _Secure(urllib.request.HTTPSHandler):
    def __init__(self, limit: _TimeLimit) -> None:
        super().__init__()
        self._make = _maker(_WatchedSecure, limit)

    def https_open(self, req: urllib.request.Request) -> HTTPResponse:
        return self.do_open(self._make, req)
