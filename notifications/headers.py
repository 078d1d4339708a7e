"""The headers of a mail, in lines that every server takes and every program reads as written.

Owns folding (RFC 5322 §2.2.3) and encoded words (RFC 2047). Text beyond ASCII becomes encoded
words throughout: what stands between two of them is not read, so every space lies within one and
none is lost. It must never let a line break in.
"""

import base64
import re
from collections.abc import Iterator
from functools import lru_cache

from workflow.addresses import Mailbox

_LINE = 78
"""Characters that a line should have at most (RFC 5322 §2.1.1)."""
_WORD = 60
"""Characters of an encoded word, to fit behind a header's name; RFC 2047 §2 allows 75."""
_OPENING, _CLOSING = "=?utf-8?b?", "?="
_PHRASE = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
"""Words that may stand before an address as they are (RFC 5322 §3.2.3, atoms)."""


@lru_cache(maxsize=1024)
def folded(name: str, value: str) -> bytes:
    """Return a header of free text, or of tokens with single spaces between them, ending in CRLF.

    Raises ValueError where ``value`` has a line break: nothing typed may begin another header.
    """
    if "\r" in value or "\n" in value:
        raise ValueError(f"the header {name} has a line break")
    tokens = value.split(" ") if _can_stand(value) else list(encoded_words(value))
    return _lines(name, tokens).encode()


def _can_stand(value: str) -> bool:
    """Return whether ``value`` is read as it stands: ASCII, single spaces, short words."""
    if (
        not value.isascii()
        or not value.isprintable()
        or "=?" in value
        or value != " ".join(value.split())
    ):
        return False
    return all(len(token) < _WORD for token in value.split(" "))


def mailbox_header(name: str, mailboxes: tuple[Mailbox, ...]) -> bytes:
    """Return a header of addresses, with names; international addresses stay UTF-8 (RFC 6532)."""
    tokens: list[str] = []
    for place, each in enumerate(mailboxes, 1):
        address = f"<{each.envelope}>" if each.name else each.envelope
        tokens += [*_phrase(each.name), address + ("," if place < len(mailboxes) else "")]
    return _lines(name, tokens).encode()


def _phrase(name: str) -> list[str]:
    if not name:
        return []
    return (
        name.split(" ")
        if _PHRASE.fullmatch(name) and "=?" not in name and _can_stand(name)
        else list(encoded_words(name))
    )


def encoded_words(text: str) -> Iterator[str]:
    """Yield ``text`` as encoded words; no character is parted."""
    room = (_WORD - len(_OPENING) - len(_CLOSING)) // 4 * 3
    chunk = b""
    for character in text:
        data = character.encode()
        if len(chunk) + len(data) > room:
            yield _word(chunk)
            chunk = b""
        chunk += data
    yield _word(chunk)


def _word(chunk: bytes) -> str:
    return f"{_OPENING}{base64.b64encode(chunk).decode('ascii')}{_CLOSING}"


def _lines(name: str, tokens: list[str]) -> str:
    """Return the header with a line break before each token that would make its line too long."""
    lines, line = [], f"{name}: {tokens[0]}"
    for token in tokens[1:]:
        if len(line) + 1 + len(token) > _LINE:
            lines.append(line)
            line = f" {token}"
        else:
            line += f" {token}"
    return "\r\n".join([*lines, line]) + "\r\n"
