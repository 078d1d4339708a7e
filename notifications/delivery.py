"""Delivery: claim, render, send, settle, until nothing is due.

Owns the loop that empties the outbox. It is woken by commits and polls besides; it never holds a transaction while it
talks to the relay. One bad letter never stops the others; one bad relay never buries a letter.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
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
from workflow.committer import StorageError
from workflow.database import Database
from workflow.errors import BusyError, UnavailableError
from workflow.links import Keys
from workflow.service import Agency, Context
from workflow.speech import SOURCE, speaking

POLL_SECONDS = 2
_MOST_SECONDS = 15
_RENEW_SECONDS = 15
_FRESH_SECONDS = 30
"""How long a batch may lie after its claim, well within the lease: what a letter says was checked then."""
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
    language: str = SOURCE
    """The language of whoever has chosen none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """Claimed messages and their letters, or why one could not be written; ``claimed_at`` on the monotonic clock."""

    messages: tuple[Message, ...]
    letters: list[Letter | Attempt]
    claimed_at: float


@dataclass(slots=True)
class Counts:
    """How many messages ended how in one run."""

    sent: int = 0
    superseded: int = 0
    failed: int = 0

    def add(self, attempts: list[Attempt]) -> None:
        """Count how ``attempts`` ended."""
        self.sent += sum(each.ending is Ending.SENT for each in attempts)
        self.failed += sum(each.ending not in {Ending.SENT, Ending.NOT_TRIED} for each in attempts)


class Delivery:
    """Empties the outbox of one process."""

    def __init__(self, database: Database, post: Post, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._post = post
        self._monotonic = monotonic
        self._wake = asyncio.Event()
        self._channel_failures = 0
        self._closed_until = 0.0
        self._is_stopping = False

    def stop(self) -> None:
        """Finish the letter under way, give the others back, and let ``run`` end."""
        self._is_stopping = True
        self._wake.set()

    def wake(self) -> None:
        """Look into the outbox soon: something was committed."""
        self._wake.set()

    async def run(self) -> None:
        """Deliver until told to stop; while it fails, it looks ever less often."""
        failures = 0
        while not self._is_stopping:
            try:
                await self.deliver_due()
                failures = 0
            except (BusyError, StorageError, UnavailableError) as exc:
                failures += 1
                log.warning("delivery waits for the database", reason=type(exc).__name__)
            except Exception:
                failures += 1
                log.exception("delivery failed")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), timeout=min(POLL_SECONDS * 2 ** min(failures, 3), _MOST_SECONDS))
            self._wake.clear()

    async def deliver_due(self) -> Counts:
        """Send everything that is due now, batch by batch; while one is handed over, the next is claimed and written."""
        counts = Counts()
        batch = await self._next_batch(counts)
        while batch is not None:
            following = asyncio.create_task(self._next_batch(counts))
            try:
                await self._deliver(batch, counts)
                batch = await following
            finally:
                following.cancel()
        return counts

    async def _next_batch(self, counts: Counts) -> _Batch | None:
        """Claim what is due and write its letters; None where nothing is, or while the relay takes no mail."""
        while self._monotonic() >= self._closed_until and not self._is_stopping:
            claimed: Claimed = await self._database.write(ClaimMessages())
            counts.superseded += claimed.superseded
            if claimed.messages:
                claimed_at = self._monotonic()
                letters = await self._database.report(partial(self._write_letters, claimed.messages))
                return _Batch(messages=claimed.messages, letters=letters, claimed_at=claimed_at)
            if claimed.superseded < BATCH:
                break
        return None

    async def _deliver(self, batch: _Batch, counts: Counts) -> None:
        """Hand a batch over and settle it; one that lay too long, or finds the channel closed meanwhile, goes back untried."""
        if self._is_stopping:
            await self._database.write(SettleMessages(attempts=_given_back(batch.messages)))
            return
        if self._monotonic() < self._closed_until or self._monotonic() - batch.claimed_at > _FRESH_SECONDS:
            returned = tuple(Attempt(message=each, ending=Ending.CHANNEL_TEMPORARY, detail="not tried") for each in batch.messages)
            await self._database.write(SettleMessages(attempts=returned))
            return
        attempts = await self._send_batch(batch)
        await self._database.write(SettleMessages(attempts=tuple(attempts)))
        counts.add(attempts)
        self._mind_the_channel(attempts)

    async def _send_batch(self, batch: _Batch) -> list[Attempt]:
        attempts: list[Attempt] = []
        try:
            async with self._post.transport.session() as session:
                await self._send_letters(session, batch, attempts)
        except asyncio.CancelledError:
            # The relay may have taken the letter under way; the others were not tried.
            doubtful, *untried = batch.messages[len(attempts) :] or (None,)
            if doubtful is not None:
                attempts.append(Attempt(message=doubtful, ending=Ending.AMBIGUOUS, detail="cut off"))
            await self._database.write(SettleMessages(attempts=(*attempts, *_given_back(untried))))
            raise
        except (aiosmtplib.SMTPException, OSError) as exc:
            ending = channel_ending(exc)
            attempts += [Attempt(message=each, ending=ending, detail=type(exc).__name__) for each in batch.messages[len(attempts) :]]
        return attempts

    async def _send_letters(self, session: Session, batch: _Batch, attempts: list[Attempt]) -> None:
        """Send the letters in order, adding to ``attempts`` as each ends, so that a broken session loses no answer."""
        renewed_at = batch.claimed_at
        for message, letter in zip(batch.messages, batch.letters, strict=True):
            if self._is_stopping:
                attempts += _given_back([message])
                continue
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
        letters = []
        for message in messages:
            letters.append(self._write_letter(desk, message, desk.context.clock()))
            time.sleep(0)  # lets the loop go on with the batch before: a thread that computes keeps it waiting for five milliseconds
        return letters

    def _write_letter(self, desk: Desk, message: Message, at: datetime) -> Letter | Attempt:
        try:
            with speaking(self._language(desk, message)):
                letter = write_letter(desk, message)
                content = render(letter, sender=self._post.sender, recipient=message.address, message_id=message.message_id, at=at)
        except Exception as exc:
            log.exception("a letter could not be rendered", kind=message.kind.value, outbox_id=message.id)
            return Attempt(message=message, ending=Ending.RETRY, detail=f"render {type(exc).__name__}")
        return Letter(recipient=message.address, content=content)

    def _language(self, desk: Desk, message: Message) -> str:
        """Return the language of whom a message is for; a body outside gets the language of official documents."""
        return SOURCE if message.person is None else desk.languages.get(message.person, self._post.language)

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


def _given_back(messages: Sequence[Message]) -> tuple[Attempt, ...]:
    """Return attempts that say: not tried, whoever comes next may send them at once."""
    return tuple(Attempt(message=each, ending=Ending.NOT_TRIED, detail="not tried") for each in messages)
