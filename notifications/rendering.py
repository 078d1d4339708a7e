"""From what a letter says to the bytes that leave: text and HTML with the same facts.

Owns the mail templates and MIME. The MJML layout is compiled once; Jinja fills it per person with autoescape on.
"""

import base64
import secrets
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime
from functools import lru_cache
from pathlib import Path

import jinja2

from notifications.desk import LetterText
from workflow.speech import language, say

_TEMPLATES = Path(__file__).parent / "templates"
_LINE = 76
"""Characters a header line has at most (RFC 5322 §2.1.1 asks for 78 with its end)."""
_ALWAYS = (
    ("MIME-Version", "1.0"),
    ("List-Id", "<nhac-viec.thidua>"),
    ("Auto-Submitted", "auto-generated"),
    ("X-Auto-Response-Suppress", "All"),
)


def render(letter: LetterText, *, sender: str, recipient: str, message_id: str, at: datetime) -> bytes:
    """Return the mail's bytes: multipart/alternative, CRLF lines (RFC 5322)."""
    message = EmailMessage(policy=_POLICY)
    for name, value in (("From", sender), ("To", recipient), *_ALWAYS):
        message[name] = value
    message["Subject"] = letter.subject
    message["Message-ID"] = message_id
    message["Date"] = format_datetime(at)
    # A boundary that nobody can know: text that a person typed must not end its part.
    message["Content-Type"] = f'multipart/alternative; boundary="{secrets.token_urlsafe(16)}"'
    message.attach(_part("text/plain", _text_template().render(letter=letter), "8bit"))
    message.attach(_part("text/html", _html_template().render(letter=letter), "base64"))
    if letter.calendar is not None:
        # One more alternative (RFC 6047): no attachment, and mail programs offer to note the day.
        message.attach(_part("text/calendar", letter.calendar.decode(), "base64", '; method="PUBLISH"'))
    return message.as_bytes()


def _part(kind: str, text: str, encoding: str, parameters: str = "") -> EmailMessage:
    """Return one part in UTF-8; ``encoding``: 8bit or base64."""
    part = EmailMessage(policy=_POLICY)
    part["Content-Type"] = f'{kind}; charset="utf-8"{parameters}'
    part["Content-Transfer-Encoding"] = encoding
    data = text.encode()
    part.set_payload(base64.encodebytes(data).decode("ascii") if encoding == "base64" else data.decode("ascii", "surrogateescape"))
    return part


class _PlainHeaders(EmailPolicy):
    """The library's policy for SMTP, without reading what needs no reading: a short ASCII header is written as it is.

    Reading and folding headers was two thirds of the work of writing a letter. Each header is set once here, so none is counted.
    """

    def header_max_count(self, name: str) -> None:  # noqa: ARG002 - the library's signature
        return None

    def header_store_parse(self, name: str, value: str) -> tuple[str, str]:
        if "\r" in value or "\n" in value:
            raise ValueError(f"the header {name} has a line break: nothing that was typed may begin another")
        return name, value

    def header_fetch_parse(self, name: str, value: str) -> str:  # noqa: ARG002 - the library's signature
        return value

    def fold_binary(self, name: str, value: str) -> bytes:
        is_plain = value.isascii() and len(name) + len(value) < _LINE and "=?" not in value
        return f"{name}: {value}\r\n".encode("ascii") if is_plain else _folded(name, value)


@lru_cache(maxsize=1024)
def _folded(name: str, value: str) -> bytes:
    return bytes(SMTP.fold_binary(name, SMTP.header_store_parse(name, value)[1]))


_POLICY = _PlainHeaders(linesep="\r\n")


@lru_cache(maxsize=1)
def _text_template() -> jinja2.Template:
    loader = jinja2.FileSystemLoader(_TEMPLATES)
    strict = jinja2.StrictUndefined
    plain = jinja2.Environment(loader=loader, undefined=strict, trim_blocks=True, lstrip_blocks=True, autoescape=False)  # noqa: S701 - plain text has nothing to escape
    return plain.get_template("letter.txt")


@lru_cache(maxsize=1)
def _html_template() -> jinja2.Template:
    import mjml  # noqa: PLC0415 - compiled once, when the first mail leaves

    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=True)
    environment.globals |= {"say": say, "language": language}
    return environment.from_string(mjml.mjml2html((_TEMPLATES / "letter.mjml").read_text("utf-8")))
