"""SMTP: one kept connection per batch, one recipient per message, every outcome classified.

Owns the use of aiosmtplib and the table of outcomes. TLS is required and verified unless the relay
is on this machine. It must never log an address or a body.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

import aiosmtplib

from notifications.messages import BAD_ADDRESS, NO_SMTPUTF8, Ending
from notifications.relay import Relay, Tls

TIMEOUT_SECONDS = 30
"""How long one answer of the relay is waited for; shorter than a lease, not to outlast it."""
_CHANNEL_CODES = {421, 454}
_AUTH_CODES = {530, 534, 535}
_AUTH_DETAILS = re.compile(r"5\.7\.(?:8|9|11|12|13|14)")
"""Enhanced codes by which the relay says that it does not know us (RFC 4954 §6, RFC 5248)."""
_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A rendered mail: its bytes and the one recipient of its envelope, the domain in ASCII."""

    recipient: str
    content: bytes


class Session(Protocol):
    """An open channel for one batch."""

    async def send(self, letter: Letter) -> tuple[Ending, str]:
        """Hand one letter over and say how it ended."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpTransport:
    """Delivers through one relay."""

    relay: Relay
    sender: str

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        """Open one connection for a batch. Raises aiosmtplib.SMTPException, OSError."""
        client = aiosmtplib.SMTP(
            hostname=self.relay.host,
            port=self.relay.port,
            username=self.relay.user,
            password=self.relay.password,
            use_tls=self.relay.tls is Tls.IMPLICIT,
            start_tls=self.relay.tls is Tls.REQUIRED,
            cert_bundle=str(self.relay.ca_file) if self.relay.ca_file else None,
            timeout=TIMEOUT_SECONDS,
        )
        await client.connect()
        try:
            yield _SmtpSession(client, self.sender)
        finally:
            await _quit(client)


async def _quit(client: aiosmtplib.SMTP) -> None:
    try:
        await client.quit(timeout=5)
    except (aiosmtplib.SMTPException, OSError):
        client.close()  # the letters were answered one by one; a lost goodbye loses nothing


_INTERNATIONAL = ("SMTPUTF8", "BODY=8BITMIME")


class _SmtpSession:
    def __init__(self, client: aiosmtplib.SMTP, sender: str) -> None:
        self._client = client
        self._sender = sender

    async def send(self, letter: Letter) -> tuple[Ending, str]:
        try:
            return await self._send(letter)
        except ValueError:
            # What cannot be written into a command at all: this letter's address, not the channel.
            await self._reset()
            return Ending.DEAD, BAD_ADDRESS

    async def _send(self, letter: Letter) -> tuple[Ending, str]:
        is_international = not (letter.recipient.isascii() and self._sender.isascii())
        try:
            if is_international and not await self._offers_smtputf8():
                return Ending.DEAD, NO_SMTPUTF8
            await self._client.mail(
                self._sender, options=_INTERNATIONAL if is_international else None, encoding="utf-8"
            )
        except aiosmtplib.SMTPResponseException as exc:
            return _sender_refused(exc), _reply_codes(exc)
        except (aiosmtplib.SMTPException, OSError) as exc:
            return Ending.CHANNEL_TEMPORARY, type(exc).__name__
        try:
            await self._client.rcpt(letter.recipient, encoding="utf-8")
        except aiosmtplib.SMTPResponseException as exc:
            await self._reset()
            return _refused(exc), _reply_codes(exc)
        except (aiosmtplib.SMTPException, OSError) as exc:
            return Ending.CHANNEL_TEMPORARY, type(exc).__name__
        return await self._hand_over(letter)

    async def _offers_smtputf8(self) -> bool:
        if self._client.is_ehlo_or_helo_needed:
            await self._client.ehlo()
        return self._client.supports_extension(
            "smtputf8"
        )  # which promises 8BITMIME too (RFC 6531 §3.1)

    async def _hand_over(self, letter: Letter) -> tuple[Ending, str]:
        try:
            response = await self._data(letter.content)
        except aiosmtplib.SMTPResponseException as exc:
            return _refused(exc), _reply_codes(exc)
        except (TimeoutError, aiosmtplib.SMTPException, OSError) as exc:
            # The final dot may have arrived: the relay may have taken the mail (RFC 1047).
            return Ending.AMBIGUOUS, type(exc).__name__
        return Ending.SENT, str(response.code)

    async def _data(self, content: bytes) -> aiosmtplib.SMTPResponse:
        """Hand the bytes of a letter over; its lines end as ``render`` ends them.

        The client itself would search each line for another end and for a dot, one after the other:
        a sixth of what a letter costs.
        """
        lines = content.count(b"\r\n")
        protocol = self._client.protocol
        if protocol is None or not lines == content.count(b"\n") == content.count(b"\r"):
            return await self._client.data(content)
        response = await self._client.execute_command(b"DATA")
        if response.code == aiosmtplib.SMTPStatus.start_input:
            # A dot that begins a line is no end (RFC 5321 §4.5.2).
            stuffed = content.removesuffix(b"\r\n").replace(b"\r\n.", b"\r\n..")
            protocol.write(stuffed + b"\r\n.\r\n")
            response = await protocol.read_response(timeout=TIMEOUT_SECONDS)
        if response.code != aiosmtplib.SMTPStatus.completed:
            raise aiosmtplib.SMTPDataError(response.code, response.message)
        return response

    async def _reset(self) -> None:
        try:
            await self._client.rset()
        except (aiosmtplib.SMTPException, OSError):
            self._client.close()


def channel_ending(failure: BaseException) -> Ending:
    """Return how a failure to connect ends a batch.

    A wrong password or certificate pauses the channel, all else waits.
    """
    is_permanent = isinstance(
        failure, aiosmtplib.SMTPAuthenticationError
    ) or "CERTIFICATE_VERIFY_FAILED" in str(failure)
    code = getattr(failure, "code", 0)
    return (
        Ending.CHANNEL_PERMANENT
        if is_permanent or code in _AUTH_CODES
        else Ending.CHANNEL_TEMPORARY
    )


def _sender_refused(exc: aiosmtplib.SMTPResponseException) -> Ending:
    return Ending.CHANNEL_TEMPORARY if _is_transient(exc) else Ending.CHANNEL_PERMANENT


def _refused(exc: aiosmtplib.SMTPResponseException) -> Ending:
    if exc.code in _CHANNEL_CODES:
        return Ending.CHANNEL_TEMPORARY
    if exc.code in _AUTH_CODES or _AUTH_DETAILS.fullmatch(_enhanced(exc)):
        return Ending.CHANNEL_PERMANENT
    return Ending.RETRY if _is_transient(exc) else Ending.DEAD


def _is_transient(exc: aiosmtplib.SMTPResponseException) -> bool:
    return exc.code // 100 == 4  # noqa: PLR2004 - the class of a reply (RFC 5321 §4.2.1)


def _reply_codes(exc: aiosmtplib.SMTPResponseException) -> str:
    """Return the reply code and its enhanced code; the text may quote an address and stays out."""
    return f"{exc.code} {_enhanced(exc)}".strip()


def _enhanced(exc: aiosmtplib.SMTPResponseException) -> str:
    """Return the enhanced status code of a reply (RFC 3463), or nothing."""
    found = _ENHANCED.match(exc.message)
    return found.group() if found else ""
