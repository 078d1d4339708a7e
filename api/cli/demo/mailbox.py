"""The demo's mailbox: a real SMTP server on this machine that keeps what it receives.

Owns the folder of received mails, one file each, durable before the sender hears 250. It relays
nothing.
"""

import os
import secrets
import time
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Literal

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from api.server.run import free_port
from api.web.pages.demo import ReceivedMail


class DemoMailbox:
    """Receives on a free port of this machine and reads back."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._read: dict[str, ReceivedMail] = {}
        self._port = free_port(None)
        self._controller: Controller | None = None

    @property
    def url(self) -> str:
        """Return the SMTP URL of this mailbox."""
        return f"smtp://127.0.0.1:{self._port}?tls=none"

    def start(self) -> None:
        """Listen."""
        self._controller = Controller(self, hostname="127.0.0.1", port=self._port)
        self._controller.start()

    def stop(self) -> None:
        """Stop listening."""
        if self._controller is not None:
            self._controller.stop(no_assert=True)
            self._controller.loop.close()

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: object, _session: object, envelope: Envelope
    ) -> str:
        """Keep a mail on the disk, then say so."""
        name = f"{time.time_ns():020d}-{secrets.token_hex(4)}.eml"
        head = f"X-Envelope-To: {', '.join(envelope.rcpt_tos)}\r\n".encode()
        with (self._folder / f".{name}").open("wb") as file:
            file.write(head + (envelope.original_content or b""))
            file.flush()
            os.fsync(file.fileno())
        (self._folder / f".{name}").rename(self._folder / name)
        return "250 OK"

    def mails(self) -> list[ReceivedMail]:
        """Return everything received, oldest first."""
        for number, path in enumerate(sorted(self._folder.glob("[0-9]*.eml")), 1):
            if path.name not in self._read:
                self._read[path.name] = _parse(number, path.read_bytes())
        return list(self._read.values())


def _parse(number: int, raw: bytes) -> ReceivedMail:
    message = message_from_bytes(raw, policy=default)
    return ReceivedMail(
        number=number,
        recipient=str(message["X-Envelope-To"]),
        subject=str(message["Subject"]),
        message_id=str(message["Message-ID"]),
        text=_part(message, "plain"),
        html=_part(message, "html"),
        at=parsedate_to_datetime(str(message["Date"])),
    )


def _part(message: Message, subtype: Literal["plain", "html"]) -> str:
    part = message.get_body((subtype,)) if isinstance(message, EmailMessage) else None
    return str(part.get_content()) if part is not None else ""
