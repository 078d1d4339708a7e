"""Parse what an operator writes, in settings and on the command line, into values.

Owns their notations and bounds, and one sentence for each way to be wrong. A sentence may hold what
was written only where that cannot be a secret: never a part of a URL with a password or of a key.
"""

import re
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

from notifications.relay import parse_relay
from workflow import values
from workflow.addresses import parse_mailbox
from workflow.errors import InvalidInputError
from workflow.messages import Message, lazy

CERTIFICATES, REVOKED = (".pem", ".crt", ".cer"), (".crl",)
"""Endings of files of certificates, and of lists of revoked ones."""
BY_TOKEN = "pkcs11:"  # noqa: S105 - how a URI begins
_DER = b"\x30"
"""A certificate and a list both are a SEQUENCE."""
YEARS = range(values.FIRST_YEAR, values.LAST_YEAR + 1)
"""The years that dates and instants may lie in."""
MOST_DAYS = 3650
MOST_WORKERS = 64
MOST_VERSIONS = 999_999
PORTS = range(65536)
_KEY_BYTES = 32
_KEY_DISTINCT_BYTES = 8
"""32 random bytes have fewer distinct ones once in 10²⁹ times; what people type has."""
_KEY_ID = re.compile(r"[A-Za-z0-9]{1,16}")
_HOST = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9_-]{1,63}(?<!-))*")
_ADDRESS_V6 = re.compile(r"[0-9a-f:.]+")


class WrongValueError(ValueError):
    """What was written cannot be used; says why and what to write instead."""

    def __init__(self, sentence: Message) -> None:
        super().__init__(sentence)
        self.sentence = sentence

    def __str__(self) -> str:
        return str(self.sentence)


def parse_instant(text: str) -> datetime:
    """Return an instant written with its offset (ISO 8601), in UTC, of a year within bounds."""
    moment = values.instant(text.strip())
    if moment is not None:
        return moment.astimezone(UTC)
    raise WrongValueError(
        lazy(
            "write an instant with its offset, of the years {first} to {last}, like {example}",
            first=YEARS[0],
            last=YEARS[-1],
            example="2022-06-10T08:00+07:00",
        )
    )


def parse_day(text: str) -> date:
    """Return a day written YYYY-MM-DD, of a year within bounds."""
    day = values.day(text)
    if day is not None:
        return day
    raise WrongValueError(
        lazy(
            "write a day as YYYY-MM-DD, of the years {first} to {last}, like {example}",
            first=YEARS[0],
            last=YEARS[-1],
            example="2022-06-10",
        )
    )


def parse_whole(text: str, least: int, most: int) -> int:
    """Return a whole number from ``least`` to ``most``, written in digits."""
    if re.fullmatch(r"[0-9]{1,9}", text) and least <= int(text) <= most:
        return int(text)
    raise WrongValueError(
        lazy("write a whole number from {least} to {most}", least=least, most=most)
    )


def parse_port(text: str) -> int:
    """Return a TCP port; 0 asks the system for a free one."""
    return parse_whole(text, PORTS[0], PORTS[-1])


def parse_days(text: str) -> int:
    """Return how many days something is valid."""
    return parse_whole(text, 1, MOST_DAYS)


def parse_address_argument(text: str) -> str:
    """Return the address of a person to look up; whether such a person exists is told later."""
    if re.fullmatch(r"[^\s@]+@[^\s@]+", text):
        return text
    raise WrongValueError(
        lazy("write an email address, like {example}", example="director@so.example")
    )


def parse_file_argument(text: str) -> Path:
    """Return the path of a file to write or read; whether it is there is told when it is opened."""
    path = Path(text)
    if path.name in {"", ".."}:
        raise WrongValueError(lazy("write the name of a file"))
    return path


def parse_zone(name: str) -> ZoneInfo:
    """Return a time zone by its name in the IANA database."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise WrongValueError(
            lazy(
                "there is no such time zone; write an IANA name, like {example}",
                example="Asia/Ho_Chi_Minh",
            )
        ) from None


def parse_sender(address: str) -> str:
    """Return the address that letters come from, alone, its domain as the DNS knows it."""
    found = parse_mailbox(address)
    if found is None or found.needs_smtputf8:
        raise WrongValueError(
            lazy(
                "write one email address alone, without a sender's name, with plain "
                "ASCII before the @, like {example}",
                example="thidua@so.example",
            )
        )
    return found.envelope


def parse_addresses(text: str) -> str:
    """Return mail addresses, with commas between, as they are kept."""
    found = []
    for each in filter(None, (part.strip() for part in text.split(","))):
        mailbox = parse_mailbox(each)
        if mailbox is None:
            raise WrongValueError(
                lazy(
                    "write mail addresses with commas between, like {example}",
                    example="luu-tru@tinh.example,thanh-tra@tinh.example",
                )
            )
        found.append(mailbox.address)
    return ",".join(dict.fromkeys(found))


def parse_host(name: str) -> str:
    """Return a host name as the DNS knows it, or an address."""
    plain = name.strip().strip("[]").lower()
    try:
        known = plain if plain.isascii() else plain.encode("idna").decode("ascii")
    except UnicodeError:
        known = ""
    if len(known) <= 253 and (  # noqa: PLR2004 - RFC 1035
        _HOST.fullmatch(known) or (":" in known and _ADDRESS_V6.fullmatch(known))
    ):
        return known
    raise WrongValueError(
        lazy("“{name}” is no host name; write the name alone, without http:// and port", name=name)
    )


def parse_hosts(text: str) -> str:
    """Return host names separated by commas, each as the DNS knows it."""
    return ",".join(parse_host(each) for each in text.split(",") if each.strip())


def parse_base_url(text: str) -> str:
    """Return the product's own address: scheme, host and port, as browsers send an origin.

    A path stays, for whoever uses the address to refuse.
    """
    wrong = lazy("write https://host or https://host:port")
    parts = _split(text.strip(), wrong)
    if (
        parts.scheme not in {"http", "https"}
        or not parts.hostname
        or "@" in parts.netloc
        or parts.query
        or parts.fragment
    ):
        raise WrongValueError(wrong)
    host = parse_host(parts.hostname)
    shown = f"[{host}]" if ":" in host else host
    is_usual = parts.port in {None, {"http": 80, "https": 443}[parts.scheme]}
    return (
        f"{parts.scheme}://{shown}"
        + ("" if is_usual else f":{parts.port}")
        + parts.path.rstrip("/")
    )


def parse_timestamp_url(text: str) -> str:
    """Return the address of a time-stamping authority, as it is asked by HTTP (RFC 3161 §3.4)."""
    wrong = lazy("write http://host/path or https://host/path, without name and password")
    parts = _split(text.strip(), wrong)
    is_plain = parts.hostname and "@" not in parts.netloc and not parts.fragment
    if parts.scheme not in {"http", "https"} or not is_plain:
        raise WrongValueError(wrong)
    return text.strip()


def _split(text: str, wrong: Message) -> SplitResult:
    """Return a URL's parts. Python's own errors quote what may be a password."""
    if not text.isprintable() or " " in text:
        raise WrongValueError(wrong)
    try:
        parts = urlsplit(text)
        if parts.port == 0:
            raise WrongValueError(wrong)
    except ValueError:
        raise WrongValueError(wrong) from None
    return parts


def parse_keys(text: str) -> dict[str, bytes]:
    """Return secret keys by id, newest first, of ``kid:hex,kid:hex``; wrong ones by their place."""
    keys: dict[str, bytes] = {}
    for place, part in enumerate(filter(None, (each.strip() for each in text.split(","))), 1):
        kid, _, digits = part.partition(":")
        if not _KEY_ID.fullmatch(kid) or not digits:
            raise WrongValueError(
                lazy(
                    "key number {place} is not of the form id:hex, the id of 1–16 "
                    "ASCII letters and digits; the newest key comes first",
                    place=place,
                )
            )
        if kid in keys:
            raise WrongValueError(
                lazy(
                    "key number {place} has the id of an earlier one; each key needs an id "
                    "of its own",
                    place=place,
                )
            )
        try:
            key = bytes.fromhex(digits)
        except ValueError:
            raise WrongValueError(
                lazy("key number {place} is not hexadecimal; write id:hex", place=place)
            ) from None
        if len(key) < _KEY_BYTES or len(set(key)) < _KEY_DISTINCT_BYTES:
            raise WrongValueError(
                lazy(
                    "key number {place} is too weak; at least 32 random bytes are needed",
                    place=place,
                )
            )
        if key in keys.values():
            raise WrongValueError(
                lazy(
                    "key number {place} is the same as an earlier one; write each key once",
                    place=place,
                )
            )
        keys[kid] = key
    return keys


def parse_relay_url(text: str) -> str:
    """Return the URL of a mail server that letters can be handed to."""
    try:
        parse_relay(text)
    except InvalidInputError as exc:
        raise WrongValueError(lazy("{problem}", problem=exc.problems[0])) from None
    return text


def parse_folder(path: Path) -> Path:
    """Let pass a folder that is there. Raises WrongValueError."""
    if not path.is_dir():
        raise WrongValueError(lazy("{path} is not a folder", path=path))
    return path


def parse_agency_key(text: str) -> str:
    """Let pass the path of a PKCS#12 file, or the PKCS#11 URI of a key in a token (RFC 7512)."""
    if text.startswith(BY_TOKEN):
        if "token=" in text and "object=" in text and "module-path=" in text:
            return text
    elif Path(text).is_file():
        return text
    raise WrongValueError(
        lazy("a PKCS#12 file is needed, or pkcs11:token=…;object=…?module-path=… for a token")
    )


def parse_trust_folder(path: Path | None) -> Path | None:
    """Let pass a folder whose certificates and lists of revoked ones look like such."""
    if path is None:
        return None
    for file in sorted(parse_folder(path).iterdir()):
        if file.suffix.lower() not in {*CERTIFICATES, *REVOKED}:
            continue
        try:
            begin = file.read_bytes()[:2048].lstrip()
        except OSError:
            begin = b""
        if not begin.startswith(_DER) and b"-----BEGIN" not in begin:
            raise WrongValueError(
                lazy(
                    "{path} is not a readable certificate, or list of revoked ones (PEM or DER)",
                    path=file,
                )
            )
    return path
