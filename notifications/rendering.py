"""From what a letter says to the bytes that leave: text and HTML with the same facts.

Owns the mail templates and MIME. The MJML layout is compiled once; Jinja fills it per person with
autoescape on. What leaves is ASCII in lines of at most 78 characters, whatever anybody typed: every
server takes it (RFC 5321 §4.5.3.1.6, RFC 6152). Only the address of somebody whose mailbox is named
beyond ASCII stands in UTF-8.
"""

import binascii
import secrets
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from pathlib import Path

import jinja2
import mjml

from notifications.headers import folded, mailbox_header
from notifications.mail_context import LetterText
from notifications.translation import language, translate
from workflow.addresses import Mailbox

_TEMPLATES = Path(__file__).parent / "templates"
_ALWAYS = (
    ("MIME-Version", "1.0"),
    ("List-Id", "<nhac-viec.thidua>"),
    ("Auto-Submitted", "auto-generated"),
    ("X-Auto-Response-Suppress", "All"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """From whom to whom a letter goes, where replies go, and how it is known again."""

    sender: Mailbox
    recipient: Mailbox
    reply_to: tuple[Mailbox, ...] = ()
    message_id: str
    at: datetime


def render(letter: LetterText, envelope: Envelope) -> bytes:
    """Return the mail's bytes: multipart/alternative, CRLF lines (RFC 5322)."""
    # A boundary that nobody can know: text that a person typed must not end its part.
    boundary = secrets.token_urlsafe(16)
    head = [
        mailbox_header("From", (envelope.sender,)),
        mailbox_header("To", (envelope.recipient,)),
        *([mailbox_header("Reply-To", envelope.reply_to)] if envelope.reply_to else []),
        folded("Subject", " ".join(letter.subject.split())),
        f"Message-ID: {envelope.message_id}\r\nDate: {format_datetime(envelope.at)}\r\n".encode(
            "ascii"
        ),
        *(folded(name, value) for name, value in _ALWAYS),
        f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"\r\n'.encode("ascii"),
    ]
    parts = [
        _part("text/plain", _quoted(_text_template().render(letter=letter)), "quoted-printable"),
        _part("text/html", _packed(_html_template().render(letter=letter)), "base64"),
    ]
    if letter.calendar is not None:
        # One more alternative (RFC 6047): no attachment, and mail programs offer to note the day.
        parts.append(
            _part(
                "text/calendar", _packed(letter.calendar.decode()), "base64", '; method="PUBLISH"'
            )
        )
    line = f"\r\n--{boundary}".encode("ascii")
    return b"".join((*head, *(line + b"\r\n" + part for part in parts), line, b"--\r\n"))


def _part(kind: str, data: bytes, encoding: str, parameters: str = "") -> bytes:
    """Return one part of encoded UTF-8 text with its headers."""
    media_type = f'Content-Type: {kind}; charset="utf-8"{parameters}\r\n'
    head = f"{media_type}Content-Transfer-Encoding: {encoding}\r\n\r\n"
    return head.encode("ascii") + data


def _packed(text: str) -> bytes:
    """Return text in base64, in lines of 76."""
    packed = binascii.b2a_base64(text.encode(), newline=False)
    return b"".join([packed[at : at + 76] + b"\r\n" for at in range(0, len(packed), 76)])


def _quoted(text: str) -> bytes:
    """Return text in quoted-printable, in lines of at most 76; ASCII stays readable."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").encode()
    return binascii.b2a_qp(lines, istext=True).replace(b"\n", b"\r\n")


@lru_cache(maxsize=1)
def _text_template() -> jinja2.Template:
    loader = jinja2.FileSystemLoader(_TEMPLATES)
    strict = jinja2.StrictUndefined
    plain = jinja2.Environment(
        loader=loader,
        undefined=strict,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701 - plain text has nothing to escape
    )
    return plain.get_template("letter.txt")


@lru_cache(maxsize=1)
def _html_template() -> jinja2.Template:
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=True)
    environment.globals |= {"translate": translate, "language": language}
    return environment.from_string(mjml.mjml2html((_TEMPLATES / "letter.mjml").read_text("utf-8")))
