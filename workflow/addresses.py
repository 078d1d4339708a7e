"""Mail addresses: what one is, in which form it is kept, and in which form it travels.

Owns the judgement, by email-validator's grammar (RFC 5321, 6531) and without asking any server.
Pure: it must never look a name up. An address is kept as people write it (lower case, international
names readable); a relay is given the ASCII form of the domain (RFC 5891).
"""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import email_validator


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """One mailbox: as it is kept, as it travels, and what it calls itself."""

    address: str
    """Lower case, NFC, the domain readable."""
    envelope: str
    """The same with the domain in ASCII (A-labels); what stands before the @ stays as it is."""
    name: str = ""

    @property
    def needs_smtputf8(self) -> bool:
        """Return whether only servers with SMTPUTF8 (RFC 6531) can take it.

        They are needed where the part before the @ is beyond ASCII.
        """
        return not self.envelope.isascii()


def as_kept(address: str) -> str:
    """Return an address as it is kept and looked up by, whether it is one or not."""
    plain = unicodedata.normalize("NFC", address).strip().lower()
    if plain.isascii() and "xn--" not in plain:
        return plain
    found = parse_mailbox(plain)
    return found.address if found else plain


@lru_cache(maxsize=4096)
def parse_mailbox(text: str) -> Mailbox | None:
    """Return the one bare address that ``text`` is, without name, list, comment, quotes or spaces.

    None where it is none.
    """
    # An agency's own network may use names like .example, .local, .test, and so do sample and
    # tests. The list is the library's documented place to allow them.
    email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()
    try:
        found = email_validator.validate_email(
            unicodedata.normalize("NFC", text).lower(),
            check_deliverability=False,
            globally_deliverable=False,
            strict=True,
        )
    except email_validator.EmailNotValidError:
        return None
    if "." not in found.ascii_domain:
        return None
    return Mailbox(address=found.normalized, envelope=f"{found.local_part}@{found.ascii_domain}")
