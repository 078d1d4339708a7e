"""SMTP: one kept connection per batch, one recipient per message, every outcome classified.

Owns the use of aiosmtplib and the table of outcomes. TLS is required and verified unless the relay is on this machine.
It must never log an address or a body.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib

from notifications.messages import Ending
from workflow.errors import InvalidInputError
from workflow.speech import say

_TIMEOUT_SECONDS = 30
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_CHANNEL_CODES = {421, 454}
_AUTH_CODES = {530, 534, 535}


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """Where mail is handed over. ``tls``: required (STARTTLS), implicit, or none (this machine only)."""

    host: str
    port: int
    user: str | None
    password: str | None
    tls: str

    def __repr__(self) -> str:
        """Name the relay without its password."""
        return f"Relay({self.host}:{self.port}, tls={self.tls})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A rendered mail: its bytes and the one recipient of its envelope."""

    recipient: str
    content: bytes


class Session(Protocol):
    """An open channel for one batch."""

    async def send(self, letter: Letter) -> tuple[Ending, str]:
        """Hand one letter over and say how it ended."""
        ...


def parse_relay(url: str) -> Relay:
    """Return the relay of ``smtp://user:password@host:587?tls=required|implicit|none``. Raises InvalidInputError."""
    parts = urlsplit(url)
    tls = parse_qs(parts.query).get("tls", ["none" if parts.hostname in _LOOPBACK else "required"])[0]
    if parts.scheme != "smtp" or not parts.hostname or tls not in {"required", "implicit", "none"}:
        raise InvalidInputError(say("THIDUA_SMTP_URL không đúng dạng smtp://tên:mật-khẩu@máy-chủ:587?tls=required. Hãy sửa cấu hình."))
    if tls == "none" and parts.hostname not in _LOOPBACK:
        raise InvalidInputError(say("THIDUA_SMTP_URL dùng tls=none với máy chủ ngoài máy này. Hãy dùng tls=required hoặc tls=implicit."))
    return Relay(
        host=parts.hostname,
        port=parts.port or (465 if tls == "implicit" else 587),
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        tls=tls,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpTransport:
    """Delivers through one relay."""

    relay: Relay
    sender: str

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        """Open one connection for a batch. Raises aiosmtplib.SMTPException or OSError where none can be had."""
        client = aiosmtplib.SMTP(
            hostname=self.relay.host,
            port=self.relay.port,
            username=self.relay.user,
            password=self.relay.password,
            use_tls=self.relay.tls == "implicit",
            start_tls=self.relay.tls == "required",
            timeout=_TIMEOUT_SECONDS,
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


class _SmtpSession:
    def __init__(self, client: aiosmtplib.SMTP, sender: str) -> None:
        self._client = client
        self._sender = sender

    async def send(self, letter: Letter) -> tuple[Ending, str]:
        try:
            await self._client.mail(self._sender)
        except aiosmtplib.SMTPResponseException as exc:
            return _sender_refused(exc), _said(exc)
        except (aiosmtplib.SMTPException, OSError) as exc:
            return Ending.CHANNEL_TEMPORARY, type(exc).__name__
        try:
            await self._client.rcpt(letter.recipient)
        except aiosmtplib.SMTPResponseException as exc:
            await self._reset()
            return _refused(exc), _said(exc)
        except (aiosmtplib.SMTPException, OSError) as exc:
            return Ending.CHANNEL_TEMPORARY, type(exc).__name__
        return await self._hand_over(letter)

    async def _hand_over(self, letter: Letter) -> tuple[Ending, str]:
        try:
            response = await self._client.data(letter.content)
        except aiosmtplib.SMTPResponseException as exc:
            return _refused(exc), _said(exc)
        except (TimeoutError, aiosmtplib.SMTPException, OSError) as exc:
            # The final dot may have arrived: the relay may have taken the mail (RFC 1047).
            return Ending.AMBIGUOUS, type(exc).__name__
        return Ending.SENT, str(response.code)

    async def _reset(self) -> None:
        try:
            await self._client.rset()
        except (aiosmtplib.SMTPException, OSError):
            self._client.close()


def channel_ending(failure: BaseException) -> Ending:
    """Return how a failure to connect ends a batch: a wrong password or certificate pauses, all else waits."""
    is_permanent = isinstance(failure, aiosmtplib.SMTPAuthenticationError) or "CERTIFICATE_VERIFY_FAILED" in str(failure)
    code = getattr(failure, "code", 0)
    return Ending.CHANNEL_PERMANENT if is_permanent or code in _AUTH_CODES else Ending.CHANNEL_TEMPORARY


def _sender_refused(exc: aiosmtplib.SMTPResponseException) -> Ending:
    return Ending.CHANNEL_TEMPORARY if 400 <= exc.code < 500 else Ending.CHANNEL_PERMANENT  # noqa: PLR2004 - SMTP reply classes


def _refused(exc: aiosmtplib.SMTPResponseException) -> Ending:
    if exc.code in _CHANNEL_CODES:
        return Ending.CHANNEL_TEMPORARY
    if exc.code in _AUTH_CODES:
        return Ending.CHANNEL_PERMANENT
    return Ending.RETRY if 400 <= exc.code < 500 else Ending.DEAD  # noqa: PLR2004 - SMTP reply classes


def _said(exc: aiosmtplib.SMTPResponseException) -> str:
    """Return the reply code and its enhanced code; the text may quote an address and stays out."""
    words = exc.message.split(" ", 1)
    enhanced = words[0] if words and words[0].count(".") == 2 else ""  # noqa: PLR2004 - class.subject.detail
    return f"{exc.code} {enhanced}".strip()
