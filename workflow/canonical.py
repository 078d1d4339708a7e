"""Canonical JSON: the bytes that are hashed.

Owns the profile in which Python's sorted compact JSON equals RFC 8785: ASCII keys, no floats,
integers within 2^53-1, NFC strings without lone surrogates, times as strings. It rejects everything
else and must never normalise silently.
"""

import hashlib
import re
import unicodedata
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

import orjson

from workflow.model import Json

_SCALARS = frozenset({str, int, bool, type(None)})
_LARGEST_INTEGER = 2**53 - 1
_UNSTORABLE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    + "".join(chr(plane << 16 | last) for plane in range(1, 17) for last in (0xFFFE, 0xFFFF))
    + "]"
)
"""Controls, halves of surrogate pairs, and code points that are no characters: no database, sheet
or mail holds them all."""


class NotCanonicalError(ValueError):
    """A value lies outside the canonical profile; the message names it."""


def encode(value: Json) -> bytes:
    """Return the canonical bytes of ``value``.

    Raises NotCanonicalError for floats, keys outside ASCII, integers beyond 2^53-1, and strings
    that are not NFC.
    """
    try:
        encoded = orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER)
    except (TypeError, ValueError) as exc:
        _check(value)
        raise NotCanonicalError(str(exc)) from exc
    if not (encoded.isascii() and _is_plain(value)):
        _check(value)
    return encoded


def digest(value: Json) -> str:
    """Return the lower-case hex SHA-256 of the canonical bytes of ``value``."""
    return hashlib.sha256(encode(value)).hexdigest()


def text(value: str) -> str:
    """Return ``value`` in NFC, the only form in which text enters the system."""
    return unicodedata.normalize("NFC", value)


def is_storable(value: str) -> bool:
    """Return whether a text can be kept.

    It has no control character but tab and line breaks, no lone surrogate, no noncharacter.
    """
    return not _UNSTORABLE.search(value)


def nfc(value: Json) -> Json:
    """Return ``value`` with every string in NFC; for input at the edge."""
    match value:
        case str():
            return text(value)
        case list():
            return [nfc(each) for each in value]
        case dict():
            return {text(key): nfc(each) for key, each in value.items()}
        case _:
            return value


@lru_cache(maxsize=1024)
def instant(moment: datetime) -> str:
    """Return an aware instant as ``YYYY-MM-DDTHH:MM:SS.ffffffZ``."""
    return f"{moment.astimezone(UTC).isoformat(timespec='microseconds')[:26]}Z"


def _is_plain(value: Any) -> bool:  # noqa: ANN401 - judged by its exact type
    """Return whether ``value`` is of JSON's types alone; with ASCII text nothing else can be wrong.

    Every history entry passes here.
    """
    waiting = [value]
    for each in waiting:
        kind = type(each)
        if kind is dict:
            waiting += each.values()
        elif kind is list:
            waiting += each
        elif kind not in _SCALARS:
            return False
    return True


def _check(value: Any) -> None:  # noqa: ANN401 - judged by its exact type
    """Refuse whatever lies outside the profile."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        kind = type(each)
        if kind is str:
            if not each.isascii() and not unicodedata.is_normalized("NFC", each):
                raise NotCanonicalError(f"the text {each!r} is not in NFC")
        elif kind is int:
            if not -_LARGEST_INTEGER <= each <= _LARGEST_INTEGER:
                raise NotCanonicalError(f"the integer {each} is beyond 2^53-1")
        elif kind is dict:
            for key in each:
                if type(key) is not str or not key.isascii():
                    raise NotCanonicalError(f"the key {key!r} is not ASCII")
            waiting += each.values()
        elif kind is list:
            waiting += each
        elif each is not None and kind is not bool:
            raise NotCanonicalError(f"a value of type {kind.__name__} has no canonical form")


def is_day(given: str) -> bool:
    """Return whether a text is a day that exists, written as YYYY-MM-DD (ISO 8601)."""
    try:
        return date.fromisoformat(given).isoformat() == given
    except ValueError:
        return False
