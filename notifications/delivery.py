"""Delivery: claim, render, send, settle, until nothing is due.

Owns the loop that empties the outbox. It is woken by commits and polls besides; it never holds a
transaction while it talks to the relay. One bad letter never stops the others: whatever happens to
it, it is settled as that, and the rest of its batch is sent and settled. One bad relay never buries
a letter.

If the process dies here, nothing is lost: what is claimed and not settled is claimed again when its
lease has run out (``claims``, ``settlement``). At worst a letter goes twice, known as the same.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial

import aiosmtplib
import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from notifications.claims import BATCH, Claimed, ClaimMessages, RenewLease
from notifications.mail_context import Desk, open_desk
from notifications.mails import write_letter
from notifications.messages import BAD_ADDRESS, UNWRITABLE, AnyMessage, Ending, SendingAttempt
from notifications.rendering import Envelope, render
from notifications.settlement import SettleMessages
from notifications.smtp import Letter, Session, SmtpTransport, channel_ending
from notifications.translation import DEFAULT_LANGUAGE, speaking
from workflow.addresses import Mailbox, parse_mailbox
from workflow.committer import StorageError
from workflow.context import Context
from workflow.database import Database
from workflow.errors import BusyError, UnavailableError
from workflow.links import Keys
from workflow.lookups.agency import Agency

POLL_SECONDS = 2
_MOST_SECONDS = 15
RENEW_SECONDS = 15
_FRESH_SECONDS = 30
"""How long a batch may lie after its claim, when what its letters say was checked."""
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
    sender: Mailbox
    transport: SmtpTransport
    reply_to: Mailbox | None = None
    """Where replies go; None: to the people of the Office."""
    language: str = DEFAULT_LANGUAGE
    """The language of whoever has chosen none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """Claimed messages and their letters, or why one could not be written.

    ``claimed_at`` is by the monotonic clock.
    """

    messages: tuple[AnyMessage, ...]
    letters: list[Letter | SendingAttempt]
    claimed_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    """A message and its letter, or why there is none.

    ``left_out``: the parts of it that could not be written; the letter goes without them.
    """

    message: AnyMessage
    letter: Letter | SendingAttempt
    left_out: tuple[SendingAttempt, ...] = ()


@dataclass(slots=True)
class DeliveryCounts:
    """How many messages ended how in one run."""

    sent: int = 0
    superseded: int = 0
    failed: int = 0

    def add(self, attempts: list[SendingAttempt]) -> None:
        """Count how ``attempts`` ended."""
        self.sent += sum(each.ending is Ending.SENT for each in attempts)
        self.failed += sum(each.ending not in {Ending.SENT, Ending.NOT_TRIED} for each in attempts)


class Delivery:
    """Empties the outbox of one process."""

    def __init__(
        self, database: Database, post: Post, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
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
                await asyncio.wait_for(
                    self._wake.wait(),
                    timeout=min(POLL_SECONDS * 2 ** min(failures, 3), _MOST_SECONDS),
                )
            self._wake.clear()

    async def deliver_due(self) -> DeliveryCounts:
        """Send everything that is due now, batch by batch.

        While one batch is handed over, the next is claimed and written.
        """
        counts = DeliveryCounts()
        batch = await self._next_batch(counts)
        while batch is not None:
            following = asyncio.create_task(self._next_batch(counts))
            try:
                await self._deliver(batch, counts)
                batch = await following
            finally:
                following.cancel()
        return counts

    async def _next_batch(self, counts: DeliveryCounts) -> _Batch | None:
        """Claim what is due and write it; None where nothing is, or the relay takes no mail."""
        while self._monotonic() >= self._closed_until and not self._is_stopping:
            # Durable from here: the leases, and the links that the letters will carry.
            claimed: Claimed = await self._database.write(ClaimMessages())
            counts.superseded += claimed.superseded
            counts.failed += claimed.failed
            if claimed.messages:
                claimed_at = self._monotonic()
                made = await self._written(claimed.messages)
                left_out = [part for each in made for part in each.left_out]
                if left_out:
                    # If the process dies here, they are found unwritable once more.
                    await self._database.write(SettleMessages(attempts=tuple(left_out)))
                    counts.add(left_out)
                return _Batch(
                    messages=tuple(each.message for each in made),
                    letters=[each.letter for each in made],
                    claimed_at=claimed_at,
                )
            if claimed.superseded + claimed.failed < BATCH:
                break
        return None

    async def _written(self, messages: tuple[AnyMessage, ...]) -> list[_Written]:
        """Return the letters.

        Where the database breaks off, each is written alone: only those it breaks off for go back.
        """
        try:
            return await self._database.report(partial(self._write_letters, messages))
        except Exception:
            log.exception("the letters of a batch could not be written together")
        made: list[_Written] = []
        for message in messages:
            try:
                made += await self._database.report(partial(self._write_letters, (message,)))
            except Exception as exc:  # noqa: BLE001 - logged above; the letter is tried again
                name = type(exc).__name__
                # The database's trouble is no fault of the letter's, which has all its tries.
                detail = name if isinstance(exc, UnavailableError) else f"{UNWRITABLE} {name}"
                attempt = SendingAttempt(message=message, ending=Ending.RETRY, detail=detail)
                made.append(_Written(message=message, letter=attempt))
        return made

    async def _deliver(self, batch: _Batch, counts: DeliveryCounts) -> None:
        """Hand a batch over and settle it.

        One that lay too long, or finds the channel closed meanwhile, goes back untried.
        """
        is_stale = self._monotonic() - batch.claimed_at > _FRESH_SECONDS
        if self._is_stopping or is_stale or self._monotonic() < self._closed_until:
            await self._database.write(SettleMessages(attempts=_given_back(batch.messages)))
            return
        attempts = await self._send_batch(batch)
        # The relay has the letters, the outbox does not know it yet: see ``settlement``.
        await self._database.write(SettleMessages(attempts=tuple(attempts)))
        counts.add(attempts)
        self._mind_the_channel(attempts)

    async def _send_batch(self, batch: _Batch) -> list[SendingAttempt]:
        """Send a batch and answer how each message ended; what was not reached goes back."""
        attempts: list[SendingAttempt] = []
        is_open = False
        try:
            async with self._renewing(batch), self._post.transport.session() as session:
                is_open = True
                await self._send_letters(session, batch, attempts)
        except asyncio.CancelledError:
            # The relay may have taken the letter under way; the others were not tried.
            left = batch.messages[len(attempts) :]
            doubtful, untried = (left[:1], left[1:]) if is_open else (left[:0], left)
            attempts += [
                SendingAttempt(message=each, ending=Ending.AMBIGUOUS, detail="cut off")
                for each in doubtful
            ]
            await self._database.write(SettleMessages(attempts=(*attempts, *_given_back(untried))))
            raise
        except Exception as exc:  # what was sent must be settled, whatever broke the session
            if not isinstance(exc, aiosmtplib.SMTPException | OSError):
                log.exception("a batch of mail broke off")
            ending = channel_ending(exc)
            attempts += [
                SendingAttempt(message=each, ending=ending, detail=type(exc).__name__)
                for each in batch.messages[len(attempts) :]
            ]
        return attempts

    @asynccontextmanager
    async def _renewing(self, batch: _Batch) -> AsyncIterator[None]:
        """Keep the lease of a batch while the block runs, however long the relay takes."""

        async def renew() -> None:
            while True:
                await asyncio.sleep(RENEW_SECONDS)
                # A renewal that failed is tried again; should the lease run out meanwhile, a mail
                # goes twice and is known as the same.
                with suppress(BusyError, StorageError, UnavailableError):
                    await self._database.write(RenewLease(token=batch.messages[0].lease_token))

        renewing = asyncio.create_task(renew())
        try:
            yield
        finally:
            renewing.cancel()

    async def _send_letters(
        self, session: Session, batch: _Batch, attempts: list[SendingAttempt]
    ) -> None:
        """Send in order, adding to ``attempts`` as each ends: a broken session loses no answer."""
        for message, letter in zip(batch.messages, batch.letters, strict=True):
            if self._is_stopping:
                attempts += _given_back([message])
                continue
            if isinstance(letter, SendingAttempt):
                attempts.append(letter)
                continue
            ending, detail = await session.send(letter)
            attempts.append(SendingAttempt(message=message, ending=ending, detail=detail))

    def _write_letters(
        self, messages: tuple[AnyMessage, ...], connection: Connection
    ) -> list[_Written]:
        post = self._post
        desk = open_desk(
            post.context,
            connection,
            keys=post.keys,
            agency=post.agency,
            base_url=post.base_url,
            messages=messages,
            reply_to=post.reply_to,
        )
        made = []
        for message in messages:
            made.append(self._write_whole_or_less(desk, message))
            # A thread that computes keeps the loop waiting for 5 ms; it hands the last batch over.
            time.sleep(0)
        return made

    def _write_whole_or_less(self, desk: Desk, message: AnyMessage) -> _Written:
        """Write a letter; a digest goes without the parts for which none can be written."""
        letter = self._write_letter(desk, message)
        if isinstance(letter, Letter) or not letter.detail.startswith(UNWRITABLE):
            return _Written(message=message, letter=letter)
        tried = [
            (part, self._write_letter(desk, replace(message, parts=(part,))))
            for part in message.parts
        ]
        left_out = tuple(
            replace(alone, message=part)
            for part, alone in tried
            if isinstance(alone, SendingAttempt)
        )
        if not left_out:
            return _Written(message=message, letter=letter)
        rest = tuple(part for part, alone in tried if isinstance(alone, Letter))
        less = replace(message, parts=rest)
        if not rest:
            # Given back, it is found to have nothing left to bring.
            letter = SendingAttempt(message=less, ending=Ending.NOT_TRIED, detail="nothing left")
        else:
            letter = self._write_letter(desk, less)
        return _Written(message=less, letter=letter, left_out=left_out)

    def _write_letter(self, desk: Desk, message: AnyMessage) -> Letter | SendingAttempt:
        """Return the letter, or why there is none. Raises the database's errors: not its fault."""
        recipient = parse_mailbox(message.address)
        if recipient is None:
            return SendingAttempt(message=message, ending=Ending.DEAD, detail=BAD_ADDRESS)
        try:
            with speaking(self._language(desk, message)):
                letter = write_letter(desk, message)
                envelope = Envelope(
                    sender=self._post.sender,
                    recipient=recipient,
                    reply_to=desk.reply_to,
                    message_id=message.message_id,
                    at=desk.context.clock(),
                )
                content = render(letter, envelope)
        except (DBAPIError, desk.connection.dialect.loaded_dbapi.Error):
            raise
        except Exception as exc:
            log.exception(
                "a letter could not be rendered", kind=message.kind.value, outbox_id=message.id
            )
            return SendingAttempt(
                message=message, ending=Ending.DEAD, detail=f"{UNWRITABLE} {type(exc).__name__}"
            )
        return Letter(recipient=recipient.envelope, content=content)

    def _language(self, desk: Desk, message: AnyMessage) -> str:
        """Return the reader's language; a body outside gets that of official documents."""
        return (
            DEFAULT_LANGUAGE
            if message.person is None
            else desk.languages.get(message.person, self._post.language)
        )

    def _mind_the_channel(self, attempts: list[SendingAttempt]) -> None:
        """Open the breaker after repeated failures of the relay, or one that will not heal."""
        if any(each.ending is Ending.SENT for each in attempts):
            self._channel_failures = 0
            return
        failing = [
            each
            for each in attempts
            if each.ending in {Ending.CHANNEL_PERMANENT, Ending.CHANNEL_TEMPORARY}
        ]
        if not failing:
            return
        is_permanent = any(each.ending is Ending.CHANNEL_PERMANENT for each in failing)
        self._channel_failures += 1
        log.warning(
            "the mail relay does not take mail",
            failures=self._channel_failures,
            permanent=is_permanent,
            # Of the batch other letters may have failed for reasons of their own.
            reply=failing[0].detail,
        )
        over = self._channel_failures - _BREAKER_AFTER
        if over >= 0 or is_permanent:
            self._closed_until = (
                self._monotonic() + _BREAKER_SECONDS[min(max(over, 0), len(_BREAKER_SECONDS) - 1)]
            )


def _given_back(messages: Sequence[AnyMessage]) -> tuple[SendingAttempt, ...]:
    """Return attempts that say: not tried, whoever comes next may send them at once."""
    return tuple(
        SendingAttempt(message=each, ending=Ending.NOT_TRIED, detail="not tried")
        for each in messages
    )
