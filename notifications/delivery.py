"""Delivery: claim, render, send, settle, until nothing is due.

Owns the loop that empties the outbox. It is woken by commits and polls besides; it never holds a transaction while it
talks to the relay. One bad letter never stops the others; one bad relay never buries a letter.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import aiosmtplib
import structlog
from sqlalchemy import Connection

from notifications.claims import BATCH, Claimed, ClaimMessages, RenewLease, SettleMessages
from notifications.desk import Desk, open_desk
from notifications.letters import write_letter
from notifications.messages import Attempt, Ending, Message
from notifications.rendering import render
from notifications.transport import Letter, Session, SmtpTransport, channel_ending
from workflow.database import Database
from workflow.links import Keys
from workflow.service import Agency, Context

POLL_SECONDS = 2
_RENEW_SECONDS = 15
_BREAKER_AFTER = 5
_BREAKER_SECONDS = (60, 120, 300, 900)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What letters are written and sent with."""

    context: Context
    keys: Keys
    agency: Agency
    base_url: str
    sender: str
    transport: SmtpTransport


@dataclass(slots=True)
class Counts:
    """How many messages ended how in one run."""

    sent: int = 0
    superseded: int = 0
    failed: int = 0

    def add(self, attempts: list[Attempt]) -> None:
        """Count how ``attempts`` ended."""
        self.sent += sum(each.ending is Ending.SENT for each in attempts)
        self.failed += sum(each.ending is not Ending.SENT for each in attempts)


class Delivery:
    """Empties the outbox of one process."""

    def __init__(self, database: Database, post: Post, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._post = post
        self._monotonic = monotonic
        self._wake = asyncio.Event()
        self._channel_failures = 0
        self._closed_until = 0.0

    def wake(self) -> None:
        """Look into the outbox soon: something was committed."""
        self._wake.set()

    async def run(self) -> None:
        """Deliver until cancelled."""
        while True:
            try:
                await self.deliver_due()
            except Exception:
                log.exception("delivery failed")
            try:
                await asyncio.wait_for(self._wake.wait(), timeout=POLL_SECONDS)
            except TimeoutError:
                continue
            finally:
                self._wake.clear()

    async def deliver_due(self) -> Counts:
        """Send everything that is due now, batch by batch."""
        counts = Counts()
        while self._monotonic() >= self._closed_until:
            claimed: Claimed = await self._database.write(ClaimMessages())
            counts.superseded += claimed.superseded
            if not claimed.messages:
                if claimed.superseded < BATCH:
                    break
                continue
            attempts = await self._send_batch(claimed.messages)
            await self._database.write(SettleMessages(attempts=tuple(attempts)))
            counts.add(attempts)
            self._mind_the_channel(attempts)
        return counts

    async def _send_batch(self, messages: tuple[Message, ...]) -> list[Attempt]:
        letters = await self._database.report(partial(self._write_letters, messages))
        attempts: list[Attempt] = []
        try:
            async with self._post.transport.session() as session:
                await self._send_letters(session, messages, letters, attempts)
        except (aiosmtplib.SMTPException, OSError) as exc:
            ending = channel_ending(exc)
            attempts += [Attempt(message=each, ending=ending, detail=type(exc).__name__) for each in messages[len(attempts) :]]
        return attempts

    async def _send_letters(self, session: Session, messages: tuple[Message, ...], letters: list[Letter | Attempt], attempts: list[Attempt]) -> None:
        """Send ``letters`` in order, adding to ``attempts`` as each ends, so that a broken session loses no answer."""
        renewed_at = self._monotonic()
        for message, letter in zip(messages, letters, strict=True):
            if self._monotonic() - renewed_at > _RENEW_SECONDS:
                await self._database.write(RenewLease(token=message.lease_token))
                renewed_at = self._monotonic()
            if isinstance(letter, Attempt):
                attempts.append(letter)
                continue
            ending, detail = await session.send(letter)
            attempts.append(Attempt(message=message, ending=ending, detail=detail))

    def _write_letters(self, messages: tuple[Message, ...], connection: Connection) -> list[Letter | Attempt]:
        post = self._post
        desk = open_desk(post.context, connection, keys=post.keys, agency=post.agency, base_url=post.base_url, messages=messages)
        return [self._write_letter(desk, message, desk.context.clock()) for message in messages]

    def _write_letter(self, desk: Desk, message: Message, at: datetime) -> Letter | Attempt:
        try:
            content = render(write_letter(desk, message), sender=self._post.sender, recipient=message.address, message_id=message.message_id, at=at)
        except Exception as exc:
            log.exception("a letter could not be rendered", kind=message.kind.value, outbox_id=message.id)
            return Attempt(message=message, ending=Ending.RETRY, detail=f"render {type(exc).__name__}")
        return Letter(recipient=message.address, content=content)

    def _mind_the_channel(self, attempts: list[Attempt]) -> None:
        """Open the breaker after repeated failures of the relay, at once after one that will not heal by itself."""
        if any(each.ending is Ending.SENT for each in attempts):
            self._channel_failures = 0
            return
        is_permanent = any(each.ending is Ending.CHANNEL_PERMANENT for each in attempts)
        if not is_permanent and not any(each.ending is Ending.CHANNEL_TEMPORARY for each in attempts):
            return
        self._channel_failures += 1
        log.warning("the mail relay does not take mail", failures=self._channel_failures, permanent=is_permanent, reply=attempts[0].detail)
        over = self._channel_failures - _BREAKER_AFTER
        if over >= 0 or is_permanent:
            self._closed_until = self._monotonic() + _BREAKER_SECONDS[min(max(over, 0), len(_BREAKER_SECONDS) - 1)]
