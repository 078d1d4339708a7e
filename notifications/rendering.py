"""From what a letter says to the bytes that leave: text and HTML with the same facts.

Owns the mail templates and MIME. The MJML layout is compiled once; Jinja fills it per person with autoescape on.
"""

from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache
from pathlib import Path

import jinja2

from notifications.desk import LetterText

_TEMPLATES = Path(__file__).parent / "templates"
_LIST_ID = "<nhac-viec.thidua>"


def render(letter: LetterText, *, sender: str, recipient: str, message_id: str, at: datetime) -> bytes:
    """Return the mail's bytes: multipart/alternative, CRLF lines (RFC 5322)."""
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = recipient
    message["Subject"] = letter.subject
    message["Message-ID"] = message_id
    message["Date"] = format_datetime(at)
    message["List-Id"] = _LIST_ID
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(_text_template().render(letter=letter), cte="8bit")
    message.add_alternative(_html_template().render(letter=letter), subtype="html", cte="base64")
    if letter.calendar is not None:
        _add_calendar(message, letter.calendar)
    return message.as_bytes()


def _add_calendar(message: EmailMessage, calendar: bytes) -> None:
    """Add a calendar file as one more alternative (RFC 6047): no attachment, and mail programs offer to note the day."""
    message.add_alternative(calendar, maintype="text", subtype="calendar", cte="base64", params={"method": "PUBLISH", "charset": "utf-8"})


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
    return environment.from_string(mjml.mjml2html((_TEMPLATES / "letter.mjml").read_text("utf-8")))
