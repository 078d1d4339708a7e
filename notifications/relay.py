"""The mail server that letters are handed to, as a value, and its URL.

Owns the notation ``smtp://user:password@host:587?tls=required|implicit|none``. It must never print
a part of a URL.
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from workflow.errors import InvalidInputError
from workflow.messages import lazy

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_FORM = lazy(
    "write smtp://user:password@host:587?tls=required; special characters in user and "
    "password as %xx (@ is %40, / is %2F, # is %23)"
)


class Tls(StrEnum):
    """How the way to the server is sealed: by STARTTLS, from the first byte, or not at all."""

    REQUIRED = "required"
    IMPLICIT = "implicit"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """Where mail is handed over; without TLS only on this machine.

    ``ca_file``: certificates of authorities that are trusted beside the system's.
    """

    host: str
    port: int
    user: str | None
    password: str | None
    tls: Tls
    ca_file: Path | None = None

    def __repr__(self) -> str:
        """Name the relay without its password."""
        return f"Relay({self.host}:{self.port}, tls={self.tls})"


def parse_relay(url: str, ca_file: Path | None = None) -> Relay:
    """Return the relay of a URL. Raises InvalidInputError, whose sentence quotes no part of it."""
    parts, host, port = _parts(url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    tls = query[0][1] if query else (Tls.NONE if host in _LOOPBACK else Tls.REQUIRED)
    is_odd_query = len(query) > 1 or any(name != "tls" for name, _ in query) or tls not in set(Tls)
    is_half_account = bool(parts.username) != bool(parts.password)
    if (
        parts.scheme != "smtp"
        or not host
        or parts.path.strip("/")
        or parts.fragment
        or is_odd_query
        or is_half_account
    ):
        raise InvalidInputError(_FORM)
    if tls == Tls.NONE and host not in _LOOPBACK:
        raise InvalidInputError(
            lazy(
                "tls=none is only for a mail server on this machine; use tls=required or "
                "tls=implicit"
            )
        )
    return Relay(
        host=host,
        port=port or (465 if tls == Tls.IMPLICIT else 587),
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        tls=Tls(tls),
        ca_file=ca_file,
    )


def _parts(url: str) -> tuple[SplitResult, str, int | None]:
    """Return a URL's parts, its host as the DNS knows it, and its port.

    Python's own errors quote what they could not read, which may be a part of the password.
    """
    if not url.isprintable() or " " in url:
        raise InvalidInputError(_FORM)
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").encode("idna").decode("ascii"), parts.port
    except ValueError:
        raise InvalidInputError(_FORM) from None
    if port == 0:
        raise InvalidInputError(_FORM)
    return parts, host, port
