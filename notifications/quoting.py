"""What people typed, as it may stand in an official mail: on one line, as theirs, without a link.

Owns how a text is kept from becoming a link: mail programs make one of whatever looks like an
address, so a space parts what would. Must never change what is kept, only what a mail shows.
"""

import re
from collections.abc import Collection

from notifications.translation import translate
from workflow.addresses import parse_mailbox


class Own(str):
    """A text of the product's own, whose addresses mail programs may make into links."""

    __slots__ = ()


_JOINERS = "[\u200c\u200d]*"
_DOT = re.compile(rf"([.\u3002\uff0e\uff61])(?={_JOINERS}[^\W\d_]{_JOINERS}[^\W\d_])")
"""A dot, or what a browser takes for one in an address (UTS 46), before what may be a domain."""
_SCHEME = re.compile(
    r"(?i)\b([a-z][a-z0-9+-]*:)(?=//|\\)"
    r"|\b((?:mailto|tel|sms|callto|skype|zalo|javascript|data|file):)(?=\S)"
)
_IN_LINKS = re.compile(r"[.\u3002\uff0e\uff61:\\]")
"""What every text has of which something is parted: most have none of it."""
_SHARE = re.compile(r"\\(?=\\)")
_ADDRESS = re.compile(
    r"(?i)(?<![\w.@:/\\+-])((?!www\.)[\w+-]+(?:\.[\w+-]+)*@[\w-]+(?:\.[\w-]+)+)(?![\w@:/\\-])"
)
"""A mail address that stands alone and that no mail program takes for a page's."""


def unlinked(text: str) -> str:
    """Return ``text`` so that no mail program makes a link of any part of it."""
    if isinstance(text, Own) or not _IN_LINKS.search(text):
        return text
    parted = _SCHEME.sub(lambda found: f"{found[0]} ", _DOT.sub(r"\1 ", text))
    return _SHARE.sub("\\\\ ", parted)


def unlinked_but(text: str, addresses: Collection[str]) -> Own:
    """Return ``text`` as ``unlinked`` does, but with these addresses as people write them.

    For those of whom a mail is about: whoever confirms one must read it as it is.
    """
    parts = _ADDRESS.split(text)
    for place, part in enumerate(parts):
        is_known = place % 2 and part in addresses and parse_mailbox(part) is not None
        parts[place] = part if is_known else unlinked(part)
    return Own("".join(parts))


def quoted(who: str, words: str) -> str:
    """Return on one line what ``who`` wrote, marked as theirs; empty where they wrote nothing."""
    line = " ".join(words.split())
    return translate("{who} wrote: “{words}”", who=who, words=line) if line else ""
